package dev.freshet.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.base.Time;
import dev.freshet.freshness.Freshness;
import dev.freshet.freshness.Trails;
import dev.freshet.pgwire.LoginRefused;
import dev.freshet.sql.Catalog;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// Texts that come without a name mean what they mean when they come, as on the server itself,
/// though the gateway keeps them prepared.
class RedefinedTest {
  private static final AtomicReference<Catalog> CATALOG = new AtomicReference<>();
  private static Gateway gateway;

  @BeforeAll
  static void start() throws SQLException {
    defines(
        "drop schema if exists near, far cascade; create schema near; create schema far;"
            + " create table far.shelf (id int primary key); insert into far.shelf values (1);"
            + " drop publication if exists redefined; create publication redefined");
    Trails trails = new Trails(new Freshness(1 << 10), Time.system());
    gateway = Watched.gateway(trails, CATALOG::get);
  }

  @AfterAll
  static void stop() {
    gateway.close();
  }

  /// By somebody else, and noticed.
  private static void defines(String sql) throws SQLException {
    try (Connection direct = Backstage.direct()) {
      Backstage.run(direct, sql);
      if (gateway != null) {
        CATALOG.set(Catalogs.read(direct, "redefined"));
      }
    }
  }

  /// Often enough for the gateway to keep it prepared.
  private static String one(Connection c, String sql) throws SQLException {
    Backstage.one(c, sql);
    Backstage.one(c, sql);
    return Backstage.one(c, sql);
  }

  /// Where nobody follows what is defined, as far as clients of the gateway do it.
  @Test
  void whoDefinesSomethingAnewSeesItAtOnce() throws SQLException {
    try (Gateway plain = Backstage.gateway(1);
        Connection c = Backstage.connect(plain, "prepareThreshold", "0")) {
      Backstage.run(
          c, "drop table if exists rack; create table rack (id int); insert into rack values (1)");
      assertThat(one(c, "select * from rack")).isEqualTo("1");
      Backstage.run(c, "alter table rack alter column id type text using 'first'");
      assertThat(one(c, "select * from rack")).isEqualTo("first");
      c.setAutoCommit(false);
      Backstage.run(c, "alter table rack alter column id type int using 2");
      assertThat(one(c, "select * from rack")).isEqualTo("2");
      c.rollback();
      assertThat(one(c, "select * from rack")).isEqualTo("first");
    }
  }

  @Test
  void whatSomebodyElseDefinedFailsOnce() throws IOException, LoginRefused, SQLException {
    byte[] reads = Say.all(Say.run("select * from tray"), Say.sync());
    try (Gateway plain = Backstage.gateway(1);
        Connection direct = Backstage.direct();
        RawPg client = RawPg.open(plain)) {
      Backstage.run(
          direct,
          "drop table if exists tray; create table tray (id int); insert into tray values (1)");
      for (int i = 0; i < 3; i++) {
        assertThat(client.ask(reads).toString()).contains("D [1]");
      }
      Backstage.run(direct, "alter table tray alter column id type text using 'first'");
      assertThat(client.ask(reads).toString()).contains("E 0A000");
      assertThat(client.ask(reads).toString()).contains("D [first]");
    }
  }

  @Test
  void aTemporaryTableHidesAnotherFromItsSession() throws SQLException {
    try (Gateway plain = Backstage.gateway(1);
        Connection c = Backstage.connect(plain, "prepareThreshold", "0")) {
      Backstage.run(
          c, "drop table if exists pile; create table pile (id int); insert into pile values (1)");
      // From the first on they are looked for there.
      Backstage.run(c, "create temp table other (id int)");
      assertThat(one(c, "select * from pile")).isEqualTo("1");
      Backstage.run(c, "create temp table pile as select 7 as id");
      assertThat(one(c, "select * from pile")).isEqualTo("7");
      Backstage.run(c, "discard all");
      assertThat(one(c, "select * from pile")).isEqualTo("1");
    }
  }

  @Test
  void aNameMeansTheNearestTableAndAStarTheColumnsThereAre() throws SQLException {
    try (Connection c = Backstage.connect(gateway, "prepareThreshold", "0")) {
      Backstage.run(c, "set search_path to near, far");
      assertThat(one(c, "select * from shelf")).isEqualTo("1");
      defines("alter table far.shelf alter column id type text using 'first'");
      assertThat(one(c, "select * from shelf")).isEqualTo("first");
      defines("create table near.shelf (id int primary key); insert into near.shelf values (7)");
      assertThat(one(c, "select * from shelf")).isEqualTo("7");
    }
  }
}
