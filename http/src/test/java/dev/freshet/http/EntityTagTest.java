package dev.freshet.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.base.Rolls;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Entity tags (RFC 9110, section 8.8.3).
class EntityTagTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          W/"1" | W/"1" | false | true
          W/"1" | W/"2" | false | false
          W/"1" | "1"   | false | true
          "1"   | "1"   | true  | true
          "1"   | "2"   | false | false
          "a"   | "A"   | false | false
          ""    | ""    | true  | true
          ""    | "1"   | false | false
          "W/"  | "W/"  | true  | true
          "W/1" | W/"1" | false | false
          w/"1" | "1"   | false | false
          "a\\" | "a\\" | true  | true
          1     | 1     | true  | true
          1     | "1"   | true  | true
          "1    | "1"   | false | false
          """)
  void comparesStronglyAndWeakly(String a, String b, boolean strong, boolean weak) {
    assertThat(EntityTag.strongEquals(a, b)).isEqualTo(strong);
    assertThat(EntityTag.strongEquals(b, a)).isEqualTo(strong);
    assertThat(EntityTag.weakEquals(a, b)).isEqualTo(weak);
    assertThat(EntityTag.weakEquals(b, a)).isEqualTo(weak);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          "1"                 | "1"   | true
          "1"                 | W/"1" | true
          W/"1"               | "1"   | true
          "2", "1"            | "1"   | true
          "2","1","3"         | W/"1" | true
          ,, "2" ,\tW/"1",    | "1"   | true
          "2", "3"            | "1"   | false
          "1, 2"              | "1"   | false
          "1, 2"              | "2"   | false
          "1, 2"              | "1, 2"| true
          "0", "1, 2"         | "1, 2"| true
          "11"                | "1"   | false
          1                   | "1"   | true
          2, 1                | 1     | true
          ""                  | "1"   | false
          "", ""              | ""    | true
          *                   | "1"   | false
          """)
  void findsATagInAList(String list, String tag, boolean due) {
    assertThat(EntityTag.listMatchesWeakly(list, tag)).isEqualTo(due);
  }

  /// In a tag a backslash is an octet like any other; only quoted strings escape with it.
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          "a\\", "b"    | "b"   | true
          "a\\", "b"    | "a\\" | true
          "b", "a\\"    | "a\\" | true
          "a\\", "b,c"  | "c"   | false
          "\\\\", "b"   | "\\"  | false
          """)
  void takesABackslashAsItStands(String list, String tag, boolean due) {
    assertThat(EntityTag.listMatchesWeakly(list, tag)).isEqualTo(due);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void findsExactlyTheTagsThatAreListed(long base) {
    Rolls rolls = new Rolls(Long.getLong("seed", base));
    for (int i = 0; i < 10_000; i++) {
      List<String> tags = new ArrayList<>();
      StringBuilder list = new StringBuilder();
      for (int n = rolls.between(1, 5); n > 0; n--) {
        tags.add('"' + rolls.text(rolls.between(0, 2), ",,,\\\\\\!/") + '"');
        list.append(list.isEmpty() ? "" : rolls.oneOf(List.of(",", ", ", " ,, ")));
        list.append(rolls.chance(0.3) ? "W/" : "").append(tags.getLast());
      }
      String other = '"' + rolls.text(rolls.between(0, 2), ",,,\\\\\\!/") + '"';
      String tag = rolls.chance(0.5) ? rolls.oneOf(tags) : other;
      String given = rolls.chance(0.3) ? "W/" + tag : tag;
      assertThat(EntityTag.listMatchesWeakly(list.toString(), given))
          .as("seed %d, case %d, %s in %s", rolls.seed(), i, given, list)
          .isEqualTo(tags.contains(tag));
    }
  }
}
