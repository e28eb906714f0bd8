package dev.freshet.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.testkit.RawClient;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Pages that a browser fetches before anybody asks for them.
@Timeout(60)
class SpeculationTest {
  private static final String HTML = "Content-Type: text/html; charset=utf-8";
  private static final String KEEP = "Cache-Control: max-age=60";
  private static final String PAGE = "<!doctype html><title>t</title>" + "text ".repeat(200);
  private static final String AHEAD = "Sec-Purpose: prefetch\r\nSec-Fetch-Dest: document\r\n";

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
    try (RawClient operator = RawClient.to(freshet.console().address().port())) {
      return operator.send("GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n").response().text();
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
    String policy = "Content-Security-Policy: default-src 'self'";
    app.page("/p", PAGE, HTML, KEEP)
        .page("/own", PAGE, HTML, KEEP, "Speculation-Rules: \"/mine.json\"")
        .page("/strict", PAGE, HTML, KEEP, policy)
        .page("/meta", "<meta http-equiv=" + policy.replace(": ", " content=") + PAGE, HTML, KEEP)
        .page("/private", PAGE, HTML, "Cache-Control: private")
        .page("/text", PAGE, "Content-Type: text/plain", KEEP);
    String rules = "\"/.freshet/speculation-rules.json\"";
    while (!get("/p", "").field("Speculation-Rules").equals(rules)) {
      Thread.onSpinWait();
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
}
