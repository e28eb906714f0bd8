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
/// @param isSound whether the generator kept its own time; else the figures are its, not the
///   target's
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
    boolean isSound,
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
  }

  /// How a step went.
  public enum Verdict {
    GOOD("kept the target"),
    SLOW("p95 above the target"),
    FAILING("more errors than the target allows"),
    BEHIND("answers fell behind arrivals"),
    EMPTY("nothing was counted"),
    UNSOUND("the load generator could not keep up");

    private final String text;

    Verdict(String text) {
      this.text = text;
    }

    /// As reports call it.
    public String text() {
      return text;
    }
  }

  /// A generator that was late has the first word: it makes others slow, and visitors give up.
  /// Errors count before slowness: quick refusals make the rest quick.
  public Verdict verdict(Target target) {
    if (!isSound) {
      return Verdict.UNSOUND;
    }
    if (count == 0) {
      return Verdict.EMPTY;
    }
    if (fails(target.errorRatio())) {
      return Verdict.FAILING;
    }
    if (p95 > target.p95()) {
      return Verdict.SLOW;
    }
    // A queue that grows shows here before a short step's times do: visits that came and are not
    // through, each with a request that is out.
    double out = count * (1 - errorRatio) - perSecond * seconds;
    double visits = rate * seconds / perVisit;
    return out > SOME + SHORT * visits ? Verdict.BEHIND : Verdict.GOOD;
  }

  /// Whether more failed than chance explains: one error among twenty requests is no five percent.
  private boolean fails(double allowed) {
    double expected = count * allowed;
    double more = Math.max(1, CHANCE * Math.sqrt(expected * (1 - allowed)));
    return count * errorRatio > expected + (allowed > 0 ? more : 0);
  }
}
