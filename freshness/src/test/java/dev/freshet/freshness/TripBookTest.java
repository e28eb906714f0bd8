package dev.freshet.freshness;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.base.FakeTime;
import dev.freshet.freshness.DatabaseTime.Wording;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TripBookTest {
  private static final long SEED = 20_261_127;
  private final Trails trails = new Trails(new Freshness(1), new FakeTime(0));
  private final TripBook book = trails.book();
  private final Random random = new Random(SEED);

  private static TripTimes answered(long nanos) {
    return new TripTimes(1, 2, nanos, 3, 4, 5, 100);
  }

  private Trail trail(long fingerprint, long nanos) {
    Trail trail = trails.open(null, "/", random);
    trail
        .databaseTime()
        .ran(fingerprint, () -> new Wording("s" + fingerprint, "S" + fingerprint), 0, nanos, nanos);
    return trail;
  }

  @Test
  void partsAddUpToTheWhole() {
    Trail trail = trail(7, 400);
    trail.databaseTime().waited(100);
    book.arrived("GET /", answered(1_000), trail);
    TripBook.Line line = book.lines().getFirst();
    assertThat(line.spent()).isEqualTo(new TripBook.Spent(1, 2, 500, 100, 400, 3, 4, 5));
    assertThat(line.spent().total()).isEqualTo(answered(1_000).total());
    assertThat(line.seen()).isEqualTo(1);
    assertThat(line.slowest().getFirst().trace()).isEqualTo(trail.id().toString());
  }

  private static void ran(Trail trail, long fingerprint, long came, long ended) {
    trail
        .databaseTime()
        .ran(fingerprint, () -> new Wording("s" + fingerprint, ""), came, ended, ended - came);
  }

  private TripBook.StatementLine statement(long fingerprint) {
    return book.lines().getFirst().statements().stream()
        .filter(each -> each.fingerprint() == fingerprint)
        .findFirst()
        .orElseThrow();
  }

  /// The shortest gap is the way there and back; in a longer one the app had work to do.
  @Test
  void whatComesBetweenTheCallsOfOneStatementIsKnown() {
    Trail trail = trails.open(null, "/", random);
    ran(trail, 1, 100, 110);
    ran(trail, 7, 115, 120);
    ran(trail, 7, 130, 135);
    ran(trail, 7, 138, 140);
    book.arrived("GET /", answered(1_000), trail);
    assertThat(statement(7).betweenNanos()).isEqualTo(2 * 3);
    assertThat(statement(1).betweenNanos()).isZero();
  }

  @Test
  void statementsSideBySideHaveNothingBetween() {
    Trail trail = trails.open(null, "/", random);
    ran(trail, 7, 100, 200);
    ran(trail, 7, 110, 150);
    ran(trail, 7, 300, 310);
    book.arrived("GET /", answered(1_000), trail);
    assertThat(statement(7).betweenNanos()).isZero();
  }

  /// Whoever asks for paths without end, or runs statements without end, fills no memory; what
  /// costs most is still found.
  @Test
  void memoryIsBoundedAndTheMostExpensiveStatementStays() {
    for (int i = 0; i < 5_000; i++) {
      book.arrived("GET /" + i, answered(10), null);
      book.arrived("GET /it", answered(10_000), trail(random.nextInt(1_000_000), 10));
      book.arrived("GET /it", answered(10_000), trail(-1, 100));
    }
    assertThat(book.lines()).hasSize(TripBook.MAX_ROUTES + 1);
    TripBook.Line it = book.lines().getFirst();
    assertThat(it.route()).isEqualTo("GET /it");
    assertThat(it.trips()).isEqualTo(10_000);
    assertThat(it.statements()).hasSize(RouteTimes.MAX_STATEMENTS);
    assertThat(it.statements().getFirst().fingerprint()).isEqualTo(-1);
    assertThat(it.statements().getFirst().calls()).isEqualTo(5_000);
    assertThat(it.slowest()).hasSize(RouteTimes.MAX_SLOWEST);
    TripBook.Line others =
        book.lines().stream()
            .filter(line -> line.route().equals(TripBook.OTHERS))
            .findFirst()
            .orElseThrow();
    assertThat(others.trips()).isGreaterThan(4_000);
  }

  @Test
  void aTripOfAThousandStatementsTellsSixtyFourApart() {
    Trail trail = trails.open(null, "/", random);
    for (int i = 0; i < 1_000; i++) {
      long fingerprint = i;
      trail.databaseTime().ran(fingerprint, () -> new Wording("s" + fingerprint, ""), i, i + 1, 1);
    }
    assertThat(trail.databaseTime().sum().lines()).hasSize(64);
    assertThat(trail.databaseTime().sum().calls()).isEqualTo(1_000);
    assertThat(trail.databaseTime().sum().nanos()).isEqualTo(1_000);
  }
}
