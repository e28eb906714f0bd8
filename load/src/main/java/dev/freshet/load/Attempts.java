package dev.freshet.load;

import dev.freshet.load.BreakingPoint.Stage;
import dev.freshet.load.BreakingPoint.Tried;
import dev.freshet.load.StressStep.Verdict;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The steps of a search, in the order in which they were tried, and what may be concluded from
/// them.
///
/// What is tried changes what it is tried on: caches fill, code is compiled. So a rate that was too
/// much may be none later. That shows where a calmer step since then had clearly more of its
/// answers from a cache, or where a rate that was bad twice turned out good: bad rates from before
/// are not believed then.
final class Attempts {
  private static final double MORE_HITS = 0.05;

  private final List<Tried> all = new ArrayList<>();

  /// Bad rates before this step are not believed.
  private int warmFrom;

  void add(Tried one) {
    all.add(one);
  }

  List<Tried> all() {
    return all;
  }

  /// Whether the target may still be at what it was given too much of.
  boolean isSpoiled() {
    return !all.isEmpty() && all.getLast().verdict() != Verdict.GOOD;
  }

  static boolean isBad(Tried one) {
    return one.verdict() != Verdict.GOOD && one.verdict() != Verdict.EMPTY;
  }

  /// Nothing counted is neither.
  static boolean isSide(Tried one, boolean asGood) {
    return asGood ? one.verdict() == Verdict.GOOD : isBad(one);
  }

  /// The last step was good, at this rate.
  void wasGood(double rate) {
    long against =
        all.stream()
            .filter(one -> isMeasure(one) && isBad(one) && one.step().rate() <= rate)
            .count();
    if (against > 1) {
      warmFrom = all.size() - 1;
    }
  }

  /// Whether a bad rate was tried while the target had yet to become warm.
  boolean isFromTheCold(Tried bad) {
    for (int i = all.size() - 1; i >= 0; i--) {
      Tried one = all.get(i);
      if (one.equals(bad)) {
        return i < warmFrom;
      }
      boolean isCalmer = one.step().rate() <= bad.step().rate();
      if (isCalmer && hasMoreHits(one.step(), bad.step())) {
        return true;
      }
    }
    return false;
  }

  /// By more than the little that chance makes.
  private static boolean hasMoreHits(StressStep now, StressStep before) {
    if (now.hitRatio() < 0 || before.hitRatio() < 0) {
      return false;
    }
    double chance = Math.sqrt(1.0 / Math.max(1, now.count()) + 1.0 / Math.max(1, before.count()));
    return now.hitRatio() - before.hitRatio() > MORE_HITS + chance;
  }

  /// The nearest rate, of those below or above, that was good or bad whenever it was tried.
  @Nullable Tried nearest(double rate, boolean asGood) {
    Tried best = null;
    for (Tried one : all) {
      double its = one.step().rate();
      boolean isBeyond = asGood ? its < rate : its > rate;
      boolean isNearer = best == null || Math.abs(its - rate) < Math.abs(best.step().rate() - rate);
      if (isMeasure(one) && isBeyond && isNearer && isSide(one, asGood)) {
        best = asGood || !isFromTheCold(one) ? one : best;
      }
    }
    return best;
  }

  private static boolean isMeasure(Tried one) {
    return one.stage() != Stage.CALM && one.stage() != Stage.WARM_UP;
  }
}
