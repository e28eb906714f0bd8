package dev.freshet.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.freshet.base.HostPort;
import dev.freshet.base.Trouble;
import dev.freshet.testkit.RawClient;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class ConsoleTest {
  private final Desk desk = new Desk();

  /// Stands for any figures that rooms hand over.
  record Figures(String route, long requests, double hitRatio, Map<String, Long> notStored) {}

  @AfterEach
  void close() {
    desk.close();
  }

  @Test
  void statusAndRoutesAreWhatTheSourcesSayAtTheMoment() {
    desk.status = () -> Map.of("connections", 3);
    desk.routes =
        () -> Map.of("routes", List.of(new Figures("/a\"<b>", 7, 0.5, Map.of("private", 2L))));
    assertThat(desk.get("/status").json().path("connections").asInt()).isEqualTo(3);
    JsonNode route = desk.get("/routes").json().path("routes").path(0);
    assertThat(route.path("route").asText()).isEqualTo("/a\"<b>");
    assertThat(route.path("requests").asLong()).isEqualTo(7);
    assertThat(route.path("hitRatio").asDouble()).isEqualTo(0.5);
    assertThat(route.path("notStored").path("private").asLong()).isEqualTo(2);
    desk.status = () -> Map.of("connections", 4);
    assertThat(desk.get("/status?now").json().path("connections").asInt()).isEqualTo(4);
  }

  @Test
  void saysWhyOfTheUrlThatItIsAskedAbout() {
    for (String path : List.of("/why", "/.freshet/why")) {
      assertThat(
              desk.get(path + "?url=http%3A%2F%2Fa.example%2F%3Fq%3D1%26r")
                  .json()
                  .path("url")
                  .asText())
          .isEqualTo("http://a.example/?q=1&r");
    }
    assertThat(desk.get("/why").response().status()).isEqualTo(400);
  }

  @ParameterizedTest
  @CsvSource({
    "/, text/html; charset=utf-8",
    "/status, application/json",
    "/routes, application/json",
    "/metrics, text/plain; version=0.0.4; charset=utf-8",
    "/nothing, application/json"
  })
  void nothingItSaysIsStoredOrGuessedAt(String target, String type) {
    for (String method : List.of("GET", "HEAD")) {
      Desk.Reply reply = desk.ask(method, target);
      assertThat(reply.field("Content-Type")).isEqualTo(type);
      assertThat(reply.field("Cache-Control")).isEqualTo("no-store");
      assertThat(reply.field("X-Content-Type-Options")).isEqualTo("nosniff");
      assertThat(reply.field("Content-Security-Policy")).contains("default-src 'none'");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"/", "/status", "/routes", "/metrics"})
  void headIsAnsweredLikeGetWithoutContent(String target) {
    try (RawClient client = desk.client()) {
      for (int i = 0; i < 3; i++) {
        Desk.Reply reply = Desk.send(client, "HEAD", target, List.of(desk.host()), new byte[0]);
        assertThat(reply.status()).isEqualTo(200);
        assertThat(reply.text()).isEmpty();
      }
    }
  }

  @Test
  void bottlenecksAreCountedAnewOnDemandOnly() {
    List<String> lines = List.of(desk.host(), "Content-Type: application/json");
    assertThat(desk.send("GET", "/bottlenecks", lines, new byte[0]).status()).isEqualTo(200);
    assertThat(desk.forgotten).hasValue(0);
    assertThat(desk.send("POST", "/bottlenecks", lines, new byte[0]).status()).isEqualTo(200);
    assertThat(desk.forgotten).hasValue(1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          /        | POST PUT DELETE PATCH OPTIONS BREW | GET, HEAD
          /status  | POST PUT DELETE PATCH OPTIONS BREW | GET, HEAD
          /routes  | POST PUT DELETE PATCH OPTIONS BREW | GET, HEAD
          /statements | POST PUT DELETE PATCH OPTIONS BREW | GET, HEAD
          /metrics | POST PUT DELETE PATCH OPTIONS BREW | GET, HEAD
          /bottlenecks | PUT DELETE PATCH OPTIONS BREW | GET, HEAD, POST
          /purge   | GET HEAD PUT DELETE PATCH OPTIONS  | POST
          /reload  | GET HEAD PUT DELETE PATCH OPTIONS  | POST
          """)
  void aMethodThatIsNotForItIsToldWhichAre(String target, String methods, String allowed) {
    for (String method : methods.split(" ", -1)) {
      List<String> lines = List.of(desk.host(), "Content-Type: application/json");
      Desk.Reply reply = desk.send(method, target, lines, new byte[0]);
      assertThat(reply.status()).as(method).isEqualTo(405);
      assertThat(reply.field("Allow")).as(method).isEqualTo(allowed);
    }
    assertThat(desk.orders).isEmpty();
    assertThat(desk.reloads).hasValue(0);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/nothing", "/status/", "/purge/x", "/Status", "/favicon.ico"})
  void whatIsNotThereIsNotThere(String target) {
    Desk.Reply reply = desk.get(target);
    assertThat(reply.status()).isEqualTo(404);
    assertThat(reply.error()).contains("see /");
  }

  @ParameterizedTest
  @CsvSource({
    "/statements, time, 50",
    "/statements?limit=3, time, 3",
    "/statements?sort=calls&limit=20, calls, 20",
    "/statements?limit=99999999, time, 10000"
  })
  void statementsAreAskedForInAnOrderAndUpToALimit(String target, String sort, int limit) {
    JsonNode asked = desk.get(target).json().path("asked");
    assertThat(asked.path("sort").asText()).isEqualTo(sort);
    assertThat(asked.path("limit").asInt()).isEqualTo(limit);
  }

  @ParameterizedTest
  @ValueSource(strings = {"limit=0", "limit=", "limit=-1", "limit=x", "order=time", "sort=colour"})
  void aQuestionForStatementsThatIsNotUnderstoodIsRefused(String query) {
    desk.statements =
        wanted -> {
          throw new IllegalArgumentException("there is no order '" + wanted.sort() + "'");
        };
    Desk.Reply reply = desk.get("/statements?" + query);
    assertThat(reply.status()).isEqualTo(400);
    assertThat(reply.error()).isNotEmpty();
  }

  @Test
  void turnsTheRewritingOfPagesOnAndOff() throws Exception {
    assertThat(desk.post("/optimize", "{\"on\": false}").text()).contains("\"on\" : false");
    assertThat(desk.post("/optimize", "{\"on\": true}").text()).contains("\"on\" : true");
    for (String wrong : List.of("", "{}", "off", "{\"on\": \"no\"}", "{\"on\": true, \"a\": 1}")) {
      assertThat(desk.post("/optimize", wrong).status()).as(wrong).isEqualTo(400);
    }
    String padded = "{\"on\": true}" + " ".repeat(1 << 20);
    assertThat(desk.post("/optimize", padded).status())
        .as("not cut where it is long")
        .isEqualTo(413);
  }

  @Test
  void reloadsWhenTold() {
    Desk.Reply reply = desk.post("/reload", "");
    assertThat(reply.status()).isEqualTo(200);
    assertThat(reply.json().path("reloaded").asBoolean()).isTrue();
    assertThat(desk.reloads).hasValue(1);
  }

  @Test
  void aRefusedReloadTellsEveryTrouble() {
    desk.reload =
        () -> {
          throw new Trouble.Found(
              List.of(
                  new Trouble("freshet.yaml:1 listen", "no port", "name one"),
                  new Trouble("freshet.yaml:2 origin", "no host", "name one")));
        };
    Desk.Reply reply = desk.post("/reload", "");
    assertThat(reply.status()).isEqualTo(409);
    JsonNode troubles = reply.json().path("troubles");
    assertThat(troubles).hasSize(2);
    assertThat(troubles.path(1).path("place").asText()).isEqualTo("freshet.yaml:2 origin");
    assertThat(troubles.path(1).path("cause").asText()).isEqualTo("no host");
    assertThat(troubles.path(1).path("remedy").asText()).isEqualTo("name one");
  }

  @Test
  void aFaultInsideIsAnsweredWithoutItsDetailsAndHurtsNobodyElse() {
    desk.status =
        () -> {
          throw new IllegalStateException("password=hunter2");
        };
    Desk.Reply reply = desk.get("/status");
    assertThat(reply.status()).isEqualTo(500);
    assertThat(reply.text()).contains("see the log").doesNotContain("hunter2");
    assertThat(desk.get("/routes").status()).isEqualTo(200);
  }

  @Test
  void oneSlowAnswerKeepsNobodyWaiting() {
    CountDownLatch release = new CountDownLatch(1);
    CountDownLatch asked = new CountDownLatch(10);
    desk.status =
        () -> {
          asked.countDown();
          await(release);
          return Map.of("late", true);
        };
    List<RawClient> waiting = Stream.generate(desk::client).limit(10).toList();
    waiting.forEach(c -> c.send("GET /status HTTP/1.1\r\n" + desk.host() + "\r\n\r\n"));
    await(asked);
    assertThat(desk.get("/routes").status()).isEqualTo(200);
    release.countDown();
    for (RawClient client : waiting) {
      assertThat(client.response().text()).contains("late");
      client.close();
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void saysWhereItListens() {
    assertThat(desk.address().host()).isEqualTo("127.0.0.1");
    assertThat(desk.address().port()).isPositive();
  }

  @Test
  void anAddressInUseIsATroubleWithAWayOut() {
    HostPort taken = desk.address();
    assertThatThrownBy(() -> new Desk(taken, null))
        .isInstanceOf(Trouble.Found.class)
        .hasMessageContaining("admin " + taken)
        .hasMessageContaining("--admin");
  }

  @Test
  void answersNobodyOnceItIsClosed() {
    desk.close();
    assertThatThrownBy(() -> desk.get("/status")).isInstanceOf(UncheckedIOException.class);
  }
}
