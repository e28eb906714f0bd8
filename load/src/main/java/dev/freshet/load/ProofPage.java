package dev.freshet.load;

import dev.freshet.load.Proof.Reason;
import dev.freshet.load.Proof.Row;
import dev.freshet.load.Proof.Stack;
import dev.freshet.load.Proof.Table;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A [Proof] as one page of HTML that needs nothing else: pictures are drawn in it, nothing is
/// fetched, no script runs.
public final class ProofPage {
  private static final int BAR = 16;
  private static final int WIDTH = 760;

  /// Of an interval no more is drawn than so many times the mean: few rounds make it any length.
  private static final double WIDE = 2;

  private static final int LEFT = 190;
  private static final int ROOM = WIDTH - LEFT - 150;
  private static final List<String> COLOURS =
      List.of(
          "#8a817c", "#e9c46a", "#2a6f97", "#d1495b", "#e07a5f", "#9d8189", "#bc8034", "#52b788",
          "#577590");
  private static final String STYLE =
      """
      :root{color-scheme:light dark;--ink:#1d2b33;--soft:#5c6b73;--line:#d8dfe3;--paper:#fff;\
      --bare:#b4bfc5;--fast:#2a9d8f;--bad:#b3261e}
      @media (prefers-color-scheme:dark){:root{--ink:#e6edf0;--soft:#9fb0b8;--line:#34424a;\
      --paper:#141b1f;--bare:#5c6b73;--fast:#3fbfae;--bad:#ff8a80}}
      body{font:15px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--paper);\
      max-width:880px;margin:2.5rem auto;padding:0 1.2rem}
      h1{font-size:1.7rem;margin-bottom:.2rem}h2{font-size:1.15rem;margin-top:2.2rem}
      table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
      th{font-weight:500;color:var(--soft)}
      td,th{text-align:right;padding:.3rem .5rem;border-bottom:1px solid var(--line)}
      td{white-space:nowrap}td:first-child{white-space:normal;min-width:11rem}
      td:first-child,th:first-child,td:nth-last-child(-n+2),th:nth-last-child(-n+2){text-align:left}
      .met{color:var(--fast)}.short{color:var(--bad);font-weight:600}.soft{color:var(--soft)}
      svg{max-width:100%;height:auto;font:12px system-ui,sans-serif}svg text{fill:var(--ink)}
      pre{overflow-x:auto;background:color-mix(in srgb,var(--line) 40%,transparent);\
      padding:.5rem .7rem;border-radius:4px;white-space:pre-wrap}
      li{margin-bottom:1rem}.wide{overflow-x:auto}
      """;

  private ProofPage() {}

  /// The page.
  public static String html(Proof proof) {
    StringBuilder out = new StringBuilder(16_384);
    out.append("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n");
    out.append("<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n<title>");
    out.append(text(proof.title())).append("</title>\n<style>\n").append(STYLE);
    out.append(ProofTiles.STYLE);
    out.append("</style></head><body>\n<h1>").append(text(proof.title())).append("</h1>\n<p>");
    out.append(text(proof.work())).append("</p>\n<p><strong>");
    out.append(text(proof.summary())).append("</strong></p>\n").append(ProofTiles.html(proof));
    if (proof.hasDoubtful()) {
      out.append("<p class=\"soft\">").append(ProofText.DOUBTFUL).append("</p>\n");
    }
    for (Table table : proof.tables()) {
      table(out, table);
    }
    out.append("<h2>Where the time goes that is still spent</h2>\n");
    stacks(out, proof.stacks());
    reasons(out, proof.reasons());
    if (!proof.indexes().isEmpty()) {
      out.append("<h2>").append(ProofText.INDEXES).append("</h2>\n<pre>");
      out.append(text(String.join("\n", ProofText.script(proof.indexes())))).append("</pre>\n");
    }
    out.append("<h2>How it was measured</h2>\n<p>").append(text(proof.method())).append("</p>\n");
    if (!proof.notes().isEmpty()) {
      out.append("<ul>");
      proof.notes().forEach(note -> out.append("<li>").append(text(note)).append("</li>\n"));
      out.append("</ul>\n");
    }
    return out.append("</body></html>\n").toString();
  }

  private static void table(StringBuilder out, Table table) {
    out.append("<h2>").append(text(table.title())).append("</h2>\n");
    bars(out, table.rows().stream().filter(ProofPage::isDrawn).toList());
    out.append("<div class=\"wide\"><table><thead><tr><th><th>bare<th>through Freshet");
    out.append("<th>better by<th>target<th></thead><tbody>\n");
    for (Row row : table.rows()) {
      out.append("<tr><td>").append(text(row.name()));
      out.append("<td>").append(text(ProofText.bare(row)));
      out.append("<td>").append(text(ProofText.through(row)));
      out.append("<td>").append(text(ProofText.ratio(row.ratio())));
      out.append("<td>").append(text(ProofText.target(row)));
      out.append("<td>").append(ProofTiles.verdict(row)).append('\n');
    }
    out.append("</tbody></table></div>\n");
  }

  /// A time of the machine, which may be a hundred times the site's, would leave nothing of those.
  private static boolean isDrawn(Row row) {
    Proof.Believed believed = row.believed();
    return row.unit().equals(" ms") && believed.bare() && believed.through();
  }

  /// Two bars a row with their intervals, on one scale; a line at the target.
  private static void bars(StringBuilder out, List<Row> rows) {
    double most = 0;
    for (Row row : rows) {
      most = Math.max(most, Math.max(reach(row.bare()), reach(row.through())));
    }
    if (most <= 0) {
      return;
    }
    int height = rows.size() * (2 * BAR + 14) + 4;
    svg(out, height, "Means and intervals, bare in grey, through Freshet in green");
    int y = 2;
    for (Row row : rows) {
      label(out, LEFT - 8, y + BAR + 4, "end", row.name());
      bar(out, y, row.bare(), ProofText.bare(row), most, "var(--bare)");
      bar(out, y + BAR, row.through(), ProofText.through(row), most, "var(--fast)");
      Target target = row.target();
      if (target != null && target.limit() <= most) {
        double x = LEFT + ROOM * target.limit() / most;
        out.append(
            String.format(
                Locale.ROOT,
                "<line x1=\"%.1f\" x2=\"%.1f\" y1=\"%d\" y2=\"%d\" stroke=\"var(--bad)\""
                    + " stroke-dasharray=\"3 3\"/>",
                x,
                x,
                y - 2,
                y + 2 * BAR + 2));
      }
      y += 2 * BAR + 14;
    }
    out.append("</svg>\n");
  }

  private static double reach(@Nullable Interval figure) {
    if (figure == null) {
      return 0;
    }
    return Double.isInfinite(figure.high())
        ? figure.mean()
        : Math.max(figure.mean(), Math.min(figure.high(), WIDE * figure.mean()));
  }

  private static void bar(
      StringBuilder out,
      int y,
      @Nullable Interval figure,
      String said,
      double most,
      String colour) {
    if (figure == null) {
      label(out, LEFT + 4, y + BAR - 4, "start", "not measured");
      return;
    }
    double width = Math.max(1, ROOM * figure.mean() / most);
    rectangle(out, LEFT, y, width, colour, "");
    if (!Double.isInfinite(figure.high())) {
      double from = LEFT + ROOM * Math.max(0, figure.low()) / most;
      double to = LEFT + ROOM * reach(figure) / most;
      out.append(
          String.format(
              Locale.ROOT,
              "<line x1=\"%.1f\" x2=\"%.1f\" y1=\"%d\" y2=\"%d\" stroke=\"var(--ink)\"/>",
              from,
              to,
              y + BAR / 2 - 1,
              y + BAR / 2 - 1));
    }
    double end = LEFT + ROOM * Math.max(figure.mean(), reach(figure)) / most;
    label(out, end + 6, y + BAR - 4, "start", said);
  }

  private static void stacks(StringBuilder out, List<Stack> stacks) {
    if (stacks.isEmpty()) {
      return;
    }
    List<String> names = stacks.getFirst().shares().keySet().stream().toList();
    int height = stacks.size() * (BAR + 10) + 30;
    svg(out, height, "Shares of the time of requests that reach the app, by route");
    double x = LEFT;
    int y = 2;
    for (Stack stack : stacks) {
      label(out, LEFT - 8, y + BAR - 3, "end", clipped(stack.route()));
      x = LEFT;
      for (Map.Entry<String, Double> part : stack.shares().entrySet()) {
        double width = ROOM * Math.max(0, part.getValue());
        String said =
            String.format(Locale.ROOT, "%s %.0f %%", part.getKey(), 100 * part.getValue());
        rectangle(out, x, y, width, colour(names, part.getKey()), said);
        x += width;
      }
      label(out, x + 6, y + BAR - 3, "start", ProofText.shown(stack.meanMillis()) + " ms");
      y += BAR + 10;
    }
    x = 10;
    for (String name : names) {
      rectangle(out, x, y + 4, 10, colour(names, name), "");
      label(out, x + 14, y + BAR, "start", name);
      x += 24 + 6.4 * name.length();
    }
    out.append("</svg>\n");
  }

  private static String colour(List<String> names, String name) {
    return COLOURS.get(Math.max(0, names.indexOf(name)) % COLOURS.size());
  }

  private static String clipped(String route) {
    return route.length() <= 28 ? route : route.substring(0, 27) + "…";
  }

  private static void reasons(StringBuilder out, List<Reason> reasons) {
    if (reasons.isEmpty()) {
      out.append("<p class=\"short\">Not measured.</p>\n");
      return;
    }
    out.append("<ol>");
    for (Reason reason : reasons) {
      out.append("<li>").append(text(reason.says())).append("<br><span class=\"soft\">");
      out.append(text(ProofText.worth(reason))).append("</span><br><strong>");
      out.append(text(reason.remedy())).append("</strong>");
      if (reason.statement() != null) {
        out.append("<pre>").append(text(reason.statement())).append("</pre>");
      }
      reason.plan().forEach(each -> out.append("<br>PostgreSQL ").append(text(each)));
      out.append("</li>\n");
    }
    out.append("</ol>\n");
  }

  private static void svg(StringBuilder out, int height, String title) {
    out.append("<svg viewBox=\"0 0 ").append(WIDTH).append(' ').append(height);
    out.append("\" role=\"img\"><title>").append(text(title)).append("</title>\n");
  }

  private static void rectangle(
      StringBuilder out, double x, int y, double width, String colour, String title) {
    String inside = title.isEmpty() ? "" : "<title>" + text(title) + "</title>";
    out.append(
        String.format(
            Locale.ROOT,
            "<rect x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\" fill=\"%s\">%s</rect>\n",
            x,
            y,
            width,
            BAR - 3,
            colour,
            inside));
  }

  private static void label(StringBuilder out, double x, int y, String anchor, String label) {
    out.append(
            String.format(
                Locale.ROOT, "<text x=\"%.1f\" y=\"%d\" text-anchor=\"%s\">", x, y, anchor))
        .append(text(label));
    out.append("</text>\n");
  }

  /// Statements and routes come from outside.
  static String text(String raw) {
    return raw.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }
}
