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
  private final LongAdder failed = new LongAdder();

  /// Of each loop, those that came too late: its own alone.
  private final long[] slow;

  /// The same and those that are out for longer than the limit already, as each loop told last. Who
  /// is answered passes from the one to the other, so both are told at once.
  private final AtomicLongArray late;

  /// Once it is, it stays so: what is out may yet be lost, and some loops have ended by then.
  private volatile boolean isSpent;

  /// @param requests that are to come, while they are counted
  Allowance(Target target, double requests, int loops) {
    this.limitNanos = (long) (target.p95() * 1e6);
    this.mostSlow = SLOW * requests;
    this.mostFailed = target.mostFailures(requests);
    this.slow = new long[loops];
    this.late = new AtomicLongArray(loops);
  }

  /// A request of that loop was answered, or given up, after so long.
  void took(int loop, long felt) {
    if (isLate(felt)) {
      slow[loop]++;
    }
  }

  boolean isLate(long felt) {
    return felt > limitNanos;
  }

  void failed() {
    failed.increment();
  }

  /// So many of a loop are out and late already.
  void areOut(int loop, long overdue) {
    late.set(loop, slow[loop] + overdue);
  }

  /// Whether so many of a loop are too many by themselves.
  boolean isTooMany(long overdue) {
    return overdue > mostSlow;
  }

  /// Whether more were slow, or failed, than may be of all that are to come.
  boolean isSpent() {
    if (!isSpent) {
      long all = 0;
      for (int i = 0; i < late.length(); i++) {
        all += late.get(i);
      }
      isSpent = all > mostSlow || failed.sum() > mostFailed;
    }
    return isSpent;
  }
}
