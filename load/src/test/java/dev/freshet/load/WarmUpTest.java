package dev.freshet.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.freshet.base.FakeTime;
import dev.freshet.base.Rolls;
import dev.freshet.load.BreakingPoint.Plan;
import dev.freshet.load.BreakingPoint.Stage;
import dev.freshet.load.BreakingPoint.Tried;
import dev.freshet.load.StressStep.Target;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Searches on simulated sites that get better while they are asked. No real time goes by.
final class WarmUpTest {
  private static final Target TARGET = new Target(500, 0.01);
  private static final Duration BUDGET = Duration.ofSeconds(170);

  /// An app that makes so many answers a second, behind a cache that comes to know more and more of
  /// what is asked for.
  private static final class Site implements BreakingPoint.Bench {
    private static final double KNOWN_AT_LAST = 0.8;
    final FakeTime time = new FakeTime(0);
    private final double app;
    private final double learning;
    private final boolean tells;
    private double asked;

    /// @param learning after so many answers it knows two thirds of what it ever will
    Site(double app, double learning, boolean tells) {
      this.app = app;
      this.learning = learning;
      this.tells = tells;
    }

    double capacity() {
      return app / (1 - KNOWN_AT_LAST);
    }

    double hits() {
      return KNOWN_AT_LAST * (1 - Math.exp(-asked / learning));
    }

    private StressStep step(double rate, double seconds, double hits) {
      double misses = rate * (1 - hits);
      double p95 = misses <= app ? 20 : 900;
      double good = Math.min(rate, app / (1 - hits));
      long count = (long) Math.ceil(rate * seconds);
      return new StressStep(
          rate,
          1,
          seconds,
          misses <= app ? rate : good,
          p95,
          p95,
          p95,
          count,
          0,
          good * p95 / 1e3,
          tells ? hits : -1,
          0,
          Map.of(),
          Map.of());
    }

    @Override
    public StressStep at(double rate, Duration lasting) {
      double seconds = lasting.toNanos() / 1e9;
      double before = hits();
      asked += Math.min(rate, app / (1 - before)) * seconds;
      time.advance(lasting);
      return step(rate, seconds, (before + hits()) / 2);
    }

    /// Visitors who wait go as fast as the app.
    @Override
    public @Nullable WarmUp warm(Duration most) {
      boolean[] isEnough = new boolean[1];
      WarmUp.Judge judge = new WarmUp.Judge(() -> isEnough[0] = true);
      Phase phase = Phase.users(8, Duration.ZERO, most);
      int second = 0;
      while (!isEnough[0] && second < most.toSeconds()) {
        second++;
        double rate = app / (1 - hits());
        asked += rate;
        time.advance(Duration.ofSeconds(1));
        judge.second(phase, second(second, rate, tells ? hits() : -1));
      }
      return new WarmUp(
          step(judge.perSecond(), second, hits()),
          8,
          judge.perSecond(),
          judge.hitRatio(),
          judge.isSteady());
    }
  }

  private static Measured.Second second(int at, double rate, double hits) {
    return new Measured.Second(at, false, rate, 0, 20, 20, 20, hits, null);
  }

  private static Found find(Site site, Duration warmUp) throws InterruptedException {
    Plan plan = new Plan(TARGET, warmUp, 10, 1e6, Duration.ofSeconds(5), BUDGET, 1.06);
    Found found = BreakingPoint.find(site, plan, site.time, (stage, step, verdict) -> {});
    assertThat(found.seconds()).isLessThanOrEqualTo((double) BUDGET.toSeconds());
    return found;
  }

  private static double good(Found found) {
    return Objects.requireNonNull(found.good()).rate();
  }

  /// Warm it takes five times as much as cold.
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void theBreakingPointIsThatOfTheWarmSite(boolean tells) throws InterruptedException {
    for (double learning : new double[] {500, 2_000, 8_000}) {
      Site site = new Site(200, learning, tells);
      Found found = find(site, Duration.ofSeconds(34));
      assertThat(good(found) / site.capacity()).as(found.toString()).isBetween(0.9, 1.05);
      assertThat(found.isConfirmed()).as(found.toString()).isTrue();
      // The last one takes longer than it has.
      boolean isSteady = Objects.requireNonNull(found.warmUp()).isSteady();
      assertThat(isSteady).as("after %s", learning).isEqualTo(learning < 8_000);
    }
  }

  /// Where there was no time to get warm, or it could not be seen, bad rates from before are
  /// measured again.
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void whatWasTooMuchForTheColdSiteIsTriedAgain(boolean tells) throws InterruptedException {
    Site site = new Site(200, 4_000, tells);
    Found found = find(site, Duration.ZERO);
    assertThat(found.warmUp()).isNull();
    assertThat(good(found) / site.capacity()).as(found.toString()).isBetween(0.9, 1.05);
    assertThat(found.tried().stream().map(Tried::stage).anyMatch(Stage.AGAIN::equals))
        .isEqualTo(tells);
  }

  @Test
  void aSiteThatIsSteadyIsNotKeptWaiting() {
    Site site = new Site(200, 1, true);
    WarmUp warmed = Objects.requireNonNull(site.warm(Duration.ofSeconds(34)));
    assertThat(warmed.isSteady()).isTrue();
    assertThat(warmed.step().seconds()).isLessThanOrEqualTo(10);
    assertThat(warmed.hitRatio()).isBetween(0.79, 0.81);
  }

  @Test
  void aSiteThatGoesOnGettingBetterIsNotCalledSteady() {
    List<Boolean> enough = new ArrayList<>();
    WarmUp.Judge judge = new WarmUp.Judge(() -> enough.add(true));
    Phase phase = Phase.users(8, Duration.ZERO, Duration.ofSeconds(34));
    for (int i = 1; i <= 34; i++) {
      judge.second(phase, second(i, 1_000 * Math.pow(1.06, i), -1));
    }
    assertThat(enough).isEmpty();
    for (int i = 1; i <= 34; i++) {
      judge.second(phase, second(i, 8_000, 0.02 * i));
    }
    assertThat(enough).isEmpty();
    assertThat(judge.isSteady()).isFalse();
  }

  /// Of a slow site there are seconds without any answer, which tell nothing of a cache.
  @Test
  void aSecondWithoutAnAnswerIsNoColderOne() {
    WarmUp.Judge judge = new WarmUp.Judge(() -> {});
    Phase phase = Phase.users(8, Duration.ZERO, Duration.ofSeconds(34));
    for (int i = 2; i <= 11; i++) {
      judge.second(phase, second(i, i % 2 * 20, i % 2 == 0 ? -1 : 0.6));
    }
    assertThat(judge.hitRatio()).isCloseTo(0.6, within(1e-9));
    assertThat(judge.isSteady()).isTrue();
  }

  /// Counts of few answers differ by chance: that is no change.
  @Test
  void aSlowSiteIsSteadyInSpiteOfChance() {
    int steady = 0;
    for (int run = 0; run < 50; run++) {
      Rolls rolls = new Rolls(run);
      WarmUp.Judge judge = new WarmUp.Judge(() -> {});
      for (int i = 1; i <= 34 && !judge.isSteady(); i++) {
        int answers = rolls.between(20, 40);
        int hits = 0;
        for (int n = 0; n < answers; n++) {
          hits += rolls.chance(0.6) ? 1 : 0;
        }
        Phase phase = Phase.users(8, Duration.ZERO, Duration.ofSeconds(34));
        judge.second(phase, second(i, answers, (double) hits / answers));
      }
      steady += judge.isSteady() ? 1 : 0;
    }
    assertThat(steady).isGreaterThan(40);
  }
}
