package dev.freshet.load;

import dev.freshet.load.Shot.Kind;
import java.util.List;
import java.util.Map;
import org.HdrHistogram.Histogram;

/// What a load test measured.
///
/// @param seconds counted
/// @param audited whether what was written was seen
/// @param warnings what makes the figures doubtful; empty when nothing does
public record LoadResult(
    int users,
    double seconds,
    Line total,
    Map<Kind, Line> byKind,
    Audited audited,
    List<String> warnings) {

  /// Figures of one kind of request, or of all. Times in milliseconds, from the first octet sent to
  /// the last received.
  ///
  /// @param octets on the wire, heads and chunk framing included
  /// @param meanContent mean content of a response, octets, still coded
  /// @param hitRatio share answered from a cache, by `Cache-Status`; -1 when nobody said
  /// @param cacheableHitRatio the same of answers that may be kept: came from a cache or went into
  ///   it
  /// @param repeatHitRatio the same of those that some user had asked for before
  /// @param errors by kind
  public record Line(
      long count,
      double perSecond,
      double mean,
      double p50,
      double p95,
      double p99,
      double max,
      long octets,
      double meanContent,
      double hitRatio,
      double cacheableHitRatio,
      double repeatHitRatio,
      Map<String, Long> errors) {

    /// Requests that failed, of whatever kind.
    public long failures() {
      return errors.values().stream().mapToLong(Long::longValue).sum();
    }

    static Line of(Tally.Part part, double seconds) {
      Histogram h = part.micros();
      long n = h.getTotalCount();
      return new Line(
          n,
          n / seconds,
          h.getMean() / 1e3,
          h.getValueAtPercentile(50) / 1e3,
          h.getValueAtPercentile(95) / 1e3,
          h.getValueAtPercentile(99) / 1e3,
          h.getMaxValue() / 1e3,
          part.octets(),
          n == 0 ? 0 : (double) part.content() / n,
          ratio(part.hits(), part.told() == 0 ? 0 : n),
          ratio(part.hits(), part.kept()),
          ratio(part.repeatHits(), part.repeats()),
          Map.copyOf(part.errors()));
    }

    private static double ratio(long hits, long all) {
      return all == 0 ? -1 : (double) hits / all;
    }
  }
}
