package dev.freshet.freshness;

import java.util.Collection;
import java.util.List;

/// Something an answer was made from. Relations are named by their OID in the one database that the
/// feed follows.
public sealed interface Dependency {

  long relation();

  /// Rows, and whatever changes in them.
  sealed interface Whole extends Dependency {}

  /// Any row of a table.
  record Table(long relation) implements Whole {}

  /// The rows of a table where a column has a value.
  ///
  /// @param column its number in the table, as in `pg_attribute.attnum`
  /// @param value in the one form that all equal values of the column's type share
  record Rows(long relation, int column, String value) implements Whole {}

  /// Rows of which only some columns bear on the answer: it stays what it is when one of them gets
  /// another value in any other column, or one that compares as the one before. That a row comes or
  /// goes always counts.
  ///
  /// @param columns their numbers, in order
  /// @param comparisons of further columns, in order
  /// @param isShown whether these columns only stand in the answer, of one row that its key names,
  ///   and decide neither which rows are there nor their order: what does is another dependency
  record Columns(Whole of, List<Integer> columns, List<Comparison> comparisons, boolean isShown)
      implements Dependency {
    public Columns {
      // As they mostly come; each answer that is kept makes some.
      columns =
          areInOrder(columns)
              ? List.copyOf(columns)
              : columns.stream().sorted().distinct().toList();
      List<Integer> all = columns;
      comparisons =
          comparisons.isEmpty()
              ? List.of()
              : comparisons.stream()
                  .filter(each -> !all.contains(each.column()))
                  .sorted()
                  .distinct()
                  .toList();
    }

    private static boolean areInOrder(List<Integer> columns) {
      for (int i = 1; i < columns.size(); i++) {
        if (columns.get(i - 1) >= columns.get(i)) {
          return false;
        }
      }
      return true;
    }

    public Columns(Whole of, List<Integer> columns, List<Comparison> comparisons) {
      this(of, columns, comparisons, false);
    }

    public Columns(Whole of, List<Integer> columns) {
      this(of, columns, List.of());
    }

    /// What an answer shows of a row.
    public static Columns shown(Rows row, List<Integer> columns) {
      return new Columns(row, columns, List.of(), true);
    }

    public static Columns of(Whole of, Collection<Integer> columns) {
      return new Columns(of, List.copyOf(columns));
    }

    @Override
    public long relation() {
      return of.relation();
    }
  }
}
