package dev.freshet.load;

import java.util.function.ToDoubleFunction;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/// Times of all, and of those of them that ended in an error: a refusal comes quickly, and many of
/// them must not make a site look quick.
final class Felt {
  private static final long LONGEST = 3_600_000_000_000L;
  private final Histogram all = new Histogram(3);

  /// Seldom there.
  private @Nullable Histogram refused;

  Histogram all() {
    return all;
  }

  void took(long nanos, boolean isRefused) {
    long bounded = Math.clamp(nanos, 0, LONGEST);
    all.recordValue(bounded);
    if (isRefused) {
      refused().recordValue(bounded);
    }
  }

  private Histogram refused() {
    Histogram known = refused;
    if (known == null) {
      known = new Histogram(3);
      refused = known;
    }
    return known;
  }

  /// Those that ended well, or were waited for in vain; the same as all where nothing was refused.
  Histogram others() {
    if (refused == null) {
      return all;
    }
    Histogram out = all.copy();
    out.subtract(refused);
    return out;
  }

  /// Of all or of those others, whichever is longer.
  double longer(ToDoubleFunction<Histogram> figure) {
    Histogram others = others();
    boolean isSame = refused == null || others.getTotalCount() == 0;
    double of = figure.applyAsDouble(all);
    return isSame ? of : Math.max(of, figure.applyAsDouble(others));
  }

  void add(Felt other) {
    all.add(other.all);
    if (other.refused != null) {
      refused().add(other.refused);
    }
  }
}
