package dev.freshet.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.base.Rolls;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What a response selects on (RFC 9110, section 12.5.5; RFC 9111, section 4.1).
class VaryKeyTest {
  private static final FieldName OWN = FieldName.of("X-Own");

  private static VaryKey vary(String... lines) {
    Fields fields = new Fields();
    for (String line : lines) {
      fields.add(FieldName.VARY, line);
    }
    return VaryKey.parse(fields);
  }

  private static String normalised(FieldName name, String... lines) {
    Fields request = new Fields();
    for (String line : lines) {
      request.add(name, line);
    }
    return VaryKey.normalised(name, request);
  }

  private static String preferred(String value) {
    return VaryKey.preferredLanguage(Fields.of("Accept-Language", value));
  }

  @Test
  void namesEachFieldOnceInAlphabeticalOrder() {
    assertThat(vary("X-Own, cookie", "COOKIE ,, accept"))
        .isEqualTo(
            new VaryKey(false, List.of(FieldName.ACCEPT, FieldName.COOKIE, FieldName.of("x-own"))));
    assertThat(vary()).isEqualTo(new VaryKey(false, List.of()));
    assertThat(vary("", " , ")).isEqualTo(new VaryKey(false, List.of()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"*", "Cookie, *", "*, Cookie", " ,*", "Cookie,* "})
  void matchesNothingBehindAStar(String value) {
    assertThat(vary(value)).isEqualTo(new VaryKey(true, List.of()));
    assertThat(vary("Cookie", value)).isEqualTo(new VaryKey(true, List.of()));
  }

  /// No request has such a field, so all would be the same; what is meant can't be known.
  @ParameterizedTest
  @ValueSource(
      strings = {"Accept Cookie", "Accept; Cookie", "\"Cookie\"", "Cookie:", "(Cookie)", "\u00e4"})
  void matchesNothingBehindWhatIsNoName(String value) {
    assertThat(vary("Accept, " + value)).isEqualTo(new VaryKey(true, List.of()));
  }

  /// RFC 9111, section 4.1: a field that is absent matches only where it is absent again.
  @Test
  void tellsAbsentFromEmpty() {
    assertThat(normalised(OWN)).isEmpty();
    assertThat(normalised(OWN, "")).isNotEmpty();
    assertThat(normalised(OWN, ","))
        .isEqualTo(normalised(OWN, ""))
        .isEqualTo(normalised(OWN, "", ""));
    assertThat(normalised(OWN, "a")).isNotEqualTo(normalised(OWN, ""));
  }

  @Test
  void ignoresSpaceAndLinesOfListsButNothingElse() {
    String due = normalised(OWN, "a, b");
    assertThat(normalised(OWN, "a,b")).isEqualTo(due);
    assertThat(normalised(OWN, "a ,\tb,")).isEqualTo(due);
    assertThat(normalised(OWN, "a", "b")).isEqualTo(due);
    assertThat(normalised(OWN, "b, a")).isNotEqualTo(due);
    assertThat(normalised(OWN, "A, b")).isNotEqualTo(due);
    assertThat(normalised(OWN, "a b")).isNotEqualTo(due);
    assertThat(normalised(OWN, "\"a,b\"")).isNotEqualTo(normalised(OWN, "\"a, b\""));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          ``                               | ``
          gzip                             | gzip
          zstd, br, gzip                   | br, gzip, zstd
          gzip, deflate, br, zstd          | br, gzip, zstd
          GZip, BR                         | br, gzip
          x-gzip                           | gzip
          gzip, x-gzip, gzip               | gzip
          deflate, compress, identity      | ``
          *                                | ``
          gzip;q=0                         | ``
          gzip;q=0.000, br;q=0.001         | br
          gzip; q=0 , br ;Q=1.000          | br
          gzip;q=1, *;q=0                  | gzip
          gzip;q=0.5;foo=bar               | gzip
          gzip;foo=bar;q=0                 | ``
          gzip;q=                          | ``
          gzip;q=x                         | ``
          gzip;q=-1                        | ``
          gzip;q=7                         | gzip
          gzipped, xgzip, b r              | ``
          """)
  void knowsTheCodingsOfTheWeb(String value, String due) {
    assertThat(VaryKey.codings(value)).isEqualTo(due);
    assertThat(normalised(FieldName.ACCEPT_ENCODING, value)).isEqualTo(due);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          en                          | en
          EN-gb                       | en-gb
          de, en;q=0.5                | de
          en;q=0.5, de;q=0.6          | de
          en;q=0.1, de;q=0.05         | en
          en;q=0.123, de;q=0.124      | de
          en;q=0.9, de;q=1.000        | de
          de, en                      | ``
          en;q=0                      | ``
          ``                          | ``
          """)
  void knowsTheLanguageThatIsWantedMost(String value, String due) {
    assertThat(preferred(value)).isEqualTo(due);
  }

  @Test
  void wantsNoLanguageWithoutTheField() {
    assertThat(VaryKey.preferredLanguage(new Fields())).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void meansTheSameInWhateverOrderCaseAndSpace(long base) {
    Rolls rolls = new Rolls(Long.getLong("seed", base));
    List<String> codings = List.of("gzip", "br", "zstd", "deflate", "identity", "*");
    List<String> languages = List.of("en", "de", "en-gb", "fr", "*", "zh-hant-tw");
    List<String> weights = List.of("", "", ";q=0.5", ";q=0.501", ";q=0", ";q=1", ";q=0.25");
    for (int i = 0; i < 10_000; i++) {
      FieldName name = rolls.chance(0.5) ? FieldName.ACCEPT_LANGUAGE : FieldName.ACCEPT_ENCODING;
      List<String> all = name.equals(FieldName.ACCEPT_ENCODING) ? codings : languages;
      List<String> elements = new ArrayList<>();
      List<String> shuffled = new ArrayList<>();
      for (int n = rolls.between(0, 5); n > 0; n--) {
        String value = rolls.oneOf(all);
        String weight = rolls.oneOf(weights);
        elements.add(value + weight);
        String cased = rolls.chance(0.3) ? value.toUpperCase(Locale.ROOT) : value;
        String spaced = weight.replace(";", rolls.oneOf(List.of(";", " ; ", "; ", "\t;")));
        shuffled.add(rolls.between(0, shuffled.size()), cased + spaced);
      }
      @Nullable String one = normalised(name, String.join(",", elements));
      assertThat(normalised(name, String.join(rolls.oneOf(List.of(" , ", ",,", ", ")), shuffled)))
          .as("seed %d, case %d, %s and %s", rolls.seed(), i, elements, shuffled)
          .isEqualTo(one);
    }
  }
}
