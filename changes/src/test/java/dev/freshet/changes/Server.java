package dev.freshet.changes;

import dev.freshet.base.HostPort;
import dev.freshet.testkit.OtherPostgres;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

/// A real PostgreSQL for the whole run, with a database of its own for each test.
final class Server {
  private static final EmbeddedPostgres SERVER = start();
  private static final AtomicInteger DATABASES = new AtomicInteger();

  /// A test is not decided by how long the machine stood still.
  private static final Duration PATIENT = Duration.ofSeconds(60);

  private Server() {}

  private static EmbeddedPostgres start() {
    try {
      EmbeddedPostgres made =
          OtherPostgres.usual()
              .setServerConfig("wal_level", "logical")
              .setServerConfig("synchronous_commit", "on")
              .setServerConfig("max_connections", "60")
              .setServerConfig("max_prepared_transactions", "5")
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
      return made;
    } catch (IOException e) {
      throw new IllegalStateException("PostgreSQL did not start", e);
    }
  }

  /// Major version: 18, or another with `-Dpostgres.jar`.
  static int version() throws SQLException {
    try (Connection c = connect("postgres", "postgres")) {
      return c.getMetaData().getDatabaseMajorVersion();
    }
  }

  static HostPort address() {
    return new HostPort("127.0.0.1", SERVER.getPort());
  }

  /// Makes an empty database; gives its name.
  static String database() throws SQLException {
    String name = "town" + DATABASES.incrementAndGet();
    try (Connection c = connect("postgres", "postgres");
        Statement s = c.createStatement()) {
      s.execute("create database " + name);
    }
    return name;
  }

  static Connection connect(String database, String user) throws SQLException {
    return DriverManager.getConnection(
        "jdbc:postgresql://" + address() + "/" + database + "?user=" + user);
  }

  static ChangesConfig config(String database, String user) {
    return ChangesConfig.of(address(), database, user, "", "disable").withMaxLag(PATIENT);
  }
}
