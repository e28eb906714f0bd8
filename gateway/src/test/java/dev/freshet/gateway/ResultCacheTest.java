package dev.freshet.gateway;

import static dev.freshet.gateway.Backstage.run;
import static dev.freshet.gateway.Kitchen.one;
import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Which answers come from memory, and which never do. Behind the gateway's back a direct
/// connection changes rows: an answer that does not show that is one from memory.
@Timeout(60)
class ResultCacheTest {
  private static final String PRICE = "select price from menu where id = 1";

  @BeforeEach
  void lay() throws SQLException {
    Kitchen.laid();
  }

  private static void behindItsBack(String sql) throws SQLException {
    try (Connection c = Backstage.direct()) {
      run(c, sql);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"simple", "extended", "extendedForPrepared"})
  void servesAResultFromMemoryUntilItsTimeIsUp(String mode) throws Exception {
    try (Kitchen kitchen = new Kitchen();
        Connection c = kitchen.connect("preferQueryMode", mode);
        Connection other = kitchen.connect("preferQueryMode", mode)) {
      kitchen.warm(c, PRICE);
      kitchen.warm(other, PRICE);
      behindItsBack("update menu set price = 100 where id = 1");
      assertThat(one(c, PRICE)).isEqualTo("1");
      assertThat(one(other, PRICE)).isEqualTo("1");
      kitchen.time.advance(Kitchen.TTL.plusMillis(1));
      assertThat(one(other, PRICE)).isEqualTo("100");
      assertThat(one(c, PRICE)).isEqualTo("100");
    }
  }

  @Test
  void tellsParametersAndFormatsApart() throws Exception {
    String sql = "select dish, price from menu where id = ?";
    try (Kitchen kitchen = new Kitchen();
        Connection c = kitchen.connect()) {
      for (int id = 1; id <= 20; id++) {
        kitchen.warm(c, sql, id);
      }
      for (int id = 1; id <= 20; id++) {
        assertThat(Kitchen.all(c, sql, id)).containsExactly(List.of("dish " + id, "" + id));
        assertThat(Kitchen.all(c, sql, (long) id)).containsExactly(List.of("dish " + id, "" + id));
        kitchen.warm(c, sql, id);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"simple", "extended", "extendedForPrepared"})
  void aWriteIsSeenAtOnceByEverybody(String mode) throws Exception {
    try (Kitchen kitchen = new Kitchen();
        Connection writer = kitchen.connect("preferQueryMode", mode);
        Connection reader = kitchen.connect("preferQueryMode", mode)) {
      for (int i = 1; i < 30; i++) {
        run(writer, "update menu set price = " + i + " where id = 1");
        assertThat(one(reader, PRICE)).isEqualTo("" + i);
        assertThat(one(writer, PRICE)).isEqualTo("" + i);
        assertThat(one(reader, PRICE)).isEqualTo("" + i);
      }
      assertThat(kitchen.hits(writer, PRICE)).isTrue();
    }
  }

  @Test
  void aHitCountsTheRowsThatItGave() throws Exception {
    try (Kitchen kitchen = new Kitchen();
        Connection reader = kitchen.connect()) {
      kitchen.warm(reader, "select dish from menu where id < 5");
      StatementsSnapshot.Line line =
          kitchen.gateway.statements(StatementOrder.CALLS, 10).statements().getFirst();
      assertThat(line.hits()).isPositive();
      assertThat(line.rows()).isEqualTo(4 * line.calls());
    }
  }

  @Test
  void aWriteToOneTableLeavesOthersResultsAlone() throws Exception {
    try (Kitchen kitchen = new Kitchen();
        Connection writer = kitchen.connect();
        Connection reader = kitchen.connect()) {
      kitchen.known(writer, "insert into orders values (0, 0) returning id");
      kitchen.warm(reader, PRICE);
      Kitchen.all(writer, "insert into orders values (1, 1) returning id");
      assertThat(kitchen.hits(reader, PRICE)).isTrue();
      // What else its statement did is not known: the writer itself looks again.
      assertThat(kitchen.hits(writer, PRICE)).isFalse();
    }
  }

  @Test
  void aTransactionIsSeenWhenItHasCommittedAndNotBefore() throws Exception {
    try (Kitchen kitchen = new Kitchen();
        Connection writer = kitchen.connect();
        Connection reader = kitchen.connect()) {
      kitchen.warm(reader, PRICE);
      writer.setAutoCommit(false);
      run(writer, "update menu set price = 7 where id = 1");
      assertThat(one(writer, PRICE)).isEqualTo("7");
      kitchen.warm(reader, PRICE);
      assertThat(one(reader, PRICE)).isEqualTo("1");
      writer.commit();
      assertThat(one(reader, PRICE)).isEqualTo("7");
      writer.setAutoCommit(true);
      assertThat(one(writer, PRICE)).isEqualTo("7");
    }
  }

  @Test
  void whoWroteSeesAlsoWhatATriggerDid() throws Exception {
    behindItsBack(
        """
        create or replace function double_price() returns trigger language plpgsql as
        $$ begin update menu set price = price * 2 where id = new.dish; return new; end $$;
        create trigger doubling after insert on orders
        for each row execute function double_price()
        """);
    try (Kitchen kitchen = new Kitchen();
        Connection c = kitchen.connect()) {
      kitchen.known(c, "insert into orders values (0, 0) returning id");
      behindItsBack("update menu set price = 1");
      kitchen.warm(c, PRICE);
      Kitchen.all(c, "insert into orders values (1, 1) returning id");
      assertThat(one(c, PRICE)).isEqualTo("2");
    }
  }

  @Test
  void whatNobodyCanReadForgetsEverything() throws Exception {
    behindItsBack(
        """
        create or replace function cheap() returns int language sql as
        $$ update menu set price = 0 where id = 1 returning price $$
        """);
    try (Kitchen kitchen = new Kitchen();
        Connection c = kitchen.connect();
        Connection reader = kitchen.connect()) {
      for (String change :
          List.of(
              "select cheap()",
              "do $$ begin update menu set price = 0 where id = 1; end $$",
              "with w as (update menu set price = 0 where id = 1 returning 1) select 1 from w",
              "explain analyze update menu set price = 0 where id = 1",
              "alter table menu alter column price type int using 0",
              "truncate menu; insert into menu values (1, 'one', 0)")) {
        behindItsBack("update menu set price = 1 where id = 1");
        run(c, "select 'forget' into temp gone");
        run(c, "discard all");
        kitchen.warm(reader, PRICE);
        assertThat(one(reader, PRICE)).as(change).isEqualTo("1");
        run(c, change);
        assertThat(one(reader, PRICE)).as(change).isEqualTo("0");
      }
    }
  }

  @Test
  void aStatementThatOnlyAsksLeavesResultsAlone() throws Exception {
    try (Kitchen kitchen = new Kitchen();
        Connection c = kitchen.connect();
        Connection reader = kitchen.connect()) {
      List<String> quiet =
          List.of(
              "select now()",
              "select current_user, count(*) from pg_class",
              "show search_path",
              "select * from menu for update");
      for (String sql : quiet) {
        kitchen.known(c, sql);
      }
      kitchen.warm(reader, PRICE);
      for (String sql : quiet) {
        run(c, sql);
        assertThat(kitchen.hits(reader, PRICE)).as(sql).isTrue();
      }
    }
  }

  @Test
  void neverShowsOneRoleOrTenantTheRowsOfAnother() throws Exception {
    behindItsBack(
        """
        drop schema if exists other cascade; create schema other;
        create table other.menu (id int, dish text, price int);
        insert into other.menu values (1, 'other', 99);
        alter table menu enable row level security; alter table menu force row level security;
        create policy tenants on menu using (price <= current_setting('app.most', true)::int)
        """);
    String sql = "select count(*) from menu";
    try (Kitchen kitchen = new Kitchen();
        Connection five = kitchen.connect("options", "-c app.most=5");
        Connection nine = kitchen.connect();
        Connection elsewhere = kitchen.connect("currentSchema", "other")) {
      run(nine, "set app.most = 9");
      for (int i = 0; i < 3; i++) {
        kitchen.warm(five, sql);
        kitchen.warm(nine, sql);
        kitchen.warm(elsewhere, sql);
        assertThat(one(five, sql)).isEqualTo("5");
        assertThat(one(nine, sql)).isEqualTo("9");
        assertThat(one(elsewhere, sql)).isEqualTo("1");
      }
      run(nine, "set app.most = 3");
      assertThat(one(nine, sql)).isEqualTo("3");
      run(nine, "set bytea_output = 'escape'");
      assertThat(kitchen.hits(nine, sql)).isFalse();
    } finally {
      behindItsBack("drop schema other cascade");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "select random() from menu",
        "select now() from menu",
        "select current_user from menu",
        "select * from menu for update",
        "select price from menu where dish < 'today'",
        "select relname from pg_class",
        "select * from orders o join pg_class c on true",
        "select 1",
        "select txid_current() from menu",
      })
  void neverKeepsWhatIsNotTheSameTwice(String sql) throws Exception {
    try (Kitchen kitchen = new Kitchen();
        Connection c = kitchen.connect()) {
      kitchen.known(c, sql);
      for (int i = 0; i < 5; i++) {
        assertThat(kitchen.hits(c, sql)).isFalse();
      }
    }
  }

  @Test
  void aBoundValueThatNamesAMomentIsNotKept() throws Exception {
    String sql = "select price from menu where dish <> ?";
    try (Kitchen kitchen = new Kitchen();
        Connection c = kitchen.connect("stringtype", "unspecified")) {
      kitchen.warm(c, sql, "x");
      assertThat(kitchen.hits(c, sql, "tomorrow")).isFalse();
      assertThat(kitchen.hits(c, sql, "tomorrow")).isFalse();
      assertThat(kitchen.hits(c, sql, "x")).isTrue();
    }
  }

  @Test
  void nothingIsKeptInTransactionsCursorsAndWithTemporaryTables() throws Exception {
    try (Kitchen kitchen = new Kitchen();
        Connection c = kitchen.connect()) {
      kitchen.known(c, "select id from menu order by id");
      kitchen.warm(c, PRICE);
      c.setAutoCommit(false);
      assertThat(kitchen.hits(c, PRICE)).isFalse();
      assertThat(kitchen.hits(c, PRICE)).isFalse();
      try (PreparedStatement p = c.prepareStatement("select id from menu order by id")) {
        p.setFetchSize(3);
        List<Integer> ids = new ArrayList<>();
        try (ResultSet r = p.executeQuery()) {
          while (r.next()) {
            ids.add(r.getInt(1));
          }
        }
        assertThat(ids).hasSize(20);
      }
      c.commit();
      c.setAutoCommit(true);
      // The driver may still have something to tidy up, which goes with its next statement.
      kitchen.warm(c, PRICE);
      run(c, "create temp table menu (id int, price int)");
      run(c, "insert into menu values (1, 55)");
      assertThat(one(c, PRICE)).isEqualTo("55");
      assertThat(kitchen.hits(c, PRICE)).isFalse();
    }
  }

  @Test
  void rulesGoByFingerprintAndByTheStatementsOwnComment() throws Exception {
    try (Kitchen kitchen = new Kitchen();
        Connection c = kitchen.connect()) {
      kitchen.warm(c, "select 'told', 1");
      behindItsBack("drop table if exists asked");
      behindItsBack("create table asked (n int)");
      String asked = "select count(*) from asked";
      kitchen.warm(c, asked + " /*freshet_ttl='5s'*/");
      assertThat(kitchen.hits(c, asked)).isFalse();
      kitchen.known(c, asked);
      assertThat(kitchen.hits(c, asked)).isFalse();
      assertThat(kitchen.hits(c, asked + " /*freshet_ttl='5s'*/")).isTrue();
      kitchen.time.advance(Duration.ofSeconds(6));
      assertThat(kitchen.hits(c, asked + " /*freshet_ttl='5s'*/")).isFalse();
    }
  }

  /// What is read at once shrinks with what was read before: of longer questions the statement
  /// comes in one piece, and what is asked of it in the next.
  @Test
  void aQuestionThatComesInTwoPiecesIsFoundAsWell() throws Exception {
    try (Kitchen kitchen = new Kitchen();
        Connection c = kitchen.connect()) {
      kitchen.warm(c, PRICE);
      for (int longer = 5; longer < 80; longer += 15) {
        String question = PRICE + " and dish <> '" + "x".repeat(longer) + "'";
        kitchen.warm(c, question);
        for (int i = 0; i < 40; i++) {
          one(c, PRICE);
        }
        assertThat(kitchen.hits(c, question)).as("%s", longer).isTrue();
      }
    }
  }

  @Test
  void countsHitsByStatement() throws Exception {
    try (Kitchen kitchen = new Kitchen();
        Connection c = kitchen.connect()) {
      kitchen.warm(c, PRICE);
      long before = kitchen.count("hit");
      for (int i = 0; i < 7; i++) {
        one(c, PRICE);
      }
      assertThat(kitchen.count("hit")).isEqualTo(before + 7);
      StatementsSnapshot.Line line =
          kitchen.gateway.statements(StatementOrder.HITS, 1).statements().getFirst();
      assertThat(line.text()).isEqualTo("select price from menu where id = ?");
      assertThat(line.hits()).isEqualTo(before + 7);
    }
  }
}
