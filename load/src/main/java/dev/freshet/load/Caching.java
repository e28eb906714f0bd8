package dev.freshet.load;

/// How far a cache got while users filled it, and afterwards.
///
/// @param warmUpSeconds how long users had come before anything was counted
/// @param warming what was answered meanwhile
/// @param counted what was answered behind it
public record Caching(double warmUpSeconds, Answers warming, Answers counted) {
  /// Answers by where they came from, as `Cache-Status` tells it.
  ///
  /// @param all of them
  /// @param cacheable of these, what came from a cache or went into it
  /// @param hits of the cacheable, what came from it
  /// @param firsts of the cacheable, what did not come from it and no user had asked for before
  /// @param outdated of the cacheable, what did not come from it, since what it had was no longer
  ///   good
  public record Answers(long all, long cacheable, long hits, long firsts, long outdated) {
    /// Share of all that came from a cache; -1 when there was none.
    public double hitRatio() {
      return all == 0 ? -1 : (double) hits / all;
    }

    /// Share of the cacheable; -1 when there was none.
    double ofCacheable(long part) {
      return cacheable == 0 ? -1 : (double) part / cacheable;
    }

    /// What did not come from a cache for another reason: what was made had to be thrown away, or
    /// there was no room for it.
    long others() {
      return cacheable - hits - firsts - outdated;
    }
  }
}
