package dev.freshet.app;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.locks.LockSupport;

/// An app that is slow in one way for each path, and says in comments for which request its
/// statements are.
///
/// - `/list` asks for a list and then for each of its 24 items;
/// - `/far` asks for each of 24 items, 2 ms after it had the one before;
/// - `/nap` has the database sleep for 20 ms;
/// - `/think` works for 30 ms without the database;
/// - `/lock` waits for advisory lock 7, in a transaction;
/// - `/scan` counts the rows of a group;
/// - `/groups` does so slowly, reading the table from end to end;
/// - `/serial` has the database sleep for 20 ms, one request after the other;
/// - `/single` works for 20 ms without the database, one request after the other;
/// - `/page` is a page with a script that works for 60 ms;
/// - `/large` answers with 16 MB, others with 300 kB.
final class TracedApp implements AutoCloseable {
  static final int ITEMS = 24;
  static final long WAY_NANOS = 2_000_000;
  static final long NAP_NANOS = 20_000_000;
  static final long THOUGHT_NANOS = 30_000_000;
  static final long SINGLE_NANOS = 20_000_000;
  static final int SCRIPT_MILLIS = 60;
  static final int GROUP = 100;
  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final BlockingQueue<Connection> idle = new LinkedBlockingQueue<>();
  private final Object single = new Object();

  TracedApp() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::answer);
    server.setExecutor(threads);
    server.start();
  }

  int port() {
    return server.getAddress().getPort();
  }

  /// Opens the connections that it works with.
  ///
  /// @param jdbc URL of the gateway
  void use(String jdbc, int connections) throws SQLException {
    for (int i = 0; i < connections; i++) {
      idle.add(DriverManager.getConnection(jdbc));
    }
  }

  private void answer(HttpExchange exchange) throws IOException {
    String trace = exchange.getRequestHeaders().getFirst("traceparent");
    String comment = trace == null ? "" : " /*traceparent='" + trace + "'*/";
    int status = 200;
    String text = "done";
    try (exchange) {
      try {
        text = work(exchange.getRequestURI().getPath(), comment);
      } catch (SQLException e) {
        status = 500;
        text = String.valueOf(e.getMessage());
      }
      byte[] octets = text.getBytes(StandardCharsets.UTF_8);
      String type = text.startsWith("<") ? "text/html" : "text/plain";
      exchange.getResponseHeaders().set("Content-Type", type);
      exchange.sendResponseHeaders(status, octets.length);
      exchange.getResponseBody().write(octets);
    }
  }

  private String work(String path, String comment) throws SQLException {
    switch (path) {
      case "/list" -> {
        run("select id from things order by id limit 24" + comment, 1, false);
        run("select grp, pg_sleep(0.001) from things where id = ?" + comment, ITEMS, false);
      }
      case "/far" -> {
        for (int i = 0; i < ITEMS; i++) {
          pause(WAY_NANOS);
          run("select grp from things where id = ?" + comment, 1, false);
        }
      }
      case "/nap" -> run("select pg_sleep(0.02)" + comment, 1, false);
      case "/think" -> {
        run("select count(*) from things where id = ?" + comment, 1, false);
        pause(THOUGHT_NANOS);
      }
      case "/lock" -> run("select pg_advisory_xact_lock(7)" + comment, 1, true);
      case "/scan" -> run("select count(*) from things where grp = ?" + comment, 1, false);
      case "/groups" ->
          run("select count(pg_sleep(0.001)) from things where grp = ?" + comment, 1, false);
      case "/serial" -> run("select pg_advisory_xact_lock(8), pg_sleep(0.02)" + comment, 1, true);
      case "/single" -> {
        synchronized (single) {
          pause(SINGLE_NANOS);
        }
      }
      case "/page" -> {
        run("select count(*) from things where id = ?" + comment, 1, false);
        return "<!doctype html><title>t</title><p>text<script>const end = performance.now() + "
            + SCRIPT_MILLIS
            + "; while (performance.now() < end);</script>";
      }
      case "/large" -> {
        return "x".repeat(16_000_000);
      }
      default -> {
        return "x".repeat(300_000);
      }
    }
    return "done";
  }

  private static void pause(long nanos) {
    long began = System.nanoTime();
    while (System.nanoTime() - began < nanos) {
      LockSupport.parkNanos(nanos - (System.nanoTime() - began));
    }
  }

  private Connection taken() throws SQLException {
    try {
      return idle.take();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SQLException("the app is being closed", e);
    }
  }

  private void run(String sql, int times, boolean inTransaction) throws SQLException {
    Connection connection = taken();
    connection.setAutoCommit(!inTransaction);
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      for (int i = 1; i <= times; i++) {
        if (sql.contains("?")) {
          statement.setInt(1, i);
        }
        statement.executeQuery().close();
      }
      if (inTransaction) {
        connection.commit();
      }
    }
    idle.add(connection);
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
