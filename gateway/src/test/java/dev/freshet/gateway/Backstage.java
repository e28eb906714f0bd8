package dev.freshet.gateway;

import dev.freshet.base.HostPort;
import dev.freshet.base.Meters;
import dev.freshet.base.Time;
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
import java.util.Properties;

/// A real PostgreSQL for the whole run, and gateways before it.
final class Backstage {
  static final String PASSWORD = "an app secret";
  private static final EmbeddedPostgres SERVER = server();

  private Backstage() {}

  private static EmbeddedPostgres server() {
    try {
      EmbeddedPostgres made =
          EmbeddedPostgres.builder()
              .setServerConfig("password_encryption", "scram-sha-256")
              .setServerConfig("max_connections", "200")
              .start();
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
      return made;
    } catch (IOException | SQLException e) {
      throw new IllegalStateException("PostgreSQL did not start", e);
    }
  }

  static DatabaseUrl url() {
    return new DatabaseUrl(
        new HostPort("127.0.0.1", SERVER.getPort()),
        "shop",
        "app",
        PASSWORD,
        DatabaseUrl.SslMode.PREFER);
  }

  /// An address that the system chooses.
  static HostPort anywhere() {
    return new HostPort("127.0.0.1", 0);
  }

  static Gateway gateway(int size, PoolMode mode, Duration queueTimeout) {
    return Gateway.start(
        new GatewayConfig(
            anywhere(),
            url(),
            Map.of(),
            new GatewayConfig.PoolConfig(
                size, mode, queueTimeout, Duration.ofHours(1), Duration.ofMinutes(10)),
            GatewayConfig.Limits.defaults(),
            null),
        Time.system(),
        new Meters());
  }

  static Gateway gateway(int size) {
    return gateway(size, PoolMode.TRANSACTION, Duration.ofSeconds(10));
  }

  static Connection connect(Gateway gateway, String... options) throws SQLException {
    return open("127.0.0.1:" + gateway.address().port() + "/shop", options);
  }

  /// Without a gateway between.
  static Connection direct(String... options) throws SQLException {
    return open("127.0.0.1:" + SERVER.getPort() + "/shop", options);
  }

  private static Connection open(String place, String... options) throws SQLException {
    Properties properties = new Properties();
    properties.put("user", "app");
    properties.put("password", PASSWORD);
    properties.put("sslmode", "disable");
    for (int i = 0; i < options.length; i += 2) {
      properties.put(options[i], options[i + 1]);
    }
    return DriverManager.getConnection("jdbc:postgresql://" + place, properties);
  }

  static String one(Connection c, String sql) throws SQLException {
    try (Statement s = c.createStatement();
        ResultSet r = s.executeQuery(sql)) {
      r.next();
      return r.getString(1);
    }
  }

  static void run(Connection c, String sql) throws SQLException {
    try (Statement s = c.createStatement()) {
      s.execute(sql);
    }
  }
}
