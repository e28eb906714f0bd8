package dev.freshet.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.freshet.load.LoadResult.Line;
import dev.freshet.load.Measured.Validity;
import dev.freshet.load.Proof.Row;
import dev.freshet.load.ProofTables.PageLoads;
import dev.freshet.load.ProofTables.Round;
import dev.freshet.load.Shot.Kind;
import dev.freshet.load.Target.Verdict;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// A proof says how sure it is, and never that a target is met when that is not certain.
class ProofTest {
  private static Line line(double millis, double ratio, Map<String, Long> errors) {
    return new Line(
        100, 10, millis, millis, millis, millis, millis, 2_000, 1_500, ratio, ratio, ratio, errors);
  }

  private static LoadResult result(int users, double millis, double ratio, long failed) {
    return result(users, millis, ratio, failed, Validity.VALID);
  }

  private static LoadResult result(
      int users, double millis, double ratio, long failed, Validity validity) {
    Map<String, Long> errors = failed == 0 ? Map.of() : Map.of("timeout", failed);
    Map<Kind, Line> byKind = new EnumMap<>(Kind.class);
    for (Kind kind : Kind.values()) {
      byKind.put(kind, line(millis, ratio, Map.of()));
    }
    return new LoadResult(
        users,
        10,
        line(millis, ratio, errors),
        byKind,
        new Audited(30, 0),
        validity,
        List.of(),
        ScorecardTest.UNCACHED);
  }

  private static List<Round> rounds(double... through) {
    List<Round> out = new ArrayList<>();
    for (double millis : through) {
      out.add(new Round(result(1_000, 800, -1, 0), result(1_000, millis, 0.9, 0)));
    }
    return out;
  }

  private static Row row(List<Proof.Table> tables, String title, String name) {
    return tables.stream()
        .filter(table -> table.title().equals(title))
        .flatMap(table -> table.rows().stream())
        .filter(row -> row.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  private static List<Proof.Table> tables(PageLoads pages, double... through) {
    return new ProofTables(rounds(through)).tables(pages, List.of(), List.of());
  }

  /// Eight figures with mean 5 and standard deviation sqrt(32/7); Student's t of 7 degrees of
  /// freedom is 2.365.
  @Test
  void anIntervalIsStudentsOverRounds() {
    Interval of = Interval.of(List.of(2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0));
    assertThat(of.mean()).isEqualTo(5);
    assertThat(of.half()).isCloseTo(2.365 * Math.sqrt(32.0 / 7) / Math.sqrt(8), within(1e-9));
    assertThat(Interval.of(List.of(3.0, 3.0, 3.0)).half()).isZero();
  }

  /// With two rounds t is 12.706, which is what two rounds are worth.
  @Test
  void twoRoundsTellLittleAndOneNothing() {
    assertThat(Interval.of(List.of(1.0, 2.0)).half()).isCloseTo(6.353, within(1e-9));
    Interval one = Interval.of(List.of(7.0));
    assertThat(one.mean()).isEqualTo(7);
    assertThat(one.half()).isInfinite();
    assertThat(Target.atMost(100, 10, "").verdict(one)).isEqualTo(Verdict.NOT_CERTAIN);
  }

  @Test
  void aRatioIsOfRoundsThatBelongTogether() {
    Interval of = Interval.ofRatios(List.of(10.0, 200.0, 30.0), List.of(1.0, 20.0, 3.0));
    assertThat(of.mean()).isCloseTo(10, within(1e-9));
    assertThat(of.low()).isCloseTo(10, within(1e-9));
    Interval around = Interval.ofRatios(List.of(1.0, 4.0), List.of(2.0, 2.0));
    assertThat(around.mean()).isCloseTo(1, within(1e-9));
    assertThat(around.low() * around.high()).isCloseTo(1, within(1e-9));
  }

  @Test
  void aTargetIsMetWhenTheWholeIntervalKeepsIt() {
    PageLoads pages =
        PageLoads.of(
            List.of(
                PageFigure.Kind.LOADED.of(
                    List.of(900.0, 900.0, 900.0), List.of(300.0, 310.0, 305.0))));
    List<Proof.Table> sure = tables(pages, 90, 91, 92);
    assertThat(row(sure, "API", "mean").verdict()).isEqualTo(Verdict.MET);
    assertThat(row(sure, "Page load", "page load").verdict()).isEqualTo(Verdict.MET);
    assertThat(row(sure, "Success", "users at once").verdict()).isEqualTo(Verdict.MET);
    assertThat(row(sure, "Success", "answered from the cache").verdict()).isEqualTo(Verdict.MET);
    assertThat(new Proof("", "", "", sure, List.of(), List.of(), List.of(), List.of()).isMet())
        .isTrue();
    List<Proof.Table> unsure = tables(pages, 60, 95, 130);
    assertThat(row(unsure, "API", "mean").verdict()).isEqualTo(Verdict.NOT_CERTAIN);
    assertThat(new Proof("", "", "", unsure, List.of(), List.of(), List.of(), List.of()).isMet())
        .isFalse();
    List<Proof.Table> slow = tables(pages, 101, 101, 101);
    assertThat(row(slow, "API", "mean").verdict()).isEqualTo(Verdict.MISSED);
    assertThat(row(slow, "API", "p95").verdict()).isEqualTo(Verdict.MET);
  }

  @Test
  void whatWasNotMeasuredIsNotMet() {
    List<Proof.Table> tables = tables(PageLoads.none("no browser"), 1, 1);
    assertThat(row(tables, "Page load", "page load").verdict()).isEqualTo(Verdict.NOT_MEASURED);
    assertThat(new Proof("", "", "", tables, List.of(), List.of(), List.of(), List.of()).isMet())
        .isFalse();
    Proof.Table without = tables(PageLoads.leftOut(), 1, 1).getFirst();
    assertThat(without.rows()).allMatch(row -> row.verdict() == Verdict.NONE);
  }

  /// Row by row: nothing that was measured of nothing is fine.
  @Test
  void whereNothingWasAskedNoTargetIsMet() {
    Line none = new Line(0, 0, 0, 0, 0, 0, 0, 0, 0, -1, -1, -1, Map.of());
    Map<Kind, Line> byKind = new EnumMap<>(Kind.class);
    for (Kind kind : Kind.values()) {
      byKind.put(kind, none);
    }
    LoadResult silent =
        new LoadResult(
            1_000,
            10,
            none,
            byKind,
            new Audited(0, 0),
            Validity.VALID,
            List.of(),
            ScorecardTest.UNCACHED);
    Round round = new Round(silent, silent);
    List<Proof.Table> tables =
        new ProofTables(List.of(round, round, round))
            .tables(PageLoads.none("no browser"), List.of(), List.of());
    assertThat(tables)
        .flatExtracting(Proof.Table::rows)
        .noneMatch(row -> row.verdict() == Verdict.MET);
    Scorecard card = new Scorecard(silent, silent, List.of(), List.of(), List.of());
    assertThat(card.rows()).noneMatch(row -> row.verdict().equals("met"));
  }

  /// A thousand users of whom some were not served are not a thousand users.
  @Test
  void usersWhoseRequestsFailedDontCount() {
    List<Round> rounds = new ArrayList<>(rounds(5));
    rounds.add(new Round(result(1_000, 800, -1, 0), result(1_000, 5, 0.9, 3)));
    ProofTables tables = new ProofTables(rounds);
    List<Proof.Table> made = tables.tables(PageLoads.leftOut(), List.of(), List.of());
    assertThat(row(made, "Success", "users at once").verdict()).isEqualTo(Verdict.MISSED);
    assertThat(row(made, "Success", "failed requests").verdict()).isEqualTo(Verdict.MISSED);
    assertThat(tables.warnings()).containsExactly("round 2, through Freshet: 3 x timeout");
  }

  private static Proof small() {
    Interval bare = new Interval(800, 780, 820, 4);
    Interval through = new Interval(12.34, 12, 12.68, 4);
    Row mean =
        new Row(
            "mean",
            " ms",
            bare,
            through,
            new Interval(64.8, 61, 68.9, 4),
            Target.atMost(100, 50, " ms"));
    Row none = new Row("load", " ms", null, null, null, Target.atMost(1_000, 200, " ms"));
    Map<String, Double> shares = new LinkedHashMap<>();
    shares.put("app", 0.18);
    shares.put("statements", 0.82);
    return new Proof(
        "Before and after",
        "10 users.",
        "4 rounds.",
        List.of(new Proof.Table("API", List.of(mean, none))),
        List.of("a note"),
        List.of(
            new Proof.Reason(
                "82 % of GET /category/* is one statement, run 24 times a request",
                "fetch them in one (N+1)",
                0.613,
                41.2,
                1_234,
                "select name from products where id < ? and note = '<b>'",
                List.of("reads all of products (20,000 rows)"))),
        List.of(new Proof.Stack("GET /category/*", 50.2, shares)),
        List.of(
            new Proof.Index(
                "reviews (product_id)",
                200_000,
                61_234.4,
                List.of("select stars\nfrom reviews where product_id = ? and note = '<b>'"),
                "CREATE INDEX CONCURRENTLY IF NOT EXISTS x ON public.reviews (product_id)")));
  }

  @Test
  void theReportForATerminal() {
    assertThat(ProofText.plain(small()))
        .isEqualTo(
            """
            Before and after

            10 users.

            1 of 2 targets met; not measured: API (load).

              API                                      bare            Freshet        better by   target
              mean                              800 ± 20 ms      12.3 ± 0.3 ms x 64.8 (61.0-68.9)   <= 100 (50) ms   met
              load                                        -                  -                    <= 1,000 (200) ms not measured

            Where the time goes that is still spent, the largest gain first
              1. 82 % of GET /category/* is one statement, run 24 times a request
                 61.3 % of all time of requests that reach the app, 41.2 ms for each of the 1,234 there
                 -> fetch them in one (N+1)
                 select name from products where id < ? and note = '<b>'
                 PostgreSQL reads all of products (20,000 rows)

            Indexes that the database lacks, as a script
              -- reviews (product_id), 200,000 rows: for statements that took 61,234 ms in all
              --   select stars from reviews where product_id = ? and note = '<b>'
              CREATE INDEX CONCURRENTLY IF NOT EXISTS x ON public.reviews (product_id);

              GET /category/*, 50.2 ms: statements 82 %, app 18 %

            note: a note
            4 rounds.
            """);
  }

  @Test
  void theReportInMarkdown() {
    assertThat(ProofText.markdown(small()))
        .isEqualTo(
            """
            # Before and after

            10 users.

            **1 of 2 targets met; not measured: API (load).**

            ## API

            | | bare | through Freshet | better by | target | |
            |---|---:|---:|---:|---|---|
            | mean | 800 ± 20 ms | 12.3 ± 0.3 ms | x 64.8 (61.0-68.9) | <= 100 (50) ms | met |
            | load | - | - |  | <= 1,000 (200) ms | not measured |

            ## Where the time goes that is still spent

            1. 82 % of GET /category/\\* is one statement, run 24 times a request (61.3 % of all time of requests that reach the app, 41.2 ms for each of the 1,234 there)\s\s
               fetch them in one (N+1)

               ```sql
               select name from products where id < ? and note = '<b>'
               ```
               PostgreSQL reads all of products (20,000 rows)

            - GET /category/\\*, 50.2 ms: statements 82 %, app 18 %

            ## Indexes that the database lacks, as a script

            ```sql
            -- reviews (product_id), 200,000 rows: for statements that took 61,234 ms in all
            --   select stars from reviews where product_id = ? and note = '<b>'
            CREATE INDEX CONCURRENTLY IF NOT EXISTS x ON public.reviews (product_id);
            ```

            ## How it was measured

            4 rounds.
            - a note
            """);
  }

  /// Nothing is fetched and nothing runs, whatever statements say.
  @Test
  void theReportAsOnePage() {
    String page = ProofPage.html(small());
    assertThat(page)
        .contains("800 ± 20 ms", "x 64.8 (61.0-68.9)", "not measured", "statements 82 %")
        .contains("note = '&lt;b&gt;'", "reads all of products")
        .contains("IF NOT EXISTS x ON public.reviews (product_id);</pre>")
        .doesNotContain("<b>", "<script", "http://", "https://", "src=", "@import", "NaN");
    assertThat(page.split("<svg", -1)).hasSize(3);
    assertThat(page.split("</svg>", -1)).hasSize(3);
  }

  /// What two rounds that differ make of an interval leaves the other bars their length.
  @Test
  void onePictureIsOfTimesThatCanBeBelieved() {
    Interval quick = new Interval(20, 19, 21, 2);
    Interval unsure = new Interval(30, 0, 40_000, 2);
    Proof.Row wide = new Proof.Row("unsure", " ms", quick, unsure, null, null);
    Interval slow = new Interval(90_000, 80_000, 99_000, 2);
    Proof.Believed not = new Proof.Believed(false, true);
    Proof.Row late = new Proof.Row("late", " ms", slow, quick, null, null, not);
    Proof.Table table = new Proof.Table("Times", List.of(wide, late));
    String page =
        ProofPage.html(
            new Proof("t", "w", "m", List.of(table), List.of(), List.of(), List.of(), List.of()));
    String picture = page.substring(page.indexOf("<svg"), page.indexOf("</svg>"));
    assertThat(picture).contains("unsure").doesNotContain("late");
    // 30 of the 60 that are drawn at most.
    assertThat(picture).contains("width=\"210.0\"").doesNotContain("width=\"1.0\"");
    assertThat(ProofText.ratio(new Interval(1_460, 0, 2e12, 2)))
        .isEqualTo("x 1,460 (may be anything)");
  }

  @Test
  void visitorsThinkAsLongAsToldInTheMean() {
    Mix mix = new ThinkingMix(new PathMix(List.of("/", "/api/a", "/a.css")), Duration.ofSeconds(2));
    Mix.Script script = mix.of(7, 3);
    double sum = 0;
    for (int i = 0; i < 20_000; i++) {
      sum += script.thinkNanos() / 1e9;
    }
    // Cut off at four times the mean, an exponential's mean is 1.8 % less.
    assertThat(sum / 20_000).isCloseTo(2 * (1 - Math.exp(-4)), within(0.06));
    assertThat(mix.of(7, 3).next()).isEqualTo(script.next());
    assertThat(PathMix.kind("/x/app.js?v=1")).isEqualTo(Kind.STATIC);
    assertThat(PathMix.kind("/api/products?q=a.css")).isEqualTo(Kind.API);
    assertThat(PathMix.kind("/about.html")).isEqualTo(Kind.PAGE);
  }

  private static Round late(Round of, boolean isBare) {
    LoadResult was = isBare ? of.bare() : of.through();
    LoadResult now =
        new LoadResult(
            was.users(),
            was.seconds(),
            was.total(),
            was.byKind(),
            was.audited(),
            Validity.STARVED,
            List.of(),
            ScorecardTest.UNCACHED);
    return isBare ? new Round(now, of.through()) : new Round(of.bare(), now);
  }

  @Test
  void roundsOfAGeneratorThatWasLateAreLeftOutOfTimes() {
    List<Round> rounds = rounds(90, 91, 92, 900);
    rounds.set(3, late(rounds.get(3), false));
    Row mean =
        row(
            new ProofTables(rounds).tables(PageLoads.leftOut(), List.of(), List.of()),
            "API",
            "mean");
    assertThat(mean.verdict()).isEqualTo(Verdict.MET);
    assertThat(mean.through()).isEqualTo(Interval.of(List.of(90.0, 91.0, 92.0)));
    assertThat(mean.bare()).isEqualTo(Interval.of(List.of(800.0, 800.0, 800.0, 800.0)));
    assertThat(mean.ratio()).isNotNull().extracting(Interval::rounds).isEqualTo(3);
  }

  @Test
  void whereNoRoundIsValidNoTimeIsJudged() {
    List<Round> rounds = new ArrayList<>();
    rounds(90, 91, 92).forEach(round -> rounds.add(late(round, false)));
    List<Proof.Table> tables =
        new ProofTables(rounds).tables(PageLoads.leftOut(), List.of(), List.of());
    assertThat(row(tables, "API", "mean").verdict()).isEqualTo(Verdict.INVALID);
    assertThat(row(tables, "API", "content").verdict()).isEqualTo(Verdict.MET);
    assertThat(new Proof("", "", "", tables, List.of(), List.of(), List.of(), List.of()).isMet())
        .isFalse();
  }

  /// What a machine without processors to spare took is no figure of the site's, and no ratio is
  /// made of it.
  @Test
  void aBareSiteThatLeftTheGeneratorNoTimeIsShownInBracketsAndComparedToNothing() {
    List<Round> rounds = new ArrayList<>();
    rounds(90, 91, 92).forEach(round -> rounds.add(late(round, true)));
    ProofTables made = new ProofTables(rounds);
    List<Proof.Table> tables = made.tables(PageLoads.leftOut(), List.of(), List.of());
    assertThat(made.isBareDoubtful()).isTrue();
    Row mean = row(tables, "API", "mean");
    assertThat(mean.ratio()).isNull();
    assertThat(mean.verdict()).isEqualTo(Verdict.MET);
    Proof proof = new Proof("", "", "", tables, List.of(), List.of(), List.of(), List.of());
    for (String text :
        List.of(ProofText.plain(proof), ProofText.markdown(proof), ProofPage.html(proof))) {
      assertThat(text).contains("(800 ± 0 ms)", "91.0 ± 2.5 ms", ProofText.DOUBTFUL);
    }
    rounds.add(rounds(93).getFirst());
    assertThat(new ProofTables(rounds).isBareDoubtful()).isFalse();
    assertThat(ProofText.plain(small())).doesNotContain(ProofText.DOUBTFUL);
  }

  @Test
  void asManyUsersAsTheBareSiteTakesAreFoundByHalving() throws InterruptedException {
    MostUsers.Load takes200 =
        users -> result(users, 5, 0.9, 0, users > 200 ? Validity.LATE : Validity.VALID);
    assertThat(MostUsers.taken(1_000, takes200)).isEqualTo(125);
    assertThat(MostUsers.taken(7, users -> result(users, 5, 0.9, 0, Validity.STARVED))).isZero();
    List<Round> fewer = List.of(new Round(result(125, 40, -1, 0), result(125, 4, 0.9, 0)));
    Proof.Table table = new ProofTables(fewer).taken();
    assertThat(table.title()).isEqualTo("With 125 users, as many as the bare site takes here");
    assertThat(table.rows()).allMatch(row -> row.verdict() == Verdict.NONE && row.bare() != null);
    assertThat(table.rows().getFirst().ratio())
        .isEqualTo(Interval.ofRatios(List.of(40.0), List.of(4.0)));
  }

  private static List<MostUsers.Step> search(int most, double perUser) throws InterruptedException {
    return MostUsers.search(1_000, most, users -> result(users, users * perUser, 0.9, 0));
  }

  /// An API that takes 20 ms for a thousand users, and twice that for twice as many, is on target
  /// up to 5,000.
  @Test
  @Timeout(20)
  void theMostUsersAreFoundAlsoWhereTheyAreFew() throws InterruptedException {
    for (int good = 1; good <= 12; good++) {
      double perUser = 99.9 / good;
      List<MostUsers.Step> steps =
          MostUsers.search(1, 100, users -> result(users, users * perUser, 0.9, 0));
      assertThat(MostUsers.of(steps)).isBetween((int) Math.floor(good / 1.2), good);
    }
  }

  /// Who is served in time by a generator that is late is served in time.
  @Test
  void aLateGeneratorMakesNoUsersTooManyWhoAreServedInTime() {
    assertThat(MostUsers.Step.of(result(4_000, 15, 0.9, 0, Validity.LATE)).isGood()).isTrue();
    assertThat(MostUsers.Step.of(result(4_000, 300, 0.9, 0, Validity.LATE)).why())
        .isEqualTo(Validity.LATE.text());
    assertThat(MostUsers.Step.of(result(4_000, 300, 0.9, 0)).why()).isEqualTo("API mean 300 ms");
  }

  @Test
  void theMostUsersAreFoundByStepsAndHalving() throws InterruptedException {
    List<MostUsers.Step> steps = search(10_000, 0.02);
    assertThat(steps).extracting(MostUsers.Step::users).startsWith(1_000, 2_000, 4_000, 8_000);
    assertThat(steps.get(3).text()).contains("8,000 users", "too many (API mean 160 ms)");
    assertThat(MostUsers.of(steps)).isBetween(4_100, 5_000);
    assertThat(MostUsers.of(search(3_000, 0.02))).isEqualTo(3_000);
    assertThat(MostUsers.of(search(10_000, 1))).isZero();
    Row row =
        row(
            new ProofTables(rounds(5)).tables(PageLoads.leftOut(), List.of(), steps),
            "Success",
            "most users, API on target");
    assertThat(row.through()).isNotNull().extracting(Interval::mean).isEqualTo(4_000.0 + 757);
  }

  @Test
  void usersOfWhomOneFailedAreTooMany() {
    MostUsers.Step step = MostUsers.Step.of(result(1_000, 5, 0.9, 1));
    assertThat(step.isGood()).isFalse();
    assertThat(step.text()).endsWith("too many (1 failed)");
  }
}
