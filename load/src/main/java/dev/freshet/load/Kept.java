package dev.freshet.load;

import java.util.concurrent.atomic.LongAdder;

/// Answers of one kind that came from a cache or went into it; counted by several event loops.
final class Kept {
  private final LongAdder all = new LongAdder();
  private final LongAdder hits = new LongAdder();
  private final LongAdder repeats = new LongAdder();
  private final LongAdder repeatHits = new LongAdder();

  /// @param isRepeat whether some user had asked for it before
  void count(boolean isHit, boolean isRepeat) {
    all.increment();
    if (isHit) {
      hits.increment();
    }
    if (isRepeat) {
      repeats.increment();
      if (isHit) {
        repeatHits.increment();
      }
    }
  }

  void add(Kept other) {
    all.add(other.all.sum());
    hits.add(other.hits.sum());
    repeats.add(other.repeats.sum());
    repeatHits.add(other.repeatHits.sum());
  }

  /// Share that came from a cache; -1 when there was none.
  double hitRatio() {
    return ratio(hits.sum(), all.sum());
  }

  /// The same of those that had been asked for before.
  double repeatHitRatio() {
    return ratio(repeatHits.sum(), repeats.sum());
  }

  private static double ratio(long hits, long all) {
    return all == 0 ? -1 : (double) hits / all;
  }
}
