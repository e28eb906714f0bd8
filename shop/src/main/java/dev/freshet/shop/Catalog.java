package dev.freshet.shop;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Categories, brands, products and reviews, read the way an object mapper with lazy loading reads
/// them: one query for the list, then one for each thing that a row points to.
final class Catalog {
  static final int PAGE = 24;
  static final int CENTS_MAX = 10_000_000;
  static final int STOCK_MAX = 1_000_000;
  private static final String COLUMNS =
      "id, category_id, brand_id, name, description, price_cents, list_price_cents, stock, photo,"
          + " rating_sum, rating_count, added_at";

  record Category(int id, String department, String slug, String name) {}

  record Brand(int id, String name, String country) {}

  record Product(
      int id,
      int categoryId,
      int brandId,
      String name,
      String description,
      int priceCents,
      int listPriceCents,
      int stock,
      int photo,
      int ratingSum,
      int ratingCount,
      Instant addedAt) {

    /// 0 without a review.
    double rating() {
      return ratingCount == 0 ? 0 : Math.round(ratingSum * 10.0 / ratingCount) / 10.0;
    }

    String photoUrl() {
      return "/static/photos/" + photo + ".jpg";
    }
  }

  /// A product with what its row points to.
  record Card(Product product, Brand brand, Category category) {}

  record Review(
      int id,
      int productId,
      int customerId,
      int stars,
      String title,
      String body,
      int helpful,
      Instant writtenAt) {}

  /// A brand or another label with how many products of a category have it.
  record Facet(int id, String name, int products) {}

  /// What a visitor narrows a category to; 0 means any. Prices in cents.
  record Filter(int brand, int min, int max, boolean inStock, String sort, int page) {

    private String order() {
      return switch (sort) {
        case "price" -> "price_cents, id";
        case "price-desc" -> "price_cents DESC, id";
        case "rating" -> "rating_sum::float8 / greatest(rating_count, 1) DESC, id";
        case "new" -> "added_at DESC, id";
        default -> "rating_count DESC, id";
      };
    }
  }

  private final Link link;

  Catalog(Link link) {
    this.link = link;
  }

  List<Category> categories() {
    return link.list(
        Catalog::category, "SELECT id, department, slug, name FROM categories ORDER BY id");
  }

  Category category(String slug) {
    return link.one(
            Catalog::category,
            "SELECT id, department, slug, name FROM categories WHERE slug = ?",
            slug)
        .orElseThrow(() -> Refusal.missing("The category " + slug));
  }

  Category category(int id) {
    return link.one(
            Catalog::category, "SELECT id, department, slug, name FROM categories WHERE id = ?", id)
        .orElseThrow(() -> Refusal.missing("Category " + id));
  }

  List<Brand> brands() {
    return link.list(Catalog::brand, "SELECT id, name, country FROM brands ORDER BY name");
  }

  Brand brand(int id) {
    return link.one(Catalog::brand, "SELECT id, name, country FROM brands WHERE id = ?", id)
        .orElseThrow(() -> Refusal.missing("Brand " + id));
  }

  Optional<Product> find(int id) {
    return link.one(Catalog::product, "SELECT " + COLUMNS + " FROM products WHERE id = ?", id);
  }

  Product product(int id) {
    return find(id).orElseThrow(() -> Refusal.missing("Product " + id));
  }

  Card card(int id) {
    return card(product(id));
  }

  /// Two more queries for each product: the N+1 of every list in this shop.
  Card card(Product product) {
    return new Card(product, brand(product.brandId()), category(product.categoryId()));
  }

  List<Card> cards(List<Product> products) {
    return products.stream().map(this::card).toList();
  }

  List<Product> inCategory(int category) {
    return link.list(
        Catalog::product,
        "SELECT " + COLUMNS + " FROM products WHERE category_id = ? ORDER BY id",
        category);
  }

  List<Product> narrowed(int category, Filter filter) {
    List<Object> values = new ArrayList<>();
    String where = where(category, filter, values);
    values.add(PAGE);
    values.add((filter.page() - 1) * PAGE);
    return link.list(
        Catalog::product,
        "SELECT "
            + COLUMNS
            + " FROM products"
            + where
            + " ORDER BY "
            + filter.order()
            + " LIMIT ? OFFSET ?",
        values.toArray());
  }

  int narrowedCount(int category, Filter filter) {
    List<Object> values = new ArrayList<>();
    String where = where(category, filter, values);
    return (int) link.number("SELECT count(*) FROM products" + where, values.toArray());
  }

  private static String where(int category, Filter filter, List<Object> values) {
    StringBuilder where = new StringBuilder(" WHERE category_id = ?");
    values.add(category);
    if (filter.brand() > 0) {
      where.append(" AND brand_id = ?");
      values.add(filter.brand());
    }
    if (filter.min() > 0) {
      where.append(" AND price_cents >= ?");
      values.add(filter.min());
    }
    if (filter.max() > 0) {
      where.append(" AND price_cents <= ?");
      values.add(filter.max());
    }
    return where.append(filter.inStock() ? " AND stock > 0" : "").toString();
  }

  List<Facet> brandFacets(int category) {
    return link.list(
        row -> new Facet(row.getInt(1), row.getString(2), row.getInt(3)),
        "SELECT b.id, b.name, count(*) FROM products p JOIN brands b ON b.id = p.brand_id"
            + " WHERE p.category_id = ? GROUP BY b.id, b.name ORDER BY count(*) DESC, b.name"
            + " LIMIT 12",
        category);
  }

  /// Substring search over names and descriptions, without an index to help it.
  List<Product> search(String words) {
    String pattern =
        "%" + words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%";
    return link.list(
        Catalog::product,
        "SELECT "
            + COLUMNS
            + " FROM products WHERE name ILIKE ? OR description ILIKE ?"
            + " ORDER BY (name ILIKE ?) DESC, rating_count DESC, id",
        pattern,
        pattern,
        pattern);
  }

  /// Most sold of the last orders, from the raw order lines each time.
  List<Product> bestSellers(int howMany) {
    return link
        .list(
            row -> row.getInt(1),
            "SELECT product_id FROM order_items"
                + " WHERE order_id > (SELECT max(id) - 100000 FROM orders)"
                + " GROUP BY product_id ORDER BY sum(quantity) DESC, product_id LIMIT ?",
            howMany)
        .stream()
        .map(this::product)
        .toList();
  }

  List<Product> newest(int howMany) {
    return link.list(
        Catalog::product,
        "SELECT " + COLUMNS + " FROM products ORDER BY added_at DESC, id LIMIT ?",
        howMany);
  }

  List<Product> onSale(int howMany) {
    return link.list(
        Catalog::product,
        "SELECT "
            + COLUMNS
            + " FROM products WHERE stock > 0"
            + " ORDER BY 1 - price_cents::float8 / list_price_cents DESC, id LIMIT ?",
        howMany);
  }

  /// What those who ordered this also ordered: reads every order line there is.
  List<Product> alsoBought(int product, int howMany) {
    return link
        .list(
            row -> row.getInt(1),
            "SELECT other.product_id FROM order_items this"
                + " JOIN order_items other ON other.order_id = this.order_id"
                + " WHERE this.product_id = ? AND other.product_id <> this.product_id"
                + " GROUP BY other.product_id ORDER BY count(*) DESC, other.product_id LIMIT ?",
            product,
            howMany)
        .stream()
        .map(this::product)
        .toList();
  }

  /// Every review of a product, newest first: reads every review there is.
  List<Review> reviews(int product) {
    return link.list(
        row ->
            new Review(
                row.getInt(1),
                row.getInt(2),
                row.getInt(3),
                row.getInt(4),
                row.getString(5),
                row.getString(6),
                row.getInt(7),
                row.getTimestamp(8).toInstant()),
        "SELECT id, product_id, customer_id, stars, title, body, helpful, written_at"
            + " FROM reviews WHERE product_id = ? ORDER BY written_at DESC, id",
        product);
  }

  /// Who wrote a review, one query each.
  String author(Review review) {
    return link.one(
            row -> row.getString(1), "SELECT name FROM customers WHERE id = ?", review.customerId())
        .orElse("A customer");
  }

  /// Remembers now and then that somebody looked: one view in sixteen, by its session.
  void viewed(int product, String session) {
    if ((product + session.hashCode()) % 16 == 0) {
      link.write("INSERT INTO page_views (product_id, session_id) VALUES (?, ?)", product, session);
    }
  }

  int add(Product draft) {
    return (int)
        link.number(
            "INSERT INTO products (category_id, brand_id, name, description, price_cents,"
                + " list_price_cents, stock, photo) VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
            draft.categoryId(),
            draft.brandId(),
            draft.name(),
            draft.description(),
            draft.priceCents(),
            draft.listPriceCents(),
            draft.stock(),
            draft.photo());
  }

  void change(int id, String name, String description, int priceCents, int stock) {
    link.write(
        "UPDATE products SET name = ?, description = ?, price_cents = ?,"
            + " list_price_cents = greatest(list_price_cents, ?), stock = ? WHERE id = ?",
        name,
        description,
        priceCents,
        priceCents,
        stock,
        id);
  }

  private static Category category(ResultSet row) throws SQLException {
    return new Category(row.getInt(1), row.getString(2), row.getString(3), row.getString(4));
  }

  private static Brand brand(ResultSet row) throws SQLException {
    return new Brand(row.getInt(1), row.getString(2), row.getString(3));
  }

  private static Product product(ResultSet row) throws SQLException {
    return new Product(
        row.getInt(1),
        row.getInt(2),
        row.getInt(3),
        row.getString(4),
        row.getString(5),
        row.getInt(6),
        row.getInt(7),
        row.getInt(8),
        row.getInt(9),
        row.getInt(10),
        row.getInt(11),
        row.getTimestamp(12).toInstant());
  }
}
