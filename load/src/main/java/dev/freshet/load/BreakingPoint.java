package dev.freshet.load;

import dev.freshet.base.Time;
import dev.freshet.load.Found.Recovery;
import dev.freshet.load.StressStep.Target;
import dev.freshet.load.StressStep.Verdict;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/* Looks for the highest rate of arrivals at which a target keeps what is asked of it.
 *
 * A step is a sample: by chance, or by a pause of the machine, it may come out on the wrong side,
 * and the more so the nearer its rate is to the point. So a search is over when both bounds are
 * sure by all that was seen (Attempts), and what was found is an interval until then.
 *
 * First a few visitors, each of whom waits for his answers, warm the target up: caches fill, code
 * is compiled. A few at a time can't be too much for it, and go as fast as it can.
 *
 * Then up by doubling until a rate is bad twice, then between the last good and the first bad rate
 * by halving their ratio, then both longer until they are sure; what doesn't repeat is decided by a
 * third step, moves the bounds if that is against them, and the search goes on. A step ends as soon
 * as it is settled that it is bad. After each such one the target is given little to do until it is
 * well again: its backlog must not spoil the next one.
 *
 * Where the target turns out to have been cold still, what was too much for it is measured again
 * (Attempts).
 *
 * One step can be spoiled by what has nothing to do with its rate: a pause of the machine, a
 * generator that was late once. So no bound rests on a single bad one, if there is time for two.
 *
 * Once that is known, twice the first bad rate shows whether the target sheds what is too much or
 * collapses under it, and how long it takes to be well after. No time is kept back for that: what
 * lies beyond a point that isn't known tells little.
 *
 * All of it keeps within the plan's time: each step is begun only if there is time for it, for the
 * calm before it, and for what is still out when it ends, as far as that was seen before. Who kept
 * all the visitors' patience back from the beginning would have no time left in a short search.
 */

/// A search for the breaking point.
public final class BreakingPoint {
  private static final double UP = 2;
  private static final double DOWN = 4;
  private static final double CALM = 0.3;
  private static final double BEYOND = 2;

  /// What lasted longer was as good as whole.
  private static final double SETTLED = 0.95;

  /// Of fewer requests a 95th percentile is chance; a step takes up to four times as long for them.
  private static final double REQUESTS = 100;

  private static final int LONGEST = 4;

  /// A search begins so far below what the visitors of the warm-up were given.
  private static final double BELOW_WARM = 8;

  private static final Duration CALM_STEP = Duration.ofSeconds(1);
  private static final double LESS = 4;

  /// Puts a rate on the target for so long.
  @FunctionalInterface
  public interface Bench {

    /// What it showed; null when somebody ended it.
    @Nullable StressStep at(double rate, Duration lasting) throws InterruptedException;

    /// The same, but ends as soon as it is settled that the target isn't kept: whoever goes on
    /// asking learns nothing by it, and may keep a site down for minutes.
    default @Nullable StressStep untilSettled(double rate, Duration lasting, Target target)
        throws InterruptedException {
      return at(rate, lasting);
    }

    /// Has a few visitors warm the target up until it is steady, for so long at most; null where
    /// that isn't done, or somebody ended it.
    default @Nullable WarmUp warm(Duration most) throws InterruptedException {
      return null;
    }

    /// How long the rate is put on before such a step is counted.
    default Duration warmUp(Duration lasting) {
      return Duration.ZERO;
    }

    /// How long what is out at the end of a step is waited for, at most.
    default Duration patience() {
      return Duration.ZERO;
    }
  }

  /// Told of each step.
  @FunctionalInterface
  public interface Watcher {
    void step(Stage stage, StressStep step, Verdict verdict);
  }

  /// What a step was for.
  public enum Stage {
    WARM_UP("warm up"),
    RAISE("raise"),
    NARROW("narrow"),
    AGAIN("again"),
    CONFIRM("confirm"),
    CALM("calm"),
    BEYOND("beyond"),
    RECOVER("recover");

    private final String text;

    Stage(String text) {
      this.text = text;
    }

    /// As reports call it.
    public String text() {
      return text;
    }
  }

  /// How to search.
  ///
  /// @param warmUp the longest the target is warmed up before; 0 for not at all
  /// @param from the rate to begin with, at least
  /// @param most the highest rate to try, but for what is tried beyond the breaking point
  /// @param step how long a rate is tried
  /// @param budget for all of it
  /// @param closeness the ratio of first bad and last good rate to end with
  public record Plan(
      Target target,
      Duration warmUp,
      double from,
      double most,
      Duration step,
      Duration budget,
      double closeness) {
    public Plan {
      if (warmUp.isNegative() || warmUp.multipliedBy(2).compareTo(budget) > 0) {
        throw new IllegalArgumentException("the warm-up may take half of the time at most");
      }
      if (!(from > 0) || most < from || closeness <= 1) {
        throw new IllegalArgumentException("rates must be above 0, from below most");
      }
      if (budget.compareTo(step.multipliedBy(8)) < 0) {
        throw new IllegalArgumentException("the time allowed must hold eight steps at least");
      }
    }
  }

  /// One step of the search.
  ///
  /// @param seconds that it tells of: where it is bad, all that it was to be counted for, since
  ///   that was settled by less; where it is good, those that it was
  public record Tried(Stage stage, StressStep step, Verdict verdict, double seconds) {

    /// One that was counted to its end.
    public Tried(Stage stage, StressStep step, Verdict verdict) {
      this(stage, step, verdict, step.seconds());
    }

    /// Whether little was asked, and the target was not seen to be well.
    boolean isInVain() {
      return stage == Stage.CALM && verdict != Verdict.GOOD;
    }

    /// Whether it was ended since it was settled.
    public boolean isCut() {
      return step.seconds() < SETTLED * seconds;
    }
  }

  /// Somebody ended the search.
  private static final class Ended extends RuntimeException {
    private static final long serialVersionUID = 1;

    Ended() {
      super("ended", null, false, false);
    }
  }

  private final Bench bench;
  private final Plan plan;
  private final Time time;
  private final Watcher watcher;
  private final Attempts attempts = new Attempts();
  private final long started;
  private @Nullable WarmUp warmUp;

  /// The rate to begin with.
  private double from;

  private @Nullable Tried good;
  private @Nullable Tried bad;

  /// How far above a rate that turned out good the next is tried.
  private double beyondGood;

  /// When the last step's arrivals were over, in seconds.
  private double arrivedBy;

  /// The longest that was waited for what was out then, or may be.
  private double drain;

  /// How long little is asked: so long that visits of many requests come at all.
  private Duration calmStep = CALM_STEP;

  private BreakingPoint(Bench bench, Plan plan, Time time, Watcher watcher) {
    this.bench = bench;
    this.plan = plan;
    this.time = time;
    this.watcher = watcher;
    this.started = time.nanos();
    this.beyondGood = plan.closeness();
    this.from = plan.from();
    this.drain = plan.target().p95() / 1e3;
  }

  /// Searches.
  public static Found find(Bench bench, Plan plan, Time time, Watcher watcher)
      throws InterruptedException {
    return new BreakingPoint(bench, plan, time, watcher).find();
  }

  private Found find() throws InterruptedException {
    boolean isConfirmed = false;
    boolean isWhole = true;
    StressStep beyond = null;
    Recovery recovery = Recovery.NOT_TRIED;
    double recovered = -1;
    try {
      warm();
      bound();
      isConfirmed = narrowed();
      // A generator at its own limit tells nothing about the target beyond.
      if (isConfirmed && bad != null && bad.verdict() != Verdict.UNSOUND && hasTimeBeyond()) {
        Tried last = tryOut(Stage.BEYOND, bad.step().rate() * BEYOND, plan.step());
        if (last.verdict() != Verdict.UNSOUND) {
          beyond = last.step();
          recovered = calm(Stage.RECOVER);
          boolean isTried = attempts.all().getLast().stage() == Stage.RECOVER;
          recovery =
              recovered >= 0 ? Recovery.WELL : isTried ? Recovery.NOT_WELL : Recovery.NOT_TRIED;
        }
      }
    } catch (Ended e) {
      isWhole = false;
    }
    return new Found(
        plan.target(),
        warmUp,
        good == null ? null : good.step(),
        bad == null ? null : bad.step(),
        attempts.sureGood(good),
        attempts.sureBad(bad),
        isConfirmed,
        isWhole,
        beyond,
        recovery,
        recovered,
        attempts.all(),
        seconds());
  }

  private void warm() throws InterruptedException {
    WarmUp warmed = plan.warmUp().isZero() ? null : bench.warm(plan.warmUp());
    if (warmed != null) {
      warmUp = warmed;
      note(Stage.WARM_UP, warmed.step(), warmed.step().seconds());
      from = Math.clamp(warmed.perSecond() / BELOW_WARM, from, plan.most());
    }
  }

  private double seconds() {
    return (time.nanos() - started) / 1e9;
  }

  private double budget() {
    return plan.budget().toNanos() / 1e9;
  }

  /// Seconds that whoever is not answered waits.
  private double patience() {
    return bench.patience().toNanos() / 1e9;
  }

  /// Seconds of a step with its warm-up.
  private double planned(Duration lasting) {
    return bench.warmUp(lasting).plus(lasting).toNanos() / 1e9;
  }

  /// Whether there is time for such a step, for what the one before has left behind, and for what
  /// it leaves out itself.
  private boolean hasTimeFor(Duration lasting) {
    // The calm may take longer; that costs nothing but time that there is no other use for.
    double before = attempts.isSpoiled() ? planned(calmStep) : 0;
    return seconds() + before + planned(lasting) + drain <= budget();
  }

  /// So long that requests enough come at this rate.
  private Duration enough(double rate, Duration least) {
    double nanos = Math.min(REQUESTS / rate * 1e9, LONGEST * (double) plan.step().toNanos());
    return Duration.ofNanos(Math.max(least.toNanos(), (long) nanos));
  }

  /// How long this rate can be tried: that, or what there is still time for, half a step at least;
  /// 0 for not at all.
  private Duration fitting(double rate, Duration wanted) {
    Duration half = plan.step().dividedBy(2);
    Duration now = enough(rate, wanted);
    while (!hasTimeFor(now) && now.compareTo(half) > 0) {
      now = now.dividedBy(2).compareTo(half) > 0 ? now.dividedBy(2) : half;
    }
    return hasTimeFor(now) ? now : Duration.ZERO;
  }

  private boolean hasTimeBeyond() {
    double rest = Math.max(drain, patience());
    return seconds() + planned(plan.step()) + rest + planned(calmStep) + patience() <= budget();
  }

  /// Finds a good and a bad rate.
  private void bound() throws InterruptedException {
    double rate = from;
    // Short: where it ends is tried again.
    Duration brief = plan.step().dividedBy(2);
    while (hasTimeFor(brief)) {
      Tried now = tryOut(Stage.RAISE, rate, brief);
      if (Attempts.isBad(now)) {
        now = again(now, plan.step());
      }
      if (!Attempts.isBad(now)) {
        // What was too little to be counted is neither.
        good = now.verdict() == Verdict.GOOD ? now : good;
        if (bad != null || rate >= plan.most()) {
          return;
        }
        rate = Math.min(plan.most(), rate * UP);
      } else {
        bad = now;
        if (good != null || rate < 1) {
          return;
        }
        rate /= DOWN;
        if (calmAt(rate * CALM, Stage.CALM) < 0) {
          return;
        }
      }
    }
  }

  /// Brings both together, and sees both until they are sure; false when there was no time to.
  private boolean narrowed() throws InterruptedException {
    while (true) {
      if (good == null) {
        if (!isLowered()) {
          return false;
        }
        continue;
      }
      double low = good.step().rate();
      if (bad == null && low < plan.most()) {
        if (!isRaised(low)) {
          return false;
        }
        continue;
      }
      double high = bad == null ? Double.POSITIVE_INFINITY : bad.step().rate();
      boolean isTried;
      if (bad != null && attempts.isFromTheCold(bad)) {
        isTried = isTaken(Stage.AGAIN, high);
      } else if (bad != null && high / low > plan.closeness()) {
        isTried = isTaken(Stage.NARROW, Math.sqrt(low * high));
      } else if (attempts.sureGood(good) < low || !attempts.isSeenAgain(low, true)) {
        isTried = isSeenAgain(low, true);
      } else if (bad != null
          && (attempts.sureBad(bad) > high || !attempts.isSeenAgain(high, false))) {
        isTried = isSeenAgain(high, false);
      } else {
        return true;
      }
      if (!isTried) {
        return false;
      }
    }
  }

  /// Tries a rate and moves a bound, if there is time for it.
  private boolean isTaken(Stage stage, double rate) throws InterruptedException {
    Duration lasting = ready(rate, plan.step());
    if (lasting.isZero()) {
      return false;
    }
    take(sound(tryOut(stage, rate, lasting)));
    return true;
  }

  /// Tries further up, where no bad rate is believed any longer, in steps that get longer.
  private boolean isRaised(double low) throws InterruptedException {
    beyondGood = Math.min(UP, beyondGood * beyondGood);
    return isTaken(Stage.RAISE, Math.min(plan.most(), low * beyondGood));
  }

  /// Tries further down, where no rate was good in the end.
  private boolean isLowered() throws InterruptedException {
    double rate = bad == null ? 0 : bad.step().rate() / UP;
    if (rate < 1 / DOWN || !hasTimeFor(plan.step())) {
      return false;
    }
    boolean isWell = calmAt(rate * CALM, Stage.CALM) >= 0;
    Duration lasting = fitting(rate, plan.step());
    if (!isWell || lasting.isZero()) {
      return false;
    }
    take(sound(tryOut(Stage.NARROW, rate, lasting)));
    return true;
  }

  /// Sees a rate once more, if there is time for it; where that is against what was seen before, a
  /// third step decides.
  private boolean isSeenAgain(double rate, boolean asGood) throws InterruptedException {
    Duration lasting = ready(rate, plan.step().multipliedBy(2));
    if (lasting.isZero()) {
      return false;
    }
    Tried now = tryOut(Stage.CONFIRM, rate, lasting);
    if (!confirms(now, asGood)) {
      now = again(now, lasting);
    }
    if (!confirms(now, asGood)) {
      take(now);
    }
    return true;
  }

  /// A generator at its limit tells of the target no more than that, unless it is what was seen
  /// before.
  private boolean confirms(Tried now, boolean asGood) {
    boolean isKnown = bad != null && bad.verdict() == Verdict.UNSOUND;
    return Attempts.isSide(now, asGood) && (now.verdict() != Verdict.UNSOUND || isKnown);
  }

  /// The same rate again once the target is well, if there is time for it.
  private Tried again(Tried first, Duration lasting) throws InterruptedException {
    if (!hasTimeFor(lasting)) {
      return first;
    }
    if (attempts.isSpoiled() && calmAt(first.step().rate() / UP * CALM, Stage.CALM) < 0) {
      return first;
    }
    return hasTimeFor(lasting) ? tryOut(first.stage(), first.step().rate(), lasting) : first;
  }

  /// A generator that was late once may have been disturbed.
  private Tried sound(Tried now) throws InterruptedException {
    return now.verdict() == Verdict.UNSOUND ? again(now, plan.step()) : now;
  }

  /// Moves a bound. One that turns out on the wrong side sends the other to the next rate that was
  /// seen there, if there is any.
  private void take(Tried now) {
    double rate = now.step().rate();
    if (now.verdict() == Verdict.GOOD) {
      good = now;
      if (bad != null && bad.step().rate() <= rate) {
        attempts.wasGood(rate);
        bad = attempts.nearest(rate, false);
      }
    } else if (now.verdict() != Verdict.EMPTY) {
      bad = now;
      if (good != null && good.step().rate() >= rate) {
        good = attempts.nearest(rate, true);
      }
    }
  }

  /// Waits until the target is well, if there is time for the rate then.
  ///
  /// @return how long it can be tried, as [#fitting] says; not at all where it did not become well
  private Duration ready(double rate, Duration wanted) throws InterruptedException {
    boolean isToWait = attempts.isSpoiled() && !fitting(rate, wanted).isZero();
    return isToWait && calm(Stage.CALM) < 0 ? Duration.ZERO : fitting(rate, wanted);
  }

  private double calm(Stage stage) throws InterruptedException {
    double known = good != null ? good.step().rate() : from;
    return calmAt(known * CALM, stage);
  }

  /// Asks little until it is answered well, and still less where that is too much: who is down may
  /// be kept there by little.
  ///
  /// @return seconds from the end of the arrivals before until such a step began, what was still
  ///   out then included; -1 when the time was up before
  private double calmAt(double rate, Stage stage) throws InterruptedException {
    double from = arrivedBy;
    double now = Math.max(rate, 1);
    while (seconds() + planned(calmStep) + patience() <= budget()) {
      double began = seconds() - from;
      Verdict verdict = tryOut(stage, now, calmStep).verdict();
      // How long it took to be well again is told of what was asked at first.
      if (verdict == Verdict.GOOD && (now >= rate || stage == Stage.CALM)) {
        return began;
      }
      if (verdict == Verdict.EMPTY) {
        calmStep = calmStep.multipliedBy(2);
      } else {
        now = Math.max(1, verdict == Verdict.GOOD ? rate : now / LESS);
      }
    }
    return -1;
  }

  private Tried tryOut(Stage stage, double rate, Duration lasting) throws InterruptedException {
    double began = seconds() + bench.warmUp(lasting).toNanos() / 1e9;
    // Beyond is looked at how it does then, and not whether it keeps the target.
    StressStep step =
        stage == Stage.BEYOND
            ? bench.at(rate, lasting)
            : bench.untilSettled(rate, lasting, plan.target());
    if (step == null) {
      throw new Ended();
    }
    arrivedBy = began + step.seconds();
    drain = Math.max(drain, seconds() - arrivedBy);
    return note(stage, step, lasting.toNanos() / 1e9);
  }

  private Tried note(Stage stage, StressStep step, double seconds) {
    Verdict verdict = step.verdict(plan.target());
    boolean isGood = verdict == Verdict.GOOD;
    Tried out = new Tried(stage, step, verdict, isGood ? step.seconds() : seconds);
    attempts.add(out);
    watcher.step(stage, step, out.verdict());
    return out;
  }
}
