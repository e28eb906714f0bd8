package dev.freshet.load;

import org.jspecify.annotations.Nullable;

/// How long a message took from what it tells of: told by the message itself. What is older than
/// the channel is left out, for it was not sent to it.
public sealed interface Delay {

  /// The message carries the time, by the wall clock of whoever set it.
  record Carried(Extraction place, Unit unit) implements Delay {}

  /// The message shows what a step of this run has set (`mark`): its time is that of the step's
  /// answer, by this side's own clock.
  record Marked(Extraction place) implements Delay {}

  /// Of a time since 1970.
  enum Unit {
    SECONDS(1_000_000_000),
    MILLIS(1_000_000),
    MICROS(1_000);

    private final long nanos;

    Unit(long nanos) {
      this.nanos = nanos;
    }

    /// Whether a time that a message carries may be at or after a moment: one in whole units may be
    /// from any moment of its unit.
    boolean isFrom(long then, long moment) {
      return (then % nanos == 0 ? then + nanos - 1 : then) >= moment;
    }

    /// Nanoseconds since 1970; null for what is no such time.
    @Nullable Long nanos(String value) {
      try {
        double all = Double.parseDouble(value) * nanos;
        return all > 0 && all < Long.MAX_VALUE ? Long.valueOf((long) all) : null;
      } catch (NumberFormatException e) {
        // The app has sent something else.
        return null;
      }
    }
  }

  Extraction place();
}
