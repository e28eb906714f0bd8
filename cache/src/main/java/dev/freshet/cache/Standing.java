package dev.freshet.cache;

/// What purges have left of an entry.
public enum Standing {
  /// Untouched.
  LIVE,
  /// Purged softly: may be used after its origin confirmed it, or where stale answers are allowed.
  SOFT,
  /// Purged: as if it were not there.
  GONE
}
