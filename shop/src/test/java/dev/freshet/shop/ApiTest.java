package dev.freshet.shop;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@ExtendWith(Town.class)
class ApiTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private final Town.Open town;

  ApiTest(Town.Open town) {
    this.town = town;
  }

  @Test
  void openapi_names_exactly_the_routes_there_are() throws IOException, InterruptedException {
    List<String> described = new ArrayList<>();
    JSON.readTree(town.get("/openapi.json").body())
        .path("paths")
        .properties()
        .forEach(path ->
            path.getValue()
                .fieldNames()
                .forEachRemaining(method ->
                    described.add(method.toUpperCase(Locale.ROOT) + " " + path.getKey())));

    assertThat(described)
        .containsExactlyInAnyOrderElementsOf(
            Api.routes().stream().map(route -> route.method() + " " + route.template()).toList());
  }

  @Test
  void a_product_has_the_same_numbers_in_list_detail_and_search()
      throws IOException, InterruptedException {
    JsonNode product = JSON.readTree(town.get("/api/products/7").body());
    assertThat(product.path("id").asInt()).isEqualTo(7);
    assertThat(product.path("description").asText()).isNotBlank();

    for (JsonNode one : JSON.readTree(town.get("/api/products").body())) {
      if (one.path("id").asInt() == 7) {
        assertThat(one.path("priceCents")).isEqualTo(product.path("priceCents"));
        assertThat(one.path("name")).isEqualTo(product.path("name"));
      }
    }
    String word = product.path("brand").asText();
    assertThat(town.get("/api/search?q=" + Request.encode(word)).body()).contains("\"id\":7,");
  }

  @Test
  void ratings_are_the_sum_of_the_reviews() throws IOException, InterruptedException {
    int popular = new Crowd(200, 20, 0.9).at(0);
    JsonNode reviews = JSON.readTree(town.get("/api/products/" + popular + "/reviews").body());
    JsonNode product = JSON.readTree(town.get("/api/products/" + popular).body());
    double sum = 0;
    for (JsonNode review : reviews) {
      sum += review.path("stars").asInt();
    }

    assertThat(product.path("reviewCount").asInt()).isEqualTo(reviews.size());
    assertThat(product.path("rating").asDouble())
        .isEqualTo(Math.round(sum * 10 / reviews.size()) / 10.0);
  }

  @Test
  void categories_count_their_products() throws IOException, InterruptedException {
    int products = 0;
    JsonNode categories = JSON.readTree(town.get("/api/categories").body());
    for (JsonNode category : categories) {
      products += category.path("products").asInt();
    }

    assertThat(categories).hasSize(60);
    assertThat(products).isGreaterThanOrEqualTo(200);
  }

  @Test
  void a_cart_becomes_an_order_and_the_stock_shrinks() throws IOException, InterruptedException {
    String[] who = {"Cookie", Town.Open.cookie(town.get("/cart")), "Authorization", Town.BUYER};
    town.ask("PUT", "/api/products/21", "{\"stock\": 10}", "Authorization", Town.ADMIN);
    town.ask("POST", "/api/cart", "{\"productId\": 21, \"quantity\": 4}", who);
    HttpResponse<String> other = town.ask("POST", "/api/cart", "{\"productId\": 22}", who);
    assertThat(other.statusCode()).isEqualTo(201);
    JsonNode lines = JSON.readTree(town.get("/api/me/cart", who).body()).path("items");
    assertThat(lines).hasSize(2);
    int second = lines.path(1).path("id").asInt();
    assertThat(town.ask("DELETE", "/api/cart/" + second, "", who).statusCode()).isEqualTo(204);
    assertThat(town.ask("DELETE", "/api/cart/" + second, "", who).statusCode()).isEqualTo(404);

    JsonNode order = JSON.readTree(town.ask("POST", "/api/orders", "", who).body());

    assertThat(order.path("items").path(0).path("quantity").asInt()).isEqualTo(4);
    assertThat(JSON.readTree(town.get("/api/products/21").body()).path("stock").asInt())
        .isEqualTo(6);
    assertThat(JSON.readTree(town.get("/api/me/orders", who).body()).path(0)).isEqualTo(order);
    assertThat(JSON.readTree(town.get("/api/me/cart", who).body()).path("items")).isEmpty();
    assertThat(town.ask("POST", "/api/orders", "", who).statusCode()).isEqualTo(409);
  }

  @Test
  void an_order_beyond_the_stock_changes_nothing() throws IOException, InterruptedException {
    String[] who = {"Cookie", Town.Open.cookie(town.get("/cart")), "Authorization", Town.BUYER};
    town.ask("PUT", "/api/products/31", "{\"stock\": 5}", "Authorization", Town.ADMIN);
    town.ask("PUT", "/api/products/32", "{\"stock\": 1}", "Authorization", Town.ADMIN);
    town.ask("POST", "/api/cart", "{\"productId\": 31, \"quantity\": 2}", who);
    town.ask("POST", "/api/cart", "{\"productId\": 32, \"quantity\": 2}", who);

    assertThat(town.ask("POST", "/api/orders", "", who).statusCode()).isEqualTo(409);
    assertThat(JSON.readTree(town.get("/api/products/31").body()).path("stock").asInt())
        .isEqualTo(5);
    assertThat(JSON.readTree(town.get("/api/me/cart", who).body()).path("items")).hasSize(2);
  }

  @Test
  void nobody_takes_lines_out_of_anothers_cart() throws IOException, InterruptedException {
    String mine = Town.Open.cookie(town.get("/cart"));
    town.ask("POST", "/api/cart", "{\"productId\": 40}", "Cookie", mine);
    int line =
        JSON.readTree(town.get("/api/me/cart", "Cookie", mine).body())
            .path("items")
            .path(0)
            .path("id")
            .asInt();

    assertThat(town.ask("DELETE", "/api/cart/" + line, "").statusCode()).isEqualTo(404);
    assertThat(town.get("/api/me/cart", "Cookie", mine).body()).contains("\"productId\":40");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "GET    | /api/products/999999         |                  | 404",
        "GET    | /api/products/seven          |                  | 400",
        "GET    | /api/products/999999/reviews |                  | 404",
        "GET    | /api/search                  |                  | 400",
        "GET    | /api/search?q=%00            |                  | 400",
        "GET    | /api/me/orders               |                  | 401",
        "POST   | /api/orders                  |                  | 401",
        "POST   | /api/cart                    | nonsense         | 400",
        "POST   | /api/cart                    | []               | 400",
        "POST   | /api/cart                    | {}               | 400",
        "POST   | /api/cart                    | {\"productId\": 999999} | 404",
        "POST   | /api/cart                    | {\"productId\": 1, \"quantity\": 0} | 400",
        "POST   | /api/cart                    | {\"productId\": 1.5} | 400",
        "PUT    | /api/products/1              | {\"stock\": 1}   | 401",
        "DELETE | /api/products/1              |                  | 405",
        "PATCH  | /api/categories              |                  | 405",
        "GET    | /api/nothing                 |                  | 404",
      })
  void what_will_not_do_is_said_in_json(String method, String path, String body, int status)
      throws IOException, InterruptedException {
    HttpResponse<String> response = town.ask(method, path, body == null ? "" : body);

    assertThat(response.statusCode()).isEqualTo(status);
    assertThat(response.headers().firstValue("Content-Type")).contains("application/json");
    JsonNode error = JSON.readTree(response.body());
    assertThat(error.path("status").asInt()).isEqualTo(status);
    assertThat(error.path("error").asText()).isNotBlank();
  }

  @Test
  void only_an_administrator_changes_products_and_only_to_what_makes_sense()
      throws IOException, InterruptedException {
    String[] admin = {"Authorization", Town.ADMIN};
    assertThat(
            town.ask("PUT", "/api/products/50", "{\"stock\": 7}", "Authorization", Town.BUYER)
                .statusCode())
        .isEqualTo(403);
    for (String body :
        List.of(
            "{\"stock\": -1}",
            "{\"priceCents\": 0}",
            "{\"name\": \"\"}",
            "{\"name\": \"\\u0000\"}")) {
      assertThat(town.ask("PUT", "/api/products/50", body, admin).statusCode())
          .as(body)
          .isEqualTo(400);
    }
    HttpResponse<String> changed =
        town.ask(
            "PUT", "/api/products/50", "{\"priceCents\": 4321, \"name\": \"Lamp <b>\"}", admin);

    assertThat(JSON.readTree(changed.body()).path("priceCents").asInt()).isEqualTo(4321);
    assertThat(town.get("/product/50").body()).contains("$43.21", "Lamp &lt;b&gt;");
    assertThat(town.get("/api/me/orders", "Authorization", "Basic " + "bm86Ym9keQ==").statusCode())
        .isEqualTo(401);
  }

  @Test
  void a_body_beyond_64_kb_is_refused() throws IOException, InterruptedException {
    assertThat(town.ask("POST", "/api/cart", " ".repeat(70_000)).statusCode()).isEqualTo(413);
  }
}
