package dev.freshet.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.base.Rolls;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// `No-Vary-Search` (draft-ietf-httpbis-no-vary-search, sections 4 and 5).
class NoVarySearchTest {

  private static @Nullable NoVarySearch of(String... lines) {
    Fields fields = new Fields();
    for (String line : lines) {
      fields.add(FieldName.NO_VARY_SEARCH, line);
    }
    return NoVarySearch.of(fields);
  }

  static Stream<Arguments> rules() {
    return Stream.of(
        Arguments.of("key-order", new NoVarySearch(true, false, Set.of())),
        Arguments.of("key-order=?1, params=?0", new NoVarySearch(true, false, Set.of())),
        Arguments.of("params", new NoVarySearch(false, true, Set.of())),
        Arguments.of("params=?1;x=y, more=1", new NoVarySearch(false, true, Set.of())),
        Arguments.of("params=(\"a\" \"b\")", new NoVarySearch(false, false, Set.of("a", "b"))),
        Arguments.of("params, except=(\"x\")", new NoVarySearch(false, true, Set.of("x"))),
        Arguments.of("except=(\"x\"), params", new NoVarySearch(false, true, Set.of("x"))),
        Arguments.of("params, except=()", new NoVarySearch(false, true, Set.of())),
        Arguments.of("params=(\"a\"), key-order", new NoVarySearch(true, false, Set.of("a"))),
        Arguments.of(
            "params=(\"a+b\" \"c%20d\" \"%c3%A9\")",
            new NoVarySearch(false, false, Set.of("a b", "c d", "\u00c3\u00a9"))));
  }

  @ParameterizedTest
  @MethodSource("rules")
  void readsRules(String value, NoVarySearch due) {
    assertThat(of(value)).isEqualTo(due);
    assertThat(of(value.split(", "))).isEqualTo(due);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "unknown-key",
        "key-order=?0",
        "params=?0",
        "params=()",
        "key-order=\"not a boolean\"",
        "key-order=1",
        "key-order=()",
        "params=\"not a boolean or inner list\"",
        "params=a",
        "params=(not-a-string)",
        "params=(\"a\" b)",
        "params=(\"a\" 1), key-order",
        "params=(\"a\"), except=(\"x\")",
        "params=(), except=()",
        "params=?0, except=(\"x\")",
        "params, except=(not-a-string)",
        "params, except=(\"x\" y)",
        "params, except=\"not an inner list\"",
        "params, except=?1",
        "params, except",
        "except=(\"x\")",
        "except=()",
        "Params",
        "params,",
        "params=(\"a\""
      })
  void letsEverythingMatterWhenTheRuleIsUnsoundOrSaysNothing(String value) {
    assertThat(of(value)).isNull();
  }

  @Test
  void letsEverythingMatterWithoutARule() {
    assertThat(of()).isNull();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          key-order                | b=2&a=1&b=1       | a=1&b=2&b=1
          key-order                | a&&b&             | a&b
          key-order                | %62=1&a+c=2&a%20b | a%20b&a+c=2&%62=1
          params                   | a=1&b             | ``
          params=("a")             | a=1&b=2&a&c       | b=2&c
          params=("a")             | A=1&aa=2&b=a      | A=1&aa=2&b=a
          params=("a")             | %61=1&b           | b
          params=("a b")           | a+b=1&a%20b&a     | a
          params=("a+b")           | a+b=1&a%2Bb&a     | a%2Bb&a
          params=("%c3%a9")        | %C3%A9=1&e        | e
          params, except=("x")     | a=1&x=2&b&x       | x=2&x
          params, except=("%78")   | a=1&x=2           | x=2
          params, except=("y")     | a=1&x=2           | ``
          params=("a"), key-order  | c=1&a=2&b=3       | b=3&c=1
          """)
  void keepsWhatMatters(String rule, String query, String due) {
    NoVarySearch found = Objects.requireNonNull(of(rule));
    assertThat(found.normalise(query)).isEqualTo(due);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void isEqualForQueriesThatDifferInWhatDoesNotMatter(long base) {
    Rolls rolls = new Rolls(Long.getLong("seed", base));
    List<String> names = List.of("a", "b", "c", "%61", "d+e", "d%20e");
    for (int i = 0; i < 10_000; i++) {
      boolean anyOrder = rolls.chance(0.5);
      NoVarySearch rule = new NoVarySearch(anyOrder, rolls.chance(0.5), Set.of("a", "d e"));
      List<String> one = new ArrayList<>();
      List<String> other = new ArrayList<>();
      for (int n = rolls.between(0, 6); n > 0; n--) {
        String pair = rolls.oneOf(names) + "=" + rolls.between(0, 2);
        boolean isNamed = rule.names().contains(QueryString.nameOf(pair));
        if (isNamed == rule.allBut()) {
          one.add(pair);
          other.add(anyOrder ? placeFor(pair, other, rolls) : other.size(), pair);
        } else {
          one.add(rolls.between(0, one.size()), pair);
        }
      }
      assertThat(rule.normalise(String.join("&", one)))
          .as("seed %d, case %d, %s, %s and %s", rolls.seed(), i, rule, one, other)
          .isEqualTo(rule.normalise(String.join("&&", other) + "&"));
    }
  }

  /// Anywhere behind the last pair of that name: the order of equal names matters always.
  private static int placeFor(String pair, List<String> pairs, Rolls rolls) {
    int from = 0;
    for (int i = 0; i < pairs.size(); i++) {
      if (QueryString.nameOf(pairs.get(i)).equals(QueryString.nameOf(pair))) {
        from = i + 1;
      }
    }
    return rolls.between(from, pairs.size());
  }
}
