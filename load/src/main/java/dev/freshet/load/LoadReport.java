package dev.freshet.load;

import dev.freshet.load.Threshold.Verdict;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.HdrHistogram.Histogram;

/// What a load has shown, all phases of it: as a table for a terminal, and as data.
///
/// @param millis wall clock at its start
public record LoadReport(
    String target, String scenario, long millis, List<Measured> phases, List<Threshold> asked) {
  static final String ALL = "all, as felt";
  static final String UNREFUSED = "without errors";
  private static final double[] PERCENTILES = {50, 75, 90, 95, 99, 99.9};

  public LoadReport {
    phases = List.copyOf(phases);
    asked = List.copyOf(asked);
  }

  /// Phases with load in them.
  public List<Measured> loaded() {
    return phases.stream()
        .filter(measured -> !(measured.phase().shape() instanceof Phase.Shape.Pause))
        .toList();
  }

  /// Each threshold held against each phase with load.
  public List<Verdict> verdicts() {
    List<Verdict> out = new ArrayList<>();
    for (Measured measured : loaded()) {
      asked.forEach(threshold -> out.add(threshold.of(measured)));
    }
    return out;
  }

  /// Whether every threshold held, and everything may be believed; nothing measured is not well.
  public boolean isWell() {
    return !loaded().isEmpty()
        && loaded().stream()
            .allMatch(measured ->
                measured.validity() == Measured.Validity.VALID
                    && measured.total().failures() < measured.total().tries())
        && verdicts().stream().allMatch(Verdict::isMet);
  }

  /// How a phase's load comes in, in words.
  public static String words(Phase phase) {
    return switch (phase.shape()) {
      case Phase.Shape.ConstantRate(double rate) -> number(rate) + " visits/s";
      case Phase.Shape.RampRate(double from, double to) ->
          number(from) + " to " + number(to) + " visits/s";
      case Phase.Shape.Users(int count) -> count + " users";
      case Phase.Shape.Recorded(Replay replay) -> replay.words();
      case Phase.Shape.Pause() -> "nobody";
    };
  }

  static String number(double value) {
    BigDecimal rounded = BigDecimal.valueOf(value).setScale(2, RoundingMode.HALF_EVEN);
    return rounded.stripTrailingZeros().toPlainString();
  }

  /// A table for a terminal.
  public String text() {
    StringBuilder out = new StringBuilder();
    for (Measured measured : loaded()) {
      phase(measured, out);
    }
    List<Verdict> verdicts = verdicts();
    if (!verdicts.isEmpty()) {
      out.append("\nThresholds\n");
      verdicts.forEach(verdict -> out.append("  ").append(verdict.line()).append('\n'));
    }
    return out.toString();
  }

  private static void phase(Measured measured, StringBuilder out) {
    Figures total = measured.total();
    line(
        out,
        "%n%s: %s, %.1f s measured%s",
        measured.phase().name(),
        words(measured.phase()),
        measured.seconds(),
        measured.isStopped() ? " (stopped)" : "");
    line(
        out,
        "  %,d requests, %,.1f answers/s, %s, %.2f MB%s",
        total.count(),
        measured.perSecond(),
        total.failures() == 0
            ? "no errors"
            : String.format(
                Locale.ROOT, "%,d failed (%.2f %%)", total.failures(), 100 * total.errorRatio()),
        total.octets() / 1e6,
        total.hitRatio() < 0
            ? ""
            : String.format(Locale.ROOT, ", %.1f %% from cache", 100 * total.hitRatio()));
    out.append('\n');
    out.append(TimesTable.heads()).append('\n');
    row(out, ALL, total, total.intended());
    row(out, "all, once sent", total, total.service());
    if (isRefused(total)) {
      Histogram h = total.unrefused();
      row(out, UNREFUSED, h.getTotalCount(), h, 0);
    }
    if (measured.steps().size() > 1) {
      measured.steps().forEach((step, figures) -> row(out, step, figures, figures.intended()));
    }
    total.pages().byName().forEach((name, views) -> views(out, name, views));
    ChannelTable.text(measured, out);
    total.errors().forEach((kind, n) -> line(out, "  %,d x %s", n, printable(kind)));
    if (total.repeats() > 0) {
      line(out, "  %,d sent again: their idle connection had ended", total.repeats());
    }
    line(
        out,
        "  %s%n    sent %.2f ms after the planned time at p99%s",
        measured.validity().text(),
        measured.latenessMillis(),
        measured.waited() < 0
            ? ""
            : String.format(Locale.ROOT, ", %.0f %% without a processor", 100 * measured.waited()));
  }

  /// Whether times without the errors are others.
  static boolean isRefused(Figures figures) {
    return figures.unrefused().getTotalCount() < figures.intended().getTotalCount();
  }

  private static void row(StringBuilder out, String name, Figures figures, Histogram h) {
    row(out, name, figures.count(), h, figures.failures());
  }

  private static void row(StringBuilder out, String name, long count, Histogram h, long failures) {
    out.append(TimesTable.row(name, count, h, failures)).append('\n');
  }

  private static void views(StringBuilder out, String name, PageFigures.Views views) {
    row(out, "whole " + name, views.count(), views.time(), views.failures());
    double n = views.count();
    line(
        out,
        "    each %,.1f kB in %.1f requests, %.1f not modified; %.1f more were still fresh",
        views.octets() / n / 1e3,
        views.requests() / n,
        views.notModified() / n,
        views.unasked() / n);
  }

  @SuppressWarnings("AnnotateFormatMethod")
  private static void line(StringBuilder out, String form, Object... values) {
    out.append(String.format(Locale.ROOT, form, values)).append('\n');
  }

  /// A step's name may come from a site, and a terminal obeys some characters.
  static String printable(String text) {
    StringBuilder out = new StringBuilder(text.length());
    text.codePoints().map(c -> Character.isISOControl(c) ? ' ' : c).forEach(out::appendCodePoint);
    return out.toString();
  }

  /// Everything, for a machine.
  public Map<String, Object> data() {
    Map<String, Object> out = new LinkedHashMap<>();
    out.put("target", target);
    out.put("scenario", scenario);
    out.put("startedMillis", millis);
    out.put("isWell", isWell());
    out.put("phases", loaded().stream().map(LoadReport::data).toList());
    out.put(
        "thresholds",
        verdicts().stream()
            .map(verdict -> {
              Map<String, Object> one = new LinkedHashMap<>();
              one.put("threshold", verdict.threshold().text());
              one.put("isMet", verdict.isMet());
              one.put("value", Double.isNaN(verdict.value()) ? "not measured" : verdict.value());
              return one;
            })
            .toList());
    return out;
  }

  private static Map<String, Object> data(Measured measured) {
    Map<String, Object> out = new LinkedHashMap<>();
    out.put("name", measured.phase().name());
    out.put("load", words(measured.phase()));
    out.put("seconds", measured.seconds());
    out.put("isStopped", measured.isStopped());
    out.put("validity", measured.validity().text());
    out.put("latenessP99Millis", measured.latenessMillis());
    out.put("withoutProcessor", measured.waited());
    out.put("perSecond", measured.perSecond());
    out.put("goodPerSecond", measured.goodPerSecond());
    out.put("total", data(measured.total()));
    Map<String, Object> steps = new TreeMap<>();
    measured.steps().forEach((step, figures) -> steps.put(step, data(figures)));
    out.put("steps", steps);
    out.put("over", measured.over());
    return out;
  }

  private static Map<String, Object> data(Figures figures) {
    Map<String, Object> out = new LinkedHashMap<>();
    out.put("requests", figures.count());
    out.put("failures", figures.failures());
    out.put("felt", millis(figures.intended()));
    if (isRefused(figures)) {
      out.put("feltWithoutErrors", millis(figures.unrefused()));
    }
    out.put("onceSent", millis(figures.service()));
    out.put("statuses", figures.statuses());
    out.put("errors", figures.errors());
    out.put("sentAgain", figures.repeats());
    out.put("octets", figures.octets());
    out.put("hitRatio", figures.hitRatio());
    if (figures.pages().count() > 0) {
      Map<String, Object> pages = new LinkedHashMap<>();
      figures.pages().byName().forEach((name, views) -> pages.put(name, data(views)));
      out.put("pages", pages);
    }
    if (figures.channels().count() > 0) {
      out.put("channels", ChannelTable.data(figures.channels()));
    }
    return out;
  }

  private static Map<String, Object> data(PageFigures.Views views) {
    Map<String, Object> out = new LinkedHashMap<>();
    out.put("views", views.count());
    out.put("failures", views.failures());
    out.put("time", millis(views.time()));
    out.put("octets", views.octets());
    out.put("requests", views.requests());
    out.put("notModified", views.notModified());
    out.put("stillFresh", views.unasked());
    return out;
  }

  static Map<String, Object> millis(Histogram h) {
    Map<String, Object> out = new LinkedHashMap<>();
    out.put("mean", h.getTotalCount() == 0 ? 0 : h.getMean() / 1e6);
    for (double percentile : PERCENTILES) {
      out.put("p" + number(percentile), h.getValueAtPercentile(percentile));
    }
    out.replaceAll((name, value) -> value instanceof Long nanos ? (Object) (nanos / 1e6) : value);
    out.put("max", h.getMaxValue() / 1e6);
    return out;
  }

  /// The same under the names that k6 gives to them, for tools that read its summary.
  public Map<String, Object> summary() {
    Figures all = new Figures();
    double seconds = 0;
    for (Measured measured : loaded()) {
      all.add(measured.total());
      seconds += measured.seconds();
    }
    Map<String, Object> metrics = new LinkedHashMap<>();
    Map<String, Object> requests = new LinkedHashMap<>();
    requests.put("count", all.count());
    requests.put("rate", seconds <= 0 ? 0 : all.count() / seconds);
    metrics.put("http_reqs", requests);
    metrics.put("http_req_duration", k6(all.intended()));
    metrics.put("http_req_waiting", k6(all.service()));
    Map<String, Object> failed = new LinkedHashMap<>();
    failed.put("passes", all.failures());
    failed.put("fails", Math.max(0, all.tries() - all.failures()));
    failed.put("value", all.errorRatio());
    metrics.put("http_req_failed", failed);
    Map<String, Object> received = new LinkedHashMap<>();
    received.put("count", all.octets());
    received.put("rate", seconds <= 0 ? 0 : all.octets() / seconds);
    metrics.put("data_received", received);
    if (all.channels().count() > 0) {
      ChannelFigures channels = all.channels();
      metrics.put("ws_sessions", Map.of("count", channels.count()));
      metrics.put("ws_connecting", k6(channels.connect()));
      metrics.put("ws_msgs_received", Map.of("count", channels.received()));
      metrics.put("ws_msgs_sent", Map.of("count", channels.sent()));
    }
    Map<String, Object> out = new LinkedHashMap<>();
    out.put("metrics", metrics);
    return out;
  }

  private static Map<String, Object> k6(Histogram h) {
    Map<String, Object> out = new LinkedHashMap<>();
    boolean isEmpty = h.getTotalCount() == 0;
    out.put("avg", isEmpty ? 0 : h.getMean() / 1e6);
    out.put("min", isEmpty ? 0 : h.getMinValue() / 1e6);
    out.put("med", h.getValueAtPercentile(50) / 1e6);
    out.put("max", h.getMaxValue() / 1e6);
    out.put("p(90)", h.getValueAtPercentile(90) / 1e6);
    out.put("p(95)", h.getValueAtPercentile(95) / 1e6);
    out.put("p(99)", h.getValueAtPercentile(99) / 1e6);
    return out;
  }
}
