package dev.freshet.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.base.HostPort;
import dev.freshet.base.Meters;
import dev.freshet.base.Time;
import dev.freshet.freshness.Freshness;
import dev.freshet.freshness.Trails;
import dev.freshet.sql.Catalog;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Set;
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
    gateway =
        Gateway.start(
            GatewayConfig.of(new HostPort("127.0.0.1", 0), Backstage.url()),
            Time.system(),
            new Meters(),
            trace -> null,
            new Watch(
                () -> true,
                trails,
                () -> "shop",
                CATALOG::get,
                table -> true,
                () -> {},
                host -> {},
                Set::of));
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
