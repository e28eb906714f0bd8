package dev.freshet.load;

import java.time.Duration;

/// One stretch of a load.
///
/// @param warmUp before anything is counted, with the load that `shape` begins with
/// @param lasting what is counted, behind the warm-up
public record Phase(String name, Shape shape, Duration warmUp, Duration lasting) {

  /// How the load comes in.
  public sealed interface Shape {

    /// Open model: so many visitors arrive each second, whatever became of those before.
    record ConstantRate(double perSecond) implements Shape {
      public ConstantRate {
        positive(perSecond);
      }
    }

    /// Open model, from one rate to another, evenly.
    record RampRate(double from, double to) implements Shape {
      public RampRate {
        positive(from + to);
        if (from < 0 || to < 0) {
          throw new IllegalArgumentException("a rate can't be negative");
        }
      }
    }

    /// Closed model: so many visitors, each of whom waits for an answer before asking again.
    record Users(int count) implements Shape {
      public Users {
        if (count < 1 || count > MOST_USERS) {
          throw new IllegalArgumentException(
              "users must be between 1 and " + MOST_USERS + ": " + count);
        }
      }
    }

    /// Open model: whoever came when it was recorded, at those times.
    record Recorded(Replay replay) implements Shape {}

    /// Nobody comes.
    record Pause() implements Shape {}
  }

  /// More would not have ports enough for one address.
  public static final int MOST_USERS = 28_000;

  private static final double MOST_PER_SECOND = 1_000_000;

  public Phase {
    if (warmUp.isNegative() || lasting.isNegative() || lasting.isZero()) {
      throw new IllegalArgumentException("a phase must last for some time: " + lasting);
    }
  }

  /// A constant rate of arrivals.
  public static Phase constantRate(double perSecond, Duration warmUp, Duration lasting) {
    return new Phase("constant rate", new Shape.ConstantRate(perSecond), warmUp, lasting);
  }

  /// Users who wait for their answers.
  public static Phase users(int count, Duration warmUp, Duration lasting) {
    return new Phase("users", new Shape.Users(count), warmUp, lasting);
  }

  private static void positive(double perSecond) {
    if (!(perSecond > 0 && perSecond <= 2 * MOST_PER_SECOND)) {
      throw new IllegalArgumentException(
          "a rate must be above 0 and at most " + (long) MOST_PER_SECOND + " a second");
    }
  }
}
