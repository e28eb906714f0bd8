package dev.freshet.load;

import dev.freshet.load.Measured.Validity;
import dev.freshet.load.Shot.Kind;
import java.util.List;
import java.util.Map;
import org.HdrHistogram.Histogram;

/// What users of a [Mix] met.
///
/// @param seconds counted
/// @param audited whether what was written was seen
/// @param validity how far the times may be believed
/// @param warnings what makes the figures doubtful; empty when nothing does
/// @param caching where answers came from
public record LoadResult(
    int users,
    double seconds,
    Line total,
    Map<Kind, Line> byKind,
    Audited audited,
    Validity validity,
    List<String> warnings,
    Caching caching) {

  /// Figures of one kind of request, or of all. Times in milliseconds, from when a request was
  /// meant to begin to the last octet of its answer, or until nobody waited for that any longer; of
  /// all, or of those that were not answered by an error, whichever is longer.
  ///
  /// @param count requests that were answered, or waited for in vain
  /// @param perSecond answers
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

    static Line of(Figures figures, Kept kept, double seconds) {
      Histogram felt = figures.intended();
      long answers = figures.answers();
      return new Line(
          felt.getTotalCount(),
          seconds <= 0 ? 0 : figures.inTime() / seconds,
          figures.felt(Histogram::getMean) / 1e6,
          figures.felt(h -> h.getValueAtPercentile(50)) / 1e6,
          figures.felt(h -> h.getValueAtPercentile(95)) / 1e6,
          figures.felt(h -> h.getValueAtPercentile(99)) / 1e6,
          felt.getMaxValue() / 1e6,
          figures.octets(),
          answers == 0 ? 0 : (double) figures.content() / answers,
          figures.hitRatio(),
          kept.hitRatio(),
          kept.repeatHitRatio(),
          Map.copyOf(figures.errors()));
    }
  }
}
