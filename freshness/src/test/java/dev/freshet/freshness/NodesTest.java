package dev.freshet.freshness;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.base.FakeTime;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/// Whom an answer to a write waits for, and for how long.
class NodesTest {
  private static final long LEASE = 800;

  private final FakeTime time = new FakeTime(0);
  private final Nodes nodes = new Nodes("here", LEASE, time);

  private void look(long end, Nodes.Entry... entries) {
    nodes.seen(nodes.look(), end, List.of(entries));
  }

  private static Nodes.Entry shows(String id, long position) {
    return new Nodes.Entry(10, id, position, LEASE);
  }

  private CompletableFuture<Void> passed(long position) {
    return nodes.passed(CompletableFuture.completedFuture(position), false);
  }

  @Test
  void whoIsAloneWaitsForOneLookAndNotForThePosition() {
    CompletableFuture<Void> passed = nodes.passed(new CompletableFuture<>(), false);
    assertThat(passed).isNotDone();
    look(100, shows("here", 50));
    assertThat(passed).isDone();
  }

  @Test
  void aLookThatHadBegunBeforeDoesNotCount() {
    long early = nodes.look();
    CompletableFuture<Void> passed = passed(90);
    nodes.seen(early, 100, List.of());
    assertThat(passed).isNotDone();
    look(100);
    assertThat(passed).isDone();
  }

  @Test
  void ofAllThatSeeEachOtherOneGoesFirst() {
    Nodes there = new Nodes("there", LEASE, new FakeTime(0));
    assertThat(nodes.isFirstFor("alone")).isTrue();
    look(100, shows("here", 50), shows("there", 50));
    there.seen(there.look(), 100, List.of(shows("here", 50), shows("there", 50)));
    int first = 0;
    for (int i = 0; i < 200; i++) {
      String key = "http://shop.example/" + i;
      assertThat(nodes.isFirstFor(key)).as(key).isNotEqualTo(there.isFirstFor(key));
      first += nodes.isFirstFor(key) ? 1 : 0;
    }
    assertThat(first).isBetween(70, 130);
  }

  @Test
  void itWaitsForAllThatShowSomethingAndForNobodyElse() {
    CompletableFuture<Void> passed = passed(90);
    Nodes.Entry idle = new Nodes.Entry(10, "idle", null, LEASE);
    look(100, shows("a", 90), shows("b", 80), idle);
    assertThat(passed).isNotDone();
    look(100, shows("a", 90), shows("b", 95), idle);
    assertThat(passed).isDone();
    assertThat(nodes.listed()).isEqualTo(3);
  }

  @Test
  void whatASessionOfAnotherRoleSaysOfANodeLetsNothingGo() {
    Nodes.Entry forged = new Nodes.Entry(11, "a", 1_000L, LEASE);
    CompletableFuture<Void> passed = passed(90);
    look(100, shows("a", 80), forged);
    assertThat(passed).isNotDone();
    look(100, shows("a", 90), forged);
    assertThat(passed).isDone();
  }

  @Test
  void whoDoesNotGetOnIsWaitedForUntilItsLeaseIsOverByAnyClock() {
    CompletableFuture<Void> passed = passed(90);
    look(100, shows("a", 80));
    time.advance(Duration.ofNanos(900));
    nodes.settle();
    assertThat(passed).isNotDone();
    time.advance(Duration.ofNanos(1));
    nodes.settle();
    assertThat(passed).isDone();
  }

  @Test
  void whoIsGoneIsRememberedAsLongAsItMayShowSomething() {
    look(100, shows("a", 80));
    look(100);
    time.advance(Duration.ofNanos(800));
    CompletableFuture<Void> passed = passed(90);
    look(100);
    assertThat(passed).isNotDone();
    time.advance(Duration.ofNanos(101));
    nodes.settle();
    assertThat(passed).isDone();
    assertThat(nodes.isAccompanied()).isTrue();
    look(100);
    assertThat(nodes.isAccompanied()).isFalse();
  }

  @Test
  void whoSaidFarewellIsNotWaitedFor() {
    look(100, shows("a", 80));
    look(100, new Nodes.Entry(10, "a", null, LEASE));
    look(100);
    CompletableFuture<Void> passed = passed(90);
    look(100);
    assertThat(passed).isDone();
  }

  @Test
  void outOfSightTheOthersAreWaitedForAndWhoNeverMetAnyWaitsForNobody() {
    nodes.outOfSight();
    assertThat(passed(90)).isDone();
    look(100, new Nodes.Entry(10, "a", null, LEASE));
    nodes.outOfSight();
    CompletableFuture<Void> passed = passed(90);
    assertThat(passed).isNotDone();
    time.advance(Duration.ofNanos(901));
    nodes.settle();
    assertThat(passed).isDone();
  }

  @Test
  void aLeaseIsAsShortAsItWasEverSaidToBe() {
    look(100, new Nodes.Entry(10, "a", 80L, LEASE));
    look(100, new Nodes.Entry(10, "a", 0L, 5_000));
    CompletableFuture<Void> passed = passed(90);
    look(100, new Nodes.Entry(10, "a", 0L, 5_000));
    assertThat(passed).isNotDone();
    time.advance(Duration.ofNanos(901));
    nodes.settle();
    assertThat(passed).isDone();
  }
}
