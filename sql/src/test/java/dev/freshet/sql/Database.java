package dev.freshet.sql;

import dev.freshet.testkit.OtherPostgres;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// One PostgreSQL for all tests of this room, with a database for each that asks.
final class Database implements AutoCloseable {
  static final String PUBLICATION = "freshet";
  private static final EmbeddedPostgres SERVER = server();
  private static int made;

  private final Connection connection;

  private Database(String url) throws SQLException {
    connection = DriverManager.getConnection(url + "&preferQueryMode=simple");
  }

  private static EmbeddedPostgres server() {
    try {
      return OtherPostgres.usual().setServerConfig("wal_level", "logical").start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// A new database, in which all tables are published.
  static Database open() throws SQLException {
    return open(SERVER);
  }

  /// The same on another server.
  static synchronized Database open(EmbeddedPostgres server) throws SQLException {
    made++;
    String name = "test" + made;
    try (Connection admin =
        DriverManager.getConnection(server.getJdbcUrl("postgres", "postgres"))) {
      admin.createStatement().execute("create database " + name);
    }
    Database out = new Database(server.getJdbcUrl("postgres", name));
    out.run("create publication freshet for all tables with (publish_via_partition_root = true)");
    return out;
  }

  Connection connection() {
    return connection;
  }

  void run(String sql) throws SQLException {
    try (java.sql.Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  List<List<@Nullable String>> rows(String sql) throws SQLException {
    try (java.sql.Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery(sql)) {
      return rows(result);
    }
  }

  static List<List<@Nullable String>> rows(ResultSet result) throws SQLException {
    List<List<@Nullable String>> out = new ArrayList<>();
    int width = result.getMetaData().getColumnCount();
    while (result.next()) {
      List<@Nullable String> row = new ArrayList<>();
      for (int i = 1; i <= width; i++) {
        row.add(result.getString(i));
      }
      out.add(row);
    }
    return out;
  }

  Catalog catalog() throws SQLException {
    Map<CatalogQuery, List<List<@Nullable String>>> answers = new EnumMap<>(CatalogQuery.class);
    run("begin isolation level repeatable read");
    run(CatalogQuery.SETTING);
    for (CatalogQuery query : CatalogQuery.values()) {
      answers.put(query, rows(query.sql(PUBLICATION)));
    }
    run("commit");
    return CatalogQuery.catalog(answers);
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}
