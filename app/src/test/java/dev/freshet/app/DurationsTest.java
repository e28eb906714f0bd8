package dev.freshet.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.freshet.base.Trouble;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// How people write times.
class DurationsTest {

  @ParameterizedTest
  @CsvSource({
    "300ms, PT0.3S",
    "10s, PT10S",
    "5m, PT5M",
    "1h, PT1H",
    "1d, PT24H",
    "0s, PT0S",
    "' 7 s ', PT7S",
    "3660d, PT87840H"
  })
  void readsANumberWithItsUnit(String text, Duration meant) {
    assertThat(Durations.parse(text)).isEqualTo(meant);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "10", "s", "-1s", "1.5s", "10 seconds", "1h30m", "PT5S", "10S", "1w"})
  void refusesEverythingElseAndShowsTheForm(String text) {
    assertThatThrownBy(() -> Durations.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("'" + text + "' is not a duration; write it like 30s");
  }

  /// What is counted in nanoseconds would overflow.
  @ParameterizedTest
  @ValueSource(strings = {"3661d", "999999999d", "999999999h"})
  void refusesWhatNobodyWaitsFor(String text) {
    assertThatThrownBy(() -> Durations.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("more than ten years");
  }

  @Test
  void namesTheFlagThatIsWrong() {
    assertThatThrownBy(() -> Durations.flag("--drain", "soon"))
        .isInstanceOf(Trouble.Found.class)
        .hasMessage("--drain: 'soon' is not a duration; write it like 30s; correct the flag");
  }
}
