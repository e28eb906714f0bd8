package dev.freshet.edge;

/// How hard content is worked on that is there as a whole.
enum Effort {
  /// Somebody waits.
  QUICK,
  /// Some milliseconds for 100 kB.
  WELL,
  /// Some seconds for a megabyte: for what stays as it is, when there is nothing else to do.
  UTMOST;

  /// Up to here all that a coder looks back on is near, and coding well costs hardly more than
  /// coding quickly: who waits gets that, and it is done once only.
  static final int SMALL = 65_536;

  /// Longer content would have all else wait for some seconds.
  private static final long MOST_FOR_UTMOST = 1 << 20;

  /// What lives shorter doesn't earn it back.
  private static final long STEADY_MILLIS = 3_600_000;

  /// Whether the utmost pays for what is made of a response: a file, not a page or what changes
  /// with rows.
  ///
  /// @param length of what is to be coded
  static boolean isUtmostFor(StoredResponse stored, long length, Coding coding) {
    return coding != Coding.GZIP
        && length <= MOST_FOR_UTMOST
        && stored.times().lifetimeMillis() >= STEADY_MILLIS
        && !stored.rules().byRows();
  }

  /// What content of that length is given that is to be given so much.
  Effort of(long length) {
    return this == QUICK && length <= SMALL ? WELL : this;
  }
}
