package dev.freshet.shop;

import static dev.freshet.shop.Layout.esc;
import static dev.freshet.shop.Layout.money;

import dev.freshet.shop.Customers.Customer;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;

/// The pages that belong to one visitor: cart, login, account, one order.
final class AccountPages {
  private AccountPages() {}

  static List<Route> routes() {
    return List.of(
        Route.of("GET", "/cart", AccountPages::cart),
        Route.of("POST", "/cart", AccountPages::put),
        Route.of("POST", "/cart/checkout", AccountPages::checkout),
        Route.of("POST", "/cart/{id}", AccountPages::change),
        Route.of("GET", "/login", request -> login(request, "")),
        Route.of("POST", "/login", AccountPages::enter),
        Route.of("POST", "/logout", AccountPages::leave),
        Route.of("GET", "/account", AccountPages::account),
        Route.of("GET", "/orders/{id}", AccountPages::order));
  }

  private static Answer cart(Request request) {
    List<Cart.Line> lines = request.cart().lines();
    StringBuilder rows = new StringBuilder();
    for (Cart.Line line : lines) {
      rows.append(
          """
          <tr><td><img src="%s" alt=""></td><td><a href="/product/%d">%s</a></td><td>%s</td>
          <td><form method="post" action="/cart/%d"><input type="number" name="quantity"
           aria-label="Quantity" value="%d" min="0" max="99"> <button>Change</button></form></td>
          <td>%s</td></tr>
          """
              .formatted(
                  line.product().photoUrl(),
                  line.product().id(),
                  esc(line.product().name()),
                  money(line.product().priceCents()),
                  line.id(),
                  line.quantity(),
                  money(line.cents())));
    }
    String table =
        """
        <table><thead>
        <tr><th></th><th>Product</th><th>Price</th><th>Quantity</th><th>Sum</th></tr></thead>
        <tbody>
        %s</tbody></table>
        <p class="total">Total <b>%s</b></p>
        <form method="post" action="/cart/checkout"><button>Order now</button></form>
        """
            .formatted(rows, money(Cart.cents(lines)));
    String body = "<h1>Your cart</h1>\n" + (lines.isEmpty() ? "<p>It is empty.</p>\n" : table);
    return Answer.html(Layout.of(request).page("Your cart", body));
  }

  private static Answer put(Request request) {
    Request.Form form = request.form();
    int product = form.number("product", 0, Integer.MAX_VALUE);
    request.cart().put(product, form.number("quantity", 1, Cart.QUANTITY_MAX));
    return Answer.see("/cart");
  }

  private static Answer change(Request request) {
    request.cart().set(request.id(), request.form().number("quantity", 0, Cart.QUANTITY_MAX));
    return Answer.see("/cart");
  }

  private static Answer checkout(Request request) {
    Customer customer = request.visitor().customer();
    if (customer == null) {
      return Answer.see("/login?next=%2Fcart");
    }
    return Answer.see("/orders/" + new Orders(request.link()).place(customer, request.cart()).id());
  }

  private static Answer login(Request request, String problem) {
    String next = problem.isEmpty() ? request.query("next") : request.form().textOr("next", "");
    String body =
        """
        <section class="narrow"><h1>Log in</h1>
        %s<form method="post" action="/login">
        <input type="hidden" name="next" value="%s">
        <label>E-mail <input type="email" name="email" required autocomplete="username"></label>
        <label>Password <input type="password" name="password" required
         autocomplete="current-password"></label>
        <button>Log in</button></form>
        <p class="by">This is a demonstration: customer2@mail.example to customer9@mail.example and
        admin@shop.example all have the password <code>%s</code>.</p></section>
        """
            .formatted(problem, esc(next), Customers.DEMO_PASSWORD);
    return Answer.html(problem.isEmpty() ? 200 : 401, Layout.of(request).page("Log in", body));
  }

  private static Answer enter(Request request) {
    Request.Form form = request.form();
    Customer customer =
        new Customers(request.link()).enter(form.text("email"), form.text("password")).orElse(null);
    if (customer == null) {
      return login(request, "<p class=\"problem\">Wrong e-mail address or password.</p>\n");
    }
    String next = form.textOr("next", "");
    boolean own = next.startsWith("/") && !next.startsWith("//") && !next.contains("\\");
    return Answer.see(own && next.chars().noneMatch(Character::isISOControl) ? next : "/account")
        .withSession(Visitor.enter(request.visitor(), customer, request.link()));
  }

  private static Answer leave(Request request) {
    return Answer.see("/").withSession(request.visitor().leave(request.link()));
  }

  private static Answer account(Request request) {
    Customer customer = request.customer();
    Orders orders = new Orders(request.link());
    StringBuilder rows = new StringBuilder();
    for (Orders.Order order : orders.of(customer)) {
      StringBuilder names = new StringBuilder();
      for (Orders.Item item : orders.items(order)) {
        names.append(names.isEmpty() ? "" : "<br>");
        names.append(item.quantity()).append(" × ").append(esc(item.product().name()));
      }
      rows.append(
          """
          <tr><td><a href="/orders/%d">%d</a></td><td>%s</td><td>%s</td><td>%s</td><td>%s</td></tr>
          """
              .formatted(
                  order.id(),
                  order.id(),
                  Pages.DAY.format(LocalDate.ofInstant(order.placedAt(), ZoneOffset.UTC)),
                  names,
                  esc(order.status()),
                  money(order.totalCents())));
    }
    String body =
        """
        <h1>%s</h1>
        <p>%s<br>%s, %s</p>
        <form method="post" action="/logout"><button>Log out</button></form>
        <h2>Your orders</h2>
        <table><thead>
        <tr><th>Order</th><th>Date</th><th>Products</th><th>Status</th><th>Total</th></tr></thead>
        <tbody>
        %s</tbody></table>
        """
            .formatted(
                esc(customer.name()),
                esc(customer.email()),
                esc(customer.street()),
                esc(customer.city()),
                rows);
    return Answer.html(Layout.of(request).page("Your account", body));
  }

  private static Answer order(Request request) {
    Customer customer = request.customer();
    Orders orders = new Orders(request.link());
    Orders.Order order = orders.order(request.id());
    if (order.customerId() != customer.id()) {
      throw Refusal.missing("Order " + order.id());
    }
    StringBuilder rows = new StringBuilder();
    for (Orders.Item item : orders.items(order)) {
      rows.append(
          "<tr><td>%d ×</td><td><a href=\"/product/%d\">%s</a></td><td>%s</td></tr>%n"
              .formatted(
                  item.quantity(),
                  item.product().id(),
                  esc(item.product().name()),
                  money((long) item.quantity() * item.priceCents())));
    }
    String body =
        """
        <h1>Order %d</h1>
        <p>%s, to %s: <b>%s</b></p>
        <table><tbody>
        %s</tbody></table>
        <p class="total">Total <b>%s</b></p>
        """
            .formatted(
                order.id(),
                Pages.DAY.format(LocalDate.ofInstant(order.placedAt(), ZoneOffset.UTC)),
                esc(order.shipTo()),
                esc(order.status()),
                rows,
                money(order.totalCents()));
    return Answer.html(Layout.of(request).page("Order " + order.id(), body));
  }
}
