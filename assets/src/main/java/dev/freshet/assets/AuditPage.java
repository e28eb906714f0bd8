package dev.freshet.assets;

import dev.freshet.assets.PageSight.Paint;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToLongFunction;

/// The page about an audit: what a visit costs and how much of that is spared, what to do, then
/// every page, the largest files and how pages look.
final class AuditPage {
  private static final int MAX_FILES = 40;

  private AuditPage() {}

  static String of(SiteAudit.Report report) {
    AuditSums sums = AuditSums.of(report);
    StringBuilder body = new StringBuilder();
    body.append("<p class=\"lead\">").append(Html.text(sums.sentence())).append("</p>\n");
    body.append(figures(sums));
    if (!report.hasBrowser()) {
      body.append(
          "<p>Seen without a browser: scripts did not run, and nothing is known of what is");
      body.append(" used, shown or painted.</p>\n");
    }
    body.append("<h2>What to do, largest gain first</h2>\n").append(advice(report.advice(), sums));
    body.append("<h2>Pages</h2>\n").append(pages(sums));
    body.append("<h2>Largest files</h2>\n").append(files(report, sums));
    if (!report.failures().isEmpty()) {
      body.append("<h2>What could not be seen</h2>\n<ul>\n");
      report
          .failures()
          .forEach(
              trouble -> body.append("<li>").append(Html.text(trouble.line())).append("</li>\n"));
      body.append("</ul>\n");
    }
    body.append(looks(sums));
    return Html.page("What " + report.site() + " ships", body.toString());
  }

  // ---- at a glance ----

  private static String figures(AuditSums sums) {
    StringBuilder out = new StringBuilder("<div class=\"cards\">\n");
    out.append(card("a page weighs", sums, PageSight::wire, Sizes::kilobytes));
    out.append(card("in requests", sums, page -> page.loaded().size(), Long::toString));
    out.append(card("first paint", sums, page -> page.paint().first(), AuditPage::millis));
    out.append(card("largest paint", sums, page -> page.paint().largest(), AuditPage::millis));
    return out.append("</div>\n").toString();
  }

  private interface Words {
    String of(long value);
  }

  /// The median over pages, without and with Freshet; nothing where it was not seen. Where pages
  /// were seen through Freshet it is of these on both sides.
  private static String card(
      String title, AuditSums sums, ToLongFunction<PageSight> value, Words words) {
    List<PageSight> compared = sums.compared();
    long before = AuditSums.median(compared.isEmpty() ? sums.before() : compared, value);
    long after = AuditSums.median(sums.after(), value);
    if (before == 0) {
      return "";
    }
    String shown = "<b>" + Html.text(words.of(before)) + "</b>";
    if (after > 0) {
      shown +=
          " → <b>"
              + Html.text(words.of(after))
              + "</b> "
              + "<span class=\"%s\">%s</span>"
                  .formatted(after <= before ? "good" : "bad", AuditSums.change(before, after));
    }
    return "<div class=\"card\"><span>" + title + "</span><br>" + shown + "</div>\n";
  }

  private static String millis(long millis) {
    return millis == 0 ? "" : millis + " ms";
  }

  // ---- what to do ----

  private static String advice(List<Advice> all, AuditSums sums) {
    if (all.isEmpty()) {
      return "<p>Nothing was found.</p>\n";
    }
    long most = all.stream().mapToLong(Advice::gain).max().orElse(0);
    StringBuilder out = new StringBuilder("<table>\n<tr><th class=\"n\">gain</th><th></th>");
    out.append("<th>what</th><th>who</th><th>where</th></tr>\n");
    for (Advice one : all) {
      String gain = one.gain() == 0 ? "" : Sizes.kilobytes(one.gain());
      out.append("<tr><td class=\"n\">").append(gain).append("</td><td class=\"gain\">");
      out.append(one.gain() == 0 ? "" : Html.bar("gain", one.gain(), most));
      out.append("</td><td><b>").append(Html.text(one.what())).append("</b><br>");
      out.append(Html.text(one.how())).append("</td><td class=\"who\">");
      out.append(one.by() == Advice.By.FRESHET ? "Freshet" : "the team");
      out.append("</td><td class=\"where\">");
      one.where().forEach(where -> out.append(Html.text(sums.within(where))).append("<br>"));
      out.append("</td></tr>\n");
    }
    return out.append("</table>\n").toString();
  }

  // ---- pages ----

  private static String pages(AuditSums sums) {
    long most =
        sums.pairs().stream()
            .mapToLong(pair -> Math.max(pair.before().wire(), pair.afterWire()))
            .max()
            .orElse(0);
    StringBuilder out = new StringBuilder(legend(sums));
    out.append("<table>\n<tr><th>page</th><th></th><th class=\"n\">travelled</th>");
    out.append("<th class=\"n\">requests</th><th class=\"n\">first paint</th>");
    out.append("<th class=\"n\">largest</th><th class=\"n\">loaded</th></tr>\n");
    for (AuditSums.Pair pair : sums.pairs()) {
      PageSight before = pair.before();
      String status = before.status() == 200 ? "" : " (" + before.status() + ")";
      out.append(row("<td>" + Html.text(AuditSums.place(before) + status) + "</td>", before, most));
      PageSight after = pair.after();
      if (after != null) {
        out.append(row("<td class=\"in\">through Freshet</td>", after, most));
      }
    }
    return out.append("</table>\n").toString();
  }

  private static String row(String name, PageSight page, long most) {
    Paint paint = page.paint();
    StringBuilder out = new StringBuilder("<tr>").append(name).append("<td class=\"bar\">");
    for (Map.Entry<String, Long> kind : page.wireByKind().entrySet()) {
      out.append(Html.bar(kind.getKey(), kind.getValue(), most));
    }
    out.append("</td>");
    for (String figure :
        List.of(
            Sizes.kilobytes(page.wire()),
            String.valueOf(page.loaded().size()),
            millis(paint.first()),
            millis(paint.largest()),
            millis(paint.loaded()))) {
      out.append("<td class=\"n\">").append(figure).append("</td>");
    }
    return out.append("</tr>\n").toString();
  }

  private static String legend(AuditSums sums) {
    StringBuilder out = new StringBuilder("<p>");
    for (String kind : sums.kinds()) {
      out.append("<span class=\"key k-").append(kind).append("\"></span>");
      out.append(Html.text(kind)).append(' ');
    }
    return out.append("</p>\n").toString();
  }

  // ---- files ----

  private static String files(SiteAudit.Report report, AuditSums sums) {
    List<List<String>> rows = new ArrayList<>();
    for (AuditSums.File file : AuditSums.files(report.pages(), MAX_FILES)) {
      rows.add(
          List.of(
              sums.within(file.answer().url()),
              file.answer().kind(),
              Sizes.kilobytes(file.answer().wire()),
              file.unused() < 0 ? "" : file.unused() + " %",
              String.valueOf(file.pages()),
              kept(file.answer().cacheSeconds())));
    }
    return Html.table(
        List.of("file", "kind", "#travelled", "#not used", "#on pages", "#kept by browsers"), rows);
  }

  private static String kept(long seconds) {
    return seconds == 0
        ? "no"
        : seconds < 3_600
            ? seconds + " s"
            : seconds < 172_800
                ? seconds / 3_600 + " h"
                : String.format(Locale.ROOT, "%,d days", seconds / 86_400);
  }

  // ---- how pages look ----

  private static String looks(AuditSums sums) {
    StringBuilder out = new StringBuilder();
    for (AuditSums.Pair pair : sums.pairs()) {
      out.append(look(pair.before(), pair.after() == null ? "" : "bare: "));
      PageSight after = pair.after();
      out.append(after == null ? "" : look(after, "through Freshet: "));
    }
    return out.isEmpty() ? "" : "<h2>How pages look</h2>\n" + out;
  }

  private static String look(PageSight page, String before) {
    return page.screenshot().isEmpty()
        ? ""
        : "<figure><img alt=\"\" src=\"data:image/jpeg;base64,"
            + page.screenshot()
            + "\"><figcaption>"
            + Html.text(before + AuditSums.place(page) + ", " + Sizes.kilobytes(page.wire()))
            + "</figcaption></figure>\n";
  }
}
