package dev.freshet.gateway;

import dev.freshet.sql.Statement;
import dev.freshet.sql.TableName;
import dev.freshet.sql.Viewpoint;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/* Nobody is shown the state before a write of his own, also before it is published.
 *
 * A result with evidence is current as far as the feed has told. What the session has just written
 * may not have been told yet: until `published` has passed it, the session uses results only that
 * were asked for when its write was over. A result that ends by time knows nothing of feeds: for
 * those that holds for ever.
 */

/// What a session may have changed in the transaction that is open, and when it did last.
final class OwnWrites {
  private static final int MOST = 1_000;

  private final Results results;
  private final String database;
  private final List<Statement> open = new ArrayList<>();
  private boolean anything;
  private boolean defines;
  private boolean isSettled;
  private long since;
  private long unpublishedSince;

  OwnWrites(Results results, String database) {
    this.results = results;
    this.database = database;
  }

  /// Results that end by time and are older than this may lack what the session has written.
  long since() {
    return since;
  }

  /// The same for results with evidence; 0 when everything it has written is published.
  long unpublishedSince() {
    return unpublishedSince;
  }

  /// What had been written by then is published.
  ///
  /// @param then what [#since] was
  void published(long then) {
    if (unpublishedSince == then) {
      unpublishedSince = 0;
    }
  }

  /// Whether the open transaction may have written.
  boolean areThere() {
    return isSettled || anything || (!open.isEmpty() && !areNone(tables()));
  }

  private static boolean areNone(@Nullable Set<TableName> tables) {
    return tables != null && tables.isEmpty();
  }

  /// The tables of the open transaction's writes; null where they can't be told.
  @Nullable Set<Long> relations(Footprints footprints, @Nullable Viewpoint from) {
    if (anything || from == null) {
      return null;
    }
    Set<Long> all = new HashSet<>();
    for (Statement statement : open) {
      Set<TableName> changed = results.changes(statement);
      Set<Long> written = areNone(changed) ? Set.of() : footprints.written(statement, from);
      if (written == null) {
        return null;
      }
      all.addAll(written);
    }
    return all;
  }

  /// A statement is sent; null for one of which nothing is known.
  void runs(@Nullable Statement statement) {
    defines |= statement != null && mayDefine(statement);
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

  private static boolean mayDefine(Statement statement) {
    return statement.count() > 1
        || switch (statement.verb()) {
          case CREATE, ALTER, DROP, GRANT, REVOKE, DO, CALL, OTHER -> true;
          default -> false;
        };
  }

  /// A commit may have become visible; the client has not been told yet.
  ///
  /// @param isOver whether the transaction is
  void settle(boolean isOver) {
    if (open.isEmpty() && !anything) {
      return;
    }
    Set<TableName> tables = anything ? null : tables();
    if (!areNone(tables)) {
      since = results.changed(database, tables);
      unpublishedSince = since;
      isSettled = true;
    }
    if (defines) {
      results.defined(database);
    }
    if (isOver) {
      open.clear();
      anything = false;
      defines = false;
      isSettled = false;
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
