package dev.freshet.load;

import dev.freshet.load.Measured.Second;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/// A phase while it runs: lines for a terminal, or one line a second without.
public final class LoadScreen {
  private static final String BARS = "▁▂▃▄▅▆▇█";
  private static final int MOST = 60;
  private final List<Second> seconds = new ArrayList<>();

  /// One line that says what the last second was like.
  public static String line(Phase phase, Second second) {
    return String.format(
        Locale.ROOT,
        "%4.0f s %s%s  %,8.0f/s  p50 %.2f  p95 %.2f  p99 %.2f ms  errors %.0f/s%s",
        second.at(),
        phase.name(),
        second.isWarmUp() ? " (warm-up)" : "",
        second.perSecond(),
        second.p50(),
        second.p95(),
        second.p99(),
        second.errorsPerSecond(),
        hits(second));
  }

  private static String hits(Second second) {
    return second.hitRatio() < 0
        ? ""
        : String.format(Locale.ROOT, "  hits %.1f %%", 100 * second.hitRatio());
  }

  /// Takes one more second in and lays the last minute out, always the same number of lines.
  public List<String> lines(Phase phase, Second second) {
    if (seconds.size() == MOST) {
      seconds.removeFirst();
    }
    seconds.add(second);
    double all = phase.warmUp().plus(phase.lasting()).toNanos() / 1e9;
    int done = (int) Math.clamp(40 * second.at() / all, 0, 40);
    List<String> out = new ArrayList<>();
    out.add(
        String.format(
            Locale.ROOT,
            "%s: %s%s  [%s%s] %.0f of %.0f s",
            LoadReport.printable(phase.name()),
            LoadReport.words(phase),
            second.isWarmUp() ? ", warming up" : "",
            "#".repeat(done),
            " ".repeat(40 - done),
            second.at(),
            all));
    out.add(row("answers/s", Second::perSecond, "%,.0f"));
    out.add(row("p50 ms", Second::p50, "%.2f"));
    out.add(row("p95 ms", Second::p95, "%.2f"));
    out.add(row("p99 ms", Second::p99, "%.2f"));
    out.add(row("errors/s", Second::errorsPerSecond, "%,.0f"));
    out.add(
        second.hitRatio() < 0
            ? "  from cache %  nobody says"
            : row("from cache %", one -> 100 * Math.max(0, one.hitRatio()), "%.1f"));
    return out;
  }

  @SuppressWarnings("AnnotateFormatMethod")
  private String row(String name, ToDoubleFunction<Second> figure, String form) {
    double most = seconds.stream().mapToDouble(figure).max().orElse(0);
    StringBuilder bars = new StringBuilder();
    for (Second second : seconds) {
      double share = most <= 0 ? 0 : figure.applyAsDouble(second) / most;
      bars.append(BARS.charAt((int) Math.clamp(share * 7.99, 0, 7)));
    }
    String now = String.format(Locale.ROOT, form, figure.applyAsDouble(seconds.getLast()));
    return String.format(Locale.ROOT, "  %-13s %10s  %s", name, now, bars);
  }
}
