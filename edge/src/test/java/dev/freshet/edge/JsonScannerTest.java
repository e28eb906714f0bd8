package dev.freshet.edge;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.freshet.base.Rolls;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The scanner takes what a JSON parser takes, and finds elements where one finds them.
class JsonScannerTest {
  private static final ObjectMapper JACKSON = new ObjectMapper();
  private static final JsonFactory TOKENS = new JsonFactory();
  private static final int CASES = 20_000;

  private static ListIndex index(byte[]... pieces) {
    return index("", "/id", pieces);
  }

  private static ListIndex index(String path, String key, byte[]... pieces) {
    return ListIndex.of(
        new Pieces(pieces), JsonPointer.parse(path), JsonPointer.parse(key), 1_000_000);
  }

  private static byte[] octets(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /// As a parser sees it that reads to the very end.
  private static boolean isJson(byte[] text) {
    try (JsonParser parser = TOKENS.createParser(text)) {
      int depth = 0;
      int roots = 0;
      for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
        roots += depth == 0 ? 1 : 0;
        depth += token.isStructStart() ? 1 : token.isStructEnd() ? -1 : 0;
      }
      return roots == 1;
    } catch (IOException e) {
      return false;
    }
  }

  private static boolean isTaken(byte[][] pieces) {
    JsonScanner scanner =
        new JsonScanner(
            new JsonScanner.Events() {
              @Override
              public void begin(int depth, long at, int octet) {}

              @Override
              public void end(int depth, long at) {}

              @Override
              public void name(int depth, long from, long to) {}
            });
    for (byte[] piece : pieces) {
      if (!scanner.read(piece)) {
        return false;
      }
    }
    return scanner.end();
  }

  @Test
  void takesWhatAParserTakes() {
    Rolls rolls = new Rolls(System.nanoTime());
    JsonTexts texts = new JsonTexts(rolls);
    int sound = 0;
    for (int i = 0; i < CASES; i++) {
      byte[] text = octets(texts.space() + texts.value(4) + texts.space());
      byte[] shown = rolls.chance(0.3) ? text : texts.spoilt(text);
      boolean isJson = isJson(shown);
      sound += isJson ? 1 : 0;
      assertThat(isTaken(texts.pieces(shown)))
          .as("seed %d: %s", rolls.seed(), new String(shown, StandardCharsets.UTF_8))
          .isEqualTo(isJson);
    }
    assertThat(sound).as("seed %d", rolls.seed()).isBetween(CASES / 4, CASES - CASES / 10);
  }

  @Test
  void findsElementsWhereAParserFindsThem() throws IOException {
    Rolls rolls = new Rolls(System.nanoTime());
    JsonTexts texts = new JsonTexts(rolls);
    for (int i = 0; i < CASES / 4; i++) {
      String list = texts.array(4);
      String around = rolls.oneOf(List.of("%s", "{\"x\": [1], \"a/b\": {\"i\": %s}, \"y\":{}}"));
      byte[] text = octets(around.formatted(list));
      byte[][] pieces = texts.pieces(text);
      Pieces content = new Pieces(pieces);
      ListIndex index = index(around.length() == 2 ? "" : "/a~1b/i", "/id", pieces);
      JsonNode tree = JACKSON.readTree(list);
      assertThat(index.isList()).isTrue();
      assertThat(index.size()).as("seed %d: %s", rolls.seed(), list).isEqualTo(tree.size());
      assertThat(text[index.open() - 1]).isEqualTo((byte) '[');
      assertThat(text[index.close()]).isEqualTo((byte) ']');
      for (int e = 0; e < index.size(); e++) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        content.copy(index.start(e), index.end(e), out);
        assertThat(JACKSON.readTree(out.toByteArray()))
            .as("seed %d: %s", rolls.seed(), list)
            .isEqualTo(tree.get(e));
        String element = out.toString(StandardCharsets.UTF_8);
        assertThat(element).isEqualTo(element.strip());
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "{}",
        "[1,]",
        "[,1]",
        "[1 2]",
        "[01]",
        "[1.]",
        "[.5]",
        "[+1]",
        "[1e]",
        "[nul]",
        "['a']",
        "[\"\n\"]",
        "[\"\\x\"]",
        "[\"\\u12g4\"]",
        "[1]]",
        "[1][2]",
        "[1",
        "{\"a\":[1]}",
        "\u00ef\u00bb\u00bf[1]",
        "[\"\u00ff\"]",
        "[\"\u00c0\u00af\"]",
        "[\"\u00ed\u00a0\u0080\"]"
      })
  void isNoList(String latin1) {
    assertThat(index(latin1.getBytes(StandardCharsets.ISO_8859_1)).isList()).isFalse();
  }

  @Test
  void goesNoDeeperThanItsLimit() {
    int most = JsonScanner.MAX_DEPTH;
    assertThat(index(octets("[".repeat(most) + "]".repeat(most))).isList()).isTrue();
    assertThat(index(octets("[".repeat(most + 1) + "]".repeat(most + 1))).isList()).isFalse();
  }

  @Test
  void keepsCountOfSoManyElementsAndNoMore() {
    JsonPointer none = JsonPointer.parse("");
    Pieces three = new Pieces(new byte[][] {octets("[1,2,3]")});
    assertThat(ListIndex.of(three, none, none, 3).size()).isEqualTo(3);
    assertThat(ListIndex.of(three, none, none, 2).isTooLong()).isTrue();
  }

  @Test
  void aListThatStandsTwiceIsNone() {
    assertThat(index("/i", "/id", octets("{\"i\":[1],\"j\":[2]}")).size()).isEqualTo(1);
    assertThat(index("/i", "/id", octets("{\"i\":[1],\"i\":[2]}")).isList()).isFalse();
    assertThat(index("/i", "/id", octets("{\"\\u0069\":[1,2]}")).size()).isEqualTo(2);
    assertThat(index("/i", "/id", octets("{\"j\":{\"i\":[1]}}")).isList()).isFalse();
  }

  @Test
  void elementsAreKnownByTheirKeysWhereEachHasOneOfItsOwn() {
    ListIndex keyed = index(octets("[{\"id\":1,\"n\":{\"id\":9}},{\"n\":0,\"id\":\"b\"}]"));
    assertThat(keyed.find(keyed.key(1))).isEqualTo(1);
    assertThat(keyed.find(keyed.key(0))).isZero();
    assertThat(keyed.find(17)).isEqualTo(-1);
    for (String other :
        new String[] {
          "[{\"id\":1},{\"id\":1}]",
          "[{\"id\":1},{\"n\":1}]",
          "[{\"id\":1},{\"id\":[2]}]",
          "[{\"id\":1},{\"id\":2,\"id\":3}]",
          "[{\"id\":1},7]"
        }) {
      assertThat(index(octets(other)).keys()).as(other).isNull();
    }
    ListIndex deep = index("", "/a/k", octets("[{\"a\":{\"k\":1}},{\"k\":5,\"a\":{\"k\":2}}]"));
    assertThat(deep.keys()).hasSize(2);
  }

  @Test
  void theVersionTellsOrderAndMembershipByKeysElseOctets() {
    long version = index(octets("[{\"id\":1,\"n\":1},{\"id\":2}]")).version();
    assertThat(index(octets("[ {\"id\":1,\"n\":7}, {\"id\":2}]")).version()).isEqualTo(version);
    assertThat(index(octets("[{\"id\":2},{\"id\":1}]")).version()).isNotEqualTo(version);
    assertThat(index(octets("[{\"id\":1}]")).version()).isNotEqualTo(version);
    assertThat(index(octets("[1,2]")).version()).isNotEqualTo(index(octets("[1,3]")).version());
  }
}
