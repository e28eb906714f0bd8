package dev.freshet.freshness;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLongArray;
import org.jspecify.annotations.Nullable;

/// When rows of a table last came or went, and when a row last got another value in which of its
/// columns. Of every table and column, and nothing is ever forgotten: they are few.
///
/// One writer at a time, readers without locks.
final class ColumnChanges {
  /// Columns are counted from 1.
  private static final int MEMBERS = 0;

  private static final int FEW = 16;

  private final Map<Long, AtomicLongArray> tables = new ConcurrentHashMap<>();

  /// Whether no row came or went, and none got another value in these columns, after the position.
  boolean allBy(long relation, int[] columns, long position) {
    AtomicLongArray known = tables.get(relation);
    if (known == null) {
      return true;
    }
    if (Long.compareUnsigned(known.get(MEMBERS), position) > 0) {
      return false;
    }
    for (int column : columns) {
      if (column < known.length() && Long.compareUnsigned(known.get(column), position) > 0) {
        return false;
      }
    }
    return true;
  }

  /// When a row last got another value in this column.
  long of(long relation, int column) {
    AtomicLongArray known = tables.get(relation);
    return known == null || column >= known.length() ? 0 : known.get(column);
  }

  void members(long relation, long position) {
    changed(relation, MEMBERS, position);
  }

  synchronized void changed(long relation, int column, long position) {
    AtomicLongArray known = tables.get(relation);
    if (known == null || column >= known.length()) {
      known = grown(known, column);
      tables.put(relation, known);
    }
    if (Long.compareUnsigned(position, known.get(column)) > 0) {
      known.set(column, position);
    }
  }

  private static AtomicLongArray grown(@Nullable AtomicLongArray from, int column) {
    AtomicLongArray out = new AtomicLongArray(Math.max(FEW, Integer.highestOneBit(column) * 2));
    for (int i = 0; from != null && i < from.length(); i++) {
      out.set(i, from.get(i));
    }
    return out;
  }

  synchronized void clear() {
    tables.clear();
  }
}
