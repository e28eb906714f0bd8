package dev.freshet.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.freshet.base.Rolls;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Heads out of octets (RFC 9112, sections 2 to 5). In the tables `~` is CR LF, `^` LF, `!` CR, `@`
/// NUL and `_` a space.
class HeadReaderTest {
  private static final HeadReader.Bounds BOUNDS = new HeadReader.Bounds(20, 100);

  /// A request line and fields as read.
  private record Head(HeadReader.RequestLine line, Fields fields) {}

  private static Head read(byte[] octets, int from, int to) throws HeadReader.Refused {
    int[] next = new int[1];
    HeadReader.RequestLine line = HeadReader.requestLine(octets, from, to, BOUNDS, next);
    return new Head(line, HeadReader.fields(octets, next[0], to, BOUNDS));
  }

  private static Head read(String text) throws HeadReader.Refused {
    byte[] octets = Wire.octets(text);
    return read(octets, 0, octets.length);
  }

  private static @Nullable Head readOrNull(String text) {
    try {
      return read(text);
    } catch (HeadReader.Refused e) {
      return null;
    }
  }

  private static HeadReader.Refused refusal(String text) {
    return catchThrowableOfType(HeadReader.Refused.class, () -> read(text));
  }

  private static Fields fields(String text) throws HeadReader.Refused {
    byte[] octets = Wire.octets(text);
    return HeadReader.fields(octets, 0, octets.length, BOUNDS);
  }

  private static HeadReader.StatusLine status(String text) throws HeadReader.Refused {
    byte[] octets = Wire.octets(text + "\r\n");
    int[] next = new int[1];
    HeadReader.StatusLine out = HeadReader.statusLine(octets, 0, octets.length, next);
    assertThat(next[0]).isEqualTo(octets.length);
    return out;
  }

  @Test
  void readsARequestHead() throws HeadReader.Refused {
    Head head = read("GET /a?b=%20 HTTP/1.1\r\nhost: a\r\nX-Own:\t one two \t\r\nX-None:\r\n\r\n");
    assertThat(head.line())
        .isEqualTo(new HeadReader.RequestLine("GET", "/a?b=%20", Version.HTTP_1_1));
    assertThat(head.fields()).isEqualTo(Fields.of("Host", "a", "X-Own", "one two", "X-None", ""));
    assertThat(head.fields().name(0)).isSameAs(FieldName.HOST);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          M-SEARCH!#$%&'*+.^`  | * | HTTP/1.1
          get   | /                    | HTTP/1.0
          GETS  | /                    | HTTP/1.1
          GET   | http://a:80/b        | HTTP/1.1
          GET   | /"<>^`{}             | HTTP/1.1
          """)
  void takesMethodsAndTargetsAsTheyStand(String method, String target, String version)
      throws HeadReader.Refused {
    HeadReader.RequestLine line = read(method + " " + target + " " + version + "\r\n\r\n").line();
    assertThat(line.method()).isEqualTo(method);
    assertThat(line.target()).isEqualTo(target);
    assertThat(line.version().text()).isEqualTo(version);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          400 | GET / HTTP/1.1^Host: a^^
          400 | GET / HTTP/1.1~Host: a^~
          400 | GET / HTTP/1.1~Host: a!X: b~~
          400 | GET / HTTP/1.1~Host: a!!^~~
          400 | GET / HTTP/1.1~Host: a~_folded~~
          400 | GET / HTTP/1.1~_Host: a~~
          400 | GET / HTTP/1.1~Host : a~~
          400 | GET / HTTP/1.1~Ho st: a~~
          400 | GET / HTTP/1.1~: a~~
          400 | GET / HTTP/1.1~Host~~
          400 | GET / HTTP/1.1~X: a@b~~
          400 | GET / HTTP/1.1~X@: a~~
          400 | GET / HTTP/1.1~X: a\1b~~
          400 | GET / HTTP/1.1~X: a\13b~~
          400 | GET / HTTP/1.1~X: a\177b~~
          400 | GET / HTTP/1.1~X\u00e4: a~~
          400 | GET / HTTP/1.1~X(: a~~
          400 | GET / HTTP/1.1~Host: a~~more
          400 | GET / HTTP/1.1~Host: a~
          400 | GET / HTTP/1.1
          400 | ~
          400 | _/ HTTP/1.1~~
          400 | GET~~
          400 | GET_~~
          400 | GET /~~
          400 | GET__HTTP/1.1~~
          400 | GET__/ HTTP/1.1~~
          400 | GET /_HTTP/1.1_~~
          400 | GET /__HTTP/1.1~~
          400 | GET / a HTTP/1.1~~
          400 | GET /#a HTTP/1.1~~
          400 | GET /\\ HTTP/1.1~~
          400 | GET /@ HTTP/1.1~~
          400 | GET /\u00e4 HTTP/1.1~~
          400 | GET\t/ HTTP/1.1~~
          400 | G(T / HTTP/1.1~~
          400 | GET / http/1.1~~
          400 | GET / HTTP/11~~
          400 | GET / HTTP/1.1.~~
          400 | GET / HTTP/x.1~~
          400 | GET / HTTP/1.x~~
          400 | GET / HTTPS/1.1~~
          505 | GET / HTTP/2.0~~
          505 | GET / HTTP/0.9~~
          505 | GET / HTTP/1.2~~
          """)
  void refusesWhateverTwoParsersMightReadDifferently(int status, String head) {
    assertThat(refusal(Wire.drawn(head)).status()).isEqualTo(status);
  }

  @Test
  void refusesWhatIsBeyondItsBounds() throws HeadReader.Refused {
    String line = "X: 1\r\n";
    String start = "GET / HTTP/1.1\r\n";
    assertThat(read(start + line.repeat(20) + "\r\n").fields().size()).isEqualTo(20);
    assertThat(refusal(start + line.repeat(21) + "\r\n").status()).isEqualTo(431);
    assertThat(read("GET /" + "a".repeat(99) + " HTTP/1.1\r\n\r\n").line().target()).hasSize(100);
    assertThat(refusal("GET /" + "a".repeat(100) + " HTTP/1.1\r\n\r\n").status()).isEqualTo(414);
  }

  @ParameterizedTest
  @ValueSource(ints = {0x09, 0x20, 0x21, 0x7e, 0x80, 0xff})
  void letsVisibleAndObsoleteOctetsIntoValues(int octet) throws HeadReader.Refused {
    assertThat(fields("X: a" + (char) octet + "b\r\n\r\n").value(0))
        .isEqualTo("a" + (char) octet + "b");
  }

  @Test
  void letsNothingButTokensBeNames() {
    String allowed =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&'*+-.^_`|~";
    for (int c = 0; c < 256; c++) {
      String head = "a" + (char) c + "b: 1\r\n\r\n";
      Fields read = null;
      try {
        read = fields(head);
      } catch (HeadReader.Refused e) {
        assertThat(e.status()).isEqualTo(400);
      }
      boolean isName = read != null && read.name(0).text().equals("a" + (char) c + "b");
      assertThat(isName).as("octet %d in a name", c).isEqualTo(allowed.indexOf(c) >= 0);
      assertThat(read != null).as("octet %d", c).isEqualTo(isName || c == ':');
    }
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '"',
      value = {
        "HTTP/1.1 200 OK, 200, HTTP_1_1",
        "HTTP/1.0 404 Not Found, 404, HTTP_1_0",
        "\"HTTP/1.1 200 \", 200, HTTP_1_1",
        "HTTP/1.1 200, 200, HTTP_1_1",
        "HTTP/1.1 100 Continue, 100, HTTP_1_1",
        "HTTP/1.1 999 \u00e4, 999, HTTP_1_1"
      })
  void readsStatusLines(String line, int status, Version version) throws HeadReader.Refused {
    assertThat(status(line)).isEqualTo(new HeadReader.StatusLine(version, status));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "HTTP/1.1",
        "HTTP/1.1 20",
        "HTTP/1.1 20 OK",
        "HTTP/1.1 2000 OK",
        "HTTP/1.1 200OK",
        "HTTP/1.1 200\tOK",
        "HTTP/1.1 099 OK",
        "HTTP/1.1 -20 OK",
        "HTTP/1.1 2x0 OK",
        "HTTP/1.1  200 OK",
        "HTTP/1.1\t200 OK",
        "HTTP/2.0 200 OK",
        "HTTP/1.x 200 OK",
        "http/1.1 200 OK",
        "ICY 200 OK 12345",
        " HTTP/1.1 200 OK",
        "HTTP/1.1 200 O\nK",
        "HTTP/1.1 200 O\rK"
      })
  void refusesOtherStatusLines(String line) {
    assertThat(catchThrowableOfType(HeadReader.Refused.class, () -> status(line))).isNotNull();
  }

  @Test
  void findsTheEndWhereverTheHeadIsCut() {
    byte[] head = Wire.octets("GET / HTTP/1.1\r\nHost: a\r\nX: \ry\n\r\r\n\n\r\nZ: 1\r\n\r\nrest");
    int end = head.length - 4;
    assertThat(HeadReader.endOfHead(head, 0, head.length)).isEqualTo(end);
    for (int cut = 0; cut < end; cut++) {
      assertThat(HeadReader.endOfHead(head, 0, cut)).as("first %d octets", cut).isEqualTo(-1);
      assertThat(HeadReader.endOfHead(head, Math.max(0, cut - 3), head.length))
          .as("the rest behind %d octets", cut)
          .isEqualTo(end);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void findsTheFirstEmptyLineAsAPlainSearchDoes(long base) {
    Rolls rolls = new Rolls(Long.getLong("seed", base));
    for (int i = 0; i < 20_000; i++) {
      StringBuilder text = new StringBuilder();
      int pieces = rolls.between(0, 12);
      for (int p = 0; p < pieces; p++) {
        text.append(rolls.oneOf(List.of("\r\n", "\r", "\n", "x", "yy", "\r\n\r", "\n\r\n")));
      }
      byte[] octets = Wire.octets(text.toString());
      int due = text.indexOf("\r\n\r\n");
      int searched = 0;
      int found = -1;
      while (found < 0 && searched < octets.length) {
        int to = Math.min(octets.length, searched + rolls.between(1, 6));
        found = HeadReader.endOfHead(octets, Math.max(0, searched - 3), to);
        searched = to;
      }
      assertThat(found)
          .as("seed %d, case %d, %s", rolls.seed(), i, text)
          .isEqualTo(due < 0 ? -1 : due + 4);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void readsAHeadAlikeWhateverStandsAroundIt(long base) throws HeadReader.Refused {
    Rolls rolls = new Rolls(Long.getLong("seed", base));
    for (int i = 0; i < 2_000; i++) {
      String head = head(rolls);
      String before = rolls.text(rolls.between(0, 9), "\r\n :");
      byte[] octets = Wire.octets(before + head + rolls.text(rolls.between(0, 9), "\r\n :"));
      int from = before.length();
      int end = HeadReader.endOfHead(octets, from, octets.length);
      assertThat(end).as("seed %d, case %d", rolls.seed(), i).isEqualTo(from + head.length());
      assertThat(read(octets, from, end))
          .as("seed %d, case %d", rolls.seed(), i)
          .isEqualTo(read(head));
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void acceptsExactlyWhatTheGrammarAllows(long base) {
    Rolls rolls = new Rolls(Long.getLong("seed", base));
    int accepted = 0;
    for (int i = 0; i < 10_000; i++) {
      String head = rolls.chance(0.1) ? head(rolls) : Wire.damaged(head(rolls), rolls);
      Head due = byGrammar(head);
      accepted += due == null ? 0 : 1;
      assertThat(readOrNull(head)).as("seed %d, case %d, %s", rolls.seed(), i, head).isEqualTo(due);
    }
    assertThat(accepted).as("seed %d", rolls.seed()).isBetween(1_500, 9_000);
  }

  private static String head(Rolls rolls) {
    StringBuilder out = new StringBuilder();
    out.append(rolls.oneOf(List.of("GET", "POST", "GE", "GETT", "x-y")));
    out.append(" /").append(rolls.text(rolls.between(0, 12), "/?&=%.")).append(' ');
    out.append(rolls.oneOf(List.of("HTTP/1.1", "HTTP/1.0"))).append("\r\n");
    int lines = rolls.between(0, 6);
    for (int i = 0; i < lines; i++) {
      out.append(rolls.oneOf(List.of("Host", "cookie", "X-" + rolls.text(3, "-_"), "ETag")));
      out.append(':').append(rolls.oneOf(List.of("", " ", "\t", "  ")));
      out.append(rolls.text(rolls.between(0, 9), " ,;=\"\u00e4"));
      out.append(rolls.oneOf(List.of("", "", " ", "\t "))).append("\r\n");
    }
    return out.append("\r\n").toString();
  }

  private static final Pattern REQUEST_LINE =
      Pattern.compile("([!#$%&'*+.^_`|~0-9A-Za-z-]+) ([!-~&&[^#\\\\]]{1,100}) HTTP/1\\.([01])");
  private static final Pattern FIELD_LINE =
      Pattern.compile(
          "([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*((?:[!-~\u0080-\u00ff]"
              + "(?:[\t -~\u0080-\u00ff]*[!-~\u0080-\u00ff])?)?)[ \t]*");

  /// The head by regular expressions, which know nothing of octet positions.
  private static @Nullable Head byGrammar(String head) {
    if (!head.endsWith("\r\n\r\n")) {
      return null;
    }
    List<String> lines =
        new ArrayList<>(List.of(head.substring(0, head.length() - 4).split("\r\n", -1)));
    Matcher line = REQUEST_LINE.matcher(lines.removeFirst());
    if (!line.matches()) {
      return null;
    }
    Fields fields = new Fields();
    for (String text : lines) {
      Matcher field = FIELD_LINE.matcher(text);
      if (!field.matches()) {
        return null;
      }
      fields.add(FieldName.of(field.group(1)), field.group(2));
    }
    Version version = line.group(3).equals("1") ? Version.HTTP_1_1 : Version.HTTP_1_0;
    return new Head(new HeadReader.RequestLine(line.group(1), line.group(2), version), fields);
  }
}
