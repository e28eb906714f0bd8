package dev.freshet.load;

import dev.freshet.load.BreakingPoint.Stage;
import dev.freshet.load.BreakingPoint.Tried;
import dev.freshet.load.StressStep.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.DoubleStream;
import org.jspecify.annotations.Nullable;

/// The steps of a search, in the order in which they were tried, and what may be concluded from
/// them.
///
/// What is tried changes what it is tried on: caches fill, code is compiled. So a rate that was too
/// much may be none later. That shows where a calmer step since then had clearly more of its
/// answers from a cache, or where a rate that was bad twice turned out good: bad rates from before
/// are not believed then.
///
/// A target that keeps a rate keeps lower ones, so every step tells of other rates, too: a rate is
/// sure where two steps or more say so, twice as long as those that say the contrary.
final class Attempts {
  private static final double MORE_HITS = 0.05;

  private final List<Tried> all = new ArrayList<>();

  /// So many steps make a rate sure.
  private static final int SURE = 2;

  /// And so many times as long as what says the contrary.
  private static final double CLEARLY = 2;

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

  /// The highest rate that is kept for sure; 0 when none is.
  ///
  /// @param good the search's bound: what was good above it has been contradicted
  double sureGood(@Nullable Tried good) {
    return good == null ? 0 : sure(good.step().rate(), true).max().orElse(0);
  }

  /// The lowest that surely isn't; infinite when none is known.
  ///
  /// @param bad the search's bound: what was bad below it has been contradicted
  double sureBad(@Nullable Tried bad) {
    double never = Double.POSITIVE_INFINITY;
    return bad == null ? never : sure(bad.step().rate(), false).min().orElse(never);
  }

  /// Rates on this side of the bound that are sure.
  private DoubleStream sure(double bound, boolean asGood) {
    List<Tried> says = telling(asGood);
    List<Tried> contrary = telling(!asGood);
    return says.stream()
        .mapToDouble(one -> one.step().rate())
        .filter(rate -> asGood ? rate <= bound : rate >= bound)
        .filter(rate -> between(says, rate, bound).size() >= SURE)
        .filter(rate -> holds(says, contrary, rate, bound, asGood));
  }

  /// Whether no point on the other side of this rate would explain nearly as well what was seen.
  /// Had it been there, the steps of this side from there on were all chance; as it is, those of
  /// the other.
  private static boolean holds(
      List<Tried> says, List<Tried> contrary, double rate, double bound, boolean asGood) {
    for (Tried one : contrary) {
      double there = one.step().rate();
      boolean isAgainst = asGood ? there <= rate : there >= rate;
      double against = seconds(between(contrary, there, rate));
      if (isAgainst && seconds(between(says, there, bound)) < CLEARLY * against) {
        return false;
      }
    }
    return true;
  }

  /// Whether it was seen at that rate once more, since bounds were near each other: a target
  /// changes in the time it takes to get there.
  boolean isSeenAgain(double rate, boolean asGood) {
    return telling(asGood).stream()
        .anyMatch(one -> one.stage() == Stage.CONFIRM && one.step().rate() == rate);
  }

  private static List<Tried> between(List<Tried> of, double one, double other) {
    double from = Math.min(one, other);
    double to = Math.max(one, other);
    return of.stream().filter(t -> t.step().rate() >= from && t.step().rate() <= to).toList();
  }

  /// The steps that are believed, of one side.
  private List<Tried> telling(boolean asGood) {
    return all.stream()
        .filter(one -> isMeasure(one) && isSide(one, asGood) && (asGood || !isFromTheCold(one)))
        .toList();
  }

  private static double seconds(List<Tried> of) {
    return of.stream().mapToDouble(Tried::seconds).sum();
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
    return switch (one.stage()) {
      case WARM_UP, CALM, RECOVER -> false;
      case RAISE, NARROW, AGAIN, CONFIRM, BEYOND -> true;
    };
  }
}
