package dev.freshet.assets;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.base.Rolls;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Document;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Tags are found where a browser finds them, wherever the pieces end, and nowhere else.
class HtmlScannerTest {
  private static final byte[] MARK = Ascii.octets(" data-mark=\"1\"");

  /// Bits of pages, sound and broken, that leave a reader in every one of its states.
  private static final List<String> BITS =
      List.of(
          "<img src=a>",
          "<IMG SRC='b'/>",
          "<img alt=\"a>b\" src=\"c\">",
          "<img\nalt='<img src=x>'>",
          "<img/src=d>",
          "<img =e>",
          "<img a=\"b\"c=d>",
          "<img alt= src=e>",
          "<img alt=>",
          "<img",
          "<img ",
          "<!-- <img> -->",
          "<!-->",
          "<!--->",
          "<!--",
          "-->",
          "--!>",
          "<!",
          "<!doctype html>",
          "<?php <img> ?>",
          "<![CDATA[ <img> ]]>",
          "<![CDATA[",
          "]]>",
          "</",
          "</>",
          "</ img>",
          "</p x='>'>",
          "<script>",
          "<script src=\"x\">",
          "</script>",
          "</script x>",
          "</scrip",
          "<!--<script>",
          "var a = '<img src=x>';",
          "<style>",
          "</style>",
          "<textarea>",
          "</textarea>",
          "<title>",
          "</title>",
          "<iframe src=f>",
          "</iframe>",
          "<svg>",
          "<svg/>",
          "</svg>",
          "<path d='M0 0'/>",
          "<desc>",
          "</desc>",
          "<foreignObject>",
          "</foreignObject>",
          "<math>",
          "<mi>",
          "</mi>",
          "</math>",
          "<div>",
          "</div>",
          "<p>",
          "</p>",
          "<table><tr><td>",
          "</table>",
          "<select>",
          "<option>",
          "</select>",
          "<template>",
          "</template>",
          "<noframes>",
          "</noframes>",
          "<xmp>",
          "</xmp>",
          "<font color=red>",
          "<a href=x>",
          "<",
          ">",
          "\"",
          "'",
          "=",
          "/",
          " ",
          "text & more",
          "\u00e4\u00a0");

  private static final class Marking {
    private final StringBuilder scripts = new StringBuilder();
    private final HtmlScanner scanner =
        new HtmlScanner(
            tag -> {
              if (tag.element() == Element.IMG) {
                tag.put(MARK);
              }
            },
            (data, from, to) -> scripts.append(Ascii.text(data, from, to)));
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    void feed(byte[] piece) {
      out.writeBytes(scanner.feed(piece));
    }

    String end() {
      out.writeBytes(scanner.end());
      return Ascii.text(out.toByteArray(), 0, out.size());
    }
  }

  private static String marked(String page) {
    Marking marking = new Marking();
    marking.feed(Ascii.octets(page));
    return marking.end();
  }

  private static String inPieces(String page, Rolls rolls, int longest) {
    byte[] octets = Ascii.octets(page);
    Marking marking = new Marking();
    int at = 0;
    while (at < octets.length) {
      int end = Math.min(octets.length, at + rolls.between(0, longest));
      marking.feed(Ascii.octets(page.substring(at, end)));
      at = end;
    }
    return marking.end();
  }

  private static String soup(Rolls rolls) {
    StringBuilder page = new StringBuilder();
    int bits = rolls.between(1, 25);
    for (int i = 0; i < bits; i++) {
      page.append(rolls.oneOf(BITS));
    }
    return page.toString();
  }

  @Test
  void theSameComesOutWhereverThePiecesEnd() {
    Rolls rolls = new Rolls(System.nanoTime());
    for (int i = 0; i < 4_000; i++) {
      String page = soup(rolls);
      String whole = marked(page);
      String as = "seed " + rolls.seed() + ": " + page;
      assertThat(inPieces(page, rolls, 1)).as(as).isEqualTo(whole);
      assertThat(inPieces(page, rolls, 9)).as(as).isEqualTo(whole);
      assertThat(whole.replace(" data-mark=\"1\"", "")).as(as).isEqualTo(page);
    }
  }

  /// What is put in is an attribute of an image to a parser that builds the tree, and changes
  /// nothing else.
  @Test
  void aParserFindsTheMarksInImagesOnly() {
    Rolls rolls = new Rolls(System.nanoTime());
    int marks = 0;
    for (int i = 0; i < 4_000; i++) {
      String page = soup(rolls);
      String whole = marked(page);
      Document before = Jsoup.parse(page);
      Document after = Jsoup.parse(whole);
      String as = "seed " + rolls.seed() + ": " + page + "\n" + whole;
      for (var image : after.select("img[data-mark]")) {
        image.removeAttr("data-mark");
        marks++;
      }
      before.outputSettings().prettyPrint(false);
      after.outputSettings().prettyPrint(false);
      assertThat(after.outerHtml()).as(as).isEqualTo(before.outerHtml());
    }
    assertThat(marks).isGreaterThan(1_000);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "<!-- <img> --><img ->",
        "<!--><img ->",
        "<!---><img ->",
        "<!-- a --!><img ->",
        "<!----!><img ->",
        "<!---!> <img> --><img ->",
        "<![CDATA[ > <img ->",
        "<svg><![CDATA[ <img ]]></svg><img ->",
        "<svg><title>a</title><style><![CDATA[ a > b {} ]]></style></svg><img ->",
        "<svg><foreignObject><p>a</p><img></foreignObject></svg><img ->",
        "<svg><path><p><img ->",
        "<math><mi>x</mi></math><img ->",
        "<script>'<img>'</script><img ->",
        "<script><!--<script>'<img>'</script><img></script><img ->",
        "<script><!-- <img> </script><img ->",
        "<script><!-- <script --></script><img ->",
        "<script><!--></script><img ->",
        "<script>x</scripty><img></script ><img ->",
        "<style><img></styl></style\n><img ->",
        "<textarea><img></textarea/><img ->",
        "<title><!--</title><img ->",
        "<noscript><img></noscript><img ->",
        "<iframe><img></iframe><img ->",
        "<template><img><template></template><img></template><img ->",
        "<select><option></select><img ->",
        "<p a='<img>' b=\"<img>\" c=<img ><img ->",
        "<?xml <img><img ->",
        "</ <img><img ->",
        "</p <img><img ->",
        "<a<img><img ->",
        "<img - src=a><IMG - /><img -/src=b>",
      })
  void tagsAreFoundWhereABrowserFindsThem(String page) {
    assertThat(marked(page.replace("<img -", "<img").replace("<IMG -", "<IMG")))
        .isEqualTo(
            page.replace("<img -", "<img data-mark=\"1\"")
                .replace("<IMG -", "<IMG data-mark=\"1\""));
  }

  /// The rest is left alone where its reading depends on what isn't known.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "<plaintext><img>",
        "<frameset><img>",
        "<select><textarea></select><img></textarea><img>",
        "<svg><![CDATA[ a > b ]]><img>",
        "<svg><textarea><img></textarea></svg><img>",
        "<svg><style><p></style></svg><img>",
        "<svg><font size=1><img>",
        "<svg><desc><div></desc><img>",
        "<svg><desc><script></desc></svg><img>",
        "a\u0000b<img>",
        "a\u001b$B<img>\u001b(B<img>",
        "<\u0000i\u0000m\u0000g\u0000>\u0000<img>",
      })
  void whatIsNotCertainEndsIt(String page) {
    assertThat(marked(page)).isEqualTo(page);
  }

  @ParameterizedTest
  @CsvSource({"0,true", "1,false"})
  void aTagBeyondTheLimitIsLeftAlone(int beyond, boolean isMarked) {
    String tag = "<img alt=\"" + "a".repeat(HtmlScanner.MAX_TAG + beyond - 12) + "\">";
    assertThat(tag).hasSize(HtmlScanner.MAX_TAG + beyond);
    String page = tag + "<img>";
    assertThat(marked(page).contains("<img data-mark=\"1\" alt")).isEqualTo(isMarked);
    assertThat(inPieces(page, new Rolls(1), 700)).isEqualTo(marked(page));
    assertThat(marked(page)).endsWith("<img data-mark=\"1\">");
  }

  @Test
  void holdsBackNothingButTheTagThatItReads() {
    List<String> got = new ArrayList<>();
    HtmlScanner scanner = new HtmlScanner(tag -> tag.put(MARK), (data, from, to) -> {});
    for (String piece : List.of("some text<", "img src=", "a>and", " <b", ">bold")) {
      byte[] out = scanner.feed(Ascii.octets(piece));
      got.add(Ascii.text(out, 0, out.length));
    }
    assertThat(got)
        .containsExactly(
            "some text", "", "<img data-mark=\"1\" src=a>and", " ", "<b data-mark=\"1\">bold");
  }

  @Test
  void tellsWhatStandsInScriptsAndNothingElse() {
    String page = "<p>a<style>b</style><script src=c>d < e</script>f<SCRIPT>g</SCRIPT><svg>h</svg>";
    for (int longest = 1; longest < 9; longest++) {
      Marking marking = new Marking();
      for (int at = 0; at < page.length(); at += longest) {
        marking.feed(Ascii.octets(page.substring(at, Math.min(page.length(), at + longest))));
      }
      assertThat(marking.scripts).asString().isEqualTo("d < e</script>g</SCRIPT>");
    }
  }
}
