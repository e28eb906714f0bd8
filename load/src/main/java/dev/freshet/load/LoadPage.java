package dev.freshet.load;

import dev.freshet.load.Measured.Second;
import dev.freshet.load.Threshold.Verdict;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/// A report as one HTML page that needs nothing else: one would show it to a manager.
public final class LoadPage {
  private static final String STYLE =
      """
      :root{color-scheme:light dark;--ink:#16232e;--soft:#5b6b78;--line:#dfe5e9;--back:#fff;--a:#0b6fa4;\
      --b:#c2571a;--c:#8a94a0;--bad:#b3261e;--good:#1d7a46}
      @media(prefers-color-scheme:dark){:root{--ink:#e8eef2;--soft:#9fb0bc;--line:#2c3a45;--back:#11191f;\
      --a:#5db7e8;--b:#f0985c;--c:#7d8a95;--bad:#ff8a80;--good:#6fd49a}}
      body{font:16px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--back);max-width:60rem;\
      margin:2.5rem auto;padding:0 1.25rem}
      h1{font-size:1.6rem;margin:0}h2{font-size:1.2rem;margin:2.5rem 0 .5rem}p{margin:.25rem 0 1rem}
      .soft{color:var(--soft)}.good{color:var(--good)}.bad{color:var(--bad);font-weight:600}
      .big{display:flex;flex-wrap:wrap;gap:2rem;margin:1.25rem 0}.big div{min-width:7rem}
      .big b{display:block;font-size:1.7rem;line-height:1.2;font-variant-numeric:tabular-nums}
      table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums;font-size:.9rem}
      th,td{text-align:right;padding:.35rem .6rem;border-bottom:1px solid var(--line)}
      th{color:var(--soft);font-weight:500}th:first-child,td:first-child{text-align:left;overflow-wrap:anywhere}
      svg{width:100%;height:auto;margin:.5rem 0 1rem}svg text{fill:var(--soft);font-size:11px}
      .key{font-size:.85rem}.key i{display:inline-block;width:1.2em;height:3px;margin:0 .4em .25em 1.2em}
      """;

  private LoadPage() {}

  /// @param earlier another run beside it; null for none
  public static String of(LoadReport report, @Nullable Comparison earlier) {
    return of(report, earlier, null);
  }

  /// @param beside what was recorded of what was replayed; null where nothing was
  public static String of(
      LoadReport report, @Nullable Comparison earlier, @Nullable ReplayReport beside) {
    StringBuilder out = new StringBuilder(20_000);
    String at =
        DateTimeFormatter.ofPattern("d MMMM uuuu, HH:mm", Locale.ENGLISH)
            .format(Instant.ofEpochMilli(report.millis()).atOffset(ZoneOffset.UTC));
    out.append("<!doctype html><html lang=en><meta charset=utf-8>");
    out.append("<meta name=viewport content=\"width=device-width,initial-scale=1\">");
    out.append("<title>Load on ").append(escaped(report.target())).append("</title><style>");
    out.append(STYLE).append("</style><h1>Load on ").append(escaped(report.target()));
    out.append("</h1><p class=soft>").append(escaped(report.scenario())).append(" · ").append(at);
    out.append(" UTC · measured by Freshet</p>");
    verdicts(report.verdicts(), out);
    List<Measured> phases = report.loaded();
    for (int i = 0; i < phases.size(); i++) {
      phase(phases.get(i), earlier == null ? "" : earlier.table(phases.get(i), i), out);
    }
    out.append(beside == null ? "" : beside.table());
    out.append("<p class=soft>Times run from when a request was meant to begin, so a visitor who");
    out.append(" had to wait for a connection counts with his wait. “Once sent” is what the");
    out.append(" server took after that.</p></html>\n");
    return out.toString();
  }

  private static void verdicts(List<Verdict> verdicts, StringBuilder out) {
    if (verdicts.isEmpty()) {
      return;
    }
    out.append("<ul>");
    for (Verdict verdict : verdicts) {
      out.append(verdict.isMet() ? "<li class=good>" : "<li class=bad>");
      out.append(escaped(verdict.line())).append("</li>");
    }
    out.append("</ul>");
  }

  private static void phase(Measured measured, String compared, StringBuilder out) {
    Figures total = measured.total();
    out.append("<h2>").append(escaped(measured.phase().name())).append("</h2><p class=soft>");
    out.append(escaped(LoadReport.words(measured.phase()))).append(", ");
    out.append(form("%.0f", measured.seconds())).append(" s measured");
    out.append(measured.isStopped() ? ", stopped early" : "").append("</p>");
    boolean isValid = measured.validity() == Measured.Validity.VALID;
    out.append(isValid ? "<p class=good>" : "<p class=bad>").append(measured.validity().text());
    out.append(form(" (the generator was %.2f ms late at p99)", measured.latenessMillis()));
    out.append("</p><div class=big>");
    big(out, form("%,.0f", measured.perSecond()), "answers a second");
    for (int of : List.of(50, 95, 99)) {
      double nanos = total.felt(h -> h.getValueAtPercentile(of));
      String who = of == 50 ? "half of them" : of + " of 100";
      big(out, form("%.1f", nanos / 1e6), "ms, " + who);
    }
    big(out, form("%.2f %%", 100 * total.errorRatio()), "failed");
    String hits = total.hitRatio() < 0 ? "–" : form("%.0f %%", 100 * total.hitRatio());
    big(out, hits, "from cache");
    out.append("</div>");
    out.append(compared);
    pictures(measured.over(), out);
    steps(measured, out);
    pages(total.pages(), out);
    ChannelTable.page(measured, out);
    errors(total, out);
  }

  private static void big(StringBuilder out, String figure, String name) {
    out.append("<div><b>").append(figure).append("</b><span class=soft>").append(name);
    out.append("</span></div>");
  }

  private static void pictures(List<Second> over, StringBuilder out) {
    if (over.size() < 2) {
      return;
    }
    out.append(
        "<p class=\"soft key\">milliseconds over time:<i style=\"background:var(--c)\"></i>");
    out.append(
        "p50<i style=\"background:var(--a)\"></i>p95<i style=\"background:var(--b)\"></i>p99");
    out.append("</p>");
    picture(over, List.of(Second::p50, Second::p95, Second::p99), out);
    out.append("<p class=\"soft key\">a second:<i style=\"background:var(--c)\"></i>answers");
    out.append("<i style=\"background:var(--a)\"></i>errors</p>");
    picture(over, List.of(Second::perSecond, Second::errorsPerSecond), out);
    ChannelTable.pictures(over, out);
  }

  /// Lines over time; what was warm-up is shaded.
  static void picture(
      List<Second> over, List<ToDoubleFunction<Second>> figures, StringBuilder out) {
    double most = 1e-9;
    for (ToDoubleFunction<Second> figure : figures) {
      most = Math.max(most, over.stream().mapToDouble(figure).max().orElse(0));
    }
    double end = over.getLast().at();
    double warm = 0;
    for (Second second : over) {
      warm = second.isWarmUp() ? second.at() : warm;
    }
    out.append("<svg viewBox=\"0 0 720 190\" role=img><title>over time</title>");
    out.append(
        form("<rect x=50 y=10 width=%.1f height=150 fill=\"var(--line)\"", 660 * warm / end));
    out.append(" opacity=.5 />");
    for (int i = 0; i <= 2; i++) {
      double y = 160 - 75 * i;
      out.append(form("<path d=\"M50 %.0fH710\" stroke=\"var(--line)\"/>", y));
      out.append(form("<text x=44 y=%.0f text-anchor=end>%s</text>", y + 4, brief(most * i / 2)));
    }
    out.append("<text x=50 y=180>0 s</text>");
    out.append(form("<text x=710 y=180 text-anchor=end>%.0f s</text>", end));
    List<String> colours = List.of("c", "a", "b");
    for (int i = 0; i < figures.size(); i++) {
      List<String> points = new ArrayList<>();
      for (Second second : over) {
        double value = figures.get(i).applyAsDouble(second);
        points.add(form("%.1f,%.1f", 50 + 660 * second.at() / end, 160 - 150 * value / most));
      }
      out.append("<polyline fill=none stroke-width=2 stroke=\"var(--").append(colours.get(i));
      out.append(")\" points=\"").append(String.join(" ", points)).append("\"/>");
    }
    out.append("</svg>");
  }

  private static String brief(double value) {
    return value >= 100 ? form("%,.0f", value) : form("%.1f", value);
  }

  private static void steps(Measured measured, StringBuilder out) {
    out.append("<table><tr><th>step<th>requests<th>mean<th>p50<th>p95<th>p99<th>max<th>failed");
    out.append("<th>from cache</tr>");
    row(out, LoadReport.ALL, measured.total(), measured.total().intended());
    row(out, "all, once sent", measured.total(), measured.total().service());
    if (LoadReport.isRefused(measured.total())) {
      Histogram good = measured.total().unrefused();
      row(out, LoadReport.UNREFUSED, good.getTotalCount(), good, "0", "–");
    }
    measured.steps().forEach((step, figures) -> row(out, step, figures, figures.intended()));
    out.append("</table>");
  }

  private static void row(StringBuilder out, String name, Figures figures, Histogram h) {
    String hits = figures.hitRatio() < 0 ? "–" : form("%.0f %%", 100 * figures.hitRatio());
    row(out, name, figures.count(), h, form("%,d", figures.failures()), hits);
  }

  private static void row(
      StringBuilder out, String name, long count, Histogram h, String failures, String hits) {
    out.append("<tr><td>").append(escaped(name)).append("<td>").append(form("%,d", count));
    out.append("<td>").append(form("%.1f", h.getTotalCount() == 0 ? 0 : h.getMean() / 1e6));
    for (int percentile : List.of(50, 95, 99)) {
      out.append("<td>").append(form("%.1f", h.getValueAtPercentile(percentile) / 1e6));
    }
    out.append("<td>").append(form("%.1f", h.getMaxValue() / 1e6));
    out.append("<td>").append(failures).append("<td>").append(hits).append("</tr>");
  }

  private static void pages(PageFigures pages, StringBuilder out) {
    if (pages.count() == 0) {
      return;
    }
    out.append("<table><tr><th>whole pages, ms<th>views<th>mean<th>p50<th>p95<th>p99<th>max");
    out.append("<th>failed<th>kB each<th>requests each<th>not modified<th>still fresh</tr>");
    pages
        .byName()
        .forEach((name, views) -> {
          Histogram h = views.time();
          double n = views.count();
          out.append("<tr><td>").append(name).append(form("<td>%,d", views.count()));
          out.append(form("<td>%.1f", h.getMean() / 1e6));
          for (int percentile : List.of(50, 95, 99)) {
            out.append(form("<td>%.1f", h.getValueAtPercentile(percentile) / 1e6));
          }
          out.append(form("<td>%.1f<td>%,d", h.getMaxValue() / 1e6, views.failures()));
          out.append(form("<td>%,.1f", views.octets() / n / 1e3));
          out.append(form("<td>%.1f<td>%.1f", views.requests() / n, views.notModified() / n));
          out.append(form("<td>%.1f</tr>", views.unasked() / n));
        });
    out.append("</table>");
  }

  private static void errors(Figures total, StringBuilder out) {
    if (total.errors().isEmpty()) {
      return;
    }
    out.append("<table><tr><th>errors<th>times</tr>");
    total
        .errors()
        .forEach((kind, n) -> {
          out.append("<tr><td>").append(escaped(kind)).append("<td>").append(form("%,d", n));
          out.append("</tr>");
        });
    out.append("</table>");
  }

  @SuppressWarnings("AnnotateFormatMethod")
  private static String form(String form, Object... values) {
    return String.format(Locale.ROOT, form, values);
  }

  static String escaped(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }
}
