package dev.freshet.shop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// What the shop does when its database is not as it should be.
@ExtendWith(Town.class)
class OutageTest {
  private static final double TINY = 0.005;
  private final Town.Open town;

  OutageTest(Town.Open town) {
    this.town = town;
  }

  @Test
  void a_lost_database_is_a_503_without_a_stack_trace()
      throws IOException, InterruptedException, SQLException {
    try (Shop shop = open(town.newDatabase("shop_lost"))) {
      assertThat(get(shop, "/product/7").statusCode()).isEqualTo(200);
      try (Link link = town.link()) {
        link.write("DROP DATABASE shop_lost WITH (FORCE)");
      }

      HttpResponse<String> page = get(shop, "/product/7");
      assertThat(page.statusCode()).isEqualTo(503);
      assertThat(page.body()).startsWith("<!DOCTYPE html>").doesNotContain("Exception", "at dev");
      HttpResponse<String> api = get(shop, "/api/products/7");
      assertThat(api.statusCode()).isEqualTo(503);
      assertThat(api.body()).startsWith("{").contains("\"status\":503");
    }
  }

  @Test
  void a_publication_refuses_the_sweep_of_page_views_and_the_shop_opens_all_the_same()
      throws IOException, InterruptedException, SQLException {
    String url = town.newDatabase("shop_published");
    open(url).close();
    try (Link link = new Link(Database.parse(url), "")) {
      link.write("CREATE PUBLICATION everything FOR ALL TABLES");
      assertThatThrownBy(() -> link.write("DELETE FROM page_views"))
          .hasMessageContaining("replica identity");
    }

    try (Shop shop = open(url)) {
      assertThat(get(shop, "/product/7").statusCode()).isEqualTo(200);
    }
  }

  private static Shop open(String url) throws IOException, InterruptedException, SQLException {
    return Shop.open(
        url,
        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
        Path.of("target", "shop-data"),
        TINY,
        Town.silent());
  }

  private HttpResponse<String> get(Shop shop, String path)
      throws IOException, InterruptedException {
    URI uri = URI.create("http://127.0.0.1:" + shop.port() + path);
    return town.client()
        .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
  }
}
