package dev.freshet.load;

import dev.freshet.base.Rolls;
import dev.freshet.load.Shot.Kind;
import java.util.List;

/// Visitors of the demo shop: mostly looking, sometimes putting something into the cart, rarely an
/// editor changing a stock figure.
///
/// Of 100 requests 36 are pages, 30 the API, 32 static files and 2 writes. Products are chosen as
/// life chooses them, few of them often (Zipf with exponent 1), by the shop's own order of
/// popularity.
public final class ShopMix implements Mix {
  private static final List<String> WORDS =
      List.of("merino", "lantern", "tent", "bottle", "jacket", "stove", "rope", "compass");
  private static final List<String> CATEGORIES =
      List.of("tents", "backpacks", "sleeping-bags", "stoves", "lanterns", "boots");
  private static final List<String> FILES =
      List.of(
          "/static/css/utilities.css",
          "/static/css/components.css",
          "/static/css/shop.css",
          "/static/js/harbour.js",
          "/static/js/widgets.js",
          "/static/js/shop.js",
          "/static/fonts/figtree-400.woff",
          "/static/fonts/figtree-600.woff",
          "/static/img/mark.svg");
  private static final String EDITOR = "Basic YWRtaW5Ac2hvcC5leGFtcGxlOmxldG1laW4=";
  private final int products;
  private final List<String> categories;

  /// @param products how many the shop has
  /// @param categories their slugs; a few known ones when empty
  public ShopMix(int products, List<String> categories) {
    this.products = products;
    this.categories = categories.isEmpty() ? CATEGORIES : List.copyOf(categories);
  }

  @Override
  public Script of(long seed, int user) {
    Rolls rolls = new Rolls(seed * 1_000_003 + user);
    int[] writes = new int[1];
    return () -> next(rolls, user, writes);
  }

  private Shot next(Rolls rolls, int user, int[] writes) {
    int roll = rolls.between(0, 99);
    if (roll < 36) {
      return page(rolls);
    }
    if (roll < 66) {
      return api(rolls);
    }
    return roll < 98 ? file(rolls) : write(rolls, user, writes);
  }

  private Shot page(Rolls rolls) {
    int roll = rolls.between(0, 99);
    if (roll < 25) {
      return Shot.get(Kind.PAGE, "/");
    }
    if (roll < 50) {
      String page = rolls.chance(0.3) ? "?page=" + rolls.between(2, 4) : "";
      return Shot.get(Kind.PAGE, "/category/" + rolls.oneOf(categories) + page);
    }
    if (roll < 90) {
      return Shot.get(Kind.PAGE, "/product/" + product(rolls));
    }
    return roll < 97
        ? Shot.get(Kind.PAGE, "/search?q=" + rolls.oneOf(WORDS))
        : Shot.get(Kind.PAGE, "/cart");
  }

  private Shot api(Rolls rolls) {
    int roll = rolls.between(0, 999);
    if (roll < 450) {
      return Shot.get(Kind.API, "/api/products/" + product(rolls));
    }
    if (roll < 700) {
      return Shot.get(Kind.API, "/api/products/" + product(rolls) + "/reviews");
    }
    if (roll < 850) {
      return Shot.get(Kind.API, "/api/categories");
    }
    if (roll < 950) {
      return Shot.get(Kind.API, "/api/search?q=" + rolls.oneOf(WORDS));
    }
    return roll < 995 ? Shot.get(Kind.API, "/api/me/cart") : Shot.get(Kind.API, "/api/products");
  }

  private Shot file(Rolls rolls) {
    return rolls.chance(0.6)
        ? Shot.get(Kind.STATIC, "/static/photos/" + rolls.between(1, 48) + ".jpg")
        : Shot.get(Kind.STATIC, rolls.oneOf(FILES));
  }

  /// A stock figure is another one each time, of all users that a phase may have: so whoever sees
  /// it knows which write it is from.
  private Shot write(Rolls rolls, int user, int[] writes) {
    int id = product(rolls);
    if (rolls.chance(0.7)) {
      String cart = "{\"productId\":" + id + ",\"quantity\":1}";
      return new Shot(Kind.WRITE, "POST", "/api/cart", cart, null, null);
    }
    int stock = 1 + user % Phase.MOST_USERS + Phase.MOST_USERS * (writes[0]++ % 10_000);
    String path = "/api/products/" + id;
    return new Shot(
        Kind.WRITE,
        "PUT",
        path,
        "{\"stock\":" + stock + "}",
        EDITOR,
        new Figure(path, "stock", stock));
  }

  /// Rank r with probability proportional to 1/r, and the id that the shop gives to that rank.
  private int product(Rolls rolls) {
    int rank = (int) Math.exp(rolls.nextDouble() * Math.log(products)) - 1;
    long id = (13 + 7_919L * Math.max(0, rank)) % products + 1;
    return (int) id;
  }
}
