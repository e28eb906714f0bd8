package dev.freshet.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.testkit.RawClient;
import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Pages on their way from the app to a browser, through the whole program.
@Timeout(120)
@SuppressWarnings("StringConcatToTextBlock")
class PagePolishTest {
  private static final String GZIP = "Accept-Encoding: gzip";
  private static final String HTML = "Content-Type: text/html; charset=utf-8";
  private static final String FIXED = "<img src=/a.png width=800 height=600>";
  private static final String LATER =
      FIXED.replace("<img", "<img loading=\"lazy\" decoding=\"async\"");
  private static final String FIRST = FIXED.replace("<img", "<img fetchpriority=\"high\"");
  private static final String PAGE =
      "<!doctype html><head><title>" + "t".repeat(500) + "</title></head>" + FIXED.repeat(6);
  private static final String BETTER =
      PAGE.replace(FIXED.repeat(6), FIRST + FIXED.repeat(3) + LATER.repeat(2));

  private final PlainApp app = new PlainApp();
  private final Wiring freshet = wired("");
  private final RawClient client = RawClient.to(freshet.edge().addresses().getFirst().port());

  private Wiring wired(String rest) {
    Settings settings =
        Reading.read("listen: 127.0.0.1:0\nadmin: 127.0.0.1:0\norigin: " + app.url() + "\n" + rest);
    return Wiring.start(settings, () -> settings);
  }

  @AfterEach
  void close() {
    client.close();
    freshet.close();
    app.close();
  }

  private static final String SHOWN = "<script src=\"/.freshet/shown.js\" async></script>";

  /// Without the script that tells how pictures are shown, which is the same everywhere.
  private static String text(RawClient.Response response) throws IOException {
    return response.unzipped().replace(SHOWN, "");
  }

  @Test
  void aBrowserGetsTheBetterPageFromTheFirstTimeOn() throws IOException {
    app.page("/p", PAGE, HTML, "Cache-Control: max-age=60", "ETag: \"v1\"", "Content-MD5: x");
    RawClient.Response first = client.get("/p", GZIP);
    assertThat(text(first)).isEqualTo(BETTER);
    assertThat(first.field("Freshet-Optimized")).isEqualTo("safe");
    assertThat(first.field("ETag")).isEqualTo("W/\"v1~s\"");
    assertThat(first.field("Content-MD5")).isEmpty();
    RawClient.Response again = client.get("/p", GZIP);
    assertThat(again.field("Cache-Status")).startsWith("freshet; hit");
    assertThat(text(again)).isEqualTo(BETTER);
    assertThat(client.get("/p", GZIP, "If-None-Match: W/\"v1~s\"").status()).isEqualTo(304);
    assertThat(client.get("/p", "If-None-Match: \"v1\"").status()).isEqualTo(304);
    assertThat(app.asked("/p")).isEqualTo(1);
  }

  @Test
  void aPageTellsHowWideItsPicturesAreShownWhereItsPolicyLetsItself() throws IOException {
    String csp = "Content-Security-Policy: script-src 'none'";
    app.page("/p", PAGE, HTML, "Cache-Control: max-age=60").page("/csp", PAGE, HTML, csp);
    app.page("/none", PAGE, HTML, "Cache-Control: no-store");
    for (String path : new String[] {"/p", "/p", "/none"}) {
      RawClient.Response page = client.get(path, GZIP);
      assertThat(page.unzipped()).as(path).contains("<head>" + SHOWN);
      assertThat(page.field("Accept-CH")).isEqualTo("Sec-CH-Viewport-Width, Sec-CH-DPR");
    }
    assertThat(client.get("/csp", GZIP).unzipped()).doesNotContain(SHOWN);
    RawClient.Response own = client.get("/p");
    assertThat(own.text()).isEqualTo(PAGE);
    assertThat(own.field("Accept-CH")).isEmpty();
    assertThat(client.get("/.freshet/shown.js").text()).contains("/.freshet/shown?");
    assertThat(client.get("/.freshet/shown?1=/a.png").status()).as("no report").isEqualTo(405);
  }

  @Test
  void whoeverWantsNoCodingOrAPartGetsTheAppsOwnPage() throws IOException {
    app.page("/p", PAGE, HTML, "Cache-Control: max-age=60", "ETag: \"v1\"");
    client.get("/p", GZIP);
    RawClient.Response plain = client.get("/p");
    assertThat(plain.text()).isEqualTo(PAGE);
    assertThat(plain.field("ETag")).isEqualTo("\"v1\"");
    RawClient.Response part = client.get("/p", GZIP, "Range: bytes=0-14");
    assertThat(part.status()).isEqualTo(206);
    assertThat(part.text()).isEqualTo("<!doctype html>");
    assertThat(part.field("ETag")).isEqualTo("\"v1\"");
    RawClient.Response whole = client.get("/p", GZIP, "Range: bytes=0-14", "If-Range: W/\"v1~s\"");
    assertThat(whole.status()).isEqualTo(200);
    assertThat(text(whole)).isEqualTo(BETTER);
  }

  @Test
  void oneFieldOfARequestTurnsItOffForItsAnswer() throws IOException {
    String off = "Freshet-Optimize: off";
    app.page("/p", PAGE, HTML, "Cache-Control: max-age=60", "ETag: \"v1\"");
    assertThat(text(client.get("/p", GZIP, off))).isEqualTo(PAGE);
    assertThat(text(client.get("/p", GZIP))).isEqualTo(BETTER);
    RawClient.Response plain = client.get("/p", GZIP, off, "If-None-Match: W/\"v1~s\"");
    assertThat(plain.status()).isEqualTo(200);
    assertThat(text(plain)).isEqualTo(PAGE);
    assertThat(plain.field("Freshet-Optimized")).isEmpty();
    assertThat(text(client.get("/p", GZIP))).isEqualTo(BETTER);
  }

  @Test
  void oneSwitchTurnsItOffForAllAndEvenForWhatBrowsersHave() throws IOException {
    app.page("/p", PAGE, HTML, "Cache-Control: max-age=60", "ETag: \"v1\"");
    app.page("/own", PAGE, HTML, "Cache-Control: no-store", "ETag: \"v1\"");
    String has = "If-None-Match: W/\"v1~s\"";
    assertThat(text(client.get("/p", GZIP))).isEqualTo(BETTER);
    client.get("/own", GZIP);
    assertThat(client.get("/own", GZIP, has).status()).isEqualTo(304);
    order("{\"on\": false}");
    for (String path : new String[] {"/p", "/own"}) {
      RawClient.Response off = client.get(path, GZIP, has);
      assertThat(off.status()).as(path).isEqualTo(200);
      assertThat(text(off)).as(path).isEqualTo(PAGE);
    }
    assertThat(client.get("/p", GZIP).field("ETag")).isEqualTo("\"v1-gzip\"");
    order("{\"on\": true}");
    assertThat(text(client.get("/p", GZIP))).isEqualTo(BETTER);
    assertThat(app.asked("/p")).isEqualTo(1);
  }

  @Test
  void whoReadsAlongGetsTheFormThatHeWants() throws IOException {
    CountDownLatch go = new CountDownLatch(1);
    app.heldPage("/p", PAGE, go, HTML, "Cache-Control: max-age=60");
    String ask = "GET /p HTTP/1.1\r\nHost: shop.test\r\n" + GZIP + "\r\n";
    client.send(ask + "\r\n");
    while (app.asked("/p") == 0) {
      Thread.onSpinWait();
    }
    try (RawClient other = RawClient.to(freshet.edge().addresses().getFirst().port())) {
      other.send(ask + "Freshet-Optimize: off\r\n\r\n");
      go.countDown();
      assertThat(text(client.response())).isEqualTo(BETTER);
      assertThat(text(other.response())).isEqualTo(PAGE);
    }
  }

  @Test
  void learnsNothingOfPicturesWhereNoPageIsMadeBetter() {
    String picture = "<svg viewBox='0 0 8 4'></svg>";
    app.page("/a.svg", picture, "Content-Type: image/svg+xml", "Cache-Control: max-age=60");
    try (Wiring none = wired("optimize: off\nroutes: [{match: /p, optimize: off}]");
        Wiring some = wired("optimize: off\nroutes: [{match: /p, optimize: safe}]")) {
      for (Wiring each : new Wiring[] {none, some}) {
        try (RawClient through = RawClient.to(each.edge().addresses().getFirst().port())) {
          through.get("/a.svg");
          assertThat(through.get("/a.svg").field("Cache-Status")).startsWith("freshet; hit");
        }
      }
      while (!metrics(some).contains("freshet_assets_pictures 1")) {
        Thread.onSpinWait();
      }
      assertThat(metrics(none)).contains("freshet_assets_pictures 0");
    }
  }

  @Test
  void countsPagesThatOnlyPass() {
    app.page("/own", PAGE, HTML, "Cache-Control: no-store");
    client.get("/own", GZIP);
    client.get("/own", GZIP);
    assertThat(metrics(freshet))
        .contains("freshet_assets_pages_total 2", "freshet_assets_put_total{what=\"lazy\"} 4");
  }

  private static String metrics(Wiring of) {
    try (RawClient operator = RawClient.to(of.console().address().port())) {
      return operator.send("GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n").response().text();
    }
  }

  private void order(String text) {
    try (RawClient operator = RawClient.to(freshet.console().address().port())) {
      RawClient.Response said =
          operator
              .send(
                  "POST /optimize HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
                      + "Content-Length: "
                      + text.length()
                      + "\r\n\r\n"
                      + text)
              .response();
      assertThat(said.status()).isEqualTo(200);
    }
  }

  @Test
  void aPageForOneAloneIsMadeBetterOnItsWayAndValidatedByTheAppsTag() throws IOException {
    app.page("/own", PAGE, HTML, "Cache-Control: private", "ETag: W/\"v1\"");
    RawClient.Response first = client.get("/own", GZIP, "Cookie: session=1");
    assertThat(text(first)).isEqualTo(BETTER);
    assertThat(first.field("ETag")).isEqualTo("W/\"v1~w\"");
    RawClient.Response again =
        client.get("/own", GZIP, "Cookie: session=1", "If-None-Match: W/\"v1~w\"");
    assertThat(again.status()).isEqualTo(304);
    assertThat(again.field("ETag")).as("names what the client has").isEqualTo("W/\"v1~w\"");
    assertThat(app.asked("304 /own")).isEqualTo(1);
  }

  @Test
  void leavesAloneWhatTheAppOrARuleForbids() throws IOException {
    app.page("/strict", PAGE, HTML, "Cache-Control: max-age=60, no-transform");
    String said = "Cache-Control: max-age=60";
    app.page("/coded", PAGE, HTML, said, "Content-Encoding: identity-of-ours");
    app.page("/text", PAGE, "Content-Type: text/plain");
    String disposition = "Content-Disposition: attachment; filename=\"report.html\"";
    app.page("/saved", PAGE, HTML, said, disposition);
    app.page("/p", PAGE, HTML, said);
    for (String path : new String[] {"/strict", "/coded", "/text", "/saved"}) {
      RawClient.Response response = client.get(path, GZIP);
      assertThat(text(response)).as(path).isEqualTo(PAGE);
      assertThat(response.field("Freshet-Optimized")).as(path).isEmpty();
    }
    try (Wiring other = wired("routes: [{match: /p, optimize: off}]");
        RawClient through = RawClient.to(other.edge().addresses().getFirst().port())) {
      assertThat(text(through.get("/p", GZIP))).isEqualTo(PAGE);
    }
  }

  @Test
  void aStoredPageIsMadeAgainOnceItsPicturesWereSeen() throws IOException {
    String picture = "<img src=/wide.svg>";
    String page = PAGE.replace(FIXED.repeat(6), picture);
    String control = "Cache-Control: max-age=60";
    app.page("/p", page, HTML, control, "ETag: \"v1\"");
    app.page(
        "/wide.svg", "<svg viewBox='0 0 800 400'></svg>", "Content-Type: image/svg+xml", control);
    assertThat(text(client.get("/p", GZIP))).isEqualTo(page);
    client.get("/wide.svg");
    RawClient.Response later = client.get("/p", GZIP);
    while (!later.field("Freshet-Optimized").contains("sized=1")) {
      later = client.get("/p", GZIP);
    }
    assertThat(text(later))
        .contains("<head><style>@layer freshet{:where(img[data-freshet=\"800/400\"])")
        .contains("<img data-freshet=\"800/400\" fetchpriority=\"high\" src=/wide.svg>");
    assertThat(app.asked("/p")).isEqualTo(1);
  }
}
