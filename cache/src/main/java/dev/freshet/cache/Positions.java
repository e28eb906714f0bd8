package dev.freshet.cache;

import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import org.jspecify.annotations.Nullable;

/// Translates between this node's stamps and the second tier's sequence, always erring towards an
/// older moment: an error costs a miss, never a purged answer.
///
/// A purge is announced with [#begin] before it takes its stamp and concluded with [#end] once its
/// place in the sequence is known. See [RedisTier] for why that is enough.
final class Positions {
  private static final int MAX = 4_096;
  private final Stamps stamps;
  private final ConcurrentSkipListMap<Long, Long> sequenceByStamp = new ConcurrentSkipListMap<>();
  private final ConcurrentSkipListMap<Long, Long> stampBySequence = new ConcurrentSkipListMap<>();
  private long seen;
  private int pending;
  private volatile long epoch;

  Positions(Stamps stamps) {
    this.stamps = stamps;
  }

  /// The life of the second tier's sequence that this node is attached to, or 0 for none yet.
  long epoch() {
    return epoch;
  }

  /// A place in one epoch.
  record At(long epoch, long sequence) {}

  synchronized At at() {
    return new At(epoch, seen);
  }

  synchronized int pending() {
    return pending;
  }

  /// A purge is about to take its stamp.
  synchronized void begin() {
    pending++;
  }

  /// That many purges have their place, the last of them this one.
  synchronized void end(int purges, long of, long sequence) {
    pending -= purges;
    if (of == epoch) {
      learn(sequence);
    }
  }

  /// The sequence stands there now.
  ///
  /// @return true when it is another life of it than the one known
  synchronized boolean attach(long now, long sequence) {
    boolean isOther = now != epoch;
    if (isOther) {
      sequenceByStamp.clear();
      stampBySequence.clear();
      seen = 0;
      epoch = now;
    }
    if (isOther || sequence > seen) {
      learn(sequence);
    }
    return isOther;
  }

  private void learn(long sequence) {
    seen = Math.max(seen, sequence);
    long stamp = stamps.next();
    put(sequenceByStamp, stamp, seen);
    if (pending == 0) {
      put(stampBySequence, seen, stamp);
    }
  }

  private static void put(ConcurrentSkipListMap<Long, Long> map, long key, long value) {
    map.put(key, value);
    if (map.size() > MAX) {
      map.pollFirstEntry();
    }
  }

  /// A place in the sequence that the fill with this stamp began after; null when none is known.
  @Nullable Long sequenceAt(long stamp) {
    Map.Entry<Long, Long> at = sequenceByStamp.floorEntry(stamp);
    return at == null ? null : at.getValue();
  }

  /// A stamp for a fill that began after that place: every purge up to it is in the sequence before
  /// that place.
  long stampAt(long sequence) {
    Map.Entry<Long, Long> at = stampBySequence.floorEntry(sequence);
    return at == null ? 0 : at.getValue();
  }
}
