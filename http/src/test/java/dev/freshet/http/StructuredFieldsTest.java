package dev.freshet.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.base.Rolls;
import dev.freshet.http.StructuredFields.Member;
import dev.freshet.http.StructuredFields.Value;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Structured Fields (RFC 9651, section 4.2).
class StructuredFieldsTest {

  private static Arguments is(String text, Value value) {
    return Arguments.of(text, value);
  }

  static Stream<Arguments> items() {
    return Stream.of(
        is("0", new Value.Whole(0)),
        is("-0", new Value.Whole(0)),
        is("042", new Value.Whole(42)),
        is("-42", new Value.Whole(-42)),
        is("999999999999999", new Value.Whole(999_999_999_999_999L)),
        is("-999999999999999", new Value.Whole(-999_999_999_999_999L)),
        is("1.5", new Value.Fraction(1.5)),
        is("-0.125", new Value.Fraction(-0.125)),
        is("00.0", new Value.Fraction(0)),
        is("999999999999.999", new Value.Fraction(999_999_999_999.999)),
        is("\"\"", new Value.Text("")),
        is("\"a, b;c=(d)\"", new Value.Text("a, b;c=(d)")),
        is("\"\\\"\\\\\"", new Value.Text("\"\\")),
        is("\" ~\"", new Value.Text(" ~")),
        is("a", new Value.Token("a")),
        is("*", new Value.Token("*")),
        is("A1!#$%&'*+-.^_`|~:/", new Value.Token("A1!#$%&'*+-.^_`|~:/")),
        is("::", new Value.Octets("")),
        is(":aGVsbG8=:", new Value.Octets("aGVsbG8=")),
        is(":aGVsbG8:", new Value.Octets("aGVsbG8")),
        is(":+/A=:", new Value.Octets("+/A=")),
        is(":iZ==:", new Value.Octets("iZ==")),
        is("?0", new Value.Truth(false)),
        is("?1", new Value.Truth(true)),
        is("@1659578233", new Value.Moment(1_659_578_233)),
        is("@-1", new Value.Moment(-1)),
        is("%\"\"", new Value.Text("")),
        is("%\"f%c3%bc\\r 100%25%22\"", new Value.Text("f\u00fc\\r 100%\"")),
        is("()", new Value.Inner(List.of())),
        is("(  )", new Value.Inner(List.of())),
        is("( a  1 )", new Value.Inner(List.of(new Value.Token("a"), new Value.Whole(1)))),
        is(
            "(\"a\";x=1 b;y);z",
            new Value.Inner(List.of(new Value.Text("a"), new Value.Token("b")))),
        is("1;a;*b=2;c_-.*=\"d\";  e=?0", new Value.Whole(1)),
        is("1;a=1;a=2", new Value.Whole(1)));
  }

  @ParameterizedTest
  @MethodSource("items")
  void readsEveryType(String text, Value value) {
    assertThat(StructuredFields.list(text)).containsExactly(value);
    assertThat(StructuredFields.list("  " + text + " ,\t" + text + " \t"))
        .containsExactly(value, value);
    assertThat(StructuredFields.dictionary("k=" + text)).containsExactly(new Member("k", value));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "-",
        "--1",
        "+1",
        "1000000000000000",
        "-1000000000000000",
        "1.",
        ".1",
        "-.1",
        "1.1234",
        "1234567890123.1",
        "1..2",
        "1.2.3",
        "1e3",
        "0x1",
        "1a",
        "\u0661",
        "?",
        "?2",
        "?true",
        "?10",
        "@",
        "@a",
        "@1.5",
        "@ 1"
      })
  void refusesBrokenNumbersDatesAndBooleans(String text) {
    assertRefused(text);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"a",
        "\"a\\\"",
        "\"\\a\"",
        "\"\\",
        "\"a\tb\"",
        "\"\u007f\"",
        "\"\u00e4\"",
        "'a'",
        "a\"b\"",
        "\u00e4",
        "a\u00e4",
        "!",
        ":",
        ":a:",
        ":a===:",
        ":aGVsbG8=",
        ":aGVs bG8=:",
        ":aGVsbG8-:",
        ":aG=VsbG8:",
        ":====:",
        ":aGVs=:",
        ":aGV\u00e4:",
        ":aGVsbG8==:",
        "%",
        "%a",
        "%\"a",
        "%\"%\"",
        "%\"%2\"",
        "%\"%2",
        "%\"%C3%BC\"",
        "%\"%zz\"",
        "%\"%ff\"",
        "%\"%c3\"",
        "%\"%ed%a0%80\"",
        "%\"\u00fc\"",
        "%\"a\tb\""
      })
  void refusesBrokenTextsTokensAndOctets(String text) {
    assertRefused(text);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "(",
        "(a",
        "(a b",
        "(a,b)",
        "(a\tb)",
        "(a(b))",
        "(\"a\"\"b\")",
        ")",
        "a)",
        "1;",
        "1;A",
        "1;1",
        "1;a=",
        "1;a=(b)",
        "1 ;a",
        "1;a =1",
        "1;a= 1",
        "1;\ta",
        "1;;a",
        "1 2",
        "1;a b",
        ",",
        "1,",
        ",1",
        "1,,2",
        "1, ,2",
        "1\u00a0",
        "1\0",
        "\0"
      })
  void refusesBrokenListsAndParameters(String text) {
    assertRefused(text);
  }

  private static void assertRefused(String text) {
    assertThat(StructuredFields.list(text)).isNull();
    assertThat(StructuredFields.list("1, " + text)).isNull();
    assertThat(StructuredFields.dictionary("k=" + text)).isNull();
  }

  /// Behind a comma a tab is fine, in front of the first member it is not.
  @Test
  void startsWithSpacesOnly() {
    assertThat(StructuredFields.list("\t1")).isNull();
    assertThat(StructuredFields.list(" \t1")).isNull();
    assertThat(StructuredFields.dictionary("\ta")).isNull();
    assertThat(StructuredFields.list(" 1,\t2")).hasSize(2);
  }

  static Stream<Arguments> dictionaries() {
    Member on = new Member("a", new Value.Truth(true));
    return Stream.of(
        Arguments.of("", List.of()),
        Arguments.of("   ", List.of()),
        Arguments.of("a", List.of(on)),
        Arguments.of("a;x=1", List.of(on)),
        Arguments.of("a=?0", List.of(new Member("a", new Value.Truth(false)))),
        Arguments.of("a , b=1", List.of(on, new Member("b", new Value.Whole(1)))),
        Arguments.of("a,\tb=1 ", List.of(on, new Member("b", new Value.Whole(1)))),
        Arguments.of("*a1_-.*=x", List.of(new Member("*a1_-.*", new Value.Token("x")))),
        Arguments.of(
            "a=1, b=2, a=3",
            List.of(new Member("a", new Value.Whole(3)), new Member("b", new Value.Whole(2)))));
  }

  @ParameterizedTest
  @MethodSource("dictionaries")
  void readsDictionaries(String text, List<Member> members) {
    assertThat(StructuredFields.dictionary(text)).isEqualTo(members);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "A",
        "1",
        "_a",
        "-a",
        "=1",
        "a=",
        "a= 1",
        "a =1",
        "a,",
        ",a",
        "a,,b",
        "a b",
        "aB",
        "a=1;",
        "a;",
        "\ta",
        "a=(1",
        "a=1 b=2",
        "\"a\"",
        "\u00e4",
        "a\u00e4=1",
        "a=1,b,B=2"
      })
  void refusesBrokenDictionaries(String text) {
    assertThat(StructuredFields.dictionary(text)).isNull();
  }

  @Test
  void takesNothingForAnEmptyList() {
    assertThat(StructuredFields.list("")).isEmpty();
    assertThat(StructuredFields.list("   ")).isEmpty();
  }

  @Test
  void takesListsOfStringsWholeOrNotAtAll() {
    assertThat(StructuredFields.strings("\"a\", \"b c\";x")).containsExactly("a", "b c");
    assertThat(StructuredFields.strings("\"a\", b")).isEmpty();
    assertThat(StructuredFields.strings("\"a\", (\"b\")")).isEmpty();
    assertThat(StructuredFields.strings("\"a\", \"b")).isEmpty();
    assertThat(StructuredFields.strings("")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void givesBackWhatWasWritten(long base) {
    Rolls rolls = new Rolls(Long.getLong("seed", base));
    for (int i = 0; i < 5_000; i++) {
      List<Value> values = new ArrayList<>();
      List<String> texts = new ArrayList<>();
      Map<String, Value> members = new LinkedHashMap<>();
      List<String> pairs = new ArrayList<>();
      for (int n = rolls.between(0, 5); n > 0; n--) {
        Value value = rolls.chance(0.2) ? inner(rolls) : bare(rolls);
        String text = written(value, rolls) + parameters(rolls);
        values.add(value);
        texts.add(text);
        String key = rolls.oneOf(List.of("a", "b", "*c", "d-1"));
        members.put(key, value);
        pairs.add(key + "=" + text);
      }
      String comma = rolls.oneOf(List.of(",", ", ", " ,\t", ",  "));
      assertThat(StructuredFields.list(String.join(comma, texts)))
          .as("seed %d, case %d, %s", rolls.seed(), i, texts)
          .isEqualTo(values);
      List<Member> due = new ArrayList<>();
      members.forEach((key, value) -> due.add(new Member(key, value)));
      assertThat(StructuredFields.dictionary(String.join(comma, pairs)))
          .as("seed %d, case %d, %s", rolls.seed(), i, pairs)
          .isEqualTo(due);
    }
  }

  /// What is read from a damaged field is what that field says: written again it is read the same.
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void readsADamagedFieldWholeOrNotAtAll(long base) {
    Rolls rolls = new Rolls(Long.getLong("seed", base));
    int read = 0;
    for (int i = 0; i < 20_000; i++) {
      Value value = rolls.chance(0.2) ? inner(rolls) : bare(rolls);
      String text = Wire.damaged(written(value, rolls) + parameters(rolls), rolls);
      @Nullable List<Value> found = StructuredFields.list(text);
      if (found != null) {
        read++;
        List<String> again = found.stream().map(v -> written(v, rolls)).toList();
        assertThat(StructuredFields.list(String.join(", ", again)))
            .as("seed %d, case %d, %s", rolls.seed(), i, text)
            .isEqualTo(found);
        assertThat(StructuredFields.list(text + ",")).isNull();
      }
    }
    assertThat(read).as("seed %d", rolls.seed()).isBetween(2_000, 18_000);
  }

  private static Value inner(Rolls rolls) {
    List<Value> items = new ArrayList<>();
    for (int n = rolls.between(0, 3); n > 0; n--) {
      items.add(bare(rolls));
    }
    return new Value.Inner(items);
  }

  private static Value bare(Rolls rolls) {
    long number = rolls.nextLong() % 1_000_000_000_000_000L;
    return switch (rolls.between(0, 6)) {
      case 0 -> new Value.Whole(rolls.chance(0.5) ? number : number % 100);
      case 1 -> new Value.Fraction(rolls.between(-1_000_000, 1_000_000) / 1_000.0);
      case 2 -> new Value.Text(rolls.text(rolls.between(0, 8), " \"\\,;=()~%\u00e4\u20ac"));
      case 3 -> new Value.Token(rolls.oneOf(List.of("a", "Z", "*")) + rolls.text(3, ":/!#'.^|"));
      case 4 -> new Value.Octets(Base64.getEncoder().encodeToString(rolls.bytes(5)));
      case 5 -> new Value.Truth(rolls.chance(0.5));
      default -> new Value.Moment(number);
    };
  }

  private static String written(Value value, Rolls rolls) {
    return switch (value) {
      case Value.Whole(long number) -> Long.toString(number);
      case Value.Fraction(double number) -> String.format(Locale.ROOT, "%.3f", number);
      case Value.Text(String text) ->
          text.chars().allMatch(c -> c >= 0x20 && c < 0x7f) && rolls.chance(0.7)
              ? '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"'
              : displayed(text);
      case Value.Token(String text) -> text;
      case Value.Octets(String base64) -> ":" + base64 + ":";
      case Value.Truth(boolean on) -> on ? "?1" : "?0";
      case Value.Moment(long seconds) -> "@" + seconds;
      case Value.Inner(List<Value> items) -> {
        List<String> texts =
            items.stream().map(item -> written(item, rolls) + parameters(rolls)).toList();
        yield "(" + String.join(rolls.oneOf(List.of(" ", "  ")), texts) + ")";
      }
    };
  }

  private static String displayed(String text) {
    StringBuilder out = new StringBuilder("%\"");
    for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
      boolean isPlain = b >= 0x20 && b < 0x7f && b != '"' && b != '%';
      out.append(isPlain ? Character.toString(b) : String.format(Locale.ROOT, "%%%02x", b & 0xff));
    }
    return out.append('"').toString();
  }

  private static String parameters(Rolls rolls) {
    return rolls.oneOf(
        List.of("", "", "", ";a", ";a=1;b", "; c=\";\"", ";*=:YQ==:", ";d=%\"%22\""));
  }
}
