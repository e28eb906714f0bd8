package dev.freshet.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.base.Rolls;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// `Cache-Control` (RFC 9111, section 5.2) and targeted fields (RFC 9213).
class CacheDirectivesTest {
  private static final String NOTHING = "";

  private static CacheDirectives parse(String... lines) {
    Fields fields = new Fields();
    for (String line : lines) {
      fields.add(FieldName.CACHE_CONTROL, line);
    }
    return CacheDirectives.parse(fields);
  }

  private static @Nullable CacheDirectives targeted(String... lines) {
    Fields fields = Fields.of("Cache-Control", "max-age=9");
    for (String line : lines) {
      fields.add(FieldName.CDN_CACHE_CONTROL, line);
    }
    return CacheDirectives.targeted(fields, FieldName.CDN_CACHE_CONTROL);
  }

  /// Everything that is set, in fixed order.
  private static String shown(CacheDirectives given) {
    List<String> out = new ArrayList<>();
    flag(out, "no-store", given.noStore());
    flag(out, "no-cache" + names(given.noCacheFields()), given.noCache());
    flag(out, "private" + names(given.privateFields()), given.isPrivate());
    flag(out, "public", given.isPublic());
    flag(out, "must-revalidate", given.mustRevalidate());
    flag(out, "proxy-revalidate", given.proxyRevalidate());
    flag(out, "must-understand", given.mustUnderstand());
    flag(out, "no-transform", given.noTransform());
    flag(out, "only-if-cached", given.onlyIfCached());
    flag(out, "immutable", given.isImmutable());
    number(out, "max-age", given.maxAge());
    number(out, "s-maxage", given.sMaxage());
    number(out, "min-fresh", given.minFresh());
    number(out, "stale-while-revalidate", given.staleWhileRevalidate());
    number(out, "stale-if-error", given.staleIfError());
    return String.join(" ", out);
  }

  private static void flag(List<String> out, String name, boolean isSet) {
    if (isSet) {
      out.add(name);
    }
  }

  private static void number(List<String> out, String name, long seconds) {
    flag(out, name + "=" + seconds, seconds != -1);
  }

  private static String names(Set<FieldName> names) {
    Set<String> sorted = new TreeSet<>();
    names.forEach(name -> sorted.add(name.lower()));
    return sorted.isEmpty() ? "" : "(" + String.join(",", sorted) + ")";
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      emptyValue = NOTHING,
      textBlock =
          """
          ``                                | ``
          , ,                               | ``
          max-age=60                        | max-age=60
          MAX-AGE=60, No-Store              | no-store max-age=60
          max-age="60"                      | max-age=60
          max-age=60,s-maxage=0             | max-age=60 s-maxage=0
          max-age=0060                      | max-age=60
          public,private,no-transform       | private public no-transform
          must-revalidate, proxy-revalidate | must-revalidate proxy-revalidate
          must-understand, no-store         | no-store must-understand
          only-if-cached, min-fresh=5       | only-if-cached min-fresh=5
          max-age=60, Immutable             | immutable max-age=60
          stale-while-revalidate=30         | stale-while-revalidate=30
          stale-if-error=30                 | stale-if-error=30
          no-store=maybe, public="yes"      | no-store public
          foo, bar=1, baz="no-store", x=y=z | ``
          xmax-age=60, max-age-x=60         | ``
          foo="max-age=5, \\"private", public | public
          """)
  void readsWhatItKnowsAndIgnoresTheRest(String value, String due) {
    assertThat(shown(parse(value))).isEqualTo(due);
  }

  /// Unreadable lifetimes have none (RFC 9111, section 4.2.1).
  @ParameterizedTest
  @ValueSource(
      strings = {
        "max-age",
        "max-age=",
        "max-age=\"\"",
        "max-age=-1",
        "max-age=+1",
        "max-age=1.5",
        "max-age=1e3",
        "max-age=0x10",
        "max-age=60s",
        "max-age=6 0",
        "max-age= 60",
        "max-age='60'",
        "max-age=\"60",
        "max-age=60\"",
        "max-age=\" 60\"",
        "max-age=\"6\\0\"",
        "max-age=\u0661",
        "max-age=\u00b2",
        "max-age=none"
      })
  void takesLifetimesItCannotReadForZero(String value) {
    assertThat(shown(parse(value))).isEqualTo("max-age=0");
  }

  @ParameterizedTest
  @CsvSource({
    "2147483647, 2147483647",
    "2147483648, 2147483648",
    "2147483649, 2147483648",
    "4294967297, 2147483648",
    "9223372036854775807, 2147483648",
    "9223372036854775808, 2147483648",
    "18446744073709551617, 2147483648",
    "99999999999999999999999999999999999999999999, 2147483648",
    "00000000000000000000000000000000000000000001, 1"
  })
  void countsUpToTwoToTheThirtyFirst(String digits, long due) {
    assertThat(parse("max-age=" + digits).maxAge()).isEqualTo(due);
    assertThat(parse("s-maxage=\"" + digits + "\"").sMaxage()).isEqualTo(due);
    assertThat(AgeField.parse(Fields.of("Age", digits))).isEqualTo(due);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          max-age=60, max-age=30   | max-age=30
          max-age=30, max-age=60   | max-age=30
          max-age=60, max-age=x    | max-age=0
          max-age, max-age=60      | max-age=0
          s-maxage=9, S-MAXAGE=8   | s-maxage=8
          no-store, no-store       | no-store
          """)
  void takesTheShortestOfRepeatedLifetimes(String value, String due) {
    assertThat(shown(parse(value))).isEqualTo(due);
    assertThat(shown(parse(value.split(", ")))).isEqualTo(due);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          no-cache="Set-Cookie"                  | no-cache(set-cookie)
          no-cache=Set-Cookie                    | no-cache(set-cookie)
          no-cache="a, B ,,a"                    | no-cache(a,b)
          no-cache="a", no-cache="b"             | no-cache(a,b)
          no-cache="a", no-cache                 | no-cache
          no-cache, no-cache="a"                 | no-cache
          no-cache=""                            | no-cache
          no-cache=                              | no-cache
          no-cache=" , "                         | no-cache
          no-cache="(a)"                         | no-cache
          no-cache="a                            | no-cache
          private="a, b", max-age=5              | private(a,b) max-age=5
          private="a", private                   | private
          private="a", no-cache="b"              | no-cache(b) private(a)
          Private = "a"                          | private
          """)
  void limitsNoCacheAndPrivateToFieldsWhenItCanReadThem(String value, String due) {
    assertThat(shown(parse(value))).isEqualTo(due);
  }

  @Test
  void letsNoBrokenLineHideTheOthers() {
    assertThat(shown(parse("foo=\"bar", "no-store"))).isEqualTo("no-store");
    assertThat(shown(parse("max-age=\"60, no-store, private")))
        .isEqualTo("no-store private max-age=0");
  }

  @Test
  void letsPragmaCountWhereThereIsNoCacheControl() {
    Fields pragma = Fields.of("Pragma", "foo, No-Cache");
    assertThat(CacheDirectives.ofRequest(pragma).noCache()).isTrue();
    assertThat(CacheDirectives.parse(pragma).noCache()).isFalse();
    pragma.add(FieldName.CACHE_CONTROL, "max-age=5");
    assertThat(shown(CacheDirectives.ofRequest(pragma))).isEqualTo("max-age=5");
    assertThat(CacheDirectives.ofRequest(Fields.of("Pragma", "cache")).noCache()).isFalse();
    assertThat(shown(CacheDirectives.ofRequest(new Fields()))).isEmpty();
  }

  @Test
  void tellsRequestsThatWantItFresher() {
    assertThat(parse("no-cache").narrows()).isTrue();
    assertThat(parse("max-age=0").narrows()).isTrue();
    assertThat(parse("min-fresh=1").narrows()).isTrue();
    assertThat(parse("max-stale=5, no-transform, only-if-cached").narrows()).isFalse();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      emptyValue = NOTHING,
      textBlock =
          """
          max-age=60                     | max-age=60
          max-age=60, max-age=90         | max-age=90
          max-age=60;foo=bar, public     | public max-age=60
          max-age=-5                     | max-age=0
          max-age=999999999999999        | max-age=2147483648
          no-store, s-maxage=0           | no-store s-maxage=0
          no-store=?0, private=?0        | ``
          private="a, b", no-cache=?1    | no-cache private(a,b)
          no-cache=""                    | no-cache
          foo=1.5, bar=(a b), baz        | ``
          must-understand, must-revalidate | must-revalidate must-understand
          proxy-revalidate               | proxy-revalidate
          max-age=60, immutable          | immutable max-age=60
          max-age=60, immutable=?0       | max-age=60
          stale-while-revalidate=1       | stale-while-revalidate=1
          stale-if-error=2               | stale-if-error=2
          """)
  void readsTargetedFieldsAsDictionaries(String value, String due) {
    CacheDirectives found = Objects.requireNonNull(targeted(value));
    assertThat(shown(found)).isEqualTo(due);
  }

  /// What permits is ignored, what forbids forbids all it can.
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      emptyValue = NOTHING,
      textBlock =
          """
          no-store, max-age=1.5                | no-store
          max-age="60", no-store               | no-store
          no-store, public=yes                 | no-store
          no-store, must-understand=1          | no-store
          s-maxage, max-age=60                 | max-age=60
          max-age=60, stale-while-revalidate=1.5, stale-if-error=a | max-age=60
          foo, max-age=1.5                     | ``
          max-age=60, private=Set-Cookie       | private max-age=60
          max-age=60, no-cache=("a")           | no-cache max-age=60
          max-age=60, no-store=1               | no-store max-age=60
          max-age=60, must-revalidate=a        | must-revalidate max-age=60
          max-age=60, proxy-revalidate=1.5     | proxy-revalidate max-age=60
          """)
  void oneDirectiveOfTheWrongTypeInATargetedFieldSpoilsNoOther(String value, String due) {
    CacheDirectives found = Objects.requireNonNull(targeted(value));
    assertThat(shown(found)).isEqualTo(due);
  }

  /// So that the next field counts (RFC 9213, section 2.1).
  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "  ",
        "max-age",
        "max-age=1.5",
        "max-age=60, max-age=1.5",
        "max-age=1.5, private=Set-Cookie",
        "max-age=\"60\"",
        "max-age=60s",
        "max-age=1000000000000000",
        "max-age=60,",
        "max-age=60,,public",
        "Max-Age=60",
        "max-age = 60",
        "no-store=1",
        "private=Set-Cookie",
        "no-cache=(\"a\")",
        "public, foo=\"bar"
      })
  void ignoresTargetedFieldsThatAreNoSoundDictionaries(String value) {
    assertThat(targeted(value)).isNull();
  }

  @Test
  void readsTargetedFieldsOverSeveralLines() {
    CacheDirectives found = Objects.requireNonNull(targeted("max-age=60", "public"));
    assertThat(shown(found)).isEqualTo("public max-age=60");
    assertThat(targeted("max-age=60", "")).isNull();
    assertThat(targeted()).isNull();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void meansTheSameInWhateverOrderCaseAndLines(long base) {
    Rolls rolls = new Rolls(Long.getLong("seed", base));
    for (int i = 0; i < 5_000; i++) {
      List<String> directives = new ArrayList<>();
      for (int n = rolls.between(1, 6); n > 0; n--) {
        directives.add(directive(rolls));
      }
      String due = shown(parse(String.join(",", directives)));
      List<String> shuffled = new ArrayList<>();
      for (String directive : directives) {
        String cased = rolls.chance(0.5) ? directive.toUpperCase(Locale.ROOT) : directive;
        shuffled.add(rolls.between(0, shuffled.size()), cased);
      }
      List<String> lines = new ArrayList<>(List.of(""));
      for (String directive : shuffled) {
        if (rolls.chance(0.4)) {
          lines.add("");
        }
        lines.add(lines.removeLast() + rolls.oneOf(List.of(", ", ",", " ,,")) + directive);
      }
      assertThat(shown(parse(lines.toArray(String[]::new))))
          .as("seed %d, case %d, %s and %s", rolls.seed(), i, directives, lines)
          .isEqualTo(due);
    }
  }

  /// Whatever else a response says, one more directive never makes it last longer.
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void neverLastsLongerForOneMoreLifetime(long base) {
    Rolls rolls = new Rolls(Long.getLong("seed", base));
    for (int i = 0; i < 5_000; i++) {
      String value = "max-age=" + rolls.between(0, 99) + ", " + directive(rolls);
      long before = parse(value).maxAge();
      String more = "max-age=" + rolls.text(rolls.between(0, 3), "\"\\= ");
      assertThat(parse(value, more).maxAge())
          .as("seed %d, case %d, %s and %s", rolls.seed(), i, value, more)
          .isBetween(0L, before);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void findsNoStoreHoweverDamagedTheRestIs(long base) {
    Rolls rolls = new Rolls(Long.getLong("seed", base));
    for (int i = 0; i < 5_000; i++) {
      String line = Wire.damaged(directive(rolls) + ", " + directive(rolls), rolls);
      String where = "seed " + rolls.seed() + ", case " + i + ", " + line;
      assertThat(parse("no-store", line).noStore()).as(where).isTrue();
      if (line.chars().filter(c -> c == '"').count() == 1) {
        assertThat(parse(line, "no-store").noStore()).as(where).isTrue();
      }
    }
  }

  private static String directive(Rolls rolls) {
    String lifetime =
        rolls.oneOf(List.of("max-age", "s-maxage", "stale-while-revalidate", "stale-if-error"));
    return switch (rolls.between(0, 5)) {
      case 0 -> lifetime + "=" + rolls.between(0, 100_000);
      case 1 -> lifetime + "=\"" + rolls.between(0, 100_000) + "\"";
      case 2 -> rolls.oneOf(List.of("no-cache", "private")) + rolls.oneOf(List.of("", "=\"a,b\""));
      case 3 -> rolls.oneOf(List.of("no-store", "public", "must-revalidate", "no-transform"));
      case 4 -> "x-" + rolls.text(4, "-") + "=\"" + rolls.text(3, ", =") + "\"";
      default -> lifetime + "=" + rolls.text(2, "");
    };
  }
}
