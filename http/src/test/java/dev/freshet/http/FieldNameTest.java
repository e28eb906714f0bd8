package dev.freshet.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.base.Rolls;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Field names compare without case (RFC 9110, section 5.1).
class FieldNameTest {
  private static final List<String> KNOWN =
      List.of("Host", "ETag", "TE", "Cache-Control", "Upgrade-Insecure-Requests", "DNT", "Via");

  private static FieldName ofOctets(String text) {
    byte[] octets = Wire.octets("xx" + text + "yy");
    return FieldName.of(octets, 2, octets.length - 2);
  }

  @ParameterizedTest
  @CsvSource({
    "host, Host",
    "HOST, Host",
    "etag, ETag",
    "Etag, ETag",
    "te, TE",
    "www-authenticate, WWW-Authenticate",
    "cdn-CACHE-control, CDN-Cache-Control",
    "dnt, DNT",
    "x-OWN, x-OWN"
  })
  void writesWellKnownNamesWithTheirUsualCapitals(String given, String text) {
    assertThat(FieldName.of(given).text()).isEqualTo(text);
    assertThat(ofOctets(given).text()).isEqualTo(text);
    assertThat(FieldName.of(given).lower()).isEqualTo(text.toLowerCase(Locale.ROOT));
    assertThat(FieldName.of(given).line()).isEqualTo(Wire.octets(text + ": "));
    assertThat(FieldName.of(given)).hasToString(text);
  }

  @Test
  void sharesWellKnownNames() {
    assertThat(FieldName.of("hOsT")).isSameAs(FieldName.HOST);
    assertThat(ofOctets("hOsT")).isSameAs(FieldName.HOST);
    assertThat(FieldName.of("x-own")).isEqualTo(ofOctets("X-OWN")).isNotSameAs(ofOctets("x-own"));
  }

  /// Bit 0x20 makes a letter's case, but other octets differ in it too.
  @ParameterizedTest
  @ValueSource(strings = {"Cache\rControl", "HosT\u0000", "H\u00efst", "HoSt\u0000", "Ho"})
  void takesNothingElseForAWellKnownName(String text) {
    assertThat(ofOctets(text).text()).isEqualTo(text);
    assertThat(FieldName.of(text).text()).isEqualTo(text);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void isEqualExactlyWhenTheLettersAre(long base) {
    Rolls rolls = new Rolls(Long.getLong("seed", base));
    for (int i = 0; i < 20_000; i++) {
      String one = rolls.chance(0.5) ? rolls.oneOf(KNOWN) : rolls.text(rolls.between(1, 3), "-");
      String other = rolls.chance(0.5) ? cased(one, rolls) : Wire.damaged(one, rolls);
      boolean isSame = one.equalsIgnoreCase(other);
      for (FieldName a : List.of(FieldName.of(one), ofOctets(one))) {
        for (FieldName b : List.of(FieldName.of(other), ofOctets(other))) {
          assertThat(a.equals(b)).as("seed %d, %s and %s", rolls.seed(), a, b).isEqualTo(isSame);
          assertThat(b.equals(a)).as("seed %d, %s and %s", rolls.seed(), a, b).isEqualTo(isSame);
          assertThat(!isSame || (a.hashCode() == b.hashCode() && a.bit() == b.bit()))
              .as("seed %d, %s and %s", rolls.seed(), a, b)
              .isTrue();
        }
      }
    }
  }

  @Test
  void findsEachOtherInSets() {
    Set<FieldName> names = new HashSet<>(List.of(FieldName.HOST, FieldName.of("X-Own")));
    assertThat(names).contains(ofOctets("host"), ofOctets("x-own"));
    assertThat(names).doesNotContain(FieldName.of("x-owner"));
  }

  private static String cased(String text, Rolls rolls) {
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      out.append(rolls.chance(0.5) ? Character.toUpperCase(c) : Character.toLowerCase(c));
    }
    return out.toString();
  }
}
