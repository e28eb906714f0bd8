package dev.freshet.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.freshet.base.Rolls;
import org.junit.jupiter.api.Test;

/// Which pool size meets which wait, against what queueing theory knows.
class SizingTest {
  private static final long NANOS = 1_000_000;

  private static Sizing.Line line(Sizing sizing, int size) {
    return sizing.sizes().stream().filter(l -> l.size() == size).findFirst().orElseThrow();
  }

  @Test
  void saysNothingWhereNothingWasMeasured() {
    assertThat(Sizing.of(new Sizing.Log(), 20)).isEqualTo(Sizing.NONE);
  }

  @Test
  void playsBurstsAgainAsTheyCame() {
    Sizing.Log log = new Sizing.Log();
    for (int burst = 0; burst < 100; burst++) {
      for (int i = 0; i < 4; i++) {
        log.add(burst * 100L * NANOS, 10 * NANOS);
      }
    }
    Sizing sizing = Sizing.of(log, 4);
    assertThat(sizing.checkouts()).isEqualTo(400);
    assertThat(line(sizing, 1).waitP99Millis()).isEqualTo(30);
    assertThat(line(sizing, 2).waitP99Millis()).isEqualTo(10);
    assertThat(line(sizing, 4).waitP99Millis()).isZero();
    assertThat(line(sizing, 1).utilisation()).isCloseTo(0.4, within(0.01));
    // A wait of 10 ms is no longer than half of them hold their connection.
    assertThat(sizing.enough()).isEqualTo(2);
  }

  @Test
  void agreesWithErlangOnMemorylessArrivals() {
    Rolls rolls = new Rolls(20_261_126);
    Sizing.Log log = new Sizing.Log();
    double now = 0;
    for (int i = 0; i < 4_096; i++) {
      now += -Math.log(1 - rolls.nextDouble()) * NANOS;
      log.add((long) now, (long) (-Math.log(1 - rolls.nextDouble()) * 0.7 * NANOS));
    }
    // M/M/1 at 70 %: the wait is longer than t with probability 0.7 exp(-0.3 t / 0.7 ms), so that
    // half of them wait no longer than 0.785 ms. A run of this length comes within a third.
    assertThat(line(Sizing.of(log, 4), 1).waitP50Millis()).isCloseTo(0.785, within(0.26));
    assertThat(line(Sizing.of(log, 4), 2).waitP50Millis()).isZero();
  }

  @Test
  void keepsTheLastCheckouts() {
    Sizing.Log log = new Sizing.Log();
    for (int i = 0; i < 4_096; i++) {
      log.add(i, 1_000 * NANOS);
    }
    for (int i = 0; i < 4_096; i++) {
      log.add(i * 10L * NANOS, NANOS);
    }
    assertThat(Sizing.of(log, 1).enough()).isEqualTo(1);
    assertThat(Sizing.of(log.copy(), 1)).isEqualTo(Sizing.of(log, 1));
  }
}
