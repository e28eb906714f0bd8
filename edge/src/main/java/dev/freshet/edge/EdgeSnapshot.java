package dev.freshet.edge;

import java.util.List;
import java.util.Map;

/// The edge's figures at one moment, for the console.
///
/// @param connections clients connected now
/// @param routes one line a route
/// @param origins one line an origin, as key and value
public record EdgeSnapshot(
    long connections, List<RouteLine> routes, List<Map<String, Object>> origins) {

  /// One route since the start.
  ///
  /// @param hitRatio share of requests answered without fetching content from an origin, 0 to 1
  /// @param sentBytes content octets handed to clients
  /// @param outcomes count by outcome, only those that happened
  /// @param notStored count by reason, only those that happened
  /// @param refilledSame made again because rows had changed, with the same octets: needlessly
  /// @param refilledOther made again because rows had changed, and different
  /// @param renewals trips to make a popular answer again before anybody asked for it
  public record RouteLine(
      String route,
      long requests,
      double hitRatio,
      long sentBytes,
      double p50Millis,
      double p95Millis,
      double p99Millis,
      Map<String, Long> outcomes,
      Map<String, Long> notStored,
      long refilledSame,
      long refilledOther,
      long renewals) {}
}
