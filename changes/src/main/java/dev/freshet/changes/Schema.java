package dev.freshet.changes;

import dev.freshet.freshness.Comparison;
import dev.freshet.sql.Catalog;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// The database's tables as its catalog described them at one moment. Immutable.
final class Schema {
  /// @param number `attnum`
  /// @param type its OID
  record Column(int number, String name, long type) {}

  /// @param root OID of the partitioned table at the top; its own where it is no partition
  /// @param columns in the order of their numbers
  record Table(long oid, long root, String name, List<Column> columns) {

    /// The place of a column in a row of the log; -1 where it isn't there.
    private static int place(LogMessage.Relation told, String column) {
      for (int i = 0; i < told.columns().size(); i++) {
        if (told.columns().get(i).name().equals(column)) {
          return i;
        }
      }
      return -1;
    }

    /// Whether the log means this shape: the same columns in the same order, some left out at most.
    boolean fits(LogMessage.Relation told) {
      int at = 0;
      for (LogMessage.Column column : told.columns()) {
        while (at < columns.size() && !columns.get(at).name.equals(column.name())) {
          at++;
        }
        if (at == columns.size() || columns.get(at).type != column.type()) {
          return false;
        }
        at++;
      }
      return true;
    }
  }

  private final Map<Long, Table> tables = new HashMap<>();
  private final Catalog catalog;

  /// @param catalog read with the tables
  Schema(Collection<Table> tables, Catalog catalog) {
    tables.forEach(table -> this.tables.put(table.oid(), table));
    this.catalog = catalog;
  }

  @Nullable Table table(long oid) {
    return tables.get(oid);
  }

  /// What answers depend on when they were made from this table's rows.
  long root(long oid) {
    Table table = tables.get(oid);
    return table == null ? oid : table.root();
  }

  /// Every table that an answer may depend on.
  Set<Long> roots() {
    Set<Long> out = new TreeSet<>();
    tables.values().forEach(table -> out.add(table.root()));
    return out;
  }

  /// The place in a row of the log of a column that the root has under this number; -1 where it
  /// isn't there.
  int place(Table table, LogMessage.Relation told, int number) {
    Table root = tables.get(table.root());
    if (root == null) {
      return -1;
    }
    for (Column column : root.columns()) {
      if (column.number() == number) {
        return Table.place(told, column.name());
      }
    }
    return -1;
  }

  /// See [Catalog#canonical].
  @Nullable String canonical(long root, int column, String text) {
    return catalog.canonical(root, column, text);
  }

  /// See [Catalog#mayTurn].
  boolean mayTurn(
      long root, Comparison comparison, @Nullable String before, @Nullable String after) {
    return catalog.mayTurn(root, comparison, before, after);
  }
}
