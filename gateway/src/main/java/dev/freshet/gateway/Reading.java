package dev.freshet.gateway;

import dev.freshet.sql.Statement;

/// A text, read: what it says, and what it does to the session that runs it.
record Reading(Statement statement, Traits traits) {

  static Reading of(Statement statement) {
    return new Reading(statement, Traits.of(statement.text(), statement));
  }
}
