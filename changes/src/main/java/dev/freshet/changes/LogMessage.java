package dev.freshet.changes;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What pgoutput tells (PostgreSQL documentation, "Logical Replication Message Formats", protocol
/// version 1).
sealed interface LogMessage {

  /// A transaction begins; it has committed already.
  ///
  /// @param commit where its commit record starts
  /// @param xid without its epoch
  record Begin(long commit, int xid) implements LogMessage {}

  /// @param end behind the commit record
  record Commit(long commit, long end) implements LogMessage {}

  /// The shape of a relation: comes before its first row, and again when it may have changed.
  record Relation(long oid, String schema, String name, char identity, List<Column> columns)
      implements LogMessage {

    /// Whether it has the same columns; which of them are the key may differ.
    boolean hasShapeOf(Relation other) {
      boolean isSame = columns.size() == other.columns.size();
      for (int i = 0; isSame && i < columns.size(); i++) {
        Column mine = columns.get(i);
        Column its = other.columns.get(i);
        isSame = mine.name.equals(its.name) && mine.type == its.type;
      }
      return isSame;
    }
  }

  record Insert(long relation, Tuple row) implements LogMessage {}

  /// @param old its key where that changed, all of it under REPLICA IDENTITY FULL, else null
  /// @param isWhole whether `old` is all of it
  record Update(long relation, @Nullable Tuple old, boolean isWhole, Tuple row)
      implements LogMessage {}

  /// @param isWhole whether `old` is all of it and not the key only
  record Delete(long relation, Tuple old, boolean isWhole) implements LogMessage {}

  record Truncate(List<Long> relations) implements LogMessage {}

  /// Of `pg_logical_emit_message`.
  ///
  /// @param isTransactional part of the transaction it is told in
  record Note(boolean isTransactional, long position, String prefix) implements LogMessage {}

  /// Origins and types.
  record Other() implements LogMessage {}

  /// @param isKey part of the replica identity
  /// @param type its OID
  record Column(String name, boolean isKey, long type) {}

  /// The values of a row as they lie in the message, made into texts only where asked for.
  final class Tuple {
    private static final int NULL = -1;
    private static final int UNCHANGED = -2;
    private final byte[] message;
    private final int[] places;

    /// @param places of each column its start and its length, or why it has none
    private Tuple(byte[] message, int[] places) {
      this.message = message;
      this.places = places;
    }

    static Tuple of(byte[] message, int[] places) {
      return new Tuple(message, places);
    }

    static int[] places(int columns) {
      return new int[2 * columns];
    }

    static void text(int[] places, int column, int from, int length) {
      places[2 * column] = from;
      places[2 * column + 1] = length;
    }

    static void isNull(int[] places, int column) {
      places[2 * column + 1] = NULL;
    }

    static void isUnchanged(int[] places, int column) {
      places[2 * column + 1] = UNCHANGED;
    }

    int columns() {
      return places.length / 2;
    }

    boolean isNull(int column) {
      return places[2 * column + 1] == NULL;
    }

    /// A value kept out of line that an UPDATE did not touch is not sent.
    boolean isUnchanged(int column) {
      return places[2 * column + 1] == UNCHANGED;
    }

    /// Whether another row has the same text there, or null as this one. False where either value
    /// is not sent.
    boolean isSame(int column, Tuple other) {
      int mine = places[2 * column + 1];
      int its = other.places[2 * column + 1];
      if (mine != its || mine == UNCHANGED) {
        return false;
      }
      int from = places[2 * column];
      int to = other.places[2 * column];
      return mine == NULL || Arrays.equals(message, from, from + mine, other.message, to, to + its);
    }

    /// Only where it is neither null nor unchanged.
    String text(int column) {
      return new String(
          message, places[2 * column], places[2 * column + 1], StandardCharsets.UTF_8);
    }
  }
}
