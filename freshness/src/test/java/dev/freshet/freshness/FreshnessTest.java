package dev.freshet.freshness;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.base.FakeTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class FreshnessTest {
  private static final long PRODUCTS = 16_384;
  private static final long ORDERS = 16_390;
  private static final int ID = 1;
  private static final int CATEGORY = 3;
  private static final int STOCK = 7;

  private final Freshness freshness = new Freshness(1 << 12);
  private final Freshness.Feed feed = freshness.feed();
  private long head = 100;

  @BeforeEach
  void attach() {
    attachAt(1, 100);
  }

  private void attachAt(long history, long start) {
    feed.attach(history, start, () -> CompletableFuture.completedFuture(head));
  }

  private Evidence evidence(Dependency... dependencies) {
    return freshness.evidence(asOf(), List.of(dependencies));
  }

  private Freshness.AsOf asOf() {
    return Objects.requireNonNull(freshness.asOf());
  }

  private static Dependency product(int id) {
    return new Dependency.Rows(PRODUCTS, ID, String.valueOf(id));
  }

  private static Dependency category(int id) {
    return new Dependency.Rows(PRODUCTS, CATEGORY, String.valueOf(id));
  }

  /// A transaction that changes the product, as the feed tells it under REPLICA IDENTITY FULL.
  private void change(long position, int product, int category) {
    feed.begin(position);
    feed.table(PRODUCTS, position);
    for (int column : feed.watched(PRODUCTS)) {
      feed.rows(PRODUCTS, column, String.valueOf(column == ID ? product : category), position);
    }
    feed.settle();
  }

  @Test
  void staysCurrentUntilItsRowChanges() {
    Evidence of42 = evidence(product(42));
    change(110, 43, 1);
    assertThat(freshness.isCurrent(of42)).isTrue();
    change(120, 42, 1);
    assertThat(freshness.isCurrent(of42)).isFalse();
  }

  @Test
  void isNoLongerCurrentAsSoonAsTheChangeIsFoldedAndBeforeItIsPublished() {
    Evidence of42 = evidence(product(42));
    change(110, 42, 1);
    assertThat(freshness.published()).isEqualTo(100);
    assertThat(freshness.isCurrent(of42)).isFalse();
  }

  @Test
  void anAnswerMadeFromTheNewStateIsCurrent() {
    evidence(product(42));
    change(110, 42, 1);
    feed.publish(111);
    assertThat(freshness.isCurrent(evidence(product(42)))).isTrue();
  }

  @Test
  void aWholeTableIsAnyOfItsRows() {
    Evidence all = evidence(new Dependency.Table(PRODUCTS));
    Evidence other = evidence(new Dependency.Table(ORDERS));
    change(110, 1, 1);
    assertThat(freshness.isCurrent(all)).isFalse();
    assertThat(freshness.isCurrent(other)).isTrue();
  }

  @Test
  void anEmptiedTableTakesEveryRowWithIt() {
    Evidence of42 = evidence(product(42));
    Evidence all = evidence(new Dependency.Table(PRODUCTS));
    feed.begin(110);
    feed.whole(PRODUCTS, 110);
    feed.settle();
    assertThat(freshness.isCurrent(of42)).isFalse();
    assertThat(freshness.isCurrent(all)).isFalse();
  }

  @Test
  void anUnknownValueMayHaveBeenAny() {
    Evidence inThree = evidence(category(3));
    Evidence of42 = evidence(product(42));
    feed.begin(110);
    feed.column(PRODUCTS, CATEGORY, 110);
    feed.settle();
    assertThat(freshness.isCurrent(inThree)).isFalse();
    assertThat(freshness.isCurrent(of42)).isTrue();
  }

  @Test
  void whatWasNotToldBeforeSomebodyAskedCountsAsChanged() {
    Freshness.AsOf before = asOf();
    change(110, 42, 3);
    Evidence late = freshness.evidence(before, List.of(category(7)));
    assertThat(freshness.isCurrent(late)).isFalse();
    feed.publish(111);
    assertThat(freshness.isCurrent(evidence(category(7)))).isTrue();
  }

  @Test
  void withoutAFeedNothingIsCurrent() {
    Evidence of42 = evidence(product(42));
    feed.detach();
    assertThat(freshness.isCurrent(of42)).isFalse();
    assertThat(freshness.asOf()).isNull();
    assertThat(freshness.isAttached()).isFalse();
  }

  @Test
  void aFeedThatBeginsAnewVouchesForNothingBefore() {
    Evidence of42 = evidence(product(42));
    feed.detach();
    attachAt(1, 200);
    assertThat(freshness.isCurrent(of42)).isFalse();
    assertThat(freshness.isCurrent(evidence(product(42)))).isTrue();
  }

  @Test
  void positionsOfAnotherLogAreNotCompared() {
    change(500, 1, 1);
    feed.publish(501);
    Evidence of42 = evidence(product(42));
    attachAt(2, 50);
    assertThat(freshness.isCurrent(of42)).isFalse();
  }

  @Test
  void aLateFeedVouchesForNothingUntilItHasCaughtUp() {
    Evidence of42 = evidence(product(42));
    assertThat(freshness.isCurrent(of42)).isTrue();
    feed.suspend(true);
    assertThat(freshness.isCurrent(of42)).isFalse();
    assertThat(freshness.asOf()).isNull();
    feed.suspend(false);
    assertThat(freshness.isCurrent(of42)).isTrue();
  }

  /// Its writer was not held up: nobody was served from memory then.
  @Test
  void whatWasAcknowledgedWhileTheFeedWasLateIsSeenWhenItVouchesAgain() {
    Evidence of42 = evidence(product(42));
    feed.suspend(true);
    head = 150;
    feed.suspend(false);
    assertThat(freshness.isCurrent(of42)).isFalse();
    feed.suspend(true);
    feed.suspend(false);
    change(140, 42, 1);
    assertThat(freshness.isAttached()).isFalse();
    feed.publish(150);
    assertThat(freshness.isAttached()).isTrue();
    assertThat(freshness.isCurrent(of42)).isFalse();
    assertThat(freshness.isCurrent(evidence(product(42)))).isTrue();
  }

  @Test
  void aWriteIsNotAcknowledgedUnpublishedWhileTheFeedIsLate() {
    Evidence of42 = evidence(product(42));
    feed.suspend(true);
    head = 120;
    CompletableFuture<Boolean> passed = freshness.passed();
    assertThat(passed).isNotDone();
    change(110, 42, 1);
    feed.suspend(false);
    feed.publish(120);
    assertThat(passed).isCompletedWithValue(true);
    assertThat(freshness.isCurrent(of42)).isFalse();
  }

  @Test
  void nothingIsVouchedForBeyondTheMomentUpToWhichTheFeedIsInTime() {
    FakeTime time = new FakeTime(0);
    Freshness timed = new Freshness(1 << 10, Set.of(), time);
    timed.feed().until(1_000);
    timed.feed().attach(1, 100, () -> CompletableFuture.completedFuture(head));
    Evidence of42 = timed.evidence(Objects.requireNonNull(timed.asOf()), List.of(product(42)));
    time.advance(Duration.ofNanos(1_000));
    assertThat(timed.isCurrent(of42)).isTrue();
    time.advance(Duration.ofNanos(1));
    assertThat(timed.isCurrent(of42)).isFalse();
    assertThat(timed.asOf()).isNull();
    timed.feed().until(1_001);
    assertThat(timed.isCurrent(of42)).isTrue();
  }

  @Test
  void whatIsAsOfAPositionBeforeTheFloorDoesNotCountUntilMoreIsPublished() {
    feed.attach(1, 100, 150, () -> CompletableFuture.completedFuture(head));
    assertThat(freshness.isCurrent(freshness.evidence(1, 140, List.of(product(42))))).isFalse();
    assertThat(freshness.isCurrent(evidence(product(42)))).isFalse();
    feed.publish(160);
    assertThat(freshness.isCurrent(evidence(product(42)))).isTrue();
  }

  @Test
  void whatAnotherNodeStoredIsJudgedByOnesOwnFeed() {
    Evidence early = freshness.evidence(1, 90, List.of(product(42)));
    Evidence good = freshness.evidence(1, 105, List.of(product(42)));
    Evidence foreign = freshness.evidence(9, 105, List.of(product(42)));
    assertThat(freshness.isCurrent(early)).isFalse();
    assertThat(freshness.isCurrent(good)).isTrue();
    assertThat(freshness.isCurrent(foreign)).isFalse();
  }

  @Test
  void aFenceOpensWhenTheFeedHasPassedWhatWasCommitted() {
    head = 130;
    CompletableFuture<Boolean> fence = freshness.passed();
    feed.publish(120);
    assertThat(fence).isNotDone();
    feed.publish(130);
    assertThat(fence).isCompletedWithValue(true);
    assertThat(freshness.passed()).isCompletedWithValue(true);
  }

  @Test
  void aFenceOpensWhenTheFeedIsLost() {
    head = 130;
    CompletableFuture<Boolean> fence = freshness.passed();
    feed.detach();
    assertThat(fence).isCompletedWithValue(false);
    assertThat(freshness.passed()).isCompletedWithValue(false);
  }

  @Test
  void whereTheLogsEndCannotBeToldNothingIsCurrent() {
    Supplier<CompletableFuture<Long>> broken =
        () -> CompletableFuture.failedFuture(new IllegalStateException("gone"));
    feed.attach(1, 200, broken);
    Evidence of42 = evidence(product(42));
    assertThat(freshness.passed()).isCompletedWithValue(false);
    assertThat(freshness.isCurrent(of42)).isFalse();
  }

  @Test
  void doubtLastsUntilTheFeedHasPassed() {
    Evidence of42 = evidence(product(42));
    Evidence others = evidence(new Dependency.Table(ORDERS));
    head = 150;
    freshness.doubt(List.of(PRODUCTS));
    assertThat(freshness.isCurrent(of42)).isFalse();
    assertThat(freshness.isCurrent(others)).isTrue();
    assertThat(freshness.isCurrent(evidence(product(42)))).isFalse();
    feed.publish(150);
    assertThat(freshness.isCurrent(evidence(product(42)))).isTrue();
  }

  @Test
  void manyRowsAreTakenTogetherByTable() {
    List<Dependency> many =
        IntStream.range(0, Gathered.MAX + 1).mapToObj(FreshnessTest::product).toList();
    Evidence evidence = freshness.evidence(asOf(), many);
    assertThat(evidence.dependencies()).containsExactly(new Dependency.Table(PRODUCTS));
    change(110, 1_000_000, 1);
    assertThat(freshness.isCurrent(evidence)).isFalse();
  }

  @Test
  void aTableNamedAsAWholeNeedsNoRowsBeside() {
    Evidence evidence = evidence(product(1), new Dependency.Table(PRODUCTS), product(2));
    assertThat(evidence.dependencies()).containsExactly(new Dependency.Table(PRODUCTS));
  }

  /// What a feed knew is forgotten when it begins anew: nobody may look just then.
  @Test
  void whatHasChangedIsNeverCurrentWhileTheFeedBeginsAnew() throws InterruptedException {
    Freshness small = new Freshness(1 << 10);
    // Odd while the answer must not be current.
    AtomicInteger round = new AtomicInteger();
    AtomicInteger looks = new AtomicInteger();
    AtomicInteger violations = new AtomicInteger();
    small.feed().attach(1, 0, () -> CompletableFuture.completedFuture(head));
    // What has changed comes last, so that looking takes a while.
    List<Dependency> many =
        IntStream.rangeClosed(1, Gathered.MAX)
            .mapToObj(i -> (Dependency) new Dependency.Table(i))
            .toList();
    Evidence stale = small.evidence(Objects.requireNonNull(small.asOf()), many);
    Thread reader =
        Thread.ofPlatform()
            .start(() -> {
              int at = round.get();
              while (at >= 0) {
                boolean isCurrent = small.isCurrent(stale);
                if (isCurrent && at % 2 == 1 && round.get() == at) {
                  violations.incrementAndGet();
                }
                looks.incrementAndGet();
                at = round.get();
              }
            });
    for (int i = 0; i < 1_000; i++) {
      small.feed().table(Gathered.MAX, 5);
      small.feed().settle();
      round.incrementAndGet();
      awaitNext(looks);
      small.feed().attach(1, 10, () -> CompletableFuture.completedFuture(head));
      awaitNext(looks);
      round.incrementAndGet();
      small.feed().attach(1, 0, () -> CompletableFuture.completedFuture(head));
    }
    round.set(-1);
    reader.join();
    assertThat(violations).hasValue(0);
  }

  private static void awaitNext(AtomicInteger counter) {
    int seen = counter.get();
    while (counter.get() == seen) {
      Thread.onSpinWait();
    }
  }

  private static Dependency byStock(Dependency.Whole of) {
    return Dependency.Columns.of(of, List.of(STOCK));
  }

  /// As the feed tells an UPDATE of one column.
  private void update(long position, int product, int category, int column) {
    feed.begin(position);
    feed.table(PRODUCTS, position);
    for (int each : feed.watched(PRODUCTS)) {
      feed.rows(PRODUCTS, each, String.valueOf(each == ID ? product : category), position);
    }
    feed.updated(PRODUCTS, column, position);
    feed.settle();
  }

  @Test
  void staysCurrentWhileNoColumnThatCountsChanges() {
    Evidence all = evidence(byStock(new Dependency.Table(PRODUCTS)));
    Evidence one = evidence(byStock(new Dependency.Rows(PRODUCTS, ID, "1")));
    update(110, 1, 3, CATEGORY);
    assertThat(freshness.isCurrent(all)).isTrue();
    assertThat(freshness.isCurrent(one)).isTrue();
    update(120, 2, 3, STOCK);
    assertThat(freshness.isCurrent(all)).isFalse();
    // Another row changed in the column, and the row itself in another column.
    assertThat(freshness.isCurrent(one)).isFalse();
    Evidence three = evidence(byStock(new Dependency.Rows(PRODUCTS, ID, "3")));
    assertThat(three.asOf()).isEqualTo(100);
    update(130, 4, 3, STOCK);
    assertThat(freshness.isCurrent(three)).isTrue();
    update(140, 3, 3, STOCK);
    assertThat(freshness.isCurrent(three)).isFalse();
  }

  @Test
  void rowsThatComeOrGoCountWhateverTheColumns() {
    Evidence none = evidence(Dependency.Columns.of(new Dependency.Table(PRODUCTS), List.of()));
    Evidence other = evidence(byStock(new Dependency.Rows(PRODUCTS, ID, "2")));
    update(110, 1, 3, STOCK);
    assertThat(freshness.isCurrent(none)).isTrue();
    feed.begin(120);
    feed.table(PRODUCTS, 120);
    for (int each : feed.watched(PRODUCTS)) {
      feed.rows(PRODUCTS, each, "7", 120);
    }
    feed.members(PRODUCTS, 120);
    feed.settle();
    assertThat(freshness.isCurrent(none)).isFalse();
    assertThat(freshness.isCurrent(other)).isTrue();
    feed.whole(PRODUCTS, 130);
    feed.settle();
    assertThat(freshness.isCurrent(other)).isFalse();
  }

  @Test
  void columnsOfHighNumbersAndUnknownRowsCount() {
    Evidence far = evidence(Dependency.Columns.of(new Dependency.Table(PRODUCTS), List.of(1_600)));
    Evidence rows = evidence(byStock(new Dependency.Rows(PRODUCTS, CATEGORY, "3")));
    update(110, 1, 3, 1_600);
    assertThat(freshness.isCurrent(far)).isFalse();
    assertThat(freshness.isCurrent(rows)).isTrue();
    feed.begin(120);
    feed.column(PRODUCTS, CATEGORY, 120);
    feed.updated(PRODUCTS, STOCK, 120);
    feed.settle();
    assertThat(freshness.isCurrent(rows)).isFalse();
  }

  @Test
  void manyDependenciesByColumnsStayByColumns() {
    List<Dependency> many = new ArrayList<>();
    for (int i = 0; i <= Gathered.MAX; i++) {
      many.add(byStock(new Dependency.Rows(PRODUCTS, ID, String.valueOf(i))));
    }
    Evidence evidence = freshness.evidence(asOf(), many);
    assertThat(evidence.dependencies()).containsExactly(byStock(new Dependency.Table(PRODUCTS)));
    many.add(product(1));
    assertThat(freshness.evidence(asOf(), many).dependencies())
        .containsExactly(new Dependency.Table(PRODUCTS));
  }

  @Test
  void aFeedThatBeginsAnewCountsFromItsStart() {
    Evidence before = evidence(byStock(new Dependency.Table(PRODUCTS)));
    update(110, 1, 3, STOCK);
    feed.attach(1, 200, () -> CompletableFuture.completedFuture(200L));
    assertThat(freshness.isCurrent(before)).isFalse();
    Evidence after = evidence(byStock(new Dependency.Table(PRODUCTS)));
    assertThat(freshness.isCurrent(after)).isTrue();
  }

  private static Dependency inStock(Dependency.Whole of) {
    return new Dependency.Columns(of, List.of(CATEGORY), List.of(inStock()));
  }

  private static Comparison inStock() {
    return new Comparison(STOCK, Comparison.Sign.AT_MOST, "0");
  }

  /// As the feed tells an UPDATE of the stock.
  private void restock(long position, boolean isTurned) {
    feed.begin(position);
    feed.table(PRODUCTS, position);
    feed.updated(PRODUCTS, STOCK, position);
    if (feed.compared(PRODUCTS).contains(STOCK)) {
      feed.turned(PRODUCTS, STOCK, position, comparison -> isTurned);
    }
    feed.settle();
  }

  @Test
  void staysCurrentWhileTheComparisonsThatCountHaveTheSameResult() {
    Evidence inStock = evidence(inStock(new Dependency.Table(PRODUCTS)));
    restock(110, false);
    assertThat(freshness.isCurrent(inStock)).isTrue();
    update(120, 1, 3, ID);
    assertThat(freshness.isCurrent(inStock)).isTrue();
    restock(130, true);
    assertThat(freshness.isCurrent(inStock)).isFalse();
    feed.publish(140);
    Evidence later = evidence(inStock(new Dependency.Table(PRODUCTS)));
    assertThat(freshness.isCurrent(later)).isTrue();
    update(150, 1, 3, CATEGORY);
    assertThat(freshness.isCurrent(later)).isFalse();
  }

  @Test
  void aComparisonThatNobodyDependedOnTakesOverWhatIsKnownOfItsColumn() {
    restock(110, false);
    Evidence before = evidence(inStock(new Dependency.Table(PRODUCTS)));
    assertThat(freshness.isCurrent(before)).isFalse();
    feed.publish(120);
    assertThat(freshness.isCurrent(evidence(inStock(new Dependency.Table(PRODUCTS))))).isTrue();
  }

  @Test
  void aComparisonAmongTooManyIsForgottenAndItsColumnCounts() {
    Evidence first = evidence(inStock(new Dependency.Table(PRODUCTS)));
    for (int i = 1; i <= Comparisons.MAX; i++) {
      Comparison other = new Comparison(STOCK, Comparison.Sign.AT_MOST, String.valueOf(i));
      evidence(new Dependency.Columns(new Dependency.Table(PRODUCTS), List.of(), List.of(other)));
    }
    assertThat(freshness.isCurrent(first)).isTrue();
    restock(110, false);
    assertThat(freshness.isCurrent(first)).isFalse();
  }

  @Test
  void whoComparesAColumnThatCountsAnywayDependsOnItsValues() {
    Dependency.Whole all = new Dependency.Table(PRODUCTS);
    Dependency both = new Dependency.Columns(all, List.of(STOCK), List.of(inStock()));
    assertThat(both).isEqualTo(byStock(all));
    List<Dependency> many = new ArrayList<>();
    for (int i = 0; i <= Gathered.MAX; i++) {
      many.add(inStock(new Dependency.Rows(PRODUCTS, ID, String.valueOf(i))));
    }
    assertThat(freshness.evidence(asOf(), many).dependencies())
        .containsExactly(Dependency.Columns.of(all, List.of(CATEGORY, STOCK)));
  }
}
