package dev.freshet.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.freshet.http.Fields;
import dev.freshet.load.StressStep.Target;
import dev.freshet.load.StressStep.Verdict;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;

final class StressBenchTest {
  private static final Target TARGET = new Target(500, 0.01);

  private static StressStep step(Figures figures) {
    Phase phase = Phase.constantRate(10, Duration.ZERO, Duration.ofSeconds(1));
    Histogram none = new Histogram(3);
    Measured measured =
        new Measured(phase, 1, figures, Map.of(), none, none, 0, 0, List.of(), false);
    return StressBench.step(10, 1, measured, Map.of());
  }

  private static Figures answered(int n) {
    Figures figures = new Figures();
    for (int i = 0; i < n; i++) {
      figures.arrived(true);
      figures.answered(1, 1, new Reply(200, Fields.of(), 9, 2, null), false);
    }
    return figures;
  }

  /// Who was never answered is in no throughput, so it must not be taken off that.
  @Test
  void goodAnswersAreCountedAndTimeoutsTakenOffOnce() {
    Figures figures = answered(5);
    for (int i = 0; i < 5; i++) {
      figures.late(1, 1);
    }
    assertThat(step(figures).perSecond()).isEqualTo(5);
    assertThat(step(figures).errorRatio()).isEqualTo(0.5);
  }

  @Test
  void whatCouldNotBeSentIsNoErrorOfTheTarget() {
    Figures figures = answered(10);
    figures.late(2_000_000_000, -1);
    assertThat(step(figures).errorRatio()).isZero();
    assertThat(step(figures).verdict(TARGET)).isEqualTo(Verdict.SLOW);
  }

  @Test
  void wantOfPortsHereMakesAStepUnsound() {
    Figures figures = answered(10);
    figures.lost(Dialler.NO_PORT);
    figures.lost(Dialler.NO_PORT);
    assertThat(step(figures).verdict(TARGET)).isEqualTo(Verdict.UNSOUND);
  }

  @Test
  void aStepThatCountedNothingIsNotGood() {
    assertThat(step(new Figures()).verdict(TARGET)).isEqualTo(Verdict.EMPTY);
  }

  /// Where a step ends early most of what it had asked for comes behind its end.
  @Test
  void whatComesASecondIsCountedByWhatCameMeanwhile() {
    Figures figures = answered(5);
    for (int i = 0; i < 15; i++) {
      figures.answered(1, 1, new Reply(200, Fields.of(), 9, 2, null), false);
    }
    assertThat(step(figures).readings().get(Bottleneck.MEGABYTES)).isCloseTo(45e-6, within(1e-12));
  }

  /// What is refused isn't asked of the cache: a site that refuses is as warm as it was.
  @Test
  void theHitRatioIsOfTheGoodAnswers() {
    Fields hit = Fields.of("Cache-Status", "freshet; hit");
    Fields miss = Fields.of("Cache-Status", "freshet; fwd=uri-miss");
    Fields refused = Fields.of("Cache-Status", "freshet; detail=overloaded");
    Figures figures = new Figures();
    for (int i = 0; i < 10; i++) {
      figures.answered(1, 1, new Reply(200, i < 9 ? hit : miss, 9, 2, null), false);
      figures.answered(1, 1, new Reply(503, refused, 9, 2, null), false);
    }
    assertThat(step(figures).hitRatio()).isEqualTo(0.9);
    assertThat(step(answered(10)).hitRatio()).isEqualTo(-1);
    Figures silent = new Figures();
    silent.late(1, 1);
    assertThat(step(silent).hitRatio()).as("nobody told").isEqualTo(-1);
  }
}
