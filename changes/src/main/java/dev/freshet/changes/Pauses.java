package dev.freshet.changes;

import java.time.Duration;
import java.util.random.RandomGenerator;

/// How long to wait before the next attempt to follow the log: twice as long each time, with chance
/// in it, so that many nodes don't come back at once.
///
/// While there is nothing to attach to, nobody gains by frequent attempts. A feed that was attached
/// and lost again soon (a server that restarts, a connection that somebody ends) had everything it
/// needs, and is not kept waiting for long however often that happens.
final class Pauses {
  static final Duration FIRST = Duration.ofMillis(100);
  static final Duration LONGEST = Duration.ofSeconds(5);
  static final Duration LONGEST_ONCE_ATTACHED = Duration.ofSeconds(1);

  /// A feed that lasted so long had begun well.
  private static final Duration SOUND = Duration.ofSeconds(10);

  private final RandomGenerator random;
  private long nanos = FIRST.toNanos();

  Pauses(RandomGenerator random) {
    this.random = random;
  }

  /// The next one is short.
  void reset() {
    nanos = FIRST.toNanos();
  }

  /// After an attempt that has ended.
  ///
  /// @param wasAttached whether it had come that far
  /// @param lasted nanoseconds from its beginning
  long next(boolean wasAttached, long lasted) {
    Duration longest = wasAttached ? LONGEST_ONCE_ATTACHED : LONGEST;
    boolean wasSound = wasAttached && lasted > SOUND.toNanos();
    nanos = wasSound ? FIRST.toNanos() : Math.min(2 * nanos, longest.toNanos());
    return nanos / 2 + random.nextLong(nanos / 2);
  }
}
