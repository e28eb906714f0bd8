package dev.freshet.freshness;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.base.Rolls;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class WatchlistTest {
  private static final long PRODUCTS = 16_384;
  private static final int ID = 1;

  private final Freshness freshness = new Freshness(1 << 14);
  private final Freshness.Feed feed = freshness.feed();
  private final AtomicInteger told = new AtomicInteger();
  private final Watchlist<String> list = freshness.watchlist(told::incrementAndGet);
  private long position = 100;

  @BeforeEach
  void attach() {
    feed.attach(1, position, () -> CompletableFuture.completedFuture(position));
    list.suspects();
    told.set(0);
  }

  private Evidence product(int id) {
    return freshness.evidence(
        Objects.requireNonNull(freshness.asOf()),
        List.of(new Dependency.Rows(PRODUCTS, ID, String.valueOf(id))));
  }

  private void change(int id) {
    position += 10;
    feed.begin(position);
    feed.table(PRODUCTS, position);
    for (int column : feed.watched(PRODUCTS)) {
      feed.rows(PRODUCTS, column, String.valueOf(id), position);
    }
    feed.settle();
  }

  @Test
  void namesOnlyThoseWhoseRowsChanged() {
    list.watch("a", product(1));
    list.watch("b", product(2));
    change(2);
    feed.publish(position);
    assertThat(list.suspects()).containsExactly("b");
    assertThat(list.suspects()).isEmpty();
  }

  @Test
  void keepsWhatIsNotVisibleYetForTheNextLook() {
    list.watch("a", product(1));
    change(1);
    assertThat(list.suspects()).isEmpty();
    feed.publish(position);
    assertThat(list.suspects()).containsExactly("a");
  }

  @Test
  void isTimeToLookWhenSomethingWasPublishedAndNotBefore() {
    list.watch("a", product(1));
    change(1);
    assertThat(told).hasValue(0);
    feed.publish(position);
    assertThat(told).hasValue(1);
  }

  @Test
  void suspectsEverybodyWhenTheFeedComesOrGoes() {
    list.watch("a", product(1));
    feed.suspend(true);
    assertThat(list.suspects()).containsExactly("a");
    feed.suspend(false);
    assertThat(list.suspects()).containsExactly("a");
    feed.detach();
    assertThat(list.suspects()).containsExactly("a");
    attach();
    assertThat(list.suspects()).isEmpty();
    feed.attach(2, 5, () -> CompletableFuture.completedFuture(5L));
    assertThat(list.suspects()).containsExactly("a");
  }

  @Test
  void suspectsEverybodyWhenMoreChangedThanIsNoted() {
    list.watch("a", product(-1));
    for (int i = 0; i < 70_000; i++) {
      feed.rows(PRODUCTS, ID, String.valueOf(i), position);
    }
    assertThat(list.suspects()).containsExactly("a");
    change(7);
    feed.publish(position);
    assertThat(list.suspects()).isEmpty();
  }

  @Test
  void forgetsWhoLeavesAndWhatWasWatchedBefore() {
    list.watch("a", product(1));
    list.watch("a", product(2));
    list.watch("b", product(1));
    list.forget("b");
    change(1);
    feed.publish(position);
    assertThat(list.suspects()).isEmpty();
    list.close();
    change(2);
    feed.publish(position);
    assertThat(list.suspects()).isEmpty();
  }

  /// Whoever is no longer current has been a suspect since it was last seen to be.
  @Test
  void overlooksNobody() {
    Rolls rolls = new Rolls(20_261_126);
    Map<String, Evidence> watching = new HashMap<>();
    Set<String> hit = new HashSet<>();
    for (int step = 0; step < 20_000; step++) {
      String who = "w" + rolls.between(0, 50);
      switch (rolls.between(0, 3)) {
        case 0 -> {
          Evidence evidence = product(rolls.between(0, 60));
          watching.put(who, evidence);
          hit.remove(who);
          list.watch(who, evidence);
          if (!freshness.isCurrent(evidence)) {
            hit.add(who);
          }
        }
        case 1 -> {
          watching.remove(who);
          list.forget(who);
        }
        case 2 -> change(rolls.between(0, 60));
        default -> feed.publish(position);
      }
      if (rolls.chance(0.3)) {
        feed.publish(position);
        hit.addAll(list.suspects());
        for (Map.Entry<String, Evidence> each : watching.entrySet()) {
          assertThat(hit.contains(each.getKey()) || freshness.isCurrent(each.getValue()))
              .as("%s at step %d, seed %d", each.getKey(), step, rolls.seed())
              .isTrue();
        }
      }
    }
  }

  /// One thread watches and looks while another changes: nobody stays unnoticed.
  @Test
  void overlooksNobodyWhileOthersChange() throws InterruptedException {
    List<String> missed = new ArrayList<>();
    Thread changing =
        Thread.ofPlatform()
            .start(() -> {
              for (int i = 0; i < 20_000; i++) {
                change(i % 20);
                feed.publish(position);
              }
            });
    Map<String, Evidence> watching = new HashMap<>();
    int turn = 0;
    while (changing.isAlive()) {
      String who = "w" + turn++ % 20;
      Evidence evidence = product(turn % 20);
      list.watch(who, evidence);
      watching.put(who, evidence);
      if (!freshness.isCurrent(evidence)) {
        watching.remove(who);
        list.forget(who);
      }
      list.suspects().forEach(watching::remove);
    }
    changing.join();
    list.suspects().forEach(watching::remove);
    watching.forEach((who, evidence) -> {
      if (!freshness.isCurrent(evidence)) {
        missed.add(who);
      }
    });
    assertThat(missed).isEmpty();
  }
}
