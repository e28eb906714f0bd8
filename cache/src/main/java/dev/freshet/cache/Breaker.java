package dev.freshet.cache;

/// Keeps lookups away from a second tier that doesn't answer in time: opens after a few failures
/// that weigh more than successes, closes when a probe came back in time.
final class Breaker {
  private static final int FAILURE = 2;
  private static final int LIMIT = 10;
  private int pain;
  private volatile boolean open;

  boolean isOpen() {
    return open;
  }

  synchronized void failed() {
    pain = Math.min(LIMIT, pain + FAILURE);
    if (pain == LIMIT) {
      open = true;
    }
  }

  synchronized void succeeded() {
    pain = Math.max(0, pain - 1);
  }

  /// A probe of the upkeep, which nobody waits for, came back in time.
  synchronized void probed() {
    if (open) {
      pain = 0;
      open = false;
    }
  }
}
