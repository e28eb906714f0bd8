package dev.freshet.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.freshet.assets.PageTime;
import dev.freshet.assets.PageTimer;
import dev.freshet.testkit.Chromium;
import dev.freshet.testkit.RawClient;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Octets that a real Chromium takes from the network for a page that it has just seen, of an app
/// that says nothing to browsers.
@Timeout(120)
class RepeatViewInBrowserTest {
  private static final String PAGE =
      """
      <!doctype html><title>p</title><link rel=icon href=/files/mark.svg>
      <link rel=stylesheet href=/files/a.css><script src=/files/a.js></script>
      <img src=/files/mark.svg width=40 height=40><p>
      """
          + "x".repeat(4_000);

  private final PlainApp app = new PlainApp();

  @AfterEach
  void close() {
    app.close();
  }

  @Test
  void theSecondViewTakesNothingButTheWordThatThePageIsTheSame()
      throws IOException, InterruptedException {
    Optional<Path> program = Chromium.program();
    assumeTrue(program.isPresent(), "skipped: no chromium on PATH");
    String filler = "/* " + "y".repeat(3_000) + " */";
    app.page(
        "/p",
        PAGE,
        "Content-Type: text/html; charset=utf-8",
        "CDN-Cache-Control: max-age=60",
        "ETag: \"p\"");
    app.page("/files/a.css", "body{background:url(back.svg)}" + filler, "Content-Type: text/css");
    app.page("/files/a.js", "window.a=1;" + filler, "Content-Type: text/javascript");
    for (String name : List.of("mark", "back")) {
      String picture =
          "<svg xmlns='http://www.w3.org/2000/svg'><title>" + name + filler + "</title></svg>";
      app.page("/files/" + name + ".svg", picture, "Content-Type: image/svg+xml");
    }
    Settings settings =
        Reading.read(
            "listen: 127.0.0.1:0\nadmin: 127.0.0.1:0\norigin: "
                + app.url()
                + "\nroutes: [{match: /files/**, share: public, ttl: 1h, browser-ttl: 1h}]");
    try (Wiring freshet = Wiring.start(settings, () -> settings);
        PageTimer browser = PageTimer.open(program.orElseThrow())) {
      int port = freshet.edge().addresses().getFirst().port();
      warm(port);
      List<PageTime> views = browser.visit("http://localhost:" + port + "/p", 2);
      assertThat(views.getFirst().octets()).isGreaterThan(500);
      assertThat(views.getFirst().requests()).isGreaterThanOrEqualTo(5);
      assertThat(views.getLast().requests()).as("the page's own").isEqualTo(1);
      assertThat(views.getLast().octets()).as("a 304").isBetween(1L, 600L);
    }
  }

  /// Others were there before.
  private static void warm(int port) {
    try (RawClient other = RawClient.to(port)) {
      for (String path :
          List.of("/files/a.css", "/files/a.js", "/files/mark.svg", "/files/back.svg", "/p")) {
        assertThat(
                other
                    .send("GET " + path + " HTTP/1.1\r\nHost: localhost:" + port + "\r\n\r\n")
                    .response()
                    .status())
            .isEqualTo(200);
      }
    }
  }
}
