package dev.freshet.base;

import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.LongAdder;

/// Counts durations in buckets that grow by an eighth of a power of two: any quantile is right to 6
/// %.
///
/// Recording is one atomic add, without allocation. Covers 1 µs to 18 minutes; outside goes to the
/// end buckets.
public final class Histogram {
  private static final int SUB = 8;
  private static final int BUCKETS = 31 * SUB;
  private final AtomicLongArray counts = new AtomicLongArray(BUCKETS);
  private final LongAdder sumNanos = new LongAdder();

  public void record(long nanos) {
    counts.incrementAndGet(bucket(Math.max(0, nanos) / 1_000));
    sumNanos.add(Math.max(0, nanos));
  }

  /// How many were recorded.
  public long count() {
    long total = 0;
    for (int i = 0; i < BUCKETS; i++) {
      total += counts.get(i);
    }
    return total;
  }

  /// Sum of all recorded, nanoseconds.
  public long sumNanos() {
    return sumNanos.sum();
  }

  /// The duration below which the share `q` (0 to 1) lies, in nanoseconds; 0 when nothing was
  /// recorded.
  public long quantileNanos(double q) {
    long total = count();
    long rank = (long) Math.ceil(q * total);
    long seen = 0;
    for (int i = 0; i < BUCKETS; i++) {
      seen += counts.get(i);
      if (seen >= rank && seen > 0) {
        return upperMicros(i) * 1_000;
      }
    }
    return 0;
  }

  /// How many were at most this long (to the bucket's precision), for cumulative expositions.
  public long countUpTo(long nanos) {
    int last = bucket(nanos / 1_000);
    long seen = 0;
    for (int i = 0; i <= last; i++) {
      seen += counts.get(i);
    }
    return seen;
  }

  private static int bucket(long micros) {
    if (micros < SUB) {
      return (int) micros;
    }
    int exponent = 63 - Long.numberOfLeadingZeros(micros);
    int sub = (int) (micros >>> (exponent - 3)) & (SUB - 1);
    return Math.min((exponent - 2) * SUB + sub, BUCKETS - 1);
  }

  private static long upperMicros(int bucket) {
    if (bucket < SUB) {
      return bucket + 1L;
    }
    int exponent = bucket / SUB + 2;
    long sub = bucket % SUB;
    return (SUB + sub + 1) << (exponent - 3);
  }
}
