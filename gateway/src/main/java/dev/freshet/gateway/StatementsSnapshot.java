package dev.freshet.gateway;

import java.util.List;
import java.util.Map;

/// What statements have cost so far, for `GET /statements`.
///
/// @param followed fingerprints with figures of their own
/// @param most how many there may be
/// @param replaced how often one had to go for another
/// @param calls of all statements
/// @param totalMillis of all statements
/// @param missedMillisAtMost a statement that took longer than this in all is among those followed
public record StatementsSnapshot(
    int followed,
    int most,
    long replaced,
    long calls,
    double totalMillis,
    double missedMillisAtMost,
    List<Line> statements) {

  /// One fingerprint. Times are from its coming to the end of its answer, without waiting for a
  /// server connection.
  ///
  /// @param missedMillisAtMost what it may have taken before it was followed; other figures are
  ///   exact since then
  /// @param errors by SQLSTATE
  /// @param cacheable `yes`, `changes rows`, `not known yet`, or why not
  /// @param hits calls that were answered from memory
  /// @param routes calls by the route that caused them, where that is known
  public record Line(
      String fingerprint,
      String text,
      long calls,
      long rows,
      long bytes,
      double totalMillis,
      double missedMillisAtMost,
      double meanMillis,
      double p50Millis,
      double p95Millis,
      double p99Millis,
      double waitMillis,
      Map<String, Long> errors,
      String cacheable,
      long hits,
      Map<String, Long> routes,
      Repeated repeated) {}

  /// Requests that ran a statement again and again.
  ///
  /// @param requests that ran it five times or more
  /// @param calls of those
  /// @param most for one request
  public record Repeated(long requests, long calls, int most) {}
}
