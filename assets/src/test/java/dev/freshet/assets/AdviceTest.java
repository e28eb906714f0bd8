package dev.freshet.assets;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.assets.PageSight.Loaded;
import dev.freshet.assets.PageSight.Paint;
import dev.freshet.assets.PageSight.Unused;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What an audit says of what it saw, and how.
class AdviceTest {
  private static final String SITE = "http://shop.test/";

  private static Loaded loaded(String url, String kind, long wire) {
    return new Loaded(url, kind, 200, wire, wire, 0, 1_000_000);
  }

  private static PageSight page(String url, List<Loaded> loaded, List<Unused> unused) {
    return new PageSight(
        url, 200, loaded, unused, List.of(), List.of(), List.of(), new Paint(100, 300, 400), "");
  }

  /// A browser tells of a script within a page under the page's own address.
  @Test
  void aScriptWithinAPageDoesNotMakeThePageUnused() {
    PageSight page =
        page(
            SITE,
            List.of(loaded(SITE, "document", 90_000), loaded(SITE + "a.js", "script", 50_000)),
            List.of(new Unused(SITE, 1_500, 2_000), new Unused(SITE + "a.js", 40_000, 100_000)));

    assertThat(Advice.of(List.of(page), List.of()))
        .singleElement()
        .satisfies(advice -> assertThat(advice.gain()).isEqualTo(20_000));
    assertThat(Advice.unused(List.of(page))).containsOnlyKeys(SITE + "a.js");
  }

  @Test
  void pagesStandBesideThemselvesThroughFreshetAlsoWhenOneIsMissingThere() {
    List<PageSight> bare =
        List.of(
            page(SITE, List.of(loaded(SITE, "document", 100_000)), List.of()),
            page(SITE + "gone", List.of(loaded(SITE + "gone", "document", 1_000)), List.of()),
            page(SITE + "a?b", List.of(loaded(SITE + "a?b", "document", 300_000)), List.of()));
    String other = "http://127.0.0.1:8080/";
    List<PageSight> through =
        List.of(
            page(other, List.of(loaded(other, "document", 20_000)), List.of()),
            page(other + "a?b", List.of(loaded(other + "a?b", "document", 60_000)), List.of()));
    SiteAudit.Report report = new SiteAudit.Report(SITE, true, bare, through, List.of(), List.of());

    AuditSums sums = AuditSums.of(report);
    assertThat(sums.pairs())
        .extracting(AuditSums.Pair::afterWire)
        .containsExactly(20_000L, 0L, 60_000L);
    assertThat(sums.sentence())
        .isEqualTo(
            "3 pages, each as a first visitor sees it: 401 kB in 3 requests. Through Freshet 2 of"
                + " them: 80 kB (-80 %) in 2 requests.");
    assertThat(report.text())
        .contains("page   /a?b\n", "through Freshet 60 kB in 1 request", "(-80 %)");
    assertThat(report.html())
        .as("medians are of the same pages")
        .contains("<b>200 kB</b> → <b>40 kB</b> <span class=\"good\">-80 %</span>")
        .contains("401 kB in 3 requests", "/a?b", "class=\"k-document\" style=\"width:33.33%\"")
        .doesNotContain("<script");
  }

  @Test
  void errorsDoNotMakePagesLight() {
    PageSight page = page(SITE, List.of(loaded(SITE, "document", 100_000)), List.of());
    PageSight error =
        new PageSight(
            SITE + "gone",
            404,
            List.of(loaded(SITE + "gone", "document", 900)),
            List.of(),
            List.of(),
            List.of(),
            List.of(),
            new Paint(9, 9, 9),
            "");
    assertThat(AuditSums.median(List.of(error, page, error), PageSight::wire)).isEqualTo(100_000);
    assertThat(AuditSums.median(List.of(error), PageSight::wire)).isEqualTo(900);
  }

  /// The site's pages may have other addresses there: then nothing is compared.
  @Test
  void pagesThatAreNoneOfTheSitesAreComparedWithNone() {
    String other = "http://127.0.0.1:8080/moved";
    SiteAudit.Report report =
        new SiteAudit.Report(
            SITE,
            true,
            List.of(page(SITE, List.of(loaded(SITE, "document", 100_000)), List.of())),
            List.of(page(other, List.of(loaded(other, "document", 20_000)), List.of())),
            List.of(),
            List.of());
    assertThat(AuditSums.of(report).sentence())
        .isEqualTo("One page, each as a first visitor sees it: 100 kB in 1 request.");
  }
}
