package dev.freshet.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.freshet.testkit.ScriptedOrigin;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.PriorityQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// `freshet stress` against a real server of which the capacity is known.
@Timeout(120)
class StressCommandTest {
  private static final int WORKERS = 4;
  private static final long SERVICE_NANOS = 20_000_000;
  private static final double CAPACITY = WORKERS * 1e9 / SERVICE_NANOS;

  /// When each worker is free again.
  private final PriorityQueue<Long> free = new PriorityQueue<>();

  StressCommandTest() {
    for (int i = 0; i < WORKERS; i++) {
      free.add(System.nanoTime());
    }
  }

  private synchronized long ends() {
    long ends = Math.max(free.remove(), System.nanoTime()) + SERVICE_NANOS;
    free.add(ends);
    return ends;
  }

  /// Works on so many requests at a time, each for so long, whatever the machine can do beside.
  private ScriptedOrigin server() {
    return ScriptedOrigin.start(peer -> {
      while (!peer.head().isEmpty()) {
        long ends = ends();
        for (long left = 1; left > 0; left = ends - System.nanoTime()) {
          LockSupport.parkNanos(left);
        }
        peer.send("HTTP/1.1 200 OK\r\nCache-Control: no-store\r\nContent-Length: 2\r\n\r\nok");
      }
    });
  }

  @Test
  void findsNoMoreThanAServerCanDoAndTellsItInEveryForm(@TempDir Path folder) throws IOException {
    Path page = folder.resolve("stress.html");
    try (ScriptedOrigin server = server()) {
      Settings settings =
          Reading.read("listen: 127.0.0.1:0\nadmin: 127.0.0.1:0\norigin: " + server.url() + "\n");
      try (Wiring running = Wiring.start(settings, () -> settings)) {
        Shell ran =
            Shell.run(
                "stress",
                "http://127.0.0.1:" + running.edge().addresses().getFirst().port() + "/a",
                "/b",
                "--admin=" + running.console().address(),
                "--step=400ms",
                "--within=4s",
                "--from=25",
                "--connections=100",
                "--plan-users=1",
                "--report=" + page,
                "--json");
        JsonNode told = new ObjectMapper().readTree(ran.out());
        JsonNode good = told.path("good");
        // How near it comes depends on what else the machine does; beyond it can't be.
        assertThat(good.path("rate").asDouble()).isLessThan(CAPACITY * 1.15);
        assertThat(ran.code()).as(ran.err()).isEqualTo(good.isObject() ? 0 : 1);
        JsonNode warm = told.path("steps").path(0);
        assertThat(warm.path("stage").asText()).isEqualTo("warm up");
        assertThat(told.path("warmUp").path("visitors").asInt()).isEqualTo(8);
        assertThat(told.path("steps"))
            .hasSizeGreaterThan(1)
            .filteredOn(step -> step != warm)
            .allSatisfy(step -> {
              assertThat(step.path("readings").path("cpu").asDouble(-1)).isBetween(0.0, 1.0);
              assertThat(step.path("readings").path("appLimit").asDouble()).isPositive();
            });
        assertThat(told.path("steps").path(1).path("readings").path("appMillis").asDouble())
            .isGreaterThanOrEqualTo(SERVICE_NANOS / 1e6);
        assertThat(told.path("seconds").asDouble()).isPositive();
        assertThat(ran.err()).contains("rate/s", "Keeps it at", "Breaks at", "Written to " + page);
      }
      assertThat(server.heads()).anyMatch(head -> head.startsWith("GET /a "));
      assertThat(server.heads()).anyMatch(head -> head.startsWith("GET /b "));
    }
    assertThat(Files.readString(page))
        .contains("<h1>Breaking point of http://127.0.0.1:", "<table>");
  }

  /// Its steps one after the other, without the pauses that would make the rate another one.
  @Test
  void theVisitsOfAScenarioCanBeTheLoad(@TempDir Path folder) throws IOException {
    Path scenario = folder.resolve("s.yaml");
    try (ScriptedOrigin site =
        ScriptedOrigin.answering("HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n{\"id\":7}")) {
      Files.writeString(
          scenario,
          """
          target: %s
          visits:
            - steps:
                - { get: /list, think: 1h, extract: { item: { json: /id } } }
                - { get: "/item/${item}" }
          """
              .formatted(site.url()));
      Shell ran =
          Shell.run(
              "stress",
              "--scenario=" + scenario,
              "--from=20",
              "--most=20",
              "--step=400ms",
              "--warm-up=0s",
              "--within=20s",
              "--json");
      JsonNode told = new ObjectMapper().readTree(ran.out());
      assertThat(told.path("steps").path(0).path("rate").asDouble()).as(ran.err()).isEqualTo(20);
      long lists = site.heads().stream().filter(head -> head.startsWith("GET /list ")).count();
      long items = site.heads().stream().filter(head -> head.startsWith("GET /item/7 ")).count();
      assertThat(lists).isPositive();
      assertThat(items).isEqualTo(lists);
    }
    assertThat(Shell.run("stress", "--scenario=shop").err()).contains("add an address");
    assertThat(Shell.run("stress").err()).contains("--scenario");
  }

  /// What was found until then is told, as such. The site fails from the first step on, so that the
  /// search has enough to do.
  @Test
  void controlCEndsTheSearchAndTellsWhatWasFound(@TempDir Path folder) throws Exception {
    assumeThat(Program.isIgnored("INT")).as("who started the tests ignores SIGINT").isFalse();
    Path page = folder.resolve("stress.html");
    AtomicBoolean isGone = new AtomicBoolean();
    try (ScriptedOrigin site =
            ScriptedOrigin.start(peer -> {
              while (!peer.head().isEmpty() && !isGone.get()) {
                peer.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
              }
            });
        Program stress =
            Program.start(
                folder,
                "stress",
                site.url() + "/",
                "--step=600ms",
                "--within=1h",
                "--warm-up=1s",
                "--p95=20s",
                "--report=" + page)) {
      stress.line("  warm up ");
      stress.line("  raise ");
      isGone.set(true);
      stress.signal("INT");
      assertThat(stress.line("Keeps it at")).contains("a second (p95");
      assertThat(stress.line("Ended early")).contains("until then");
      assertThat(stress.exitCode()).isEqualTo(130);
      assertThat(Files.readString(page)).contains("Ended early", "<td>raise</td>");
    }
  }

  @Test
  void refusesStepsThatOpenChannels() {
    Shell ran = Shell.run("stress", "--scenario=live", "http://127.0.0.1:1");
    assertThat(ran.code()).isEqualTo(2);
    assertThat(ran.err())
        .contains("--scenario live, follow on a WebSocket: WebSocket", "event stream")
        .contains("opens a channel", "freshet load")
        .doesNotContain("change stock");
  }

  @Test
  void refusesAHostThatIsNotKnownToBeOnesOwn() {
    Shell ran = Shell.run("stress", "http://192.0.2.1/");
    assertThat(ran.code()).isEqualTo(2);
    assertThat(ran.err()).contains("--i-own-this-host");
  }

  @Test
  void saysWhichFlagIsWrong() {
    assertThat(Shell.run("stress", "http://127.0.0.1:1/", "--p95=fast").err()).contains("--p95");
    assertThat(Shell.run("stress", "ftp://127.0.0.1/").code()).isEqualTo(2);
    Shell brief = Shell.run("stress", "http://127.0.0.1:1/", "--within=10s");
    assertThat(brief.err()).contains("eight steps");
    assertThat(Shell.run("stress", "http://127.0.0.1:1/", "no-path").code()).isEqualTo(2);
  }

  @Test
  void teachesItself() {
    assertThat(Shell.run("stress", "--help").out())
        .contains("freshet stress http://127.0.0.1:8080/", "Exit codes:", "--plan-users");
  }
}
