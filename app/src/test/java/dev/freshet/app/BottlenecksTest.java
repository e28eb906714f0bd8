package dev.freshet.app;

import static dev.freshet.testkit.Eventually.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.freshet.base.HostPort;
import dev.freshet.base.Time;
import dev.freshet.gateway.Gateway;
import dev.freshet.testkit.Chromium;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/// What edge and gateway see of one request is joined by its trace: each test makes an app slow in
/// one way, and finds that way named with at least the time that it is known to have taken.
// JUnit ends a test that is interrupted.
@SuppressWarnings("InterruptedExceptionSwallowed")
class BottlenecksTest {
  private static boolean isSomebodyWaitingForTheLock() {
    try (Connection direct = TracedNode.direct();
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
    try (TracedNode node = TracedNode.open(2)) {
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
    try (TracedNode node = TracedNode.open(2)) {
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
    try (TracedNode node = TracedNode.open(2)) {
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
    try (TracedNode node = TracedNode.open(2)) {
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
    try (TracedNode node = TracedNode.open(1);
        Connection direct = TracedNode.direct();
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

  private static JsonNode first(JsonNode told, String kind) {
    JsonNode first = told.path("bottlenecks").path(0);
    assertThat(first.path("kind").asText()).as("%s", told).isEqualTo(kind);
    return first;
  }

  /// Two wait for the connection that a third holds, for longer than that has held it before.
  @Test
  void whatTakesMostIsNamedFirstWithWhatToDo() throws Exception {
    try (TracedNode node = TracedNode.open(1, 3, 256);
        Connection direct = TracedNode.direct();
        Statement lock = direct.createStatement()) {
      Gateway gateway = Objects.requireNonNull(node.freshet().gateway());
      lock.execute("select pg_advisory_lock(7)");
      long began = System.nanoTime();
      CompletableFuture<Integer> one = node.ask("/lock");
      await(BottlenecksTest::isSomebodyWaitingForTheLock, "the first to hold the connection");
      CompletableFuture<Integer> two = node.ask("/lock");
      CompletableFuture<Integer> three = node.ask("/lock");
      await(
          () -> gateway.snapshot().pools().stream().anyMatch(pool -> pool.waiting() == 2),
          "two to wait");
      pause(2 * (System.nanoTime() - began) + 20_000_000);
      lock.execute("select pg_advisory_unlock(7)");
      CompletableFuture.allOf(one, two, three).join();
      JsonNode first = first(node.bottlenecks(3), "POOL_WAIT");
      assertThat(first.path("route").asText()).isEqualTo("GET /lock");
      assertThat(first.path("remedy").asText()).contains("gateway.pool.size", "1 connections");
    }
  }

  private static void pause(long nanos) {
    long until = System.nanoTime() + nanos;
    for (long left = nanos; left > 0; left = until - System.nanoTime()) {
      LockSupport.parkNanos(left);
    }
  }

  /// The app is given one request at a time, and the second comes while the first is held.
  @Test
  void whoWaitsForHisTurnAtTheAppIsSeenToWait() throws Exception {
    try (TracedNode node = TracedNode.open(2, 2, 1);
        Connection direct = TracedNode.direct();
        Statement lock = direct.createStatement()) {
      URI status = URI.create("http://" + node.freshet().console().address() + "/status");
      lock.execute("select pg_advisory_lock(7)");
      CompletableFuture<Integer> one = node.ask("/lock");
      await(BottlenecksTest::isSomebodyWaitingForTheLock, "the first to be at the app");
      CompletableFuture<Integer> two = node.ask("/lock");
      await(
          () -> TracedNode.fetched(status).toString().contains("\"waiting\":1"),
          "the second to wait");
      long since = System.nanoTime();
      pause(20_000_000);
      double waited = (System.nanoTime() - since) / 1e6;
      lock.execute("select pg_advisory_unlock(7)");
      CompletableFuture.allOf(one, two).join();
      assertThat(millisOf(node.bottlenecks(2), Bottleneck.Kind.CONNECTION))
          .isGreaterThanOrEqualTo(waited);
    }
  }

  /// Milliseconds of all reasons of that kind.
  private static double millisOf(JsonNode told, Bottleneck.Kind kind) {
    double out = 0;
    for (JsonNode each : told.path("bottlenecks")) {
      out += each.path("kind").asText().equals(kind.name()) ? millis(each) : 0;
    }
    return out;
  }

  /// A client that stops reading in the middle of an answer that no buffer holds.
  @Test
  void whatIsHandedOverSlowlyIsSeenToBe() throws Exception {
    try (TracedNode node = TracedNode.open(2);
        Socket client = new Socket()) {
      client.setReceiveBufferSize(65_536);
      int port = node.freshet().edge().addresses().getFirst().port();
      client.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      String request = "GET /large HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
      client.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      InputStream in = client.getInputStream();
      assertThat(in.read()).isEqualTo('H');
      pause(50_000_000);
      assertThat(in.readAllBytes().length).isGreaterThan(16_000_000);
      JsonNode told = node.bottlenecks(1);
      assertThat(millisOf(told, Bottleneck.Kind.TRANSFER))
          .as("%s", told)
          .isGreaterThanOrEqualTo(50);
      assertThat(told.toString()).contains("send less: paginate lists");
    }
  }

  @Test
  void aSlowStatementIsNamedWithItsPlan() throws Exception {
    try (TracedNode node = TracedNode.open(2)) {
      node.get("/groups");
      node.get("/groups");
      JsonNode told = node.bottlenecks(2);
      assertThat(millisOf(told, Bottleneck.Kind.STATEMENT))
          .as("%s", told)
          .isGreaterThanOrEqualTo(2.0 * TracedApp.GROUP);
      for (JsonNode each : told.path("bottlenecks")) {
        if (each.path("kind").asText().equals("STATEMENT")) {
          assertThat(each.path("plan").toString()).contains("consider an index on things (grp)");
          assertThat(each.path("statement").asText()).startsWith("select count(pg_sleep(");
        }
      }
    }
  }

  /// The browser's own work on a page is told beside the trip that made it.
  @Test
  void theBrowsersShareOfAPageLoadIsTold() throws Exception {
    assumeTrue(Chromium.program().isPresent(), "no Chromium here");
    try (TracedNode node = TracedNode.open(2);
        AdminApi api = AdminApi.at(node.freshet().console().address().toString(), null)) {
      HostPort at = node.freshet().edge().addresses().getFirst();
      PageLoads loads =
          new BrowserLoads(
              at, at, List.of("/page"), () -> true, Duration.ofSeconds(60), Time.system());
      assertThat(loads.traced(api))
          .singleElement()
          .satisfies(stack -> {
            assertThat(stack.route()).isEqualTo("page load: GET /page");
            double browser = Objects.requireNonNull(stack.shares().get(PageTraces.BROWSER));
            assertThat(browser * stack.meanMillis())
                .isGreaterThanOrEqualTo(TracedApp.SCRIPT_MILLIS);
            double app = Objects.requireNonNull(stack.shares().get("app"));
            assertThat(app).isPositive();
          });
    }
  }

  /// The statement comes under the trace of no request, so that no route's bottleneck names it.
  @Test
  void anIndexThatTheDatabaseLacksIsNamedWhoeverAsksForIt() throws Exception {
    try (TracedNode node = TracedNode.open(2)) {
      int port = Objects.requireNonNull(node.freshet().gateway()).address().port();
      String url = "jdbc:postgresql://127.0.0.1:" + port + "/postgres";
      try (Connection job = DriverManager.getConnection(url, "postgres", "postgres");
          Statement run = job.createStatement()) {
        run.executeQuery("select count(pg_sleep(0.001)) from things where grp in (3, 4)").close();
      }
      JsonNode told = node.bottlenecks(0);
      assertThat(told.path("bottlenecks")).isEmpty();
      JsonNode index = told.path("indexes").path(0);
      assertThat(index.path("sql").asText())
          .isEqualTo(
              "CREATE INDEX CONCURRENTLY IF NOT EXISTS freshet_things_grp ON public.things (grp)");
      assertThat(index.path("statements").path(0).asText()).contains("where grp in (?...)");
      assertThat(index.path("millis").doubleValue()).isGreaterThanOrEqualTo(2.0 * TracedApp.GROUP);
      assertThat(index.path("rows").asInt()).isEqualTo(5_000);
      assertThat(told.path("indexes")).hasSize(1);
    }
  }

  @Test
  void aPlanIsAskedForWithTheStatementThatTakesTheTime() throws Exception {
    try (TracedNode node = TracedNode.open(2)) {
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
    try (TracedNode node = TracedNode.open(2)) {
      node.get("/bulk/7");
      JsonNode route = node.route("GET /bulk/*", 1);
      assertThat(route.path("parts").has("statements")).isFalse();
      assertThat(route.path("meanBytes").asLong()).isEqualTo(300_000);
      assertThat(node.bottlenecks(1).path("notes").toString()).contains("statements not measured");
      assertThat(named(node.bottlenecks(1), "kind")).doesNotContain("APP");
    }
  }
}
