package dev.freshet.gateway;

import dev.freshet.base.Time;
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
  }

  /// A statement was answered from memory.
  void recalled(Statement statement, long sinceNanos, long rows, int octets) {
    if (workload.isOn()) {
      workload.recalled(statement, trace, time.nanos() - sinceNanos, rows, octets);
    }
    over();
  }

  /// Nothing is under way any more.
  void over() {
    trace = null;
  }

  /// A statement is handed over; null when nobody counts and nobody looks at its rows.
  @Nullable Running begins(Statement statement, @Nullable Gleaning gleaning) {
    if (!workload.isOn()) {
      return gleaning == null ? null : new Running(statement, null, 0, 0, gleaning);
    }
    long waited = waitedNanos;
    waitedNanos = 0;
    return new Running(statement, trace, time.nanos(), waited, gleaning);
  }
}
