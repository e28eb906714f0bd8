package dev.freshet.load;

import dev.freshet.load.Phase.Shape;

/// When the visitors of an open phase are to arrive: fixed before it begins, so that a slow server
/// can't slow them down.
///
/// @param from arrivals a second at the beginning, and during the warm-up
/// @param to arrivals a second at the end
/// @param warmUp seconds
/// @param lasting seconds behind the warm-up
record Arrivals(double from, double to, double warmUp, double lasting) {

  static Arrivals of(Phase phase) {
    double warmUp = phase.warmUp().toNanos() / 1e9;
    double lasting = phase.lasting().toNanos() / 1e9;
    return switch (phase.shape()) {
      case Shape.ConstantRate(double rate) -> new Arrivals(rate, rate, warmUp, lasting);
      case Shape.RampRate(double from, double to) -> new Arrivals(from, to, warmUp, lasting);
      case Shape.Users _, Shape.Recorded _, Shape.Pause _ -> new Arrivals(0, 0, warmUp, lasting);
    };
  }

  /// Nanoseconds from the start of the phase to arrival `n`, counted from 0; [Long#MAX_VALUE] when
  /// it does not take place.
  long due(long n) {
    double before = from * warmUp;
    double all = before + (from + to) / 2 * lasting;
    if (n >= all) {
      return Long.MAX_VALUE;
    }
    if (n < before) {
      return (long) (n / from * 1e9);
    }
    // Arrivals up to t seconds behind the warm-up: from * t + slope / 2 * t * t.
    double left = n - before;
    double slope = (to - from) / lasting;
    double root = Math.sqrt(Math.max(0, from * from + 2 * slope * left));
    double t = left == 0 ? 0 : 2 * left / (from + root);
    return (long) ((warmUp + t) * 1e9);
  }
}
