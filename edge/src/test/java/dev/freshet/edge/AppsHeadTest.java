package dev.freshet.edge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.edge.RouteRule.Share;
import dev.freshet.testkit.RawClient.Response;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Who wants nothing from here is told what the app said, whatever is stored and for whomever.
class AppsHeadTest {
  private static final String SHEET = "/main.8f5a2c1e.css";
  private static final String RULES = "b{top:0}".repeat(400);
  private static final String CSS = "Content-Type: text/css";
  private static final String JPEG = "Content-Type: image/jpeg";
  private static final String HERE = "CDN-Cache-Control: max-age=60";
  private static final String OLD = "Last-Modified: Tue, 03 Nov 2026 10:00:00 GMT";
  private static final String OFF = "Freshet-Optimize: off";
  private static final String GZIP = "Accept-Encoding: gzip";

  /// What can be put in by which browsers are told anything.
  private static final List<String> TOLD =
      List.of("Cache-Control", "Freshet-Optimized", "ETag", "Use-As-Dictionary");

  private final HeldRefinery held = new HeldRefinery();
  private final Shopfront shop = Shopfront.polished(held, RouteRule.plain("/**"));

  @AfterEach
  void close() {
    shop.close();
  }

  private Response get(String path, String... fields) {
    return shop.getFrom("localhost", path, fields);
  }

  /// Asked for once, so that it is stored with its tag.
  private void stored(String path, String content, String... fields) {
    shop.page(path, content, fields);
    while (get(path).field("ETag").isEmpty()) {
      Thread.onSpinWait();
    }
  }

  private static void hasNothingOfOurs(Response answer) {
    for (String name : TOLD) {
      assertThat(answer.field(name)).as(name).isEmpty();
    }
  }

  @Test
  void theFieldOfOneRequestTakesOutWhatWasPutInForBrowsers() {
    stored(SHEET, RULES, CSS, HERE, OLD);
    Response told = get(SHEET);
    for (String name : TOLD) {
      assertThat(told.field(name)).as(name).isNotEmpty();
    }
    for (String coding : new String[] {"Accept: */*", GZIP}) {
      Response off = get(SHEET, OFF, coding);
      assertThat(off.field("Cache-Status")).startsWith("freshet; hit");
      assertThat(off.status()).isEqualTo(200);
      assertThat(off.field("Last-Modified")).isEqualTo(OLD.substring(15));
      assertThat(off.field("Vary")).isEqualTo("Accept-Encoding");
      hasNothingOfOurs(off);
    }
    assertThat(get(SHEET, OFF, GZIP).field("Content-Encoding")).isEqualTo("gzip");
    Response part = get(SHEET, OFF, "Range: bytes=0-7");
    assertThat(part.status()).isEqualTo(206);
    assertThat(part.text()).isEqualTo(RULES.substring(0, 8));
    hasNothingOfOurs(part);
    hasNothingOfOurs(get(SHEET, OFF, "Range: bytes=999999-"));
    assertThat(get(SHEET).field("Cache-Control")).endsWith("immutable");
  }

  @Test
  void theSwitchTakesItOutOfWhatIsStored() {
    stored(SHEET, RULES, CSS, HERE, OLD);
    held.level = Polish.Level.OFF;
    Response off = get(SHEET);
    assertThat(off.field("Cache-Status")).startsWith("freshet; hit");
    hasNothingOfOurs(off);
    held.level = Polish.Level.SAFE;
    assertThat(get(SHEET).field("Cache-Control")).endsWith("immutable");
  }

  @Test
  void whoIsTheFirstToAskIsToldNothingEitherAndTheNextIs() {
    shop.page(SHEET, RULES, CSS, HERE, OLD);
    hasNothingOfOurs(get(SHEET, OFF));
    while (get(SHEET).field("ETag").isEmpty()) {
      Thread.onSpinWait();
    }
    assertThat(get(SHEET).field("Cache-Control")).endsWith("immutable");
    assertThat(shop.asked(SHEET)).isEqualTo(1);
  }

  /// With the tag came what a 304 can't take back; by the app's own time of change he is confirmed
  /// as the app would confirm it.
  @Test
  void aTagOfOursGetsTheWholeAndTheAppsOwnAConfirmation() {
    stored(SHEET, RULES, CSS, HERE, OLD);
    String tag = "If-None-Match: " + get(SHEET).field("ETag");
    assertThat(get(SHEET, tag).status()).isEqualTo(304);
    Response whole = get(SHEET, tag, OFF);
    assertThat(whole.status()).isEqualTo(200);
    assertThat(whole.text()).isEqualTo(RULES);
    String since = OLD.replace("Last-Modified", "If-Modified-Since");
    Response confirmed = get(SHEET, since, OFF);
    assertThat(confirmed.status()).isEqualTo(304);
    hasNothingOfOurs(confirmed);
    Response again = get(SHEET, since);
    assertThat(again.status()).isEqualTo(304);
    assertThat(again.field("Cache-Control")).endsWith("immutable");
    assertThat(again.field("ETag")).isEqualTo(tag.substring(15));
  }

  @Test
  void whatTheAppSaidItselfStays() {
    String own = "Use-As-Dictionary: match=\"/*.css\"";
    stored(SHEET, RULES, CSS, "Cache-Control: max-age=7200", "ETag: \"v1\"", own, "Vary: Accept");
    Response off = get(SHEET, OFF);
    assertThat(off.field("Cache-Control")).isEqualTo("max-age=7200");
    assertThat(off.field("ETag")).isEqualTo("\"v1\"");
    assertThat(off.field("Use-As-Dictionary")).isEqualTo(own.substring(19));
    assertThat(off.field("Vary")).isEqualTo("Accept, Accept-Encoding");
    assertThat(get(SHEET, OFF, "If-None-Match: \"v1\"").status()).isEqualTo(304);
  }

  @Test
  void picturesAreNotChosenByWhatTheClientCanShow() {
    String[] fields = {JPEG, "Cache-Control: max-age=60", "ETag: \"v1\"", "Vary: Accept-Language"};
    stored("/a.jpg", "picture", fields);
    stored("/b.jpg", "picture", Arrays.copyOf(fields, 3));
    assertThat(get("/a.jpg").field("Vary")).isEqualTo("Accept-Language, Accept");
    assertThat(get("/a.jpg", OFF).field("Vary")).isEqualTo("Accept-Language");
    assertThat(get("/b.jpg").field("Vary")).isEqualTo("Accept");
    assertThat(get("/b.jpg", OFF).field("Vary")).isEmpty();
  }

  @Test
  void whatMakesRowsTrueStays() {
    RowWorld world = new RowWorld(null);
    try (Shopfront rows =
        Shopfront.polished(held, world.database(), Shopfront.rows("/**", Share.PUBLIC))) {
      rows.act("/p", world.answer("p", RowWorld.reading(RowWorld.product(1)), CSS));
      while (!rows.get("/p").field("Cache-Status").startsWith("freshet; hit")) {
        Thread.onSpinWait();
      }
      Response off = rows.get("/p", OFF);
      assertThat(off.field("Cache-Control")).isEqualTo("no-cache");
      assertThat(off.field("ETag")).startsWith("\"rows-");
    }
  }
}
