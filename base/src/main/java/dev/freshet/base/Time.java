package dev.freshet.base;

/// The only source of time; rooms take one by constructor so that tests can move it.
public interface Time {

  /// Monotonic nanoseconds; only differences mean anything.
  long nanos();

  /// Wall clock, milliseconds since the epoch.
  long millis();

  /// Wall clock, nanoseconds since the epoch, as finely as it is known.
  default long wallNanos() {
    return millis() * 1_000_000;
  }

  /// The machine's clocks.
  static Time system() {
    return SystemTime.INSTANCE;
  }
}
