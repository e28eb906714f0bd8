package dev.freshet.shop;

import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;

/// What the seeding writes into each row: the same for the same scale, whoever writes it when.
final class Stock {
  private static final int DAY = 86_400;
  private static final int YEARS = 3 * 365 * DAY;

  /// The lists of colour names, in the order of [Photos#VARIANTS].
  private static final List<String> COLOURS = List.of("green", "rust", "blue");

  final int products;
  final int reviews;
  final int customers;
  final int orders;
  private final Words words = new Words();
  private final Crowd bought;
  private final Crowd buyers;
  private final int[] ratingSum;
  private final int[] ratingCount;

  /// @param scale 1.0 is 20,000 products; small scales keep a few of everything
  Stock(double scale) {
    products = scaled(20_000, scale);
    reviews = scaled(200_000, scale);
    customers = scaled(50_000, scale);
    orders = scaled(300_000, scale);
    bought = new Crowd(products, 20, 0.9);
    buyers = new Crowd(customers, 200, 0.7);
    ratingSum = new int[products + 1];
    ratingCount = new int[products + 1];
    for (int id = 1; id <= reviews; id++) {
      SplittableRandom chance = Rows.chance("reviews", id);
      int product = bought.pick(chance);
      ratingSum[product] += stars(product, chance);
      ratingCount[product]++;
    }
  }

  private static int scaled(int full, double scale) {
    return Math.max(60, (int) Math.round(full * scale));
  }

  int categories() {
    return words.categories().size();
  }

  int brands() {
    return words.list("brands").size();
  }

  void category(int id, Rows rows) {
    Words.Category category = words.categories().get(id - 1);
    rows.add(id).add(category.department()).add(category.slug()).add(category.name()).end();
  }

  void brand(int id, Rows rows) {
    SplittableRandom chance = Rows.chance("brands", id);
    rows.add(id).add(words.list("brands").get(id - 1)).add(words.any("countries", chance)).end();
  }

  void product(int id, Rows rows) {
    SplittableRandom chance = Rows.chance("products", id);
    int price = price(id);
    Words.Category category = categoryOf(id);
    int brand = chance.nextInt(brands());
    String noun = Words.any(category.nouns(), chance);
    String name =
        words.list("brands").get(brand)
            + " "
            + words.any("series", chance)
            + " "
            + noun
            + ", "
            + words.any(COLOURS.get(id % Photos.VARIANTS), chance);
    int listPrice = chance.nextInt(4) == 0 ? price * (110 + chance.nextInt(40)) / 100 : price;
    rows.add(id)
        .add(category.id())
        .add(brand + 1)
        .add(name)
        .add(description(category, noun, chance));
    rows.add(price).add(listPrice).add(chance.nextInt(20) == 0 ? 0 : 20 + chance.nextInt(400));
    rows.add(
        1 + Silhouette.ALL.indexOf(category.silhouette()) * Photos.VARIANTS + id % Photos.VARIANTS);
    rows.add(ratingSum[id]).add(ratingCount[id]).ago(chance.nextInt(YEARS)).end();
  }

  void customer(int id, Rows rows) {
    SplittableRandom chance = Rows.chance("customers", id);
    String first = words.any("first", chance);
    String last = words.any("last", chance);
    String salt = Long.toHexString(chance.nextLong());
    rows.add(id).add(email(id)).add(id == 1 ? "Shop Admin" : first + " " + last).add(salt);
    rows.add(Customers.hash(salt, Customers.DEMO_PASSWORD));
    rows.add(words.any("streets", chance) + " " + (1 + chance.nextInt(190)));
    rows.add(words.any("cities", chance)).add(id == 1 ? "admin" : "customer");
    rows.ago(chance.nextInt(YEARS)).end();
  }

  void review(int id, Rows rows) {
    SplittableRandom chance = Rows.chance("reviews", id);
    int product = bought.pick(chance);
    int stars = stars(product, chance);
    StringBuilder body = new StringBuilder();
    int sentences = 1 + chance.nextInt(4);
    for (int i = 0; i < sentences; i++) {
      String mood = stars >= 4 ? "happy" : stars == 3 ? "mixed" : "angry";
      String list = chance.nextInt(4) == 0 ? "mixed" : mood;
      body.append(i == 0 ? "" : " ").append(words.any(list, chance));
    }
    String title = words.any(stars >= 4 ? "good" : stars == 3 ? "fair" : "poor", chance);
    rows.add(id).add(product).add(buyers.pick(chance)).add(stars).add(title);
    rows.add(body.toString()).add(Math.max(0, chance.nextInt(30) - 15));
    rows.ago(chance.nextInt(YEARS)).end();
  }

  void order(int id, Rows rows) {
    SplittableRandom chance = Rows.chance("order_items", id);
    int lines = lines(chance);
    int total = 0;
    for (int line = 1; line <= lines; line++) {
      int product = bought.pick(chance);
      total += quantity(chance) * price(product);
    }
    String street = words.any("streets", chance) + " " + (1 + chance.nextInt(190));
    rows.add(id).add(buyers.pick(chance)).add(words.any("states", chance)).add(total);
    rows.add(street + ", " + words.any("cities", chance));
    rows.ago((long) YEARS * (orders - id) / orders + chance.nextInt(DAY)).end();
  }

  void items(int id, Rows rows) {
    SplittableRandom chance = Rows.chance("order_items", id);
    int lines = lines(chance);
    for (int line = 1; line <= lines; line++) {
      int product = bought.pick(chance);
      rows.add(id).add(line).add(product).add(quantity(chance)).add(price(product)).end();
    }
  }

  private static String email(int id) {
    return id == 1 ? "admin@shop.example" : "customer" + id + "@mail.example";
  }

  private static int lines(SplittableRandom chance) {
    int lines = 1;
    while (lines < 8 && chance.nextInt(100) < 56) {
      lines++;
    }
    return lines;
  }

  private static int quantity(SplittableRandom chance) {
    return chance.nextInt(5) == 0 ? 2 : 1;
  }

  private static int stars(int product, SplittableRandom chance) {
    int bad = 4 + product % 23;
    int roll = chance.nextInt(100);
    return roll < bad / 2 ? 1 : roll < bad ? 2 : roll < bad + 10 ? 3 : roll < bad + 38 ? 4 : 5;
  }

  private Words.Category categoryOf(int product) {
    SplittableRandom chance = Rows.chance("category", product);
    double roll = chance.nextDouble();
    int all = categories();
    return words.categories().get((int) (all * Math.pow(roll, 1.6)));
  }

  private int price(int product) {
    SplittableRandom chance = Rows.chance("price", product);
    Words.Category category = categoryOf(product);
    double spread = Math.pow(chance.nextDouble(), 2.2);
    int whole = (int) (category.low() + (category.high() - category.low()) * spread);
    return whole * 100 + (chance.nextInt(3) == 0 ? 50 : chance.nextInt(2) == 0 ? 95 : 0);
  }

  private String description(Words.Category category, String noun, SplittableRandom chance) {
    return words.any("uses", chance)
        + ", this "
        + noun.toLowerCase(Locale.ROOT)
        + " in "
        + words.any(category.silhouette().soft() ? "soft" : "hard", chance)
        + " is "
        + words.any("praise", chance)
        + ". "
        + words.any("details", chance)
        + " "
        + words.any("details", chance);
  }
}
