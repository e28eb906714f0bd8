package dev.freshet.changes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.freshness.Comparison;
import dev.freshet.freshness.Evidence;
import dev.freshet.sql.Catalog;
import java.sql.SQLException;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Which answers each kind of change concerns, on a real server.
@Timeout(60)
class ChangeKindsTest {
  private static final String PRODUCTS =
      "create table products (id int primary key, category int, name text, note text);"
          + "insert into products select i, i % 10, 'p' || i, null from generate_series(1, 100) i";
  private static final String FULL = "alter table products replica identity full";

  @Test
  void anInsertConcernsTheValuesOfItsRowAndNoOther() throws SQLException, InterruptedException {
    try (Stage stage = Stage.open(PRODUCTS)) {
      Evidence all = stage.table("products");
      Evidence three = stage.rows("products", "category", 3);
      Evidence four = stage.rows("products", "category", 4);
      Evidence nobody = stage.rows("products", "id", 103);
      stage.passed();
      assertThat(stage.isCurrent(all)).isTrue();
      stage.run("insert into products values (103, 3, 'new', null)");
      stage.passed();
      assertThat(stage.isCurrent(all)).isFalse();
      assertThat(stage.isCurrent(three)).isFalse();
      assertThat(stage.isCurrent(nobody)).isFalse();
      assertThat(stage.isCurrent(four)).isTrue();
    }
  }

  @Test
  void anUpdateIsExactByKeyAndSpoilsOtherColumnsWhereTheOldRowIsNotTold()
      throws SQLException, InterruptedException {
    try (Stage stage = Stage.open(PRODUCTS)) {
      Evidence seven = stage.rows("products", "id", 7);
      Evidence eight = stage.rows("products", "id", 8);
      Evidence category = stage.rows("products", "category", 5);
      stage.run("update products set name = 'x' where id = 7");
      stage.passed();
      assertThat(stage.isCurrent(seven)).isFalse();
      assertThat(stage.isCurrent(eight)).isTrue();
      assertThat(stage.isCurrent(category)).isFalse();
    }
  }

  @Test
  void underFullIdentityOldAndNewValuesAreConcernedAndNothingElse()
      throws SQLException, InterruptedException {
    try (Stage stage = Stage.open(PRODUCTS, FULL)) {
      Evidence left = stage.rows("products", "category", 3);
      Evidence entered = stage.rows("products", "category", 4);
      Evidence other = stage.rows("products", "category", 5);
      stage.run("update products set category = 4 where id = 13");
      stage.passed();
      assertThat(stage.isCurrent(left)).isFalse();
      assertThat(stage.isCurrent(entered)).isFalse();
      assertThat(stage.isCurrent(other)).isTrue();
    }
  }

  @Test
  void aChangedKeyConcernsWhoAskedForEither() throws SQLException, InterruptedException {
    try (Stage stage = Stage.open(PRODUCTS)) {
      Evidence old = stage.rows("products", "id", 7);
      Evidence now = stage.rows("products", "id", 700);
      Evidence other = stage.rows("products", "id", 8);
      stage.run("update products set id = 700 where id = 7");
      stage.passed();
      assertThat(stage.isCurrent(old)).isFalse();
      assertThat(stage.isCurrent(now)).isFalse();
      assertThat(stage.isCurrent(other)).isTrue();
    }
  }

  @Test
  void aDeleteIsExactByKeyAndUnderFullByEveryColumn() throws SQLException, InterruptedException {
    try (Stage stage = Stage.open(PRODUCTS)) {
      Evidence seven = stage.rows("products", "id", 7);
      Evidence eight = stage.rows("products", "id", 8);
      Evidence three = stage.rows("products", "category", 3);
      stage.run("delete from products where id = 7");
      stage.passed();
      assertThat(stage.isCurrent(seven)).isFalse();
      assertThat(stage.isCurrent(eight)).isTrue();
      assertThat(stage.isCurrent(three)).isFalse();
      stage.run(FULL);
      stage.feed.schemaChanged().join();
      stage.passed();
      three = stage.rows("products", "category", 3);
      Evidence eightAgain = stage.rows("products", "category", 8);
      stage.run("delete from products where id = 8");
      stage.passed();
      assertThat(stage.isCurrent(three)).isTrue();
      assertThat(stage.isCurrent(eightAgain)).isFalse();
    }
  }

  @Test
  void truncateConcernsEverythingInItAndInWhatItCascadesTo()
      throws SQLException, InterruptedException {
    String reviews = "create table reviews (id int primary key, product int references products)";
    String other = "create table other (id int primary key)";
    try (Stage stage = Stage.open(PRODUCTS, reviews, other)) {
      Evidence product = stage.rows("products", "id", 7);
      Evidence review = stage.rows("reviews", "product", 7);
      Evidence elsewhere = stage.table("other");
      stage.run("truncate products cascade");
      stage.passed();
      assertThat(stage.isCurrent(product)).isFalse();
      assertThat(stage.isCurrent(review)).isFalse();
      assertThat(stage.isCurrent(elsewhere)).isTrue();
    }
  }

  @Test
  void whatIsRolledBackConcernsNobody() throws SQLException, InterruptedException {
    try (Stage stage = Stage.open(PRODUCTS)) {
      Evidence seven = stage.rows("products", "id", 7);
      Evidence eight = stage.rows("products", "id", 8);
      Evidence nine = stage.rows("products", "id", 9);
      stage.run("begin; update products set name = 'x' where id = 7; rollback");
      stage.run(
          "begin; savepoint a; update products set name = 'x' where id = 8; rollback to a;"
              + " update products set name = 'x' where id = 9; commit");
      stage.passed();
      assertThat(stage.isCurrent(seven)).isTrue();
      assertThat(stage.isCurrent(eight)).isTrue();
      assertThat(stage.isCurrent(nine)).isFalse();
    }
  }

  @Test
  void aPreparedTransactionConcernsWhenItCommits() throws SQLException, InterruptedException {
    try (Stage stage = Stage.open(PRODUCTS)) {
      Evidence seven = stage.rows("products", "id", 7);
      stage.run("begin; update products set name = 'x' where id = 7; prepare transaction 'later'");
      stage.passed();
      assertThat(stage.isCurrent(seven)).isTrue();
      stage.run("commit prepared 'later'");
      stage.passed();
      assertThat(stage.isCurrent(seven)).isFalse();
    }
  }

  @Test
  void partitionsCountAsTheirRootHoweverTheyAreReached() throws SQLException, InterruptedException {
    String orders =
        "create table orders (id int, region int, state text, primary key (id, region))"
            + " partition by list (region);"
            // Its columns have other numbers than the root's.
            + "create table south (state text, gone int, region int not null, id int not null);"
            + "alter table south drop column gone;"
            + "create table north partition of orders for values in (1);"
            + "alter table south add primary key (id, region);"
            + "alter table orders attach partition south for values in (2);"
            + "insert into orders select i, 1 + i % 2, 'new' from generate_series(1, 10) i";
    try (Stage stage = Stage.open(orders)) {
      Evidence three = stage.rows("orders", "id", 3);
      Evidence four = stage.rows("orders", "id", 4);
      Evidence five = stage.rows("orders", "id", 5);
      stage.run("update orders set state = 'sent' where id = 3");
      stage.run("update south set state = 'sent' where id = 5");
      stage.passed();
      assertThat(stage.isCurrent(three)).isFalse();
      assertThat(stage.isCurrent(four)).isTrue();
      assertThat(stage.isCurrent(five)).isFalse();
      Catalog catalog = Objects.requireNonNull(stage.feed.catalog());
      assertThat(Objects.requireNonNull(catalog.relation(stage.oid("orders"))).isPublished())
          .isTrue();
      stage.run("truncate south");
      stage.passed();
      assertThat(stage.isCurrent(four)).isFalse();
    }
  }

  @Test
  void valuesOutOfLineThatAnUpdateLeavesAloneMayBeAnything()
      throws SQLException, InterruptedException {
    String pages =
        "create table pages (id int primary key, url text, hits int);"
            + "alter table pages alter url set storage external;"
            + "insert into pages values (1, repeat('a', 10000), 0), (2, repeat('b', 10000), 0)";
    String a = "a".repeat(10_000);
    String b = "b".repeat(10_000);
    try (Stage stage = Stage.open(pages)) {
      Evidence mine = stage.rows("pages", "url", a);
      stage.run("update pages set hits = 1 where id = 1");
      stage.passed();
      assertThat(stage.isCurrent(mine)).isFalse();
      stage.run("alter table pages replica identity full");
      stage.feed.schemaChanged().join();
      stage.passed();
      mine = stage.rows("pages", "url", a);
      Evidence other = stage.rows("pages", "url", b);
      stage.run("update pages set hits = 2 where id = 1");
      stage.passed();
      assertThat(stage.isCurrent(mine)).isFalse();
      assertThat(stage.isCurrent(other)).isTrue();
    }
  }

  @Test
  void nullsGeneratedAndDroppedColumnsAreNoStumblingBlocks()
      throws SQLException, InterruptedException {
    String odd =
        "create table odd (a int, gone int, id int primary key, b int,"
            + " twice int generated always as (b * 2) stored, c text);"
            + "alter table odd drop column gone; alter table odd replica identity full;"
            + "insert into odd (a, id, b, c) values (null, 1, 1, 'x'), (5, 2, 2, 'y')";
    try (Stage stage = Stage.open(odd)) {
      Evidence five = stage.rows("odd", "a", 5);
      Evidence x = stage.rows("odd", "c", "x");
      Evidence y = stage.rows("odd", "c", "y");
      Evidence twice = stage.rows("odd", "twice", 6);
      stage.run("update odd set b = 3 where id = 1");
      stage.passed();
      assertThat(stage.isCurrent(five)).isTrue();
      assertThat(stage.isCurrent(x)).isFalse();
      assertThat(stage.isCurrent(y)).isTrue();
      assertThat(stage.isCurrent(twice)).isFalse();
    }
  }

  @Test
  void aTransactionOfVeryManyRowsSpoilsItsTableAndLeavesOthersAlone()
      throws SQLException, InterruptedException {
    String big = "create table big (id int primary key, n int)";
    try (Stage stage = Stage.open(PRODUCTS, big)) {
      Evidence seven = stage.rows("products", "id", 7);
      Evidence none = stage.rows("big", "id", -1);
      stage.run(
          "insert into big select i, i from generate_series(1, " + (Folding.MAX_ROWS + 10) + ") i");
      stage.passed();
      assertThat(stage.isCurrent(none)).isFalse();
      assertThat(stage.isCurrent(seven)).isTrue();
    }
  }

  @Test
  void underFullIdentityAnUpdateConcernsTheColumnsThatItChanged()
      throws SQLException, InterruptedException {
    try (Stage stage = Stage.open(PRODUCTS, FULL)) {
      Evidence names = stage.columns("products", "name");
      Evidence notes = stage.columns("products", "note", "category");
      Evidence count = stage.columns("products");
      stage.run("update products set name = 'x', category = category where id = 7");
      stage.passed();
      assertThat(stage.isCurrent(names)).isFalse();
      assertThat(stage.isCurrent(notes)).isTrue();
      assertThat(stage.isCurrent(count)).isTrue();
      stage.run("update products set note = 'n' where id = 7");
      stage.passed();
      assertThat(stage.isCurrent(notes)).isFalse();
      notes = stage.columns("products", "note");
      stage.run("update products set note = null where id = 7");
      stage.passed();
      assertThat(stage.isCurrent(notes)).isFalse();
      assertThat(stage.isCurrent(count)).isTrue();
      stage.run("delete from products where id = 7");
      stage.passed();
      assertThat(stage.isCurrent(count)).isFalse();
      count = stage.columns("products");
      stage.run("insert into products values (107, 7, 'new', null)");
      stage.passed();
      assertThat(stage.isCurrent(count)).isFalse();
      count = stage.columns("products");
      stage.run("truncate products");
      stage.passed();
      assertThat(stage.isCurrent(count)).isFalse();
    }
  }

  @Test
  void underFullIdentityOnlyAValueThatComparesOtherwiseConcernsWhoOnlyCompares()
      throws SQLException, InterruptedException {
    try (Stage stage = Stage.open(PRODUCTS, FULL)) {
      Evidence low = stage.compared("products", "category", Comparison.Sign.LESS, "4");
      Evidence three = stage.compared("products", "category", Comparison.Sign.EQUAL, "3");
      Evidence named = stage.compared("products", "note", Comparison.Sign.NULL, "");
      stage.run("update products set category = 2 where category = 1");
      stage.passed();
      assertThat(stage.isCurrent(low)).isTrue();
      assertThat(stage.isCurrent(three)).isTrue();
      stage.run("update products set category = 3 where category = 2");
      stage.passed();
      assertThat(stage.isCurrent(low)).isTrue();
      assertThat(stage.isCurrent(three)).isFalse();
      stage.run(
          "update products set category = 4 where id = (select min(id) from products"
              + " where category = 3)");
      stage.passed();
      assertThat(stage.isCurrent(low)).isFalse();
      assertThat(stage.isCurrent(named)).isTrue();
      stage.run("update products set note = 'n' where id = 7");
      stage.passed();
      assertThat(stage.isCurrent(named)).isFalse();
      named = stage.compared("products", "note", Comparison.Sign.NULL, "");
      stage.run("update products set note = 'm' where id = 7");
      stage.passed();
      assertThat(stage.isCurrent(named)).isTrue();
    }
  }

  @Test
  void whereOldValuesAreNotToldOrAreTooManyEveryComparisonMayHaveTurned()
      throws SQLException, InterruptedException {
    try (Stage stage = Stage.open(PRODUCTS)) {
      Evidence low = stage.compared("products", "category", Comparison.Sign.LESS, "40000");
      stage.run("update products set category = category where id = 7");
      stage.passed();
      assertThat(stage.isCurrent(low)).isFalse();
    }
    try (Stage stage = Stage.open(PRODUCTS, FULL)) {
      String many = " from generate_series(1000, " + (1_001 + Folding.MAX_ROWS) + ") i";
      stage.run("insert into products select i, 1, 'x', null" + many);
      stage.passed();
      Evidence low = stage.compared("products", "category", Comparison.Sign.LESS, "40000");
      stage.run("update products set category = 2 where id = 7");
      stage.passed();
      assertThat(stage.isCurrent(low)).isTrue();
      stage.run("update products set category = 3 where id >= 1000");
      stage.passed();
      assertThat(stage.isCurrent(low)).isFalse();
    }
  }

  @Test
  void withoutOldValuesAnUpdateConcernsEveryColumnButAKeyThatStays()
      throws SQLException, InterruptedException {
    try (Stage stage = Stage.open(PRODUCTS)) {
      Evidence notes = stage.columns("products", "note");
      Evidence keys = stage.columns("products", "id");
      stage.run("update products set name = 'x' where id = 7");
      stage.passed();
      assertThat(stage.isCurrent(notes)).isFalse();
      assertThat(stage.isCurrent(keys)).isTrue();
      stage.run("update products set id = 700 where id = 7");
      stage.passed();
      assertThat(stage.isCurrent(keys)).isFalse();
    }
  }

  @Test
  void columnsOfPartitionsCountByTheNumbersOfTheirRoot() throws SQLException, InterruptedException {
    String orders =
        "create table orders (id int, region int, state text, note text,"
            + " primary key (id, region)) partition by list (region);"
            + "create table south (note text, gone int, state text, region int not null,"
            + " id int not null);"
            + "alter table south drop column gone;"
            + "create table north partition of orders for values in (1);"
            + "alter table south add primary key (id, region);"
            + "alter table orders attach partition south for values in (2);"
            + "alter table south replica identity full; alter table north replica identity full;"
            + "insert into orders select i, 1 + i % 2, 'new', 'n' from generate_series(1, 10) i";
    try (Stage stage = Stage.open(orders)) {
      Evidence states = stage.columns("orders", "state");
      Evidence notes = stage.columns("orders", "note", "region", "id");
      stage.run("update orders set state = 'sent' where id = 5");
      stage.passed();
      assertThat(stage.isCurrent(states)).isFalse();
      assertThat(stage.isCurrent(notes)).isTrue();
      // The row goes from one partition to the other: in the log, and there it comes and goes.
      Evidence count = stage.columns("orders");
      stage.run("update orders set region = 1 where id = 5");
      stage.passed();
      assertThat(stage.isCurrent(notes)).isFalse();
      assertThat(stage.isCurrent(count)).isFalse();
    }
  }

  @Test
  void generatedColumnsMayBeOthersAfterAnyUpdateAndThoseOutOfLineOnlyWhenTheyAreSent()
      throws SQLException, InterruptedException {
    String odd =
        "create table odd (id int primary key, b int,"
            + " twice int generated always as (b * 2) stored, long text);"
            + "alter table odd alter long set storage external;"
            + "alter table odd replica identity full;"
            + "insert into odd (id, b, long) values (1, 1, repeat('a', 10000))";
    try (Stage stage = Stage.open(odd)) {
      Evidence twice = stage.columns("odd", "twice");
      Evidence longs = stage.columns("odd", "long");
      stage.run("update odd set b = 3 where id = 1");
      stage.passed();
      assertThat(stage.isCurrent(twice)).isFalse();
      assertThat(stage.isCurrent(longs)).isTrue();
      stage.run("update odd set long = repeat('b', 10000) where id = 1");
      stage.passed();
      assertThat(stage.isCurrent(longs)).isFalse();
    }
  }
}
