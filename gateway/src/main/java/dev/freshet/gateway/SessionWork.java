package dev.freshet.gateway;

import dev.freshet.base.Time;
import dev.freshet.freshness.Trail;
import dev.freshet.sql.Statement;
import org.jspecify.annotations.Nullable;

/// What one session has under way, for the statistics: whose request it works for, and how long it
/// waited.
///
/// A statement that was prepared before its request came has no comment of that request; it counts
/// for the last one named in the same transaction.
final class SessionWork {
  private final Time time;
  private final Workload workload;
  private @Nullable String trace;
  private long waitedNanos;
  private long owedNanos;

  SessionWork(Time time, Workload workload) {
    this.time = time;
    this.workload = workload;
  }

  /// A text came, with the comments that stood around it.
  void said(Statements.Heard heard) {
    String named = heard.comment().traceId();
    trace = named == null ? trace : named;
  }

  void waited(long nanos) {
    waitedNanos = nanos;
    owedNanos += nanos;
  }

  /// A statement was answered from memory.
  ///
  /// @param trail of the request's trip, while that is under way
  void recalled(
      Statement statement, long sinceNanos, long rows, int octets, @Nullable Trail trail) {
    long took = time.nanos() - sinceNanos;
    if (workload.isOn()) {
      workload.recalled(statement, trace, took, rows, octets);
    }
    if (trail != null) {
      Running.book(trail, statement, sinceNanos, sinceNanos + took, took);
    }
  }

  /// Nothing is under way any more.
  void over() {
    trace = null;
    owedNanos = 0;
  }

  /// A statement is handed over; null when nobody counts and nobody looks at its rows.
  ///
  /// @param trail of the request's trip; a wait for a connection that began with a statement of
  ///   nobody's, as BEGIN may be, is that of the first one in the transaction that has one
  @Nullable Running begins(
      Statement statement, @Nullable Gleaning gleaning, @Nullable Trail trail) {
    if (trail != null && owedNanos > 0) {
      trail.databaseTime().waited(owedNanos);
      owedNanos = 0;
    }
    if (!workload.isOn() && trail == null) {
      return gleaning == null ? null : new Running(statement, null, 0, 0, gleaning, null);
    }
    long waited = waitedNanos;
    waitedNanos = 0;
    return new Running(statement, trace, time.nanos(), waited, gleaning, trail);
  }
}
