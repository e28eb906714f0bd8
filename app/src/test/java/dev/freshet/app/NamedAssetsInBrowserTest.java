package dev.freshet.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.freshet.base.Rolls;
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

/// A real Chromium opens a page of which the app has every file asked for each time: the second
/// view needs no network for them, and after a deploy the next view has what is new, as what
/// differs.
@Timeout(120)
class NamedAssetsInBrowserTest {
  private static final String CSS = "Content-Type: text/css";
  private static final String JS = "Content-Type: text/javascript";
  private static final String HTML = "Content-Type: text/html; charset=utf-8";
  private static final String[] HERE = {
    "CDN-Cache-Control: max-age=3600", "Cache-Control: no-cache"
  };

  private static final String PAGE =
      "<!doctype html><title>p</title><link rel=stylesheet href=/a.css><script src=/a.js></script><p>"
          + "x".repeat(800);

  /// Opens the page in a frame three times, the third when the app has changed.
  private static final String HARNESS =
      """
      <!doctype html><title>harness</title><body><script>
      function view() {
        return new Promise(function (done) {
          var made = document.createElement("iframe");
          made.onload = function () {
            var inner = made.contentWindow, said = [inner.version, inner.getComputedStyle(inner.document.body).color];
            inner.performance.getEntriesByType("resource").forEach(function (e) {
              said.push(/[?]freshet=/.test(e.name) ? "named" : "plain", e.transferSize === 0 ? "kept"
                  : e.encodedBodySize < 1500 ? "small" : "whole");
            });
            made.remove();
            done(said.join("_").replace(/[ ,()]+/g, "-"));
          };
          made.src = "/p";
          document.body.appendChild(made);
        });
      }
      async function run() {
        await fetch("/report/1/" + await view());
        await fetch("/report/2/" + await view());
        await fetch("/deploy");
        await fetch("/report/3/" + await view());
        fetch("/report/over");
      }
      run().catch(function (e) { fetch("/report/error/" + e); fetch("/report/over"); });
      </script>
      """;

  @TempDir private Path profile;
  private final PlainApp app = new PlainApp();
  private final Rolls rolls = new Rolls(5);
  private final String rules = rules();
  private final String code = rolls.text(40_000, "").replaceAll("[^a-z ]", "");

  @AfterEach
  void close() {
    app.close();
  }

  private String rules() {
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < 1_500; i++) {
      out.append(".c").append(rolls.between(0, 1 << 30)).append("{margin:").append(i).append("px}");
    }
    return out.toString();
  }

  private void version(int number, String colour) {
    app.page("/a.css", "body{color:" + colour + "}" + rules, CSS, HERE[0], HERE[1]);
    app.page(
        "/a.js", "window.version=" + number + ";window.text='" + code + "';", JS, HERE[0], HERE[1]);
  }

  @Test
  void theSecondViewNeedsNoNetworkAndTheNextAfterADeployHasWhatIsNew()
      throws IOException, InterruptedException {
    Optional<Path> program = Chromium.program();
    assumeTrue(program.isPresent(), "skipped: no chromium on PATH");
    CountDownLatch deployed = new CountDownLatch(1);
    app.page(
        "/p", PAGE, HTML, "Cache-Control: no-cache", "CDN-Cache-Control: no-store", "ETag: \"p\"");
    app.page("/harness", HARNESS, HTML);
    app.heldPage("/deploy", "done", deployed);
    version(1, "rgb(1,2,3)");
    Settings settings =
        Reading.read("listen: 127.0.0.1:0\nadmin: 127.0.0.1:0\norigin: " + app.url());
    try (Wiring freshet = Wiring.start(settings, () -> settings)) {
      int port = freshet.edge().addresses().getFirst().port();
      warm(port);
      String site = "http://localhost:" + port;
      try (Chromium browser = Chromium.open(program.orElseThrow(), profile, site + "/harness")) {
        boolean isEnded = false;
        while (!isEnded && !app.asked().contains("/report/over")) {
          isEnded = browser.endsWithin(20);
          if (app.asked("/deploy") == 1 && deployed.getCount() == 1) {
            version(2, "rgb(4,5,6)");
            freshet.edge().purgeUrl(site + "/a.css", false);
            freshet.edge().purgeUrl(site + "/a.js", false);
            warm(port);
            deployed.countDown();
          }
        }
        assertThat(browser.log()).noneMatch(line -> line.contains("CONSOLE"));
      }
    }
    assertThat(app.asked())
        .contains(
            "/report/1/1_rgb-1-2-3-_named_whole_named_whole",
            "/report/2/1_rgb-1-2-3-_named_kept_named_kept",
            "/report/3/2_rgb-4-5-6-_named_small_named_small");
  }

  /// Others were there before.
  private static void warm(int port) {
    try (RawClient other = RawClient.to(port)) {
      for (String path : new String[] {"/a.css", "/a.js"}) {
        get(other, port, path);
      }
      for (int i = 0; i < 8; i++) {
        get(other, port, "/p");
      }
    }
  }

  private static void get(RawClient client, int port, String path) {
    String ask = "GET " + path + " HTTP/1.1\r\nHost: localhost:" + port + "\r\n";
    client.send(ask + "Accept-Encoding: br\r\nSec-Fetch-Mode: navigate\r\n\r\n").response();
  }
}
