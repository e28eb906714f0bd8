package dev.freshet.freshness;

import java.util.Locale;

/// Why it is not known what an answer was made from.
public enum Doubt {
  /// There was no feed when it began, or there is none now.
  NO_FEED,
  /// No row was read from the database under its trace: the app is not instrumented, goes another
  /// way, or remembers by itself.
  NOTHING_SEEN,
  /// While it was made a statement came without any trace, which may have been its own.
  UNTRACED_STATEMENT,
  /// While it was made a statement came under a trace nobody here began, which may have been its
  /// own.
  FOREIGN_TRACE,
  /// A statement whose dependencies can't be told.
  NOT_ANALYSABLE,
  /// A statement was run in a transaction that had begun before the answer did.
  OLD_SNAPSHOT,
  /// It changed rows itself.
  WROTE,
  /// It read more than is kept count of.
  TOO_MUCH,
  /// What a statement depends on was not worked out in time.
  TOO_SLOW;

  /// As in fields and figures: `untraced-statement`.
  public String word() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
