package dev.freshet.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.testkit.RawClient;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What browsers are told of files about which the app says nothing.
@Timeout(60)
class BrowserCachingTest {
  private static final String CSS = "Content-Type: text/css";
  private static final String PNG = "Content-Type: image/png";
  private static final String OLD = "Last-Modified: Sat, 01 Jan 2022 00:00:00 GMT";
  private static final String HERE = "CDN-Cache-Control: max-age=60";
  private static final String OFF = "Freshet-Optimize: off";
  private static final String HASHED = "/main.8f5a2c1e.css";

  private final PlainApp app = new PlainApp();
  private final Wiring freshet =
      wired(
          "routes: [{match: /off/**, optimize: off}, {match: /all/**, share: public, ttl: 1h},"
              + " {match: /told/**, ttl: 1h, browser-ttl: 10m},"
              + " {match: /brief/**, browser-ttl: 1d}]");
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

  private void tells(RawClient.Response response, String control, String note) {
    assertThat(response.status()).isEqualTo(200);
    assertThat(response.field("Cache-Control")).isEqualTo(control);
    assertThat(response.field("Freshet-Optimized")).isEqualTo(note);
  }

  @Test
  void anUrlThatNamesItsContentIsKeptForAYear() throws NoSuchAlgorithmException {
    app.page(HASHED, "b{}", CSS, OLD);
    tells(client.get(HASHED), "max-age=31536000, immutable", "cache=immutable");
    tells(client.get(HASHED), "max-age=31536000, immutable", "cache=immutable");
    byte[] digest = MessageDigest.getInstance("MD5").digest("png".getBytes(StandardCharsets.UTF_8));
    String proven = "/logo." + HexFormat.of().formatHex(digest, 0, 6) + ".png";
    app.page(proven, "png", PNG, OLD);
    app.page("/logo.8f5a2c1e.png", "png", PNG, OLD);
    client.get(proven);
    tells(client.get(proven), "max-age=31536000, immutable", "cache=immutable");
    client.get("/logo.8f5a2c1e.png");
    tells(client.get("/logo.8f5a2c1e.png"), "max-age=86400, must-revalidate", "cache=guessed");
  }

  @Test
  void otherFilesAreKeptNoLongerThanABrowserWouldByItself() {
    app.page("/old.css", "b{}", CSS, OLD);
    app.page("/new.css", "b{}", CSS, HERE);
    app.page("/tagged.css", "b{}", CSS, "ETag: \"1\"");
    tells(client.get("/old.css"), "max-age=86400, must-revalidate", "cache=guessed");
    tells(client.get("/new.css"), "no-cache", "cache=asked");
    tells(client.get("/tagged.css"), "no-cache", "cache=asked");
    RawClient.Response again = client.get("/new.css");
    String tag = again.field("ETag");
    assertThat(tag).startsWith("\"content-");
    RawClient.Response known = client.get("/new.css", "If-None-Match: " + tag);
    assertThat(known.status()).isEqualTo(304);
    assertThat(known.field("Cache-Control")).isEqualTo("no-cache");
    assertThat(app.asked("/new.css")).isEqualTo(1);
  }

  @Test
  void theOperatorMayLetThemKeepAFileForAsLongAsItIsFreshHere() {
    app.page("/told/a.woff", "font", "Content-Type: font/woff", "ETag: \"1\"");
    app.page("/told/said.css", "b{}", CSS, "Cache-Control: no-cache");
    app.page("/told/page", "<p>", "Content-Type: text/html");
    app.page("/brief/a.css", "b{}", CSS, HERE);
    for (int i = 0; i < 2; i++) {
      tells(client.get("/told/a.woff"), "max-age=600", "cache=told");
      tells(client.get("/told/said.css"), "no-cache", "");
      tells(client.get("/told/page"), "no-cache", "cache=asked");
      tells(client.get("/brief/a.css"), "max-age=60", "cache=told");
    }
  }

  @Test
  void whatIsSaidHereIsNotTakenForTheAppsWordWhenItConfirms() {
    app.page(HASHED, "b{}", CSS, "ETag: \"1\"");
    for (int i = 0; i < 3; i++) {
      tells(client.get(HASHED), "max-age=31536000, immutable", "cache=immutable");
    }
    assertThat(app.asked("304 " + HASHED)).as("fresh for nobody here").isEqualTo(2);
  }

  @Test
  void nothingThatTheAppSaidIsTouched() {
    String[][] said = {
      {"Cache-Control: max-age=60"},
      {"Cache-Control: public", OLD},
      {"Cache-Control: private", OLD},
      {"Cache-Control: max-age=0", "ETag: \"1\""},
      {"Expires: 0", OLD},
      {"Pragma: no-cache", OLD},
      {"Set-Cookie: a=b", OLD},
      {"Content-Type: text/plain", OLD},
    };
    for (int i = 0; i < said.length; i++) {
      String path = "/" + i + HASHED.substring(1);
      String[] fields = new String[said[i].length + 1];
      System.arraycopy(said[i], 0, fields, 0, said[i].length);
      fields[said[i].length] = said[i][0].startsWith("Content-Type") ? OLD : CSS;
      app.page(path, "b{}", fields);
      for (int times = 0; times < 2; times++) {
        RawClient.Response got = client.get(path);
        String told = said[i][0].startsWith("Cache") ? said[i][0].substring(15) : "";
        assertThat(got.field("Cache-Control")).as(said[i][0]).isEqualTo(told);
        assertThat(got.field("Freshet-Optimized")).as(said[i][0]).isEmpty();
      }
    }
  }

  /// Whoever they are for, and whether or not they are stored.
  @Test
  void pagesOfWhichTheAppSaysNothingAreAskedForEachTime() {
    String html = "Content-Type: text/html; charset=utf-8";
    app.page("/p", "<p>", html, OLD).page("/off/p", "<p>", html, OLD, HERE);
    app.page("/set", "<p>", html, OLD, "Set-Cookie: a=b");
    for (int i = 0; i < 2; i++) {
      tells(client.get("/p"), "no-cache", "cache=asked");
      tells(client.get("/p", "Cookie: session=1"), "no-cache", "cache=asked");
      tells(client.get("/set"), "no-cache", "cache=asked");
      assertThat(client.get("/p", "Accept-Encoding: gzip").field("Cache-Control"))
          .isEqualTo("no-cache");
      for (String[] off : new String[][] {{"/off/p", "X-Nothing: 1"}, {"/p", OFF}, {"/set", OFF}}) {
        RawClient.Response answer = client.get(off[0], off[1]);
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.field("Cache-Control")).as(off[0]).isEmpty();
        assertThat(answer.field("Freshet-Optimized")).as(off[0]).isEmpty();
      }
    }
  }

  @Test
  void pagesOfWhichTheAppSaysSomethingAreAsItSaid() {
    String html = "Content-Type: text/html";
    for (String said : new String[] {"Expires: 0", "Pragma: no-cache", "Cache-Control: public"}) {
      String path = "/" + said.substring(0, 5);
      app.page(path, "<p>", html, OLD, said);
      for (String who : new String[] {"X-Nothing: 1", "Cookie: session=1"}) {
        RawClient.Response answer = client.get(path, who);
        String control = said.startsWith("Cache") ? "public" : "";
        assertThat(answer.field("Cache-Control")).as(said).isEqualTo(control);
        assertThat(answer.field("Freshet-Optimized")).as(said).isEmpty();
      }
    }
  }

  @Test
  void cookiesThatARuleTakesAwayDoNotCount() {
    app.page("/all/a.css", "b{}", CSS, "Set-Cookie: a=b");
    app.page("/all" + HASHED, "b{}", CSS, "Set-Cookie: a=b");
    tells(client.get("/all/a.css", "Cookie: session=1"), "no-cache", "cache=asked");
    tells(client.get("/all" + HASHED), "max-age=31536000, immutable", "cache=immutable");
  }

  @Test
  void nothingIsSaidToWhoIsKnownOrWhereItIsTurnedOff() {
    String off = "/off" + HASHED;
    app.page(HASHED, "b{}", CSS, OLD).page(off, "b{}", CSS, HERE);
    for (String who : new String[] {"Cookie: session=1", "Authorization: Basic YTpi"}) {
      RawClient.Response got = client.get(HASHED, who);
      assertThat(got.field("Cache-Control")).as(who).isEmpty();
      assertThat(got.field("Freshet-Optimized")).as(who).isEmpty();
    }
    client.get(off);
    RawClient.Response again = client.get(off);
    assertThat(again.field("Cache-Status")).startsWith("freshet; hit");
    assertThat(again.field("Cache-Control")).isEmpty();
    assertThat(again.field("ETag")).isEmpty();
  }
}
