package dev.freshet.assets;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.base.Meters;
import dev.freshet.http.Fields;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What is put into pages, and what is left alone.
class PageRewriterTest {
  private static final String URL = "https://shop.test/dir/page?x=1";
  private static final String FOUR = "<img src=1><img src=2><img src=3><img src=4>";
  private static final String FIXED = "<img src=5 width=800 height=600>";

  private static String rewritten(String page, boolean isFull, Map<String, Size> sizes) {
    PageRewriter rewriter =
        new PageRewriter(new PageAddress(URL), sizes::get, isFull, Set.copyOf(sizes.values()));
    byte[] first = rewriter.feed(page.getBytes(StandardCharsets.UTF_8));
    byte[] last = rewriter.end();
    return new String(first, StandardCharsets.UTF_8) + new String(last, StandardCharsets.UTF_8);
  }

  private static String rewritten(String page) {
    return rewritten(page, false, Map.of());
  }

  @Test
  void picturesBeyondTheFirstFewWaitWhenTheirPlaceIsKept() {
    assertThat(rewritten(FOUR + FIXED + "<img src=6>"))
        .isEqualTo(
            FOUR
                + "<img loading=\"lazy\" decoding=\"async\" src=5 width=800 height=600>"
                + "<img src=6>");
    assertThat(rewritten(FOUR + "<img src=6>", true, Map.of()))
        .isEqualTo(FOUR + "<img loading=\"lazy\" decoding=\"async\" src=6>");
  }

  @Test
  void iconsAndWhatScriptsBringDoNotCountAsInView() {
    String icons = "<img src=i width=16 height=16><img data-src=x src=y><img src='data:,'><img>";
    assertThat(rewritten(icons.repeat(9) + FOUR)).doesNotContain("lazy");
    assertThat(rewritten(icons.repeat(9) + FOUR + FIXED)).contains("<img loading=\"lazy\"");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "<img src=5 width=800 height=600 loading=eager>",
        "<img src=5 width=800 height=600 ONLOAD=go()>",
        "<img src=5 width=100% height=600>",
        "<img src=5 width=800>",
        "<iframe src=5></iframe>",
        "<iframe src=about:blank width=800 height=600></iframe>",
        "<iframe src=5 width=1 height=1></iframe>",
        "<template><img src=5 width=800 height=600></template>",
        "<noscript><img src=5 width=800 height=600></noscript>",
        "<svg><image width=800 height=600 href=5 /></svg>",
      })
  void leavesAloneWhatMightMeanSomething(String end) {
    assertThat(rewritten(FOUR + end)).isEqualTo(FOUR + end);
  }

  @Test
  void framesBeyondTheFirstFewWait() {
    assertThat(rewritten(FOUR + "<iframe width=560 height=315 src=v></iframe>"))
        .isEqualTo(FOUR + "<iframe loading=\"lazy\" width=560 height=315 src=v></iframe>");
  }

  @Test
  void theFirstLargePictureIsAskedForFirst() {
    assertThat(rewritten("<img src=logo width=120 height=40>" + FIXED + FIXED))
        .isEqualTo(
            "<img src=logo width=120 height=40>"
                + "<img fetchpriority=\"high\" src=5 width=800 height=600>"
                + FIXED);
    assertThat(rewritten("<img src=a fetchpriority=low>" + FIXED)).doesNotContain("high");
    assertThat(rewritten(FIXED.replace("src", "loading=lazy src"))).doesNotContain("high");
  }

  @Test
  void thePlaceOfAPictureWhoseSizeIsKnownIsKept() {
    Map<String, Size> sizes =
        Map.of(
            "https://shop.test/a.jpg", new Size(1600, 1200),
            "https://shop.test/dir/b.jpg?w=1&h=2", new Size(640, 480));
    String out =
        rewritten(
            "<html><head><title>t</title></head><img src=/a.jpg><img src='b.jpg?w=1&amp;h=2#f'>"
                + "<img src=https://other.test/a.jpg><img src=/a.jpg srcset='/b.jpg 2x'>",
            false,
            sizes);
    assertThat(out)
        .startsWith("<html><head><style>@layer freshet{:where(img[data-freshet=\"")
        .contains(
            ":where(img[data-freshet=\"640x480\"])"
                + "{aspect-ratio:auto 640/480;contain-intrinsic-size:640px 480px}")
        .contains("px}}</style><script>!function(d){")
        .contains("</script><title>t</title>")
        .contains("<img data-freshet=\"1600x1200\" fetchpriority=\"high\" src=/a.jpg>")
        .contains("<img data-freshet=\"640x480\" src='b.jpg?w=1&amp;h=2#f'>")
        .endsWith("<img src=https://other.test/a.jpg><img src=/a.jpg srcset='/b.jpg 2x'>");
    assertThat(out.replaceAll("<script>.*?</script>", ""))
        .as("without a script nothing would end it")
        .doesNotContain("contain:size");
  }

  @Test
  void aPictureWithoutASizeOfItsOwnHasOnlyItsRatioKept() {
    Map<String, Size> sizes = Map.of("https://shop.test/a.svg", new Size(8, 4, false));
    assertThat(rewritten("<head></head><img src=/a.svg>", false, sizes))
        .contains(":where(img[data-freshet=\"8/4\"]){aspect-ratio:auto 8/4}")
        .endsWith("</head><img data-freshet=\"8/4\" src=/a.svg>");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "<head><base href=/other/>",
        "<picture><source srcset=/b.avif>",
        "<p>no head</p>",
        "<head a=1 <style>",
      })
  void noPlaceIsKeptWhereItIsNotKnownWhichPictureComes(String before) {
    Map<String, Size> sizes = Map.of("https://shop.test/a.jpg", new Size(1600, 1200));
    assertThat(rewritten(before + "<img src=/a.jpg width=9>", false, sizes))
        .doesNotContain("data-freshet=\"1600x1200\" ");
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      value = {
        "/a,https://shop.test/a",
        "a?b=c#d,https://shop.test/dir/a?b=c",
        "../a,https://shop.test/a",
        "//shop.test/a,https://shop.test/a",
        "HTTPS://SHOP.test/a,https://shop.test/a",
        "//shop.test.evil/a,",
        "https://shop.tes/a,",
        "http://shop.test/a,",
        "#a,",
        "a b,",
        "a%zz,",
      })
  void findsWhereAPictureIs(String src, String url) {
    assertThat(new PageAddress(URL).resolve(src)).isEqualTo(url);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "<html amp><head></head>",
        "<html \u26a1 lang=en>",
        "<html amp4email>",
        "<meta charset=iso-2022-jp>",
        "<meta http-equiv=content-type content='text/html; charset=HZ-GB-2312'>",
      })
  void pagesOfAnotherKindAreLeftAlone(String beginning) {
    assertThat(rewritten(beginning + FOUR + FIXED)).isEqualTo(beginning + FOUR + FIXED);
  }

  @ParameterizedTest
  @CsvSource({
    "text/html,,true",
    "Text/HTML; charset=windows-1252,,true",
    "text/html; charset=UTF-16LE,,false",
    "text/html; charset=iso-2022-jp,,false",
    "application/xhtml+xml,,false",
    "text/html,'max-age=9, no-transform',false",
  })
  void rewritesOnlyHtmlThatMayBeChanged(String type, String control, boolean isPage) {
    Fields fields = Fields.of("Content-Type", type);
    if (control != null) {
      fields.addAll(Fields.of("Cache-Control", control));
    }
    assertThat(Assets.isPage(fields)).isEqualTo(isPage);
    assertThat(Assets.isPage(fields.addAll(Fields.of("Content-Encoding", "gzip")))).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "<!doctype html><html><head>|<meta charset=utf-8></head><body><p>",
        "<!doctype html><meta charset=utf-8>|<title>a</title><meta name=b content=c><p>",
        "<meta http-equiv=x-ua-compatible content=a>|<meta name=b><p>",
        "<meta http-equiv=content-security-policy content=\"default-src 'none'\"><meta name=a><p>",
        "<title>nothing to put it behind</title><p>",
        "<html><body><meta name=a><p>",
        "<html amp><head><meta charset=utf-8></head>",
        "<meta charset=iso-2022-jp><meta name=a>",
        "<!--<head>--><script>'<head>'</script><head>|<head>",
      })
  void aPageRegistersTheWorkerInFrontOfAllElse(String page) {
    Assets assets = new Assets(new Meters(), key -> {});
    Fields html = Fields.of("Content-Type", "text/html; charset=utf-8");
    byte[][] plain = {Ascii.octets(page.replace("|", ""))};
    assertThat(text(assets, html, plain)).isEqualTo(page.replace("|", ""));
    assets.registers(() -> true);
    assertThat(text(assets, html, plain)).isEqualTo(page.replace("|", ServiceWorker.LINE));
    Fields strict =
        Fields.of("Content-Type", "text/html; charset=a", "Content-Security-Policy", "script-src");
    assertThat(text(assets, strict, plain)).isEqualTo(page.replace("|", ""));
  }

  /// Browsers look for it in the first 1,024 octets.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "<head><title>t</title><meta charset=utf-8>|#<img src=/0.png>",
        "<head><meta http-equiv=Content-Type content='text/html; CHARSET=utf-8'>|#<img src=/0.png>",
        "<head><link rel=icon href=/i><meta charset=utf-8>|<img src=/0.png>",
        "<head><style>@layer a{}</style><meta charset=utf-8>|<img src=/0.png>",
        "<head><meta http-equiv=content-security-policy content=x><meta charset=a><img src=/0.png>",
        "<head><meta http-equiv=refresh content='9;/?charset=a'><meta name=a><img src=/0.png>",
        "<head><title>t</title></head><body><meta charset=utf-8><img src=/0.png>",
      })
  void nothingPushesThePagesWordOnItsEncodingAway(String page) throws Exception {
    Assets assets = new Assets(new Meters(), key -> {});
    assets.registers(() -> true);
    for (int i = 0; i < KeptPlaces.MAX_SIZES; i++) {
      byte[][] picture = {PictureReaderTest.image("png", 300 + i, 200)};
      assets.seen(
          "https://shop.test/" + i + ".png", Fields.of("Content-Type", "image/png"), picture);
    }
    StringBuilder more = new StringBuilder();
    for (int i = 1; i < KeptPlaces.MAX_SIZES; i++) {
      more.append("<img src=/").append(i).append(".png>");
    }
    byte[][] plain = {Ascii.octets(page.replaceAll("[|#]", "") + more)};
    String made = text(assets, Fields.of("Content-Type", "text/html"), plain);
    int place = page.indexOf('|');
    String before = place < 0 ? page.substring(0, page.indexOf("<img")) : page.substring(0, place);
    assertThat(made).startsWith(before + (place < 0 ? "<img" : ServiceWorker.LINE));
    assertThat(made.contains("@layer freshet{")).isEqualTo(page.contains("#"));
    String told = text(assets, Fields.of("Content-Type", "text/html; Charset=utf-8"), plain);
    assertThat(told).startsWith("<head>" + ServiceWorker.LINE + "<style>@layer freshet{");
  }

  @Test
  void urlsAndStylesWaitForThePagesWordOnItsEncodingToo() {
    String link = "<link rel=stylesheet href=/a.css>";
    String page = "<head>" + link + "<meta charset=utf-8>" + link;
    Names names =
        new Names() {
          @Override
          public String behind(String url, boolean isScript) {
            return "?freshet=aaaaaaaaaaaaaaaaaaaaaa";
          }

          @Override
          public byte @Nullable [][] content(String url) {
            return null;
          }
        };
    Assets assets = new Assets(new Meters(), key -> {});
    byte[][] plain = {Ascii.octets(page)};
    Fields html = Fields.of("Content-Type", "text/html");
    RewrittenPage made = Objects.requireNonNull(assets.stored("n", URL, html, false, names, plain));
    assertThat(Ascii.text(flat(made.content()), 0, flat(made.content()).length))
        .startsWith("<head>" + link + "<meta charset=utf-8>")
        .endsWith("/a.css?freshet=aaaaaaaaaaaaaaaaaaaaaa>");
  }

  private static String text(Assets assets, Fields response, byte[][] page) {
    RewrittenPage made =
        Objects.requireNonNull(assets.stored("n", URL, response, false, Names.NONE, page));
    assertThat(made.inserted().isNothing()).isEqualTo(Arrays.equals(flat(made.content()), page[0]));
    return Ascii.text(flat(made.content()), 0, flat(made.content()).length);
  }

  private static byte[] flat(byte[][] pieces) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (byte[] piece : pieces) {
      out.writeBytes(piece);
    }
    return out.toByteArray();
  }

  private static @Nullable Inserted inserted(Assets assets, Fields response, byte[][] page) {
    RewrittenPage made = assets.stored("name", URL, response, false, Names.NONE, page);
    return made == null ? null : made.inserted();
  }

  @Test
  void aStoredPageIsMadeAgainWhenItsPicturesWereSeen() throws Exception {
    List<String> better = new ArrayList<>();
    Assets assets = new Assets(new Meters(), better::add);
    Fields html = Fields.of("Content-Type", "text/html; charset=utf-8");
    byte[][] page = {Ascii.octets("<head></head><img src="), Ascii.octets("/p.png>")};
    assertThat(inserted(assets, html, page))
        .isEqualTo(new Inserted(0, 0, 0, 0, 0, List.of(), false));
    byte[][] picture = {PictureReaderTest.image("png", 300, 200)};
    assets.seen("https://shop.test/p.png", Fields.of("Content-Type", "image/png"), picture);
    assertThat(better).containsExactly("name");
    assets.seen("https://shop.test/p.png", Fields.of("Content-Type", "image/png"), picture);
    assertThat(better).as("told once").hasSize(1);
    assertThat(inserted(assets, html, page))
        .isEqualTo(new Inserted(0, 1, 1, 0, 0, List.of(), false));
    Fields strict = html.copy().addAll(Fields.of("Content-Security-Policy", "img-src *"));
    assertThat(inserted(assets, strict, page))
        .as("a policy may forbid the rule")
        .isEqualTo(new Inserted(0, 0, 1, 0, 0, List.of(), false));
  }

  @Test
  void thePlaceOfAnIconIsKeptTooThoughItIsNoneOfTheFirst() throws Exception {
    Assets assets = new Assets(new Meters(), key -> {});
    Fields html = Fields.of("Content-Type", "text/html; charset=utf-8");
    byte[][] picture = {PictureReaderTest.image("png", 34, 34)};
    assets.seen("https://shop.test/i.png", Fields.of("Content-Type", "image/png"), picture);
    byte[][] page = {Ascii.octets("<head></head>" + "<img src=/i.png>".repeat(9))};
    assertThat(inserted(assets, html, page))
        .isEqualTo(new Inserted(0, 9, 0, 0, 0, List.of(), false));
  }
}
