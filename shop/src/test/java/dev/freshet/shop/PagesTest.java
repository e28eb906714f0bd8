package dev.freshet.shop;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(Town.class)
class PagesTest {
  private static final Set<String> VOID = Set.of("meta", "link", "img", "input", "br", "!DOCTYPE");
  private static final Pattern TAG = Pattern.compile("<(/?)([!a-zA-Z0-9]+)([^>]*)>");
  private static final Pattern FIELD = Pattern.compile("([a-z-]+)=\"[^\"<>]*\"|([a-z]+)(?=\\s|$)");
  private final Town.Open town;

  PagesTest(Town.Open town) {
    this.town = town;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/",
        "/category/tents",
        "/category/tents?brand=3&min=10&max=900&stock=1&sort=price&page=2",
        "/product/7",
        "/search",
        "/search?q=%22%3Cscript%3E",
        "/cart",
        "/login?next=%2F%22x",
        "/account",
        "/orders/1",
        "/admin",
        "/admin?q=lamp",
        "/admin/products/7",
        "/admin/products/new",
        "/product/999999",
        "/nothing"
      })
  void a_page_is_well_formed(String path) throws IOException, InterruptedException {
    HttpResponse<String> response = town.get(path, "Authorization", Town.ADMIN);
    String page = response.body();

    assertThat(response.headers().firstValue("Content-Type")).contains("text/html; charset=utf-8");
    assertThat(page).startsWith("<!DOCTYPE html>").doesNotContain("<script>", "null");
    Deque<String> open = new ArrayDeque<>();
    for (MatchResult tag : (Iterable<MatchResult>) TAG.matcher(page).results()::iterator) {
      if (tag.group(1).isEmpty()) {
        String rest = FIELD.matcher(tag.group(3)).replaceAll("").strip();
        assertThat(rest).as(tag.group()).isEqualTo(tag.group(2).equals("!DOCTYPE") ? rest : "");
        if (!VOID.contains(tag.group(2))) {
          open.push(tag.group(2));
        }
      } else {
        assertThat(open.pop()).as(tag.group()).isEqualTo(tag.group(2));
      }
    }
    assertThat(open).isEmpty();
  }

  @Test
  void filters_and_pages_narrow_a_category() throws IOException, InterruptedException {
    String all = town.get("/category/tents?sort=price").body();
    assertThat(all).contains("class=\"card\"").doesNotContain("<p>0 products");
    assertThat(all.split("class=\"price\"", -1)).hasSizeGreaterThan(5);
    assertThat(town.get("/category/tents?max=1").body()).contains("<p>0 products");
    assertThat(town.get("/category/tents?page=2").body()).doesNotContain("class=\"card\"");
    assertThat(town.get("/category/nowhere").statusCode()).isEqualTo(404);
    assertThat(town.get("/category/tents?sort=colour").statusCode()).isEqualTo(400);
    assertThat(town.get("/category/tents?page=0").statusCode()).isEqualTo(400);
  }

  @Test
  void a_visitor_logs_in_buys_sees_his_order_and_leaves() throws IOException, InterruptedException {
    String guest = Town.Open.cookie(town.get("/"));
    post("/cart", "product=7&quantity=2", guest);
    HttpResponse<String> wrong = post("/login", "email=customer3@mail.example&password=no", guest);
    assertThat(wrong.statusCode()).isEqualTo(401);

    HttpResponse<String> entered =
        post("/login", "email=customer3%40mail.example&password=letmein&next=%2Fcart", guest);
    String cookie = Town.Open.cookie(entered);
    assertThat(entered.headers().firstValue("Location")).contains("/cart");
    assertThat(cookie).as("a new session after login").isNotEqualTo(guest);
    assertThat(town.get("/cart", "Cookie", cookie).body()).contains("Hello, ", "Cart <b>2</b>");

    String order =
        post("/cart/checkout", "", cookie).headers().firstValue("Location").orElseThrow();
    assertThat(order).startsWith("/orders/");
    assertThat(town.get(order, "Cookie", cookie).body()).contains("/product/7", "paid");
    assertThat(town.get("/account", "Cookie", cookie).body()).contains(order);
    assertThat(town.get(order, "Authorization", Town.BUYER).statusCode())
        .as("another customer's order")
        .isEqualTo(404);

    String left = Town.Open.cookie(post("/logout", "", cookie));
    assertThat(town.get("/account", "Cookie", left).headers().firstValue("Location"))
        .contains("/login?next=%2Faccount");
    assertThat(town.get("/", "Cookie", cookie).body()).contains("Welcome, guest");
  }

  @Test
  void a_login_leads_nowhere_outside() throws IOException, InterruptedException {
    for (String next : new String[] {"https://evil.example", "//evil.example", "/\\evil.example"}) {
      HttpResponse<String> entered =
          post(
              "/login",
              "email=customer3%40mail.example&password=letmein&next=" + Request.encode(next),
              Town.Open.cookie(town.get("/cart")));
      assertThat(entered.headers().firstValue("Location")).as(next).contains("/account");
    }
  }

  @Test
  void a_cart_line_is_changed_and_taken_out() throws IOException, InterruptedException {
    String cookie = Town.Open.cookie(town.get("/cart"));
    post("/cart", "product=8&quantity=2", cookie);
    String page = town.get("/cart", "Cookie", cookie).body();
    String line = page.replaceAll("(?s).*action=\"(/cart/[0-9]+)\".*", "$1");

    post(line, "quantity=5", cookie);
    assertThat(town.get("/cart", "Cookie", cookie).body()).contains("Cart <b>5</b>");
    post(line, "quantity=0", cookie);
    assertThat(town.get("/cart", "Cookie", cookie).body()).contains("It is empty.");
    assertThat(post(line, "quantity=many", cookie).statusCode()).isEqualTo(400);
  }

  @Test
  void an_administrator_changes_and_adds_products() throws IOException, InterruptedException {
    String[] admin = {"Authorization", Town.ADMIN};
    town.ask("POST", "/admin/products/60", "price=12.50&stock=3", admin);
    assertThat(town.get("/product/60").body()).contains("$12.50", "3 in stock");

    String place =
        town.ask(
                "POST",
                "/admin/products",
                "name=Tin+Whistle&category=41&brand=2&description=Loud&price=9.95&stock=4&photo=1",
                admin)
            .headers()
            .firstValue("Location")
            .orElseThrow();
    assertThat(town.get(place).body()).contains("Tin Whistle", "$9.95");

    assertThat(town.get("/admin", "Authorization", Town.BUYER).statusCode()).isEqualTo(403);
    assertThat(town.get("/admin").headers().firstValue("Location"))
        .contains("/login?next=%2Fadmin");
    assertThat(town.ask("POST", "/admin/products/60", "price=free", admin).statusCode())
        .isEqualTo(400);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/static/", "/static/css/", "/static/../pom.xml", "/static/css/none.css"})
  void static_files_stay_in_their_folder(String path) throws IOException, InterruptedException {
    assertThat(town.get(path).statusCode()).isEqualTo(404);
  }

  private HttpResponse<String> post(String path, String form, String cookie)
      throws IOException, InterruptedException {
    return town.ask(
        "POST", path, form, "Cookie", cookie, "Content-Type", "application/x-www-form-urlencoded");
  }
}
