package dev.freshet.load;

import dev.freshet.load.Measured.Second;

/// Told how a phase goes on, about once a second, by the thread that runs it.
@FunctionalInterface
public interface Watch {

  void second(Phase phase, Second second);

  /// The warm-up is over; from now on is counted.
  default void began(Phase phase) {}

  /// Nobody arrives any longer; what is out is still waited for.
  default void ended(Phase phase) {}

  /// Looks away.
  static Watch none() {
    return (phase, second) -> {};
  }
}
