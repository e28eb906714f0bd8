package dev.freshet.load;

import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.HdrHistogram.Histogram;

/// A figure that must be on one side of a bound, written like `p95 < 200ms`, `home p99 <= 1s`,
/// `errors < 1%`, `rate > 100` or `hits >= 80%`; of channels like `delay p95 < 100ms`, `watch round
/// trip p99 < 50ms` or `messages rate > 10`.
///
/// @param text as written
/// @param step of which the figure is, or which time of a channel, or both; empty for all
/// @param figure `p95`, `mean`, `max`, `errors`, `rate` or `hits`
/// @param bound milliseconds, percent, or answers a second
public record Threshold(String text, String step, String figure, String comparison, double bound) {
  private static final Pattern SHAPE =
      Pattern.compile(
          "(?:(?<step>\\S.*?)\\s+)?(?<figure>p[0-9]{1,2}(?:\\.[0-9]{1,3})?"
              + "|mean|max|errors|rate|hits)"
              + "\\s*(?<comparison><=?|>=?)\\s*(?<bound>[0-9]+(?:\\.[0-9]+)?)\\s*"
              + "(?<unit>ms|s|%|/s)?");

  private static final String MESSAGES = "messages";
  private static final List<String> CHANNELS =
      List.of(
          ChannelFigures.CONNECT,
          ChannelFigures.FIRST_MESSAGE,
          ChannelFigures.ROUND_TRIP,
          ChannelFigures.DELAY,
          MESSAGES);

  /// Whether it held.
  ///
  /// @param value what was measured; [Double#NaN] when nothing was, which never holds
  public record Verdict(Threshold threshold, double value, boolean isMet) {

    /// One line.
    public String line() {
      String seen = Double.isNaN(value) ? "not measured" : threshold.shown(value);
      return (isMet ? "met     " : "MISSED  ") + threshold.text() + "  (" + seen + ")";
    }
  }

  /// Throws [IllegalArgumentException] that shows the form.
  public static Threshold parse(String text) {
    Matcher m = SHAPE.matcher(text.strip());
    if (!m.matches()) {
      throw new IllegalArgumentException(
          "'"
              + text
              + "' is not a threshold; write it like p95 < 200ms, home p99 < 1s,"
              + " errors < 1%, rate > 100, hits > 80%, delay p95 < 100ms, messages rate > 10");
    }
    String figure = m.group("figure");
    String unit = m.group("unit") == null ? "" : m.group("unit");
    String wanted =
        switch (figure) {
          case "errors", "hits" -> "%";
          case "rate" -> unit.isEmpty() ? "" : "/s";
          default -> unit.equals("ms") ? "ms" : "s";
        };
    if (!unit.equals(wanted)) {
      throw new IllegalArgumentException(
          "'"
              + text
              + "' has no unit that goes with "
              + figure
              + ": times take ms or s, errors"
              + " and hits %");
    }
    double bound = Double.parseDouble(m.group("bound")) * (unit.equals("s") ? 1_000 : 1);
    String step = m.group("step") == null ? "" : m.group("step");
    return new Threshold(text.strip(), step, figure, m.group("comparison"), bound);
  }

  /// Compares with what was measured; times from the intended start.
  public Verdict of(Measured measured) {
    double value = value(measured);
    boolean isMet =
        switch (comparison) {
          case "<" -> value < bound;
          case "<=" -> value <= bound;
          case ">" -> value > bound;
          default -> value >= bound;
        };
    return new Verdict(this, value, isMet);
  }

  private double value(Measured measured) {
    PageFigures.Views views = measured.total().pages().byName().get(step);
    if (views != null) {
      return switch (figure) {
        case "errors" -> 100.0 * views.failures() / views.count();
        case "hits", "rate" -> Double.NaN;
        default -> views.failures() == views.count() ? Double.NaN : views.felt(this::millis);
      };
    }
    Figures figures = step.isEmpty() ? measured.total() : measured.steps().get(step);
    return figures == null ? onChannels(measured) : value(figures, measured.seconds());
  }

  /// A time of channels, of all or of a step named before it.
  private double onChannels(Measured measured) {
    for (String name : CHANNELS) {
      if (!step.equals(name) && !step.endsWith(" " + name)) {
        continue;
      }
      String of = step.substring(0, step.length() - name.length()).strip();
      Figures figures = of.isEmpty() ? measured.total() : measured.steps().get(of);
      if (figures == null) {
        return Double.NaN;
      }
      ChannelFigures channels = figures.channels();
      boolean isRate = figure.equals("rate");
      if (name.equals(MESSAGES)) {
        boolean isMeasured = isRate && channels.count() > 0 && measured.seconds() > 0;
        return isMeasured ? channels.received() / measured.seconds() : Double.NaN;
      }
      Histogram times = channels.byName().get(name);
      boolean isTime = !isRate && !figure.equals("errors") && !figure.equals("hits");
      return times != null && isTime ? millis(times) : Double.NaN;
    }
    return Double.NaN;
  }

  private double value(Figures figures, double seconds) {
    if (figures.tries() == 0) {
      return Double.NaN;
    }
    return switch (figure) {
      case "errors" -> 100 * figures.errorRatio();
      case "hits" -> figures.hitRatio() < 0 ? Double.NaN : 100 * figures.hitRatio();
      // An error is no answer to be proud of, and a quick one makes no time short: where there is
      // nothing else, no time was measured.
      case "rate" -> seconds <= 0 ? Double.NaN : figures.goodInTime() / seconds;
      default -> figures.unrefused().getTotalCount() == 0 ? Double.NaN : figures.felt(this::millis);
    };
  }

  private double millis(Histogram felt) {
    return switch (figure) {
      case "mean" -> felt.getMean() / 1e6;
      case "max" -> felt.getMaxValue() / 1e6;
      default -> felt.getValueAtPercentile(Double.parseDouble(figure.substring(1))) / 1e6;
    };
  }

  private String shown(double value) {
    return switch (figure) {
      case "errors", "hits" -> String.format(Locale.ROOT, "%.2f %%", value);
      case "rate" -> String.format(Locale.ROOT, "%.1f/s", value);
      default -> String.format(Locale.ROOT, "%.2f ms", value);
    };
  }
}
