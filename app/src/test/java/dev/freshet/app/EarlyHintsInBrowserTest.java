package dev.freshet.app;

import static dev.freshet.testkit.Eventually.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.freshet.edge.EdgeSnapshot.RouteLine;
import dev.freshet.testkit.Chromium;
import dev.freshet.testkit.SelfSigned;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A real Chromium, over HTTP/2 with TLS, asks for a page's style sheet while the app has not said
/// a word of the page: it holds the page back until the sheet was asked for.
@Timeout(120)
class EarlyHintsInBrowserTest {
  private static final String[] SHEET = {"Content-Type: text/css", "Cache-Control: max-age=600"};
  private static final String[] HTML = {
    "Content-Type: text/html; charset=utf-8", "Cache-Control: no-store"
  };
  private static final String PAGE =
      """
      <!doctype html><html><head><title>p</title><link rel=stylesheet href=/a.css></head><body>
      <script>
      onload = function () {
        var sheet = performance.getEntriesByName(location.origin + "/a.css")[0];
        fetch("/report/" + sheet.initiatorType + "/" + getComputedStyle(document.body).marginLeft);
      };
      </script><!--PADDING-->
      """
          .replace("PADDING", "x".repeat(500));

  @TempDir private Path profile;
  private final PlainApp app = new PlainApp();

  @AfterEach
  void close() {
    app.close();
  }

  @Test
  void aStyleSheetIsAskedForBeforeItsPageIsMade(@TempDir Path keys)
      throws IOException, InterruptedException {
    Optional<Path> program = Chromium.program();
    assumeTrue(program.isPresent(), "skipped: no chromium on PATH");
    app.page("/a.css", "body{margin-left:7px}", SHEET);
    app.page("/p", PAGE, HTML);
    SelfSigned self = SelfSigned.in(keys);
    Settings settings =
        Reading.read(
            """
            listen: 127.0.0.1:0
            admin: 127.0.0.1:0
            tls: { certificate: '%s', key: '%s' }
            origin: %s
            routes: [{ match: /a.css }]
            """
                .formatted(self.certificate(), self.key(), app.url()));
    try (Wiring freshet = Wiring.start(settings, () -> settings)) {
      String site = "https://127.0.0.1:" + freshet.edge().addresses().getFirst().port();
      // Others were there before.
      try (HttpClient others = HttpClient.newBuilder().sslContext(self.trust()).build()) {
        get(others, site + "/a.css");
        get(others, site + "/p");
      }
      CountDownLatch go = new CountDownLatch(1);
      app.heldPage("/p", PAGE, go, HTML);
      try (Chromium browser =
          Chromium.trusting(self, program.orElseThrow(), profile, site + "/p")) {
        await(() -> asked(freshet) == 2, "the browser to ask for the style sheet");
        go.countDown();
        assertThat(app.told(browser, "/report/")).isEqualTo("early-hints/7px");
        assertThat(browser.log()).noneMatch(line -> line.contains("CONSOLE"));
      }
    }
    assertThat(app.asked("/a.css")).as("it came from memory").isEqualTo(1);
  }

  /// How often anybody asked for the style sheet.
  private static long asked(Wiring freshet) {
    return freshet.edge().snapshot().routes().stream()
        .filter(line -> line.route().equals("/a.css"))
        .mapToLong(RouteLine::requests)
        .sum();
  }

  private static void get(HttpClient client, String url) throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(url)).header("Accept-Encoding", "br").build();
    assertThat(client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode())
        .isEqualTo(200);
  }
}
