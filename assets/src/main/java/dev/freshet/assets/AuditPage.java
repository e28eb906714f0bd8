package dev.freshet.assets;

import dev.freshet.assets.PageSight.Paint;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/// The page about an audit.
final class AuditPage {
  private AuditPage() {}

  static String of(SiteAudit.Report report) {
    StringBuilder body = new StringBuilder();
    body.append("<h2>What to do, largest gain first</h2>\n");
    body.append(
        report.advice().isEmpty()
            ? "<p>Nothing was found.</p>\n"
            : Html.table(
                List.of("#gain", "what", "who", "how", "where"),
                report.advice().stream()
                    .map(a ->
                        List.of(
                            a.gain() == 0 ? "" : Sizes.kilobytes(a.gain()),
                            a.what(),
                            a.by() == Advice.By.FRESHET ? "Freshet" : "the team",
                            a.how(),
                            String.join("; ", a.where())))
                    .toList()));
    body.append("<h2>Pages</h2>\n").append(pages(report.pages()));
    if (!report.through().isEmpty()) {
      body.append("<h2>The same pages through Freshet</h2>\n").append(pages(report.through()));
    }
    body.append(pictures(report));
    return Html.page("What " + report.site() + " ships", body.toString());
  }

  private static String pages(List<PageSight> pages) {
    List<List<String>> rows = new ArrayList<>();
    for (PageSight page : pages) {
      Paint paint = page.paint();
      rows.add(
          List.of(
              page.url(),
              String.valueOf(page.status()),
              String.valueOf(page.loaded().size()),
              Sizes.kilobytes(page.wire()),
              page.wireByKind().entrySet().stream()
                  .map(one -> one.getKey() + " " + Sizes.kilobytes(one.getValue()))
                  .collect(Collectors.joining(", ")),
              millis(paint.first()),
              millis(paint.largest()),
              millis(paint.loaded())));
    }
    return Html.table(
        List.of(
            "page",
            "#status",
            "#requests",
            "#octets",
            "of them",
            "#first paint",
            "#largest paint",
            "#loaded"),
        rows);
  }

  private static String millis(long millis) {
    return millis == 0 ? "" : millis + " ms";
  }

  private static String pictures(SiteAudit.Report report) {
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < report.pages().size(); i++) {
      PageSight page = report.pages().get(i);
      out.append(picture(page));
      if (report.through().size() == report.pages().size()) {
        out.append(picture(report.through().get(i)));
      }
    }
    return out.isEmpty() ? "" : "<h2>Pictures</h2>\n" + out;
  }

  private static String picture(PageSight page) {
    return page.screenshot().isEmpty()
        ? ""
        : "<figure><img alt=\"\" src=\"data:image/jpeg;base64,"
            + page.screenshot()
            + "\"><figcaption>"
            + Html.text(page.url() + ", " + Sizes.kilobytes(page.wire()))
            + "</figcaption></figure>\n";
  }
}
