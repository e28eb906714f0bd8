package dev.freshet.gateway;

import dev.freshet.sql.Statement;
import dev.freshet.sql.TableName;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What a session may have changed in the transaction that is open, and when it did last.
final class OwnWrites {
  private static final int MOST = 1_000;

  private final Results results;
  private final String database;
  private final List<Statement> open = new ArrayList<>();
  private boolean anything;
  private long since;

  OwnWrites(Results results, String database) {
    this.results = results;
    this.database = database;
  }

  /// Results older than this may lack what the session has written.
  long since() {
    return since;
  }

  /// A statement is sent; null for one of which nothing is known.
  void runs(@Nullable Statement statement) {
    if (statement == null || open.size() >= MOST) {
      anything = true;
      return;
    }
    Set<TableName> changed = anything ? null : results.changes(statement);
    if (changed == null || !changed.isEmpty()) {
      // What is not known yet may be when the transaction ends.
      open.add(statement);
    }
  }

  /// A commit may have become visible; the client has not been told yet.
  ///
  /// @param isOver whether the transaction is
  void settle(boolean isOver) {
    if (open.isEmpty() && !anything) {
      return;
    }
    Set<TableName> tables = anything ? null : tables();
    if (tables == null || !tables.isEmpty()) {
      since = results.changed(database, tables);
    }
    if (isOver) {
      open.clear();
      anything = false;
    }
  }

  /// As [#settle], for a transaction of which nobody will hear: again after a while.
  @Nullable Runnable lost() {
    if (open.isEmpty() && !anything) {
      return null;
    }
    Set<TableName> tables = anything ? null : tables();
    results.changed(database, tables);
    return () -> results.changed(database, tables);
  }

  private @Nullable Set<TableName> tables() {
    Set<TableName> all = new HashSet<>();
    for (Statement statement : open) {
      Set<TableName> changed = results.changes(statement);
      if (changed == null) {
        return null;
      }
      all.addAll(changed);
    }
    return all;
  }
}
