package dev.freshet.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.base.Rolls;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Queries as they were sent.
class QueryStringTest {
  private static final QueryString.Ignored TRACKING =
      new QueryString.Ignored(List.of("utm_*", "ref", "x*"));

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          ``                        | ``
          a=1                       | a=1
          ref                       | ``
          ref=                      | ``
          ref=1                     | ``
          ref=1&a=1                 | a=1
          a=1&ref=1                 | a=1
          a=1&ref=1&b=2             | a=1&b=2
          utm_source=a&b=2&utm_x    | b=2
          utm_=1&utm=2              | utm=2
          b=2&a=1&b=1               | b=2&a=1&b=1
          refer=1&pref=1&Ref=1      | refer=1&pref=1&Ref=1
          a=ref&b=utm_x=1           | a=ref&b=utm_x=1
          a&&b                      | a&&b
          ref&&b                    | b
          a&ref&                    | a&
          =1&ref=2                  | =1
          r%65f=1                   | r%65f=1
          x&xy=1&y                  | y
          """)
  void losesOnlyWhatIsIgnored(String query, String due) {
    assertThat(TRACKING.strip(query)).isEqualTo(due);
  }

  @Test
  void losesNothingOrEverything() {
    assertThat(new QueryString.Ignored(List.of()).strip("a=1&&b")).isEqualTo("a=1&&b");
    assertThat(new QueryString.Ignored(List.of("*")).strip("a=1&&b")).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          a=1            | a
          a              | a
          a=b=c          | a
          =1             | ``
          a+b=1          | `a b`
          a%20b          | `a b`
          %61%3D=1       | a=
          a%2Bb          | a+b
          %c3%A9=1       | \u00c3\u00a9
          %zz%6=1        | %zz%6
          %              | %
          %%36%31        | %61
          a=%62          | a
          """)
  void decodesNamesButNotTwice(String pair, String due) {
    assertThat(QueryString.nameOf(pair)).isEqualTo(due);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void stripsAsIfEachPairWereLookedAtAlone(long base) {
    Rolls rolls = new Rolls(Long.getLong("seed", base));
    List<String> pairs =
        List.of("a=1", "b", "ref=1", "ref", "utm_a=2", "utm_", "c=ref", "", "xx", "=ref", "utm");
    for (int i = 0; i < 20_000; i++) {
      List<String> all = new ArrayList<>();
      for (int n = rolls.between(0, 7); n > 0; n--) {
        all.add(rolls.oneOf(pairs));
      }
      String query = String.join("&", all);
      List<String> due =
          all.stream()
              .filter(p -> !p.isEmpty() && !p.matches("(ref|utm_[^=]*|x[^=]*)(=.*)?"))
              .toList();
      String stripped = TRACKING.strip(query);
      assertThat(QueryString.pairs(stripped))
          .as("seed %d, case %d, %s", rolls.seed(), i, query)
          .isEqualTo(due);
      assertThat(TRACKING.strip(stripped))
          .as("seed %d, %s", rolls.seed(), query)
          .isEqualTo(stripped);
    }
  }
}
