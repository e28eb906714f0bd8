package dev.freshet.app;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.freshet.base.Rolls;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/// An app as the checker needs it: answers from rows, says in each statement's comment for which
/// request it is, and takes its time now and then between any two steps.
///
/// `GET /rows/{table}/{id}`, `GET /groups/{table}/{group}`, `GET /chance` and `POST
/// /rows/{table}/{id}?group={group}`, which answers with the new version.
final class CheckedApp implements AutoCloseable {
  private final String database;
  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final ConcurrentLinkedQueue<Connection> idle = new ConcurrentLinkedQueue<>();
  private final Rolls rolls;
  private final AtomicLong asked = new AtomicLong();

  /// @param database a JDBC URL
  CheckedApp(String database, int port, long seed) throws IOException {
    this.database = database;
    this.rolls = new Rolls(seed);
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
    server.createContext("/", this::answer);
    server.setExecutor(threads);
    server.start();
  }

  /// How many requests came.
  long asked() {
    return asked.get();
  }

  private void answer(HttpExchange exchange) throws IOException {
    asked.incrementAndGet();
    String trace = exchange.getRequestHeaders().getFirst("traceparent");
    String comment = trace == null ? "" : " /*traceparent='" + trace + "'*/";
    String[] path = exchange.getRequestURI().getPath().split("/", -1);
    int status = 200;
    String content;
    try (exchange) {
      exchange.getRequestBody().readAllBytes();
      try {
        content =
            content(
                exchange.getRequestMethod(), path, exchange.getRequestURI().getQuery(), comment);
      } catch (SQLException e) {
        status = 503;
        content = String.valueOf(e.getMessage());
      }
      dawdle();
      byte[] octets = content.getBytes(StandardCharsets.UTF_8);
      exchange.getResponseHeaders().set("Content-Type", "application/json");
      exchange.sendResponseHeaders(status, octets.length);
      exchange.getResponseBody().write(octets);
    }
  }

  private String content(String method, String[] path, String query, String comment)
      throws SQLException {
    Connection connection = connection();
    boolean isGood = false;
    try {
      dawdle();
      String out = content(connection, method, path, query, comment);
      isGood = true;
      return out;
    } finally {
      if (isGood) {
        idle.add(connection);
      } else {
        connection.close();
      }
    }
  }

  private String content(
      Connection connection, String method, String[] path, String query, String comment)
      throws SQLException {
    if (path[1].equals("chance")) {
      return rows(connection, "select 1, (random() * 1e9)::int, 0" + comment);
    }
    int number = Integer.parseInt(path[3]);
    String table = path[2].replaceAll("\\W", "");
    if (method.equals("POST")) {
      int group = Integer.parseInt(query.substring("group=".length()));
      return rows(
          connection,
          "update "
              + table
              + " set grp = "
              + group
              + ", version = version + 1 where id = "
              + number
              + " returning id, version, grp"
              + comment);
    }
    String column = path[1].equals("rows") ? "id" : "grp";
    return rows(
        connection,
        "select id, version, grp from " + table + " where " + column + " = ? order by id" + comment,
        number);
  }

  /// A line `id version group` for each.
  static String rows(Connection connection, String sql, int... parameters) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      for (int i = 0; i < parameters.length; i++) {
        statement.setInt(i + 1, parameters[i]);
      }
      StringBuilder out = new StringBuilder();
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          out.append(rows.getInt(1)).append(' ').append(rows.getLong(2)).append(' ');
          out.append(rows.getInt(3)).append('\n');
        }
      }
      return out.toString();
    }
  }

  private Connection connection() throws SQLException {
    Connection known = idle.poll();
    if (known != null) {
      return known;
    }
    return DriverManager.getConnection(database);
  }

  private void dawdle() {
    long micros;
    synchronized (rolls) {
      micros = rolls.chance(0.3) ? rolls.between(0, 3_000) : rolls.chance(0.02) ? 20_000 : 0;
    }
    if (micros > 0) {
      LockSupport.parkNanos(TimeUnit.MICROSECONDS.toNanos(micros));
    }
  }

  @Override
  public void close() throws SQLException {
    server.stop(0);
    threads.shutdownNow();
    for (Connection connection : idle) {
      connection.close();
    }
  }
}
