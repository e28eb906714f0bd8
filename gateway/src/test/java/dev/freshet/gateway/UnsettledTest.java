package dev.freshet.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class UnsettledTest {
  /// A transaction may last for hours, and each of its statements have a name of its own.
  @Test
  void forgetsWhatIsAnswered() {
    Unsettled names = new Unsettled();
    for (int round = 0; round < 10_000; round++) {
      names.said("s" + round, round, Math.max(0, round - 3));
    }
    assertThat(names.size()).isLessThan(100);
  }
}
