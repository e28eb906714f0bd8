package dev.freshet.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// `Age` (RFC 9111, section 5.1); its overflow is in [CacheDirectivesTest].
class AgeFieldTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          0        | 0
          60       | 60
          0060     | 60
          60, 70   | 60
          60,x     | 60
          60 , 70  | 60
          """)
  void countsTheFirstValue(String value, long due) {
    assertThat(AgeField.parse(Fields.of("Age", value))).isEqualTo(due);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ",", "x", "x, 60", "-60", "+60", "6.5", "6 0", "\"60\"", "60s"})
  void ignoresWhatItCannotRead(String value) {
    assertThat(AgeField.parse(Fields.of("Age", value))).isZero();
  }

  @Test
  void countsTheFirstLine() {
    assertThat(AgeField.parse(Fields.of("Age", "60", "Age", "70"))).isEqualTo(60);
    assertThat(AgeField.parse(Fields.of("Via", "60"))).isZero();
  }
}
