package dev.freshet.freshness;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.base.Rolls;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class LastChangesTest {

  @Test
  void neverSaysThatSomethingChangedEarlierThanItDid() {
    for (int seed = 0; seed < 200; seed++) {
      Rolls rolls = new Rolls(seed);
      LastChanges changes = new LastChanges(64);
      Map<Long, Long> truth = new HashMap<>();
      for (int step = 0; step < 500; step++) {
        long mark = Mark.rows(1, 1, "v" + rolls.between(0, 200));
        long position = rolls.chance(0.9) ? 1_000 + step : rolls.between(1, 3_000);
        changes.changed(mark, position);
        truth.merge(mark, position, Math::max);
        for (Map.Entry<Long, Long> known : truth.entrySet()) {
          assertThat(changes.of(known.getKey()))
              .as("seed %d step %d", seed, step)
              .isGreaterThanOrEqualTo(known.getValue());
        }
      }
    }
  }

  @Test
  void isExactWhileThereIsRoom() {
    LastChanges changes = new LastChanges(1 << 14);
    for (int i = 1; i <= 1_000; i++) {
      changes.changed(Mark.rows(7, 2, "v" + i), i);
    }
    for (int i = 1; i <= 1_000; i++) {
      assertThat(changes.of(Mark.rows(7, 2, "v" + i))).isEqualTo(i);
    }
    assertThat(changes.of(Mark.rows(7, 2, "other"))).isZero();
  }

  @Test
  void forgetsWhatChangedLongestAgoFirst() {
    LastChanges changes = new LastChanges(8);
    for (int i = 1; i <= 1_000; i++) {
      changes.changed(Mark.rows(7, 2, "v" + i), i);
    }
    long newest = changes.of(Mark.rows(7, 2, "v1000"));
    assertThat(newest).isEqualTo(1_000);
    assertThat(changes.of(Mark.rows(7, 2, "never"))).isLessThan(1_000).isGreaterThan(900);
  }

  @Test
  void positionsAreUnsigned() {
    LastChanges changes = new LastChanges(8);
    changes.changed(5, Long.MAX_VALUE);
    changes.changed(5, Long.MIN_VALUE);
    assertThat(changes.of(5)).isEqualTo(Long.MIN_VALUE);
    assertThat(changes.allBy(new long[] {5}, Long.MIN_VALUE)).isTrue();
    assertThat(changes.allBy(new long[] {5}, Long.MAX_VALUE)).isFalse();
  }

  /// One thread books and then publishes positions; others must find what was published.
  @Test
  void readersSeeWhatWasBookedBeforeTheyWereTold() throws InterruptedException {
    LastChanges changes = new LastChanges(64);
    AtomicLong published = new AtomicLong();
    AtomicBoolean over = new AtomicBoolean();
    AtomicLong missed = new AtomicLong();
    Thread reader =
        new Thread(() -> {
          Rolls rolls = new Rolls(3);
          while (!over.get()) {
            long upTo = published.get();
            if (upTo > 40) {
              long position = upTo - rolls.between(0, 40);
              if (changes.of(Mark.rows(1, 1, "v" + position)) < position) {
                missed.incrementAndGet();
              }
            }
          }
        });
    reader.start();
    for (long position = 1; position <= 300_000; position++) {
      changes.changed(Mark.rows(1, 1, "v" + position), position);
      published.set(position);
    }
    over.set(true);
    reader.join();
    assertThat(missed.get()).isZero();
  }
}
