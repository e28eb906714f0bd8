package dev.freshet.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.freshet.base.Rolls;
import dev.freshet.testkit.Chromium;
import dev.freshet.testkit.RawClient;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A real Chromium that holds the last version of a script and a page of a template is sent what
/// differs, and makes the whole of it.
@Timeout(120)
class DictionariesInBrowserTest {
  private static final String JS = "Content-Type: text/javascript";
  private static final String HTML = "Content-Type: text/html; charset=utf-8";

  /// Kept here, asked for each time by browsers.
  private static final String PAGE = "Cache-Control: public, max-age=600";

  private static final String[] HERE = {
    "CDN-Cache-Control: max-age=600", "Cache-Control: no-store"
  };

  /// Asks for the new script and another page until they come as differences, and reports what was
  /// made of them.
  private static final String HARNESS =
      """
      <!doctype html><title>harness</title><body><script>
      function loaded(element, url) {
        return new Promise(function (done) {
          element.onload = function () { done(element); };
          element.src = url;
          document.body.appendChild(element);
        });
      }
      async function run() {
        await loaded(document.createElement("script"), "/app.11aa22bb.js");
        await fetch("/report/old/" + window.version);
        var size, asked = 0;
        do {
          performance.clearResourceTimings();
          (await loaded(document.createElement("script"), "/app.33cc44dd.js")).remove();
          size = performance.getEntriesByName(location.origin + "/app.33cc44dd.js")[0].encodedBodySize;
        } while (size > 5000);
        await fetch("/report/new/" + window.version + "/" + size);
        do {
          var made = await loaded(document.createElement("iframe"), "/p/3?n=" + ++asked);
          size = made.contentWindow.performance.getEntriesByType("navigation")[0].encodedBodySize;
          var said = made.contentDocument.title + "/" + made.contentDocument.body.textContent.length;
          made.remove();
        } while (size > 5000);
        await fetch("/report/page/" + said + "/" + size);
        fetch("/report/over");
      }
      run().catch(function (e) { fetch("/report/error/" + e); fetch("/report/over"); });
      </script>
      """;

  @TempDir private Path profile;
  private final PlainApp app = new PlainApp();
  private final Rolls rolls = new Rolls(9842);

  @AfterEach
  void close() {
    app.close();
  }

  private String text(int length) {
    return rolls.text(length, "");
  }

  @Test
  void aNewVersionAndASecondPageComeAsWhatDiffers() throws IOException, InterruptedException {
    Optional<Path> program = Chromium.program();
    assumeTrue(program.isPresent(), "skipped: no chromium on PATH");
    String code = "/*" + text(200_000).replace("*/", "") + "*/";
    app.page("/app.11aa22bb.js", "window.version = 1;" + code, JS, "Cache-Control: max-age=86400");
    app.page("/app.33cc44dd.js", "window.version = 2;" + code, JS, HERE[0], HERE[1]);
    String frame = "<p>" + text(100_000).replace("<", "").replace("&", "");
    for (int i = 1; i <= 3; i++) {
      app.page("/p/" + i, "<title>t" + i + "</title>" + frame, HTML, PAGE);
    }
    app.page("/p/harness", HARNESS + frame, HTML, PAGE);
    Settings settings =
        Reading.read(
            """
            listen: 127.0.0.1:0
            admin: 127.0.0.1:0
            ignore-parameters: [n]
            origin: %s
            """
                .formatted(app.url()));
    try (Wiring freshet = Wiring.start(settings, () -> settings)) {
      int port = freshet.edge().addresses().getFirst().port();
      warm(port);
      String site = "http://localhost:" + port;
      try (Chromium browser = Chromium.open(program.orElseThrow(), profile, site + "/p/harness")) {
        boolean isEnded = false;
        while (!isEnded && !app.asked().contains("/report/over")) {
          isEnded = browser.endsWithin(50);
        }
        assertThat(browser.log()).noneMatch(line -> line.contains("CONSOLE"));
      }
    }
    assertThat(app.asked()).contains("/report/old/1", "/report/over");
    assertThat(app.asked()).anyMatch(line -> line.startsWith("/report/new/2/"));
    String page = "/report/page/t3/" + (frame.length() - 3) + "/";
    assertThat(app.asked()).anyMatch(line -> line.startsWith(page));
  }

  /// Others were there before. The parameter lets the browser ask, which has the page already.
  private static void warm(int port) {
    try (RawClient other = RawClient.to(port)) {
      for (String path : new String[] {"/app.33cc44dd.js", "/p/1", "/p/2", "/p/3"}) {
        get(other, port, path);
      }
      while (get(other, port, "/p/harness").field("Link").isEmpty()) {
        Thread.onSpinWait();
      }
    }
  }

  private static RawClient.Response get(RawClient client, int port, String path) {
    String ask = "GET " + path + " HTTP/1.1\r\nHost: localhost:" + port + "\r\n";
    return client.send(ask + "Accept-Encoding: br\r\n\r\n").response();
  }
}
