package dev.freshet.load;

import dev.freshet.load.Measured.Live;
import dev.freshet.load.Measured.Second;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/// A phase while it runs: lines for a terminal, or one line a second without.
public final class LoadScreen {
  private static final String BARS = "▁▂▃▄▅▆▇█";

  /// Seconds that are shown, and steps of the bar: what is wider than eighty columns is cut off,
  /// and the newest would be.
  private static final int MOST = 50;

  private static final int BAR = 20;
  private static final Live NO_CHANNELS = new Live(0, 0, 0);
  private final List<Second> seconds = new ArrayList<>();
  private boolean hasChannels;

  /// One line that says what the last second was like.
  public static String line(Phase phase, Second second) {
    return String.format(
        Locale.ROOT,
        "%4.0f s %s%s  %,8.0f/s  p50 %.2f  p95 %.2f  p99 %.2f ms  errors %.0f/s%s%s",
        second.at(),
        phase.name(),
        second.isWarmUp() ? " (warm-up)" : "",
        second.perSecond(),
        second.p50(),
        second.p95(),
        second.p99(),
        second.errorsPerSecond(),
        hits(second),
        channels(second));
  }

  private static String channels(Second second) {
    Live live = second.live();
    return live == null
        ? ""
        : String.format(
            Locale.ROOT,
            "  %,d channels  %,.0f messages/s%s",
            live.open(),
            live.messages(),
            live.delayP95() > 0
                ? String.format(Locale.ROOT, "  delay p95 %.2f ms", live.delayP95())
                : "");
  }

  private static String hits(Second second) {
    return second.hitRatio() < 0
        ? ""
        : String.format(Locale.ROOT, "  hits %.1f %%", 100 * second.hitRatio());
  }

  /// Takes one more second in and lays the last of them out; the same number of lines, and some
  /// more from when there are channels.
  public List<String> lines(Phase phase, Second second) {
    if (seconds.size() == MOST) {
      seconds.removeFirst();
    }
    seconds.add(second);
    hasChannels |= second.live() != null;
    double all = phase.warmUp().plus(phase.lasting()).toNanos() / 1e9;
    int done = (int) Math.clamp(BAR * second.at() / all, 0, BAR);
    List<String> out = new ArrayList<>();
    out.add(
        String.format(
            Locale.ROOT,
            "%s: %s%s  [%s%s] %.0f of %.0f s",
            LoadReport.printable(phase.name()),
            LoadReport.words(phase),
            second.isWarmUp() ? ", warming up" : "",
            "#".repeat(done),
            " ".repeat(BAR - done),
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
    if (hasChannels) {
      out.add(row("channels", one -> live(one).open(), "%,.0f"));
      out.add(row("messages/s", one -> live(one).messages(), "%,.0f"));
      out.add(row("delay p95 ms", one -> live(one).delayP95(), "%.2f"));
    }
    return out;
  }

  private static Live live(Second second) {
    Live live = second.live();
    return live == null ? NO_CHANNELS : live;
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
