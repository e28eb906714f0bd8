package dev.freshet.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.freshet.base.Rolls;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Chunked transfer coding (RFC 9112, section 7.1). In the tables `~` is CR LF, `^` LF, `!` CR, `@`
/// NUL and `_` a space.
@SuppressWarnings("StringConcatToTextBlock")
class ChunkedReaderTest {
  private static final HeadReader.Bounds BOUNDS = new HeadReader.Bounds(20, 100);

  /// What was read up to the end of the message, and how many octets that took.
  private record Message(String content, Fields trailers, int length) {}

  /// Null when the octets end before the message does.
  private static @Nullable Message read(List<byte[]> pieces) throws HeadReader.Refused {
    ChunkedReader reader = new ChunkedReader(BOUNDS);
    StringBuilder content = new StringBuilder();
    int length = 0;
    for (byte[] piece : pieces) {
      int at = 0;
      while (at < piece.length && !reader.isDone()) {
        int next = reader.next(piece, at, piece.length);
        assertThat(next).isGreaterThan(at);
        content.append(Wire.text(piece, reader.dataFrom(), reader.dataTo()));
        at = next;
      }
      length += at;
    }
    return reader.isDone() ? new Message(content.toString(), reader.trailers(), length) : null;
  }

  private static @Nullable Message read(String text) throws HeadReader.Refused {
    return read(List.of(Wire.octets(text)));
  }

  /// As [#read], by the other way: octet by octet but for the content.
  private static @Nullable Message readByOctet(byte[] octets, Rolls rolls)
      throws HeadReader.Refused {
    ChunkedReader reader = new ChunkedReader(BOUNDS);
    StringBuilder content = new StringBuilder();
    int at = 0;
    while (at < octets.length && !reader.isDone()) {
      int pending = (int) Math.min(reader.pending(), octets.length - at);
      if (pending > 0) {
        int taken = rolls.between(0, pending);
        reader.took(taken);
        content.append(Wire.text(octets, at, at + taken));
        at += taken;
      } else {
        reader.accept(octets[at++]);
      }
    }
    return reader.isDone() ? new Message(content.toString(), reader.trailers(), at) : null;
  }

  private static Fields trailersOf(String text) throws HeadReader.Refused {
    return Objects.requireNonNull(read(text)).trailers();
  }

  private static HeadReader.Refused refusal(String text) {
    return Objects.requireNonNull(
        catchThrowableOfType(HeadReader.Refused.class, () -> read(text)), "not refused");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          0~~                              |
          5~hello~0~~                      | hello
          5~hello~3~you~000~~              | helloyou
          0000000000005~hello~0~~          | hello
          A~0123456789~0~~                 | 0123456789
          a~0123456789~0~~                 | 0123456789
          5;a=b~hello~0;c~~                | hello
          5_;_a_=_"b;~hello~0~~            | hello
          5__~hello~0_~~                   | hello
          5;~hello~0~~                     | hello
          5;\u00e4~hello~0~~               | hello
          5;\ta~hello~0~~                  | hello
          2~~~0~~                          | ~
          a~0~~0~~~0~~                     | 0~~0~~
          """)
  void readsContentAndDropsExtensions(String text, @Nullable String content)
      throws HeadReader.Refused {
    String octets = Wire.drawn(text);
    assertThat(read(octets + "GET /"))
        .isEqualTo(
            new Message(content == null ? "" : Wire.drawn(content), new Fields(), octets.length()));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "~",
        "^",
        "_5~hello~0~~",
        "\t5~",
        ";a~",
        "g~",
        "-5~",
        "+5~",
        "0x5~",
        "5h~",
        "5.~",
        "@~",
        "\u00b5~",
        "\u00ff~",
        "5^hello",
        "5!hello",
        "5!!^",
        "5_^",
        "5_5~",
        "5_a=b~",
        "5\tg~",
        "5_;^",
        "5;a^hello",
        "5;a!b~hello",
        "5;a\"^\"~hello",
        "5;@~",
        "5;\u0001~",
        "5;\u007f~",
        "5~helloX",
        "5~hello^",
        "5~hello!!",
        "5~hello!0",
        "5~hello0~~",
        "4~hello~",
        "1000000000000000~",
        "ffffffffffffffff~",
        "0000000000000005~",
        "10000000000000000000005~",
        "0~^",
        "0~X: 1^",
        "0~X: 1^~",
        "0~^~",
        "0~X : 1~~",
        "0~X: 1~_2~~",
        "0~X~~",
        "0~: 1~~",
        "0~X: a!b~~",
        "0~X: @~~",
        "0~!X: 1~~"
      })
  void refusesWhateverTwoParsersMightReadDifferently(String text) {
    assertThat(refusal(Wire.drawn(text)).status()).isEqualTo(400);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "5", "5~", "5~hell", "5~hello", "5~hello~", "0", "0~", "0~!", "0~X: 1~", "f;"})
  void isNotDoneBeforeTheEnd(String text) throws HeadReader.Refused {
    assertThat(read(Wire.drawn(text))).isNull();
  }

  @Test
  void refusesWhatIsBeyondItsBounds() throws HeadReader.Refused {
    assertThat(read("0;" + "a".repeat(4_096) + "\r\n\r\n")).isNotNull();
    assertThat(refusal("0;" + "a".repeat(4_097)).status()).isEqualTo(400);
    assertThat(refusal("0 " + " ".repeat(4_097)).status()).isEqualTo(400);
    assertThat(refusal("0" + " ".repeat(3_000) + ";" + "a".repeat(3_000)).status()).isEqualTo(400);

    assertThat(trailersOf("0\r\n" + "X: 1\r\n".repeat(20) + "\r\n").size()).isEqualTo(20);
    assertThat(refusal("0\r\n" + "X: 1\r\n".repeat(21) + "\r\n").status()).isEqualTo(431);
    assertThat(read("0\r\nX: " + "a".repeat(16_377) + "\r\n\r\n")).isNotNull();
    assertThat(refusal("0\r\nX: " + "a".repeat(16_378) + "\r\n\r\n").status()).isEqualTo(431);
    assertThat(refusal("0\r\n" + "a".repeat(16_385)).status()).isEqualTo(431);
  }

  /// RFC 9112, section 7.1.1: else a little content could carry extensions without end.
  @ParameterizedTest
  @ValueSource(strings = {";", " "})
  void refusesExtensionsAndPaddingThatOutgrowTheContent(String start) throws HeadReader.Refused {
    String sixtyFour = ("1" + start + " ".repeat(1_024) + "\r\n.\r\n").repeat(64);
    String last = "0" + start + " ".repeat(64);
    assertThat(read(sixtyFour + last + "\r\n\r\n")).isNotNull();
    assertThat(refusal(sixtyFour + last + " \r\n\r\n").status()).isEqualTo(400);
  }

  @Test
  void paddingIsNoMatterWhereThereIsContentForIt() throws HeadReader.Refused {
    String chunk = "10     ;a\r\n0123456789abcdef\r\n";
    assertThat(read(chunk.repeat(20_000) + "0\r\n\r\n")).isNotNull();
  }

  @Test
  void countsTheLargestSizeItTakes() throws HeadReader.Refused {
    ChunkedReader reader = new ChunkedReader(BOUNDS);
    byte[] size = Wire.octets("fffffffffffffff\r\n");
    assertThat(reader.next(size, 0, size.length)).isEqualTo(size.length);
    assertThat(reader.pending()).isEqualTo((1L << 60) - 1);
    reader.took((1L << 60) - 2);
    assertThat(reader.pending()).isEqualTo(1);
  }

  @Test
  void keepsOnlyTrailersThatMayBeTrailers() throws HeadReader.Refused {
    String text =
        "0\r\nX-Sum: 1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\nhost: b\r\n"
            + "Set-Cookie: a=b\r\nX-SUM: 2\r\nCache-Control: public\r\nAuthorization: x\r\n\r\n";
    assertThat(trailersOf(text)).isEqualTo(Fields.of("X-Sum", "1", "X-Sum", "2"));
  }

  @Test
  void takesNoMoreThanIsPending() throws HeadReader.Refused {
    ChunkedReader reader = new ChunkedReader(BOUNDS);
    reader.took(0);
    assertThatThrownBy(() -> reader.took(1)).isInstanceOf(IllegalArgumentException.class);
    for (byte b : Wire.octets("3\r\n")) {
      reader.accept(b);
      reader.took(0);
    }
    assertThat(reader.pending()).isEqualTo(3);
    assertThatThrownBy(() -> reader.took(4)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> reader.took(-1)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> reader.accept((byte) 'a')).isInstanceOf(IllegalStateException.class);
    reader.took(3);
    reader.took(0);
    assertThat(reader.pending()).isZero();
    for (byte b : Wire.octets("\r\n0\r\n\r\n")) {
      reader.accept(b);
    }
    assertThat(reader.isDone()).isTrue();
    byte[] more = Wire.octets("5\r\n");
    assertThat(reader.next(more, 0, more.length)).isZero();
  }

  @Test
  void readsTheSameWhereverTheOctetsAreCut() throws HeadReader.Refused {
    byte[] octets =
        Wire.octets(
            "5;a=\"b\"\r\nhel\r\n\r\n1a \t\r\nabcdefghijklmnopqrstuvwxyz\r\n"
                + "00\r\nX-A: 1\r\nX-B:\r\n\r\n");
    Message whole = read(List.of(octets));
    assertThat(whole).isNotNull();
    for (int cut = 0; cut <= octets.length; cut++) {
      for (int second = cut; second <= octets.length; second++) {
        List<byte[]> pieces =
            List.of(
                Wire.octets(Wire.text(octets, 0, cut)),
                Wire.octets(Wire.text(octets, cut, second)),
                Wire.octets(Wire.text(octets, second, octets.length)));
        assertThat(read(pieces)).as("cut at %d and %d", cut, second).isEqualTo(whole);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void givesBackWhatWasEncoded(long base) throws HeadReader.Refused {
    Rolls rolls = new Rolls(Long.getLong("seed", base));
    for (int i = 0; i < 1_000; i++) {
      byte[] raw = rolls.bytes(rolls.between(0, 300));
      String content = Wire.text(raw, 0, raw.length);
      Fields trailers = new Fields();
      for (int n = rolls.between(0, 3); n > 0; n--) {
        trailers.add(FieldName.of("X-" + rolls.text(4, "-")), rolls.text(rolls.between(0, 9), ""));
      }
      byte[] octets = Wire.octets(encoded(content, trailers, rolls));
      Message due = new Message(content, trailers, octets.length);
      assertThat(read(Wire.pieces(octets, rolls)))
          .as("seed %d, case %d", rolls.seed(), i)
          .isEqualTo(due);
      assertThat(readByOctet(octets, rolls)).as("seed %d, case %d", rolls.seed(), i).isEqualTo(due);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void acceptsExactlyWhatTheGrammarAllows(long base) {
    Rolls rolls = new Rolls(Long.getLong("seed", base));
    int accepted = 0;
    for (int i = 0; i < 5_000; i++) {
      Fields trailers = rolls.chance(0.5) ? new Fields() : Fields.of("X-A", rolls.text(5, " "));
      trailers = trailers.isEmpty() ? trailers : Fields.of("X-A", trailers.value(0).strip());
      String sound = encoded(rolls.text(rolls.between(0, 40), "\r\n0;"), trailers, rolls);
      String text = Wire.damaged(sound, rolls);
      Message due = byGrammar(text);
      accepted += due == null ? 0 : 1;
      Message found = null;
      try {
        found = read(Wire.pieces(Wire.octets(text), rolls));
      } catch (HeadReader.Refused e) {
        assertThat(e.status()).isEqualTo(400);
      }
      assertThat(found).as("seed %d, case %d, %s", rolls.seed(), i, text).isEqualTo(due);
    }
    assertThat(accepted).as("seed %d", rolls.seed()).isBetween(500, 4_500);
  }

  private static String encoded(String content, Fields trailers, Rolls rolls) {
    List<String> extensions =
        List.of("", "", "", ";a", " ; a=b", ";a=\"b, c\"", " ", "\t;x", ";" + rolls.text(9, "="));
    StringBuilder out = new StringBuilder();
    int at = 0;
    while (at < content.length()) {
      int n = Math.min(content.length() - at, rolls.between(1, 60));
      String size = Integer.toHexString(n);
      out.append("0".repeat(rolls.between(0, 2)))
          .append(rolls.chance(0.5) ? size.toUpperCase(Locale.ROOT) : size)
          .append(rolls.oneOf(extensions))
          .append("\r\n")
          .append(content, at, at + n)
          .append("\r\n");
      at += n;
    }
    out.append("0".repeat(rolls.between(1, 3))).append(rolls.oneOf(extensions)).append("\r\n");
    for (int i = 0; i < trailers.size(); i++) {
      out.append(trailers.name(i)).append(": ").append(trailers.value(i)).append("\r\n");
    }
    return out.append("\r\n").toString();
  }

  private static final Pattern SIZE_LINE =
      Pattern.compile("([0-9a-fA-F]{1,15})[ \t]*(?:;[\t -~\u0080-\u00ff]*)?");

  /// The message by plain text search; null when it is broken or not all there.
  private static @Nullable Message byGrammar(String text) {
    StringBuilder content = new StringBuilder();
    int at = 0;
    while (true) {
      int end = text.indexOf("\r\n", at);
      Matcher line = SIZE_LINE.matcher(end < 0 ? "" : text.substring(at, end));
      if (!line.matches()) {
        return null;
      }
      long size = Long.parseLong(line.group(1), 16);
      at = end + 2;
      if (size == 0) {
        return trailers(text, at, content.toString());
      }
      if (size > text.length() - at - 2 || !text.startsWith("\r\n", (int) (at + size))) {
        return null;
      }
      content.append(text, at, (int) (at + size));
      at += (int) size + 2;
    }
  }

  private static @Nullable Message trailers(String text, int at, String content) {
    int end = text.startsWith("\r\n", at) ? at : text.indexOf("\r\n\r\n", at) + 2;
    if (end < at) {
      return null;
    }
    byte[] section = Wire.octets(text.substring(at, end + 2));
    try {
      Fields fields = HeadReader.fields(section, 0, section.length, BOUNDS);
      return new Message(content, fields, end + 2);
    } catch (HeadReader.Refused e) {
      return null;
    }
  }
}
