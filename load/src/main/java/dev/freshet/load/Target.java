package dev.freshet.load;

import java.util.Locale;

/// What is asked of a figure.
///
/// @param isUpper true where the figure may be no larger
/// @param limit that is to be kept
/// @param stretch what would be better still; NaN where nothing is said
/// @param unit behind the number
public record Target(boolean isUpper, double limit, double stretch, String unit) {

  /// What is to be said of a figure.
  public enum Verdict {
    /// The whole interval keeps it.
    MET("met"),
    /// The mean keeps it, but not the whole interval.
    NOT_CERTAIN("not certain"),
    MISSED("missed"),
    NOT_MEASURED("not measured"),
    /// It was the load generator that was measured.
    INVALID("invalid"),
    /// Nothing is asked.
    NONE("");

    private final String text;

    Verdict(String text) {
      this.text = text;
    }

    /// As reports show it.
    public String text() {
      return text;
    }

    /// Whether it is in the way of success.
    public boolean isShort() {
      return this != MET && this != NONE;
    }
  }

  static Target atMost(double limit, double stretch, String unit) {
    return new Target(true, limit, stretch, unit);
  }

  static Target atLeast(double limit, double stretch, String unit) {
    return new Target(false, limit, stretch, unit);
  }

  Verdict verdict(Interval figure) {
    if (!keeps(figure.mean(), limit)) {
      return Verdict.MISSED;
    }
    return keeps(isUpper ? figure.high() : figure.low(), limit) ? Verdict.MET : Verdict.NOT_CERTAIN;
  }

  private boolean keeps(double value, double bound) {
    return isUpper ? value <= bound : value >= bound;
  }

  /// As tables show it: `<= 100 ms`, `>= 50 % (80)`.
  public String text() {
    String more = Double.isNaN(stretch) ? "" : " (" + number(stretch) + ")";
    return (isUpper ? "<= " : ">= ") + number(limit) + more + unit;
  }

  private static String number(double value) {
    return value == Math.rint(value)
        ? String.format(Locale.ROOT, "%,.0f", value)
        : String.format(Locale.ROOT, "%s", value);
  }
}
