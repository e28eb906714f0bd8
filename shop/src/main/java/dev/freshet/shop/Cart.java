package dev.freshet.shop;

import java.util.List;

/// What a session is about to buy.
final class Cart {
  static final int QUANTITY_MAX = 99;

  record Line(int id, int quantity, Catalog.Product product) {

    long cents() {
      return (long) quantity * product.priceCents();
    }
  }

  private record Item(int id, int product, int quantity) {}

  private final Link link;
  private final String session;

  Cart(Link link, String session) {
    this.link = link;
    this.session = session;
  }

  /// How many pieces; asked on every page for the number beside the cart.
  int count() {
    return (int)
        link.number(
            "SELECT coalesce(sum(quantity), 0) FROM cart_items WHERE session_id = ?", session);
  }

  /// Each line with its product, one query each.
  List<Line> lines() {
    Catalog catalog = new Catalog(link);
    return link
        .list(
            row -> new Item(row.getInt(1), row.getInt(2), row.getInt(3)),
            "SELECT id, product_id, quantity FROM cart_items WHERE session_id = ? ORDER BY id",
            session)
        .stream()
        .map(item -> new Line(item.id(), item.quantity(), catalog.product(item.product())))
        .toList();
  }

  static long cents(List<Line> lines) {
    return lines.stream().mapToLong(Line::cents).sum();
  }

  /// Puts pieces in, onto the line that already has the product.
  ///
  /// @return the line's id
  int put(int product, int quantity) {
    new Catalog(link).product(product);
    if (quantity < 1 || quantity > QUANTITY_MAX) {
      throw Refusal.bad("quantity must be 1 to " + QUANTITY_MAX + ", not " + quantity + ".");
    }
    int id =
        (int)
            link.number(
                "UPDATE cart_items SET quantity = least(quantity + ?, ?)"
                    + " WHERE session_id = ? AND product_id = ? RETURNING id",
                quantity,
                QUANTITY_MAX,
                session,
                product);
    return id > 0
        ? id
        : (int)
            link.number(
                "INSERT INTO cart_items (session_id, product_id, quantity) VALUES (?, ?, ?)"
                    + " RETURNING id",
                session,
                product,
                quantity);
  }

  /// Sets a line's quantity; 0 takes it out.
  void set(int id, int quantity) {
    if (quantity < 0 || quantity > QUANTITY_MAX) {
      throw Refusal.bad("quantity must be 0 to " + QUANTITY_MAX + ", not " + quantity + ".");
    }
    if (quantity == 0) {
      remove(id);
    } else if (link.write(
            "UPDATE cart_items SET quantity = ? WHERE id = ? AND session_id = ?",
            quantity,
            id,
            session)
        == 0) {
      throw Refusal.missing("Cart line " + id);
    }
  }

  void remove(int id) {
    if (link.write("DELETE FROM cart_items WHERE id = ? AND session_id = ?", id, session) == 0) {
      throw Refusal.missing("Cart line " + id);
    }
  }

  void clear() {
    link.write("DELETE FROM cart_items WHERE session_id = ?", session);
  }
}
