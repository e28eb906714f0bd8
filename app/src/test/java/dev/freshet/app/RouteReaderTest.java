package dev.freshet.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.base.ByteSize;
import dev.freshet.edge.Pagination;
import dev.freshet.edge.RouteRule;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What each key of `routes` says to the program.
class RouteReaderTest {
  private static final Pagination PAGES =
      new Pagination(
          38,
          39,
          new ByteSize(40 << 10),
          new ByteSize(41 << 20),
          "/data/items",
          "/sku",
          new Pagination.Names("per_page", "after", "only"));

  @Test
  void understandsEveryKeyAboutRoutes() {
    assertThat(Reading.read(SettingsReaderTest.EVERYTHING).edge().routes())
        .containsExactly(
            new RouteRule(
                "/api/**",
                false,
                Duration.ofSeconds(35),
                Duration.ofSeconds(36),
                Duration.ofSeconds(37),
                null,
                RouteRule.Share.BY_USER,
                List.of("sid", "uid"),
                false,
                null,
                null),
            RouteRule.plain("/static/*")
                .withShare(RouteRule.Share.PUBLIC)
                .withBrowserTtl(Duration.ofMinutes(36)),
            RouteRule.plain("/parts/*")
                .withShare(RouteRule.Share.BY_USER)
                .withRows(
                    new RouteRule.Rows(List.of(), List.of("parts.cost"), List.of("parts.stock"))),
            RouteRule.plain("/shop/*")
                .withShare(RouteRule.Share.BY_USER)
                .withRows(new RouteRule.Rows(List.of("products", "app.brands")))
                .withPages(PAGES));
  }

  @Test
  void columnsThatAreNotShownAreNamedWithTheirTables() {
    String yaml =
        """
        database: postgresql://app:secret@127.0.0.1:5432/shop
        routes:
          - {match: /, cache: rows, share: public, unshown: [products.stock]}
          - {match: "/p/*", cache: rows, share: public, unshown-beside: [app.products.stock]}
        """;
    assertThat(Reading.read(Reading.ORIGIN + yaml).edge().routes())
        .extracting(RouteRule::rows)
        .containsExactly(
            new RouteRule.Rows(List.of(), List.of("products.stock"), List.of()),
            new RouteRule.Rows(List.of(), List.of(), List.of("app.products.stock")));
    assertThat(Reading.troublesOf("routes: [{match: /a, cache: rows, unshown: [stock]}]"))
        .anyMatch(line -> line.contains("names columns with their tables"));
    assertThat(Reading.troublesOf("routes: [{match: /a, unshown: [a.b]}]"))
        .anyMatch(line -> line.contains("counts only with cache: rows"));
    assertThat(Reading.troublesOf("routes: [{match: /a, depends: [a], unshown-beside: [a.b]}]"))
        .anyMatch(line -> line.contains("not beside depends"));
    for (String match : List.of("/a", "/a/**", "/a*", "/*/b/*")) {
      assertThat(
              Reading.troublesOf(
                  "routes: [{match: \"" + match + "\", cache: rows, unshown-beside: [a.b]}]"))
          .as(match)
          .anyMatch(line -> line.contains("with one `*`, a whole segment"));
    }
  }

  @Test
  void browsersKeepNothingWithoutAQuestionThatRowsKeepOrThatIsOneUsers() {
    String rest = "routes: [{match: /a, browser-ttl: 1m, share: by-user}]";
    assertThat(Reading.troublesOf(rest))
        .singleElement()
        .asString()
        .contains("browser-ttl", "does not go with share: by-user", "leave it out");
    assertThat(Reading.troublesOf("routes: [{match: /a, browser-ttl: 1m, cache: rows}]"))
        .anyMatch(line -> line.contains("does not go with cache: rows"));
  }
}
