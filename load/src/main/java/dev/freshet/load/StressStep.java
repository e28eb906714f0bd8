package dev.freshet.load;

import java.util.Map;

/// What a stretch of load at one rate of arrivals showed.
///
/// @param rate requests a second that were to arrive
/// @param perVisit requests that a visit makes, on average; they arrive one after the other
/// @param seconds counted
/// @param perSecond good answers a second, by when they came
/// @param p50 milliseconds from the intended start, as p95 and p99
/// @param count requests that were counted
/// @param errorRatio of all requests that could be sent, those that failed
/// @param underWay mean number of requests the target was at
/// @param hitRatio of the good answers, those from a cache by what they tell; -1 where none tells
/// @param lateMillis how late the generator was, p99; infinite where requests failed for want of
///   something of its own
/// @param errors by kind
/// @param readings what the target's own meters showed meanwhile, by name; empty where it has none
public record StressStep(
    double rate,
    double perVisit,
    double seconds,
    double perSecond,
    double p50,
    double p95,
    double p99,
    long count,
    double errorRatio,
    double underWay,
    double hitRatio,
    double lateMillis,
    Map<String, Long> errors,
    Map<String, Double> readings) {
  private static final double SHORT = 0.03;
  private static final double SOME = 5;

  /// Where exactly as many fail as are allowed, more than this many deviations above are seen in
  /// one step of twenty.
  private static final double CHANCE = 1.645;

  public StressStep {
    errors = Map.copyOf(errors);
    readings = Map.copyOf(readings);
  }

  /// What is asked of the target.
  ///
  /// @param p95 milliseconds from the intended start
  /// @param errorRatio most requests that may fail
  public record Target(double p95, double errorRatio) {
    public Target {
      if (!(p95 > 0) || errorRatio < 0 || errorRatio >= 1) {
        throw new IllegalArgumentException("a target is a time above 0 and a share below 1");
      }
    }

    /// So many of that many may fail: one error among twenty requests is no five percent, and more
    /// than chance explains are too many.
    double mostFailures(double requests) {
      double expected = requests * errorRatio;
      double more = Math.max(1, CHANCE * Math.sqrt(expected * (1 - errorRatio)));
      return expected + (errorRatio > 0 ? more : 0);
    }
  }

  /// How a step went.
  public enum Verdict {
    GOOD("kept the target", "kept"),
    SLOW("p95 above the target", "slow"),
    FAILING("more errors than the target allows", "errors"),
    BEHIND("answers fell behind arrivals", "behind"),
    EMPTY("nothing was counted", "nothing"),
    UNSOUND("the load generator could not keep up", "generator");

    private final String text;
    private final String brief;

    Verdict(String text, String brief) {
      this.text = text;
      this.brief = brief;
    }

    /// In one word.
    String brief() {
      return brief;
    }

    /// As reports call it.
    public String text() {
      return text;
    }
  }

  /// Whether the generator kept its own time.
  public boolean isSound() {
    return lateMillis <= Measured.LATE_MILLIS;
  }

  /// A generator that was late makes others slow, and visitors give up: what is bad by no more than
  /// that explains is not held against the target. It makes nobody quick, for times count from when
  /// requests were meant to be sent: what kept the target nevertheless did keep it.
  public Verdict verdict(Target target) {
    Verdict seen = seen(target, 0);
    if (isSound() || seen == Verdict.GOOD || seen == Verdict.EMPTY) {
      return seen;
    }
    // Who is later than the target may be by himself has not asked it for what is asked of it: how
    // much later still he read what came nobody knows.
    if (lateMillis >= target.p95()) {
      return Verdict.UNSOUND;
    }
    // Late when it sent, and again when it read.
    Verdict without = seen(target, 2 * lateMillis);
    return without == Verdict.GOOD ? Verdict.UNSOUND : without;
  }

  /// Errors count before slowness: quick refusals make the rest quick.
  ///
  /// @param added milliseconds of each request that are not the target's
  private Verdict seen(Target target, double added) {
    if (count == 0) {
      return Verdict.EMPTY;
    }
    // Visitors wait longer than the target allows before they give up.
    if (count * errorRatio > target.mostFailures((double) count) && added < target.p95()) {
      return Verdict.FAILING;
    }
    if (p95 - added > target.p95()) {
      return Verdict.SLOW;
    }
    // A queue that grows shows here before a short step's times do: visits that came and are not
    // through, each with a request that is out.
    double out = count * (1 - errorRatio) - perSecond * seconds - rate * added / 1e3;
    double visits = rate * seconds / perVisit;
    return out > SOME + SHORT * visits ? Verdict.BEHIND : Verdict.GOOD;
  }
}
