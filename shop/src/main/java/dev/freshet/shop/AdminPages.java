package dev.freshet.shop;

import static dev.freshet.shop.Layout.esc;
import static dev.freshet.shop.Layout.money;

import dev.freshet.shop.Catalog.Product;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;

/// The pages for whoever runs the shop: what sells, change a product, add one.
final class AdminPages {
  private static final int SHOWN = 40;

  private AdminPages() {}

  static List<Route> routes() {
    return List.of(
        Route.of("GET", "/admin", AdminPages::overview),
        Route.of("GET", "/admin/products/new", AdminPages::blank),
        Route.of("POST", "/admin/products", AdminPages::add),
        Route.of("GET", "/admin/products/{id}", AdminPages::edit),
        Route.of("POST", "/admin/products/{id}", AdminPages::change));
  }

  private static Answer overview(Request request) {
    request.admin();
    Link link = request.link();
    Catalog catalog = new Catalog(link);
    String words = request.query("q");
    List<Product> found = words.isEmpty() ? catalog.newest(SHOWN) : catalog.search(words);
    StringBuilder rows = new StringBuilder();
    for (Product product : found.subList(0, Math.min(SHOWN, found.size()))) {
      rows.append(
          """
          <tr><td>%d</td><td><a href="/admin/products/%d">%s</a></td><td>%s</td><td>%d</td></tr>
          """
              .formatted(
                  product.id(),
                  product.id(),
                  esc(product.name()),
                  money(product.priceCents()),
                  product.stock()));
    }
    String body =
        """
        <h1>Administration</h1>
        <ul class="figures"><li><b>%,d</b> products</li><li><b>%,d</b> sold out</li>
        <li><b>%,d</b> orders</li><li><b>%s</b> taken</li><li><b>%,d</b> sessions</li></ul>
        <form class="filters" action="/admin">
        <label>Find products <input name="q" value="%s"></label>
        <button>Find</button> <a class="button" href="/admin/products/new">Add a product</a></form>
        <table><thead><tr><th>Id</th><th>Product</th><th>Price</th><th>Stock</th></tr></thead>
        <tbody>
        %s</tbody></table>
        """
            .formatted(
                link.number("SELECT count(*) FROM products"),
                link.number("SELECT count(*) FROM products WHERE stock = 0"),
                link.number("SELECT count(*) FROM orders"),
                money(
                    link.number("SELECT sum(total_cents) FROM orders WHERE status <> 'returned'")),
                link.number("SELECT count(*) FROM sessions"),
                esc(words),
                rows);
    return Answer.html(Layout.of(request).page("Administration", body));
  }

  private static Answer edit(Request request) {
    request.admin();
    Product product = new Catalog(request.link()).product(request.id());
    String body =
        """
        <section class="narrow"><h1>Product %d</h1>
        <form method="post" action="/admin/products/%d">
        <label>Name <input name="name" value="%s" required></label>
        <label>Description <textarea name="description" rows="5">%s</textarea></label>
        <label>Price $ <input name="price" value="%s" required></label>
        <label>Stock <input type="number" name="stock" min="0" value="%d" required></label>
        <button>Save</button></form>
        <p><a href="/product/%d">See it in the shop</a></p></section>
        """
            .formatted(
                product.id(),
                product.id(),
                esc(product.name()),
                esc(product.description()),
                amount(product.priceCents()),
                product.stock(),
                product.id());
    return Answer.html(Layout.of(request).page("Product " + product.id(), body));
  }

  private static Answer change(Request request) {
    request.admin();
    Catalog catalog = new Catalog(request.link());
    Product product = catalog.product(request.id());
    Request.Form form = request.form();
    catalog.change(
        product.id(),
        form.textOr("name", product.name()),
        form.textOr("description", product.description()),
        form.fields().containsKey("price") ? form.cents("price") : product.priceCents(),
        form.fields().containsKey("stock")
            ? form.number("stock", 0, Catalog.STOCK_MAX)
            : product.stock());
    return Answer.see("/product/" + product.id());
  }

  private static Answer blank(Request request) {
    request.admin();
    Catalog catalog = new Catalog(request.link());
    StringBuilder categories = new StringBuilder();
    catalog
        .categories()
        .forEach(one ->
            categories.append(
                "<option value=\"%d\">%s</option>".formatted(one.id(), esc(one.name()))));
    StringBuilder brands = new StringBuilder();
    catalog
        .brands()
        .forEach(one ->
            brands.append("<option value=\"%d\">%s</option>".formatted(one.id(), esc(one.name()))));
    String body =
        """
        <section class="narrow"><h1>Add a product</h1>
        <form method="post" action="/admin/products">
        <label>Name <input name="name" required></label>
        <label>Category <select name="category">%s</select></label>
        <label>Brand <select name="brand">%s</select></label>
        <label>Description <textarea name="description" rows="5" required></textarea></label>
        <label>Price $ <input name="price" required></label>
        <label>Stock <input type="number" name="stock" min="0" value="10" required></label>
        <label>Photo (1 to %d) <input type="number" name="photo" min="1" max="%d" value="1"></label>
        <button>Add</button></form></section>
        """
            .formatted(categories, brands, Photos.COUNT, Photos.COUNT);
    return Answer.html(Layout.of(request).page("Add a product", body));
  }

  private static Answer add(Request request) {
    request.admin();
    Catalog catalog = new Catalog(request.link());
    Request.Form form = request.form();
    int cents = form.cents("price");
    int id =
        catalog.add(
            new Product(
                0,
                catalog.category(form.number("category", 0, Integer.MAX_VALUE)).id(),
                catalog.brand(form.number("brand", 0, Integer.MAX_VALUE)).id(),
                form.text("name"),
                form.text("description"),
                cents,
                cents,
                form.number("stock", 0, Catalog.STOCK_MAX),
                form.number("photo", 1, Photos.COUNT),
                0,
                0,
                Instant.EPOCH));
    return Answer.see("/product/" + id);
  }

  private static String amount(int cents) {
    return BigDecimal.valueOf(cents, 2).toPlainString();
  }
}
