package dev.freshet.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.freshet.app.Bottleneck.Kind;
import dev.freshet.app.Plans.Plan;
import dev.freshet.base.FakeTime;
import dev.freshet.freshness.DatabaseTime.Wording;
import dev.freshet.freshness.Freshness;
import dev.freshet.freshness.Trail;
import dev.freshet.freshness.Trails;
import dev.freshet.freshness.TripTimes;
import dev.freshet.gateway.StatementsSnapshot;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// What is said of trips whose times are known.
class DiagnosisTest {
  private static final long MS = 1_000_000;
  private final Trails trails = new Trails(new Freshness(1), new FakeTime(0));
  private final Random random = new Random(1);

  private static TripTimes times(long connection, long answer, long transfer, long octets) {
    return new TripTimes(0, connection * MS, answer * MS, 0, 0, transfer * MS, octets);
  }

  /// A trip whose statement runs some times, a millisecond each.
  private Trail trail(String statement, int times) {
    return trail(statement, times, 0);
  }

  /// @param gap milliseconds from the end of one until the next
  private Trail trail(String statement, int times, long gap) {
    Trail trail = trails.open(null, "/", random);
    Wording wording = new Wording(statement, statement);
    for (int i = 0; i < times; i++) {
      long came = i * (1 + gap) * MS;
      trail.databaseTime().ran(statement.hashCode(), () -> wording, came, came + MS, MS);
    }
    return trail;
  }

  private BottleneckReport report() {
    return report(Map.of());
  }

  private BottleneckReport report(Map<String, Plan> plans) {
    return report(plans, new StatementsSnapshot(0, 0, 0, 0, 0, 0, List.of()));
  }

  private BottleneckReport report(Map<String, Plan> plans, StatementsSnapshot statements) {
    String pools = "pool app@shop: 1 connections, 4 enough";
    return new Diagnosis(
            trails.book().lines(), new Diagnosis.Context(true, pools, statements, asked -> plans))
        .report();
  }

  private static List<String> said(BottleneckReport report) {
    return report.bottlenecks().stream().map(b -> b.says() + ": " + b.remedy()).toList();
  }

  @Test
  void oneStatementForEachItemIsNPlusOne() {
    Trail trail = trail("select name from products where id = ?", 24);
    trails.book().arrived("GET /category/*", times(1, 28, 1, 9_000), trail);
    assertThat(said(report()))
        .containsExactly(
            "80 % of GET /category/* is one statement, run 24 times a request (up to 24),"
                + " 1.00 ms each: fetch what it asks for in one statement (N+1)");
    assertThat(report().bottlenecks().getFirst().kind()).isEqualTo(Kind.REPEATED_STATEMENT);
  }

  /// Their own time may be little, and that between them is the app's: it is busy with them.
  @Test
  void anAppThatAsksForMuchIsToldSo() {
    Trail trail = trail("select name from brands where id = ?", 60, 9);
    trails.book().arrived("GET /api/search", times(0, 2_000, 0, 9_000), trail);
    assertThat(said(report()).getFirst())
        .startsWith("70 % of GET /api/search is the app itself, outside its statements: ")
        .endsWith(
            "it asks for 60 statements a request, each of which takes the app's own time"
                + " too: fetch the same with few (N+1), then profile the app");
  }

  /// Each costs a trip to the database too, which one statement would spare; what the app does
  /// beside stays its own.
  @Test
  void theWayOfEachQuickStatementBelongsToNPlusOne() {
    Trail trail = trail("select name from customers where id = ?", 26, 5);
    trails.book().arrived("GET /reviews", times(0, 260, 0, 9_000), trail);
    BottleneckReport report = report();
    assertThat(report.bottlenecks())
        .extracting(Bottleneck::kind)
        .containsExactly(Kind.REPEATED_STATEMENT, Kind.APP);
    assertThat(said(report).getFirst())
        .isEqualTo(
            "58 % of GET /reviews is one statement, run 26 times a request (up to 26), 1.00 ms"
                + " each and 5.00 ms on the way: fetch what it asks for in one statement (N+1)");
    assertThat(report.bottlenecks().stream().mapToDouble(Bottleneck::share).sum())
        .isCloseTo(1, within(1e-9));
    assertThat(report.routes().getFirst().parts())
        .containsEntry("app", new BottleneckReport.Part(234, 0.9));
  }

  /// An app that is at something else meanwhile would be all the same.
  @Test
  void anAppThatIsSlowBesideItsStatementsIsNamedFirst() {
    Trail trail = trail("select name from customers where id = ?", 26);
    trails.book().arrived("GET /reviews", times(0, 260, 0, 9_000), trail);
    assertThat(report().bottlenecks())
        .extracting(Bottleneck::kind)
        .containsExactly(Kind.APP, Kind.REPEATED_STATEMENT);
  }

  @Test
  void theLargestGainComesFirstWhateverTheRoute() {
    trails.book().arrived("GET /slow", times(0, 500, 0, 10), trail("select 1", 1));
    trails.book().arrived("GET /big", times(100, 300, 900, 1_900_000), trail("select 2", 1));
    assertThat(said(report()))
        .containsExactly(
            "69 % of GET /big is handing over the answer, 1,900.0 kB in the mean: send less:"
                + " paginate lists (docs/pagination.md), leave out what nobody reads",
            "100 % of GET /slow is the app itself, outside its statements: profile the app; its"
                + " database is not what it waits for",
            "23 % of GET /big is the app itself, outside its statements: profile the app; its"
                + " database is not what it waits for");
  }

  @Test
  void waitingForThePoolIsToldWithItsSize() {
    Trail trail = trail("update stock set n = ?", 3);
    trail.databaseTime().waited(61 * MS);
    trails.book().arrived("POST /api/cart", times(0, 90, 10, 10), trail);
    assertThat(said(report()).getFirst())
        .isEqualTo(
            "61 % of POST /api/cart is waiting for a connection to the database: raise"
                + " gateway.pool.size, or shorten what holds connections (pool app@shop: 1"
                + " connections, 4 enough)");
  }

  @Test
  void aPlanStandsBesideItsStatement() {
    trails.book().arrived("GET /a", times(0, 30, 0, 10), trail("select slow", 4));
    trails.book().arrived("GET /b", times(0, 8, 0, 10), trail("select other", 4));
    BottleneckReport report =
        report(Map.of("select slow", new Plan(List.of("reads all of t (9 rows)"), List.of())));
    Bottleneck slow =
        report.bottlenecks().stream()
            .filter(each -> "select other".equals(each.statement()))
            .findFirst()
            .orElseThrow();
    assertThat(slow.plan()).isEmpty();
    assertThat(slow.says())
        .isEqualTo("50 % of GET /b is one statement, 4.0 times a request, 1.00 ms each");
  }

  /// Side by side they take more time than the answer did.
  @Test
  void statementsThatRanInParallelAreNoMoreThanTheAnswer() {
    trails.book().arrived("GET /", times(0, 10, 10, 10), trail("select 1", 40));
    BottleneckReport.RouteTime route = report().routes().getFirst();
    assertThat(route.parallelTrips()).isEqualTo(1);
    assertThat(route.parts()).containsEntry("statements", new BottleneckReport.Part(10, 0.5));
    assertThat(route.statements().getFirst().share()).isEqualTo(0.5);
    assertThat(route.statements().getFirst().totalMillis()).isEqualTo(40);
  }

  @Test
  void whatWasNotMeasuredIsSaid() {
    assertThat(report().isMeasured()).isFalse();
    assertThat(report().notes())
        .containsExactly("nothing measured: no request has gone to the app and come back yet");
    trails.book().arrived("GET /", times(0, 10, 0, 10), null);
    trails.book().failed("GET /");
    assertThat(report().notes())
        .containsExactly(
            "statements not measured: none came under the trace of a request; see"
                + " docs/integrations.md, until then the app and its database count as one",
            "1 trips brought no answer, or nobody waited for it; their time is not here");
    assertThat(said(report()).getFirst())
        .startsWith("100 % of GET / is the app and whatever it asks: have its statements carry");
    assertThat(report().routes().getFirst().parts()).doesNotContainKeys("statements", "poolWait");
  }

  /// Under a starved processor the app itself takes all the time there is.
  @Test
  void anIndexIsNamedForAStatementThatNoBottleneckNames() {
    trails.book().arrived("GET /a", times(0, 900, 0, 10), trail("select 1 where k = 7", 1));
    String fingerprint =
        String.format(Locale.ROOT, "%016x", (long) "select 1 where k = 7".hashCode());
    MissingIndex index = new MissingIndex("public", "t", "k", 9_000, 300, "CREATE INDEX x");
    BottleneckReport report =
        report(
            Map.of("select 1 where k = 7", new Plan(List.of(), List.of(index))),
            new StatementsSnapshot(
                1, 9, 0, 1, 1, 0, List.of(line(fingerprint, "select ? where k = ?"))));
    assertThat(report.bottlenecks()).extracting(Bottleneck::kind).containsExactly(Kind.APP);
    assertThat(report.indexes())
        .containsExactly(
            new IndexAdvice(
                "public",
                "t",
                "k",
                9_000,
                300,
                1,
                List.of("select ? where k = ?"),
                "CREATE INDEX x"));
  }

  private static StatementsSnapshot.Line line(String fingerprint, String text) {
    return new StatementsSnapshot.Line(
        fingerprint,
        text,
        1,
        1,
        1,
        1,
        0,
        1,
        1,
        1,
        1,
        0,
        Map.of(),
        "yes",
        0,
        Map.of(),
        new StatementsSnapshot.Repeated(0, 0, 0));
  }

  @Test
  void aStatementWithoutItsConstantsCanStillBePlanned() {
    assertThat(Diagnosis.numbered("select \"a?\" from t where a = ? and b in (?...) limit ?"))
        .isEqualTo("select \"a?\" from t where a = $1 and b in ($2) limit $3");
  }
}
