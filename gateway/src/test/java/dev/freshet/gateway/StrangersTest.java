package dev.freshet.gateway;

import static dev.freshet.gateway.Backstage.run;
import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.pgwire.LoginRefused;
import dev.freshet.sql.Statement;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What one client has prepared, asked or set is nothing to another on the same server connection.
@Timeout(60)
class StrangersTest {
  private static byte[] use(String name) {
    return Say.all(Say.bind("", name), Say.execute("", 0), Say.sync());
  }

  /// PostgreSQL may then say that it is idle, and refuse what is asked next (XX000).
  @Test
  void nobodyGetsAConnectionWhereAQueryCameBeforeTheSync() throws IOException, LoginRefused {
    byte[] asks = Say.query("select 'pid ' || pg_backend_pid()");
    try (Gateway gateway = Backstage.gateway(1);
        RawPg first = RawPg.open(gateway);
        RawPg second = RawPg.open(gateway)) {
      String before = first.ask(asks).toString();
      assertThat(second.ask(asks).toString()).isEqualTo(before).contains("D [pid ");
      first.send(Say.run("set datestyle to 'German'"), asks, Say.sync());
      first.answers(2);
      assertThat(second.ask(asks).toString()).isNotEqualTo(before).contains("D [pid ");
    }
  }

  /// By SQL too, as far as nothing is under way that may change it.
  @Test
  void aNameGivenByMessageIsTakenForSqlToo() throws IOException, LoginRefused {
    try (Gateway gateway = Backstage.gateway(1);
        RawPg direct = RawPg.direct();
        RawPg through = RawPg.open(gateway)) {
      for (RawPg client : List.of(direct, through)) {
        client.ask(Say.parse("mine", "select 7"), Say.sync());
        byte[] takes = Say.query("prepare Mine as select 8");
        assertThat(client.ask(takes).toString())
            .isEqualTo("[E 42P05 prepared statement \"mine\" already exists, Z I]");
        client.ask(Say.query("begin"));
        assertThat(client.ask(takes).toString()).contains("E 42P05").contains("Z E");
        client.ask(Say.query("rollback"));
        client.ask(Say.close('S', "mine"), Say.sync());
        assertThat(client.ask(takes).toString()).isEqualTo("[C PREPARE, Z I]");
      }
    }
  }

  /// PostgreSQL knows one statement without a name for each connection.
  @Test
  void nobodyRunsWhatAnotherPreparedWithoutAName() throws IOException, LoginRefused {
    try (Gateway gateway = Backstage.gateway(1);
        RawPg first = RawPg.open(gateway);
        RawPg second = RawPg.open(gateway)) {
      for (int i = 0; i < 3; i++) {
        first.ask(Say.parse("", "select 'first " + i + "'"), Say.sync());
        assertThat(second.ask(use("")).toString()).contains("26000").doesNotContain("first");
        assertThat(second.ask(Say.describe('S', ""), Say.sync()).toString()).contains("26000");
        assertThat(first.ask(use("")).toString()).contains("D [first " + i + "]");
      }
    }
  }

  /// A query drops it, and nobody's query drops another's.
  @Test
  void nobodyLosesWhatHePreparedWithoutAName() throws IOException, LoginRefused {
    try (Gateway gateway = Backstage.gateway(1);
        RawPg first = RawPg.open(gateway);
        RawPg second = RawPg.open(gateway)) {
      for (int i = 0; i < 3; i++) {
        first.ask(Say.parse("", "select 'first " + i + "'"), Say.sync());
        assertThat(second.ask(Say.query("select 'second'")).toString()).contains("D [second]");
        assertThat(first.ask(use("")).toString()).contains("D [first " + i + "]");
      }
    }
  }

  @Test
  void whatWasForgottenForWantOfRoomIsPreparedAgain() throws IOException, LoginRefused {
    GatewayConfig.Limits d = GatewayConfig.Limits.defaults();
    GatewayConfig.Limits few =
        new GatewayConfig.Limits(
            d.maxClients(),
            2,
            d.maxStatements(),
            d.statistics(),
            d.login(),
            d.idleInTransaction(),
            d.statement(),
            d.keepalive(),
            d.maxMessage());
    GatewayConfig plain =
        Backstage.config(
            Backstage.url(), Backstage.pool(1, PoolMode.TRANSACTION, Duration.ofSeconds(10)));
    try (Gateway gateway = Backstage.gateway(Backstage.with(plain, few));
        RawPg client = RawPg.open(gateway)) {
      for (int n = 0; n < 5; n++) {
        client.ask(Say.parse("s" + n, "select 'it is " + n + "'"), Say.sync());
      }
      for (int i = 0; i < 30; i++) {
        int n = i * 7 % 5;
        assertThat(client.ask(use("s" + n)).toString()).contains("D [it is " + n + "]");
      }
      String kept = "select count(*) from pg_prepared_statements";
      assertThat(client.ask(Say.query(kept)).toString()).contains("D [2]");
    }
  }

  @Test
  void tablesOfOneNameAreToldApartByTheSearchPath() throws SQLException {
    String sql = "select price from menu where id = 1";
    Kitchen.laid();
    try (Connection c = Backstage.direct()) {
      run(c, "create schema if not exists west");
      run(c, "drop table if exists west.menu");
      run(c, "create table west.menu as select 1 as id, 500 as price");
    }
    for (String mode : new String[] {"simple", "extended"}) {
      try (Kitchen kitchen = new Kitchen();
          Connection east = kitchen.connect("preferQueryMode", mode);
          Connection west = kitchen.connect("preferQueryMode", mode)) {
        run(west, "set search_path to west");
        kitchen.warm(east, sql);
        assertThat(Backstage.one(west, sql)).isEqualTo("500");
        kitchen.warm(west, sql);
        assertThat(Backstage.one(east, sql)).isEqualTo("1");
        assertThat(Backstage.one(west, sql)).isEqualTo("500");
      }
    }
  }

  /// Between two words a comment is as good as a space, and hides from nobody what they say.
  @Test
  void whatIsMadeBehindACommentStaysWithWhoMadeIt() throws IOException, LoginRefused {
    String table = "create/**/temp table mine as select 'first' as who";
    String cursor =
        "begin; declare mine cursor with -- as long as it takes\n"
            + "hold for select 'first'; commit";
    try (Gateway gateway = Backstage.gateway(2);
        RawPg first = RawPg.open(gateway);
        RawPg second = RawPg.open(gateway)) {
      first.ask(Say.query(table));
      assertThat(second.ask(Say.query("select who from mine")).toString())
          .contains("42P01")
          .doesNotContain("first");
      first.ask(Say.query("drop table mine; discard/**/all"));
      first.ask(Say.query(cursor));
      assertThat(second.ask(Say.query("fetch mine")).toString())
          .contains("34000")
          .doesNotContain("first");
      assertThat(first.ask(Say.query("fetch mine")).toString()).contains("D [first]");
    }
  }

  @Test
  void whatIsForgottenBehindACommentIsPreparedAgain() throws IOException, LoginRefused {
    try (Gateway gateway = Backstage.gateway(1);
        RawPg first = RawPg.open(gateway);
        RawPg second = RawPg.open(gateway)) {
      for (String forget : new String[] {"discard/**/all", "deallocate/**/all"}) {
        second.ask(Say.parse("s", "select 'second'"), Say.sync());
        assertThat(second.ask(use("s")).toString()).contains("D [second]");
        first.ask(Say.query(forget));
        assertThat(second.ask(use("s")).toString()).contains("D [second]");
        assertThat(second.ask(Say.query("deallocate/**/s")).toString()).doesNotContain("E [");
      }
    }
  }

  @Test
  void aSettingBehindACommentBearsOnWhatTextsMean() {
    for (String sql :
        new String[] {"set local search_path to a", "set/**/local search_path to a"}) {
      assertThat(Traits.of(sql.getBytes(StandardCharsets.UTF_8), Statement.read(sql)))
          .as(sql)
          .extracting(Traits::changesMeaning)
          .isEqualTo(true);
    }
  }
}
