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

  /// What content of that length is given that is to be given so much.
  Effort of(long length) {
    return this == QUICK && length <= SMALL ? WELL : this;
  }
}
