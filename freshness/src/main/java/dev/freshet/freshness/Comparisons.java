package dev.freshet.freshness;

import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;

/* Why no turn is missed.
 *
 * That a row's column got another value is booked in ColumnChanges whoever depends on it. For each
 * such row the feed books that first and looks second which comparisons of the column are
 * registered. Who registers one puts it on the list first and takes over second what is booked of
 * the column by then. So of any row, either the feed sees the comparison and judges it, or the
 * comparison takes over the position of that row's transaction, or a later one.
 *
 * A column has few comparisons; beyond, the one that was asked for longest ago is forgotten, and
 * whoever depends on it goes by the column. A reader takes a comparison's position first and looks
 * second whether it was forgotten; forgotten comes before the feed stops judging. So a position
 * that is taken for good was true at some moment of the look.
 */

/// When rows last passed from one result of a comparison to another, for the comparisons that
/// somebody depends on.
final class Comparisons {
  /// Of one column.
  static final int MAX = 64;

  /// Tables, columns of each, and their comparisons, all immutable.
  private volatile Map<Long, Map<Integer, List<Watched>>> tables = Map.of();

  private final ColumnChanges columns;
  private long asked;

  Comparisons(ColumnChanges columns) {
    this.columns = columns;
  }

  /// One that somebody depends on.
  static final class Watched {
    private final long relation;
    private final Comparison comparison;
    private final AtomicLong turned = new AtomicLong();
    private volatile boolean isForgotten;

    /// Guarded by the list.
    private long asked;

    private Watched(long relation, Comparison comparison) {
      this.relation = relation;
      this.comparison = comparison;
    }

    private void turned(long position) {
      turned.accumulateAndGet(
          position, (one, other) -> Long.compareUnsigned(one, other) >= 0 ? one : other);
    }
  }

  synchronized Watched watch(long relation, Comparison comparison) {
    asked++;
    Map<Integer, List<Watched>> known = tables.getOrDefault(relation, Map.of());
    List<Watched> all = known.getOrDefault(comparison.column(), List.of());
    for (Watched each : all) {
      if (each.comparison.equals(comparison)) {
        each.asked = asked;
        return each;
      }
    }
    List<Watched> next = new ArrayList<>(all);
    if (next.size() == MAX) {
      Watched oldest = next.getFirst();
      for (Watched each : next) {
        oldest = each.asked < oldest.asked ? each : oldest;
      }
      oldest.isForgotten = true;
      next.remove(oldest);
    }
    Watched made = new Watched(relation, comparison);
    made.asked = asked;
    next.add(made);
    Map<Integer, List<Watched>> byColumn = new HashMap<>(known);
    byColumn.put(comparison.column(), List.copyOf(next));
    Map<Long, Map<Integer, List<Watched>>> byTable = new HashMap<>(tables);
    byTable.put(relation, Map.copyOf(byColumn));
    tables = Map.copyOf(byTable);
    VarHandle.fullFence();
    made.turned(columns.of(relation, comparison.column()));
    return made;
  }

  /// Whether no row passed from one result to another after the position, as far as is known.
  boolean allBy(Collection<Watched> asked, long position) {
    for (Watched each : asked) {
      long turned = each.turned.get();
      long known = each.isForgotten ? columns.of(each.relation, each.comparison.column()) : turned;
      if (Long.compareUnsigned(known, position) > 0) {
        return false;
      }
    }
    return true;
  }

  /// The columns of a table of which there are comparisons. Ask after the column was booked.
  Set<Integer> columns(long relation) {
    VarHandle.fullFence();
    return tables.getOrDefault(relation, Map.of()).keySet();
  }

  /// A row got another value in this column.
  ///
  /// @param mayTurn whether it may have passed from one result of a comparison to another
  void changed(long relation, int column, long position, Predicate<Comparison> mayTurn) {
    Map<Integer, List<Watched>> known = tables.getOrDefault(relation, Map.of());
    for (Watched each : known.getOrDefault(column, List.of())) {
      if (each.turned.get() != position && mayTurn.test(each.comparison)) {
        each.turned(position);
      }
    }
  }

  /// For another log: its positions begin anew.
  synchronized void clear() {
    tables
        .values()
        .forEach(
            columns -> columns.values().forEach(all -> all.forEach(each -> each.turned.set(0))));
  }
}
