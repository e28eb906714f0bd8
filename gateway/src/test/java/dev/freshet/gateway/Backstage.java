package dev.freshet.gateway;

import dev.freshet.base.HostPort;
import dev.freshet.base.Meters;
import dev.freshet.base.Time;
import dev.freshet.pgwire.Secret;
import dev.freshet.testkit.Scratch;
import dev.freshet.testkit.SelfSigned;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import java.util.Properties;

/// A real PostgreSQL for the whole run, with passwords and TLS, and gateways before it.
final class Backstage {
  static final String PASSWORD = "an app secret";
  private static final String RULES =
      """
      local all all trust
      host all postgres 127.0.0.1/32 trust
      hostssl all tlsonly 127.0.0.1/32 scram-sha-256
      host all old 127.0.0.1/32 md5
      host all all 127.0.0.1/32 scram-sha-256
      """;

  static {
    Leaks.watch();
  }

  static final SelfSigned CERTIFICATE = certificate();
  private static final EmbeddedPostgres SERVER = server();

  private Backstage() {}

  private static SelfSigned certificate() {
    return SelfSigned.in(Scratch.folder("gateway-tls"));
  }

  private static EmbeddedPostgres server() {
    try {
      Path rules = Files.writeString(Scratch.folder("hba").resolve("pg_hba.conf"), RULES);
      EmbeddedPostgres made =
          EmbeddedPostgres.builder()
              .setServerConfig("hba_file", rules.toString())
              .setServerConfig("ssl", "on")
              .setServerConfig("ssl_cert_file", CERTIFICATE.certificate().toString())
              .setServerConfig("ssl_key_file", CERTIFICATE.key().toString())
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
        prepare(s);
      }
      return made;
    } catch (IOException | SQLException e) {
      throw new IllegalStateException("PostgreSQL did not start", e);
    }
  }

  static void prepare(Statement s) throws SQLException {
    s.execute("create role app login password '" + PASSWORD + "'");
    s.execute("create database shop owner app");
  }

  static int serverPort() {
    return SERVER.getPort();
  }

  /// As the server's superuser, without a gateway between.
  static Connection administrator() throws SQLException {
    return SERVER.getDatabase("postgres", "shop").getConnection();
  }

  /// The user, with this password, anew.
  static void user(String name, String password, String... options) throws SQLException {
    try (Connection c = administrator();
        Statement s = c.createStatement()) {
      s.execute("drop role if exists " + name);
      for (String option : options) {
        s.execute("set " + option);
      }
      s.execute("create role " + name + " login password '" + password + "'");
    }
  }

  static DatabaseUrl url() {
    return url(SERVER.getPort());
  }

  static DatabaseUrl url(int port) {
    return new DatabaseUrl(
        new HostPort("127.0.0.1", port), "shop", "app", PASSWORD, DatabaseUrl.SslMode.DISABLE);
  }

  static GatewayConfig config(DatabaseUrl url, GatewayConfig.PoolConfig pool) {
    return new GatewayConfig(
        anywhere(), url, Map.of(), pool, GatewayConfig.Limits.defaults(), null);
  }

  static GatewayConfig with(GatewayConfig c, GatewayConfig.Limits limits) {
    return new GatewayConfig(c.listen(), c.database(), c.users(), c.pool(), limits, c.tls());
  }

  static GatewayConfig with(GatewayConfig c, Map<String, Secret> users) {
    return new GatewayConfig(c.listen(), c.database(), users, c.pool(), c.limits(), c.tls());
  }

  static GatewayConfig.PoolConfig pool(int size, PoolMode mode, Duration queueTimeout) {
    return new GatewayConfig.PoolConfig(
        size, mode, queueTimeout, Duration.ofHours(1), Duration.ofMinutes(10));
  }

  static Gateway gateway(GatewayConfig config) {
    return Gateway.start(config, Time.system(), new Meters());
  }

  /// An address that the system chooses.
  static HostPort anywhere() {
    return new HostPort("127.0.0.1", 0);
  }

  static Gateway gateway(int size, PoolMode mode, Duration queueTimeout) {
    return gateway(config(url(), pool(size, mode, queueTimeout)));
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
    properties.put("socketTimeout", "50");
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
