package dev.freshet.load;

import dev.freshet.load.BreakingPoint.Stage;
import dev.freshet.load.BreakingPoint.Tried;
import dev.freshet.load.StressStep.Target;
import dev.freshet.load.StressStep.Verdict;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a search for a breaking point found.
///
/// @param warmUp null where there was none
/// @param good the highest rate that kept the target, null when none did
/// @param bad the lowest that didn't, null when all did
/// @param sureGood the highest rate that is kept for sure by all that was seen, 0 when none is
/// @param sureBad the lowest that surely isn't, infinite when none is known
/// @param isConfirmed whether both bounds are sure; the good one, where there is no bad one
/// @param isWhole false when somebody ended the search
/// @param beyond what twice the first bad rate showed, null when it wasn't tried, or the generator
///   could not keep up
/// @param recoverySeconds from the end of its arrivals until the target was well; -1 unless
///   `recovery` is [Recovery#WELL]
public record Found(
    Target target,
    @Nullable WarmUp warmUp,
    @Nullable StressStep good,
    @Nullable StressStep bad,
    double sureGood,
    double sureBad,
    boolean isConfirmed,
    boolean isWhole,
    @Nullable StressStep beyond,
    Recovery recovery,
    double recoverySeconds,
    List<Tried> tried,
    double seconds) {
  private static final double SHEDS = 0.8;

  /// What was seen of the target after too much was asked of it.
  public enum Recovery {
    WELL,
    NOT_WELL,
    NOT_TRIED
  }

  public Found {
    tried = List.copyOf(tried);
  }

  /// Whether a rate is kept for sure: one step alone may have been lucky.
  public boolean keeps(double rate) {
    return sureGood >= rate;
  }

  /// The most good answers a second of all steps.
  public double peak() {
    return tried.stream()
        .filter(t -> t.stage() != Stage.WARM_UP && !t.isCut())
        .mapToDouble(t -> t.step().perSecond())
        .max()
        .orElse(0);
  }

  /// Good answers at twice the breaking point against the most there were; -1 when not tried.
  public double kept() {
    return beyond == null || peak() <= 0 ? -1 : beyond.perSecond() / peak();
  }

  /// The step behind which the target was not well any more until the time was up; null where there
  /// was none. What the last calm step tells decides: one that was too short for anything tells
  /// nothing, and one in which the generator was late tells of nothing but that.
  public @Nullable StressStep endedBy() {
    int last = tried.size() - 1;
    Verdict told = Verdict.EMPTY;
    while (last >= 0 && tried.get(last).isInVain()) {
      told = told == Verdict.EMPTY ? tried.get(last).verdict() : told;
      last--;
    }
    boolean isUnwell = told != Verdict.EMPTY && told != Verdict.UNSOUND;
    return isWhole && isUnwell && last >= 0 ? tried.get(last).step() : null;
  }

  /// Whether it goes on serving what it can when asked for too much.
  public boolean sheds() {
    return kept() >= SHEDS;
  }
}
