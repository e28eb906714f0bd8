package dev.freshet.shop;

import static dev.freshet.shop.Layout.esc;
import static dev.freshet.shop.Layout.money;

import dev.freshet.shop.Catalog.Category;
import dev.freshet.shop.Catalog.Filter;
import dev.freshet.shop.Catalog.Product;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;

/// The pages that anybody reads: home, category, product, search.
final class Pages {
  static final DateTimeFormatter DAY = DateTimeFormatter.ofPattern("d MMMM uuuu", Locale.ENGLISH);
  private static final int REVIEWS_SHOWN = 20;
  private static final List<String> SORTS =
      List.of("popular", "price", "price-desc", "rating", "new");

  private Pages() {}

  static List<Route> routes() {
    return List.of(
        Route.page("/", Pages::home),
        Route.page("/category/{slug}", Pages::category),
        Route.page("/product/{id}", Pages::product),
        Route.page("/product/{id}/live", Pages::live),
        Route.of("GET", "/search", Pages::search));
  }

  private static Answer home(Request request) {
    Catalog catalog = new Catalog(request.link());
    StringBuilder departments = new StringBuilder();
    String department = "";
    for (Category category : catalog.categories()) {
      if (!category.department().equals(department)) {
        department = category.department();
        departments.append(departments.isEmpty() ? "" : "</ul></section>\n");
        departments.append("<section><h3>%s</h3><ul>%n".formatted(esc(department)));
      }
      departments.append(
          "<li><a href=\"/category/%s\">%s</a></li>%n"
              .formatted(esc(category.slug()), esc(category.name())));
    }
    String body =
        """
        <section class="hero"><img src="/static/img/hero.png" alt="Hills above a harbour">
        <div><h1>Good things, kept for years</h1>
        <p>Outdoor gear and household tools that we use ourselves.</p>
        <a class="button" href="/category/tents">See this season's tents</a></div></section>
        <h2>Most bought</h2>
        %s<h2>Just in</h2>
        %s<h2>Reduced</h2>
        %s<h2>All departments</h2>
        <div class="departments">
        %s</ul></section></div>
        """
            .formatted(
                Layout.cards(catalog.cards(catalog.bestSellers(8))),
                Layout.cards(catalog.cards(catalog.newest(8))),
                Layout.cards(catalog.cards(catalog.onSale(4))),
                departments);
    return Answer.html(Layout.of(request).page("Good things, kept for years", body));
  }

  private static Answer category(Request request) {
    Catalog catalog = new Catalog(request.link());
    Category category = catalog.category(request.part(1));
    String sort = request.query("sort");
    if (!sort.isEmpty() && !SORTS.contains(sort)) {
      throw Refusal.bad("sort must be one of " + String.join(", ", SORTS) + ".");
    }
    Filter filter =
        new Filter(
            request.query("brand", 0, 0, Integer.MAX_VALUE),
            request.query("min", 0, 0, Catalog.CENTS_MAX / 100) * 100,
            request.query("max", 0, 0, Catalog.CENTS_MAX / 100) * 100,
            request.query("stock").equals("1"),
            sort,
            request.query("page", 1, 1, 10_000));
    int found = catalog.narrowedCount(category.id(), filter);
    String list = Layout.cards(catalog.cards(catalog.narrowed(category.id(), filter)));
    String body =
        """
        <p class="crumbs"><a href="/">Home</a> › %s</p>
        <h1>%s</h1>
        <div class="split"><aside>%s</aside>
        <section aria-label="Products"><p>%,d products</p>
        %s%s</section></div>
        """
            .formatted(
                esc(category.department()),
                esc(category.name()),
                filters(request, catalog, category, filter),
                found,
                list,
                pager(request, filter.page(), found));
    return Answer.html(Layout.of(request).page(category.name(), body));
  }

  private static String filters(
      Request request, Catalog catalog, Category category, Filter filter) {
    StringBuilder brands = new StringBuilder("<option value=\"\">Any</option>");
    for (Catalog.Facet facet : catalog.brandFacets(category.id())) {
      brands.append(
          "<option value=\"%d\"%s>%s (%d)</option>%n"
              .formatted(
                  facet.id(),
                  facet.id() == filter.brand() ? " selected" : "",
                  esc(facet.name()),
                  facet.products()));
    }
    StringBuilder sorts = new StringBuilder();
    for (String sort : SORTS) {
      sorts.append(
          "<option%s>%s</option>".formatted(sort.equals(filter.sort()) ? " selected" : "", sort));
    }
    return """
    <form class="filters">
    <label>Brand <select name="brand">%s</select></label>
    <label>From $ <input type="number" name="min" min="0" value="%s"></label>
    <label>To $ <input type="number" name="max" min="0" value="%s"></label>
    <label>Sort by <select name="sort">%s</select></label>
    <label class="check"><input type="checkbox" name="stock" value="1"%s> In stock</label>
    <button>Show</button></form>
    """
        .formatted(
            brands,
            esc(request.query("min")),
            esc(request.query("max")),
            sorts,
            filter.inStock() ? " checked" : "");
  }

  private static String pager(Request request, int page, int found) {
    int pages = Math.max(1, (found + Catalog.PAGE - 1) / Catalog.PAGE);
    StringBuilder html = new StringBuilder("<nav class=\"pager\" aria-label=\"Pages\">");
    for (int i = 1; i <= pages; i++) {
      if (i == 1 || i == pages || Math.abs(i - page) <= 2) {
        html.append(
            i == page
                ? "<b>" + i + "</b> "
                : "<a href=\"%s\">%d</a> "
                    .formatted(esc(request.queryWith("page", Integer.toString(i))), i));
      } else if (Math.abs(i - page) == 3) {
        html.append("… ");
      }
    }
    return html.append("</nav>\n").toString();
  }

  private static Answer product(Request request) {
    Catalog catalog = new Catalog(request.link());
    Catalog.Card card = catalog.card(request.id());
    Product product = card.product();
    catalog.viewed(product.id(), request.visitor().session());
    List<Catalog.Review> reviews = catalog.reviews(product.id());
    StringBuilder opinions = new StringBuilder();
    for (Catalog.Review review : reviews.subList(0, Math.min(REVIEWS_SHOWN, reviews.size()))) {
      opinions.append(
          """
          <article class="review"><h3>%s %s</h3>
          <p class="by">%s, %s</p><p>%s</p></article>
          """
              .formatted(
                  Layout.stars(review.stars()),
                  esc(review.title()),
                  esc(catalog.author(review)),
                  DAY.format(LocalDate.ofInstant(review.writtenAt(), ZoneOffset.UTC)),
                  esc(review.body())));
    }
    List<Catalog.Card> also = catalog.cards(catalog.alsoBought(product.id(), 4));
    String body =
        """
        <p class="crumbs"><a href="/">Home</a> › <a href="/category/%s">%s</a></p>
        <div class="product"><img src="%s" alt="%s">
        <section><h1>%s</h1>
        <p class="by">%s, %s</p>
        <p>%s %.1f from %d reviews</p>
        <p class="price">%s</p>
        <p>%s</p>
        <p class="%s">%s</p>
        <form method="post" action="/cart"><input type="hidden" name="product" value="%d">
        <label>Quantity <input type="number" name="quantity" value="1" min="1" max="99"></label>
        <button>Add to cart</button></form></section></div>
        <h2>Also bought</h2>
        %s<h2>Reviews (%d)</h2>
        <div class="reviews">%s</div>
        """
            .formatted(
                esc(card.category().slug()),
                esc(card.category().name()),
                product.photoUrl(),
                esc(product.name()),
                esc(product.name()),
                esc(card.brand().name()),
                esc(card.brand().country()),
                Layout.stars(product.rating()),
                product.rating(),
                product.ratingCount(),
                money(product.priceCents()),
                esc(product.description()),
                product.stock() > 0 ? "instock" : "soldout",
                product.stock() > 0 ? product.stock() + " in stock" : "Sold out",
                product.id(),
                Layout.cards(also),
                reviews.size(),
                opinions);
    return Answer.html(Layout.of(request).page(product.name(), body));
  }

  /// Price and stock as they are now, and as they become: the only page that knows of a script that
  /// the shop does not have itself.
  private static Answer live(Request request) {
    Product product = new Catalog(request.link()).product(request.id());
    String body =
        """
        <p class="crumbs"><a href="/product/%d">%s</a></p>
        <h1>Price and stock, live</h1>
        <p class="price" id="price">%s</p>
        <p><span id="stock">%d</span> in stock</p>
        <script src="/.freshet/live.js"></script>
        <script>
        freshet.live("/api/products/%d", function (product) {
          document.getElementById("price").textContent = "$" + (product.priceCents / 100).toFixed(2);
          document.getElementById("stock").textContent = product.stock;
        });
        </script>
        """
            .formatted(
                product.id(),
                esc(product.name()),
                money(product.priceCents()),
                product.stock(),
                product.id());
    return Answer.html(Layout.of(request).page(product.name() + ", live", body));
  }

  private static Answer search(Request request) {
    String words = request.query("q");
    int page = request.query("page", 1, 1, 10_000);
    Catalog catalog = new Catalog(request.link());
    List<Product> found = words.isEmpty() ? List.of() : catalog.search(words);
    int from = Math.min(found.size(), (page - 1) * Catalog.PAGE);
    List<Product> shown = found.subList(from, Math.min(found.size(), from + Catalog.PAGE));
    String body =
        """
        <h1>%s</h1>
        <p>%,d products</p>
        %s%s\
        """
            .formatted(
                words.isEmpty() ? "What are you looking for?" : "“" + esc(words) + "”",
                found.size(),
                Layout.cards(catalog.cards(shown)),
                pager(request, page, found.size()));
    return Answer.html(Layout.of(request).page("Search", body));
  }
}
