package dev.freshet.base;

import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.LongAdder;

/// Counts durations in buckets that grow by an eighth of a power of two: any quantile is right to 6
/// %, and below 8 µs to 1 µs.
///
/// Recording is one atomic add, without allocation. Covers 1 µs to 2.3 hours; outside goes to the
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
        return middleNanos(i);
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

  /// The harmonic middle of a bucket, which is as far from its lower edge as from its upper one in
  /// proportion: a seventeenth, where either edge would be up to an eighth off.
  private static long middleNanos(int bucket) {
    int lower = bucket;
    int shift = 0;
    if (bucket >= SUB) {
      shift = bucket / SUB - 1;
      lower = SUB + bucket % SUB;
    }
    double middle = 2.0 * lower * (lower + 1) / (2.0 * lower + 1);
    return (long) (1_000 * middle * (1L << shift));
  }
}
