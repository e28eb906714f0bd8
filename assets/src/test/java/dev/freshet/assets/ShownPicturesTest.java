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
import java.util.Objects;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ShownPicturesTest {
  private static final String SITE = "http://shop.example";
  private static final String LIST = SITE + "/list";
  private static final String PHOTO = SITE + "/photos/1.jpg";
  private final ShownPictures shown = new ShownPictures();

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

  private Ear ask(String target, Fields fields) {
    Ear ear = new Ear();
    String path = target.replaceFirst("\\?.*", "");
    RequestHead head =
        new RequestHead("GET", "http", "shop.example", target, fields, Version.HTTP_1_1);
    Talk _ = Objects.requireNonNull(shown.resources().get(path)).begin(head, ear);
    return ear;
  }

  private static Fields from(String page, String window) {
    return Fields.of(
        "Referer", page, "Sec-CH-Viewport-Width", window, "Sec-Fetch-Site", "same-origin");
  }

  private void report(String page, String told) {
    Ear ear = ask("/.freshet/shown?" + told, from(page, "412"));
    assertThat(ear.said).isNotNull().extracting(ResponseHead::status).isEqualTo(200);
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
    assertThat(shown.width(PHOTO, picture(LIST, "412", "8"))).as("wider than any").isZero();
    assertThat(width(SITE + "/product")).as("another page").isZero();
  }

  @Test
  void oneWiderReportCountsAtOnceAndIsForgottenAfterMany() {
    for (int i = 0; i < ShownWidths.REPORTS; i++) {
      report(LIST, "100=/photos/1.jpg");
    }
    assertThat(width(LIST)).isEqualTo(240);
    report(LIST, "500=/photos/1.jpg");
    assertThat(width(LIST)).isEqualTo(960);
    for (int i = 0; i < 130; i++) {
      report(LIST, "100=/photos/1.jpg");
    }
    assertThat(width(LIST)).isEqualTo(240);
  }

  @Test
  void aMobileBrowserIsKnownBeforeItKnowsItsWindow() {
    Fields mobile = Fields.of("Sec-CH-UA-Mobile", "?1", "Sec-CH-DPR", "1.75");
    for (String window : new String[] {"360", "412", "390"}) {
      Fields from = from(LIST, window).addAll(mobile);
      ask("/.freshet/shown?" + (Integer.parseInt(window) - 40) + "=/photos/1.jpg", from);
    }
    Fields unread = picture(LIST, "980", "1.75").set(FieldName.of("Sec-CH-UA-Mobile"), "?1");
    assertThat(shown.width(PHOTO, unread)).as("the widest: 372 times 1.75").isEqualTo(800);
    assertThat(shown.width(PHOTO, picture(LIST, "980", "1.75"))).as("a real 980").isZero();
    unread.set(FieldName.of("Sec-CH-DPR"), "3");
    assertThat(shown.width(PHOTO, unread)).as("another device").isZero();
  }

  @Test
  void pagesThatDifferInNumbersAreAlike() {
    for (int i = 0; i < ShownWidths.REPORTS; i++) {
      report(SITE + "/product/" + i + "?from=" + i, "300=/photos/1.jpg");
    }
    assertThat(width(SITE + "/product/1234")).isEqualTo(640);
    assertThat(width(SITE + "/products/1")).isZero();
  }

  @Test
  void onlyThePageItselfIsBelieved() {
    for (int i = 0; i < ShownWidths.REPORTS; i++) {
      String told = "/.freshet/shown?346=/photos/1.jpg";
      ask(told, from(LIST, "412").set(FieldName.of("Sec-Fetch-Site"), "none"));
      ask(told, from("http://other.example/list", "412"));
      ask(told, from(LIST, "99999"));
      ask("/.freshet/shown", from(LIST, "412"));
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

  @Test
  void reportsAreFewOnceThereAreMany() {
    assertThat(ask("/.freshet/shown.js", new Fields()).text.toString()).contains(">= 1 ");
    for (int i = 0; i < 20_000 / 50; i++) {
      report(LIST, "346=/photos/1.jpg&".repeat(50));
    }
    assertThat(ask("/.freshet/shown.js", new Fields()).text.toString()).contains(">= 0.05 ");
  }
}
