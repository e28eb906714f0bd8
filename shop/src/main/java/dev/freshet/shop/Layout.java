package dev.freshet.shop;

import dev.freshet.shop.Customers.Customer;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// The frame around every page: a head in which everything blocks rendering, a greeting for this
/// visitor and the number of things in his cart, also on pages that are the same for all.
final class Layout {
  private static final String HEAD =
      """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <title>%s | Harbour &amp; Pine</title>
      <link rel="icon" href="/static/img/mark.svg">
      <link rel="stylesheet" href="/static/css/utilities.css">
      <link rel="stylesheet" href="/static/css/components.css">
      <link rel="stylesheet" href="/static/css/shop.css">
      <script src="/static/js/harbour.js"></script>
      <script src="/static/js/widgets.js"></script>
      <script src="/static/js/shop.js"></script>
      </head>
      <body>
      """;

  private static final String FOOT =
      """
      <footer class="foot">
      <p><strong>Harbour &amp; Pine</strong> Good things for outdoors and indoors, since 1987.</p>
      <p>A demonstration shop: nothing is sold here. <a href="/openapi.json">API</a>
      <a href="/admin">Administration</a></p>
      </footer>
      </body>
      </html>
      """;

  private final Link link;
  private final Visitor visitor;

  Layout(Link link, Visitor visitor) {
    this.link = link;
    this.visitor = visitor;
  }

  static Layout of(Request request) {
    return new Layout(request.link(), request.visitor());
  }

  /// A whole page.
  ///
  /// @param title plain text
  /// @param body HTML
  String page(String title, String body) {
    Customer customer = visitor.customer();
    int pieces = new Cart(link, visitor.session()).count();
    StringBuilder menu = new StringBuilder();
    String department = "";
    for (Catalog.Category category : new Catalog(link).categories()) {
      if (!category.department().equals(department)) {
        department = category.department();
        menu.append(
            "<li><a href=\"/category/%s\">%s</a></li>%n"
                .formatted(esc(category.slug()), esc(department)));
      }
    }
    String greeting =
        customer == null
            ? "<a href=\"/login\">Welcome, guest. Log in</a>"
            : "<a href=\"/account\">Hello, %s</a>".formatted(esc(customer.firstName()));
    String header =
        """
        <header class="top">
        <a class="brand" href="/"><img src="/static/img/mark.svg" alt="">Harbour &amp; Pine</a>
        <form class="search" action="/search"><input type="search" name="q"
         aria-label="Search the shop" placeholder="What are you looking for?">
        <button>Search</button></form>
        <p class="who">%s <a class="cart" href="/cart">Cart <b>%d</b></a></p>
        </header>
        <nav class="menu" aria-label="Departments"><ul>
        %s</ul></nav>
        <main>
        """
            .formatted(greeting, pieces, menu);
    return HEAD.formatted(esc(title)) + header + body + "</main>\n" + FOOT;
  }

  /// The page for something that did not work, in the frame when there is one.
  static String error(@Nullable Layout layout, Refusal refusal) {
    String body =
        """
        <section class="note"><h1>%d</h1><p>%s</p>
        <p><a href="/">Back to the shop</a></p></section>
        """
            .formatted(refusal.status(), esc(refusal.sentence()));
    String title = "Error " + refusal.status();
    return layout == null
        ? HEAD.formatted(title) + "<main>\n" + body + "</main>\n" + FOOT
        : layout.page(title, body);
  }

  /// Text made safe for HTML, in elements and in quoted attributes.
  static String esc(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;")
        .replace("'", "&#39;");
  }

  /// Cents as `$1,249.50`.
  static String money(long cents) {
    return String.format(Locale.ROOT, "$%,d.%02d", cents / 100, cents % 100);
  }

  static String stars(double rating) {
    int full = (int) Math.round(rating);
    return "<span class=\"stars\" title=\"%s of 5\">%s%s</span>"
        .formatted(rating, "★".repeat(full), "☆".repeat(5 - full));
  }

  /// A product in a list.
  static String card(Catalog.Card card) {
    Catalog.Product product = card.product();
    String was =
        product.listPriceCents() > product.priceCents()
            ? " <s>" + money(product.listPriceCents()) + "</s>"
            : "";
    return """
    <article class="card"><a href="/product/%d">
    <img src="%s" alt="%s">
    <h3>%s</h3></a>
    <p class="by">%s · %s</p>
    <p>%s <small>(%d)</small></p>
    <p class="price">%s%s</p></article>
    """
        .formatted(
            product.id(),
            product.photoUrl(),
            esc(product.name()),
            esc(product.name()),
            esc(card.brand().name()),
            esc(card.category().name()),
            stars(product.rating()),
            product.ratingCount(),
            money(product.priceCents()),
            was);
  }

  static String cards(Iterable<Catalog.Card> cards) {
    StringBuilder html = new StringBuilder("<div class=\"cards\">\n");
    cards.forEach(card -> html.append(card(card)));
    return html.append("</div>\n").toString();
  }
}
