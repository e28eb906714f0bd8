package dev.freshet.shop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(Town.class)
class SeedingTest {
  private static final double TINY = 0.005;
  private final Town.Open town;

  SeedingTest(Town.Open town) {
    this.town = town;
  }

  @Test
  void rows_follow_the_scale_and_are_the_same_each_time()
      throws SQLException, InterruptedException {
    Database one = empty("one");
    Database two = empty("two");
    assertThat(new Seeding(one, TINY, Town.silent()).ensure()).isTrue();
    assertThat(new Seeding(two, TINY, Town.silent()).ensure()).isTrue();

    try (Link left = new Link(one, "");
        Link right = new Link(two, "")) {
      for (String table :
          List.of("products", "reviews", "customers", "orders", "order_items", "categories")) {
        String digest =
            "SELECT md5(string_agg(t::text, ',' ORDER BY t::text)) || count(*) FROM "
                + table
                + " t";
        assertThat(left.one(row -> row.getString(1), digest))
            .as(table)
            .isEqualTo(right.one(row -> row.getString(1), digest));
      }
      assertThat(left.number("SELECT count(*) FROM products")).isEqualTo(100);
      assertThat(left.number("SELECT count(*) FROM reviews")).isEqualTo(1000);
      assertThat(left.number("SELECT count(*) FROM customers")).isEqualTo(250);
      assertThat(left.number("SELECT count(*) FROM orders")).isEqualTo(1500);
      assertThat(
              left.number(
                  "SELECT count(*) FROM orders o WHERE total_cents <> (SELECT sum(quantity *"
                      + " price_cents) FROM order_items i WHERE i.order_id = o.id)"))
          .as("orders whose total is not the sum of their lines")
          .isZero();
    }
  }

  @Test
  void a_second_start_keeps_what_is_there() throws SQLException, InterruptedException {
    Database database = empty("kept");
    new Seeding(database, TINY, Town.silent()).ensure();
    try (Link link = new Link(database, "")) {
      link.write("UPDATE products SET stock = 4711 WHERE id = 5");
    }
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    PrintStream out = new PrintStream(said, true, StandardCharsets.UTF_8);

    assertThat(new Seeding(database, 2 * TINY, out).ensure()).isFalse();

    assertThat(said.toString(StandardCharsets.UTF_8)).contains("keeping", "0.005");
    try (Link link = new Link(database, "")) {
      assertThat(link.number("SELECT stock FROM products WHERE id = 5")).isEqualTo(4711);
    }
  }

  @Test
  void a_seeding_that_was_cut_short_is_done_again_and_shows_its_progress()
      throws SQLException, InterruptedException {
    Database database = empty("cut");
    new Seeding(database, TINY, Town.silent()).ensure();
    try (Link link = new Link(database, "")) {
      link.write("UPDATE seedings SET ended_at = NULL");
      link.write("DELETE FROM orders");
    }
    ByteArrayOutputStream said = new ByteArrayOutputStream();

    new Seeding(database, TINY, new PrintStream(said, true, StandardCharsets.UTF_8)).ensure();

    assertThat(said.toString(StandardCharsets.UTF_8)).contains("100 %");
    try (Link link = new Link(database, "")) {
      assertThat(link.number("SELECT count(*) FROM orders")).isEqualTo(1500);
    }
  }

  @Test
  void somebody_elses_database_is_left_alone() throws SQLException, InterruptedException {
    Database database = empty("foreign");
    try (Link link = new Link(database, "")) {
      link.write("CREATE TABLE orders (id int PRIMARY KEY)");
    }

    assertThatThrownBy(() -> new Seeding(database, TINY, Town.silent()).ensure())
        .isInstanceOf(SQLException.class)
        .hasMessageContaining("give it an empty database");
  }

  @Test
  void few_products_have_most_of_the_reviews() {
    try (Link link = town.link()) {
      long all = link.number("SELECT count(*) FROM reviews");
      long top =
          link.number(
              "SELECT sum(n) FROM (SELECT count(*) n FROM reviews GROUP BY product_id"
                  + " ORDER BY n DESC LIMIT 40) top");
      assertThat(top).as("of the best fifth").isGreaterThan(all * 3 / 10);
    }
  }

  @Test
  void a_database_url_is_read_or_refused_with_a_remedy() {
    Database database = Database.parse("postgresql://me:p%40ss+word@db.example:6432/shop?ssl=true");
    assertThat(database.jdbcUrl()).isEqualTo("jdbc:postgresql://db.example:6432/shop?ssl=true");
    assertThat(database.user()).isEqualTo("me");
    assertThat(database.password()).isEqualTo("p@ss+word");
    assertThat(database.toString()).doesNotContain("p@ss");
    for (String wrong : List.of("mysql://h/d", "postgresql://", "postgresql://host", "::", "x y")) {
      assertThatThrownBy(() -> Database.parse(wrong))
          .as(wrong)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("write it as postgresql://");
    }
  }

  private Database empty(String name) {
    return Database.parse(town.newDatabase("shop_" + name));
  }
}
