package dev.freshet.edge;

import static dev.freshet.testkit.Eventually.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.http.Fields;
import dev.freshet.http.RequestHead;
import dev.freshet.http.Version;
import dev.freshet.testkit.RawClient.Response;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Pages that name contents, and what is answered to those names.
@Timeout(60)
class NamingTest {
  private static final String GZIP = "Accept-Encoding: gzip";
  private static final String OPENED = "Sec-Fetch-Mode: navigate";
  private static final String PAGE = "<p>" + "words and words ".repeat(60);
  private static final String CSS = "Content-Type: text/css";
  private static final String HOUR = "Cache-Control: max-age=3600";

  private final Named names = new Named();
  private final Shopfront shop = Shopfront.polished(names, RouteRule.plain("/**"));

  @AfterEach
  void close() {
    shop.close();
  }

  /// Says in a note what two files are called.
  private static final class Named implements Polish {
    final AtomicInteger looks = new AtomicInteger();
    final AtomicInteger made = new AtomicInteger();
    volatile long era;
    volatile String site = "shop.test";
    private volatile Consumer<String> better = key -> {};

    @Override
    public long era() {
      return era;
    }

    @Override
    public Level level(String match) {
      return Level.SAFE;
    }

    @Override
    public boolean mayName() {
      looks.incrementAndGet();
      return true;
    }

    @Override
    public Polished stored(
        String key, String url, Fields response, Level level, Names names, byte[][] content) {
      made.incrementAndGet();
      String first = names.behind("http://" + site + "/a.css", false);
      String second = names.behind("http://" + site + "/b.css", false);
      return new Polished() {
        @Override
        public byte[][] content() {
          return new byte[][] {PAGE.getBytes(StandardCharsets.UTF_8)};
        }

        @Override
        public String note() {
          return "a" + first + ";b" + second;
        }

        @Override
        public boolean changed() {
          return true;
        }
      };
    }

    @Override
    public void tell(Consumer<String> told) {
      better = told;
    }
  }

  private Response get(String path, String... lines) {
    return shop.getFrom(names.site, path, lines);
  }

  private Response open(String path) {
    return get(path, GZIP, OPENED);
  }

  /// Asks for it until it is in memory.
  private void stored(String path) {
    await(() -> get(path).field("Cache-Status").startsWith("freshet; hit"), path + " in memory");
  }

  /// On a site whose pages are opened by browsers.
  private void site() {
    shop.page("/first", PAGE, "Content-Type: text/html", "Cache-Control: no-store");
    for (int i = 0; i < 8; i++) {
      open("/first");
    }
    shop.page("/a.css", ".a{color:red}", CSS, HOUR);
    shop.page("/b.css", ".b{color:red}", CSS, HOUR);
    shop.page("/p", PAGE, "Content-Type: text/html", "Cache-Control: max-age=60", "ETag: \"v1\"");
    stored("/a.css");
    // Stored as the app made it.
    stored("/p");
  }

  /// A site with which browsers use dictionaries; gives what one says that has one.
  private String[] siteWithDictionary() {
    names.site = "localhost";
    site();
    String held = ".d{color:red}".repeat(100);
    shop.page("/d.css", held, CSS, HOUR);
    stored("/d.css");
    return Shopfront.holding(held, OPENED);
  }

  /// Else whoever sends a link would have everybody keep a file for a year that has another content
  /// tomorrow.
  @Test
  void aDigestInWhatNoKeyHoldsNamesNothing() throws NoSuchAlgorithmException {
    byte[] digest = MessageDigest.getInstance("MD5").digest("png".getBytes(StandardCharsets.UTF_8));
    String hex = HexFormat.of().formatHex(digest);
    String[] told = {"Content-Type: image/png", "CDN-Cache-Control: max-age=600"};
    String loose = "No-Vary-Search: params=(\"v\")";
    shop.page("/logo.png", "png", told).page("/logo.png?utm_id=" + hex, "png", told);
    shop.page("/mark.png?v=" + hex, "png", told[0], told[1], loose);
    shop.page("/sign.png?v=" + hex, "png", told);
    shop.get("/logo.png?utm_id=" + hex);
    shop.get("/mark.png?v=" + hex);
    shop.get("/sign.png?v=" + hex);
    assertThat(shop.get("/logo.png").field("Cache-Control")).isEqualTo("no-cache");
    assertThat(shop.get("/mark.png").field("Cache-Control")).isEqualTo("no-cache");
    assertThat(shop.get("/sign.png?v=" + hex).field("Cache-Control")).contains("immutable");
  }

  @Test
  void aDifferenceGetsTheNamesThatAreKnownLater() {
    String[] holding = siteWithDictionary();
    Response before = get("/p", holding);
    assertThat(before.field("Content-Encoding")).isEqualTo("dcz");
    assertThat(before.field("Freshet-Optimized")).startsWith("a?freshet=").endsWith(";bnull");
    stored("/b.css");
    shop.time.advance(Duration.ofSeconds(1));
    Response after = get("/p", holding);
    assertThat(after.field("Content-Encoding")).isEqualTo("dcz");
    assertThat(after.field("Freshet-Optimized")).startsWith("a?freshet=").contains(";b?freshet=");
    assertThat(after.field("ETag")).isNotEqualTo(before.field("ETag"));
    names.made.set(0);
    assertThat(get("/p", holding).field("ETag")).isEqualTo(after.field("ETag"));
    assertThat(names.made).hasValue(0);
  }

  @Test
  void aDifferenceIsMadeAgainWhenMoreIsKnownOfItsPage() {
    String[] holding = siteWithDictionary();
    get("/p", holding);
    names.made.set(0);
    get("/p", holding);
    assertThat(names.made).hasValue(0);
    names.better.accept("http://localhost/p");
    await(
        () -> {
          get("/p", holding);
          return names.made.get() > 0;
        },
        "the page made again");
  }

  @Test
  void underANameOnlyATagMeansThatNothingHasChanged() {
    String then = "Tue, 03 Nov 2026 10:00:00 GMT";
    shop.page("/c.css", ".c{color:red}", CSS, HOUR, "Last-Modified: " + then);
    shop.get("/c.css");
    String since = "If-Modified-Since: " + then;
    assertThat(shop.get("/c.css", since).status()).isEqualTo(304);
    assertThat(shop.get("/c.css?freshet=aaaaaaaaaaaaaaaaaaaaaa", since).status()).isEqualTo(200);
  }

  @Test
  void whatWasMadeInAnotherEraIsMadeAgain() {
    site();
    open("/p");
    names.made.set(0);
    open("/p");
    assertThat(names.made).hasValue(0);
    names.era = 1;
    open("/p");
    assertThat(names.made).hasValue(1);
    open("/p");
    assertThat(names.made).hasValue(1);
  }

  private static void given(Visits visits, int status, String type, String... asked) {
    visits.given(Asker.request("GET", "/w", asked), status, Fields.of("Content-Type", type));
  }

  @Test
  void onlyAWorkerThatThereIsEndsIt() {
    Visits visits = new Visits();
    for (int i = 0; i < Visits.OPENED; i++) {
      visits.page(Asker.request("GET", "/", "Sec-Fetch-Mode", "navigate"));
    }
    String js = "text/javascript; charset=utf-8";
    String[] real = {"Service-Worker", "script", "Sec-Fetch-Dest", "serviceworker"};
    given(visits, 200, js, "Service-Worker", "x", "Sec-Fetch-Dest", "serviceworker");
    given(visits, 200, js, "Service-Worker", "script");
    given(visits, 404, js, real);
    given(visits, 200, "text/html", real);
    assertThat(visits.isOpenedOnly("shop.example")).isTrue();
    given(visits, 200, js, real);
    assertThat(visits.isOpenedOnly("shop.example")).isFalse();
  }

  @Test
  void sitesThatNobodyAsksForAreForgottenFirst() {
    Visits visits = new Visits();
    for (int i = 0; i < 30_000; i++) {
      String site = i % 3_000 < Visits.OPENED ? "used.test" : "s" + i;
      Fields fields = Fields.of("Sec-Fetch-Mode", "navigate");
      visits.page(new RequestHead("GET", "http", site, "/", fields, Version.HTTP_1_1));
    }
    assertThat(visits.isOpenedOnly("used.test")).isTrue();
    for (int i = 0; i < Visits.OPENED; i++) {
      Fields fields = Fields.of("Sec-Fetch-Mode", "navigate");
      visits.page(new RequestHead("GET", "http", "new.test", "/", fields, Version.HTTP_1_1));
    }
    assertThat(visits.isOpenedOnly("new.test")).isTrue();
  }

  @Test
  void aHitLooksThroughTheNamesOnceAndForMoreOfThemOnceASecond() {
    site();
    assertThat(open("/p").field("Freshet-Optimized")).startsWith("a?freshet=").endsWith(";bnull");
    open("/p");
    names.looks.set(0);
    open("/p");
    assertThat(names.looks).hasValue(1);
    shop.get("/b.css");
    assertThat(open("/p").field("Freshet-Optimized")).endsWith(";bnull");
    assertThat(open("/p").field("Freshet-Optimized")).endsWith(";bnull");
    assertThat(names.looks).hasValue(3);
    shop.time.advance(Duration.ofSeconds(1));
    String note = open("/p").field("Freshet-Optimized");
    while (!note.contains(";b?freshet=")) {
      note = open("/p").field("Freshet-Optimized");
    }
  }

  @Test
  void whatAPurgeTakesOfNamedFilesIsAskedForAgainAtOnce() {
    site();
    shop.page("/d.css", ".d{color:red}", CSS, HOUR);
    stored("/d.css");
    open("/p");
    shop.edge.purgeUrl("http://shop.test/a.css", false);
    isThereAgain(2);
    shop.edge.purgePrefix("http://shop.test/", false);
    isThereAgain(3);
    shop.edge.purgeAll(false);
    isThereAgain(4);
    assertThat(shop.asked("/d.css")).as("named by no page").isEqualTo(1);
  }

  /// Without a visitor; then a page is made that names it.
  private void isThereAgain(int times) {
    String memory = "Cache-Control: only-if-cached";
    await(() -> shop.get("/a.css", memory).status() == 200, "the file in memory");
    assertThat(shop.asked("/a.css")).isEqualTo(times);
    stored("/p");
    assertThat(open("/p").field("Freshet-Optimized")).startsWith("a?freshet=");
  }
}
