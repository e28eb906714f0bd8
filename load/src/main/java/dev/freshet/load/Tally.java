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
    private long kept;
    private long repeats;
    private long repeatHits;

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

    /// Answers that came from a cache or went into it.
    long kept() {
      return kept;
    }

    /// Of those kept, how many had been asked for before.
    long repeats() {
      return repeats;
    }

    long repeatHits() {
      return repeatHits;
    }

    void add(Part other) {
      micros.add(other.micros);
      other.errors.forEach((kind, n) -> errors.merge(kind, n, Long::sum));
      octets += other.octets;
      content += other.content;
      hits += other.hits;
      told += other.told;
      kept += other.kept;
      repeats += other.repeats;
      repeatHits += other.repeatHits;
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

  void answered(Kind kind, long nanos, Answer answer, boolean isRepeat) {
    Part part = part(kind);
    part.micros.recordValue(Math.min(nanos / 1_000, 120_000_000L));
    part.octets += answer.wireOctets();
    part.content += answer.contentOctets();
    if (answer.cache() != Answer.Cache.SILENT) {
      part.told++;
      int hit = answer.cache() == Answer.Cache.HIT ? 1 : 0;
      part.hits += hit;
      if (answer.isKept()) {
        part.kept++;
        part.repeats += isRepeat ? 1 : 0;
        part.repeatHits += isRepeat ? hit : 0;
      }
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
