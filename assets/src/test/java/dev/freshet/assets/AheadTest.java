package dev.freshet.assets;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.http.Fields;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What browsers are told to begin with before they have read the page.
class AheadTest {
  private static final String URL = "https://shop.test/p/7?x=1";
  private static final String PRELOAD =
      "<link rel=\"preload\" as=\"image\" fetchpriority=\"high\" data-freshet=\"ahead\""
          + " href=\"%s\">";
  private static final String CONNECT = "<link rel=\"preconnect\" data-freshet=\"ahead\" href=\"";
  private static final LargestPictures.Likely OWN =
      new LargestPictures.Likely(null, "shop.test/photos/*");

  private record Seen(String page, Inserted inserted) {}

  private static Seen seen(String page, LargestPictures.@Nullable Likely likely, Fields response) {
    return seen(page, likely, List.of(), response);
  }

  private static Seen seen(
      String page, LargestPictures.@Nullable Likely likely, List<String> fonts, Fields response) {
    Ahead ahead = new Ahead(URL, response);
    PageRewriter first = rewriter();
    first.look(ahead);
    run(first, page);
    PageRewriter last = rewriter();
    last.ask(ahead.plan(likely, fonts));
    return new Seen(run(last, page), last.inserted());
  }

  private static String seen(String page, LargestPictures.@Nullable Likely likely) {
    return seen(page, likely, new Fields()).page();
  }

  private static PageRewriter rewriter() {
    return new PageRewriter(new PageAddress(URL), url -> null, true, Set.of());
  }

  private static String run(PageRewriter rewriter, String page) {
    byte[] out = rewriter.feed(page.getBytes(StandardCharsets.UTF_8));
    byte[] rest = rewriter.end();
    return new String(out, StandardCharsets.UTF_8) + new String(rest, StandardCharsets.UTF_8);
  }

  @Test
  void theLargestPictureIsAskedForAheadAndNeverWaits() {
    String small = "<img src=/a.png>".repeat(5);
    String page = "<head></head>" + small + "<img src=/photos/7.jpg><img src=/photos/8.jpg>";
    Seen seen = seen(page, OWN, new Fields());
    assertThat(seen.page())
        .startsWith("<head>" + PRELOAD.formatted("/photos/7.jpg") + "</head>")
        .contains("<img fetchpriority=\"high\" src=/photos/7.jpg>")
        .endsWith("<img loading=\"lazy\" decoding=\"async\" src=/photos/8.jpg>");
    assertThat(seen.inserted().text()).isEqualTo("lazy=2;sized=0;first=1;preload");
    assertThat(
            seen(page, new LargestPictures.Likely("https://shop.test/photos/8.jpg", "shop.test/*")))
        .contains(PRELOAD.formatted("/photos/8.jpg"), "<img fetchpriority=\"high\" src=/photos/8");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "<img src=/photos/7.jpg loading=lazy>",
        "<img src=/photos/7.jpg crossorigin>",
        "<img src=/photos/7.jpg srcset='/photos/8.jpg 2x'>",
        "<picture><source srcset=/b.avif><img src=/photos/7.jpg></picture>",
        "<noscript><img src=/photos/7.jpg></noscript>",
        "<template><img src=/photos/7.jpg></template>",
        "<img src=/other/7.jpg>",
      })
  void aPictureThatMayNotComeIsNotAskedForAhead(String picture) {
    String page = "<head></head>" + picture;
    assertThat(seen(page, OWN)).isEqualTo(page);
  }

  @Test
  void connectsToTheFirstOtherSitesThatTheHeadLoadsFrom() {
    String sheet = "<link rel=stylesheet href=https://fonts.googleapis.com/css?family=A>";
    String page =
        "<head><script src=//cdn.test:8443/a.js></script><script src=//cdn.test:8443/b.js></script>"
            + "<script src=https://SHOP.test/own.js></script>"
            + sheet
            + "<script src=https://late.test/a.js></script></head><body>"
            + "<script src=https://body.test/x.js></script>";
    assertThat(seen(page, null))
        .startsWith(
            "<head>"
                + CONNECT
                + "//cdn.test:8443\">"
                + CONNECT
                + "https://fonts.googleapis.com\">"
                + CONNECT
                + "https://fonts.gstatic.com\" crossorigin><script src=//cdn")
        .doesNotContain("https://late.test\"", "https://body.test\"", "https://shop.test\"");
    assertThat(seen(page, null, new Fields()).inserted().more()).containsExactly("preconnect=3");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "<script type=text/plain src=https://a.test/x.js></script>",
        "<script type='text/x-template' src=https://a.test/x.js></script>",
        "<script type=importmap src=https://a.test/x.js></script>",
        "<script nomodule src=https://a.test/x.js></script>",
        "<link rel=stylesheet media=print href=https://a.test/x.css>",
        "<link rel=stylesheet media='(min-width: 9px)' href=https://a.test/x.css>",
        "<link rel=stylesheet disabled href=https://a.test/x.css>",
        "<link rel='alternate stylesheet' href=https://a.test/x.css>",
      })
  void doesNotConnectForWhatMayNotBeLoaded(String tag) {
    String page = "<head>" + tag + "</head>";
    assertThat(seen(page, null)).isEqualTo(page);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "<script type=module src=https://a.test/x.js></script>|true",
        "<script type=Module crossorigin=use-credentials src=https://a.test/x.js></script>|false",
        "<script type=' Text/JavaScript ' src=https://a.test/x.js></script>|false",
        "<script type='' crossorigin=anonymous src=https://a.test/x.js></script>|true",
        "<script crossorigin=Use-Credentials src=https://a.test/x.js></script>|false",
        "<link rel=stylesheet media=screen href=https://a.test/x.css>|false",
        "<link rel=stylesheet media=ALL crossorigin href=https://a.test/x.css>|true",
      })
  void connectsAsTheBrowserIsGoingToAsk(String tag, boolean isAnonymous) {
    String connect = CONNECT + "https://a.test\"" + (isAnonymous ? " crossorigin>" : ">");
    assertThat(seen("<head>" + tag + "</head>", null)).startsWith("<head>" + connect + "<");
  }

  @Test
  void doesNotConnectWhereThePageDoes() {
    String page =
        "<head><script src=https://a.test/x.js></script>"
            + "<link rel=preconnect href=https://a.test><link rel=icon href=https://i.test/i>"
            + "<script src=https://b.test/x.js></script></head>";
    Fields linked = Fields.of("Link", "<https://b.test>; rel=preconnect");
    assertThat(seen(page, null, linked).page()).isEqualTo(page);
  }

  @Test
  void theCheckOfPagesTakesItForMeant() {
    String page = "<head><script src=https://a.test/x.js></script></head><img src=/photos/7.jpg>";
    String made = seen(page, OWN);
    assertThat(made).contains(CONNECT, PRELOAD.formatted("/photos/7.jpg"));
    assertThat(
            PageComparison.difference(
                page.getBytes(StandardCharsets.UTF_8), made.getBytes(StandardCharsets.UTF_8)))
        .isNull();
  }

  @Test
  void fontsThatVisitorsNeededAreAskedForUnlessThePageDoesSoItself() {
    String page = "<head><link rel=preload as=font crossorigin href=/f/own.woff></head><p>";
    List<String> fonts =
        List.of(
            "https://shop.test/f/a.woff",
            "https://shop.test/f/own.woff",
            "https://shop.test/f/linked.woff",
            "https://shop.test/f/\"onload=x",
            "https://other.test/f/b.woff");
    Fields linked = Fields.of("Link", "</f/linked.woff>; rel=preload; as=font; crossorigin");
    Seen seen = seen(page, null, fonts, linked);
    assertThat(seen.page())
        .isEqualTo(
            page.replace(
                "<head>",
                "<head><link rel=\"preload\" as=\"font\" crossorigin data-freshet=\"ahead\""
                    + " href=\"/f/a.woff\">"));
    assertThat(seen.inserted().more()).containsExactly("prefont=1");
  }
}
