package dev.freshet.shop;

import java.io.IOException;
import java.io.PrintStream;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.ObjIntConsumer;
import org.postgresql.copy.CopyIn;
import org.postgresql.copy.CopyManager;
import org.postgresql.core.BaseConnection;

/// Fills an empty database: tables, rows by COPY on two connections, statistics. A seeding that was
/// cut short is undone and done again; a finished one is kept.
final class Seeding {
  private static final int LANES = 2;
  private static final int CHUNK_CHARS = 60_000;

  private final Database database;
  private final double scale;
  private final PrintStream out;
  private final AtomicLong done = new AtomicLong();
  private long total;
  private int percentShown = -1;

  Seeding(Database database, double scale, PrintStream out) {
    this.database = database;
    this.scale = scale;
    this.out = out;
  }

  /// Makes sure the shop's data is there.
  ///
  /// @return whether rows had to be made
  /// @throws SQLException when the database refuses, or holds tables that are not the shop's
  boolean ensure() throws SQLException, InterruptedException {
    try (Connection connection = database.connect();
        Statement statement = connection.createStatement()) {
      refuseStrangers(statement);
      statement.execute(Schema.SEEDINGS);
      if (finished(statement)) {
        return false;
      }
      statement.execute(Schema.DROP);
      statement.execute("DELETE FROM seedings");
      for (String table : Schema.TABLES) {
        statement.execute(table);
      }
      try (PreparedStatement insert =
          connection.prepareStatement("INSERT INTO seedings (id, scale) VALUES (1, ?)")) {
        insert.setDouble(1, scale);
        insert.executeUpdate();
      }
      fill();
      for (String counter : Schema.COUNTERS) {
        statement.execute(counter);
      }
      statement.execute("ANALYZE");
      statement.execute("UPDATE seedings SET ended_at = now()");
      return true;
    }
  }

  private static void refuseStrangers(Statement statement) throws SQLException {
    String sql =
        "SELECT to_regclass('seedings') IS NULL AND (to_regclass('products') IS NOT NULL"
            + " OR to_regclass('orders') IS NOT NULL OR to_regclass('customers') IS NOT NULL)";
    try (ResultSet row = statement.executeQuery(sql)) {
      if (row.next() && row.getBoolean(1)) {
        throw new SQLException(
            "DATABASE_URL: that database has products, orders or customers which are not this"
                + " shop's; give it an empty database");
      }
    }
  }

  private boolean finished(Statement statement) throws SQLException {
    String sql = "SELECT scale, ended_at IS NOT NULL FROM seedings";
    try (ResultSet row = statement.executeQuery(sql)) {
      if (!row.next() || !row.getBoolean(2)) {
        return false;
      }
      if (row.getDouble(1) != scale) {
        out.println("shop: keeping the data seeded at scale " + row.getDouble(1));
      }
      return true;
    }
  }

  private void fill() throws SQLException, InterruptedException {
    Stock stock = new Stock(scale);
    List<Load> loads =
        List.of(
            new Load("order_items", stock.orders, (rows, id) -> stock.items(id, rows)),
            new Load("reviews", stock.reviews, (rows, id) -> stock.review(id, rows)),
            new Load("orders", stock.orders, (rows, id) -> stock.order(id, rows)),
            new Load("customers", stock.customers, (rows, id) -> stock.customer(id, rows)),
            new Load("products", stock.products, (rows, id) -> stock.product(id, rows)),
            new Load("categories", stock.categories(), (rows, id) -> stock.category(id, rows)),
            new Load("brands", stock.brands(), (rows, id) -> stock.brand(id, rows)));
    total = loads.stream().mapToLong(Load::ids).sum();
    try (ExecutorService lanes = Executors.newFixedThreadPool(LANES)) {
      List<Future<?>> running = new ArrayList<>();
      for (Load load : loads) {
        running.add(
            lanes.submit(() -> {
              copy(load);
              return load;
            }));
      }
      for (Future<?> one : running) {
        one.get();
      }
    } catch (ExecutionException e) {
      throw e.getCause() instanceof SQLException sql ? sql : new SQLException(e.getCause());
    }
  }

  private void copy(Load load) throws SQLException, IOException {
    try (Connection connection = database.connect();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      statement.execute("TRUNCATE " + load.table());
      CopyManager manager = new CopyManager(connection.unwrap(BaseConnection.class));
      CopyIn copy = manager.copyIn("COPY " + load.table() + " FROM STDIN (FREEZE)");
      Rows rows = new Rows();
      int reported = 0;
      for (int id = 1; id <= load.ids(); id++) {
        load.row().accept(rows, id);
        if (rows.length() >= CHUNK_CHARS || id == load.ids()) {
          byte[] chunk = rows.drain();
          copy.writeToCopy(chunk, 0, chunk.length);
          report(id - reported, load.table());
          reported = id;
        }
      }
      copy.endCopy();
      connection.commit();
    }
  }

  private synchronized void report(int rows, String table) {
    int percent = (int) (done.addAndGet(rows) * 100 / total);
    if (percent / 5 > percentShown / 5 || percentShown < 0) {
      percentShown = percent;
      out.println("shop: seeding " + percent + " % (" + table + ")");
    }
  }

  private record Load(String table, int ids, ObjIntConsumer<Rows> row) {}
}
