package dev.freshet.shop;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/// A small seeded shop on a real PostgreSQL 18 that writes every statement into a log, started once
/// for all tests.
public final class Town implements ParameterResolver {
  static final double SCALE = 0.01;
  static final String ADMIN = basic("admin@shop.example");
  static final String BUYER = basic("customer2@mail.example");

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == Open.class;
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    return context
        .getRoot()
        .getStore(ExtensionContext.Namespace.create(Town.class))
        .computeIfAbsent(Open.class, key -> open(), Open.class);
  }

  static String basic(String email) {
    String pair = email + ":" + Customers.DEMO_PASSWORD;
    return "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));
  }

  static PrintStream silent() {
    return new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);
  }

  private static Open open() {
    try {
      Path log = Files.createTempFile("postgres", ".log");
      EmbeddedPostgres postgres =
          EmbeddedPostgres.builder()
              .setServerConfig("synchronous_commit", "on")
              .setServerConfig("log_statement", "all")
              .setServerConfig("log_connections", "on")
              .setServerConfig("log_line_prefix", "SQL")
              .setErrorRedirector(ProcessBuilder.Redirect.appendTo(log.toFile()))
              .setOutputRedirector(ProcessBuilder.Redirect.appendTo(log.toFile()))
              .start();
      String url = "postgresql://postgres:any@127.0.0.1:" + postgres.getPort() + "/postgres";
      Path data = Path.of("target", "shop-data");
      Shop shop =
          Shop.open(
              url,
              new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
              data,
              SCALE,
              silent());
      return new Open(postgres, shop, url, log, HttpClient.newHttpClient());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while the shop of the tests opened", e);
    } catch (IOException | SQLException e) {
      throw new IllegalStateException("the shop of the tests did not open", e);
    }
  }

  /// The running shop and ways to ask it.
  record Open(EmbeddedPostgres postgres, Shop shop, String databaseUrl, Path log, HttpClient client)
      implements AutoCloseable {

    URI at(String path) {
      return URI.create("http://127.0.0.1:" + shop.port() + path);
    }

    HttpResponse<String> get(String path, String... fields)
        throws IOException, InterruptedException {
      return ask("GET", path, "", fields);
    }

    /// @param fields name, value, name, value
    HttpResponse<String> ask(String method, String path, String body, String... fields)
        throws IOException, InterruptedException {
      HttpRequest.Builder request =
          HttpRequest.newBuilder(at(path))
              .method(method, HttpRequest.BodyPublishers.ofString(body));
      if (fields.length > 0) {
        request.headers(fields);
      }
      return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    /// The session a response has given, as a `Cookie` field's value.
    static String cookie(HttpResponse<?> response) {
      String field = response.headers().firstValue("Set-Cookie").orElseThrow();
      return field.substring(0, field.indexOf(';'));
    }

    /// What the database was told while something ran: a line a statement or connection.
    List<String> told(Talk talk) throws IOException, InterruptedException {
      int before = Files.readString(log).length();
      talk.run();
      String since = Files.readString(log).substring(before);
      return Arrays.stream(since.split("SQL(?=[A-Z]+: )", -1))
          .filter(line -> line.matches("(?s)LOG: +(execute|statement).*"))
          .toList();
    }

    int connections(Talk talk) throws IOException, InterruptedException {
      int before = Files.readString(log).length();
      talk.run();
      return Files.readString(log).substring(before).split("connection authorized", -1).length - 1;
    }

    /// The URL of a new, empty database on the same server.
    String newDatabase(String name) {
      try (Link link = link()) {
        link.write("CREATE DATABASE " + name);
      }
      return databaseUrl.substring(0, databaseUrl.lastIndexOf('/') + 1) + name;
    }

    Link link() {
      return new Link(Database.parse(databaseUrl), "");
    }

    @Override
    public void close() throws IOException {
      shop.close();
      postgres.close();
      Files.deleteIfExists(log);
    }
  }

  /// Something to watch.
  interface Talk {
    void run() throws IOException, InterruptedException;
  }
}
