package dev.freshet.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.base.Rolls;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// List-based values (RFC 9110, section 5.6.1).
class FieldListsTest {

  /// Elements are parted by `;` in the table.
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      ignoreLeadingAndTrailingWhitespace = false,
      textBlock =
          """
          |
          ,|
           , ,\t,|
          a|a
           a\t|a
          a,b|a;b
          a , \tb,|a;b
          ,a,,b|a;b
          a b,c|a b;c
          "a,b",c|"a,b";c
          x="a,b" , c|x="a,b";c
          "a\\",b",c|"a\\",b";c
          "a\\\\",b|"a\\\\";b
          "","",a|"";"";a
          a\\,b|a\\;b
          "a|"a
          """)
  void splitsAtCommasOutsideQuotes(@Nullable String value, @Nullable String elements) {
    assertThat(FieldLists.split(value == null ? "" : value))
        .isEqualTo(elements == null ? List.of() : List.of(elements.split(";")));
  }

  /// Else one broken line would swallow the lines behind it, `no-store` and all.
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          x="a, no-store           | x="a;no-store
          ", a, b                  | ";a;b
          "a, b", "c, d            | "a, b";"c;d
          "a, b\\", c              | "a;b\\";c
          a, "                     | a;"
          a, "\\                   | a;"\\
          a, b="c"d", e            | a;b="c"d";e
          """)
  void hidesNothingBehindAQuoteThatIsNeverClosed(String value, String elements) {
    assertThat(FieldLists.split(value)).isEqualTo(List.of(elements.split(";")));
  }

  @Test
  void knowsTokens() {
    String allowed =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&'*+-.^_`|~";
    for (char c = 0; c < 512; c++) {
      assertThat(FieldLists.isToken("a" + c))
          .as("character %d", (int) c)
          .isEqualTo(allowed.indexOf(c) >= 0);
    }
    assertThat(FieldLists.isToken("")).isFalse();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void givesBackTheElementsThatWereJoined(long base) {
    Rolls rolls = new Rolls(Long.getLong("seed", base));
    List<String> kinds =
        List.of("a", "b=c", "d e", "\"f, g\"", "h=\"i\\\"j,\"", "\"\"", "k=\"\\\\\"", "W/\"l\"");
    for (int i = 0; i < 10_000; i++) {
      List<String> elements = new ArrayList<>();
      StringBuilder joined = new StringBuilder(rolls.oneOf(List.of("", " ", ",", " ,\t")));
      for (int n = rolls.between(0, 6); n > 0; n--) {
        elements.add(rolls.oneOf(kinds));
        joined.append(elements.getLast());
        joined.append(rolls.oneOf(n > 1 ? List.of(",", ", ", " ,", ",,\t,") : List.of("", " ,")));
      }
      assertThat(FieldLists.split(joined.toString()))
          .as("seed %d, case %d, %s", rolls.seed(), i, joined)
          .isEqualTo(elements);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void losesNoOctetButCommasAndSpace(long base) {
    Rolls rolls = new Rolls(Long.getLong("seed", base));
    for (int i = 0; i < 10_000; i++) {
      StringBuilder value = new StringBuilder();
      for (int n = rolls.between(0, 15); n > 0; n--) {
        value.append(rolls.oneOf(List.of("a", "bc", ",", ",", " ", "\t", "\"", "\\", "=")));
      }
      for (boolean escapes : new boolean[] {true, false}) {
        String left = String.join("", FieldLists.split(value.toString(), escapes));
        assertThat(bare(left))
            .as("seed %d, case %d, %s", rolls.seed(), i, value)
            .isEqualTo(bare(value.toString()));
      }
    }
  }

  private static String bare(String text) {
    return text.replaceAll("[, \t]", "");
  }
}
