package dev.freshet.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.base.Rolls;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Elements of `Forwarded` (RFC 7239, section 4).
class ForwardedFieldTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          192.0.2.1        | a.example    | http  | for=192.0.2.1;host=a.example;proto=http
          192.0.2.1        | a:8080       | https | for=192.0.2.1;host="a:8080";proto=https
          2001:db8::1      | [::1]        | http  | for="[2001:db8::1]";host="[::1]";proto=http
          fe80::1%eth0     | a            | http  | for="[fe80::1]";host=a;proto=http
          192.0.2.1        | ``           | http  | for=192.0.2.1;host="";proto=http
          192.0.2.1        | a"b\\c       | http  | for=192.0.2.1;host="a\\"b\\\\c";proto=http
          """)
  void quotesWhatIsNoToken(String address, String host, String scheme, String due) {
    assertThat(ForwardedField.element(address, host, scheme)).isEqualTo(due);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          for=192.0.2.1;host=a.example;proto=https    | host=a.example;proto=https
          For="[::1]:80"; Proto=https;by=_x           | proto=https
          for=1.2.3.4, host="a:80";for=5.6.7.8        | host="a:80"
          for="x;host=no";proto=https                 | proto=https
          for=1.2.3.4                                 | ``
          proto=https;broken;host=a                   | proto=https
          """)
  void tellsHowWasAskedWithoutWhoAsked(String field, String due) {
    assertThat(ForwardedField.withoutNodes(field)).isEqualTo(due);
  }

  /// A host must not be able to add an element or a pair.
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void staysOneElementWhateverTheHost(long base) {
    Rolls rolls = new Rolls(Long.getLong("seed", base));
    for (int i = 0; i < 10_000; i++) {
      String host = rolls.text(rolls.between(0, 8), ",,,;;;===\"\"\"\\\\\\ :[]");
      String element = ForwardedField.element("192.0.2.1", host, "http");
      assertThat(FieldLists.split(element + ", next"))
          .as("seed %d, case %d, %s", rolls.seed(), i, host)
          .isEqualTo(List.of(element, "next"));
    }
  }
}
