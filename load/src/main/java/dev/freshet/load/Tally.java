package dev.freshet.load;

import dev.freshet.load.Shot.Kind;
import java.util.EnumMap;
import java.util.Map;
import java.util.TreeMap;
import org.HdrHistogram.Histogram;

/// What one user counted; one thread only, merged afterwards.
final class Tally {
  private final Map<Kind, Part> parts = new EnumMap<>(Kind.class);

  /// Figures of one kind of request.
  static final class Part {
    private final Histogram micros = new Histogram(120_000_000L, 3);
    private final Map<String, Long> errors = new TreeMap<>();
    private long octets;
    private long content;
    private long hits;
    private long told;

    Histogram micros() {
      return micros;
    }

    Map<String, Long> errors() {
      return errors;
    }

    long octets() {
      return octets;
    }

    long content() {
      return content;
    }

    long hits() {
      return hits;
    }

    long told() {
      return told;
    }

    void add(Part other) {
      micros.add(other.micros);
      other.errors.forEach((kind, n) -> errors.merge(kind, n, Long::sum));
      octets += other.octets;
      content += other.content;
      hits += other.hits;
      told += other.told;
    }
  }

  Tally() {
    for (Kind kind : Kind.values()) {
      parts.put(kind, new Part());
    }
  }

  Part part(Kind kind) {
    Part part = parts.get(kind);
    if (part == null) {
      throw new IllegalStateException("no part for " + kind);
    }
    return part;
  }

  void answered(Kind kind, long nanos, Answer answer) {
    Part part = part(kind);
    part.micros.recordValue(Math.min(nanos / 1_000, 120_000_000L));
    part.octets += answer.wireOctets();
    part.content += answer.contentOctets();
    if (answer.cache() != Answer.Cache.SILENT) {
      part.told++;
      part.hits += answer.cache() == Answer.Cache.HIT ? 1 : 0;
    }
    if (answer.status() >= 400) {
      part.errors.merge("status " + answer.status(), 1L, Long::sum);
    }
  }

  void failed(Kind kind, String why) {
    part(kind).errors.merge(why, 1L, Long::sum);
  }

  void add(Tally other) {
    parts.forEach((kind, part) -> part.add(other.part(kind)));
  }

  Part total() {
    Part all = new Part();
    parts.values().forEach(all::add);
    return all;
  }
}
