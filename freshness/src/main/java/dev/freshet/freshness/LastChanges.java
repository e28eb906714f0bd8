package dev.freshet.freshness;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;

/* A fixed table of buckets with eight places each. A mark lives in the bucket its bits choose.
 * When a bucket is full, the mark that changed longest ago gives way, and its position becomes the
 * bucket's floor: from then on every mark that is not in the bucket counts as changed there. So
 * memory never grows, and what is forgotten costs at most a needless miss for answers older than
 * it.
 *
 * One writer at a time, readers without locks. A reader looks for its mark first and at the floor
 * last; the writer raises the floor before it overwrites a mark, and writes the position before
 * the mark. So a reader that finds its mark reads its position or a later one, and a reader that
 * finds it overwritten reads a floor that covers it.
 */

/// What changed when, as far as memory goes: the position of the last change under each [Mark].
final class LastChanges {
  private static final int WAYS = 8;
  private static final VarHandle LONGS = MethodHandles.arrayElementVarHandle(long[].class);

  private final long[] marks;
  private final long[] positions;
  private final long[] floors;
  private final int mask;

  /// @param places how many marks are remembered; rounded up to a power of two
  LastChanges(int places) {
    int buckets = Integer.highestOneBit(Math.max(1, (places - 1) / WAYS)) * 2;
    marks = new long[buckets * WAYS];
    positions = new long[buckets * WAYS];
    floors = new long[buckets];
    mask = buckets - 1;
  }

  /// The last position at which something under the mark may have changed; 0 for never.
  long of(long mark) {
    int bucket = (int) mark & mask;
    int from = bucket * WAYS;
    for (int i = from; i < from + WAYS; i++) {
      if ((long) LONGS.getAcquire(marks, i) == mark) {
        return (long) LONGS.getAcquire(positions, i);
      }
    }
    return (long) LONGS.getAcquire(floors, bucket);
  }

  /// Whether every mark last changed at the position or before.
  boolean allBy(long[] asked, long position) {
    for (long mark : asked) {
      if (Long.compareUnsigned(of(mark), position) > 0) {
        return false;
      }
    }
    return true;
  }

  /// Books a change. Positions need not come in order; the highest counts.
  synchronized void changed(long mark, long position) {
    int bucket = (int) mark & mask;
    int from = bucket * WAYS;
    int oldest = from;
    for (int i = from; i < from + WAYS; i++) {
      if (marks[i] == mark) {
        if (Long.compareUnsigned(position, positions[i]) > 0) {
          LONGS.setRelease(positions, i, position);
        }
        return;
      }
      if (Long.compareUnsigned(positions[i], positions[oldest]) < 0) {
        oldest = i;
      }
    }
    if (marks[oldest] != 0 && Long.compareUnsigned(positions[oldest], floors[bucket]) > 0) {
      LONGS.setRelease(floors, bucket, positions[oldest]);
    }
    long known = Long.compareUnsigned(position, floors[bucket]) > 0 ? position : floors[bucket];
    LONGS.setRelease(positions, oldest, known);
    LONGS.setRelease(marks, oldest, mark);
  }

  /// Forgets everything: for a log whose positions can't be compared with those known.
  synchronized void clear() {
    Arrays.fill(marks, 0);
    Arrays.fill(positions, 0);
    Arrays.fill(floors, 0);
    VarHandle.releaseFence();
  }
}
