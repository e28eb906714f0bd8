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
  /// Chance, sequences, locks and other functions that are not the same twice.
  VOLATILE_FUNCTION,
  /// The time, or a string that may mean one (`'today'`), or what a zone's clocks say today.
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
  CASCADE,
  /// `ctid` and its kin, which change though no row does.
  SYSTEM_COLUMN,
  /// A table that the catalog, as last read, doesn't have.
  UNKNOWN_RELATION,
  /// A name that two schemas of the search path have, where it is not known whether the user may
  /// use the first.
  AMBIGUOUS_NAME,
  /// A search path on which others come before PostgreSQL's own types and functions.
  SEARCH_PATH,
  /// Tables that are not in the WAL.
  UNLOGGED,
  FOREIGN,
  MATERIALIZED_VIEW,
  SEQUENCE,
  /// A table that the feed doesn't carry.
  UNPUBLISHED,
  /// A table whose updates and deletes the feed doesn't carry.
  NO_REPLICA_IDENTITY,
  /// Policies that may show this user other rows than the next.
  ROW_SECURITY,
  /// A function of the user's that may be meant by a name of PostgreSQL's.
  USER_FUNCTION,
  USER_OPERATOR,
  /// Casts that run functions of the user's.
  USER_CAST,
  /// A column of a type that runs code of the user's, or is printed by a name in the catalog.
  USER_TYPE
}
