package dev.freshet.load;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.base.FakeTime;
import dev.freshet.load.BreakingPoint.Plan;
import dev.freshet.load.BreakingPoint.Stage;
import dev.freshet.load.BreakingPoint.Tried;
import dev.freshet.load.StressStep.Target;
import dev.freshet.load.StressStep.Verdict;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Searches on a simulated app that a few seconds of too much keep down for minutes: who waits
/// makes all others slower, and who has given up is worked for all the same. No real time goes by.
final class CollapseTest {
  private static final Target TARGET = new Target(500, 0.01);
  private static final double WORK = 0.02;
  private static final double EACH_OTHER = 0.004;
  private static final double PATIENCE = 2.5;
  private static final int WORKERS = 16;
  private static final double CAPACITY = WORKERS / WORK;

  private static final class App implements BreakingPoint.Bench {
    final FakeTime time = new FakeTime(0);
    private final PriorityQueue<Double> free = new PriorityQueue<>();
    private final PriorityQueue<Double> here = new PriorityQueue<>();

    App() {
      for (int i = 0; i < WORKERS; i++) {
        free.add(0.0);
      }
    }

    @Override
    public StressStep at(double rate, Duration lasting) {
      return step(rate, lasting, null);
    }

    @Override
    public StressStep untilSettled(double rate, Duration lasting, Target target) {
      return step(rate, lasting, target);
    }

    @Override
    public Duration patience() {
      return Duration.ofNanos((long) (PATIENCE * 1e9));
    }

    private StressStep step(double rate, Duration lasting, @Nullable Target until) {
      double from = time.nanos() / 1e9;
      int all = (int) Math.max(1, rate * lasting.toNanos() / 1e9);
      double[] felt = new double[all];
      int seen = 0;
      int slow = 0;
      int n = 0;
      while (n < all && (until == null || slow <= all * 0.05)) {
        double at = from + n / rate;
        felt[n++] = arrive(at);
        while (until != null && seen < n && from + seen / rate + until.p95() / 1e3 <= at) {
          slow += felt[seen++] > until.p95() / 1e3 ? 1 : 0;
        }
      }
      double seconds = n / rate;
      // What is out is waited for until nobody has the patience.
      double longest = Arrays.stream(felt, 0, n).max().orElse(0);
      time.advance(Duration.ofNanos((long) ((seconds + longest) * 1e9)));
      return step(rate, seconds, Arrays.copyOf(felt, n));
    }

    private double arrive(double at) {
      while (!here.isEmpty() && here.peek() <= at) {
        here.remove();
      }
      double took = WORK * (1 + EACH_OTHER * Math.max(0, here.size() + 1 - WORKERS));
      double ends = Math.max(at, free.remove()) + took;
      free.add(ends);
      here.add(ends);
      return Math.min(PATIENCE, ends - at);
    }

    private static StressStep step(double rate, double seconds, double[] felt) {
      Arrays.sort(felt);
      int n = felt.length;
      double failed = Arrays.stream(felt).filter(one -> one >= PATIENCE).count();
      double good = n - failed;
      return new StressStep(
          rate,
          1,
          seconds,
          good / seconds,
          felt[n / 2] * 1e3,
          felt[(int) (n * 0.95)] * 1e3,
          felt[(int) (n * 0.99)] * 1e3,
          n,
          failed / n,
          Arrays.stream(felt).sum() / seconds,
          -1,
          0,
          Map.of(),
          Map.of());
    }
  }

  private static Found find(BreakingPoint.Bench bench, FakeTime time, int from)
      throws InterruptedException {
    Duration within = Duration.ofSeconds(170);
    Plan plan = new Plan(TARGET, Duration.ZERO, from, 1e6, Duration.ofSeconds(5), within, 1.06);
    Found found = BreakingPoint.find(bench, plan, time, (stage, step, verdict) -> {});
    assertThat(found.seconds()).isLessThanOrEqualTo(170.0);
    return found;
  }

  /// The rate to begin with decides which rate above it is the first that is too much.
  @Test
  void theBreakingPointIsFoundThoughTheAppCollapsesBeyondIt() throws InterruptedException {
    for (int from : new int[] {20, 90, 99, 110, 130, 700}) {
      App app = new App();
      Found found = find(app, app.time, from);
      assertThat(Objects.requireNonNull(found.good()).rate() / CAPACITY)
          .as("from %d: %s", from, found)
          .isBetween(0.9, 1.05);
      assertThat(found.isConfirmed()).as("from %d: %s", from, found).isTrue();
      assertThat(found.tried())
          .filteredOn(
              tried -> tried.stage() != Stage.BEYOND && tried.step().rate() > CAPACITY * 1.5)
          .allMatch(Tried::isCut);
    }
  }

  /// Beyond, it is asked to the end of the step: what it does then is what is looked at.
  @Test
  void whatLiesBeyondIsAskedForToTheEnd() throws InterruptedException {
    App app = new App();
    Found found = find(app, app.time, 90);
    StressStep beyond = Objects.requireNonNull(found.beyond());
    assertThat(beyond.seconds()).isGreaterThan(4.9);
    assertThat(found.sheds()).isFalse();
  }

  /// Down for good once it was asked for more than a hundred a second.
  private static class Down implements BreakingPoint.Bench {
    final FakeTime time = new FakeTime(0);
    private final Duration patience;
    private final double slow;
    private final double late;
    private boolean isDown;

    /// @param slow milliseconds that it takes then; nobody waits for two seconds
    /// @param late milliseconds that the generator is late then
    Down(Duration patience, double slow, double late) {
      this.patience = patience;
      this.slow = slow;
      this.late = late;
    }

    @Override
    public Duration patience() {
      return patience;
    }

    @Override
    public StressStep at(double rate, Duration lasting) {
      isDown |= rate > 100;
      double seconds = lasting.toNanos() / 1e9;
      time.advance(lasting);
      double p95 = isDown ? slow : 20;
      boolean isLost = p95 > 2_000;
      return new StressStep(
          rate,
          1,
          seconds,
          isLost ? 0 : rate,
          p95,
          p95,
          p95,
          (long) Math.ceil(rate * seconds),
          isLost ? 1 : 0,
          1,
          -1,
          isDown ? late : 0,
          Map.of(),
          Map.of());
    }
  }

  /// Nothing is concluded from what is tried on a site that is down, not even in the time that is
  /// too short for seeing whether it still is: it is asked less and less, and where it does not
  /// come back that is what is told.
  @Test
  void aSiteThatDoesNotComeBackIsAskedLessAndLessAndThatIsTold() throws InterruptedException {
    for (int patience : new int[] {0, 20, 60}) {
      Down bench = new Down(Duration.ofSeconds(patience), 2_500, 0);
      Found found = find(bench, bench.time, 30);
      List<Tried> behind =
          found.tried().stream()
              .dropWhile(tried -> tried.verdict() == Verdict.GOOD)
              .skip(1)
              .toList();
      assertThat(behind).isNotEmpty().allMatch(tried -> tried.stage() == Stage.CALM);
      assertThat(behind.getLast().step().rate()).isEqualTo(1);
      assertThat(found.isConfirmed()).isFalse();
      assertThat(Objects.requireNonNull(found.endedBy()).rate()).isEqualTo(120);
      StressReport report = new StressReport("t", found, 0, 1);
      assertThat(report.lines().get("Not well since"))
          .contains("120.0 a second", "did not come back");
      assertThat(report.data()).containsEntry("notWellSince", 120.0);
    }
  }

  /// More may come than a visit makes on average, so that what was settled turns out well.
  @Test
  void whatEndedEarlyAndIsGoodTellsOfNoMoreThanItsTime() throws InterruptedException {
    Down bench =
        new Down(Duration.ZERO, 2_500, 0) {
          @Override
          public StressStep untilSettled(double rate, Duration lasting, Target target) {
            return at(rate, rate < 50 ? lasting.dividedBy(2) : lasting);
          }
        };
    Found found = find(bench, bench.time, 30);
    assertThat(found.tried())
        .filteredOn(tried -> tried.verdict() == Verdict.GOOD)
        .isNotEmpty()
        .allMatch(tried -> tried.seconds() == tried.step().seconds());
  }

  /// That is no collapse.
  @Test
  void aGeneratorThatIsLateToTheEndTellsOfNoSiteThatDidNotComeBack() throws InterruptedException {
    Down bench = new Down(Duration.ofSeconds(2), 520, 20);
    Found found = find(bench, bench.time, 30);
    assertThat(found.tried().getLast().verdict()).isEqualTo(Verdict.UNSOUND);
    assertThat(found.endedBy()).isNull();
    assertThat(new StressReport("t", found, 0, 1).lines()).doesNotContainKey("Not well since");
  }

  @Test
  void aStepIsSettledWhenWhatIsToComeCanMakeItGoodNoMore() {
    Allowance slow = new Allowance(TARGET, 1_000, 1);
    for (int i = 0; i < 50; i++) {
      slow.took(0, 600_000_000);
      slow.took(0, 500_000_000);
    }
    slow.areOut(0, 0);
    assertThat(slow.isSpent()).as("50 of 1,000 are 5 %").isFalse();
    slow.areOut(0, 1);
    assertThat(slow.isSpent()).isTrue();
    slow.areOut(0, 0);
    assertThat(slow.isSpent()).as("others have ended by that").isTrue();
    Allowance failing = new Allowance(TARGET, 1_000, 1);
    for (int i = 0; i <= (int) TARGET.mostFailures(1_000); i++) {
      assertThat(failing.isSpent()).as("after %d errors", i).isFalse();
      failing.failed();
    }
    assertThat(failing.isSpent()).isTrue();
  }

  /// A pause ends, and thirty that were late already are answered, late.
  @Test
  void whoIsLateAndThenAnsweredIsLateOnce() {
    Allowance allowance = new Allowance(TARGET, 1_000, 2);
    allowance.areOut(0, 30);
    for (int i = 0; i < 30; i++) {
      allowance.took(0, 600_000_000);
    }
    allowance.areOut(1, 0);
    assertThat(allowance.isSpent()).as("before their loop has told").isFalse();
    allowance.areOut(0, 0);
    assertThat(allowance.isSpent()).isFalse();
    allowance.areOut(1, 21);
    assertThat(allowance.isSpent()).isTrue();
  }
}
