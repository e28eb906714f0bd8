package dev.freshet.load;

import java.util.concurrent.atomic.LongAdder;

/// Answers of one kind by whether they came from a cache or went into it; counted by several event
/// loops.
final class Kept {
  private final LongAdder answers = new LongAdder();
  private final LongAdder all = new LongAdder();
  private final LongAdder hits = new LongAdder();
  private final LongAdder repeats = new LongAdder();
  private final LongAdder repeatHits = new LongAdder();
  private final LongAdder outdated = new LongAdder();

  /// An answer, of which more is said where it may be kept.
  void answered() {
    answers.increment();
  }

  /// One that came from a cache or went into it.
  ///
  /// @param isRepeat whether some user had asked for it before
  /// @param isOutdated whether the cache had one that was no longer good
  void count(boolean isHit, boolean isRepeat, boolean isOutdated) {
    all.increment();
    if (isRepeat && isOutdated && !isHit) {
      outdated.increment();
    }
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

  Caching.Answers told() {
    long kept = all.sum();
    long repeated = repeats.sum();
    long repeatedHits = repeatHits.sum();
    long firsts = kept - repeated - (hits.sum() - repeatedHits);
    return new Caching.Answers(answers.sum(), kept, hits.sum(), firsts, outdated.sum());
  }

  void add(Kept other) {
    answers.add(other.answers.sum());
    outdated.add(other.outdated.sum());
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
