package dev.freshet.load;

import dev.freshet.load.LoadResult.Line;
import dev.freshet.load.Measured.Validity;
import dev.freshet.load.Shot.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// Looks for the most users that are served within the API's targets: twice as many each time until
/// that fails, then between.
public final class MostUsers {
  private static final double MEAN = 100;
  private static final double P95 = 150;
  private static final double P99 = 250;

  /// Nearer than a fifth is not looked at: one short step tells no more.
  private static final double NEAR = 1.2;

  private MostUsers() {}

  /// So many users.
  ///
  /// @param why they were not served within the targets; empty where they were
  public record Step(int users, double perSecond, double apiP95, String why) {

    /// What a load of so many has shown.
    public static Step of(LoadResult result) {
      Line total = result.total();
      Line api = result.byKind().getOrDefault(Kind.API, total);
      return new Step(result.users(), total.perSecond(), api.p95(), why(result, total, api));
    }

    /// A generator that was late makes times longer, never shorter: only what it may have spoiled
    /// is laid at its door.
    private static String why(LoadResult result, Line total, Line api) {
      String seen = seen(total, api);
      boolean isSound = result.validity() == Validity.VALID;
      return isSound || seen.isEmpty() ? seen : result.validity().text();
    }

    private static String seen(Line total, Line api) {
      if (total.failures() > 0) {
        return total.failures() + " failed";
      }
      if (api.count() == 0) {
        return "nothing was asked of the API";
      }
      if (api.mean() > MEAN) {
        return over("mean", api.mean());
      }
      return api.p95() > P95
          ? over("p95", api.p95())
          : api.p99() > P99 ? over("p99", api.p99()) : "";
    }

    private static String over(String name, double millis) {
      return String.format(Locale.ROOT, "API %s %,.0f ms", name, millis);
    }

    /// Whether they were served within the targets.
    public boolean isGood() {
      return why.isEmpty();
    }

    /// For people.
    public String text() {
      return String.format(
          Locale.ROOT,
          "%,d users: %,.0f requests/s, API p95 %,.1f ms%s",
          users,
          perSecond,
          apiP95,
          isGood() ? "" : ", too many (" + why + ")");
    }
  }

  /// Puts so many users on the site.
  @FunctionalInterface
  public interface Load {
    LoadResult of(int users) throws InterruptedException;
  }

  /// All steps in the order they were made; the first with `from` users.
  ///
  /// @param most where the search ends in any case
  public static List<Step> search(int from, int most, Load load) throws InterruptedException {
    List<Step> out = new ArrayList<>();
    int good = 0;
    int users = from;
    while (true) {
      Step step = Step.of(load.of(users));
      out.add(step);
      if (!step.isGood()) {
        break;
      }
      good = users;
      if (users == most) {
        return out;
      }
      users = Math.min(most, users * 2);
    }
    int bad = users;
    while (good > 0 && bad - good > 1 && bad > good * NEAR) {
      // The middle as ratios go: twice as many is as far from once as four times from twice.
      int middle = (int) Math.round(Math.sqrt((double) good * bad));
      Step step = Step.of(load.of(middle));
      out.add(step);
      if (step.isGood()) {
        good = middle;
      } else {
        bad = middle;
      }
    }
    return out;
  }

  /// As many users as leave the generator its time, where those of `from` don't: half as many each
  /// time.
  ///
  /// @return 0 where not even one does
  public static int taken(int from, Load load) throws InterruptedException {
    for (int users = from / 2; users > 0; users /= 2) {
      if (load.of(users).validity() == Validity.VALID) {
        return users;
      }
    }
    return 0;
  }

  /// The most that were served within the targets; 0 when none were.
  public static int of(List<Step> steps) {
    return steps.stream().filter(Step::isGood).mapToInt(Step::users).max().orElse(0);
  }
}
