package dev.freshet.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// `freshet load` from the command line to its exit code.
@Timeout(120)
class LoadCommandTest {
  private static final String HOME =
      """
      <a href="/product/1">one</a> <a href='/product/2?a=1&amp;b=2#x'>two</a> <a href="/logout">out</a>
      <a href="http://elsewhere.example/">out</a> <a rel="nofollow" href="/trap">no</a>
      <a href="?page=2">more</a>
      <link rel="stylesheet" href="/a.css"><link rel="prev" href="/prev"><img src="/i.png">
      """;
  private final Set<String> asked = ConcurrentHashMap.newKeySet();
  @TempDir private Path folder;
  private HttpServer site;
  private String url = "";

  @BeforeEach
  void start() throws IOException {
    site = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    answer("/", HOME);
    answer(
        "/openapi.json",
        """
        {"openapi":"3.1.0","paths":{"/api/items":{"get":{}},"/api/items/{id}":{"get":{}},
        "/api/find":{"get":{"parameters":[{"name":"q","required":true}]}},"/api/orders":{"post":{}}}}
        """);
    site.start();
    url = "http://127.0.0.1:" + site.getAddress().getPort();
  }

  @AfterEach
  void stop() {
    site.stop(0);
  }

  private void answer(String path, String content) {
    byte[] octets = content.getBytes(StandardCharsets.UTF_8);
    site.createContext(
        path,
        exchange -> {
          asked.add(exchange.getRequestURI().toString());
          exchange.getResponseHeaders().set("Content-Type", "text/html");
          exchange.sendResponseHeaders(200, octets.length);
          exchange.getResponseBody().write(octets);
          exchange.close();
        });
  }

  @Test
  void anAddressAloneIsEnough() throws IOException {
    Path page = folder.resolve("load.html");
    Path summary = folder.resolve("summary.json");
    Shell load =
        Shell.run(
            "load",
            url,
            "--rate",
            "100",
            "--for",
            "1s",
            "--warm-up",
            "1s",
            "--json",
            "--timeout",
            "60s",
            "--report",
            page.toString(),
            "--summary",
            summary.toString(),
            "--hgrm",
            folder.resolve("h").toString());
    JsonNode data = new ObjectMapper().readTree(load.out());
    JsonNode phase = data.path("phases").path(0);
    assertThat(phase.path("total").path("requests").asInt()).isEqualTo(100);
    assertThat(phase.path("total").path("failures").asInt()).isZero();
    assertThat(load.err()).contains("100 requests", "all, as felt", "/s  p50 ");
    assertThat(asked)
        .contains(
            "/",
            "/product/1",
            "/product/1?page=2",
            "/product/2?a=1&b=2",
            "/a.css",
            "/i.png",
            "/api/items")
        .doesNotContain("/logout", "/trap", "/prev", "/api/find", "/api/orders");
    assertThat(Files.readString(page)).contains("<polyline", "/product/{n}");
    assertThat(Files.readString(summary)).contains("http_req_duration");
    assertThat(Files.readString(folder.resolve("h/1-constant-rate-felt.hgrm"))).contains("Value");
  }

  @Test
  void aMissedThresholdIsExitCodeOne() throws IOException {
    Path scenario = folder.resolve("s.yaml");
    Files.writeString(
        scenario,
        """
        target: %s
        phases: [{ constantRate: 20, for: 200ms }]
        visits: [{ steps: [{ name: home, get: /, check: { contains: nowhere } }] }]
        thresholds: [errors < 1%%]
        """
            .formatted(url));
    Shell load = Shell.run("load", scenario.toString());
    assertThat(load.code()).isEqualTo(1);
    assertThat(load.out()).contains("MISSED  errors < 1%", "x check contains nowhere");
  }

  @Test
  void controlCEndsTheLoadAndReports() throws IOException, InterruptedException {
    assumeThat(Program.isIgnored("INT")).as("who started the tests ignores SIGINT").isFalse();
    try (Program load =
        Program.start(folder, "load", url, "--rate", "50", "--for", "1h", "--warm-up", "0s")) {
      load.line("/s  p50");
      load.signal("INT");
      assertThat(load.line("s measured")).contains("50 visits/s").endsWith("(stopped)");
      assertThat(load.line("all, as felt")).isNotEmpty();
      assertThat(load.exitCode()).isEqualTo(130);
    }
  }

  /// Against a Freshet, which speaks both on one port.
  @Test
  void overHttp2ByAFlagOrTheScenario() throws IOException {
    Settings settings =
        Reading.read("listen: 127.0.0.1:0\nadmin: 127.0.0.1:0\norigin: " + url + "\n");
    try (Wiring running = Wiring.start(settings, () -> settings)) {
      String front = "http://127.0.0.1:" + running.edge().addresses().getFirst().port();
      Path scenario = folder.resolve("s.yaml");
      Files.writeString(
          scenario,
          """
          target: %s
          protocol: h2
          phases: [{ constantRate: 50, for: 200ms }]
          visits: [{ steps: [{ get: /, check: { contains: one } }] }]
          """
              .formatted(front));
      Shell said = Shell.run("load", scenario.toString(), "--json", "--timeout", "60s");
      JsonNode phase = new ObjectMapper().readTree(said.out()).path("phases").path(0);
      assertThat(phase.path("total").path("statuses").path("200").asInt()).isEqualTo(10);
      Shell flag =
          Shell.run("load", front, "--http2", "--rate=20", "--for=100ms", "--warm-up=0s", "--json");
      JsonNode crawled = new ObjectMapper().readTree(flag.out()).path("phases").path(0);
      assertThat(crawled.path("total").path("statuses").path("200").asInt()).isEqualTo(2);
      Shell bare = Shell.run("load", url, "--http2", "--insecure");
      assertThat(bare.code()).isEqualTo(2);
      assertThat(bare.err()).contains("no HTTP/2", "certificates are not checked");
    }
  }

  @Test
  void asBrowsersDo() throws IOException {
    Path scenario = folder.resolve("s.yaml");
    Path page = folder.resolve("load.html");
    Files.writeString(
        scenario,
        """
        target: %s
        browser: { returning: 100%% }
        phases: [{ constantRate: 20, for: 500ms }]
        visits: [{ steps: [{ name: home, get: /, check: { status: 200 } }] }]
        thresholds: [first view p95 < 60s, first view errors <= 0%%]
        """
            .formatted(url));
    Shell load =
        Shell.run("load", scenario.toString(), "--json", "--timeout=60s", "--report=" + page);
    JsonNode data = new ObjectMapper().readTree(load.out());
    JsonNode first = data.path("phases").path(0).path("total").path("pages").path("first view");
    // Nothing may be kept: everybody comes for the first time, and loads two files.
    assertThat(first.path("views").asInt()).isEqualTo(10);
    assertThat(first.path("requests").asInt()).isEqualTo(30);
    assertThat(data.path("thresholds").path(0).path("isMet").asBoolean()).isTrue();
    assertThat(data.path("thresholds").path(1).path("isMet").asBoolean()).isTrue();
    assertThat(load.err()).contains("whole first view", "in 3.0 requests");
    assertThat(Files.readString(page)).contains("whole pages, ms");
    assertThat(asked).contains("/", "/a.css", "/i.png");
  }

  @Test
  void otherPeoplesHostsAreRefusedBeforeAnythingIsSent() {
    Shell load = Shell.run("load", "http://192.0.2.1/");
    assertThat(load.code()).isEqualTo(2);
    assertThat(load.err()).contains("192.0.2.1", "--i-own-this-host");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "load nothing.yaml http://127.0.0.1:1",
        "load http://127.0.0.1:1",
        "load http://127.0.0.1:1 --rate 5 --users 5",
        "load http://127.0.0.1:1 --rate fast",
        "load shop",
        "load http://127.0.0.1:1 shop",
        "load shop http://127.0.0.1:1 --threshold slow",
        "load shop ftp://127.0.0.1"
      })
  void mistakesAreExitCodeTwo(String line) {
    Shell load = Shell.run(line.split(" "));
    assertThat(load.code()).isEqualTo(2);
    assertThat(load.err()).startsWith("freshet: ").contains("; ");
  }
}
