package dev.freshet.changes;

import dev.freshet.freshness.Comparison;
import dev.freshet.freshness.Freshness;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// Tells which columns of a table got another value in one transaction, each once, and which
/// comparisons another result.
final class Updates {
  private static final char FULL = 'f';

  /// `regproc` and `regoper`, and arrays of them: two of their values may be written alike.
  private static final Set<Long> ALIKE = Set.of(24L, 1008L, 2203L, 2208L);

  private final Places places;
  private final boolean[] isTold;
  private int left;

  Updates(Places places) {
    this.places = places;
    this.isTold = new boolean[places.numbers.length];
    this.left = isTold.length;
  }

  /// Where in a row of the log the columns of a table stand.
  ///
  /// @param root OID of the partitioned table at the top, whose numbers they have
  /// @param at -1 for a column that isn't there
  /// @param isKey whether the old value is told where it is another than the new one
  /// @param isAlike whether equal texts don't mean equal values
  @SuppressWarnings("ArrayRecordComponent")
  record Places(
      Schema schema,
      LogMessage.Relation told,
      long root,
      int[] numbers,
      int[] at,
      boolean[] isKey,
      boolean[] isAlike) {

    /// Null where the root is not known.
    static @Nullable Places of(Schema schema, Schema.Table table, LogMessage.Relation told) {
      Schema.Table root = schema.table(table.root());
      if (root == null) {
        return null;
      }
      Map<String, Integer> byName = new HashMap<>();
      for (int i = 0; i < told.columns().size(); i++) {
        byName.put(told.columns().get(i).name(), i);
      }
      List<Schema.Column> columns = root.columns();
      int size = columns.size();
      Places out =
          new Places(
              schema,
              told,
              table.root(),
              new int[size],
              new int[size],
              new boolean[size],
              new boolean[size]);
      for (int i = 0; i < size; i++) {
        int place = byName.getOrDefault(columns.get(i).name(), -1);
        out.numbers[i] = columns.get(i).number();
        out.at[i] = place;
        out.isKey[i] = place >= 0 && told.columns().get(place).isKey() && told.identity() != FULL;
        out.isAlike[i] = place >= 0 && ALIKE.contains(told.columns().get(place).type());
      }
      return out;
    }

    @SuppressWarnings("ReferenceEquality")
    boolean isOf(Schema other, LogMessage.Relation relation) {
      return schema == other && told == relation;
    }
  }

  /// @param old null where the key is as it was and nothing else is told
  /// @param isWhole whether `old` tells more than the key
  /// @param isOneOfMany whether the transaction has changed so many rows that it isn't looked at
  ///   each of them how its values compare
  void tell(
      Freshness.Feed feed,
      long position,
      LogMessage.@Nullable Tuple old,
      boolean isWhole,
      LogMessage.Tuple row,
      boolean isOneOfMany) {
    for (int i = 0; left > 0 && i < isTold.length; i++) {
      if (!isTold[i] && mayBeOther(i, old, isWhole, row)) {
        isTold[i] = true;
        left--;
        feed.updated(places.root, places.numbers[i], position);
      }
    }
    Set<Integer> compared = feed.compared(places.root);
    for (int i = 0; !compared.isEmpty() && i < isTold.length; i++) {
      if (compared.contains(places.numbers[i]) && mayBeOther(i, old, isWhole, row)) {
        LogMessage.Tuple known = isOneOfMany || !isKnown(i, isWhole) ? null : old;
        feed.turned(places.root, places.numbers[i], position, mayTurn(i, known, row));
      }
    }
  }

  /// @param old null where its value in this column isn't known
  private Predicate<Comparison> mayTurn(
      int column, LogMessage.@Nullable Tuple old, LogMessage.Tuple row) {
    int at = places.at[column];
    if (at < 0 || old == null || old.isUnchanged(at) || places.isAlike[column]) {
      return comparison -> true;
    }
    String before = old.isNull(at) ? null : old.text(at);
    String after = row.isNull(at) ? null : row.text(at);
    return comparison -> places.schema.mayTurn(places.root, comparison, before, after);
  }

  private boolean isKnown(int column, boolean isWhole) {
    return isWhole || places.isKey[column];
  }

  private boolean mayBeOther(
      int column, LogMessage.@Nullable Tuple old, boolean isWhole, LogMessage.Tuple row) {
    int at = places.at[column];
    if (at < 0) {
      return true;
    }
    if (row.isUnchanged(at)) {
      return false;
    }
    if (old == null) {
      return !places.isKey[column];
    }
    return !isKnown(column, isWhole) || places.isAlike[column] || !row.isSame(at, old);
  }
}
