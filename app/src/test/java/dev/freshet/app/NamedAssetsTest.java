package dev.freshet.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.testkit.RawClient;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Style sheets and scripts whose URLs name their content, through the whole program.
@Timeout(120)
class NamedAssetsTest {
  private static final String GZIP = "Accept-Encoding: gzip";
  private static final String OPENED = "Sec-Fetch-Mode: navigate";
  private static final String HTML = "Content-Type: text/html; charset=utf-8";
  private static final String CSS = "Content-Type: text/css";
  private static final String JS = "Content-Type: text/javascript";
  private static final String HOUR = "Cache-Control: max-age=3600";
  private static final String ASKED = "Cache-Control: no-cache";
  private static final String FOREVER = "max-age=31536000, immutable";
  private static final String SHEET = ".a{color:red}".repeat(60);
  private static final String SCRIPT = "var a=1;".repeat(90);
  private static final String SHOWN = "<script src=\"/.freshet/shown.js\" async></script>";
  private static final Pattern NAME = Pattern.compile("[?&]freshet=[\\w-]{22}(?=[\"> ])");
  private static final String PAGE =
      "<!doctype html><head><link rel=stylesheet href=\"/a.css?v=1\"><script src=/a.js></script>"
          + "</head><p>"
          + "x".repeat(600);

  private final PlainApp app = new PlainApp();
  private final Wiring freshet = wired();
  private final RawClient client = RawClient.to(freshet.edge().addresses().getFirst().port());

  private Wiring wired() {
    // What is purged stays away until a test asks for it.
    String own = "listen: 127.0.0.1:0\nadmin: 127.0.0.1:0\nstore: { renewals: 0 }\norigin: ";
    Settings settings = Reading.read(own + app.url());
    return Wiring.start(settings, () -> settings);
  }

  @AfterEach
  void close() {
    client.close();
    freshet.close();
    app.close();
  }

  /// Without the line that tells how pictures are shown.
  private static String text(RawClient.Response response) throws IOException {
    return response.unzipped().replace(SHOWN, "");
  }

  /// Opens the page as browsers do.
  private RawClient.Response open(String path, String... more) {
    String[] lines = new String[more.length + 2];
    lines[0] = GZIP;
    lines[1] = OPENED;
    System.arraycopy(more, 0, lines, 2, more.length);
    return client.get(path, lines);
  }

  /// A site whose pages have been opened before, with its files stored.
  private void site() {
    app.page("/first", PAGE, HTML, "Cache-Control: no-store");
    app.page("/a.css", SHEET, CSS, HOUR, "ETag: \"c1\"");
    app.page("/a.js", SCRIPT, JS, HOUR, "ETag: \"j1\"");
    for (int i = 0; i < 8; i++) {
      open("/first");
    }
    client.get("/a.css?v=1", GZIP);
    client.get("/a.js", GZIP);
  }

  private static int names(String page) {
    return (int) NAME.matcher(page.replace("&amp;", "&")).results().count();
  }

  /// The URL that the page has for that file.
  private static String url(String page, String path) {
    Matcher found = Pattern.compile("[\"=](" + Pattern.quote(path) + "[^\"> ]*)").matcher(page);
    assertThat(found.find()).isTrue();
    return found.group(1).replace("&amp;", "&");
  }

  @Test
  void aPageNamesWhatIsStoredAndBrowsersKeepItForGood() throws IOException {
    site();
    app.page(
        "/p", PAGE, HTML, ASKED, "ETag: \"p1\"", "Last-Modified: Tue, 03 Nov 2026 10:00:00 GMT");
    RawClient.Response answer = open("/p");
    String page = text(answer);
    assertThat(names(page)).isEqualTo(2);
    assertThat(NAME.matcher(page.replace("&amp;", "&")).replaceAll("")).isEqualTo(PAGE);
    assertThat(answer.field("Last-Modified")).isEmpty();
    String sheet = url(page, "/a.css");
    assertThat(sheet).startsWith("/a.css?v=1&freshet=");
    RawClient.Response named = client.get(sheet, GZIP);
    assertThat(named.field("Cache-Control")).isEqualTo(FOREVER);
    assertThat(named.field("Freshet-Optimized")).endsWith("named");
    assertThat(named.field("Cache-Status")).startsWith("freshet; hit");
    assertThat(text(client.get(url(page, "/a.js"), GZIP))).startsWith("var a=1;");
    RawClient.Response plain = client.get("/a.css?v=1", GZIP);
    assertThat(plain.field("Cache-Control")).isEqualTo("max-age=3600");
    assertThat(app.asked("/a.css")).isEqualTo(1);
    RawClient.Response off = client.get(sheet, GZIP, "Freshet-Optimize: off");
    assertThat(text(off)).isEqualTo(SHEET);
    assertThat(off.field("Cache-Control")).isEqualTo("max-age=3600");
    assertThat(off.field("Freshet-Optimized")).isEmpty();
    assertThat(names(text(open("/p", "Freshet-Optimize: off")))).isZero();
  }

  @Test
  void anotherNameGetsWhatIsThereOnTheAppsOwnTerms() throws IOException {
    site();
    RawClient.Response other = client.get("/a.css?v=1&freshet=aaaaaaaaaaaaaaaaaaaaaa", GZIP);
    assertThat(other.status()).isEqualTo(200);
    assertThat(other.field("Cache-Control")).isEqualTo("max-age=3600");
    assertThat(other.field("Cache-Status")).startsWith("freshet; hit");
    RawClient.Response missed = client.get("/b.css?freshet=aaaaaaaaaaaaaaaaaaaaaa", GZIP);
    assertThat(missed.status()).isEqualTo(404);
    assertThat(app.asked("/a.css")).isEqualTo(1);
  }

  @Test
  void aChangedFileGetsAnotherNameAndNoBrowserIsToldToGoOnWithTheOld() throws IOException {
    site();
    app.page(
        "/p", PAGE, HTML, "Cache-Control: max-age=60, s-maxage=3600, no-cache", "ETag: \"p1\"");
    app.page("/own", PAGE, HTML, "Cache-Control: private, no-cache", "ETag: \"o1\"");
    for (String path : new String[] {"/p", "/own"}) {
      RawClient.Response before = open(path);
      String has = "If-None-Match: " + before.field("ETag");
      assertThat(names(text(before))).as(path).isEqualTo(2);
      assertThat(open(path, has).status()).as(path).isEqualTo(304);
      app.page("/a.css", SHEET + "/* " + path + " */", CSS, HOUR, "ETag: \"" + path + "\"");
      freshet.edge().purgeUrl("http://shop.test/a.css?v=1", false);
      RawClient.Response without = open(path, has);
      assertThat(without.status()).as("%s while nothing is stored", path).isEqualTo(200);
      assertThat(names(text(without))).as(path).isEqualTo(1);
      client.get("/a.css?v=1", GZIP);
      RawClient.Response after = open(path, has);
      assertThat(after.status()).as(path).isEqualTo(200);
      RawClient.Response later = open(path);
      while (names(text(later)) < 2) {
        later = open(path);
      }
      assertThat(url(text(later), "/a.css")).isNotEqualTo(url(text(before), "/a.css"));
      RawClient.Response old = client.get(url(text(before), "/a.css"), GZIP);
      assertThat(text(old)).contains(path);
      assertThat(old.field("Cache-Control")).isEqualTo("max-age=3600");
    }
  }

  @Test
  void aPageThatIsKeptForLongerThanAFileLeavesItsUrl() throws IOException {
    site();
    String day = "max-age=86400";
    app.page("/p", PAGE, HTML, "Cache-Control: " + day, "ETag: \"p1\"");
    app.page("/cdn", PAGE, HTML, "Cache-Control: no-cache", "CDN-Cache-Control: " + day);
    app.page("/swr", PAGE, HTML, "Cache-Control: max-age=0, stale-while-revalidate=86400, private");
    app.page("/date", PAGE, HTML, "Last-Modified: Tue, 03 Nov 2026 10:00:00 GMT");
    for (String path : new String[] {"/p", "/cdn", "/swr"}) {
      assertThat(names(text(open(path)))).as(path).isZero();
      assertThat(names(text(open(path)))).as(path).isZero();
    }
    assertThat(names(text(open("/date")))).as("nothing to ask with but a time").isZero();
  }

  @Test
  void whatIsNotSafeStaysAsItIs() throws IOException {
    site();
    app.page("/self.js", SCRIPT + "document.currentScript.src", JS, HOUR);
    app.page("/year.js", SCRIPT, JS, "Cache-Control: max-age=31536000");
    app.page("/own.js", SCRIPT, JS, "Cache-Control: private, max-age=3600");
    for (String path : new String[] {"/self.js", "/year.js", "/own.js"}) {
      client.get(path, GZIP);
    }
    String[] kept = {
      "<script type=module src=/a.js></script>",
      "<script integrity=sha256-x src=/a.js></script>",
      "<script crossorigin src=/a.js></script>",
      "<script src=/self.js></script>",
      "<script src=/year.js></script>",
      "<script src=/own.js></script>",
      "<script src=/a.js#x></script>",
      "<script src=http://else.test/a.js></script>",
      "<link rel=preload as=script href=/a.js><script src=/a.js></script>",
      "<link rel=\"alternate stylesheet\" href=/a.css?v=1>",
      "<link rel=stylesheet data-turbo-track=reload href=/a.css?v=1>",
      "<base href=/x/><script src=/a.js></script>",
      "<noscript><link rel=stylesheet href=/a.css?v=1></noscript>",
    };
    for (int i = 0; i < kept.length; i++) {
      String page = "<!doctype html><head>" + kept[i] + "</head><p>" + "x".repeat(600);
      app.page("/p" + i, page, HTML, ASKED);
      assertThat(text(open("/p" + i))).as(kept[i]).isEqualTo(page);
    }
    app.page("/linked", PAGE, HTML, ASKED, "Link: </a.js>; rel=preload; as=script");
    assertThat(names(text(open("/linked")))).isEqualTo(1);
  }

  @Test
  void aSiteWhosePagesAreReadByScriptsOrThatHasAWorkerIsLeftAlone() throws IOException {
    site();
    app.page("/p", PAGE, HTML, "Cache-Control: public, s-maxage=60, no-cache", "ETag: \"p1\"");
    assertThat(names(text(open("/p")))).isEqualTo(2);
    assertThat(names(text(client.get("/p", GZIP, "Sec-Fetch-Mode: cors")))).isZero();
    assertThat(names(text(open("/p")))).isZero();
  }

  @Test
  void aSiteOnWhichAScriptLooksForSheetsKeepsTheirUrls() throws IOException {
    site();
    String within = "<script>document.querySelector('link[href^=\"/a.css\"]')</script>";
    app.page("/p", PAGE, HTML, ASKED, "ETag: \"p1\"");
    assertThat(names(text(open("/p")))).isEqualTo(2);
    app.page("/looks", PAGE + within, HTML, "Cache-Control: max-age=60", "ETag: \"l1\"");
    client.get("/looks");
    String page = text(open("/looks"));
    assertThat(names(page)).as("the script alone").isEqualTo(1);
    assertThat(url(page, "/a.css")).isEqualTo("/a.css?v=1");
    app.page("/q", PAGE, HTML, "Cache-Control: no-store");
    assertThat(names(text(open("/q")))).as("another page of the site").isEqualTo(1);
  }

  @Test
  void aWorkerOfTheSitesOwnEndsIt() throws IOException {
    site();
    app.page("/p", PAGE, HTML, "Cache-Control: no-store");
    assertThat(names(text(open("/p")))).isEqualTo(2);
    String dest = "Sec-Fetch-Dest: serviceworker";
    client.get("/worker.js", "Service-Worker: script", dest);
    assertThat(names(text(open("/p")))).as("there is none").isEqualTo(2);
    app.page("/worker.js", "self.onfetch = null", JS);
    client.get("/worker.js", "Service-Worker: script", dest);
    assertThat(names(text(open("/p")))).isZero();
  }

  @Test
  void whoAsksByNameGetsTheSmallerFormWithoutMoreProofButNotWhereADigestIsDemanded()
      throws IOException {
    String sheet = "/*! ours */\n.a { color : red }\n/* x */\n".repeat(40);
    site();
    app.page("/b.css", sheet, CSS, HOUR, "ETag: \"b1\"");
    String page = "<!doctype html><link rel=stylesheet href=/b.css><p>" + "x".repeat(600);
    app.page("/p", page, HTML, ASKED, "ETag: \"p1\"");
    client.get("/b.css", GZIP);
    String named = url(text(open("/p")), "/b.css");
    RawClient.Response small = client.get(named, GZIP);
    while (!small.field("Freshet-Optimized").equals("min;named")) {
      small = client.get(named, GZIP);
    }
    assertThat(small.field("Cache-Control")).isEqualTo(FOREVER);
    assertThat(text(small)).hasSizeLessThan(sheet.length());
    assertThat(text(client.get("/b.css", GZIP))).as("without a name").isEqualTo(sheet);
    assertThat(text(client.get(named, GZIP, "Origin: http://else.test"))).isEqualTo(sheet);
    assertThat(text(client.get(named, GZIP, "Sec-Fetch-Dest: empty"))).isEqualTo(sheet);
    String demands = "<link rel=stylesheet integrity=sha256-" + digest(sheet) + " href=/b.css>";
    app.page("/d", demands + "<p>" + "x".repeat(600), HTML);
    open("/d");
    assertThat(text(client.get(named, GZIP))).isEqualTo(sheet);
  }

  private static String digest(String text) {
    try {
      byte[] octets = text.getBytes(StandardCharsets.UTF_8);
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(octets);
      return Base64.getEncoder().encodeToString(hash);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
