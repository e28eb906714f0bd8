package dev.freshet.shop;

import com.fasterxml.jackson.databind.JsonNode;
import dev.freshet.shop.Catalog.Card;
import dev.freshet.shop.Catalog.Category;
import dev.freshet.shop.Catalog.Product;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The JSON API: whole lists without pages, and no HEAD anywhere.
final class Api {
  private Api() {}

  static List<Route> routes() {
    return List.of(
        Route.of("GET", "/openapi.json", Api::description),
        Route.of("GET", "/api/products", Api::products),
        Route.of("GET", "/api/products/{id}", Api::product),
        Route.of("PUT", "/api/products/{id}", Api::change),
        Route.of("GET", "/api/products/{id}/reviews", Api::reviews),
        Route.of("GET", "/api/categories", Api::categories),
        Route.of("GET", "/api/search", Api::search),
        Route.of("GET", "/api/me/cart", Api::cart),
        Route.of("GET", "/api/me/orders", Api::orders),
        Route.of("POST", "/api/cart", Api::put),
        Route.of("DELETE", "/api/cart/{id}", Api::remove),
        Route.of("POST", "/api/orders", Api::order));
  }

  private static Answer description(Request request) {
    return Answer.of(
        "application/json",
        Words.resource("openapi.json").getBytes(java.nio.charset.StandardCharsets.UTF_8));
  }

  /// Every product there is, asked for category by category.
  private static Answer products(Request request) {
    Catalog catalog = new Catalog(request.link());
    Map<Integer, Catalog.Brand> brands = new LinkedHashMap<>();
    catalog.brands().forEach(brand -> brands.put(brand.id(), brand));
    List<Map<String, Object>> all = new ArrayList<>();
    for (Category category : catalog.categories()) {
      for (Product product : catalog.inCategory(category.id())) {
        Catalog.Brand brand = brands.get(product.brandId());
        if (brand != null) {
          all.add(brief(new Card(product, brand, category)));
        }
      }
    }
    return Answer.json(all);
  }

  private static Answer product(Request request) {
    return Answer.json(whole(new Catalog(request.link()).card(request.id())));
  }

  private static Answer change(Request request) {
    request.admin();
    JsonNode json = request.json();
    Catalog catalog = new Catalog(request.link());
    Product product = catalog.product(request.id());
    String name = text(json, "name", product.name());
    String description = text(json, "description", product.description());
    int price =
        json.has("priceCents")
            ? Request.integer(json, "priceCents", 1, Catalog.CENTS_MAX)
            : product.priceCents();
    int stock =
        json.has("stock") ? Request.integer(json, "stock", 0, Catalog.STOCK_MAX) : product.stock();
    catalog.change(product.id(), name, description, price, stock);
    return Answer.json(whole(catalog.card(product.id())));
  }

  private static Answer reviews(Request request) {
    Catalog catalog = new Catalog(request.link());
    Product product = catalog.product(request.id());
    List<Map<String, Object>> all = new ArrayList<>();
    for (Catalog.Review review : catalog.reviews(product.id())) {
      Map<String, Object> one = new LinkedHashMap<>();
      one.put("id", review.id());
      one.put("stars", review.stars());
      one.put("title", review.title());
      one.put("body", review.body());
      one.put("author", catalog.author(review));
      one.put("helpful", review.helpful());
      one.put("writtenAt", review.writtenAt().toString());
      all.add(one);
    }
    return Answer.json(all);
  }

  private static Answer categories(Request request) {
    Link link = request.link();
    List<Map<String, Object>> all = new ArrayList<>();
    for (Category category : new Catalog(link).categories()) {
      Map<String, Object> one = new LinkedHashMap<>();
      one.put("id", category.id());
      one.put("slug", category.slug());
      one.put("name", category.name());
      one.put("department", category.department());
      one.put(
          "products",
          link.number("SELECT count(*) FROM products WHERE category_id = ?", category.id()));
      all.add(one);
    }
    return Answer.json(all);
  }

  private static Answer search(Request request) {
    String words = request.query("q");
    if (words.isEmpty()) {
      throw Refusal.bad("q must say what to search for.");
    }
    Catalog catalog = new Catalog(request.link());
    return Answer.json(catalog.cards(catalog.search(words)).stream().map(Api::brief).toList());
  }

  private static Answer cart(Request request) {
    return Answer.json(cart(request.cart()));
  }

  private static Answer orders(Request request) {
    Orders orders = new Orders(request.link());
    return Answer.json(
        orders.of(request.customer()).stream().map(order -> whole(order, orders)).toList());
  }

  private static Answer put(Request request) {
    JsonNode json = request.json();
    int product = Request.integer(json, "productId", 0, Integer.MAX_VALUE);
    int quantity =
        json.has("quantity") ? Request.integer(json, "quantity", 1, Cart.QUANTITY_MAX) : 1;
    request.cart().put(product, quantity);
    return Answer.json(201, cart(request.cart()));
  }

  private static Answer remove(Request request) {
    request.cart().remove(request.id());
    return Answer.nothing();
  }

  private static Answer order(Request request) {
    Orders orders = new Orders(request.link());
    return Answer.json(201, whole(orders.place(request.customer(), request.cart()), orders));
  }

  private static String text(JsonNode json, String name, String fallback) {
    JsonNode value = json.path(name);
    if (value.isMissingNode()) {
      return fallback;
    }
    if (!value.isTextual() || value.asText().isBlank()) {
      throw Refusal.bad(name + " must be a text that is not empty.");
    }
    return value.asText();
  }

  private static Map<String, Object> brief(Card card) {
    Product product = card.product();
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("id", product.id());
    json.put("name", product.name());
    json.put("brand", card.brand().name());
    json.put("category", card.category().slug());
    json.put("priceCents", product.priceCents());
    json.put("listPriceCents", product.listPriceCents());
    json.put("stock", product.stock());
    json.put("rating", product.rating());
    json.put("reviewCount", product.ratingCount());
    json.put("photo", product.photoUrl());
    json.put("url", "/product/" + product.id());
    return json;
  }

  private static Map<String, Object> whole(Card card) {
    Map<String, Object> json = brief(card);
    json.put("description", card.product().description());
    json.put("brandCountry", card.brand().country());
    json.put("addedAt", card.product().addedAt().toString());
    return json;
  }

  private static Map<String, Object> cart(Cart cart) {
    List<Cart.Line> lines = cart.lines();
    List<Map<String, Object>> items = new ArrayList<>();
    for (Cart.Line line : lines) {
      Map<String, Object> one = new LinkedHashMap<>();
      one.put("id", line.id());
      one.put("productId", line.product().id());
      one.put("name", line.product().name());
      one.put("quantity", line.quantity());
      one.put("priceCents", line.product().priceCents());
      items.add(one);
    }
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("items", items);
    json.put("totalCents", Cart.cents(lines));
    return json;
  }

  private static Map<String, Object> whole(Orders.Order order, Orders orders) {
    List<Map<String, Object>> items = new ArrayList<>();
    for (Orders.Item item : orders.items(order)) {
      Map<String, Object> one = new LinkedHashMap<>();
      one.put("productId", item.product().id());
      one.put("name", item.product().name());
      one.put("quantity", item.quantity());
      one.put("priceCents", item.priceCents());
      items.add(one);
    }
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("id", order.id());
    json.put("status", order.status());
    json.put("totalCents", order.totalCents());
    json.put("shipTo", order.shipTo());
    json.put("placedAt", order.placedAt().toString());
    json.put("items", items);
    return json;
  }
}
