package dev.freshet.cache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.base.FakeTime;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/// What is remembered of answers that were for one asker only.
class HitForMissTest {
  private static final Duration MEMORY = Duration.ofMinutes(2);

  private final FakeTime time = new FakeTime(1_795_000_000_000L);
  private final HitForMiss marks = new HitForMiss(MEMORY, time, new SplittableRandom(1));

  @Test
  void aMarkIsOfOneKeyAndLastsAsLongAsItIsTold() {
    marks.mark("a");
    assertThat(marks.isMarked("a")).isTrue();
    assertThat(marks.isMarked("b")).isFalse();
    time.advance(MEMORY.minusMillis(1));
    assertThat(marks.isMarked("a")).isTrue();
    time.advance(Duration.ofMillis(1));
    assertThat(marks.isMarked("a")).isFalse();
  }

  @Test
  void aMarkIsWithdrawn() {
    marks.mark("a");
    marks.clear("a");
    assertThat(marks.isMarked("a")).isFalse();
  }

  /// Whoever asks for long URLs would else fill the memory: 20,000 of 8 kB are 160 MB.
  @Test
  void longKeysTakeNoMoreRoomThanShortOnes() {
    int many = 20_000;
    String tail = "x".repeat(8_000);
    long before = used();
    for (int i = 0; i < many; i++) {
      marks.mark(i + tail);
    }
    assertThat(marks.isMarked(many - 1 + tail)).isTrue();
    assertThat(used() - before).isLessThan(many * 4_000L);
    assertThat(marks.isMarked(many - 1 + tail)).isTrue();
  }

  /// Octets on the heap that somebody holds.
  private static long used() {
    System.gc();
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }
}
