package dev.freshet.app;

import static dev.freshet.testkit.Eventually.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.freshet.testkit.Chromium;
import dev.freshet.testkit.RawClient;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Nothing jumps in a real Chromium when pictures come after the text, which nobody has loaded
/// before, also where the page's styles leave them as wide as they are.
@Timeout(120)
class SteadyPagesInBrowserTest {
  /// Says when it is painted, and how much has moved since once its pictures are there. A last move
  /// of its own tells it that it has heard of all before.
  private static final String PAGE =
      """
      <!doctype html><html><head><title>t</title><style>
      body { margin: 0; } img { max-width: 100%; display: block; }
      .cards { display: grid; grid-template-columns: 1fr 1fr; }
      </style></head><body>
      <img src=/PICTURE.svg><p>text</p>
      <div class=cards><p><img src=/PICTURE.svg>one</p><p><img src=/PICTURE.svg>two</p></div>
      <p>more text</p><div id=last style="position:absolute;top:9px;left:9px">last</div>
      <script>
      var moved = 0, last = document.getElementById("last");
      function frames(then) { requestAnimationFrame(function () { requestAnimationFrame(then); }); }
      new PerformanceObserver(function (list) {
        list.getEntries().forEach(function (one) {
          if (!one.sources.some(function (each) { return each.node === last; })) {
            moved += one.value;
            return;
          }
          fetch("/report" + location.pathname + "/moved/" + moved);
          if (location.pathname === "/bare") location.href = "/better";
        });
      }).observe({ type: "layout-shift", buffered: true });
      new PerformanceObserver(function (list) {
        if (list.getEntriesByName("first-contentful-paint").length) {
          frames(function () { fetch("/report" + location.pathname + "/painted"); });
        }
      }).observe({ type: "paint", buffered: true });
      onload = function () {
        frames(function () { last.style.top = "300px"; });
      };
      </script><!--PADDING-->
      """
          .replace("PADDING", "x".repeat(500));

  private static final String SVG =
      "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 800 400' width='800' height='400'/>";

  @TempDir private Path profile;
  private final PlainApp app = new PlainApp();

  @AfterEach
  void close() {
    app.close();
  }

  @Test
  void picturesThatComeLateMoveNothing() throws IOException, InterruptedException {
    Optional<Path> program = Chromium.program();
    assumeTrue(program.isPresent(), "skipped: no chromium on PATH");
    String html = "Content-Type: text/html; charset=utf-8";
    String here = "CDN-Cache-Control: max-age=60";
    for (String page : new String[] {"bare", "better"}) {
      app.page("/" + page, PAGE.replace("PICTURE", page), html, here, "Cache-Control: no-store");
      picture(page, new CountDownLatch(0));
    }
    Settings settings =
        Reading.read(
            "listen: 127.0.0.1:0\nadmin: 127.0.0.1:0\norigin: "
                + app.url()
                + "\nroutes: [{match: /bare, optimize: off}]");
    try (Wiring freshet = Wiring.start(settings, () -> settings)) {
      int port = freshet.edge().addresses().getFirst().port();
      String site = "127.0.0.1:" + port;
      // Nobody loads the picture: Freshet reads its beginning itself.
      try (RawClient client = RawClient.to(port)) {
        await(() -> get(client, site, "/better").contains("sized=3"), "the pictures' sizes");
      }
      CountDownLatch bare = new CountDownLatch(1);
      CountDownLatch better = new CountDownLatch(1);
      picture("bare", bare);
      picture("better", better);
      String first = "http://" + site + "/bare";
      try (Chromium browser = Chromium.open(program.orElseThrow(), profile, first)) {
        assertThat(moved(browser, "bare", bare)).as("by itself").isPositive();
        assertThat(moved(browser, "better", better)).isZero();
      }
    }
  }

  /// As the browser does, of the same site; gives what was done to it.
  private static String get(RawClient client, String site, String path) {
    String accept = "Accept-Encoding: gzip, deflate, br, zstd\r\n";
    return client
        .send("GET " + path + " HTTP/1.1\r\nHost: " + site + "\r\n" + accept + "\r\n")
        .response()
        .field("Freshet-Optimized");
  }

  /// Asked for each time.
  private void picture(String page, CountDownLatch go) {
    String type = "Content-Type: image/svg+xml";
    app.heldPage("/" + page + ".svg", SVG, go, type, "Cache-Control: no-cache", "ETag: \"p\"");
  }

  /// How much moves once the pictures are let go.
  private double moved(Chromium browser, String page, CountDownLatch go)
      throws InterruptedException {
    app.told(browser, "/report/" + page + "/painted");
    go.countDown();
    return Double.parseDouble(app.told(browser, "/report/" + page + "/moved/"));
  }
}
