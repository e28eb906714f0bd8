package dev.freshet.load;

import java.util.List;

/// The Universal Scalability Law fitted to measurements: `X(N) = c N / (1 + a (N - 1) + b N (N -
/// 1))` (N. J. Gunther, "Guerrilla Capacity Planning", Springer 2007).
///
/// Least squares by Levenberg's and Marquardt's method; the intervals hold 95 % by Student's
/// distribution and the curvature at the best fit. `a` and `b` can't be below 0: where the best fit
/// without that bound is, the parameter is 0 and the others are fitted again.
///
/// @param rate `c`: throughput for each unit of load, were there no other
/// @param contention `a`: share that is done one after the other
/// @param crosstalk `b`: what each costs each other; above 0 more load ends in less throughput
/// @param points what it was fitted to
public record Usl(Parameter rate, Parameter contention, Parameter crosstalk, List<Point> points) {
  private static final int STEPS = 500;

  /// 97.5th percentiles of Student's distribution for 1 to 30 degrees of freedom.
  private static final double[] STUDENT = {
    12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160,
    2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056,
    2.052, 2.048, 2.045, 2.042
  };

  /// How many were at it, and how much was done a second.
  public record Point(double load, double throughput) {
    public Point {
      if (!(load > 0) || !(throughput > 0)) {
        throw new IllegalArgumentException("load and throughput must be above 0");
      }
    }
  }

  /// A parameter with its 95 % interval.
  public record Parameter(double value, double error, double low, double high) {}

  public Usl {
    points = List.copyOf(points);
  }

  /// Fits the law.
  ///
  /// @param points at least four, of at least three different loads
  public static Usl fit(List<Point> points) {
    if (points.size() < 4 || points.stream().mapToDouble(Point::load).distinct().count() < 3) {
      throw new IllegalArgumentException(
          "a fit needs four measurements of three different loads; there are " + points.size());
    }
    double[] free = best(points, new boolean[] {true, true, true});
    double[] errors = errors(points, free);
    double[] bounded = free;
    boolean[] isFree = {true, free[1] >= 0, free[2] >= 0};
    while (bounded[1] < 0 || bounded[2] < 0) {
      isFree[1] &= bounded[1] >= 0;
      isFree[2] &= bounded[2] >= 0;
      bounded = best(points, isFree);
    }
    double student = STUDENT[Math.min(STUDENT.length, points.size() - 3) - 1];
    return new Usl(
        parameter(bounded[0], free[0], errors[0], student),
        parameter(bounded[1], free[1], errors[1], student),
        parameter(bounded[2], free[2], errors[2], student),
        points);
  }

  private static Parameter parameter(double value, double free, double error, double student) {
    // At the bound the fit without it lies below: how far the parameter may be above it is still as
    // uncertain as the error says.
    double low = Math.max(0, free - student * error);
    double high = Math.max(value, free) + student * error;
    return new Parameter(value, error, Math.min(low, value), high);
  }

  /// Throughput at a load, by the law.
  public double at(double load) {
    return at(new double[] {rate.value, contention.value, crosstalk.value}, load);
  }

  private static double at(double[] p, double n) {
    return p[0] * n / (1 + p[1] * (n - 1) + p[2] * n * (n - 1));
  }

  /// The load beyond which there is no more throughput; infinite when there is none such.
  public double peakLoad() {
    double b = crosstalk.value;
    double a = contention.value;
    return b <= 0 ? Double.POSITIVE_INFINITY : Math.sqrt(Math.max(0, (1 - a) / b));
  }

  /// The most throughput there can be; infinite when it goes on growing.
  public double peak() {
    if (crosstalk.value > 0) {
      return at(Math.max(1, peakLoad()));
    }
    return contention.value > 0 ? rate.value / contention.value : Double.POSITIVE_INFINITY;
  }

  /// The largest load that was measured.
  public double measuredTo() {
    return points.stream().mapToDouble(Point::load).max().orElseThrow();
  }

  /// Share of the scatter that the law explains; 1 for all of it.
  public double explained() {
    double mean = points.stream().mapToDouble(Point::throughput).average().orElseThrow();
    double left = 0;
    double all = 0;
    for (Point point : points) {
      left += Math.pow(point.throughput - at(point.load), 2);
      all += Math.pow(point.throughput - mean, 2);
    }
    return all == 0 ? 1 : 1 - left / all;
  }

  // ---- least squares ----

  /// A first guess by the law turned into a polynomial: N / X is linear in N - 1 and N (N - 1).
  private static double[] guess(List<Point> points, boolean[] isFree) {
    double[][] normal = new double[3][3];
    double[] right = new double[3];
    for (Point point : points) {
      double n = point.load;
      double[] x = {1, isFree[1] ? n - 1 : 0, isFree[2] ? n * (n - 1) : 0};
      // Weighed so that it is the error of X, nearly, that counts.
      double w = Math.pow(point.throughput * point.throughput / n, 2);
      add(normal, right, x, n / point.throughput, w);
    }
    double[] found = solved(normal, right, isFree, 1e-12);
    double[] out = {1 / found[0], found[1] / found[0], found[2] / found[0]};
    if (Double.isFinite(cost(points, out))) {
      return out;
    }
    // No law has such parameters: the curve has a pole among the points.
    double most = points.stream().mapToDouble(p -> p.throughput / p.load).max().orElseThrow();
    return new double[] {most, isFree[1] ? 0.01 : 0, 0};
  }

  private static double[] best(List<Point> points, boolean[] isFree) {
    double[] p = guess(points, isFree);
    double cost = cost(points, p);
    double damping = 1e-3;
    for (int i = 0; i < STEPS && damping < 1e12; i++) {
      double[][] normal = new double[3][3];
      double[] right = new double[3];
      for (Point point : points) {
        add(normal, right, slopes(p, point.load), point.throughput - at(p, point.load), 1);
      }
      double[] step = solved(normal, right, isFree, damping);
      double[] next = {p[0] + step[0], p[1] + step[1], p[2] + step[2]};
      double better = cost(points, next);
      if (better < cost) {
        boolean isDone = Double.isFinite(cost) && cost - better <= 1e-14 * cost;
        p = next;
        cost = better;
        damping /= 5;
        if (isDone) {
          break;
        }
      } else {
        damping *= 4;
      }
    }
    return p;
  }

  private static double cost(List<Point> points, double[] p) {
    double sum = 0;
    for (Point point : points) {
      double bottom = 1 + p[1] * (point.load - 1) + p[2] * point.load * (point.load - 1);
      if (!(bottom > 0) || !(p[0] > 0)) {
        return Double.POSITIVE_INFINITY;
      }
      sum += Math.pow(point.throughput - at(p, point.load), 2);
    }
    return sum;
  }

  /// Partial derivatives by the three parameters.
  private static double[] slopes(double[] p, double n) {
    double bottom = 1 + p[1] * (n - 1) + p[2] * n * (n - 1);
    double top = p[0] * n;
    double by = -top / (bottom * bottom);
    return new double[] {n / bottom, by * (n - 1), by * n * (n - 1)};
  }

  private static double[] errors(List<Point> points, double[] p) {
    double[][] normal = new double[3][3];
    for (Point point : points) {
      add(normal, new double[3], slopes(p, point.load), 0, 1);
    }
    double variance = cost(points, p) / (points.size() - 3);
    double[] out = new double[3];
    boolean[] all = {true, true, true};
    for (int i = 0; i < 3; i++) {
      double[] unit = new double[3];
      unit[i] = 1;
      out[i] = Math.sqrt(Math.max(0, variance * solved(normal, unit, all, 0)[i]));
    }
    return out;
  }

  private static void add(double[][] normal, double[] right, double[] x, double y, double weight) {
    for (int i = 0; i < 3; i++) {
      right[i] += weight * x[i] * y;
      for (int j = 0; j < 3; j++) {
        normal[i][j] += weight * x[i] * x[j];
      }
    }
  }

  /// Solves the normal equations of the free parameters, the diagonal strengthened; scaled first,
  /// since the parameters differ by many orders of magnitude.
  private static double[] solved(
      double[][] normal, double[] right, boolean[] isFree, double damping) {
    double[][] m = new double[3][4];
    double[] scale = new double[3];
    for (int i = 0; i < 3; i++) {
      scale[i] = isFree[i] && normal[i][i] > 0 ? 1 / Math.sqrt(normal[i][i]) : 0;
    }
    for (int i = 0; i < 3; i++) {
      for (int j = 0; j < 3; j++) {
        m[i][j] = normal[i][j] * scale[i] * scale[j];
      }
      m[i][i] = scale[i] == 0 ? 1 : m[i][i] * (1 + damping);
      m[i][3] = right[i] * scale[i];
    }
    for (int i = 0; i < 3; i++) {
      int pivot = i;
      for (int j = i + 1; j < 3; j++) {
        pivot = Math.abs(m[j][i]) > Math.abs(m[pivot][i]) ? j : pivot;
      }
      double[] swapped = m[i];
      m[i] = m[pivot];
      m[pivot] = swapped;
      for (int j = 0; j < 3; j++) {
        double factor = j == i || m[i][i] == 0 ? 0 : m[j][i] / m[i][i];
        for (int k = i; k < 4; k++) {
          m[j][k] -= factor * m[i][k];
        }
      }
    }
    double[] out = new double[3];
    for (int i = 0; i < 3; i++) {
      out[i] = m[i][i] == 0 ? 0 : m[i][3] / m[i][i] * scale[i];
    }
    return out;
  }
}
