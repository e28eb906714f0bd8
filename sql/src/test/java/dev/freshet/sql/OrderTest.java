package dev.freshet.sql;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.freshness.Comparison;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OrderTest {
  private static boolean mayTurn(
      Form form, Comparison.Sign sign, String value, String before, String after) {
    return Order.mayTurn(form, new Comparison(1, sign, value), before, after);
  }

  @ParameterizedTest
  @CsvSource(
      nullValues = "null",
      value = {
        "NUMBER, LESS, 10, 9, 2, false",
        "NUMBER, LESS, 10, 9, 10, true",
        "NUMBER, LESS, 10, 10, 11, false",
        "NUMBER, LESS, 10, 9.99, -3, false",
        "NUMBER, LESS, 10, 9.999, 10.00, true",
        "NUMBER, AT_MOST, 10, 9, 10.0, false",
        "NUMBER, AT_MOST, 10, 10, 10.001, true",
        "NUMBER, LESS, 10, 9, null, true",
        "NUMBER, LESS, 10, null, null, false",
        "NUMBER, LESS, 10, NaN, Infinity, false",
        "NUMBER, LESS, Infinity, NaN, 5, true",
        "NUMBER, LESS, 10, -Infinity, -5, false",
        "NUMBER, EQUAL, 10, 9, 11, false",
        "NUMBER, EQUAL, 10, 10.00, 10, false",
        "NUMBER, EQUAL, 10, 10, 9, true",
        "NUMBER, NULL, '', 10, 9, false",
        "NUMBER, NULL, '', 10, null, true",
        "NUMBER, LESS, 10, 1e3, 2000, true",
        "DATE, LESS, 2026-03-01, 2026-02-28, 2025-12-31, false",
        "DATE, LESS, 2026-03-01, 2026-02-28, 2026-03-01, true",
        "DATE, AT_MOST, 2026-03-01, infinity, 2026-03-02, false",
        "DATE, AT_MOST, 2026-03-01, -infinity, 0001-01-01, false",
        "TIMESTAMP, LESS, 2026-03-01T10:00:00.5, 2026-03-01 10:00:00, 2026-03-01 09:59:59.9, false",
        "TIMESTAMP, LESS, 2026-03-01T10:00:00.5, 2026-03-01 10:00:00, 2026-03-01 10:00:01, true",
        "INSTANT, LESS, 2026-03-01T10:00Z, 2026-03-01 09:59:59+00, 2026-03-01 18:30:00+09, false",
        "INSTANT, LESS, 2026-03-01T10:00Z, 2026-03-01 09:59:59+00, 2026-03-01 10:00:01+00, true",
        "INSTANT, AT_MOST, 2026-03-01T10:00:01Z, 2026-03-01 10:00:00+00, 2026-03-01 10:00:01+00,"
            + " false",
        "TEXT, EQUAL, paid, new, old, false",
        "TEXT, EQUAL, paid, new, paid, true",
        "TEXT, LESS, paid, new, old, true",
        "BOOLEAN, EQUAL, t, f, t, true",
        "NONE, EQUAL, 1, 2, 3, true",
      })
  void tellsWhetherAComparisonMayHaveAnotherResult(
      Form form, Comparison.Sign sign, String value, String before, String after, boolean turns) {
    assertThat(mayTurn(form, sign, value, before, after)).isEqualTo(turns);
    assertThat(mayTurn(form, sign, value, after, before)).isEqualTo(turns);
  }

  @Test
  void valuesAreOrderedAsPostgresOrdersThem() {
    List<String> numbers =
        List.of("-Infinity", "-10", "-9.5", "0", "0.001", "2", "10", "100000", "Infinity", "NaN");
    List<String> moments =
        List.of(
            "-infinity",
            "0001-01-01T00:00Z",
            "2026-03-01T09:59:59Z",
            "2026-03-01T10:00Z",
            "2026-03-01T10:00:00.000001Z",
            "2026-03-01T10:00:01Z",
            "2026-03-01T10:01Z",
            "infinity");
    for (int i = 0; i < numbers.size(); i++) {
      for (int k = 0; k < numbers.size(); k++) {
        assertThat(Integer.signum(Order.compare(Form.NUMBER, numbers.get(i), numbers.get(k))))
            .isEqualTo(Integer.compare(i, k));
      }
    }
    for (int i = 0; i < moments.size(); i++) {
      for (int k = 0; k < moments.size(); k++) {
        assertThat(Integer.signum(Order.compare(Form.INSTANT, moments.get(i), moments.get(k))))
            .isEqualTo(Integer.compare(i, k));
      }
    }
  }
}
