package dev.freshet.sql;

/// Why nothing is promised about a statement. Whoever can't be sure gets one of these.
public enum NotCacheable {
  /// More than one statement, or none.
  NOT_ONE_STATEMENT,
  /// Neither reads nor changes rows, or does both in a way that has no name here.
  NOT_A_QUERY,
  /// Valid perhaps, but not understood.
  NOT_UNDERSTOOD,
  /// Longer or deeper than is looked at.
  TOO_LARGE,
  /// Not understood in the time there was: may be asked again.
  TOO_SLOW,
  /// FOR UPDATE and its kin.
  LOCKING,
  /// SELECT INTO.
  INTO,
  /// A common table expression that changes rows.
  DATA_MODIFYING_CTE,
  /// Chance, sequences, locks and other functions that are not the same twice.
  VOLATILE_FUNCTION,
  /// The time, or a string that may mean one (`'today'`).
  CLOCK,
  /// The user, the session's settings, the connection.
  SESSION,
  /// A function that is not known to depend on its arguments only.
  UNKNOWN_FUNCTION,
  UNKNOWN_OPERATOR,
  /// A cast to a type whose input function is not known.
  UNKNOWN_TYPE,
  /// TABLESAMPLE.
  SAMPLE,
  /// System catalogs: their changes are not in the change feed.
  CATALOG,
  TEMPORARY,
  /// TRUNCATE CASCADE: empties tables that it doesn't name.
  CASCADE
}
