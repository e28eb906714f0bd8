package dev.freshet.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.testkit.RawClient;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Style sheets and scripts that become smaller in the background, through the whole program.
@Timeout(120)
class SmallerFilesTest {
  private static final String GZIP = "Accept-Encoding: gzip";
  private static final String KEPT = "Cache-Control: max-age=600";
  private static final String CSS = "Content-Type: text/css";
  private static final String HTML = "Content-Type: text/html; charset=utf-8";
  private static final String DAY = "Tue, 03 Nov 2026 10:00:00 GMT";
  private static final String FROM_PAGE = "Referer: http://shop.test/p?utm_source=x#top";
  private static final String SHEET = "/*! ours */\n.a { color : red }\n/* x */\n".repeat(40);
  private static final String SMALL = "/*! ours */.a{color:red}".repeat(40) + "\n";
  private static final String PAGE =
      "<!doctype html><link rel=stylesheet href=/a.css><p>" + "x".repeat(600);

  private final PlainApp app = new PlainApp();
  private final Wiring freshet = wired();
  private final RawClient client = RawClient.to(freshet.edge().addresses().getFirst().port());

  private Wiring wired() {
    Settings settings =
        Reading.read("listen: 127.0.0.1:0\nadmin: 127.0.0.1:0\norigin: " + app.url());
    return Wiring.start(settings, () -> settings);
  }

  @AfterEach
  void close() {
    client.close();
    freshet.close();
    app.close();
  }

  private RawClient.Response smaller(String path) {
    RawClient.Response got = client.get(path, GZIP, FROM_PAGE);
    while (!got.field("Freshet-Optimized").equals("min")) {
      got = client.get(path, GZIP, FROM_PAGE);
    }
    return got;
  }

  /// Everything that waited has been done.
  private void settled(String reason) {
    String wanted = "freshet_assets_refused_total{why=\"" + reason + "\"} 1";
    try (RawClient operator = RawClient.to(freshet.console().address().port())) {
      String said = "";
      while (!said.contains(wanted)) {
        said = operator.send("GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n").response().text();
      }
    }
  }

  @Test
  void whatAPageNamesIsSmallerForWhoComesFromThatPage() throws IOException {
    app.page("/p", PAGE, HTML, KEPT);
    app.page("/a.css", SHEET, CSS, KEPT, "ETag: \"v1\"", "Last-Modified: " + DAY);
    client.get("/p", GZIP);
    RawClient.Response first = client.get("/a.css", GZIP, FROM_PAGE);
    assertThat(first.unzipped()).isEqualTo(SHEET);
    RawClient.Response later = smaller("/a.css");
    assertThat(later.unzipped()).isEqualTo(SMALL);
    assertThat(later.field("ETag")).isEqualTo("\"v1-min-gzip\"");
    assertThat(later.field("Last-Modified")).isEmpty();
    assertThat(later.field("Vary")).isEqualTo("Accept-Encoding");
    assertThat(app.asked("/a.css")).isEqualTo(1);
    assertThat(client.get("/a.css", GZIP).unzipped()).as("from nowhere").isEqualTo(SHEET);
    assertThat(client.get("/a.css", GZIP, "Referer: http://shop.test/q").unzipped())
        .isEqualTo(SHEET);
    assertThat(client.get("/a.css", GZIP, FROM_PAGE, "Origin: http://b.test").unzipped())
        .isEqualTo(SHEET);
    assertThat(client.get("/a.css", GZIP, FROM_PAGE, "Sec-Fetch-Dest: empty").unzipped())
        .isEqualTo(SHEET);
    assertThat(client.get("/a.css", GZIP, FROM_PAGE, "Freshet-Optimize: off").unzipped())
        .isEqualTo(SHEET);
    assertThat(client.get("/a.css", FROM_PAGE).text()).as("uncoded").isEqualTo(SHEET);
  }

  @Test
  void anyFormConfirmsAnyOtherButNotOnceTheAppsOctetsAreWanted() throws IOException {
    app.page("/p", PAGE, HTML, KEPT);
    app.page("/a.css", SHEET, CSS, KEPT, "ETag: \"v1\"");
    client.get("/p", GZIP);
    smaller("/a.css");
    for (String tag : new String[] {"\"v1-min-gzip\"", "\"v1-gzip\"", "\"v1\"", "\"v1-min-br\""}) {
      RawClient.Response known =
          client.get("/a.css", GZIP, FROM_PAGE, "If-None-Match: \"x\", " + tag);
      assertThat(known.status()).as(tag).isEqualTo(304);
      assertThat(known.field("ETag")).isEqualTo(tag);
    }
    RawClient.Response exact = client.get("/a.css", GZIP, "If-None-Match: \"v1-min-gzip\"");
    assertThat(exact.status()).isEqualTo(200);
    assertThat(exact.unzipped()).isEqualTo(SHEET);
    RawClient.Response part =
        client.get("/a.css", GZIP, FROM_PAGE, "Range: bytes=0-9", "If-Range: \"v1\"");
    assertThat(part.status()).isEqualTo(206);
    assertThat(part.text()).isEqualTo(SHEET.substring(0, 10));
    RawClient.Response other =
        client.get("/a.css", GZIP, FROM_PAGE, "Range: bytes=0-9", "If-Range: \"v1-min-gzip\"");
    assertThat(other.status()).isEqualTo(200);
    assertThat(other.unzipped()).isEqualTo(SMALL);
  }

  @Test
  void aPageThatDemandsADigestGetsTheAppsOctetsFromThatMomentOn() throws Exception {
    app.page("/p", PAGE, HTML, KEPT);
    app.page("/a.css", SHEET, CSS, KEPT);
    client.get("/p", GZIP);
    assertThat(smaller("/a.css").unzipped()).isEqualTo(SMALL);
    byte[] hash =
        MessageDigest.getInstance("SHA-384").digest(SHEET.getBytes(StandardCharsets.UTF_8));
    String digest = Base64.getEncoder().encodeToString(hash);
    app.page(
        "/q",
        PAGE.replace("href", "integrity=\"sha384-" + digest.replace("+", "&#x2B;") + "\" href"),
        HTML,
        "Cache-Control: no-store");
    client.get("/q", GZIP);
    assertThat(client.get("/a.css", GZIP, FROM_PAGE).unzipped()).isEqualTo(SHEET);
    assertThat(client.get("/a.css", GZIP, "Referer: http://shop.test/q").unzipped())
        .isEqualTo(SHEET);
  }

  @Test
  void aPurgeAndANewVersionForgetWhatWasMade() throws IOException {
    app.page("/p", PAGE, HTML, KEPT);
    app.page("/a.css", SHEET, CSS, KEPT);
    client.get("/p", GZIP);
    smaller("/a.css");
    app.page("/a.css", SHEET.replace("red", "blue"), CSS, KEPT);
    freshet.edge().purgeUrl("http://shop.test/a.css", false);
    assertThat(client.get("/a.css", GZIP, FROM_PAGE).unzipped())
        .isEqualTo(SHEET.replace("red", "blue"));
    assertThat(smaller("/a.css").unzipped()).isEqualTo(SMALL.replace("red", "blue"));
  }

  @Test
  void whatDoesNotParseStaysAsItIs() throws IOException {
    String broken = ".a { color : red }\n/* never closed " + "x ".repeat(500);
    app.page("/p", PAGE, HTML, KEPT);
    app.page("/a.css", broken, CSS, KEPT);
    client.get("/p", GZIP);
    client.get("/a.css", GZIP, FROM_PAGE);
    settled("unreadable");
    assertThat(client.get("/a.css", GZIP, FROM_PAGE).unzipped()).isEqualTo(broken);
  }

  @Test
  void whatMustNotBeChangedIsNotEvenLookedAt() throws IOException {
    app.page("/p", PAGE, HTML, KEPT);
    app.page("/a.css", SHEET, CSS, "Cache-Control: max-age=600, no-transform");
    app.page("/own.css", SHEET, CSS, "Cache-Control: private");
    app.page("/old.css", SHEET, CSS + "; charset=iso-8859-1", KEPT);
    client.get("/p", GZIP);
    for (String path : new String[] {"/a.css", "/own.css", "/old.css"}) {
      client.get(path, GZIP, FROM_PAGE);
      assertThat(client.get(path, GZIP, FROM_PAGE).unzipped()).as(path).isEqualTo(SHEET);
    }
    app.page("/last.css", ".a{", CSS, KEPT);
    client.get("/last.css", GZIP, FROM_PAGE);
    settled("unreadable");
    try (RawClient operator = RawClient.to(freshet.console().address().port())) {
      assertThat(
              operator.send("GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n").response().text())
          .contains("freshet_assets_forms_total{kind=\"minified\"} 0");
    }
  }
}
