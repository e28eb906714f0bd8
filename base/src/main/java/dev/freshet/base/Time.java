package dev.freshet.base;

/// The only source of time; rooms take one by constructor so that tests can move it.
public interface Time {

  /// Monotonic nanoseconds; only differences mean anything.
  long nanos();

  /// Wall clock, milliseconds since the epoch.
  long millis();

  /// The machine's clocks.
  static Time system() {
    return SystemTime.INSTANCE;
  }
}
