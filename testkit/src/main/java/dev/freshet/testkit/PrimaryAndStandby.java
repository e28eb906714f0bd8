package dev.freshet.testkit;

import dev.freshet.base.HostPort;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.stream.Stream;

/// A real PostgreSQL and a standby that replays its log, made from a copy of it.
public final class PrimaryAndStandby implements AutoCloseable {
  private final EmbeddedPostgres primary;
  private final EmbeddedPostgres standby;

  private PrimaryAndStandby(EmbeddedPostgres primary, EmbeddedPostgres standby) {
    this.primary = primary;
    this.standby = standby;
  }

  /// @param folder where both keep their data
  /// @param setup run as superuser in the database `postgres`, before there is a standby
  public static PrimaryAndStandby start(Path folder, List<String> setup)
      throws IOException, SQLException {
    Path first = folder.resolve("primary");
    Path second = folder.resolve("standby");
    try (EmbeddedPostgres made = server(first);
        Connection session = made.getPostgresDatabase().getConnection();
        Statement statement = session.createStatement()) {
      for (String sql : setup) {
        statement.execute(sql);
      }
    }
    copy(first, second);
    EmbeddedPostgres primary = server(first);
    try {
      Files.createFile(second.resolve("standby.signal"));
      Files.writeString(
          second.resolve("postgresql.auto.conf"),
          "primary_conninfo = 'host=127.0.0.1 user=postgres port="
              + primary.getPort()
              + "'\nwal_retrieve_retry_interval = 100ms\n",
          StandardOpenOption.APPEND);
      return new PrimaryAndStandby(primary, server(second));
    } catch (IOException | RuntimeException e) {
      primary.close();
      throw e;
    }
  }

  private static EmbeddedPostgres server(Path data) throws IOException {
    return EmbeddedPostgres.builder()
        .setDataDirectory(data)
        .setCleanDataDirectory(false)
        .setServerConfig("wal_level", "logical")
        .setServerConfig("synchronous_commit", "on")
        .setServerConfig("max_connections", "100")
        .start();
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> all = Files.walk(from)) {
      for (Path each : (Iterable<Path>) all::iterator) {
        Files.copy(each, to.resolve(from.relativize(each)), StandardCopyOption.COPY_ATTRIBUTES);
      }
    }
  }

  public HostPort primary() {
    return new HostPort("127.0.0.1", primary.getPort());
  }

  public HostPort standby() {
    return new HostPort("127.0.0.1", standby.getPort());
  }

  /// A superuser's session on the one that was made first.
  public Connection onPrimary(String database) throws SQLException {
    return primary.getDatabase("postgres", database).getConnection();
  }

  /// A superuser's session on the other.
  public Connection onStandby(String database) throws SQLException {
    return standby.getDatabase("postgres", database).getConnection();
  }

  /// In good order: the standby has everything that was committed.
  public void stopPrimary() throws IOException {
    primary.close();
  }

  public void stopStandby() throws IOException {
    standby.close();
  }

  /// Makes the standby a primary; returns when it is one.
  public void promote() throws SQLException {
    try (Connection session = onStandby("postgres");
        Statement statement = session.createStatement()) {
      statement.execute("select pg_promote()");
    }
  }

  @Override
  public void close() throws IOException {
    try {
      standby.close();
    } finally {
      primary.close();
    }
  }
}
