package dev.freshet.assets;

import java.util.HashMap;
import java.util.Map;

/// How long encoders take for a pixel, and so whether one more encoding would take too long: what
/// has begun can't be ended, since a native encoder heeds nobody.
///
/// Its time grows with the pixels and hardly with what they show, so it is told before it begins,
/// from those that came before; small pictures go on setting the pace when large ones are refused.
/// An encoder in a process of its own could be ended at any time, but would have to be brought
/// along for each system, and a picture be handed over and taken back for each quality tried.
final class Pace {
  /// What the names of encoders begin with that keep every pixel.
  static final String LOSSLESS = "lossless ";

  /// Nanoseconds for a pixel at which an encoder of which nothing is known is taken to work: of a
  /// slow one on a slow machine.
  private static final double UNKNOWN = 400;

  /// The same of one that keeps every pixel.
  private static final double UNKNOWN_LOSSLESS = 3_000;

  /// The pace keeps so much of what it was with each encoding that is faster.
  private static final double INERTIA = 0.8;

  private final long mostNanos;
  private final Map<String, Double> nanosPerPixel = new HashMap<>();

  /// @param mostNanos one encoding may take
  Pace(long mostNanos) {
    this.mostNanos = mostNanos;
  }

  /// @param encoder by the name of what it writes
  synchronized boolean allows(String encoder, Size size) {
    double unknown = encoder.startsWith(LOSSLESS) ? UNKNOWN_LOSSLESS : UNKNOWN;
    return pixels(size) * nanosPerPixel.getOrDefault(encoder, unknown) <= mostNanos;
  }

  synchronized void took(String encoder, Size size, long nanos) {
    double now = nanos / pixels(size);
    nanosPerPixel.merge(
        encoder, now, (had, seen) -> Math.max(seen, had * INERTIA + seen * (1 - INERTIA)));
  }

  /// What an encoding costs beside its pixels counts for as many as make up a small one.
  private static double pixels(Size size) {
    return Math.max(250_000.0, (double) size.width() * size.height());
  }
}
