package dev.freshet.app;

import static dev.freshet.testkit.Eventually.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.freshet.testkit.Chromium;
import dev.freshet.testkit.RawClient;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The font that a page's text needs is asked for by its head once browsers have told of it, and
/// not the one beside it, which no text needs.
@Timeout(120)
class FontsInBrowserTest {
  /// Says who had the fonts loaded, and goes on to the next of its template once it has reported
  /// what it used.
  private static final String PAGE =
      """
      <!doctype html><html><head><title>t</title>
      <link rel=stylesheet href="/fonts.css"></head><body>
      <p style="font-family: Used, serif">text</p>
      <script>
      onload = function () {
        var fonts = performance.getEntriesByType("resource").filter(function (one) {
          return one.name.endsWith(".woff");
        });
        fetch("/report/" + fonts.map(function (one) {
          return new URL(one.name).pathname.slice(1) + "-by-" + one.initiatorType;
        }).join(","));
        new PerformanceObserver(function (list) {
          list.getEntries().forEach(function (one) {
            if (one.name.indexOf("/.freshet/shown?") < 0) return;
            location.href = "/page/" + (location.pathname.slice(6) % 9 + 1);
          });
        }).observe({ type: "resource", buffered: true });
      };
      </script><!--PADDING-->
      """
          .replace("PADDING", "x".repeat(500));

  private static final String SHEET =
      """
      @media screen { @font-face { font-family: Used; src: url("used.woff") format("woff"); } }
      @font-face { font-family: Other; src: local("none"), url("/other.woff") format("woff"); }
      .never { font-family: Other; }
      """;

  @TempDir private Path profile;
  private final PlainApp app = new PlainApp();

  @AfterEach
  void close() {
    app.close();
  }

  private static byte[] font() throws IOException {
    String file = "/dev/freshet/shop/static/fonts/figtree-400.woff";
    try (InputStream in = FontsInBrowserTest.class.getResourceAsStream(file)) {
      return Objects.requireNonNull(in, file).readAllBytes();
    }
  }

  @Test
  void whatTheTextNeedsIsAskedForByTheHead() throws IOException, InterruptedException {
    Optional<Path> program = Chromium.program();
    assumeTrue(program.isPresent(), "skipped: no chromium on PATH");
    String here = "CDN-Cache-Control: max-age=60";
    String ask = "Cache-Control: no-store";
    for (int i = 1; i < 10; i++) {
      app.page("/page/" + i, PAGE, "Content-Type: text/html; charset=utf-8", here, ask);
    }
    app.page("/fonts.css", SHEET, "Content-Type: text/css", here, ask);
    for (String name : new String[] {"/used.woff", "/other.woff"}) {
      app.octets(name, font(), "Content-Type: font/woff", here, ask);
    }
    Settings settings =
        Reading.read("listen: 127.0.0.1:0\nadmin: 127.0.0.1:0\norigin: " + app.url());
    try (Wiring freshet = Wiring.start(settings, () -> settings)) {
      int port = freshet.edge().addresses().getFirst().port();
      String page = "http://127.0.0.1:" + port + "/page/1";
      try (RawClient client = RawClient.to(port);
          Chromium browser = Chromium.open(program.orElseThrow(), profile, page)) {
        assertThat(app.told(browser, "/report/")).as("at first").isEqualTo("used.woff-by-css");
        assertThat(app.told(browser, "/report/used.woff-by-link")).as("loaded once").isEmpty();
        String host = "GET /page/1 HTTP/1.1\r\nHost: 127.0.0.1:" + port + "\r\n";
        await(
            () ->
                client
                    .send(host + "Accept-Encoding: gzip\r\n\r\n")
                    .response()
                    .field("Freshet-Optimized")
                    .contains("prefont=1"),
            "the page with one font");
        assertThat(browser.log()).noneMatch(line -> line.contains("preloaded"));
      }
    }
    assertThat(app.asked("/other.woff")).isZero();
  }
}
