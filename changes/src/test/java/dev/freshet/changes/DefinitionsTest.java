package dev.freshet.changes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.freshet.freshness.Evidence;
import dev.freshet.sql.Catalog;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Tables, columns, identities and functions that are defined anew while the feed runs.
@Timeout(60)
class DefinitionsTest {
  private static final String TABLES =
      "create table stock (id int primary key, a int, b int);"
          + "insert into stock values (1, 10, 20), (2, 30, 40);"
          + "create table other (id int primary key)";

  @Test
  void whoSaysThatSomethingWasDefinedAnewIsAnsweredWhenItCounts()
      throws SQLException, InterruptedException {
    try (Stage stage = Stage.open(TABLES)) {
      Evidence stock = stage.table("stock");
      Evidence other = stage.table("other");
      stage.run("alter table stock add column c int default 5");
      stage.feed.schemaChanged().join();
      assertThat(stage.isCurrent(stock)).isFalse();
      assertThat(stage.isCurrent(other)).isTrue();
      assertThat(stage.isCurrent(stage.table("stock"))).isTrue();
    }
  }

  @Test
  void nobodyNeedsToSayIt() throws SQLException, InterruptedException {
    try (Stage stage = Stage.open(TABLES)) {
      Evidence stock = stage.table("stock");
      Evidence other = stage.table("other");
      stage.run("alter table stock alter column a type bigint");
      Stage.until("it was noticed", () -> !stage.isCurrent(stock));
      assertThat(stage.isCurrent(other)).isTrue();
      stage.run("create function f() returns int language sql as 'select 1'");
      Stage.until("a function concerns everything", () -> !stage.isCurrent(other));
    }
  }

  /// Who names no schema finds the first in the search path, and that is another one from then on.
  @Test
  void whatGetsTheNameOfATableConcernsThatTableToo() throws SQLException, InterruptedException {
    try (Stage stage = Stage.open(TABLES, "create schema nearer")) {
      hides(stage, "create table nearer.stock (id int primary key)");
      stage.run("alter table nearer.stock rename to spare");
      stage.feed.schemaChanged().join();
      hides(stage, "alter table nearer.spare rename to stock");
      stage.run("drop table nearer.stock");
      stage.feed.schemaChanged().join();
      hides(stage, "create view nearer.stock as select 7 as id");
      stage.run("drop view nearer.stock");
      stage.feed.schemaChanged().join();
      hides(stage, "create sequence nearer.stock");
    }
  }

  private static void hides(Stage stage, String moment) throws SQLException {
    Evidence stock = stage.table("stock");
    Evidence other = stage.table("other");
    stage.run(moment);
    stage.feed.schemaChanged().join();
    assertThat(stage.isCurrent(stock)).as(moment).isFalse();
    assertThat(stage.isCurrent(other)).as(moment).isTrue();
  }

  @Test
  void whatSessionsBeginWithConcernsEverything() throws SQLException, InterruptedException {
    try (Stage stage = Stage.open(TABLES)) {
      Evidence stock = stage.table("stock");
      stage.run(
          "do $$ begin execute format('alter database %I set timezone to %L', current_database(),"
              + " 'Asia/Tokyo'); end $$");
      stage.feed.schemaChanged().join();
      assertThat(stage.isCurrent(stock)).isFalse();
      Evidence again = stage.table("stock");
      // The feed's own sessions have one of theirs.
      stage.run("alter system set extra_float_digits to 0");
      try {
        stage.reload();
        Stage.until(
            "the feed's session has loaded it",
            () -> {
              stage.feed.schemaChanged().join();
              return !stage.isCurrent(again);
            });
      } finally {
        stage.run("alter system reset extra_float_digits");
        stage.reload();
      }
    }
  }

  /// From PostgreSQL 14 on; before, messages are not in what is sent.
  @Test
  void anEventTriggerTellsItInTheLog() throws SQLException, InterruptedException {
    assumeThat(Server.version()).isGreaterThanOrEqualTo(14);
    try (Stage stage =
        Stage.open(
            TABLES,
            "create function tell() returns event_trigger language plpgsql as $$begin"
                + " perform pg_logical_emit_message(true, 'freshet.ddl', ''); end$$",
            "create event trigger tell on ddl_command_end execute function tell()")) {
      Evidence stock = stage.table("stock");
      Evidence other = stage.table("other");
      stage.run("alter table stock add column c int default 5");
      stage.passed();
      assertThat(stage.isCurrent(stock)).isFalse();
      assertThat(stage.isCurrent(other)).isFalse();
    }
  }

  /// Rows in the log have names in place of numbers, so names that change places are a trap.
  @Test
  void columnsThatSwapTheirNamesAreNotConfused() throws SQLException, InterruptedException {
    try (Stage stage = Stage.open(TABLES, "alter table stock replica identity full")) {
      assertThat(stage.isCurrent(stage.rows("stock", "a", 10))).isTrue();
      stage.run(
          "begin; alter table stock rename a to x; alter table stock rename b to a;"
              + "alter table stock rename x to b; update stock set id = id + 10; commit");
      stage.feed.schemaChanged().join();
      stage.passed();
      Evidence a20 = stage.rows("stock", "a", 20);
      Evidence b10 = stage.rows("stock", "b", 10);
      Evidence a40 = stage.rows("stock", "a", 40);
      stage.run("update stock set id = 111 where id = 11");
      stage.passed();
      assertThat(stage.isCurrent(a20)).isFalse();
      assertThat(stage.isCurrent(b10)).isFalse();
      assertThat(stage.isCurrent(a40)).isTrue();
    }
  }

  private static boolean isPublished(Stage stage, String table) throws SQLException {
    Catalog catalog = Objects.requireNonNull(stage.feed.catalog());
    return Objects.requireNonNull(catalog.relation(stage.oid(table))).isPublished();
  }

  @Test
  void newTablesAreCoveredOnceOldTransactionsAreOver() throws SQLException, InterruptedException {
    try (Stage stage = Stage.open(TABLES);
        Connection busy = Server.connect(stage.config.database(), "postgres")) {
      busy.setAutoCommit(false);
      stage.run("create table fresh (id int primary key, n int)");
      Sessions.run(busy, "insert into fresh values (1, 1)");
      stage.feed.schemaChanged().join();
      assertThat(stage.feed.covered()).doesNotContain(stage.oid("fresh"));
      assertThat(isPublished(stage, "fresh")).isFalse();
      busy.commit();
      long fresh = stage.oid("fresh");
      Stage.until("it counts", () -> stage.feed.covered().contains(fresh));
      assertThat(isPublished(stage, "fresh")).isTrue();
      stage.passed();
      Evidence one = stage.rows("fresh", "id", 1);
      stage.run("update fresh set n = 2 where id = 1");
      stage.passed();
      assertThat(stage.isCurrent(one)).isFalse();
    }
  }

  private static final String OUT = "alter publication freshet drop table stock";
  private static final String OUT_AND_IN = OUT + "; alter publication freshet add table stock";
  private static final String OFF_AND_ON =
      "alter publication freshet set (publish = 'insert');"
          + "alter publication freshet set (publish = 'insert, update, delete, truncate')";

  /// What was written to it meanwhile, and is committed later, is not in what is sent.
  @ParameterizedTest
  @ValueSource(strings = {OUT, OUT_AND_IN, OFF_AND_ON, "drop publication freshet"})
  void whatThePublicationDidNotCarryForAMomentCountsOnceOldTransactionsAreOver(String moment)
      throws SQLException, InterruptedException {
    try (Stage stage = Stage.open(TABLES)) {
      countsLater(stage, moment);
    }
  }

  /// From PostgreSQL 15 on, where the operator has made it.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "alter publication freshet drop tables in schema public",
        "alter publication freshet drop tables in schema public;"
            + "alter publication freshet add tables in schema public"
      })
  void soDoesWhatIsInASchemaThatItDidNotCarryForAMoment(String moment)
      throws SQLException, InterruptedException {
    assumeThat(Server.version()).isGreaterThanOrEqualTo(15);
    try (Stage stage =
        Stage.open(TABLES, "create publication freshet for tables in schema public")) {
      countsLater(stage, moment);
    }
  }

  private static void countsLater(Stage stage, String moment)
      throws SQLException, InterruptedException {
    long stock = stage.oid("stock");
    Evidence before = stage.table("stock");
    assertThat(stage.feed.covered()).contains(stock);
    try (Connection busy = Server.connect(stage.config.database(), "postgres")) {
      begin(busy);
      during(stage, moment, busy);
      stage.feed.schemaChanged().join();
      assertThat(stage.isCurrent(before)).isFalse();
      assertThat(stage.feed.covered()).doesNotContain(stock);
      busy.commit();
    }
    isToldAgain(stage);
  }

  private static void begin(Connection busy) throws SQLException {
    busy.setAutoCommit(false);
    Sessions.run(busy, "select pg_current_xact_id()");
  }

  /// Writes after each of the statements.
  private static void during(Stage stage, String moment, Connection busy) throws SQLException {
    for (String statement : moment.split(";", -1)) {
      stage.run(statement);
      Sessions.run(busy, "update stock set a = a + 1 where id = 1");
    }
  }

  private static void isToldAgain(Stage stage) throws SQLException {
    stage.counts(stage.oid("stock"));
    // Before PostgreSQL 18, a row written while there was no publication ends the stream.
    Stage.until("the feed is there", () -> stage.freshness.isAttached());
    Evidence after = stage.rows("stock", "id", 1);
    stage.run("update stock set a = 12 where id = 1");
    Stage.until("it was told", () -> !stage.isCurrent(after));
  }

  /// Who was there the first time is over before who is there the second time.
  @ParameterizedTest
  @ValueSource(strings = {OUT, OUT_AND_IN, OFF_AND_ON, "drop publication freshet"})
  void whatWasOutTwiceCountsOnceThoseAreOverThatWereThereTheSecondTime(String moment)
      throws SQLException, InterruptedException {
    try (Stage stage = Stage.open(TABLES);
        Connection first = Server.connect(stage.config.database(), "postgres");
        Connection second = Server.connect(stage.config.database(), "postgres")) {
      long stock = stage.oid("stock");
      begin(first);
      for (String statement : moment.split(";", -1)) {
        stage.run(statement);
      }
      stage.feed.schemaChanged().join();
      assertThat(stage.feed.covered()).doesNotContain(stock);
      begin(second);
      during(stage, moment, second);
      stage.feed.schemaChanged().join();
      first.commit();
      stage.feed.schemaChanged().join();
      assertThat(stage.feed.covered()).doesNotContain(stock);
      second.commit();
      isToldAgain(stage);
    }
  }

  @Test
  void aPublicationThatIsDroppedIsMadeAgainAndNothingIsMissed()
      throws SQLException, InterruptedException {
    try (Stage stage = Stage.open(TABLES)) {
      Evidence before = stage.table("stock");
      stage.run("drop publication freshet; update stock set a = 11 where id = 1");
      Stage.until("it was noticed", () -> !stage.isCurrent(before));
      long stock = stage.oid("stock");
      stage.counts(stock);
      Stage.until("the feed is there", () -> stage.freshness.isAttached());
      Evidence after = stage.rows("stock", "id", 1);
      stage.run("update stock set a = 12 where id = 1");
      Stage.until("it was told", () -> !stage.isCurrent(after));
    }
  }

  /// From PostgreSQL 15 on, where the operator has made it.
  @Test
  void aSchemaThatIsTakenOutOfThePublicationIsNoticed() throws SQLException, InterruptedException {
    assumeThat(Server.version()).isGreaterThanOrEqualTo(15);
    try (Stage stage =
        Stage.open(TABLES, "create publication freshet for tables in schema public")) {
      Evidence before = stage.table("stock");
      stage.run("alter publication freshet drop tables in schema public");
      Stage.until("it was noticed", () -> !stage.isCurrent(before));
      long stock = stage.oid("stock");
      stage.counts(stock);
      Evidence after = stage.rows("stock", "id", 1);
      stage.run("update stock set a = 12 where id = 1");
      stage.passed();
      assertThat(stage.isCurrent(after)).isFalse();
    }
  }

  /// Its rows were the root's, and are so no more, without one of them being in the log.
  @Test
  void aPartitionThatComesOrGoesConcernsItsRoot() throws SQLException, InterruptedException {
    try (Stage stage =
        Stage.open(
            "create table sales (id int, day int, primary key (id, day)) partition by range (day)",
            "create table early partition of sales for values from (1) to (10)",
            "create table late (id int, day int, primary key (id, day))",
            "insert into sales values (7, 5); insert into late values (8, 15)",
            "create table other (id int primary key)")) {
      Evidence sales = stage.table("sales");
      Evidence other = stage.table("other");
      stage.run("alter table sales attach partition late for values from (10) to (20)");
      stage.feed.schemaChanged().join();
      assertThat(stage.isCurrent(sales)).isFalse();
      Evidence eight = stage.rows("sales", "id", 8);
      stage.run("update late set day = 16 where id = 8");
      stage.passed();
      assertThat(stage.isCurrent(eight)).isFalse();
      sales = stage.table("sales");
      stage.run("alter table sales detach partition early");
      stage.feed.schemaChanged().join();
      assertThat(stage.isCurrent(sales)).isFalse();
      sales = stage.table("sales");
      stage.run("drop table early");
      stage.feed.schemaChanged().join();
      assertThat(stage.isCurrent(other)).isTrue();
      stage.run("truncate late");
      stage.passed();
      assertThat(stage.isCurrent(sales)).isFalse();
    }
  }

  @Test
  void aTableWithoutIdentityIsLeftOutAndItsUpdatesWork() throws SQLException, InterruptedException {
    try (Stage stage = Stage.open(TABLES, "create table log (line text)")) {
      assertThat(stage.feed.covered()).doesNotContain(stage.oid("log"));
      assertThat(stage.feed.snapshot().uncovered()).containsExactly("public.log");
      stage.run("insert into log values ('a'); update log set line = 'b'; delete from log");
      stage.run("alter table log replica identity full");
      stage.feed.schemaChanged().join();
      long log = stage.oid("log");
      stage.counts(log);
      stage.run("update log set line = 'c'");
    }
  }

  @Test
  void aTableThatLosesItsKeyIsTakenOut() throws SQLException, InterruptedException {
    try (Stage stage = Stage.open(TABLES)) {
      Evidence stock = stage.table("stock");
      long oid = stage.oid("stock");
      stage.run("alter table stock drop constraint stock_pkey");
      stage.feed.schemaChanged().join();
      assertThat(stage.isCurrent(stock)).isFalse();
      assertThat(stage.feed.covered()).doesNotContain(oid);
      stage.run("update stock set a = 11 where id = 1");
    }
  }

  /// From PostgreSQL 18 on. What is computed when it is read is never in the log.
  @Test
  void virtualColumnsDoNotMakeUpdatesFailAndMayBeAnythingAfterAChange()
      throws SQLException, InterruptedException {
    assumeThat(Server.version()).isGreaterThanOrEqualTo(18);
    String columns = " (id int primary key, n int, twice int generated always as (n * 2) virtual)";
    try (Stage stage =
        Stage.open(
            TABLES,
            "create table made" + columns,
            "alter table made replica identity full",
            "create table keyed" + columns,
            "insert into made (id, n) values (1, 1)",
            "insert into keyed (id, n) values (1, 1)")) {
      assertThat(stage.feed.covered()).doesNotContain(stage.oid("made"));
      stage.run("update made set n = 2");
      assertThat(stage.feed.covered()).contains(stage.oid("keyed"));
      for (String change :
          List.of(
              "update keyed set n = 3",
              "insert into keyed (id, n) values (2, 4)",
              "delete from keyed where id = 2")) {
        Evidence six = stage.rows("keyed", "twice", 6);
        Evidence sums = stage.columns("keyed", "twice");
        stage.run(change);
        stage.passed();
        assertThat(stage.isCurrent(six)).as(change).isFalse();
        assertThat(stage.isCurrent(sums)).as(change).isFalse();
      }
    }
  }

  /// The operator's to choose at any time; answers made before are made again.
  @Test
  void theIdentityMayChangeWhileTheFeedRuns() throws SQLException, InterruptedException {
    try (Stage stage = Stage.open(TABLES)) {
      stage.run("alter table stock replica identity full");
      stage.feed.schemaChanged().join();
      Evidence ten = stage.rows("stock", "a", 10);
      // In one transaction with its use, and nobody says so.
      stage.run(
          "begin; alter table stock replica identity default;"
              + " update stock set a = 11 where id = 1; commit");
      stage.passed();
      assertThat(stage.isCurrent(ten)).isFalse();
      Evidence thirty = stage.rows("stock", "a", 30);
      stage.run("update stock set a = 31 where id = 2");
      stage.passed();
      assertThat(stage.isCurrent(thirty)).isFalse();
      stage.run(
          "create unique index by_b on stock (b); alter table stock alter b set not null;"
              + " alter table stock replica identity using index by_b");
      stage.feed.schemaChanged().join();
      Evidence twenty = stage.rows("stock", "b", 20);
      Evidence forty = stage.rows("stock", "b", 40);
      stage.run("update stock set a = 12 where b = 20");
      stage.passed();
      assertThat(stage.isCurrent(twenty)).isFalse();
      assertThat(stage.isCurrent(forty)).isTrue();
      stage.run("update stock set b = 41 where b = 40");
      stage.passed();
      assertThat(stage.isCurrent(forty)).isFalse();
      long stock = stage.oid("stock");
      stage.run("alter table stock replica identity nothing");
      stage.feed.schemaChanged().join();
      assertThat(stage.feed.covered()).doesNotContain(stock);
      stage.run("update stock set a = 13");
    }
  }
}
