package dev.freshet.assets;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.base.Meters;
import dev.freshet.http.Fields;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Rewritten pages, read by another parser after they were sent.
@Timeout(60)
class PageCheckTest {
  private static final Fields HTML = Fields.of("Content-Type", "text/html; charset=utf-8");
  private static final String URL = "http://shop.test/p/17?x=1";
  private static final String NAME = "?freshet=" + "a".repeat(22);
  private static final String PAGE =
      "<!doctype html><head><link rel=stylesheet href=/a.css></head><body>text"
          + "<img src=/a.png width=300 height=300>".repeat(7);

  private final Assets assets = new Assets(new Meters(), name -> {});

  @AfterEach
  void close() {
    assets.close();
  }

  private String rewritten(String url, Names names) {
    return rewritten(url, names, false, HTML);
  }

  private String rewritten(String url, Names names, boolean isFull, Fields response) {
    byte[][] page = {PAGE.getBytes(StandardCharsets.UTF_8)};
    RewrittenPage made =
        Objects.requireNonNull(assets.stored("n", url, response, isFull, names, page));
    while (!assets.isChecked()) {
      Thread.onSpinWait();
    }
    StringBuilder out = new StringBuilder();
    for (byte[] piece : made.content()) {
      out.append(new String(piece, StandardCharsets.UTF_8));
    }
    return out.toString();
  }

  @Test
  void aPageThatIsRewrittenAsMeantIsRewrittenOn() {
    assertThat(rewritten(URL, (url, isScript) -> NAME)).contains(NAME, "loading=\"lazy\"");
    assertThat(assets.why(URL)).isNull();
    assertThat(assets.describe().toString()).contains("same=1").contains("different=0");
  }

  @Test
  void whatIsPutAtTheBeginningOfEveryPageIsNoDifference() {
    assets.registers(() -> true);
    assets.measures(() -> true);
    assertThat(rewritten(URL, (url, isScript) -> NAME))
        .contains(ServiceWorker.LINE + ShownPictures.LINE);
    assertThat(assets.why(URL)).isNull();
  }

  /// Here the rewriter is broken on purpose: what it puts into a URL ends the tag.
  @Test
  void aRewriterThatBreaksAPageIsTurnedOffForItsShapeUntilItIsTurnedOnAgain() {
    rewritten(URL, (url, isScript) -> "><b title=x");
    assertThat(assets.why(URL)).isEqualTo("tree");
    assertThat(assets.why("http://shop.test/p/18")).isEqualTo("tree");
    assertThat(assets.why("http://shop.test/q")).isNull();
    assertThat(assets.why("http://other.test/p/17")).isNull();
    assertThat(assets.describe().toString()).contains("different=1", "off={shop.test/p/*=tree}");
    assets.turn(true);
    assertThat(assets.why(URL)).isNull();
  }

  @Test
  void whereManyShapesGoWrongNoPageIsRewrittenAnyMore() {
    try (PageCheck few = new PageCheck(new Meters(), 2)) {
      goesWrong(few, "/a");
      goesWrong(few, "/b");
      goesWrong(few, "/b");
      assertThat(few.why("http://shop.test/a")).isEqualTo("tree");
      assertThat(few.why("http://shop.test/c")).as("as many as there may be").isNull();
      assertThat(few.describe()).containsEntry("allOff", false);
      goesWrong(few, "/c");
      for (String path : new String[] {"/a", "/c", "/never/seen"}) {
        assertThat(few.why("http://shop.test" + path)).as(path).isEqualTo("many");
      }
      assertThat(few.describe()).containsEntry("allOff", true);
      few.forget();
      assertThat(few.why("http://shop.test/a")).isNull();
      assertThat(few.describe()).containsEntry("allOff", false);
    }
  }

  private static void goesWrong(PageCheck check, String path) {
    PageCheck.Witness witness = Objects.requireNonNull(check.witness("http://shop.test" + path));
    witness.before("<p>a".getBytes(StandardCharsets.UTF_8));
    witness.after("<p><b>a".getBytes(StandardCharsets.UTF_8));
    witness.end();
    while (!check.isIdle()) {
      Thread.onSpinWait();
    }
  }

  @Test
  void aPageThatPassesInPiecesIsLookedAtToo() {
    PageRewriter passing =
        Objects.requireNonNull(assets.passing(URL, HTML, false, (url, isScript) -> "><p>"));
    for (byte octet : PAGE.getBytes(StandardCharsets.UTF_8)) {
      passing.feed(new byte[] {octet});
    }
    passing.end();
    while (!assets.isChecked()) {
      Thread.onSpinWait();
    }
    assertThat(assets.why(URL)).isEqualTo("tree");
  }

  @Test
  void onlyTheFirstPagesOfAShapeAreLookedAt() {
    for (int i = 0; i < 20; i++) {
      rewritten("http://shop.test/p/" + i, (url, isScript) -> NAME);
    }
    assertThat(assets.describe().toString()).contains("same=3");
  }

  @ParameterizedTest
  @CsvSource({
    "http://a.test/p/17/x?y=2, a.test/p/*/x",
    "https://a.test/, a.test/",
    "http://a.test/a-very-long-title-of-some-article, a.test/*",
    "http://a.test/products, a.test/products",
  })
  void pagesOfOneTemplateHaveOneShape(String url, String shape) {
    assertThat(PageCheck.shape(url)).isEqualTo(shape);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "<p>a|<p>b|text",
        "<p>a|<p>a<i>|tree",
        "<p>a|<p><b>a|tree",
        "<p title=x>a|<p title=y>a|attribute",
        "<p title=x>a|<p>a|attribute",
        "<p>a|<p loading=lazy>a|attribute",
        "<img>|<img loading=eager>|attribute",
        "<script src=/a>|<script src=/a?freshet=short>|attribute",
        "<script>a</script>|<script>b</script>|text",
        "<!--a-->|<!--b-->|text",
        "<p>a<p>b|<p>a|tree",
      })
  void whatDiffersHasAWord(String before, String after, String word) {
    assertThat(difference(before, after)).isEqualTo(word);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "<img src=a>|<img loading=lazy decoding=async fetchpriority=high data-freshet=3x4 src=a>",
        "<iframe src=a>|<iframe loading=lazy src=a>",
        "<img src=a>|<img data-freshet=3/4 src=a>",
        "<head>|<head><style>@layer freshet{:where(img){}}</style>",
        "<head> x|<head><script src=\"/.freshet/register.js\" async></script> x",
        "<head> x|<head><script src=\"/.freshet/shown.js\" async></script> x",
        "<link href=/a?b=1>|<link href=/a?b=1&amp;freshet=aaaaaaaaaaaaaaaaaaaaaa>",
        "<table><p>x|<table><p>x",
      })
  void whatIsMeantToBePutInIsNoDifference(String before, String after) {
    assertThat(difference(before, after)).isNull();
  }

  @Test
  void onlyItsOwnScriptThatEndsKeptPlacesIsMeantToBePutIn() {
    String kept = KeptPlaces.html(List.of(new Size(3, 4)));
    assertThat(difference("<head> x", "<head>" + kept + " x")).isNull();
    assertThat(difference("<head> x", "<head>" + kept.replace("!function", "function") + " x"))
        .isNotNull();
  }

  private static @Nullable String difference(String before, String after) {
    return PageComparison.difference(
        before.getBytes(StandardCharsets.UTF_8), after.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void whatAPageNeedsOfASheetIsPutInInFullOnlyAndIsMeant() {
    String far = ".far{top:0}".repeat(99);
    byte[] css = ("body{top:0}" + far).getBytes(StandardCharsets.UTF_8);
    Names names =
        new Names() {
          @Override
          public String behind(String url, boolean isScript) {
            return NAME;
          }

          @Override
          public byte[][] content(String url) {
            return new byte[][] {css};
          }
        };
    assertThat(rewritten(URL, names)).doesNotContain("critical");
    String full = rewritten(URL, names, true, HTML);
    assertThat(full)
        .contains(
            "<head><style data-freshet=\"critical\">body{top:0}</style><link media=\"print\""
                + " onload=\"this.media='all'\" data-freshet=\"critical\""
                + " rel=stylesheet href=/a.css"
                + NAME
                + "><noscript data-freshet=\"critical\"><link rel=\"stylesheet\" href=\"/a.css"
                + NAME
                + "\"></noscript></head>");
    assertThat(assets.why(URL)).isNull();
    assertThat(assets.describe().toString()).contains("different=0").contains("critical=1");
    Fields strict =
        Fields.of(
            "Content-Type", "text/html; charset=utf-8", "Content-Security-Policy", "img-src *");
    assertThat(rewritten(URL, names, true, strict)).doesNotContain("critical");
  }

  @Test
  void aSheetOfWhichNothingIsNeededHoldsNothingUp() {
    byte[] css = ".far{top:0}".getBytes(StandardCharsets.UTF_8);
    Names names =
        new Names() {
          @Override
          public String behind(String url, boolean isScript) {
            return NAME;
          }

          @Override
          public byte[][] content(String url) {
            return new byte[][] {css};
          }
        };
    assertThat(rewritten(URL, names, true, HTML))
        .contains("<head><link media=\"print\" onload=")
        .doesNotContain("<style");
    assertThat(assets.why(URL)).isNull();
  }
}
