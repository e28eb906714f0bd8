package dev.freshet.recording;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RingTest {
  private static final int EACH = 3_000;
  private static final int THREADS = 3;

  private record Put(int by, int number) {}

  @Test
  void takesNoMoreThanItsRoomAndGivesItBack() {
    Ring<String> ring = new Ring<>(3);
    for (int round = 0; round < 5; round++) {
      assertThat(ring.offer("a")).isTrue();
      assertThat(ring.isFilling()).isFalse();
      assertThat(ring.offer("b")).isTrue();
      assertThat(ring.isFilling()).isTrue();
      assertThat(ring.offer("c")).isTrue();
      assertThat(ring.offer("d")).isFalse();
      assertThat(ring.size()).isEqualTo(3);
      for (String each : List.of("a", "b", "c")) {
        assertThat(ring.poll()).isEqualTo(each);
      }
      assertThat(ring.poll()).isNull();
    }
  }

  /// What was taken of each thread's comes once, in its order.
  @Test
  void nothingIsLostOrTwiceThereWhenManyPutIn() throws InterruptedException {
    Ring<Put> ring = new Ring<>(64);
    List<Thread> threads = new ArrayList<>();
    for (int by = 0; by < THREADS; by++) {
      int whose = by;
      threads.add(Thread.ofPlatform().start(() -> putAll(ring, whose)));
    }
    int[] next = new int[THREADS];
    for (int taken = 0; taken < THREADS * EACH; ) {
      Put put = ring.poll();
      if (put == null) {
        Thread.onSpinWait();
        continue;
      }
      assertThat(put.number()).isEqualTo(next[put.by()]++);
      taken++;
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(ring.size()).isZero();
  }

  private static void putAll(Ring<Put> ring, int by) {
    for (int i = 0; i < EACH; ) {
      if (ring.offer(new Put(by, i))) {
        i++;
      } else {
        Thread.onSpinWait();
      }
    }
  }
}
