package dev.freshet.cache;

/// What purges and changed rows have left of an entry.
public enum Standing {
  /// Untouched.
  LIVE,
  /// Purged softly: may be used after its origin confirmed it, or where stale answers are allowed.
  SOFT,
  /// Something that it was made from has changed, or may have: may be used only after its origin
  /// confirmed it.
  CHANGED,
  /// Purged: as if it were not there.
  GONE
}
