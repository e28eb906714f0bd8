package dev.freshet.testkit;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/// Waits for what another thread does. The bound is for what hangs, not for what is slow: no test
/// is decided by it on a machine that gets on at all.
public final class Eventually {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private Eventually() {}

  /// Looks every millisecond.
  ///
  /// @param what is waited for, in the words of an error
  /// @throws AssertionError when it is not so within a minute
  public static void await(BooleanSupplier condition, String what) {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - end > 0) {
        throw new AssertionError("waited " + PATIENCE.toSeconds() + " s in vain for " + what);
      }
      LockSupport.parkNanos(1_000_000);
    }
  }
}
