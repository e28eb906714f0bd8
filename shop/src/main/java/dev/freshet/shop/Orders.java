package dev.freshet.shop;

import dev.freshet.shop.Customers.Customer;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;

/// What was bought.
final class Orders {
  private static final String COLUMNS =
      "SELECT id, customer_id, status, total_cents, ship_to, placed_at FROM orders WHERE ";

  record Order(
      int id, int customerId, String status, int totalCents, String shipTo, Instant placedAt) {}

  record Item(int line, int quantity, int priceCents, Catalog.Product product) {}

  private final Link link;

  Orders(Link link) {
    this.link = link;
  }

  /// A customer's orders, newest first: reads every order there is.
  List<Order> of(Customer customer) {
    return link.list(
        Orders::order, COLUMNS + "customer_id = ? ORDER BY placed_at DESC, id DESC", customer.id());
  }

  Order order(int id) {
    return link.one(Orders::order, COLUMNS + "id = ?", id)
        .orElseThrow(() -> Refusal.missing("Order " + id));
  }

  /// An order's lines, each with one more query for its product.
  List<Item> items(Order order) {
    Catalog catalog = new Catalog(link);
    return link.list(
        row ->
            new Item(row.getInt(1), row.getInt(3), row.getInt(4), catalog.product(row.getInt(2))),
        "SELECT line, product_id, quantity, price_cents FROM order_items WHERE order_id = ?"
            + " ORDER BY line",
        order.id());
  }

  /// Buys what is in the cart: takes it off the stock, writes the order, empties the cart, all or
  /// nothing. Products are locked by ascending id, so two buyers can't wait for each other.
  Order place(Customer customer, Cart cart) {
    int id =
        link.together(() -> {
          List<Cart.Line> lines = cart.lines();
          if (lines.isEmpty()) {
            throw Refusal.of(409, "The cart is empty.");
          }
          long total = Cart.cents(lines);
          if (total > Integer.MAX_VALUE) {
            throw Refusal.of(409, "That is more than one order may hold.");
          }
          lines.stream()
              .sorted(Comparator.comparingInt(line -> line.product().id()))
              .forEach(this::takeOffStock);
          int order =
              (int)
                  link.number(
                      "INSERT INTO orders (customer_id, status, total_cents, ship_to)"
                          + " VALUES (?, 'paid', ?, ?) RETURNING id",
                      customer.id(),
                      (int) total,
                      customer.street() + ", " + customer.city());
          int number = 0;
          for (Cart.Line line : lines) {
            link.write(
                "INSERT INTO order_items (order_id, line, product_id, quantity, price_cents)"
                    + " VALUES (?, ?, ?, ?, ?)",
                order,
                ++number,
                line.product().id(),
                line.quantity(),
                line.product().priceCents());
          }
          cart.clear();
          return order;
        });
    return order(id);
  }

  private void takeOffStock(Cart.Line line) {
    int taken =
        link.write(
            "UPDATE products SET stock = stock - ? WHERE id = ? AND stock >= ?",
            line.quantity(),
            line.product().id(),
            line.quantity());
    if (taken == 0) {
      throw Refusal.of(
          409,
          "Not enough of " + line.product().name() + ": only " + line.product().stock() + " left.");
    }
  }

  private static Order order(ResultSet row) throws SQLException {
    return new Order(
        row.getInt(1),
        row.getInt(2),
        row.getString(3),
        row.getInt(4),
        row.getString(5),
        row.getTimestamp(6).toInstant());
  }
}
