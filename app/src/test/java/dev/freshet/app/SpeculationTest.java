package dev.freshet.app;

import static dev.freshet.testkit.Eventually.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.freshet.testkit.Chromium;
import dev.freshet.testkit.RawClient;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Pages that a browser fetches before anybody asks for them.
@Timeout(60)
class SpeculationTest {
  private static final String HTML = "Content-Type: text/html; charset=utf-8";
  private static final String KEEP = "Cache-Control: max-age=60";
  private static final String PAGE = "<!doctype html><title>t</title>" + "text ".repeat(200);
  private static final String AHEAD = "Sec-Purpose: prefetch\r\nSec-Fetch-Dest: document\r\n";

  /// Tells how the rules came, once they have.
  private static final String SAY =
      """
      (async function () {
        var rules;
        while (!rules) {
          await new Promise(function (go) { setTimeout(go, 5); });
          rules = performance.getEntriesByType("resource").find(function (each) {
            return each.name.endsWith("/.freshet/speculation-rules.json");
          });
        }
        fetch("/report/" + rules.responseStatus);
      })();
      """;

  @TempDir private Path profile;
  private final PlainApp app = new PlainApp();
  private final Wiring freshet = wired();
  private final RawClient client = RawClient.to(freshet.edge().addresses().getFirst().port());

  private Wiring wired() {
    Settings settings =
        Reading.read(
            "listen: 127.0.0.1:0\nadmin: 127.0.0.1:0\norigin: "
                + app.url()
                + "\nroutes: [{match: /off/**, optimize: off}]");
    return Wiring.start(settings, () -> settings);
  }

  @AfterEach
  void close() {
    client.close();
    freshet.close();
    app.close();
  }

  private RawClient.Response get(String path, String fields) {
    String head = "GET " + path + " HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: gzip\r\n";
    return client.send(head + fields + "\r\n").response();
  }

  private String metrics() {
    return told("/metrics");
  }

  private String told(String path) {
    try (RawClient operator = RawClient.to(freshet.console().address().port())) {
      String head = "GET " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";
      return operator.send(head).response().text();
    }
  }

  @Test
  void whatIsInMemoryIsGivenAndNothingElse() {
    app.page("/p", PAGE, HTML, KEEP).page("/other", PAGE, HTML, KEEP);
    app.page("/off/p", PAGE, HTML, KEEP);
    get("/p", "");
    RawClient.Response page = get("/p", AHEAD);
    assertThat(page.status()).isEqualTo(200);
    assertThat(page.field("Cache-Status")).startsWith("freshet; hit");
    for (String tags : new String[] {"", "Sec-Speculation-Tags: null, \"freshet\"\r\n"}) {
      RawClient.Response refused = get("/other", AHEAD + tags);
      assertThat(refused.status()).isEqualTo(503);
      assertThat(refused.field("Cache-Control")).isEqualTo("no-store");
    }
    assertThat(get("/p", AHEAD + "Cache-Control: no-cache\r\n").status()).isEqualTo(503);
    assertThat(get("/p", AHEAD + "Cookie: session=1\r\n").status()).isEqualTo(503);
    assertThat(app.asked()).containsExactly("/p");
    assertThat(metrics())
        .contains(
            "freshet_speculations_total{answer=\"memory\"} 1",
            "freshet_speculations_total{answer=\"refused\"} 4");
    assertThat(told("/status").replaceAll("\\s", ""))
        .contains("\"earlyHints\":0,\"aheadGiven\":1,\"aheadRefused\":4");
    assertThat(hits()).as("nobody's hit").doesNotContain("} 1");
    get("/p", "");
    assertThat(hits()).contains("} 1");
  }

  private String hits() {
    return metrics().lines().filter(line -> line.contains("=\"hit\"")).toList().toString();
  }

  @Test
  void whatTheAppItselfLetsBrowsersFetchAheadIsTheApps() {
    app.page("/p", PAGE, HTML, KEEP).page("/q", PAGE, HTML, KEEP).page("/off/p", PAGE, HTML, KEEP);
    assertThat(get("/p", AHEAD + "Sec-Speculation-Tags: \"shop\"\r\n").status()).isEqualTo(200);
    assertThat(get("/q", "Sec-Purpose: prefetch\r\nSec-Fetch-Dest: empty\r\n").status())
        .isEqualTo(200);
    assertThat(get("/off/p", AHEAD).status()).isEqualTo(200);
    assertThat(app.asked()).containsExactly("/p", "/q", "/off/p");
  }

  @Test
  void onlyPagesForEverybodyNameTheRules() {
    String policy = "Content-Security-Policy: default-src 'none'; img-src 'self'";
    app.page("/own-scripts", PAGE, HTML, KEEP, "Content-Security-Policy: default-src 'self'");
    app.page("/p", PAGE, HTML, KEEP)
        .page("/own", PAGE, HTML, KEEP, "Speculation-Rules: \"/mine.json\"")
        .page("/strict", PAGE, HTML, KEEP, policy)
        .page(
            "/meta",
            "<meta http-equiv=" + policy.replace(": ", " content=\"") + "\">" + PAGE,
            HTML,
            KEEP)
        .page("/private", PAGE, HTML, "Cache-Control: private")
        .page("/text", PAGE, "Content-Type: text/plain", KEEP);
    String rules = "\"/.freshet/speculation-rules.json\"";
    for (String path : new String[] {"/p", "/own-scripts"}) {
      await(() -> get(path, "").field("Speculation-Rules").equals(rules), path);
    }
    for (String path : new String[] {"/strict", "/meta", "/private", "/text"}) {
      for (int i = 0; i < 2; i++) {
        get(path, "Accept-Encoding: br\r\n");
        assertThat(get(path, "").field("Speculation-Rules")).as(path).isEmpty();
      }
    }
    get("/own", "Accept-Encoding: br\r\n");
    assertThat(get("/own", "").field("Speculation-Rules")).isEqualTo("\"/mine.json\"");
    RawClient.Response told = get("/.freshet/speculation-rules.json", "");
    assertThat(told.field("Content-Type")).isEqualTo("application/speculationrules+json");
    assertThat(told.text()).startsWith("{\"tag\":\"freshet\",\"prefetch\":[");
  }

  @Test
  void aBrowserTakesTheRulesWhereThePolicyLetsThemThroughAndComplainsOfNothing()
      throws IOException, InterruptedException {
    Optional<Path> program = Chromium.program();
    assumeTrue(program.isPresent(), "skipped: no chromium on PATH");
    String policy = "Content-Security-Policy: default-src 'self'";
    String page = "<!doctype html><script src=/say.js></script>" + PAGE;
    app.page("/page", page, HTML, KEEP, policy);
    app.page("/say.js", SAY, "Content-Type: text/javascript", KEEP);
    int port = freshet.edge().addresses().getFirst().port();
    String asked = "GET /page HTTP/1.1\r\nHost: localhost:" + port + "\r\n";
    String codings = "Accept-Encoding: gzip, deflate, br, zstd\r\n\r\n";
    await(
        () -> !client.send(asked + codings).response().field("Speculation-Rules").isEmpty(),
        "the page names rules");
    String first = "http://localhost:" + port + "/page";
    try (Chromium browser = Chromium.open(program.orElseThrow(), profile, first)) {
      assertThat(app.told(browser, "/report/")).isEqualTo("200");
      assertThat(browser.log()).noneMatch(line -> line.contains("CONSOLE"));
    }
  }
}
