package dev.freshet.gateway;

import java.util.Comparator;

/// What statements are sorted by, the largest first.
public enum StatementOrder {
  /// Time in all.
  TIME,
  CALLS,
  /// Time of one call, on average.
  MEAN,
  ROWS,
  BYTES,
  /// Time waiting for a server connection.
  WAIT,
  ERRORS,
  /// Calls answered from memory.
  HITS,
  /// Calls that the same request had made often before.
  REPEATS;

  Comparator<Followed> largestFirst() {
    return Comparator.comparingDouble(this::figure).reversed();
  }

  private double figure(Followed line) {
    return switch (this) {
      case TIME -> line.nanos();
      case CALLS -> line.calls();
      case MEAN -> line.meanNanos();
      case ROWS -> line.rows();
      case BYTES -> line.octets();
      case WAIT -> line.waitedNanos();
      case ERRORS -> line.failures();
      case HITS -> line.hits();
      case REPEATS -> line.repeatedCalls();
    };
  }
}
