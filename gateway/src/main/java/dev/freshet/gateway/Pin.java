package dev.freshet.gateway;

import java.util.Locale;

/// Why a client keeps its server connection beyond its transaction: state that lives in the server
/// and can't be carried to another.
enum Pin {
  /// Notifications arrive on the connection that asked for them.
  LISTEN,
  /// Advisory locks that belong to the session.
  ADVISORY_LOCK,
  /// Temporary tables, and whatever else `pg_temp` holds.
  TEMPORARY,
  /// A cursor that outlives its transaction.
  HELD_CURSOR,
  /// PREPARE in SQL: its name exists on that connection only.
  SQL_PREPARE,
  /// A setting made where its name can't be read (`set_config`, SET in a script that failed), or
  /// the seed of chance.
  SETTING,
  /// The role, or perhaps the role, was set so.
  IDENTITY,
  /// `currval` and `lastval` speak of what this session did before.
  SEQUENCE,
  /// A shared library loaded for the session.
  LOAD;

  String word() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
