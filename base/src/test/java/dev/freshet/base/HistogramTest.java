package dev.freshet.base;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.stream.LongStream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HistogramTest {
  private static final int[] PER_MILLE = {1, 10, 100, 250, 500, 750, 900, 950, 990, 999, 1_000};
  private static final long US = 1_000;
  private static final long SECOND = 1_000_000_000;

  /// Every order of magnitude is as likely, as far as the class promises to tell them apart.
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void quantilesAreRightToSixPercent(long seed) {
    Rolls rolls = new Rolls(seed);
    long[] sorted =
        LongStream.generate(() -> (long) (8 * US * Math.pow(10, 9 * rolls.nextDouble())))
            .limit(20_000)
            .map(nanos -> Math.min(nanos, 8_000 * SECOND))
            .toArray();
    Histogram histogram = new Histogram();
    for (long nanos : sorted) {
      histogram.record(nanos);
    }
    Arrays.sort(sorted);
    for (int q : PER_MILLE) {
      long exact = sorted[q * (sorted.length / 1_000) - 1];
      assertThat((double) histogram.quantileNanos(q / 1e3))
          .as("quantile %d per mille, seed %d", q, seed)
          .isCloseTo((double) exact, Offset.offset(0.06 * exact));
    }
  }

  /// The worst place of a bucket is its edge, so each edge is tried from both sides.
  @Test
  void noDurationIsToldMoreThanSixPercentWrong() {
    for (long power = 8; power < 1L << 33; power *= 2) {
      for (int eighth = 8; eighth < 16; eighth++) {
        long edge = power / 8 * eighth * US;
        for (long nanos : new long[] {edge - 1, edge, edge + 1}) {
          if (nanos >= 8 * US) {
            Histogram histogram = new Histogram();
            histogram.record(nanos);
            assertThat((double) histogram.quantileNanos(0.5))
                .as("of %d ns", nanos)
                .isCloseTo((double) nanos, Offset.offset(0.06 * nanos));
          }
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1, 999, 1_000, 1_999, 2_000, 4_321, 7_999})
  void belowEightMicrosecondsQuantilesAreRightToOne(long nanos) {
    Histogram histogram = new Histogram();
    histogram.record(nanos);
    assertThat(histogram.quantileNanos(0.99)).isCloseTo(nanos, Offset.offset(US));
  }

  @Test
  void knowsNoQuantileOfNothing() {
    Histogram histogram = new Histogram();
    assertThat(histogram.quantileNanos(0.5)).isZero();
    assertThat(histogram.count()).isZero();
    assertThat(histogram.countUpTo(SECOND)).isZero();
  }

  @Test
  void durationsOutsideItsRangeAreCountedAtItsEnds() {
    Histogram histogram = new Histogram();
    histogram.record(-5 * SECOND);
    histogram.record(Long.MAX_VALUE / 2);
    assertThat(histogram.count()).isEqualTo(2);
    assertThat(histogram.countUpTo(0)).isEqualTo(1);
    assertThat(histogram.sumNanos()).isEqualTo(Long.MAX_VALUE / 2);
    assertThat(histogram.quantileNanos(0)).isLessThan(US);
    assertThat(histogram.quantileNanos(1)).isGreaterThan(8_000 * SECOND);
  }

  @ParameterizedTest
  @CsvSource({"0, 0", "900, 0", "1000, 1", "5000, 2", "10000, 3", "100000, 4"})
  void countsHowManyWereAtMostSoLong(long micros, long expected) {
    Histogram histogram = new Histogram();
    histogram.record(1_000 * US);
    histogram.record(4_000 * US);
    histogram.record(9_000 * US);
    histogram.record(90_000 * US);
    assertThat(histogram.countUpTo(micros * US)).isEqualTo(expected);
  }

  @Test
  void losesNothingWhenManyThreadsRecordAtOnce() throws InterruptedException {
    int threads = 8;
    int each = 50_000;
    Histogram histogram = new Histogram();
    CountDownLatch start = new CountDownLatch(1);
    Thread[] all = new Thread[threads];
    for (int t = 0; t < threads; t++) {
      all[t] =
          Thread.ofPlatform()
              .start(() -> {
                awaitStart(start);
                for (int i = 0; i < each; i++) {
                  histogram.record(i * US);
                }
              });
    }
    start.countDown();
    for (Thread thread : all) {
      thread.join();
    }
    assertThat(histogram.count()).isEqualTo((long) threads * each);
    assertThat(histogram.sumNanos()).isEqualTo(threads * US * (each * (each - 1L) / 2));
  }

  private static void awaitStart(CountDownLatch start) {
    try {
      start.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
