package dev.freshet.load;

import dev.freshet.load.LoadResult.Line;
import dev.freshet.load.Measured.Validity;
import dev.freshet.load.Proof.Row;
import dev.freshet.load.Proof.Table;
import dev.freshet.load.Shot.Kind;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/// The roadmap's tables, of rounds that were measured in turns.
public final class ProofTables {
  private static final double NONE = Double.NaN;
  private final List<Round> rounds;

  /// One turn on either side.
  public record Round(LoadResult bare, LoadResult through) {}

  /// Page loads in a browser.
  ///
  /// @param why nothing was measured; empty where something was
  /// @param isAsked false where nobody wants them
  public record PageLoads(List<PageFigure> figures, String why, boolean isAsked) {
    public PageLoads {
      figures = List.copyOf(figures);
    }

    /// Measured.
    public static PageLoads of(List<PageFigure> figures) {
      return new PageLoads(figures, "", true);
    }

    /// Nothing was measured, which is told.
    public static PageLoads none(String why) {
      return new PageLoads(PageFigure.nothing(), why, true);
    }

    /// Nothing was to be measured.
    public static PageLoads leftOut() {
      return new PageLoads(List.of(), "left out on demand", false);
    }
  }

  public ProofTables(List<Round> rounds) {
    if (rounds.isEmpty()) {
      throw new IllegalArgumentException("no round");
    }
    this.rounds = List.copyOf(rounds);
  }

  /// All of them.
  ///
  /// @param database rows that others have measured
  /// @param steps of a search for the most users; empty where there was none
  public List<Table> tables(PageLoads pages, List<Row> database, List<MostUsers.Step> steps) {
    List<Table> out = new ArrayList<>();
    out.add(new Table("Page load", pages(pages)));
    out.add(new Table("API", api()));
    if (!database.isEmpty()) {
      out.add(new Table("Database", database));
    }
    List<Row> success = new ArrayList<>(success());
    if (!steps.isEmpty()) {
      Interval most = Interval.of(List.of((double) MostUsers.of(steps)));
      success.add(1, new Row("most users, API on target", "", null, most, null, null));
    }
    out.add(new Table("Success", success));
    return out;
  }

  private List<Row> pages(PageLoads pages) {
    List<Row> out = new ArrayList<>();
    pages.figures().forEach(figure -> out.add(row(figure)));
    out.add(row("page response mean", " ms", Kind.PAGE, Line::mean, null));
    out.add(row("page response p95", " ms", Kind.PAGE, Line::p95, null));
    return out;
  }

  /// The times of rounds with as many users as the bare site takes, where it does not take those of
  /// the others.
  public Table taken() {
    List<Row> rows = new ArrayList<>();
    api().stream().filter(row -> row.unit().equals(" ms")).forEach(rows::add);
    rows.add(row("page response mean", " ms", Kind.PAGE, Line::mean, null));
    rows.add(row("page response p95", " ms", Kind.PAGE, Line::p95, null));
    rows.add(throughput());
    return new Table(
        String.format(
            Locale.ROOT,
            "With %,d users, as many as the bare site takes here",
            rounds.getFirst().bare().users()),
        rows.stream().map(Row::untargeted).toList());
  }

  /// Whether no time of the bare site can be believed.
  public boolean isBareDoubtful() {
    return rounds.stream().map(Round::bare).noneMatch(ProofTables::isSound);
  }

  private static Row row(PageFigure figure) {
    List<Double> bare = figure.bare();
    List<Double> through = figure.through();
    boolean isMeasured = !bare.isEmpty() && bare.size() == through.size();
    return new Row(
        figure.name(),
        figure.unit(),
        isMeasured ? Interval.of(bare) : null,
        isMeasured ? Interval.of(through) : null,
        isMeasured ? ratio(bare, through) : null,
        figure.target());
  }

  private List<Row> api() {
    return List.of(
        row("mean", " ms", Kind.API, Line::mean, Target.atMost(100, NONE, " ms")),
        row("p50", " ms", Kind.API, Line::p50, null),
        row("p95", " ms", Kind.API, Line::p95, Target.atMost(150, NONE, " ms")),
        row("p99", " ms", Kind.API, Line::p99, Target.atMost(250, NONE, " ms")),
        content());
  }

  /// How much an answer holds is the same from a generator that is late.
  private Row content() {
    Target target = Target.atMost(100, NONE, " kB");
    Row row = row("content", " kB", Kind.API, line -> line.meanContent() / 1e3, target);
    return new Row(row.name(), row.unit(), row.bare(), row.through(), row.ratio(), target);
  }

  private List<Row> success() {
    List<Row> out = new ArrayList<>();
    out.add(users());
    out.add(throughput());
    out.add(time("all requests p95", " ms", LoadResult::total, Line::p95, null));
    out.add(hits());
    out.add(
        new Row(
            "failed requests", "", failed(true), failed(false), null, Target.atMost(0, NONE, "")));
    boolean isAudited = rounds.stream().anyMatch(r -> r.through().audited().answers() > 0);
    boolean hasWrites = rounds.stream().anyMatch(r -> count(r.through(), Kind.WRITE) > 0);
    if (isAudited || hasWrites) {
      out.add(
          new Row(
              "stale answers",
              "",
              null,
              isAudited ? Interval.of(each(false, r -> (double) r.audited().stale())) : null,
              null,
              Target.atMost(0, NONE, "")));
    }
    return out;
  }

  /// Users that were there in every round without a failed request: with failures so many were not
  /// served.
  private Row users() {
    Target target = Target.atLeast(1_000, 10_000, "");
    return new Row(
        "users at once", "", Interval.of(served(true)), Interval.of(served(false)), null, target);
  }

  private List<Double> served(boolean isBare) {
    return each(isBare, r -> r.total().failures() == 0 && r.total().count() > 0 ? r.users() : 0.0);
  }

  /// Where nothing was asked nothing failed, which says nothing.
  private @Nullable Interval failed(boolean isBare) {
    boolean isAsked = each(isBare, r -> (double) r.total().count()).stream().allMatch(n -> n > 0);
    return isAsked ? Interval.of(each(isBare, r -> (double) r.total().failures())) : null;
  }

  private Row hits() {
    List<Double> told = each(false, r -> 100 * r.total().hitRatio());
    boolean isTold = told.stream().allMatch(share -> share >= 0);
    return new Row(
        "answered from the cache",
        " %",
        null,
        isTold ? Interval.of(told) : null,
        null,
        Target.atLeast(50, 80, " %"));
  }

  /// A time, of the rounds of which the generator kept up; where there is none of all, and nothing
  /// is said of it then.
  private Row row(
      String name, String unit, Kind kind, ToDoubleFunction<Line> figure, @Nullable Target target) {
    return time(name, unit, r -> line(r, kind), figure, target);
  }

  private Row time(
      String name,
      String unit,
      Function<LoadResult, Line> line,
      ToDoubleFunction<Line> figure,
      @Nullable Target target) {
    ToDoubleFunction<LoadResult> of = r -> figure.applyAsDouble(line.apply(r));
    Predicate<LoadResult> isThere = r -> line.apply(r).count() > 0;
    List<Round> both =
        rounds.stream().filter(r -> isSound(r.bare()) && isSound(r.through())).toList();
    boolean isBare = rounds.stream().map(Round::bare).allMatch(isThere);
    boolean isThrough = rounds.stream().map(Round::through).allMatch(isThere);
    Proof.Believed believed =
        new Proof.Believed(
            rounds.stream().map(Round::bare).anyMatch(ProofTables::isSound),
            rounds.stream().map(Round::through).anyMatch(ProofTables::isSound));
    boolean isComparable = isBare && isThrough && !both.isEmpty();
    return new Row(
        name,
        unit,
        isBare ? Interval.of(each(believed(r -> isSound(r.bare())), true, of)) : null,
        isThrough ? Interval.of(each(believed(r -> isSound(r.through())), false, of)) : null,
        isComparable ? ratio(each(both, true, of), each(both, false, of)) : null,
        target,
        believed);
  }

  private static boolean isSound(LoadResult result) {
    return result.validity() == Validity.VALID;
  }

  private List<Round> believed(Predicate<Round> isSound) {
    List<Round> out = rounds.stream().filter(isSound).toList();
    return out.isEmpty() ? rounds : out;
  }

  private Row throughput() {
    List<Double> bare = each(true, r -> r.total().perSecond());
    List<Double> through = each(false, r -> r.total().perSecond());
    Interval ratio = ratio(through, bare);
    return new Row("requests/s", "", Interval.of(bare), Interval.of(through), ratio, null);
  }

  private static @Nullable Interval ratio(List<Double> over, List<Double> under) {
    boolean isPositive = over.stream().allMatch(v -> v > 0) && under.stream().allMatch(v -> v > 0);
    return isPositive ? Interval.ofRatios(over, under) : null;
  }

  private List<Double> each(boolean isBare, ToDoubleFunction<LoadResult> figure) {
    return each(rounds, isBare, figure);
  }

  private static List<Double> each(
      List<Round> of, boolean isBare, ToDoubleFunction<LoadResult> figure) {
    return of.stream().map(r -> figure.applyAsDouble(isBare ? r.bare() : r.through())).toList();
  }

  private static long count(LoadResult result, Kind kind) {
    return line(result, kind).count();
  }

  private static Line line(LoadResult result, Kind kind) {
    Line line = result.byKind().get(kind);
    if (line == null) {
      throw new IllegalStateException("no figures for " + kind);
    }
    return line;
  }

  /// What makes the figures doubtful, each said once.
  public List<String> warnings() {
    Set<String> out = new LinkedHashSet<>();
    for (int i = 0; i < rounds.size(); i++) {
      Round round = rounds.get(i);
      String number = "round " + (i + 1);
      round.bare().warnings().forEach(w -> out.add(number + ", bare: " + w));
      round.through().warnings().forEach(w -> out.add(number + ", through Freshet: " + w));
      round.bare().total().errors().forEach((e, n) -> out.add(number + ", bare: " + n + " x " + e));
      round
          .through()
          .total()
          .errors()
          .forEach((e, n) -> out.add(number + ", through Freshet: " + n + " x " + e));
    }
    return List.copyOf(out);
  }
}
