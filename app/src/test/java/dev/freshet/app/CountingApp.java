package dev.freshet.app;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.jspecify.annotations.Nullable;

/// An app that shows one number of table `counts` and adds one to it at each POST, on one
/// connection that it keeps, and says in comments for which request its statements are.
final class CountingApp implements AutoCloseable {
  private final HttpServer server;
  private final String jdbc;
  private @Nullable Connection kept;

  /// @param jdbc URL of the gateway, which need not be there yet
  CountingApp(String jdbc) throws IOException {
    this.jdbc = jdbc;
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::answer);
    server.start();
  }

  int port() {
    return server.getAddress().getPort();
  }

  private void answer(HttpExchange exchange) throws IOException {
    String trace = exchange.getRequestHeaders().getFirst("traceparent");
    String comment = trace == null ? "" : " /*traceparent='" + trace + "'*/";
    boolean isPost = exchange.getRequestMethod().equals("POST");
    int status = exchange.getRequestURI().getPath().equals("/") ? 200 : 404;
    try (exchange) {
      String text;
      try {
        text = status == 200 ? count(isPost, comment) : "nothing here";
      } catch (SQLException e) {
        status = 500;
        text = String.valueOf(e.getMessage());
      }
      byte[] octets = text.getBytes(StandardCharsets.UTF_8);
      exchange.sendResponseHeaders(status, octets.length);
      exchange.getResponseBody().write(octets);
    }
  }

  private String count(boolean isPost, String comment) throws SQLException {
    Connection connection = kept == null ? DriverManager.getConnection(jdbc) : kept;
    kept = connection;
    String sql =
        isPost
            ? "update counts set n = n + 1 where id = 1 returning n"
            : "select n from counts where id = 1";
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql + comment)) {
      row.next();
      return row.getString(1);
    }
  }

  @Override
  public void close() throws SQLException {
    server.stop(0);
    if (kept != null) {
      kept.close();
    }
  }
}
