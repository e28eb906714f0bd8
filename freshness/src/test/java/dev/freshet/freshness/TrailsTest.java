package dev.freshet.freshness;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.base.FakeTime;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TrailsTest {
  private static final Dependency PRODUCT = new Dependency.Rows(10, 1, "42");
  private static final Dependency SESSION = new Dependency.Rows(20, 1, "abc");

  private final Freshness freshness = new Freshness(1 << 10);
  private final FakeTime time = new FakeTime(0);
  private final Trails trails = new Trails(freshness, time);
  private final Random random = new Random(1);

  @BeforeEach
  void attach() {
    freshness.feed().attach(1, 100, () -> CompletableFuture.completedFuture(100L));
  }

  private Trail open() {
    return trails.open(null, "/product/*", random);
  }

  private static void isNothing(CompletableFuture<Learned> learned, Doubt doubt) {
    assertThat(learned)
        .isCompletedWithValueMatching(l -> l instanceof Learned.Nothing(Doubt d, _) && d == doubt);
  }

  @Test
  void whatWasReadUnderATraceIsTheEvidence() {
    Trail trail = open();
    Objects.requireNonNull(trails.find(trail.id())).reads(List.of(PRODUCT));
    assertThat(trail.close())
        .isCompletedWithValueMatching(l ->
            l instanceof Learned.From(Evidence e)
                && e.dependencies().equals(List.of(PRODUCT))
                && e.asOf() == 100);
  }

  @Test
  void thePositionIsThatOfTheBeginning() {
    Trail trail = open();
    freshness.feed().publish(150);
    trail.reads(List.of(PRODUCT));
    assertThat(trail.close())
        .isCompletedWithValueMatching(
            l -> l instanceof Learned.From(Evidence e) && e.asOf() == 100);
  }

  private void change(long position) {
    freshness.feed().begin(position);
    freshness.feed().table(30, position);
    freshness.feed().settle();
    freshness.feed().publish(position + 5);
  }

  private static Learned.From learned(Trail trail) {
    return (Learned.From) trail.close().join();
  }

  @Test
  void whatChangedBeforeItsPartWasReadDoesNotEndTheAnswer() {
    Dependency all = new Dependency.Table(30);
    Dependency other = new Dependency.Table(40);
    Trail trail = open();
    Trail early = open();
    trail.reads(List.of(other), 100);
    early.reads(List.of(all), 100);
    change(150);
    trail.reads(List.of(all), 155);
    early.reads(List.of(all), 155);
    Evidence whole = learned(trail).evidence();
    assertThat(whole.asOf()).isEqualTo(155);
    assertThat(freshness.isCurrent(whole)).isTrue();
    // It was read before as well.
    assertThat(freshness.isCurrent(learned(early).evidence())).isFalse();
    change(160);
    assertThat(freshness.isCurrent(whole)).isFalse();
  }

  @Test
  void whatIsOnlyKnownToComeAfterTheBeginningClaimsNoMore() {
    Trail trail = open();
    change(150);
    trail.reads(List.of(new Dependency.Table(30)));
    assertThat(freshness.isCurrent(learned(trail).evidence())).isFalse();
  }

  @Test
  void withoutReadsNothingIsLearned() {
    isNothing(open().close(), Doubt.NOTHING_SEEN);
  }

  @Test
  void aStatementThatMayBeAnybodysSpoilsEveryTripUnderWay() {
    Trail one = open();
    Trail other = open();
    one.reads(List.of(PRODUCT));
    other.reads(List.of(PRODUCT));
    other.close();
    trails.unclear(Doubt.UNTRACED_STATEMENT, "select 1");
    isNothing(one.close(), Doubt.UNTRACED_STATEMENT);
    assertThat(other.close()).isCompletedWithValueMatching(l -> l instanceof Learned.From);
  }

  @Test
  void whoWritesIsNotStored() {
    Trail trail = open();
    trail.reads(List.of(PRODUCT));
    trail.writes(List.of(10L));
    assertThat(trail.hasWritten()).isTrue();
    assertThat(trail.written()).containsExactly(10L);
    isNothing(trail.close(), Doubt.WROTE);
  }

  @Test
  void unknownWritesAreWrites() {
    Trail trail = open();
    trail.writes(null);
    assertThat(trail.hasWritten()).isTrue();
    assertThat(trail.written()).isNull();
  }

  @Test
  void bookkeepingMakesNoAnswerAnother() {
    trails.bookkeeping(Set.of(20L));
    Trail trail = open();
    trail.reads(List.of(PRODUCT, SESSION));
    trail.writes(List.of(20L));
    assertThat(trail.hasWritten()).isFalse();
    assertThat(trail.close())
        .isCompletedWithValueMatching(l ->
            l instanceof Learned.From(Evidence e) && e.dependencies().equals(List.of(PRODUCT)));
  }

  @Test
  void waitsForWhatIsStillBeingAnalysed() {
    Trail trail = open();
    trail.awaits();
    CompletableFuture<Learned> learned = trail.close();
    assertThat(learned).isNotDone();
    trail.reads(List.of(PRODUCT));
    trail.settled();
    assertThat(learned).isCompletedWithValueMatching(l -> l instanceof Learned.From);
  }

  @Test
  void withoutAFeedNothingIsLearned() {
    Trail trail = open();
    trail.reads(List.of(PRODUCT));
    freshness.feed().detach();
    isNothing(trail.close(), Doubt.NO_FEED);
    freshness.feed().attach(1, 200, () -> CompletableFuture.completedFuture(200L));
  }

  @Test
  void aTraceThatSomebodyHasIsNotSharedNorUsedAgainSoon() {
    TraceId wanted = new TraceId(1, 2);
    Trail first = trails.open(wanted, "/", random);
    Trail second = trails.open(wanted, "/", random);
    assertThat(first.id()).isEqualTo(wanted);
    assertThat(second.id()).isNotEqualTo(wanted);
    first.close();
    assertThat(trails.find(wanted)).isNull();
    assertThat(trails.hasEnded(wanted)).isTrue();
    assertThat(trails.open(wanted, "/", random).id()).isNotEqualTo(wanted);
  }

  @Test
  void theAppMayBeAtWorkForAMinuteForWhatWasGivenUpButNotForWhatWasAnswered() {
    Trail left = open();
    left.giveUp();
    left.drop();
    Trail answered = open();
    answered.close();
    answered.giveUp();
    assertThat(trails.isGivenUp(left.id())).isTrue();
    assertThat(trails.isGivenUp(answered.id())).isFalse();
    time.advance(Duration.ofMinutes(1));
    assertThat(trails.isGivenUp(left.id())).isFalse();
    assertThat(trails.hasEnded(left.id())).isTrue();
  }

  @Test
  void readsTraceparentsAsTheStandardSays() {
    TraceId id = new TraceId(0x4bf9_2f35_77b3_4da6L, 0xa3ce_929d_0e0e_4736L);
    String field = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    assertThat(TraceId.ofTraceparent(field)).isEqualTo(id);
    assertThat(TraceId.ofTraceparent("01" + field.substring(2) + "-more")).isEqualTo(id);
    assertThat(id.traceparent(0x00f0_67aa_0ba9_02b7L, true)).isEqualTo(field);
    for (String wrong :
        List.of(
            "",
            "ff" + field.substring(2),
            field.toUpperCase(Locale.ROOT),
            field.substring(1),
            field + "x",
            field.replace("4bf92f3577b34da6a3ce929d0e0e4736", "0".repeat(32)))) {
      assertThat(TraceId.ofTraceparent(wrong)).as(wrong).isNull();
    }
  }
}
