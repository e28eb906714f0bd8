package dev.freshet.load;

import dev.freshet.load.Measured.Second;

/// Told how a phase goes on, about once a second, by the thread that runs it.
@FunctionalInterface
public interface Watch {

  void second(Phase phase, Second second);

  /// Looks away.
  static Watch none() {
    return (phase, second) -> {};
  }
}
