package dev.freshet.integrations;

import dev.freshet.base.HostPort;
import dev.freshet.base.Meters;
import dev.freshet.base.Time;
import dev.freshet.gateway.DatabaseUrl;
import dev.freshet.gateway.Gateway;
import dev.freshet.gateway.GatewayConfig;
import dev.freshet.gateway.PoolMode;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;

/// A real PostgreSQL for the whole run; before it a gateway, and before that a [Tap].
///
/// The gateway keeps one server connection, so that a question about that connection is answered by
/// the one that the app's statements went to.
record Stage(Gateway gateway, Tap tap) implements AutoCloseable {
  private static final String PASSWORD = "secret";
  private static final EmbeddedPostgres SERVER = server();

  private static EmbeddedPostgres server() {
    try {
      EmbeddedPostgres made = EmbeddedPostgres.builder().start();
      Runtime.getRuntime()
          .addShutdownHook(
              new Thread(() -> {
                try {
                  made.close();
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              }));
      try (Connection c = made.getPostgresDatabase().getConnection();
          Statement s = c.createStatement()) {
        s.execute("create role app login password '" + PASSWORD + "'");
        s.execute("create database shop owner app");
      }
      String shop = "jdbc:postgresql://127.0.0.1:" + made.getPort() + "/shop";
      try (Connection c = DriverManager.getConnection(shop, "app", PASSWORD);
          Statement s = c.createStatement()) {
        s.execute("create table item (id int primary key, name text not null)");
        s.execute("insert into item select i, 'item ' || i from generate_series(1, 20) i");
        s.execute("create table visit (n text not null)");
      }
      return made;
    } catch (IOException | SQLException e) {
      throw new IllegalStateException("PostgreSQL did not start", e);
    }
  }

  static Stage set() {
    DatabaseUrl database =
        new DatabaseUrl(
            new HostPort("127.0.0.1", SERVER.getPort()),
            "shop",
            "app",
            PASSWORD,
            DatabaseUrl.SslMode.PREFER);
    GatewayConfig.PoolConfig pool =
        new GatewayConfig.PoolConfig(
            1,
            PoolMode.TRANSACTION,
            Duration.ofSeconds(20),
            Duration.ofHours(1),
            Duration.ofMinutes(10));
    Gateway gateway =
        Gateway.start(
            new GatewayConfig(
                new HostPort("127.0.0.1", 0),
                database,
                Map.of(),
                pool,
                GatewayConfig.Limits.defaults(),
                null),
            Time.system(),
            new Meters());
    return new Stage(gateway, Tap.before(gateway.address()));
  }

  /// What libpq, node-postgres and their like read; through the tap.
  Map<String, String> environment() {
    return Map.of(
        "PGHOST",
        "127.0.0.1",
        "PGPORT",
        Integer.toString(tap.port()),
        "PGUSER",
        "app",
        "PGPASSWORD",
        PASSWORD,
        "PGDATABASE",
        "shop");
  }

  /// For JDBC, through the tap.
  String place() {
    return "//127.0.0.1:" + tap.port() + "/shop?user=app&password=" + PASSWORD;
  }

  /// How often PostgreSQL has prepared a text, and whether any of them carries a trace.
  Prepared prepared(String text) {
    String url = "jdbc:postgresql://" + gateway.address() + "/shop";
    try (Connection c = DriverManager.getConnection(url, "app", PASSWORD);
        Statement s = c.createStatement();
        ResultSet r =
            s.executeQuery(
                "select count(*), coalesce(bool_or(statement like '%traceparent=%'), false)"
                    + " from pg_prepared_statements where position('"
                    + text
                    + "' in statement) > 0"
                    + " and statement not like '%pg_prepared_statements%'")) {
      r.next();
      return new Prepared(r.getInt(1), r.getBoolean(2));
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  /// @param times how many statements with the text the server has
  record Prepared(int times, boolean withTrace) {}

  @Override
  public void close() {
    tap.close();
    gateway.close();
  }
}
