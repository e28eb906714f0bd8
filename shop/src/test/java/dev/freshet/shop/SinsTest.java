package dev.freshet.shop;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The sins of `shop/README.md`, each shown to be there.
@ExtendWith(Town.class)
class SinsTest {
  private final Town.Open town;

  SinsTest(Town.Open town) {
    this.town = town;
  }

  @Test
  void no_table_has_an_index_beyond_its_primary_key() {
    try (Link link = town.link()) {
      assertThat(
              link.list(
                  row -> row.getString(1),
                  "SELECT c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid"
                      + " WHERE NOT i.indisprimary"
                      + " AND c.relnamespace = 'public'::regnamespace"))
          .isEmpty();
    }
  }

  @Test
  void page_views_has_no_primary_key_and_is_written_now_and_then()
      throws IOException, InterruptedException {
    try (Link link = town.link()) {
      assertThat(
              link.number("SELECT count(*) FROM pg_index WHERE indrelid = 'page_views'::regclass"))
          .isZero();
      long before = link.number("SELECT count(*) FROM page_views");
      String cookie = Town.Open.cookie(town.get("/cart"));
      for (int id = 1; id <= 16; id++) {
        town.get("/product/" + id, "Cookie", cookie);
      }
      assertThat(link.number("SELECT count(*) FROM page_views")).isEqualTo(before + 1);
    }
  }

  @Test
  void a_list_of_products_costs_two_more_queries_a_product()
      throws IOException, InterruptedException {
    int tents = tents();
    List<String> told = town.told(() -> town.get("/category/tents"));

    assertThat(told.stream().filter(line -> line.contains("FROM brands WHERE id"))).hasSize(tents);
    assertThat(told.stream().filter(line -> line.contains("FROM categories WHERE id")))
        .hasSize(tents);
  }

  @Test
  void each_request_opens_a_connection_of_its_own() throws IOException, InterruptedException {
    String cookie = Town.Open.cookie(town.get("/"));

    assertThat(
            town.connections(() -> {
              town.get("/cart", "Cookie", cookie);
              town.get("/api/categories", "Cookie", cookie);
              town.get("/product/5", "Cookie", cookie);
            }))
        .isEqualTo(3);
  }

  @Test
  void the_api_gives_whole_lists() throws IOException, InterruptedException {
    ObjectMapper json = new ObjectMapper();
    String products = town.get("/api/products").body();

    assertThat(json.readTree(products)).hasSizeBetween(200, 210);
    assertThat(products.length() / 200 * 20_000).as("at scale 1").isGreaterThan(4_000_000);
    int popular = new Crowd(200, 20, 0.9).at(0);
    assertThat(json.readTree(town.get("/api/products/" + popular + "/reviews").body()))
        .hasSizeGreaterThan(20);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/",
        "/category/tents",
        "/product/7",
        "/search?q=wool",
        "/cart",
        "/login",
        "/openapi.json",
        "/api/products",
        "/api/products/7",
        "/static/css/shop.css",
        "/static/js/harbour.js",
        "/static/photos/3.jpg",
        "/static/fonts/figtree-400.woff",
        "/nothing",
        "/api/nothing"
      })
  void nothing_may_be_cached_validated_or_compressed_and_all_sets_the_cookie(String path)
      throws IOException, InterruptedException {
    String cookie = Town.Open.cookie(town.get("/cart"));
    HttpResponse<String> response =
        town.get(path, "Cookie", cookie, "Accept-Encoding", "gzip, br, zstd");

    assertThat(response.headers().map())
        .doesNotContainKeys(
            "cache-control", "expires", "etag", "last-modified", "vary", "content-encoding");
    assertThat(Town.Open.cookie(response)).isEqualTo(cookie);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/", "/api/products/7", "/static/css/shop.css", "/nothing"})
  void the_first_anonymous_request_writes_a_session_row(String path)
      throws IOException, InterruptedException {
    try (Link link = town.link()) {
      String session = Town.Open.cookie(town.get(path)).substring(Visitor.COOKIE.length() + 1);

      assertThat(link.number("SELECT count(*) FROM sessions WHERE id = ?", session)).isOne();
    }
  }

  @Test
  void public_pages_greet_the_visitor_and_count_his_cart()
      throws IOException, InterruptedException {
    String cookie = Town.Open.cookie(town.get("/"));
    town.ask(
        "POST",
        "/api/cart",
        "{\"productId\": 9, \"quantity\": 3}",
        "Cookie",
        cookie,
        "Content-Type",
        "application/json");

    assertThat(town.get("/product/7", "Cookie", cookie).body())
        .contains("Welcome, guest", "Cart <b>3</b>");
    assertThat(town.get("/product/7", "Authorization", Town.BUYER).body())
        .contains("Hello, ", "Cart <b>0</b>");
  }

  @Test
  void head_is_known_on_some_routes_only() throws IOException, InterruptedException {
    assertThat(town.ask("HEAD", "/product/7", "").statusCode()).isEqualTo(200);
    HttpResponse<String> style = town.ask("HEAD", "/static/css/shop.css", "");
    assertThat(style.statusCode()).isEqualTo(200);
    assertThat(style.headers().firstValueAsLong("Content-Length").orElse(0)).isGreaterThan(1000);
    for (String path : List.of("/search?q=wool", "/cart", "/api/products", "/openapi.json")) {
      HttpResponse<String> response = town.ask("HEAD", path, "");
      assertThat(response.statusCode()).as(path).isEqualTo(405);
      assertThat(response.headers().firstValue("Allow")).as(path).get().asString().contains("GET");
    }
  }

  @Test
  void styles_scripts_and_fonts_block_rendering_and_images_have_no_size()
      throws IOException, InterruptedException {
    String page = town.get("/").body();
    String head = page.substring(0, page.indexOf("</head>"));
    long bytes = 0;
    for (String path : all(head, "(?:src|href)=\"(/static/(?:css|js)/[^\"]+)\"")) {
      HttpResponse<String> file = town.get(path);
      assertThat(file.statusCode()).as(path).isEqualTo(200);
      bytes += file.body().length();
    }

    assertThat(bytes).isGreaterThan(1_500_000);
    assertThat(head).doesNotContain("defer", "async", "media=", "preload");
    assertThat(all(town.get("/static/css/shop.css").body(), "url\\(\"([^\"]+)\"\\)"))
        .hasSize(3)
        .allSatisfy(font -> assertThat(town.get(font).statusCode()).isEqualTo(200));
    assertThat(all(page, "(<img [^>]*>)"))
        .hasSizeGreaterThan(20)
        .noneMatch(image -> image.contains("width") || image.contains("height"));
  }

  @Test
  void statements_carry_the_trace_of_their_request() throws IOException, InterruptedException {
    String trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    List<String> told = town.told(() -> town.get("/product/7", "traceparent", trace));

    assertThat(told)
        .hasSizeGreaterThan(5)
        .allSatisfy(line -> assertThat(line).contains("/*traceparent='" + trace + "'*/"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "*/ DROP TABLE orders; --", "00-XYZ-00f067aa0ba902b7-01"})
  void a_malformed_trace_reaches_no_statement(String trace)
      throws IOException, InterruptedException {
    assertThat(town.told(() -> town.get("/cart", "traceparent", trace)))
        .isNotEmpty()
        .noneMatch(line -> line.contains("/*"));
  }

  private int tents() {
    try (Link link = town.link()) {
      return (int) link.number("SELECT least(24, count(*)) FROM products WHERE category_id = 1");
    }
  }

  private static List<String> all(String text, String regex) {
    return Pattern.compile(regex).matcher(text).results().map(SinsTest::first).toList();
  }

  private static String first(MatchResult match) {
    return match.group(1);
  }
}
