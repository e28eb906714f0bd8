package dev.freshet.load;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.load.Bottleneck.Part;
import dev.freshet.load.BreakingPoint.Stage;
import dev.freshet.load.BreakingPoint.Tried;
import dev.freshet.load.Found.Recovery;
import dev.freshet.load.StressStep.Target;
import dev.freshet.load.StressStep.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class StressReportTest {
  private static final Target TARGET = new Target(500, 0.01);

  private static StressStep step(
      double rate, double perSecond, double p95, double errors, boolean sound) {
    return step(rate, perSecond, p95, errors, sound, Map.of());
  }

  private static StressStep step(
      double rate,
      double perSecond,
      double p95,
      double errors,
      boolean sound,
      Map<String, Double> readings) {
    double underWay = perSecond * p95 / 2e3;
    long count = Math.round(rate * 5);
    return new StressStep(
        rate,
        1,
        5,
        perSecond,
        p95 / 2,
        p95,
        p95,
        count,
        errors,
        underWay,
        -1,
        sound ? 0 : 1_000,
        Map.of(),
        readings);
  }

  private static StressReport report(StressStep good, StressStep bad, double users) {
    List<Tried> tried = new ArrayList<>();
    for (StressStep one :
        List.of(step(100, 100, 20, 0, true), step(200, 199, 22, 0, true), good, bad)) {
      tried.add(new Tried(Stage.RAISE, one, one.verdict(TARGET)));
    }
    StressStep beyond = step(2 * bad.rate(), 390, 400, 0.5, true);
    tried.add(new Tried(Stage.BEYOND, beyond, Verdict.FAILING));
    return new StressReport(
        "http://127.0.0.1/<>",
        new Found(
            TARGET,
            null,
            good,
            bad,
            good.rate(),
            bad.rate(),
            true,
            true,
            beyond,
            Recovery.WELL,
            0.5,
            tried,
            60),
        users,
        0.5);
  }

  private static final StressStep GOOD = step(400, 398, 60, 0, true);
  private static final StressStep SLOW = step(440, 410, 700, 0, true);

  @Test
  void judgesAStep() {
    assertThat(GOOD.verdict(TARGET)).isEqualTo(Verdict.GOOD);
    assertThat(SLOW.verdict(TARGET)).isEqualTo(Verdict.SLOW);
    assertThat(step(400, 398, 60, 0.02, true).verdict(TARGET)).isEqualTo(Verdict.FAILING);
    assertThat(step(400, 380, 60, 0, true).verdict(TARGET)).isEqualTo(Verdict.BEHIND);
    assertThat(step(400, 380, 700, 0, false).verdict(TARGET)).isEqualTo(Verdict.UNSOUND);
    assertThat(step(400, 380, 700, 0.5, false).verdict(TARGET)).isEqualTo(Verdict.UNSOUND);
    assertThat(step(400, 398, 60, 0, false).verdict(TARGET)).isEqualTo(Verdict.GOOD);
    StressStep empty = new StressStep(1, 1, 5, 0, 0, 0, 0, 0, 0, 0, -1, 0, Map.of(), Map.of());
    assertThat(empty.verdict(TARGET)).isEqualTo(Verdict.EMPTY);
    assertThat(step(2, 1, 60, 0, true).verdict(TARGET)).isEqualTo(Verdict.GOOD);
  }

  /// A tenth of ten is one: no more than chance makes of one in a hundred.
  @Test
  void oneErrorAmongFewIsNoRateOfErrors() {
    assertThat(step(4, 3.8, 60, 1 / 20.0, true).verdict(TARGET)).isEqualTo(Verdict.GOOD);
    assertThat(step(4, 3.6, 60, 2 / 20.0, true).verdict(TARGET)).isEqualTo(Verdict.FAILING);
    Target none = new Target(500, 0);
    assertThat(step(4, 3.8, 60, 1 / 20.0, true).verdict(none)).isEqualTo(Verdict.FAILING);
  }

  /// So many requests were counted of `rate` times five, and so many answered then.
  private static Verdict visited(double rate, double perVisit, long count, long answered) {
    StressStep step =
        new StressStep(
            rate, perVisit, 5, answered / 5.0, 10, 20, 30, count, 0, 1, -1, 0, Map.of(), Map.of());
    return step.verdict(TARGET);
  }

  @Test
  void visitsThatComeInLumpsAreJudgedByThoseThatAreNotThrough() {
    // Less than two visits came, as happens at such a rate: nobody waits.
    assertThat(visited(3.5, 5, 11, 11)).isEqualTo(Verdict.GOOD);
    // A tenth of a thousand visits are stuck, though nine of ten requests were answered.
    assertThat(visited(1_000, 5, 4_750, 4_650)).isEqualTo(Verdict.BEHIND);
    assertThat(visited(1_000, 5, 4_950, 4_930)).isEqualTo(Verdict.GOOD);
  }

  private static Found found(boolean isConfirmed, List<Tried> tried) {
    return found(isConfirmed, 400, 440, tried);
  }

  private static Found found(
      boolean isConfirmed, double sureGood, double sureBad, List<Tried> tried) {
    return new Found(
        TARGET,
        null,
        GOOD,
        SLOW,
        sureGood,
        sureBad,
        isConfirmed,
        true,
        null,
        Recovery.NOT_TRIED,
        -1,
        tried,
        60);
  }

  @Test
  void tellsWhatWasNotTriedFromWhatWasNotWell() {
    StressReport report = new StressReport("t", found(true, List.of()), 0, 1);
    assertThat(report.lines())
        .containsEntry("Beyond", "not tried: the search ended before")
        .doesNotContainKey("Recovery");
  }

  /// Nobody plans with what one lucky step showed.
  @Test
  void whatIsNotConfirmedIsAnIntervalAndItsLowEndThePlan() {
    StressReport report = new StressReport("t", found(false, 200, 880, List.of()), 0, 0.5);
    assertThat(report.lines().get("Keeps it at"))
        .startsWith("200.0 up to less than 880.0 a second; the highest that was good last was 400");
    assertThat(report.lines().get("Confirmed")).startsWith("no");
    assertThat(report.lines().get("One node"))
        .startsWith("200.0 requests a second, 400 users")
        .contains("at least", "not confirmed");
    assertThat(report.lines().get("Beyond")).contains("not narrowed down");
    assertThat(report.data())
        .containsEntry("surelyKeeps", 200.0)
        .containsEntry("surelyBreaks", 880.0);
    assertThat(report.found().keeps(200)).isTrue();
    assertThat(report.found().keeps(201)).isFalse();
    double never = Double.POSITIVE_INFINITY;
    StressReport unsure = new StressReport("t", found(false, 0, never, List.of()), 1, 0.5);
    assertThat(unsure.lines().get("Keeps it at")).startsWith("no rate for sure, and how much more");
    assertThat(unsure.lines()).doesNotContainKey("For 1 users");
    assertThat(unsure.lines().get("One node")).contains("not told");
    assertThat(unsure.data()).doesNotContainKey("oneNode").containsEntry("surelyBreaks", null);
  }

  /// So many a second, with so many under way.
  private static StressReport lawOf(double[][] steps) {
    List<Tried> tried = new ArrayList<>();
    for (double[] one : steps) {
      StressStep step = step(one[0], one[0], 2e3 * one[1] / one[0], 0, true);
      tried.add(new Tried(Stage.RAISE, step, Verdict.GOOD));
    }
    return new StressReport("t", found(true, tried), 0, 1);
  }

  @Test
  void fitsNoLawWhereRequestsHardlyMeet() {
    StressReport report = lawOf(new double[][] {{10, 0.01}, {20, 0.1}, {40, 0.2}, {67, 0.5}});
    assertThat(report.law()).isNull();
    assertThat(report.lines().get("Scalability")).contains("not fitted");
    assertThat(report.lines()).doesNotContainKey("Peak by the law");
  }

  /// Throughput falls and rises again: no such law.
  @Test
  void tellsNoLawThatDoesNotFit() {
    StressReport report =
        lawOf(
            new double[][] {{100, 1}, {150, 2}, {160, 4}, {120, 8}, {90, 12}, {80, 16}, {400, 20}});
    assertThat(report.law()).isNull();
    assertThat(report.lines().get("Scalability")).startsWith("no law fits: the nearest explains ");
    assertThat(report.lines()).doesNotContainKey("Peak by the law");
    assertThat(report.data()).doesNotContainKey("law");
    assertThat(StressPage.of(report)).doesNotContain("<svg");
  }

  /// Twice the largest number under way is as far as anything is said.
  @Test
  void namesNoPeakBeyondTwiceWhatWasMeasured() {
    double[][] near = new double[7][];
    double[][] far = new double[7][];
    for (int i = 0; i < 7; i++) {
      double n = 4.0 * (i + 1);
      near[i] = new double[] {100 * n / (1 + 0.01 * (n - 1) + 0.001 * n * (n - 1)), n};
      double few = n / 8;
      far[i] = new double[] {100 * few / (1 + 0.01 * (few - 1) + 0.001 * few * (few - 1)), few};
    }
    // The law's peak lies at the root of 990: 31 under way. 28 were measured, and 3.5.
    assertThat(lawOf(near).lines().get("Peak by the law")).contains("with 31 under way");
    assertThat(lawOf(far).lines().get("Peak by the law"))
        .isEqualTo("none within twice what was measured (3.500 under way)");
  }

  @Test
  void tellsWhatWasFoundInEveryForm() {
    StressReport report = report(GOOD, SLOW, 1_500);
    assertThat(report.text())
        .contains(
            "400.0 a second", "440.0 a second: p95 above the target", "sheds what is too much")
        .contains("well again after 0.5 s", "800 users", "not known: no meters of the target");
    assertThat(report.lines()).containsEntry("For 1500 users", "3 nodes, each at 70 % of that");
    assertThat(report.markdown()).contains("| raise | 400.0 | 398.0 |");
    assertThat(report.data()).containsKeys("good", "bad", "law", "oneNode", "steps");
    String page = StressPage.of(report);
    assertThat(page).contains("<svg", "stroke-dasharray", "http://127.0.0.1/&lt;&gt;");
    assertThat(page.split("<circle", -1)).hasSize(5);
  }

  @Test
  void foretellsNoNodesBeyondTwiceWhatWasMeasured() {
    assertThat(report(GOOD, SLOW, 1_601).lines().get("For 1601 users")).contains("not foretold");
  }

  @Test
  void saysWhatMostErrorsWere() {
    StressStep failing =
        new StressStep(
            440,
            1,
            5,
            300,
            10,
            20,
            30,
            2_200,
            0.3,
            9,
            -1,
            0,
            Map.of("status 503", 600L, "timeout", 60L),
            Map.of());
    assertThat(report(GOOD, failing, 0).lines().get("Breaks at"))
        .contains("30.00 % errors, most of them status 503");
  }

  private static List<Part> limits(
      Map<String, Double> good, Map<String, Double> bad, boolean sound) {
    return Bottleneck.between(
            step(400, 398, 60, 0, true, good), step(440, 410, 700, 0, sound, bad), TARGET)
        .stream()
        .map(Bottleneck::part)
        .toList();
  }

  @Test
  void namesWhatWasAtItsLimit() {
    Map<String, Double> calm =
        Map.of("appMillis", 20.0, "cpu", 0.4, "loopLagMillis", 0.1, "statementMillis", 1.0);
    assertThat(limits(calm, calm, false)).containsExactly(Part.GENERATOR);
    assertThat(limits(calm, Map.of("cpu", 0.97), true)).containsExactly(Part.CPU);
    assertThat(limits(calm, Map.of("loopLagMillis", 30.0, "cpu", 0.97), true))
        .containsExactly(Part.EVENT_LOOP, Part.CPU);
    assertThat(limits(calm, Map.of("appMillis", 400.0), true)).containsExactly(Part.APP);
    assertThat(limits(calm, Map.of("appLimit", 8.0, "refusedPerSecond", 40.0), true))
        .containsExactly(Part.APP);
    Map<String, Double> slowDatabase =
        Map.of("appMillis", 100.0, "statementMillis", 30.0, "statementsPerAnswer", 3.0);
    assertThat(limits(calm, slowDatabase, true)).containsExactly(Part.DATABASE);
    Map<String, Double> smallPool =
        Map.of("appMillis", 100.0, "poolWaitMillis", 30.0, "statementsPerAnswer", 3.0);
    assertThat(limits(calm, smallPool, true)).containsExactly(Part.POOL);
    Map<String, Double> slow =
        Map.of("handingMillis", 600.0, "answerMillis", 620.0, "megabytesPerSecond", 2.0);
    assertThat(limits(calm, slow, true)).containsExactly(Part.NETWORK);
    assertThat(limits(calm, calm, true)).containsExactly(Part.UNKNOWN);
  }

  /// A terminal of eighty columns breaks what is wider.
  @Test
  void theTableOfStepsFitsIntoATerminal() {
    StressStep wide = step(100_000, 99_999.9, 12_345.6, 1, true);
    for (Verdict verdict : Verdict.values()) {
      assertThat(StressReport.line(Stage.WARM_UP, wide, verdict))
          .hasSizeLessThan(80)
          .contains(" 12345.6 100.0 % ");
    }
    assertThat(StressReport.heads()).hasSizeLessThan(80).contains("rate/s", "verdict");
  }

  private static StressStep late(
      double p95, double errors, double millis, Map<String, Double> readings) {
    return new StressStep(
        440, 1, 5, 438, p95 / 2, p95, p95, 2_200, errors, 9, -1, millis, Map.of(), readings);
  }

  /// A generator that is late by a little makes no target slow that takes twice what it may.
  @Test
  void latenessExplainsNoMoreThanItTakes() {
    assertThat(late(900, 0, 20, Map.of()).verdict(TARGET)).isEqualTo(Verdict.SLOW);
    assertThat(late(530, 0, 20, Map.of()).verdict(TARGET)).isEqualTo(Verdict.UNSOUND);
    assertThat(late(900, 0, 300, Map.of()).verdict(TARGET)).isEqualTo(Verdict.UNSOUND);
    assertThat(late(60, 0.5, 20, Map.of()).verdict(TARGET)).isEqualTo(Verdict.FAILING);
    assertThat(late(9_000, 1, 499, Map.of()).verdict(TARGET)).isEqualTo(Verdict.SLOW);
    assertThat(late(9_000, 1, 500, Map.of()).verdict(TARGET)).isEqualTo(Verdict.UNSOUND);
    double infinite = Double.POSITIVE_INFINITY;
    assertThat(late(900, 0.5, infinite, Map.of()).verdict(TARGET)).isEqualTo(Verdict.UNSOUND);
  }

  @Test
  void whoHadTheProcessorsIsNamedAndNotWhoWaitedForOne() {
    Map<String, Double> taken =
        Map.of(
            "cpu",
            0.98,
            "cpu of java (7)",
            0.7,
            "cpu of the load generator",
            0.2,
            "generatorWorked",
            0.3,
            "generatorWaited",
            0.4,
            "loopLagMillis",
            30.0,
            "freshetCpu",
            0.1);
    List<Bottleneck> others = Bottleneck.between(GOOD, late(530, 0, 20, taken), TARGET);
    assertThat(others).extracting(Bottleneck::part).containsExactly(Part.CPU);
    assertThat(others.getFirst().evidence())
        .contains("java (7) 70 %, the load generator 20 %; Freshet itself 10 %", "20.0 ms late");
    Map<String, Double> own = Map.of("cpu", 0.98, "generatorWorked", 0.97, "generatorWaited", 0.0);
    assertThat(Bottleneck.between(GOOD, late(530, 0, 20, own), TARGET))
        .extracting(Bottleneck::part)
        .containsExactly(Part.GENERATOR, Part.CPU);
    Map<String, Double> loops = Map.of("cpu", 0.98, "loopLagMillis", 30.0, "freshetCpu", 0.8);
    assertThat(Bottleneck.between(GOOD, late(900, 0, 0, loops), TARGET))
        .extracting(Bottleneck::part)
        .containsExactly(Part.EVENT_LOOP, Part.CPU);
  }

  @Test
  void saysHowWarmTheSiteWas() {
    StressStep step =
        new StressStep(900, 1, 12, 900, 5, 9, 9, 10_800, 0, 8, 0.8, 0, Map.of(), Map.of());
    Found steady =
        new Found(
            TARGET,
            new WarmUp(step, 8, 950, 0.83, true),
            GOOD,
            SLOW,
            400,
            440,
            true,
            true,
            null,
            Recovery.NOT_TRIED,
            -1,
            List.of(new Tried(Stage.WARM_UP, step, Verdict.GOOD)),
            60);
    StressReport report = new StressReport("t", steady, 0, 1);
    assertThat(report.lines().get("Warm-up"))
        .contains("8 visitors", "for 12 s", "83.0 % of them from a cache", "and steady");
    assertThat(report.data().get("warmUp")).asString().contains("hitRatio=0.83");
    // What a few got who waited is no peak of what arrived.
    assertThat(steady.peak()).isZero();
    assertThat(steady.keeps(401)).isFalse();
  }
}
