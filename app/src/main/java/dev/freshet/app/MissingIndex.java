package dev.freshet.app;

import dev.freshet.app.ScannedTable.Column;
import dev.freshet.app.SeqScan.Sought;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// An index that would spare a statement reading a table from end to end.
///
/// @param rows of the table
/// @param distinctValues of the column, 0 where PostgreSQL does not say
/// @param creation the statement that makes it
record MissingIndex(
    String schema, String table, String column, long rows, double distinctValues, String creation) {
  /// A table that is read as quickly as an index.
  static final long MANY_ROWS = 1_000;

  /// Of a table's rows; beyond it PostgreSQL may well read all of them.
  private static final double MOST = 0.05;

  /// Of a join's other side, each of which would be looked up.
  private static final double MOST_LOOKED_UP = 1_000;

  /// The column that tells most rows apart; null where no index would help, or that is not sure.
  static @Nullable MissingIndex of(SeqScan scan, ScannedTable table) {
    if (!table.mayHaveIndex() || table.rows() < MANY_ROWS) {
      return null;
    }
    MissingIndex best = null;
    for (Sought each : scan.sought()) {
      Column column = table.columns().get(each.column());
      if (column != null && column.isLeading()) {
        // PostgreSQL had the choice.
        return null;
      }
      if (column != null && helps(scan, table, each, column)) {
        MissingIndex found =
            new MissingIndex(
                scan.schema(),
                scan.table(),
                each.column(),
                table.rows(),
                column.distinct(),
                column.creation());
        best = best == null || best.distinctValues < found.distinctValues ? found : best;
      }
    }
    return best;
  }

  private static boolean helps(SeqScan scan, ScannedTable table, Sought sought, Column column) {
    if (!column.mayBeIndexed() || (sought.isCast() && !column.isVarchar())) {
      return false;
    }
    if (sought.isJoin()) {
      return sought.times() <= MOST_LOOKED_UP
          && column.distinct() > 0
          && sought.times() / column.distinct() <= MOST;
    }
    boolean isSelective = column.distinct() == 0 || 1 / column.distinct() <= MOST;
    return isSelective && scan.planned() <= 2 * MOST * table.rows();
  }

  /// `reviews (product_id)`.
  String name() {
    return table + " (" + column + ")";
  }

  String says() {
    String known =
        distinctValues > 0 ? "" : " (how many values it has is not known: ANALYZE the table)";
    return String.format(
        Locale.ROOT,
        "reads all of %s (%,d rows) to find some by %s: consider an index on %s%s",
        table,
        rows,
        column,
        name(),
        known);
  }
}
