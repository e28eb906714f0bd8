package dev.freshet.app;

import static dev.freshet.testkit.Eventually.await;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;

/// A Freshet with its gateway, between an app that is slow in known ways ([TracedApp]) and a real
/// PostgreSQL, which all tests of one run share and which ends with them.
record TracedNode(Wiring freshet, TracedApp app) implements AutoCloseable {
  private static final HttpClient CLIENT =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  private static final class Shared {
    static final EmbeddedPostgres POSTGRES = start();

    private static EmbeddedPostgres start() {
      try {
        EmbeddedPostgres out =
            EmbeddedPostgres.builder().setServerConfig("wal_level", "logical").start();
        try (Connection direct = out.getPostgresDatabase().getConnection();
            Statement run = direct.createStatement()) {
          run.execute("create table things (id int primary key, grp int)");
          run.execute("insert into things select i, i % 50 from generate_series(1, 5000) i");
          run.execute("analyze things");
        }
        return out;
      } catch (IOException | SQLException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  static EmbeddedPostgres postgres() {
    return Shared.POSTGRES;
  }

  static Connection direct() throws SQLException {
    return DriverManager.getConnection(postgres().getJdbcUrl("postgres", "postgres"));
  }

  static TracedNode open(int pool) throws IOException, SQLException {
    return open(pool, 2, 256);
  }

  /// @param connections that the app has
  /// @param atOnce requests that the app is given at a time
  static TracedNode open(int pool, int connections, int atOnce) throws IOException, SQLException {
    TracedApp app = new TracedApp();
    Settings settings =
        Reading.read(
            """
            origin: { urls: ['http://127.0.0.1:%d'], concurrency: %d, queue-wait: 30s }
            listen: 127.0.0.1:0
            admin: 127.0.0.1:0
            gateway: { listen: '127.0.0.1:0', pool: { size: %d } }
            database: postgresql://postgres:postgres@127.0.0.1:%d/postgres
            routes:
              - match: /rows/**
                cache: rows
              - match: /**
                cache: off
            """
                .formatted(app.port(), atOnce, pool, postgres().getPort()));
    Wiring freshet = Wiring.start(settings, () -> settings);
    int port = Objects.requireNonNull(freshet.gateway()).address().port();
    app.use(
        "jdbc:postgresql://127.0.0.1:" + port + "/postgres?user=postgres&password=postgres",
        connections);
    return new TracedNode(freshet, app);
  }

  CompletableFuture<Integer> ask(String path) {
    URI url = URI.create("http://" + freshet.edge().addresses().getFirst() + path);
    return CLIENT
        .sendAsync(HttpRequest.newBuilder(url).build(), HttpResponse.BodyHandlers.ofString())
        .thenApply(HttpResponse::statusCode);
  }

  void get(String path) {
    assertThat(ask(path).join()).isEqualTo(200);
  }

  /// What the admin API tells, when it knows of all that was asked: a client may have its answer a
  /// moment before the books are closed.
  JsonNode bottlenecks(int trips) throws IOException, InterruptedException {
    URI url = URI.create("http://" + freshet.console().address() + "/bottlenecks");
    JsonNode[] told = new JsonNode[1];
    await(
        () -> {
          told[0] = fetched(url);
          return told[0].path("trips").asInt() == trips;
        },
        trips + " trips");
    return told[0];
  }

  JsonNode route(String name, int trips) throws IOException, InterruptedException {
    for (JsonNode route : bottlenecks(trips).path("routes")) {
      if (route.path("route").asText().equals(name)) {
        return route;
      }
    }
    throw new AssertionError("no " + name);
  }

  @Override
  public void close() throws SQLException {
    freshet.close();
    app.close();
  }

  /// What is answered there, as JSON.
  static JsonNode fetched(URI url) {
    return CLIENT
        .sendAsync(HttpRequest.newBuilder(url).build(), HttpResponse.BodyHandlers.ofString())
        .thenApply(answer -> {
          try {
            return new ObjectMapper().readTree(answer.body());
          } catch (IOException e) {
            throw new IllegalStateException(answer.body(), e);
          }
        })
        .join();
  }
}
