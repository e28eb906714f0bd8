package dev.freshet.integrations;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.concurrent.Executors;

/// [JdbcShop] behind the JDK's own HTTP server, in a process of its own.
final class JdbcApp {
  private JdbcApp() {}

  public static void main(String[] args) throws IOException, SQLException {
    JdbcShop shop = new JdbcShop(args[0]);
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 100);
    server.setExecutor(Executors.newFixedThreadPool(JdbcShop.THREADS));
    server.createContext(
        "/",
        exchange -> {
          String n = exchange.getRequestURI().getQuery().substring("n=".length());
          int status = 200;
          String text;
          try {
            text = shop.answer(exchange.getRequestURI().getPath(), n);
          } catch (SQLException e) {
            status = 500;
            text = e.toString();
          }
          byte[] content = text.getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(status, content.length);
          exchange.getResponseBody().write(content);
          exchange.close();
        });
    server.start();
    System.out.println("listening " + server.getAddress().getPort());
  }
}
