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

/// In a real Chromium a page with what it needs of its style sheet looks, before the sheet is
/// there, as it looks with the whole sheet and without Freshet.
@Timeout(60)
class CriticalStylesInBrowserTest {
  /// Tells how every element looks, all of its computed styles and its place; where its sheet comes
  /// later, also without that sheet.
  private static final String PAGE =
      """
      <!doctype html><html lang=en><head><title>t</title><link rel=stylesheet href=/app.css></head><body>
      <header class="top dark"><h1 id=name>Name</h1><nav><a href=#a>a</a> <a class=on href=#b>b</a></nav></header>
      <main><article class=card><h2>One</h2><p>text <em>text</em></p></article>
      <article class="card wide"><h2>Two</h2><ul><li>a<li>b</ul></article>
      <form><input type=text value=x><button disabled>Go</button></form></main>
      <script>
      function looks() {
        var hash = 7;
        document.querySelectorAll("html, body, body *:not(script)").forEach(function (element) {
          var styles = getComputedStyle(element), place = element.getBoundingClientRect();
          var text = [place.x, place.y, place.width, place.height].join();
          for (var i = 0; i < styles.length; i++) text += styles.getPropertyValue(styles[i]) + ";";
          for (var j = 0; j < text.length; j++) hash = (hash * 31 + text.charCodeAt(j)) | 0;
        });
        return hash + "." + getComputedStyle(document.getElementById("name")).color;
      }
      onload = async function () {
        // Not by the element's name: where scripts look for sheets Freshet leaves them alone.
        var said = looks(), later = document.querySelector("[rel][data-freshet=critical]");
        if (later) {
          said += "/" + later.media;
          later.media = "print";
          said += "/" + looks();
        }
        await fetch("/report" + location.pathname + "/" + encodeURIComponent(said));
        if (location.pathname === "/bare") location.href = "/full";
      };
      </script><!--PADDING-->
      """
          .replace("PADDING", "x".repeat(500));

  private static final String CSS =
      """
      :root { --ink: rgb(1, 2, 3); } * { box-sizing: border-box; }
      body { margin: 0; font: 15px/1.4 serif; } #name { color: var(--ink); margin: 4px; }
      .top.dark { background: rgb(20, 40, 60); padding: 9px; } .top nav a.on { font-weight: 700; }
      .card + .card { margin-top: 11px; } .card > h2::after { content: "!"; color: red; }
      @media (min-width: 300px) { .card.wide { border: 2px solid rgb(9, 9, 9); } }
      @media (min-width: 30000px) { .card.wide { display: none; } }
      li:nth-child(2) { list-style: square; } button:disabled { opacity: .5; } a:hover { color: red; }
      """
          + ".unused { color: red; padding: 1px }\n".repeat(60);

  @TempDir private Path profile;
  private final PlainApp app = new PlainApp();

  @AfterEach
  void close() {
    app.close();
  }

  @Test
  void aPageLooksTheSameBeforeItsSheetIsThere() throws IOException, InterruptedException {
    Optional<Path> program = Chromium.program();
    assumeTrue(program.isPresent(), "skipped: no chromium on PATH");
    String keep = "Cache-Control: max-age=600";
    String html = "Content-Type: text/html; charset=utf-8";
    app.page("/bare", PAGE, html, "Cache-Control: max-age=60");
    app.page("/full", PAGE, html, "Cache-Control: max-age=60");
    app.page("/app.css", CSS, "Content-Type: text/css", keep);
    Settings settings =
        Reading.read(
            "listen: 127.0.0.1:0\nadmin: 127.0.0.1:0\norigin: "
                + app.url()
                + "\nroutes: [{match: /bare, optimize: off}, {match: /full, optimize: full}]");
    try (Wiring freshet = Wiring.start(settings, () -> settings)) {
      int port = freshet.edge().addresses().getFirst().port();
      String site = "127.0.0.1:" + port;
      try (RawClient client = RawClient.to(port)) {
        get(client, site, "/app.css");
        await(() -> get(client, site, "/full").contains("critical=1"), "critical styles");
      }
      String first = "http://" + site + "/bare";
      try (Chromium browser = Chromium.open(program.orElseThrow(), profile, first)) {
        String bare = app.told(browser, "/report/bare/");
        assertThat(bare).endsWith(".rgb(1, 2, 3)");
        assertThat(app.told(browser, "/report/full/")).isEqualTo(bare + "/all/" + bare);
      }
    }
  }

  /// As a browser opens it, of the same site; gives what was done to it.
  private static String get(RawClient client, String site, String path) {
    String accept = "Accept-Encoding: gzip, deflate, br, zstd\r\nSec-Fetch-Mode: navigate\r\n";
    return client
        .send("GET " + path + " HTTP/1.1\r\nHost: " + site + "\r\n" + accept + "\r\n")
        .response()
        .field("Freshet-Optimized");
  }
}
