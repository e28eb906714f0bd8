package dev.freshet.load;

import dev.freshet.load.Measured.Second;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;

/// What a target was like before its breaking point was looked for: a few visitors, each of whom
/// waits for his answers, until these come no quicker and no more of them from a cache.
///
/// @param step what they were given, as one step
/// @param visitors how many
/// @param perSecond good answers a second, lately
/// @param hitRatio of answers lately, those from a cache; -1 where none tells
/// @param isSteady false where the time was up before
public record WarmUp(
    StressStep step, int visitors, double perSecond, double hitRatio, boolean isSteady) {

  /// Watches it second by second, and says when it is enough.
  static final class Judge implements Watch {
    /// Seconds over which is looked.
    private static final int LENGTH = 8;

    /// Two looks, one after the other, have to say so.
    private static final int TIMES = 2;

    /// Of fewer answers nothing is told.
    private static final double ANSWERS = 30;

    private static final int LATELY = 3;
    private static final double QUICKER = 0.05;
    private static final double MORE_HITS = 0.01;

    private final Runnable enough;
    private final List<Second> seconds = new ArrayList<>();
    private int steady;

    Judge(Runnable enough) {
      this.enough = enough;
    }

    @Override
    public void second(Phase phase, Second second) {
      // Visitors come one after the other, in the first second.
      if (second.at() < 1.5) {
        return;
      }
      seconds.add(second);
      steady = isAtItsBest() ? steady + 1 : 0;
      if (steady == TIMES) {
        enough.run();
      }
    }

    boolean isSteady() {
      return steady >= TIMES;
    }

    double perSecond() {
      return last(LATELY).stream().mapToDouble(Judge::good).average().orElse(0);
    }

    double hitRatio() {
      return telling(last(LATELY)).stream().mapToDouble(Second::hitRatio).average().orElse(-1);
    }

    /// In a second without an answer nothing tells of a cache.
    private static List<Second> telling(List<Second> of) {
      return of.stream().filter(second -> second.hitRatio() >= 0).toList();
    }

    private List<Second> last(int n) {
      return seconds.subList(Math.max(0, seconds.size() - n), seconds.size());
    }

    private static double good(Second second) {
      return Math.max(0, second.perSecond() - second.errorsPerSecond());
    }

    private boolean isAtItsBest() {
      List<Second> last = last(LENGTH);
      if (last.size() < LENGTH || last.stream().mapToDouble(Second::perSecond).sum() < ANSWERS) {
        return false;
      }
      double mean = last.stream().mapToDouble(Judge::good).average().orElse(0);
      return !grows(last, Judge::good, mean * QUICKER)
          && !grows(telling(last), Second::hitRatio, MORE_HITS);
    }

    /// Whether a straight line through the figures rises by more than that, and by more than they
    /// scatter about it: by twice the standard error of its slope.
    private static boolean grows(List<Second> of, ToDoubleFunction<Second> what, double more) {
      int n = of.size();
      if (n < 3) {
        return false;
      }
      double[] y = of.stream().mapToDouble(what).toArray();
      double middle = (n - 1) / 2.0;
      double mean = Arrays.stream(y).average().orElse(0);
      double along = 0;
      double square = 0;
      for (int i = 0; i < n; i++) {
        along += (i - middle) * (y[i] - mean);
        square += (i - middle) * (i - middle);
      }
      double slope = along / square;
      double left = 0;
      for (int i = 0; i < n; i++) {
        left += Math.pow(y[i] - mean - slope * (i - middle), 2);
      }
      double error = Math.sqrt(left / (n - 2) / square);
      return slope * n > more && slope > 2 * error;
    }
  }
}
