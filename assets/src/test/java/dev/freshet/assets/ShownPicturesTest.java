package dev.freshet.assets;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.http.Caller;
import dev.freshet.http.FieldName;
import dev.freshet.http.Fields;
import dev.freshet.http.RequestHead;
import dev.freshet.http.ResponseHead;
import dev.freshet.http.Talk;
import dev.freshet.http.Version;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ShownPicturesTest {
  private static final String SITE = "http://shop.example";
  private static final String LIST = SITE + "/list";
  private static final String PHOTO = SITE + "/photos/1.jpg";
  private final AtomicLong now = new AtomicLong();
  private final List<String> better = new ArrayList<>();
  private final ShownPictures shown = new ShownPictures(now::get, better::add);

  /// What an own resource says.
  private static final class Ear implements Caller {
    private @Nullable ResponseHead said;
    private final StringBuilder text = new StringBuilder();

    @Override
    public Executor loop() {
      return Runnable::run;
    }

    @Override
    public InetSocketAddress peer() {
      return new InetSocketAddress(InetAddress.getLoopbackAddress(), 1);
    }

    @Override
    public void head(ResponseHead head, long length) {
      said = head;
    }

    @Override
    public void write(byte[] octets) {
      text.append(Ascii.text(octets, 0, octets.length));
    }

    @Override
    public void end() {}

    @Override
    public boolean isWritable() {
      return true;
    }

    @Override
    public void abort() {}

    @Override
    public void tunnel() {}
  }

  private Ear ask(String method, String target, Fields fields) {
    Ear ear = new Ear();
    String path = target.replaceFirst("\\?.*", "");
    RequestHead head =
        new RequestHead(method, "http", "shop.example", target, fields, Version.HTTP_1_1);
    Talk _ = Objects.requireNonNull(shown.resources().get(path)).begin(head, ear);
    return ear;
  }

  private static Fields from(String page, String window) {
    return Fields.of(
        "Referer", page, "Sec-CH-Viewport-Width", window, "Sec-Fetch-Site", "same-origin");
  }

  /// What a script's `fetch` sends.
  private static Fields reporting(String page, String window) {
    Fields out = from(page, window);
    return out.addAll(Fields.of("Sec-Fetch-Dest", "empty", "Sec-Fetch-Mode", "cors"));
  }

  private void report(String page, String told) {
    Ear ear = ask("POST", "/.freshet/shown?" + told, reporting(page, "412"));
    assertThat(ear.said).isNotNull().extracting(ResponseHead::status).isEqualTo(200);
  }

  private String script() {
    return ask("GET", "/.freshet/shown.js", new Fields()).text.toString();
  }

  private static Fields picture(String page, String window, String density) {
    Fields out = from(page, window);
    return out.addAll(
        Fields.of("Sec-CH-DPR", density, "Sec-Fetch-Dest", "image", "Sec-Fetch-Mode", "no-cors"));
  }

  private int width(String page) {
    return shown.width(PHOTO, picture(page, "412", "1.75"));
  }

  @Test
  void aWidthIsKnownWhenSomeReportsAgree() {
    for (int i = 1; i < ShownWidths.REPORTS; i++) {
      report(LIST, "346=%2Fphotos%2F1.jpg&90=%2Fa.png%3Fb%3D1");
      assertThat(width(LIST)).isZero();
    }
    report(LIST, "346=%2Fphotos%2F1.jpg&90=%2Fa.png%3Fb%3D1");
    assertThat(width(LIST)).as("605.5 pixels").isEqualTo(640);
    assertThat(shown.width(SITE + "/a.png?b=1", picture(LIST, "412", "1"))).isEqualTo(160);
    assertThat(shown.width(PHOTO, picture(LIST, "412", "1"))).isEqualTo(480);
    assertThat(shown.width(PHOTO, picture(LIST, "413", "1"))).as("another window").isZero();
    assertThat(width(SITE + "/product")).as("another page").isZero();
  }

  @Test
  void oneWiderReportCountsAtOnceAndIsForgottenAfterManyAndADay() {
    for (int i = 0; i < ShownWidths.REPORTS; i++) {
      report(LIST, "100=/photos/1.jpg");
    }
    assertThat(width(LIST)).isEqualTo(240);
    report(LIST, "500=/photos/1.jpg");
    assertThat(width(LIST)).isEqualTo(960);
    for (int i = 0; i < 10 * ShownWidths.MEMORY; i++) {
      report(LIST, "100=/photos/1.jpg");
    }
    now.addAndGet(ShownWidths.MEMORY_NANOS - 1);
    report(LIST, "100=/photos/1.jpg");
    assertThat(width(LIST)).as("within a day").isEqualTo(960);
    now.incrementAndGet();
    report(LIST, "100=/photos/1.jpg");
    assertThat(width(LIST)).as("the widest of the day before").isEqualTo(960);
    for (int i = 0; i < ShownWidths.MEMORY; i++) {
      now.addAndGet(ShownWidths.MEMORY_NANOS / ShownWidths.MEMORY + 1);
      assertThat(width(LIST)).as("many have yet to come").isEqualTo(960);
      report(LIST, "100=/photos/1.jpg");
    }
    assertThat(width(LIST)).isEqualTo(240);
  }

  @Test
  void aRequestIsOneReportHoweverOftenItNamesAPicture() {
    report(LIST, "100=/photos/1.jpg&".repeat(60));
    report(LIST, "100=/photos/1.jpg&".repeat(60));
    assertThat(width(LIST)).isZero();
    report(LIST, "100=/photos/1.jpg&500=%2Fphotos%2F1.jpg&200=/photos/1.jpg");
    assertThat(width(LIST)).as("the widest of them").isEqualTo(960);
    assertThat(shown.describe()).containsEntry("reports", 3L);
  }

  @Test
  void whatAPageContainsMakesNoReport() {
    String told = "/.freshet/shown?346=/photos/1.jpg";
    for (int i = 0; i < ShownWidths.REPORTS; i++) {
      Ear ear = ask("GET", told, reporting(LIST, "412"));
      assertThat(ear.said).isNotNull().extracting(ResponseHead::status).isEqualTo(405);
      ask("HEAD", told, reporting(LIST, "412"));
      ask("POST", told, from(LIST, "412"));
      for (String each : new String[] {"Sec-Fetch-Dest image", "Sec-Fetch-Mode no-cors"}) {
        String[] field = each.split(" ", -1);
        ask("POST", told, reporting(LIST, "412").set(FieldName.of(field[0]), field[1]));
      }
    }
    assertThat(width(LIST)).isZero();
    assertThat(script()).contains("method: \"POST\", mode: \"cors\"");
  }

  @Test
  void aMobileBrowserIsKnownBeforeItKnowsItsWindow() {
    Fields mobile = Fields.of("Sec-CH-UA-Mobile", "?1", "Sec-CH-DPR", "1.75");
    for (String window : new String[] {"360", "412", "390"}) {
      Fields from = reporting(LIST, window).addAll(mobile);
      ask("POST", "/.freshet/shown?" + (Integer.parseInt(window) - 40) + "=/photos/1.jpg", from);
    }
    Fields unread = picture(LIST, "980", "1.75").set(FieldName.of("Sec-CH-UA-Mobile"), "?1");
    assertThat(shown.width(PHOTO, unread)).as("the widest: 372 times 1.75").isEqualTo(800);
    assertThat(shown.width(PHOTO, picture(LIST, "980", "1.75"))).as("a real 980").isZero();
    unread.set(FieldName.of("Sec-CH-DPR"), "3");
    assertThat(shown.width(PHOTO, unread)).as("another device").isZero();
  }

  @Test
  void onlyDensitiesOfScreensCount() {
    for (int i = 0; i < ShownWidths.REPORTS; i++) {
      report(LIST, "100=/photos/1.jpg&500=/a.png");
    }
    String large = SITE + "/a.png";
    assertThat(shown.width(large, picture(LIST, "412", "3"))).isEqualTo(1_600);
    assertThat(shown.width(large, picture(LIST, "412", "4"))).as("wider than any").isZero();
    assertThat(shown.width(PHOTO, picture(LIST, "412", "1"))).isEqualTo(160);
    assertThat(shown.width(PHOTO, picture(LIST, "412", "2.75"))).isEqualTo(320);
    assertThat(shown.width(PHOTO, picture(LIST, "412", "4"))).isEqualTo(480);
    // 2.625 counts as 2.75 and 3.1 as 3.25: 325 pixels are needed.
    assertThat(shown.width(PHOTO, picture(LIST, "412", "2.625"))).isEqualTo(320);
    assertThat(shown.width(PHOTO, picture(LIST, "412", "3.1"))).isEqualTo(480);
    for (String each : new String[] {"0", "0.75", "4.25", "8", "1e0", "x"}) {
      assertThat(shown.width(PHOTO, picture(LIST, "412", each))).as(each).isZero();
    }
  }

  @Test
  void pagesThatDifferInNumbersAreAlike() {
    for (int i = 0; i < ShownWidths.REPORTS; i++) {
      report(SITE + "/product/" + i + "?page=" + i, "300=/photos/1.jpg");
    }
    assertThat(width(SITE + "/product/1234?page=56")).isEqualTo(640);
    assertThat(width(SITE + "/products/1")).isZero();
  }

  @Test
  void pagesThatDifferInTheirQueryAreOthers() {
    for (int i = 0; i < ShownWidths.REPORTS; i++) {
      report(LIST + "?view=grid", "300=/photos/1.jpg");
      report(LIST + "?view=" + "x".repeat(600), "300=/photos/1.jpg");
    }
    assertThat(width(LIST + "?view=grid")).isEqualTo(640);
    assertThat(width(LIST + "?view=large")).isZero();
    assertThat(width(LIST)).isZero();
    assertThat(width(LIST + "?view=" + "x".repeat(600))).as("too long").isZero();
  }

  @Test
  void whoTellsOnlyItsSiteGetsAllPixels() {
    for (int i = 0; i < ShownWidths.REPORTS; i++) {
      report(SITE + "/", "300=/photos/1.jpg");
    }
    assertThat(width(SITE + "/")).isEqualTo(640);
    assertThat(width(SITE)).isZero();
  }

  @Test
  void onlyThePageItselfIsBelieved() {
    for (int i = 0; i < ShownWidths.REPORTS; i++) {
      String told = "/.freshet/shown?346=/photos/1.jpg";
      ask("POST", told, reporting(LIST, "412").set(FieldName.of("Sec-Fetch-Site"), "none"));
      ask("POST", told, reporting("http://other.example/list", "412"));
      ask("POST", told, reporting(LIST, "99999"));
      ask("POST", "/.freshet/shown", reporting(LIST, "412"));
      report(LIST, "=/photos/1.jpg&x=/photos/1.jpg&1e3=/photos/1.jpg&-5=/photos/1.jpg&&%&=&5");
      report(LIST, "5=%zz&5=http://other.example/&99999=/photos/1.jpg");
      report(LIST, "5=/" + "x".repeat(7_000) + "&346=/photos/1.jpg");
    }
    assertThat(width(LIST)).isZero();
  }

  @Test
  void whatComesThroughACacheOrForAScriptIsNotNarrowed() {
    for (int i = 0; i < ShownWidths.REPORTS; i++) {
      report(LIST, "346=/photos/1.jpg");
    }
    assertThat(width(LIST)).isEqualTo(640);
    for (String each : new String[] {"Via", "CDN-Loop"}) {
      Fields through = picture(LIST, "412", "1.75").addAll(Fields.of(each, "a"));
      assertThat(shown.width(PHOTO, through)).as(each).isZero();
    }
    for (String each : new String[] {"Sec-Fetch-Mode", "Sec-Fetch-Dest", "Sec-Fetch-Site"}) {
      Fields other = picture(LIST, "412", "1.75").set(FieldName.of(each), "other");
      assertThat(shown.width(PHOTO, other)).as(each).isZero();
    }
    assertThat(shown.width(PHOTO, new Fields())).isZero();
  }

  private void falsely(String window, String told) {
    ask("POST", "/.freshet/shown?" + told, reporting(LIST, window));
  }

  @Test
  void falseWindowsDoNotCrowdOutATrueOneNorKeepAnotherOut() {
    for (int i = 0; i < 20; i++) {
      report(LIST, "346=/photos/1.jpg");
    }
    for (int i = 0; i < 7 + 17; i++) {
      falsely("" + (1_000 + i), "10=/photos/1.jpg");
    }
    assertThat(width(LIST)).isEqualTo(640);
    for (int i = 0; i < 200; i++) {
      report(LIST, "346=/photos/1.jpg");
      falsely("" + (2_000 + i), "10=/photos/1.jpg");
    }
    assertThat(width(LIST)).as("as many true ones").isEqualTo(640);
    for (int i = 0; i < ShownWidths.REPORTS; i++) {
      ask("POST", "/.freshet/shown?346=/photos/1.jpg", reporting(LIST, "500"));
    }
    assertThat(shown.width(PHOTO, picture(LIST, "500", "1.75"))).as("finds room").isEqualTo(640);
  }

  @Test
  void falsePicturesDoNotCrowdOutATrueOne() {
    for (int i = 0; i < ShownWidths.MEMORY; i++) {
      report(LIST, "346=/photos/1.jpg");
    }
    int name = 0;
    for (int i = 0; i < 1_000; i++) {
      StringBuilder told = new StringBuilder();
      for (int j = 0; j < 50; j++) {
        told.append("10=/f/").append(name++).append('&');
      }
      for (int times = 0; times < ShownWidths.REPORTS; times++) {
        falsely("412", told.toString());
      }
    }
    assertThat(shown.describe()).containsEntry("known", 20_000);
    assertThat(width(LIST)).isEqualTo(640);
  }

  @Test
  void reportsAreFewOnceThereAreMany() {
    assertThat(script()).contains(">= 1 ");
    for (int i = 0; i < 19_999; i++) {
      report(LIST, "346=/photos/1.jpg&90=/a.png");
    }
    assertThat(script()).as("each is one, whatever it names").contains(">= 1 ");
    report(LIST, "346=/photos/1.jpg");
    assertThat(script()).contains(">= 0.05 ");
  }

  /// As a stored page in which nothing is found.
  private LargestPictures.@Nullable Likely made(String page, String key) {
    LargestPictures.Likely likely = shown.largest(page);
    assertThat(shown.awaitLargest(page, key, likely)).isTrue();
    return likely;
  }

  @Test
  void whatMostBrowsersFoundLargestIsKnownAndWhoWaitedIsTold() {
    assertThat(made(LIST, "key")).isNull();
    for (int i = 0; i < 3; i++) {
      assertThat(better).isEmpty();
      report(LIST, "largest=%2Fphotos%2F1.jpg&346=%2Fphotos%2F1.jpg");
    }
    assertThat(better).containsExactly("key");
    assertThat(shown.largest(LIST))
        .isEqualTo(new LargestPictures.Likely(PHOTO, "shop.example/photos/*"));
    assertThat(shown.awaitLargest(LIST, "late", null)).as("known meanwhile").isFalse();
    report(LIST, "largest=https%3A%2F%2Fother.example%2Fa.jpg");
    for (int i = 0; i < 5; i++) {
      report(LIST, "largest=%2Fhero.png");
    }
    assertThat(Objects.requireNonNull(shown.largest(LIST)).url()).isEqualTo(SITE + "/hero.png");
    assertThat(better).hasSize(1);
  }

  @Test
  void aPageThatNobodySawIsKnownByOthersOfItsTemplate() {
    assertThat(made(SITE + "/product/0", "key")).isNull();
    for (int i = 0; i < 3; i++) {
      report(SITE + "/product/" + i, "largest=/photos/" + i + ".jpg");
    }
    assertThat(shown.largest(SITE + "/product/77"))
        .isEqualTo(new LargestPictures.Likely(null, "shop.example/photos/*"));
  }

  @Test
  void aPictureThatThePageDoesNotHaveKeepsNobodyFromBeingToldOfTheNext() {
    assertThat(made(LIST, "key")).isNull();
    for (int i = 0; i < 3; i++) {
      report(LIST, "largest=/invented.jpg");
    }
    assertThat(better).containsExactly("key");
    assertThat(made(LIST, "key")).isNotNull();
    for (int i = 0; i < 3; i++) {
      report(LIST, "largest=/invented.jpg");
    }
    assertThat(better).as("nothing new").hasSize(1);
    for (int i = 0; i < 6; i++) {
      report(LIST, "largest=/photos/1.jpg");
    }
    assertThat(better).containsExactly("key", "key");
  }

  @Test
  void reportsOfPagesThatNobodyStoredCrowdOutNone() {
    assertThat(made(LIST, "key")).isNull();
    for (int i = 0; i < 3; i++) {
      report(LIST, "largest=/photos/1.jpg");
    }
    for (int i = 0; i < 6_000; i++) {
      String path = "/" + "a".repeat(i % 20 + 1) + "/" + "b".repeat(i / 20 % 20 + 1);
      report(SITE + path + "/" + "c".repeat(i / 400 + 1), "largest=/photos/1.jpg");
    }
    assertThat(shown.largest(LIST)).isNotNull();
  }

  private List<String> fonts(String page) {
    List<String> fonts = shown.fonts(page);
    assertThat(shown.awaitFonts(page, "key", fonts)).isTrue();
    return fonts;
  }

  @Test
  void fontsThatNearlyAllNeededAreKnownAndWhoWaitedIsTold() {
    shown.learnFont(SITE + "/a.woff");
    shown.learnFont(SITE + "/b.woff");
    assertThat(fonts(LIST)).isEmpty();
    for (int i = 0; i < 3; i++) {
      assertThat(better).isEmpty();
      report(LIST, "largest=%2F1.jpg&fonts=%2Fa.woff,%2Fb.woff,%2Flogout&346=%2F1.jpg");
    }
    assertThat(better).containsExactly("key");
    assertThat(fonts(LIST))
        .as("never what was sent as anything else")
        .containsExactly(SITE + "/a.woff", SITE + "/b.woff");
    assertThat(shown.awaitFonts(LIST, "late", List.of())).as("known meanwhile").isFalse();
    report(LIST, "fonts=%2Fa.woff&346=%2F1.jpg");
    assertThat(fonts(LIST)).as("one could do without").containsExactly(SITE + "/a.woff");
    assertThat(better).containsExactly("key", "key");
    report(LIST, "346=%2F1.jpg");
    assertThat(fonts(LIST)).as("says nothing of fonts").hasSize(1);
    report(LIST, "fonts=");
    assertThat(fonts(LIST)).isEmpty();
    for (int i = 0; i < 12; i++) {
      report(LIST, "fonts=%2Fb.woff");
    }
    report(LIST, "fonts=");
    assertThat(fonts(LIST)).as("but one of twelve").containsExactly(SITE + "/b.woff");
  }
}
