package dev.freshet.app;

import static dev.freshet.testkit.Eventually.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.freshet.gateway.Gateway;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// What edge and gateway see of one request is joined by its trace: each test makes an app slow in
/// one way, and finds that way named with at least the time that it is known to have taken.
// JUnit ends a test that is interrupted.
@SuppressWarnings("InterruptedExceptionSwallowed")
class BottlenecksTest {
  private static EmbeddedPostgres postgres;
  private static final HttpClient CLIENT =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  @BeforeAll
  static void start() throws IOException, SQLException {
    postgres = EmbeddedPostgres.builder().setServerConfig("wal_level", "logical").start();
    sql(
        "create table things (id int primary key, grp int)",
        "insert into things select i, i % 50 from generate_series(1, 5000) i",
        "analyze things");
  }

  @AfterAll
  static void stop() throws IOException {
    postgres.close();
    CLIENT.close();
  }

  private static Connection direct() throws SQLException {
    return DriverManager.getConnection(postgres.getJdbcUrl("postgres", "postgres"));
  }

  private static void sql(String... statements) throws SQLException {
    try (Connection direct = direct();
        Statement run = direct.createStatement()) {
      for (String each : statements) {
        run.execute(each);
      }
    }
  }

  private record Node(Wiring freshet, TracedApp app) implements AutoCloseable {
    static Node open(int pool) throws IOException, SQLException {
      TracedApp app = new TracedApp();
      Settings settings =
          Reading.read(
              """
              origin: http://127.0.0.1:%d
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
                  .formatted(app.port(), pool, postgres.getPort()));
      Wiring freshet = Wiring.start(settings, () -> settings);
      int port = Objects.requireNonNull(freshet.gateway()).address().port();
      app.use("jdbc:postgresql://127.0.0.1:" + port + "/postgres?user=postgres&password=postgres");
      return new Node(freshet, app);
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

    /// What the admin API tells, when it knows of all that was asked: a client may have its answer
    /// a moment before the books are closed.
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
  }

  private static JsonNode fetched(URI url) {
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

  private static boolean isSomebodyWaitingForTheLock() {
    try (Connection direct = direct();
        Statement run = direct.createStatement();
        ResultSet row =
            run.executeQuery(
                "select count(*) from pg_locks where locktype = 'advisory' and not granted")) {
      return row.next() && row.getInt(1) == 1;
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private static double millis(JsonNode route, String part) {
    JsonNode found = route.path("parts").path(part).path("meanMillis");
    assertThat(found.isNumber()).as("%s in %s", part, route).isTrue();
    return found.doubleValue();
  }

  private static List<String> named(JsonNode told, String field) {
    List<String> out = new ArrayList<>();
    told.path("bottlenecks").forEach(each -> out.add(each.path(field).asText()));
    return out;
  }

  @Test
  void nothingIsMeasuredBeforeAnythingWasAsked() throws Exception {
    try (Node node = Node.open(2)) {
      JsonNode told = node.bottlenecks(0);
      assertThat(told.path("isMeasured").booleanValue()).isFalse();
      assertThat(told.path("notes").toString()).contains("nothing measured");
      assertThat(told.path("bottlenecks")).isEmpty();
    }
  }

  /// Also where the driver prepares the statement after some executions, and no longer sends its
  /// text with the comment.
  @Test
  void aStatementForEachItemOfAListIsSeenAsOften() throws Exception {
    try (Node node = Node.open(2)) {
      node.get("/list");
      node.get("/list");
      JsonNode route = node.route("GET /list", 2);
      JsonNode first = route.path("statements").path(0);
      assertThat(first.path("text").asText()).startsWith("select grp, pg_sleep(?) from things");
      assertThat(first.path("calls").asInt()).as("%s", route).isEqualTo(2 * TracedApp.ITEMS);
      assertThat(first.path("perTrip").asDouble()).isEqualTo(TracedApp.ITEMS);
      assertThat(first.path("mostForOneTrip").asInt()).isEqualTo(TracedApp.ITEMS);
      assertThat(millis(route, "statements")).isGreaterThanOrEqualTo(TracedApp.ITEMS * 1.0);
      double sum = 0;
      for (JsonNode part : route.path("parts")) {
        sum += part.path("share").doubleValue();
      }
      assertThat(sum).isCloseTo(1, within(1e-6));
      assertThat(route.path("slowest").path(0).path("trace").asText()).hasSize(32);
    }
  }

  /// The app waits for the way there and back each time, as where the database is on another
  /// machine.
  @Test
  void theWayOfEachStatementOfAListIsPartOfNPlusOne() throws Exception {
    try (Node node = Node.open(2)) {
      node.get("/far");
      double named = 0;
      for (JsonNode each : node.bottlenecks(1).path("bottlenecks")) {
        named += each.path("kind").asText().equals("REPEATED_STATEMENT") ? millis(each) : 0;
      }
      assertThat(named).isGreaterThanOrEqualTo((TracedApp.ITEMS - 1) * TracedApp.WAY_NANOS / 1e6);
      double app = millis(node.route("GET /far", 1), "app");
      assertThat(app).as("the parts are as they were").isGreaterThanOrEqualTo(named / 2);
    }
  }

  private static double millis(JsonNode bottleneck) {
    return bottleneck.path("millis").doubleValue();
  }

  @Test
  void theDatabasesTimeIsNotTheApps() throws Exception {
    try (Node node = Node.open(2)) {
      node.get("/nap");
      node.get("/think");
      JsonNode nap = node.route("GET /nap", 2);
      assertThat(millis(nap, "statements")).isGreaterThanOrEqualTo(TracedApp.NAP_NANOS / 1e6);
      assertThat(nap.path("meanMillis").doubleValue() - millis(nap, "app"))
          .isGreaterThanOrEqualTo(TracedApp.NAP_NANOS / 1e6);
      JsonNode think = node.route("GET /think", 2);
      // The app may begin before the edge has noted that the request has left.
      assertThat(millis(think, "connection") + millis(think, "app"))
          .isGreaterThanOrEqualTo(TracedApp.THOUGHT_NANOS / 1e6);
      assertThat(think.path("tripsWithStatements").asInt()).isEqualTo(1);
    }
  }

  /// The wait begins with the BEGIN that the driver sends ahead, which has no comment.
  @Test
  void whoWaitsForAConnectionIsSeenToWait() throws Exception {
    try (Node node = Node.open(1);
        Connection direct = direct();
        Statement lock = direct.createStatement()) {
      Gateway gateway = Objects.requireNonNull(node.freshet().gateway());
      lock.execute("select pg_advisory_lock(7)");
      CompletableFuture<Integer> one = node.ask("/lock");
      await(BottlenecksTest::isSomebodyWaitingForTheLock, "the first to hold the connection");
      CompletableFuture<Integer> two = node.ask("/lock");
      await(
          () -> gateway.snapshot().pools().stream().anyMatch(pool -> pool.waiting() == 1),
          "one to wait");
      long since = System.nanoTime();
      LockSupport.parkNanos(20_000_000);
      double waited = (System.nanoTime() - since) / 1e6;
      lock.execute("select pg_advisory_unlock(7)");
      assertThat(one.join()).isEqualTo(200);
      assertThat(two.join()).isEqualTo(200);
      JsonNode route = node.route("GET /lock", 2);
      assertThat(2 * millis(route, "poolWait")).as("%s", route).isGreaterThanOrEqualTo(waited);
      assertThat(2 * millis(route, "statements")).isGreaterThanOrEqualTo(waited);
    }
  }

  @Test
  void aTableReadFromEndToEndIsNamedWithItsColumn() throws Exception {
    Settings settings =
        Reading.read(
            Reading.ORIGIN
                + "database: postgresql://postgres:postgres@127.0.0.1:"
                + postgres.getPort()
                + "/postgres\n");
    Plans plans = new Plans(settings::changes);
    String scan = "select count(*) from things where grp = $1";
    String key = "select grp from things where id = 7";
    String wrong = "select nothing from nowhere";
    String two = "select 1; delete from things";
    String late = "select 1 from things where grp = 3 and id in (select 1)";
    var told = plans.of(List.of(scan, key, wrong, two, late));
    assertThat(told.get(scan))
        .containsExactly(
            "reads all of things (5,000 rows) to find some by grp: consider an index on things"
                + " (grp)");
    assertThat(told.get(key)).isEmpty();
    assertThat(told.get(wrong)).singleElement().asString().startsWith("not explained: ERROR");
    assertThat(told).doesNotContainKey(two);
    assertThat(plans.of(List.of(scan))).containsEntry(scan, told.get(scan));
  }

  @Test
  void aPlanIsAskedForWithTheStatementThatTakesTheTime() throws Exception {
    try (Node node = Node.open(2)) {
      node.get("/scan");
      JsonNode told = node.bottlenecks(1);
      JsonNode statement = told.path("routes").path(0).path("statements").path(0);
      assertThat(statement.path("text").asText())
          .isEqualTo("select count(*) from things where grp = ?");
      assertThat(named(told, "route")).containsOnly("GET /scan");
    }
  }

  /// Paths of unknown kinds count together, so that nobody can fill memory with them.
  @Test
  void answersWithoutStatementsCountAsTheAppsAndWhateverItAsks() throws Exception {
    try (Node node = Node.open(2)) {
      node.get("/bulk/7");
      JsonNode route = node.route("GET /bulk/*", 1);
      assertThat(route.path("parts").has("statements")).isFalse();
      assertThat(route.path("meanBytes").asLong()).isEqualTo(300_000);
      assertThat(node.bottlenecks(1).path("notes").toString()).contains("statements not measured");
      assertThat(named(node.bottlenecks(1), "kind")).doesNotContain("APP");
    }
  }
}
