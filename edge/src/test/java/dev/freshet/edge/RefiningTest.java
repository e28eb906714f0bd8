package dev.freshet.edge;

import static dev.freshet.testkit.Eventually.await;
import static org.assertj.core.api.Assertions.assertThat;

import com.github.luben.zstd.ZstdDecompressCtx;
import dev.freshet.http.Fields;
import dev.freshet.testkit.RawClient;
import dev.freshet.testkit.RawClient.Response;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Better contents beside stored ones: who gets which, when, and under which fields. What makes
/// them is held until the test lets it go.
class RefiningTest {
  private static final String FRESH = "Cache-Control: max-age=60";
  private static final String JPEG = "Content-Type: image/jpeg";
  private static final String ORIGINAL = "the original picture";
  private static final String CHROMIUM =
      "Accept: image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8";
  private static final String SAFARI_15 =
      "Accept: image/webp,image/png,image/svg+xml,image/*;q=0.8,*/*;q=0.5";
  private static final String CURL = "Accept: */*";

  private final HeldRefinery held = new HeldRefinery();
  private final Shopfront shop = Shopfront.polished(held, RouteRule.plain("/**"));
  private final RawClient client = shop.client();

  private static final String FITTED_VARY =
      "Accept, Referer, Sec-CH-DPR, Sec-CH-Viewport-Width, Sec-CH-UA-Mobile, Sec-Fetch-Dest,"
          + " Sec-Fetch-Mode, Sec-Fetch-Site";

  /// A browser that tells how wide its window is.
  private static final String[] TELLING = {
    CHROMIUM,
    "Sec-Fetch-Dest: image",
    "Sec-CH-Viewport-Width: 400",
    "Sec-CH-DPR: 1",
    "Referer: http://shop.example/"
  };

  @AfterEach
  void close() {
    shop.close();
  }

  private Response stored(String... fields) {
    String[] all = Arrays.copyOf(fields, fields.length + 2);
    all[fields.length] = JPEG;
    all[fields.length + 1] = FRESH;
    shop.page("/a.jpg", ORIGINAL, all);
    Response first = client.get("/a.jpg", CHROMIUM);
    assertThat(first.text()).as("while the encoder is held").isEqualTo(ORIGINAL);
    // Stored a moment after the answer's end.
    while (held.waiting.isEmpty()) {
      assertThat(client.get("/a.jpg", CHROMIUM).text()).isEqualTo(ORIGINAL);
    }
    return first;
  }

  @Test
  void nobodyWaitsAndEachGetsTheBestThatThereIs() {
    assertThat(stored("ETag: \"v1\"").field("Vary")).isEqualTo("Accept");
    for (int i = 0; i < 3; i++) {
      Response hit = client.get("/a.jpg", CHROMIUM);
      assertThat(hit.text()).isEqualTo(ORIGINAL);
      assertThat(hit.field("ETag")).isEqualTo("\"v1\"");
    }
    held.give(Shape.LEAN, Shape.WEBP);
    Response webp = client.get("/a.jpg", CHROMIUM);
    assertThat(webp.text()).isEqualTo("webp");
    assertThat(webp.field("Content-Type")).isEqualTo("image/webp");
    assertThat(webp.field("ETag")).isEqualTo("\"v1-webp\"");
    assertThat(webp.field("Vary")).isEqualTo("Accept");
    assertThat(webp.field("Freshet-Optimized")).isEqualTo("webp");
    held.give(Shape.AVIF);
    assertThat(client.get("/a.jpg", CHROMIUM).text()).isEqualTo("avif");
    assertThat(client.get("/a.jpg", SAFARI_15).text()).isEqualTo("webp");
    Response lean = client.get("/a.jpg", CURL);
    assertThat(lean.text()).isEqualTo("lean");
    assertThat(lean.field("Content-Type")).isEqualTo("image/jpeg");
    assertThat(client.get("/a.jpg").text()).isEqualTo("lean");
    assertThat(held.waiting).as("asked once").hasSize(1);
  }

  @Test
  void aFieldOfTheRequestAndTheSwitchGiveTheOriginal() {
    stored("ETag: \"v1\"");
    held.give(Shape.WEBP);
    assertThat(client.get("/a.jpg", CHROMIUM, "Freshet-Optimize: off").text()).isEqualTo(ORIGINAL);
    held.level = Polish.Level.OFF;
    Response off = client.get("/a.jpg", CHROMIUM, "If-None-Match: \"v1-webp\"");
    assertThat(off.status()).isEqualTo(200);
    assertThat(off.text()).isEqualTo(ORIGINAL);
    held.level = Polish.Level.SAFE;
    assertThat(client.get("/a.jpg", CHROMIUM).text()).isEqualTo("webp");
  }

  @Test
  void anyPictureOfItConfirmsAnyOtherUnderTheTagThatTheClientHas() {
    stored("ETag: W/\"v1\"", "Last-Modified: Tue, 03 Nov 2026 10:00:00 GMT");
    held.give(Shape.AVIF, Shape.WEBP);
    assertThat(client.get("/a.jpg", CHROMIUM).field("ETag")).isEqualTo("W/\"v1-avif\"");
    assertThat(client.get("/a.jpg", CHROMIUM).field("Last-Modified")).isEmpty();
    for (String tag : List.of("W/\"v1\"", "W/\"v1-webp\"", "W/\"v1-avif\"", "W/\"v1-lean\"")) {
      Response known = client.get("/a.jpg", CHROMIUM, "If-None-Match: \"x\", " + tag);
      assertThat(known.status()).as(tag).isEqualTo(304);
      assertThat(known.field("ETag")).isEqualTo(tag);
    }
    for (String tag : List.of("\"v2-webp\"", "\"v1-min\"x", "\"v1-png\"")) {
      Response other = client.get("/a.jpg", CHROMIUM, "If-None-Match: " + tag);
      assertThat(other.status()).as(tag).isEqualTo(200);
      assertThat(other.text()).isEqualTo("avif");
    }
  }

  @Test
  void onlyAPictureThatTheClientCanShowConfirmsAnother() {
    stored("ETag: \"v1\"", "Last-Modified: Tue, 03 Nov 2026 10:00:00 GMT");
    held.give(Shape.AVIF, Shape.WEBP, Shape.LEAN);
    String both = "If-None-Match: \"v1-avif\", \"v1-webp\"";
    assertThat(client.get("/a.jpg", SAFARI_15, "If-None-Match: \"v1-avif\"").text())
        .isEqualTo("webp");
    assertThat(client.get("/a.jpg", SAFARI_15, both).field("ETag")).isEqualTo("\"v1-webp\"");
    assertThat(client.get("/a.jpg", CHROMIUM, both).field("ETag")).isEqualTo("\"v1-avif\"");
    assertThat(client.get("/a.jpg", CURL, both).text()).isEqualTo("lean");
    assertThat(client.get("/a.jpg", CURL, both + ", \"v1-lean\"").status()).isEqualTo(304);
    Response byTime =
        client.get("/a.jpg", CHROMIUM, "If-Modified-Since: Tue, 03 Nov 2026 10:00:00 GMT");
    assertThat(byTime.status()).isEqualTo(304);
    assertThat(byTime.field("ETag")).as("which form, a time does not tell").isEqualTo("\"v1\"");
  }

  @Test
  void aConfirmationThatForbidsChangesEndsThem() {
    AtomicBoolean isAsked = new AtomicBoolean();
    shop.act(
        "/n.jpg",
        (peer, head) -> {
          String status = isAsked.getAndSet(true) ? "304 Not Modified" : "200 OK";
          String more = status.startsWith("304") ? ", no-transform" : "";
          peer.send("HTTP/1.1 " + status + "\r\nETag: \"n\"\r\nConnection: close\r\n");
          peer.send(JPEG + "\r\n" + FRESH + more + "\r\n");
          peer.send(more.isEmpty() ? "Content-Length: 1\r\n\r\nx" : "\r\n");
        });
    client.get("/n.jpg", CHROMIUM);
    while (held.waiting.isEmpty()) {
      client.get("/n.jpg", CHROMIUM);
    }
    held.give(Shape.WEBP);
    assertThat(client.get("/n.jpg", CHROMIUM).text()).isEqualTo("webp");
    shop.time.advance(Duration.ofSeconds(61));
    assertThat(client.get("/n.jpg", CHROMIUM).text()).isEqualTo("x");
    assertThat(client.get("/n.jpg", CHROMIUM).text()).isEqualTo("x");
  }

  @Test
  void rangesAreOfTheOriginalOnly() {
    stored("ETag: \"v1\"");
    held.give(Shape.WEBP);
    Response part = client.get("/a.jpg", CHROMIUM, "Range: bytes=0-2");
    assertThat(part.status()).isEqualTo(206);
    assertThat(part.text()).isEqualTo("the");
    assertThat(part.field("ETag")).isEqualTo("\"v1\"");
    Response whole = client.get("/a.jpg", CHROMIUM, "Range: bytes=0-2", "If-Range: \"v1-webp\"");
    assertThat(whole.status()).isEqualTo(200);
    assertThat(whole.text()).isEqualTo("webp");
    assertThat(whole.field("Accept-Ranges")).isEmpty();
  }

  @Test
  void aPurgeForgetsThemAndLateComersFindNothing() {
    stored();
    held.give(Shape.WEBP);
    String tag = client.get("/a.jpg", CHROMIUM).field("ETag");
    assertThat(tag).as("of the content").endsWith("-webp\"");
    shop.edge.purgeAll(false);
    shop.page("/a.jpg", "another", JPEG, FRESH);
    Response next = client.get("/a.jpg", CHROMIUM, "If-None-Match: " + tag);
    assertThat(next.status()).isEqualTo(200);
    assertThat(next.text()).isEqualTo("another");
    held.waiting.getFirst().accept(new HeldRefinery.Made(Shape.AVIF, "of what is gone"));
    assertThat(client.get("/a.jpg", CHROMIUM).text()).isEqualTo("another");
  }

  @Test
  void aConfirmedOriginalKeepsThemUnderItsNewFields() {
    stored("ETag: \"v1\"");
    held.give(Shape.WEBP);
    shop.time.advance(Duration.ofSeconds(61));
    Response again = client.get("/a.jpg", CHROMIUM);
    assertThat(again.field("X-Confirmed")).isEqualTo("yes");
    assertThat(again.field("ETag")).isEqualTo("\"v1-webp\"");
    assertThat(again.text()).isEqualTo("webp");
    assertThat(client.get("/a.jpg", CURL).field("Vary")).isEqualTo("Accept");
  }

  @Test
  void isAskedAgainAfterTooMuchWaited() {
    held.isBusy = true;
    shop.page("/a.jpg", ORIGINAL, JPEG, FRESH);
    client.get("/a.jpg", CHROMIUM);
    assertThat(client.get("/a.jpg", CHROMIUM).text()).isEqualTo(ORIGINAL);
    assertThat(held.waiting).isEmpty();
    held.isBusy = false;
    while (held.waiting.isEmpty()) {
      client.get("/a.jpg", CHROMIUM);
    }
    held.give(Shape.WEBP);
    assertThat(client.get("/a.jpg", CHROMIUM).text()).isEqualTo("webp");
  }

  @Test
  void whatWasLeftOutForWantOfRoomIsAskedForAgain() {
    stored();
    held.give(Shape.WEBP);
    held.isUnfinished = true;
    assertThat(client.get("/a.jpg", CHROMIUM).text()).isEqualTo("webp");
    assertThat(held.waiting).hasSize(2);
    held.isUnfinished = false;
    held.waiting.getLast().accept(new HeldRefinery.Made(Shape.AVIF, "avif"));
    assertThat(client.get("/a.jpg", CHROMIUM).text()).isEqualTo("avif");
    assertThat(held.waiting).hasSize(2);
  }

  @Test
  void anAppThatChoosesByAcceptItselfIsLeftAlone() {
    shop.page("/a.jpg", ORIGINAL, JPEG, FRESH, "Vary: Accept");
    shop.page("/b.jpg", ORIGINAL, JPEG, FRESH + ", no-transform");
    shop.page("/c.jpg", ORIGINAL, JPEG, "Cache-Control: no-store");
    for (String path : List.of("/a.jpg", "/b.jpg", "/c.jpg")) {
      client.get(path, CHROMIUM);
      assertThat(client.get(path, CHROMIUM).text()).as(path).isEqualTo(ORIGINAL);
    }
    shop.edge.purgeAll(false);
    stored();
    assertThat(held.waiting).hasSize(1);
  }

  @Test
  void readsOfAcceptOnlyWhatIsNamed() {
    assertThat(accepted("image/avif,image/webp,*/*;q=0.8")).isEqualTo(PictureTypes.AVIF);
    assertThat(accepted("image/webp;q=0.1")).isEqualTo(PictureTypes.WEBP);
    assertThat(accepted("IMAGE/AVIF , image/webp ; q=0")).isEqualTo(PictureTypes.AVIF_ALONE);
    assertThat(accepted("image/avif;q=0.000, image/webp;q=0.0")).isEqualTo(PictureTypes.NONE);
    assertThat(accepted("image/webp;x=1;q=0")).isEqualTo(PictureTypes.NONE);
    assertThat(accepted("*/*")).isEqualTo(PictureTypes.NONE);
    assertThat(accepted("image/*;q=0.9, image/avifs, image/webp2")).isEqualTo(PictureTypes.NONE);
    assertThat(PictureTypes.of(new Fields(0))).isEqualTo(PictureTypes.NONE);
    assertThat(accepted("text/html,image/avif,image/webp,*/*;q=0.8"))
        .as("opened or saved by itself")
        .isEqualTo(PictureTypes.ORIGINAL);
  }

  @Test
  void whoOpensOrSavesAPictureGetsTheFile() {
    stored();
    held.give(Shape.WEBP, Shape.LEAN);
    for (String dest : List.of("document", "empty")) {
      assertThat(client.get("/a.jpg", CHROMIUM, "Sec-Fetch-Dest: " + dest).text())
          .as(dest)
          .isEqualTo(ORIGINAL);
    }
    assertThat(client.get("/a.jpg", CHROMIUM, "Sec-Fetch-Dest: image").text()).isEqualTo("webp");
  }

  private static PictureTypes accepted(String accept) {
    return PictureTypes.of(Fields.of("Accept", accept));
  }

  private Response told(String... more) {
    String[] all = Arrays.copyOf(TELLING, TELLING.length + more.length);
    System.arraycopy(more, 0, all, TELLING.length, more.length);
    return client.get("/a.jpg", all);
  }

  @Test
  void whoShowsItSmallGetsFewerPixelsOnceTheyAreThere() {
    stored("ETag: \"v1\"");
    held.give(Shape.WEBP);
    assertThat(told().text()).as("no width is known").isEqualTo("webp");
    held.width = 320;
    assertThat(told().text()).as("not made yet").isEqualTo("webp");
    held.fit(320, "320");
    Response small = told();
    assertThat(small.text()).isEqualTo("320");
    assertThat(small.field("ETag")).isEqualTo("\"v1-w320\"");
    assertThat(small.field("Content-Type")).isEqualTo("image/jpeg");
    assertThat(small.field("Freshet-Optimized")).isEqualTo("w320");
    assertThat(small.field("Vary")).isEqualTo(FITTED_VARY);
    assertThat(client.get("/a.jpg", CHROMIUM).text()).as("who tells nothing").isEqualTo("webp");
    assertThat(client.get("/a.jpg", CHROMIUM).field("Vary")).isEqualTo("Accept");
    assertThat(told("Freshet-Optimize: off").text()).isEqualTo(ORIGINAL);
    held.width = 160;
    assertThat(told().text()).as("the next wider meanwhile").isEqualTo("320");
    held.fit(160, "larger than the others, be it as narrow as it may");
    assertThat(told().text()).isEqualTo("webp");
    held.width = 640;
    assertThat(told().text()).isEqualTo("webp");
    assertThat(held.fitting).containsOnlyKeys(160, 320, 640);
  }

  @Test
  void whatIsWideEnoughConfirmsWhatIsNarrower() {
    stored("ETag: \"v1\"");
    held.width = 320;
    assertThat(told().text()).isEqualTo(ORIGINAL);
    held.fit(320, "320");
    for (String tag :
        List.of("\"v1\"", "\"v1-w320\"", "\"v1-w640\"", "\"v1-lean\"", "\"v1-avif\"")) {
      Response known = told("If-None-Match: " + tag);
      assertThat(known.status()).as(tag).isEqualTo(304);
      assertThat(known.field("ETag")).isEqualTo(tag);
    }
    for (String tag : List.of("\"v1-w160\"", "\"v2-w320\"", "\"v1-w\"", "\"v1-w99999999999\"")) {
      assertThat(told("If-None-Match: " + tag).text()).as(tag).isEqualTo("320");
    }
    String[] narrow = {CHROMIUM, "If-None-Match: \"v1-w320\""};
    assertThat(client.get("/a.jpg", narrow).text()).as("not for all pixels").isEqualTo(ORIGINAL);
    held.give(Shape.LEAN);
    assertThat(client.get("/a.jpg", narrow).text()).isEqualTo("lean");
  }

  @Test
  void fewWidthsOfOnePictureAreKept() {
    stored("ETag: \"v1\"");
    for (int width = 100; width < 1_000; width += 100) {
      held.width = width;
      assertThat(told().text()).isEqualTo(ORIGINAL);
    }
    assertThat(held.fitting).hasSize(5);
    shop.time.advance(Duration.ofSeconds(61));
    held.fit(500, "500");
    held.width = 450;
    Response confirmed = told();
    assertThat(confirmed.field("X-Confirmed")).isEqualTo("yes");
    assertThat(confirmed.text()).isEqualTo("500");
    assertThat(confirmed.field("ETag")).isEqualTo("\"v1-w500\"");
    assertThat(held.fitting).as("none is asked for again").hasSize(5);
  }

  @Test
  void aWidthThatIsNeededMoreTakesThePlaceOfTheOneThatIsNeededLeast() {
    stored("ETag: \"v1\"");
    for (int width : new int[] {300, 100, 200, 400, 500}) {
      held.width = width;
      told();
      held.fit(width, "" + width);
      assertThat(told().text()).isEqualTo("" + width);
    }
    held.width = 500;
    told();
    held.width = 900;
    for (int i = 0; i < 12; i++) {
      assertThat(told().text()).isEqualTo(ORIGINAL);
      assertThat(held.fitting).as("no more than twice as often and some").hasSize(5);
    }
    assertThat(told().text()).isEqualTo(ORIGINAL);
    held.fit(900, "900");
    assertThat(told().text()).isEqualTo("900");
    held.width = 100;
    assertThat(told().text()).as("one of those needed least is gone").isEqualTo("200");
    held.fit(100, "100");
    assertThat(held.fitting).as("nor made again at once").hasSize(6);
  }

  @Test
  void whatCanNeverBeNarrowedIsLookedAtOnce() {
    shop.page("/a.txt", ORIGINAL, "Content-Type: text/plain", FRESH);
    held.width = 320;
    while (held.widths.get() == 0) {
      assertThat(client.get("/a.txt", TELLING).text()).isEqualTo(ORIGINAL);
    }
    for (int i = 0; i < 3; i++) {
      assertThat(client.get("/a.txt", TELLING).text()).isEqualTo(ORIGINAL);
    }
    assertThat(held.widths).hasValue(1);
  }

  private static final String GZIP = "Accept-Encoding: gzip";

  /// Stores a style sheet and has it minified.
  private void sheet(String path, String minified) {
    String hour = "Cache-Control: max-age=3600";
    shop.page(path, "/**/" + minified, "Content-Type: text/css", hour, "ETag: \"v1\"");
    int before = held.waiting.size();
    shop.getFrom("localhost", path, GZIP);
    await(() -> held.waiting.size() > before, "the minifier");
    held.minified(minified);
    await(
        () -> shop.getFrom("localhost", path, GZIP).field("Freshet-Optimized").equals("min"),
        "the minified form");
  }

  @Test
  void whatWasMinifiedAndStaysIsMadeAsSmallAsItGetsInTheEnd() {
    String rules =
        IntStream.range(0, 9_000)
            .mapToObj(i -> ".a" + i * 7 % 1_003 + "{top:" + i % 37 + "px}")
            .collect(Collectors.joining());
    byte[] octets = rules.getBytes(StandardCharsets.US_ASCII);
    int utmost = WholeCoding.of(octets, Coding.ZSTD, Effort.UTMOST).length;
    assertThat(utmost).isLessThan(WholeCoding.of(octets, Coding.ZSTD, Effort.WELL).length);
    sheet("/large.css", rules);
    String zstd = "Accept-Encoding: zstd";
    await(
        () -> shop.getFrom("localhost", "/large.css", zstd).text().length() == utmost,
        "the smallest");
    assertThat(shop.getFrom("localhost", "/large.css", zstd).field("Freshet-Optimized"))
        .isEqualTo("min");
  }

  @Test
  void whoHoldsWhatWasMinifiedGetsWhatDiffersUnderTheAppsOwnUrlToo() {
    String old = ".a{color:red}".repeat(100);
    String fresh = old + ".b{color:blue}";
    sheet("/a.css?v=1", old);
    sheet("/a.css?v=2", fresh);
    Response answer = shop.getFrom("localhost", "/a.css?v=2", Shopfront.holding(old));
    assertThat(answer.field("Content-Encoding")).isEqualTo("dcz");
    assertThat(answer.field("Freshet-Optimized")).isEqualTo("min");
    assertThat(answer.field("Vary")).isEqualTo("Accept-Encoding, Available-Dictionary");
    String tag = answer.field("ETag");
    assertThat(tag).startsWith("\"v1-min-dcz");
    byte[] coded = answer.text().getBytes(StandardCharsets.ISO_8859_1);
    try (ZstdDecompressCtx decoder = new ZstdDecompressCtx()) {
      decoder.loadDict(old.getBytes(StandardCharsets.US_ASCII));
      byte[] content = decoder.decompress(Arrays.copyOfRange(coded, 40, coded.length), 2_000);
      assertThat(new String(content, StandardCharsets.US_ASCII)).isEqualTo(fresh);
    }
    String[] has = Shopfront.holding(old, "If-None-Match: " + tag);
    assertThat(shop.getFrom("localhost", "/a.css?v=2", has).status()).isEqualTo(304);
    String[] other = Shopfront.holding(old, "If-None-Match: \"v0\"");
    assertThat(shop.getFrom("localhost", "/a.css?v=2", other).field("ETag")).isEqualTo(tag);
  }

  /// What is made of the next that is stored, at once.
  private String[] deployed(String old) {
    held.isQuick = true;
    return Shopfront.holding(old);
  }

  @Test
  void whoComesFirstAfterADeployGetsWhatDiffersOfTheFormThatIsMadeAtOnce() {
    String old = ".a{color:red}".repeat(100);
    String fresh = old + ".b{color:blue}";
    sheet("/a.css?v=1", old);
    held.atOnce = fresh;
    String[] returning = deployed(old);
    String hour = "Cache-Control: max-age=3600";
    shop.page("/a.css?v=2", "/**/" + fresh, "Content-Type: text/css", hour, "ETag: \"v2\"");
    Response answer = shop.getFrom("localhost", "/a.css?v=2", returning);
    assertThat(answer.field("Content-Encoding")).isEqualTo("dcz");
    assertThat(answer.field("Freshet-Optimized")).isEqualTo("min");
    assertThat(answer.field("Cache-Status"))
        .as("it led the trip, and that was told")
        .contains("fwd=uri-miss; fwd-status=200; stored");
    assertThat(shop.asked("/a.css?v=2")).isEqualTo(1);
  }

  /// It never says that it is over, so only time ends the wait.
  @Test
  void whoWaitsForAFormThatDoesNotComeGetsTheDifferenceOfTheOriginal() {
    String old = ".a{color:red}".repeat(100);
    sheet("/a.css?v=1", old);
    String[] returning = deployed(old);
    String hour = "Cache-Control: max-age=3600";
    shop.page("/a.css?v=2", "/**/" + old, "Content-Type: text/css", hour, "ETag: \"v2\"");
    Response answer = shop.getFrom("localhost", "/a.css?v=2", returning);
    assertThat(answer.field("Content-Encoding")).isEqualTo("dcz");
    assertThat(answer.field("Freshet-Optimized")).doesNotContain("min");
    assertThat(held.overs).as("still awaited").isNotEmpty();
  }

  @Test
  void whoComesBackWhileItArrivesReadsItWholeAndGetsWhatDiffers()
      throws InterruptedException, ExecutionException {
    String old = ".a{color:red}".repeat(100);
    sheet("/a.css?v=1", old);
    CountDownLatch hold = new CountDownLatch(1);
    String hour = "Cache-Control: max-age=3600";
    shop.page("/a.css?v=2", old + "/**/", hold, "Content-Type: text/css", hour);
    ExecutorService clients = Executors.newFixedThreadPool(2);
    try {
      Future<Response> leader =
          clients.submit(() -> shop.getFrom("localhost", "/a.css?v=2", Shopfront.holding("x")));
      await(() -> shop.asked("/a.css?v=2") == 1, "the trip");
      Future<Response> returning =
          clients.submit(() -> shop.getFrom("localhost", "/a.css?v=2", Shopfront.holding(old)));
      hold.countDown();
      assertThat(returning.get().field("Content-Encoding")).isEqualTo("dcz");
      assertThat(leader.get().field("Content-Encoding")).as("holds nothing").isEqualTo("gzip");
      assertThat(shop.asked("/a.css?v=2")).isEqualTo(1);
    } finally {
      clients.shutdownNow();
    }
  }
}
