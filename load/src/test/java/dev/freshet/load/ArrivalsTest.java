package dev.freshet.load;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.base.Rolls;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class ArrivalsTest {

  @Test
  void aConstantRateIsEven() {
    Arrivals plan = new Arrivals(500, 500, 1, 2);
    assertThat(plan.due(0)).isZero();
    assertThat(plan.due(250)).isEqualTo(500_000_000);
    assertThat((double) plan.due(1_000)).isCloseTo(2e9, Offset.offset(2.0));
    assertThat(plan.due(1_499)).isLessThan(3_000_000_000L);
    assertThat(plan.due(1_500)).isEqualTo(Long.MAX_VALUE);
  }

  /// However it rises or falls: arrivals come in order, as many as the mean of both ends says, and
  /// up to each moment as many as the area under the line.
  @Test
  void aRampBringsWhatItsAreaSays() {
    Rolls rolls = new Rolls(20_261_127);
    for (int i = 0; i < 200; i++) {
      Arrivals plan =
          new Arrivals(
              rolls.between(0, 300),
              rolls.between(1, 300),
              rolls.between(0, 3),
              rolls.between(1, 9));
      long n = 0;
      long last = -1;
      for (long due = plan.due(0); due != Long.MAX_VALUE; due = plan.due(++n)) {
        assertThat(due)
            .as("seed %d: %s, arrival %d", rolls.seed(), plan, n)
            .isGreaterThanOrEqualTo(last);
        last = due;
        double t = due / 1e9 - plan.warmUp();
        double before = plan.from() * (plan.warmUp() + Math.min(0, t));
        double slope = (plan.to() - plan.from()) / plan.lasting();
        double area = t <= 0 ? before : before + plan.from() * t + slope / 2 * t * t;
        assertThat(area).as("%s, arrival %d", plan, n).isCloseTo((double) n, Offset.offset(0.01));
      }
      double all = plan.from() * plan.warmUp() + (plan.from() + plan.to()) / 2 * plan.lasting();
      assertThat((double) n).isCloseTo(Math.ceil(all), Offset.offset(0.5));
    }
  }
}
