package dev.freshet.load;

import java.util.List;

/* The sample is the rounds, not the requests: requests of one round share its luck (a collection,
 * a checkpoint, a neighbour on the machine), so thousands of them would make an interval that is
 * far too narrow. A handful of rounds is a small sample, hence Student's t and not the normal
 * distribution. */

/// A mean over rounds with the interval in which it lies with 95 % confidence, by Student's t.
///
/// @param low minus infinity where one round tells nothing of how rounds differ
public record Interval(double mean, double low, double high, int rounds) {
  /// Two-sided, 95 %, by degrees of freedom from 1 on.
  private static final double[] STUDENT = {
    12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160,
    2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056,
    2.052, 2.048, 2.045, 2.042
  };

  /// Of one figure for each round.
  public static Interval of(List<Double> figures) {
    int n = figures.size();
    if (n == 0) {
      throw new IllegalArgumentException("no round, no mean");
    }
    double mean = figures.stream().mapToDouble(Double::doubleValue).sum() / n;
    if (n == 1) {
      return new Interval(mean, Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY, 1);
    }
    double squares = figures.stream().mapToDouble(f -> (f - mean) * (f - mean)).sum();
    // Beyond the table the last value is a little too wide, which errs on the right side.
    double t = STUDENT[Math.min(n - 2, STUDENT.length - 1)];
    double half = t * Math.sqrt(squares / (n - 1) / n);
    return new Interval(mean, mean - half, mean + half, n);
  }

  /// Of the ratio of two figures for each round, by their logarithms: halving and doubling are
  /// equally far from no change.
  public static Interval ofRatios(List<Double> over, List<Double> under) {
    List<Double> logs =
        java.util.stream.IntStream.range(0, over.size())
            .mapToObj(i -> Math.log(over.get(i) / under.get(i)))
            .toList();
    Interval of = of(logs);
    return new Interval(Math.exp(of.mean), Math.exp(of.low), Math.exp(of.high), of.rounds);
  }

  /// Half its width; infinite for one round.
  public double half() {
    return (high - low) / 2;
  }
}
