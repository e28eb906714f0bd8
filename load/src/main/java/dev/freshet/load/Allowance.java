package dev.freshet.load;

import dev.freshet.load.StressStep.Target;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.LongAdder;

/// How many requests of a phase may be slow, or fail, before it is settled that it does not keep a
/// target: whatever else comes then, 95 of 100 are not answered in time any more.
///
/// Who goes on asking then learns nothing, and may keep a site down for minutes: each request that
/// waits makes all others slower. Counted on all event loops of a generator.
final class Allowance {
  private static final double SLOW = 0.05;

  private final long limitNanos;
  private final double mostSlow;
  private final double mostFailed;
  private final LongAdder slow = new LongAdder();
  private final LongAdder failed = new LongAdder();

  /// Of each loop, those that are out for longer than the limit already.
  private final AtomicLongArray overdue;

  /// @param requests that are to come, while they are counted
  Allowance(Target target, double requests, int loops) {
    this.limitNanos = (long) (target.p95() * 1e6);
    this.mostSlow = SLOW * requests;
    this.mostFailed = target.mostFailures(requests);
    this.overdue = new AtomicLongArray(loops);
  }

  /// A request was answered, or given up, after so long.
  void took(long felt) {
    if (felt > limitNanos) {
      slow.increment();
    }
  }

  void failed() {
    failed.increment();
  }

  /// Those of a loop that are out.
  void areOut(int loop, Iterable<Session> out, long now) {
    long old = 0;
    for (Session session : out) {
      if (now - session.intended <= limitNanos || old > mostSlow) {
        break;
      }
      old += session.round.isCounted(session.intended) ? 1 : 0;
    }
    overdue.set(loop, old);
  }

  /// Whether more were slow, or failed, than may be of all that are to come.
  boolean isSpent() {
    long late = slow.sum();
    for (int i = 0; i < overdue.length(); i++) {
      late += overdue.get(i);
    }
    return late > mostSlow || failed.sum() > mostFailed;
  }
}
