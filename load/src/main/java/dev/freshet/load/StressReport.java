package dev.freshet.load;

import dev.freshet.load.BreakingPoint.Stage;
import dev.freshet.load.BreakingPoint.Tried;
import dev.freshet.load.StressStep.Verdict;
import dev.freshet.load.Usl.Point;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/// What a search found, told in words, as data and as Markdown.
///
/// @param target the address
/// @param users to plan for; 0 for none
/// @param perUser requests a second that a user makes
public record StressReport(String target, Found found, double users, double perUser) {

  private static final double MET = 2;

  /// A peak lower than this of what was measured is none.
  private static final double FITS = 0.9;

  /// A law that explains less of the scatter is none.
  private static final double EXPLAINS = 0.9;

  /// The law over the steps that were answered as asked; null where there are too few, or with too
  /// little under way, or where it does not fit them.
  public @Nullable Usl law() {
    Usl nearest = nearest();
    return nearest != null && nearest.explained() >= EXPLAINS ? nearest : null;
  }

  private @Nullable Usl nearest() {
    List<Point> points = new ArrayList<>();
    for (Tried tried : found.tried()) {
      boolean isMeasure =
          tried.stage() == Stage.RAISE
              || tried.stage() == Stage.NARROW
              || tried.stage() == Stage.AGAIN
              || tried.stage() == Stage.CONFIRM;
      // Refusals are quick: with many of them the load is not what was under way.
      boolean isAnswered = tried.verdict() != Verdict.FAILING && tried.verdict() != Verdict.UNSOUND;
      // What was ended early had no time to become steady.
      isAnswered &= !tried.isCut();
      StressStep step = tried.step();
      if (isMeasure && isAnswered && step.perSecond() > 0 && step.underWay() > 0) {
        points.add(new Point(step.underWay(), step.perSecond()));
      }
    }
    // Where hardly two requests ever met, nothing is told of what they cost each other.
    boolean isEnough =
        points.stream().mapToDouble(Point::load).distinct().count() >= 4
            && points.stream().anyMatch(point -> point.load() >= MET);
    return isEnough ? Usl.fit(points) : null;
  }

  /// One node's capacity, by what it keeps for sure; null when no rate is sure.
  public @Nullable CapacityPlan plan() {
    return found.sureGood() > 0 ? new CapacityPlan(found.sureGood(), perUser) : null;
  }

  /// What was at its limit; empty without a good and a bad rate.
  public List<Bottleneck> bottlenecks() {
    StressStep good = found.good();
    StressStep bad = found.bad();
    return good == null || bad == null ? List.of() : Bottleneck.between(good, bad, found.target());
  }

  // ---- in words ----

  /// What was found, each line a name and what is said of it.
  public Map<String, String> lines() {
    Map<String, String> out = new LinkedHashMap<>();
    StressStep good = found.good();
    StressStep bad = found.bad();
    out.put(
        "Target",
        s(
            "p95 up to %.0f ms, errors up to %.1f %%",
            found.target().p95(), found.target().errorRatio() * 100));
    if (found.warmUp() != null) {
      out.put("Warm-up", warmUp(found.warmUp()));
    }
    out.put("Keeps it at", good == null ? "no rate that was tried" : kept(good));
    out.put("Breaks at", bad == null ? "no rate that was tried" : broken(bad));
    if (good != null) {
      out.put(
          "Confirmed",
          found.isConfirmed()
              ? "yes, each by two steps or more"
              : "no: the time was up before; a longer --within tells");
    }
    for (Bottleneck one : bottlenecks()) {
      out.merge("At its limit", one.part().text() + ": " + one.evidence(), (a, b) -> a + "; " + b);
    }
    StressStep beyond = found.beyond();
    if (beyond != null) {
      out.put(
          "Beyond",
          s(
              "asked for %.4g a second it gave %.4g good answers, "
                  + "%.0f %% of the most there were: it %s",
              beyond.rate(),
              beyond.perSecond(),
              found.kept() * 100,
              found.sheds() ? "sheds what is too much" : "collapses"));
      out.put(
          "Recovery",
          switch (found.recovery()) {
            case WELL -> s("well again after %.1f s", found.recoverySeconds());
            case NOT_WELL -> "it was not well again while the search lasted";
            case NOT_TRIED -> "not tried: the search ended before";
          });
    } else if (good != null && bad != null) {
      boolean isAtLimit =
          bad.verdict(found.target()) == Verdict.UNSOUND
              || found.tried().stream().anyMatch(tried -> tried.stage() == Stage.BEYOND);
      out.put(
          "Beyond",
          isAtLimit
              ? "not known: the load generator can't go there"
              : found.isConfirmed()
                  ? "not tried: the search ended before"
                  : "not tried: where it breaks was not narrowed down in time");
    }
    lawLines(out);
    StressStep last = found.endedBy();
    if (last != null) {
      out.put(
          "Not well since",
          s(
              "it was asked for %.4g a second: it did not come back before the time was up, so"
                  + " nothing more was tried",
              last.rate()));
    }
    if (!found.isWhole()) {
      out.put("Ended early", "what is said here is what there was until then");
    }
    return out;
  }

  /// As narrowly as it is known.
  private String kept(StressStep good) {
    String once = s("%.4g a second (p95 %.1f ms)", good.rate(), good.p95());
    if (found.isConfirmed()) {
      return once;
    }
    String from = found.sureGood() > 0 ? s("%.4g", found.sureGood()) : "no rate for sure";
    String to =
        Double.isInfinite(found.sureBad())
            ? ", and how much more is not known"
            : s(" up to less than %.4g a second", found.sureBad());
    return from + to + "; the highest that was good last was " + once;
  }

  private static String warmUp(WarmUp warmed) {
    String who =
        s(
            "%d visitors who waited for their answers, for %.0f s",
            warmed.visitors(), warmed.step().seconds());
    String last = s("%.4g good answers a second at last", warmed.perSecond());
    String hits =
        warmed.hitRatio() < 0 ? "" : s(", %.1f %% of them from a cache", warmed.hitRatio() * 100);
    return s(
        "%s: %s%s, %s",
        who,
        last,
        hits,
        warmed.isSteady()
            ? "and steady"
            : "not steady yet: what was found may be too low, a longer --warm-up tells");
  }

  private String broken(StressStep bad) {
    String most =
        bad.errors().entrySet().stream()
            .max(Map.Entry.<String, Long>comparingByValue().thenComparing(Map.Entry::getKey))
            .map(kind -> ", most of them " + kind.getKey())
            .orElse("");
    return s(
        "%.4g a second: %s (p95 %.1f ms, %.2f %% errors%s)",
        bad.rate(), bad.verdict(found.target()).text(), bad.p95(), bad.errorRatio() * 100, most);
  }

  private void lawLines(Map<String, String> out) {
    Usl nearest = nearest();
    Usl law = law();
    if (nearest == null) {
      out.put(
          "Scalability", "the law is not fitted: too few steps, or hardly two requests ever met");
    } else if (law == null) {
      out.put(
          "Scalability",
          s(
              "no law fits: the nearest explains %.1f %% of what was measured, less than %.0f %%",
              nearest.explained() * 100, EXPLAINS * 100));
    } else {
      out.put(
          "Scalability",
          s(
              "%.4g a second for one at a time (%s), contention %.4g (%s), "
                  + "crosstalk %.3g (%s); explains %.1f %%",
              law.rate().value(),
              range(law.rate()),
              law.contention().value(),
              range(law.contention()),
              law.crosstalk().value(),
              range(law.crosstalk()),
              law.explained() * 100));
      double peak = law.peakLoad();
      boolean isSeen = peak <= CapacityPlan.REACH * law.measuredTo();
      double seen = law.points().stream().mapToDouble(Point::throughput).max().orElse(0);
      boolean isSure = law.crosstalk().low() > 0 && law.peak() >= seen * FITS;
      out.put(
          "Peak by the law",
          isSeen && isSure
              ? s("%.4g a second with %.0f under way", law.peak(), peak)
              : isSeen
                  ? "not known: the steps don't tell it, or the law doesn't fit them"
                  : s("none within twice what was measured (%.4g under way)", law.measuredTo()));
    }
    planLines(out);
  }

  private void planLines(Map<String, String> out) {
    CapacityPlan plan = plan();
    if (plan == null && found.good() != null) {
      out.put("One node", "not told: no rate was kept for sure");
    }
    if (plan != null) {
      out.put(
          "One node",
          s(
              "%.4g requests a second, %.0f users who make %.3g each%s",
              plan.perSecond(),
              Math.floor(plan.users()),
              perUser,
              found.isConfirmed() ? "" : ", at least: where it breaks is not confirmed"));
      if (users > 0) {
        OptionalInt nodes = plan.nodes(users);
        out.put(
            s("For %.0f users", users),
            nodes.isPresent()
                ? s(
                    "%d nodes, each at %.0f %% of that",
                    nodes.getAsInt(), CapacityPlan.HEADROOM * 100)
                : s(
                    "not foretold: beyond %.0f users, twice what was measured, "
                        + "what nodes share may be the limit; measure with two nodes",
                    Math.floor(plan.reach())));
      }
    }
  }

  private static String range(Usl.Parameter parameter) {
    return s("%.3g to %.3g", parameter.low(), parameter.high());
  }

  @SuppressWarnings("AnnotateFormatMethod")
  static String s(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }

  /// Heads of the table of steps.
  static final List<String> HEADS =
      List.of(
          "step",
          "rate/s",
          "good/s",
          "p50 ms",
          "p95 ms",
          "p99 ms",
          "errors",
          "hits",
          "under way",
          "verdict");

  /// A step as a row of the table.
  public static List<String> row(Stage stage, StressStep step, Verdict verdict) {
    return List.of(
        stage.text(),
        s("%.1f", step.rate()),
        s("%.1f", step.perSecond()),
        s("%.1f", step.p50()),
        s("%.1f", step.p95()),
        s("%.1f", step.p99()),
        s("%.2f %%", step.errorRatio() * 100),
        step.hitRatio() < 0 ? "-" : s("%.1f %%", step.hitRatio() * 100),
        s("%.1f", step.underWay()),
        verdict.text());
  }

  /// A row for a terminal of eighty columns, without what was under way.
  public static String line(Stage stage, StressStep step, Verdict verdict) {
    List<String> row = row(stage, step, verdict);
    return line(row.subList(0, row.size() - 2), verdict.brief());
  }

  private static String line(List<String> cells, String last) {
    StringBuilder out = new StringBuilder("  ").append(pad(cells.getFirst(), 8));
    for (int i = 1; i < cells.size(); i++) {
      out.append(s(i <= 2 ? "%9s" : "%8s", cells.get(i)));
    }
    return out.append("  ").append(last).toString();
  }

  /// The heads for a terminal.
  public static String heads() {
    return line(HEADS.subList(0, HEADS.size() - 2), HEADS.getLast());
  }

  private static String pad(String text, int width) {
    return text + " ".repeat(Math.max(0, width - text.length()));
  }

  /// For a terminal; the steps were shown while they went.
  public String text() {
    StringBuilder out = new StringBuilder("\n");
    lines()
        .forEach((name, said) -> out.append("  ").append(pad(name, 17)).append(said).append('\n'));
    return out.append('\n').toString();
  }

  /// For a page of documentation.
  public String markdown() {
    StringBuilder out = new StringBuilder("# Breaking point of ").append(target).append("\n\n");
    lines()
        .forEach((name, said) ->
            out.append("- **").append(name).append("**: ").append(said).append('\n'));
    out.append("\n| ").append(String.join(" | ", HEADS)).append(" |\n");
    out.append("|---".repeat(HEADS.size())).append("|\n");
    for (Tried tried : found.tried()) {
      List<String> row = row(tried.stage(), tried.step(), tried.verdict());
      out.append("| ").append(String.join(" | ", row)).append(" |\n");
    }
    return out.toString();
  }

  // ---- as data ----

  /// For JSON.
  public Map<String, Object> data() {
    Map<String, Object> out = new LinkedHashMap<>();
    out.put("target", target);
    out.put("p95Millis", found.target().p95());
    out.put("errorRatio", found.target().errorRatio());
    WarmUp warmed = found.warmUp();
    if (warmed != null) {
      Map<String, Object> warm = new LinkedHashMap<>();
      warm.put("visitors", warmed.visitors());
      warm.put("seconds", warmed.step().seconds());
      warm.put("goodPerSecond", warmed.perSecond());
      warm.put("hitRatio", warmed.hitRatio() < 0 ? null : warmed.hitRatio());
      warm.put("steady", warmed.isSteady());
      out.put("warmUp", warm);
    }
    put(out, "good", found.good());
    put(out, "bad", found.bad());
    out.put("confirmed", found.isConfirmed());
    out.put("surelyKeeps", found.sureGood() > 0 ? found.sureGood() : null);
    out.put("surelyBreaks", Double.isInfinite(found.sureBad()) ? null : found.sureBad());
    out.put("whole", found.isWhole());
    put(out, "beyond", found.beyond());
    out.put("keptBeyond", found.kept() < 0 ? null : found.kept());
    out.put("recovery", found.recovery().name().toLowerCase(Locale.ROOT));
    out.put("recoverySeconds", found.recoverySeconds() < 0 ? null : found.recoverySeconds());
    StressStep last = found.endedBy();
    out.put("notWellSince", last == null ? null : last.rate());
    out.put("seconds", found.seconds());
    List<Object> limits = new ArrayList<>();
    bottlenecks()
        .forEach(one ->
            limits.add(
                Map.of(
                    "part",
                    one.part().name().toLowerCase(Locale.ROOT),
                    "evidence",
                    one.evidence())));
    out.put("atItsLimit", limits);
    Usl law = law();
    if (law != null) {
      out.put("law", data(law));
    }
    CapacityPlan plan = plan();
    if (plan != null) {
      Map<String, Object> capacity = new LinkedHashMap<>();
      capacity.put("perSecond", plan.perSecond());
      capacity.put("confirmed", found.isConfirmed());
      capacity.put("perUser", plan.perUser());
      capacity.put("users", plan.users());
      capacity.put("reachUsers", plan.reach());
      if (users > 0) {
        OptionalInt nodes = plan.nodes(users);
        capacity.put("plannedUsers", users);
        capacity.put("nodes", nodes.isPresent() ? nodes.getAsInt() : null);
      }
      out.put("oneNode", capacity);
    }
    List<Object> steps = new ArrayList<>();
    for (Tried tried : found.tried()) {
      Map<String, Object> step = data(tried.step());
      step.put("stage", tried.stage().text());
      step.put("cut", tried.isCut());
      step.put("verdict", tried.verdict().name().toLowerCase(Locale.ROOT));
      steps.add(step);
    }
    out.put("steps", steps);
    return out;
  }

  private static void put(Map<String, Object> out, String name, @Nullable StressStep step) {
    out.put(name, step == null ? null : data(step));
  }

  private static Map<String, Object> data(StressStep step) {
    Map<String, Object> out = new LinkedHashMap<>();
    out.put("rate", step.rate());
    out.put("goodPerSecond", step.perSecond());
    out.put("p50Millis", step.p50());
    out.put("p95Millis", step.p95());
    out.put("p99Millis", step.p99());
    out.put("requests", step.count());
    out.put("errorRatio", step.errorRatio());
    out.put("underWay", step.underWay());
    out.put("hitRatio", step.hitRatio() < 0 ? null : step.hitRatio());
    out.put("lateMillis", Double.isInfinite(step.lateMillis()) ? null : step.lateMillis());
    out.put("sound", step.isSound());
    out.put("errors", step.errors());
    out.put("readings", step.readings());
    return out;
  }

  private static Map<String, Object> data(Usl law) {
    Map<String, Object> out = new LinkedHashMap<>();
    out.put("rate", data(law.rate()));
    out.put("contention", data(law.contention()));
    out.put("crosstalk", data(law.crosstalk()));
    out.put("explained", law.explained());
    out.put("measuredTo", law.measuredTo());
    return out;
  }

  private static Map<String, Object> data(Usl.Parameter parameter) {
    return Map.of("value", parameter.value(), "low", parameter.low(), "high", parameter.high());
  }
}
