package dev.freshet.changes;

import dev.freshet.freshness.Freshness;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/* What a row's change means for answers.
 *
 * An answer that depends on `Rows(t, c, v)` was made from the rows of t whose c is v, and perhaps
 * from the fact that there are no more. A change concerns it if the row had v in c before, or has
 * it now. So for every column that somebody depends on, the old and the new value are told, each
 * in the form that equal values share; null is equal to nothing and is not told.
 *
 * The log doesn't tell all of that. Without REPLICA IDENTITY FULL the old row is not in it but for
 * the key, and the key only where it changed; values that are kept out of line are left out where
 * an UPDATE didn't touch them. Where a value had or has to be told and is not known, the row may
 * have had any, and the column is told as a whole: this makes more answers again than need be, and
 * never too few.
 *
 * Which columns an UPDATE gave another value is told for all of them, by the text that the log
 * has for the old value and the new one: under REPLICA IDENTITY FULL of every column, else of the
 * key. What is not in the log, a generated column for one, may have become another with every
 * UPDATE, and so may what is there in its new form only. See [Updates].
 *
 * A transaction's position is a place inside its commit record. It must lie above every position
 * published before, and those are ends of records: the end of one commit may be the start of the
 * next one's record, the octet after that can't.
 *
 * Rows are told as they come and kept nowhere, so a transaction may be of any size. One that
 * changes very many rows of a table would push everything else out of the memory of last changes;
 * from some number on its columns are told as a whole.
 */

/// Turns the messages of the log into changes, one transaction after the other.
final class Folding {
  /// Of one table in one transaction, after which its columns are told as a whole.
  static final int MAX_ROWS = 20_000;

  /// Told by an event trigger when something was defined anew.
  static final String SCHEMA_CHANGED = "freshet.ddl";

  private static final char FULL = 'f';

  private final Freshness.Feed feed;
  private final Supplier<Schema> schema;
  private final Supplier<CompletableFuture<Void>> reload;
  private final Map<Long, LogMessage.Relation> heard = new HashMap<>();
  private final Map<Long, Touched> touched = new HashMap<>();
  private final Map<Long, Updates.Places> places = new HashMap<>();
  private long position;
  private int xid;
  private boolean isOpen;
  private boolean isDoubtful;
  private boolean hasTold;
  private final LongAdder rows;
  private final LongAdder transactions;

  /// @param schema as it is known now
  /// @param reload reads the catalog anew; done when it is known
  /// @param rows counts them
  /// @param transactions counts them
  Folding(
      Freshness.Feed feed,
      Supplier<Schema> schema,
      Supplier<CompletableFuture<Void>> reload,
      LongAdder rows,
      LongAdder transactions) {
    this.feed = feed;
    this.schema = schema;
    this.reload = reload;
    this.rows = rows;
    this.transactions = transactions;
  }

  /// Whether a transaction is being told.
  boolean isOpen() {
    return isOpen;
  }

  /// Takes the next message; gives what may be published once everything it asks for is true, null
  /// in the middle of a transaction.
  @Nullable Told fold(LogMessage message) throws Decoder.Fault {
    switch (message) {
      case LogMessage.Begin(long commit, int number) -> begin(commit, number);
      case LogMessage.Relation relation -> relation(relation);
      case LogMessage.Insert(long relation, LogMessage.Tuple row) -> row(relation, null, true, row);
      case LogMessage.Update(
              long relation,
              LogMessage.Tuple old,
              boolean isWhole,
              LogMessage.Tuple row) ->
          update(relation, old, isWhole, row);
      case LogMessage.Delete(long relation, LogMessage.Tuple old, boolean isWhole) ->
          row(relation, old, isWhole, null);
      case LogMessage.Truncate truncate -> {
        for (long relation : truncate.relations()) {
          demandOpen();
          whole(schema.get().root(relation));
        }
      }
      case LogMessage.Note note -> {
        return note(note);
      }
      case LogMessage.Commit(long ignored, long end) -> {
        return commit(end);
      }
      case LogMessage.Other() -> {}
    }
    return null;
  }

  private void begin(long commit, int number) throws Decoder.Fault {
    if (isOpen) {
      throw new Decoder.Fault("a transaction inside another");
    }
    isOpen = true;
    position = commit + 1;
    xid = number;
    feed.begin(position);
  }

  private Told commit(long end) throws Decoder.Fault {
    demandOpen();
    if (hasTold) {
      feed.settle();
    }
    Told told = new Told(end, xid, isDoubtful ? reload.get() : null);
    isOpen = false;
    isDoubtful = false;
    hasTold = false;
    touched.clear();
    transactions.increment();
    return told;
  }

  private @Nullable Told note(LogMessage.Note note) throws Decoder.Fault {
    if (!note.isTransactional()) {
      // Everything that was committed before this place in the log has been sent before it.
      return isOpen ? null : Told.place(note.position());
    }
    demandOpen();
    if (note.prefix().equals(SCHEMA_CHANGED)) {
      schema.get().roots().forEach(this::whole);
      isDoubtful = true;
    }
    return null;
  }

  private void relation(LogMessage.Relation relation) throws Decoder.Fault {
    demandOpen();
    LogMessage.Relation before = heard.put(relation.oid(), relation);
    touched.remove(relation.oid());
    if (before != null && !before.hasShapeOf(relation)) {
      whole(schema.get().root(relation.oid()));
      isDoubtful = true;
    }
  }

  private void whole(long root) {
    feed.whole(root, position);
    hasTold = true;
  }

  private void demandOpen() throws Decoder.Fault {
    if (!isOpen) {
      throw new Decoder.Fault("a change outside any transaction");
    }
  }

  private void update(
      long relation, LogMessage.@Nullable Tuple old, boolean isWhole, LogMessage.Tuple row)
      throws Decoder.Fault {
    if (old != null) {
      row(relation, old, isWhole, row);
      return;
    }
    // Its key is as it was, so the new row tells the old one's.
    row(relation, row, false, row);
  }

  /// @param old null for an INSERT
  /// @param isWhole whether `old` tells more than the key
  /// @param row null for a DELETE
  private void row(
      long oid, LogMessage.@Nullable Tuple old, boolean isWhole, LogMessage.@Nullable Tuple row)
      throws Decoder.Fault {
    demandOpen();
    rows.increment();
    Touched table = touched.get(oid);
    if (table == null) {
      table = touch(oid);
      touched.put(oid, table);
    }
    table.check(old);
    table.check(row);
    table.rows++;
    if (old == null || row == null) {
      // An UPDATE that tells no old row tells the new one twice.
      table.tellMember(feed, position);
    } else {
      table.tellUpdate(feed, position, old == row ? null : old, isWhole, row);
    }
    boolean isMuch = table.rows > MAX_ROWS;
    for (int i = 0; i < table.numbers.length; i++) {
      if (table.isTold[i]) {
        continue;
      }
      boolean isKnown =
          !isMuch
              && (old == null || isWhole || table.isKey[i])
              && tellOld(table, i, old)
              && (row == old || tellNew(table, i, row, old));
      if (!isKnown) {
        feed.column(table.root, table.numbers[i], position);
        table.isTold[i] = true;
      }
    }
  }

  /// False when the value isn't known.
  private boolean tellOld(Touched table, int column, LogMessage.@Nullable Tuple old) {
    return old == null || (!old.isUnchanged(table.places[column]) && tell(table, column, old));
  }

  private boolean tellNew(
      Touched table, int column, LogMessage.@Nullable Tuple row, LogMessage.@Nullable Tuple old) {
    if (row != null && row.isUnchanged(table.places[column])) {
      // Then the old row has told it.
      return old != null;
    }
    return row == null || tell(table, column, row);
  }

  private boolean tell(Touched table, int column, LogMessage.Tuple row) {
    int place = table.places[column];
    if (row.isNull(place)) {
      return true;
    }
    int number = table.numbers[column];
    String value = table.schema.canonical(table.root, number, row.text(place));
    if (value == null) {
      return false;
    }
    feed.rows(table.root, number, value, position);
    return true;
  }

  private Touched touch(long oid) throws Decoder.Fault {
    LogMessage.Relation told = heard.get(oid);
    if (told == null) {
      throw new Decoder.Fault("a row of relation " + oid + ", whose shape was not told");
    }
    hasTold = true;
    Schema known = schema.get();
    Schema.Table table = known.table(oid);
    if (table == null || !table.fits(told)) {
      // The catalog as it is known is older or newer than this place in the log.
      isDoubtful = true;
      whole(known.root(oid));
      return new Touched(known, known.root(oid), told.columns().size(), 0, null);
    }
    feed.table(table.root(), position);
    Set<Integer> watched = feed.watched(table.root());
    Updates updates = updates(known, table, told);
    if (updates == null) {
      isDoubtful = true;
      whole(table.root());
    }
    Touched out = new Touched(known, table.root(), told.columns().size(), watched.size(), updates);
    int i = 0;
    for (int number : watched) {
      if (i == out.numbers.length) {
        // Somebody began to watch it just now, and has seen this transaction's position.
        break;
      }
      int place = known.place(table, told, number);
      out.numbers[i] = number;
      out.places[i] = place;
      out.isKey[i] = place >= 0 && told.columns().get(place).isKey() && told.identity() != FULL;
      if (place < 0) {
        feed.column(table.root(), number, position);
        out.isTold[i] = true;
      }
      i++;
    }
    for (; i < out.numbers.length; i++) {
      out.isTold[i] = true;
    }
    return out;
  }

  /// Null where the columns of its root are not known.
  private @Nullable Updates updates(Schema known, Schema.Table table, LogMessage.Relation told) {
    Updates.Places before = places.get(table.oid());
    if (before == null || !before.isOf(known, told)) {
      before = Updates.Places.of(known, table, told);
      if (before == null) {
        return null;
      }
      places.put(table.oid(), before);
    }
    return new Updates(before);
  }

  /// A table in this transaction, with its columns that are watched.
  private static final class Touched {
    final Schema schema;
    final long root;
    final int columns;
    final int[] numbers;
    final int[] places;
    final boolean[] isKey;

    /// Whether it was told as a whole, so that single values need not be.
    final boolean[] isTold;

    /// Null where it was told as a whole.
    final @Nullable Updates updates;

    int rows;
    private boolean isMemberTold;

    Touched(Schema schema, long root, int columns, int watched, @Nullable Updates updates) {
      this.updates = updates;
      this.schema = schema;
      this.root = root;
      this.columns = columns;
      numbers = new int[watched];
      places = new int[watched];
      isKey = new boolean[watched];
      isTold = new boolean[watched];
    }

    void tellMember(Freshness.Feed feed, long position) {
      if (!isMemberTold) {
        isMemberTold = true;
        feed.members(root, position);
      }
    }

    void tellUpdate(
        Freshness.Feed feed,
        long position,
        LogMessage.@Nullable Tuple old,
        boolean isWhole,
        LogMessage.Tuple row) {
      if (updates != null) {
        updates.tell(feed, position, old, isWhole, row, rows > MAX_ROWS);
      }
    }

    void check(LogMessage.@Nullable Tuple row) throws Decoder.Fault {
      if (row != null && row.columns() != columns) {
        throw new Decoder.Fault(
            "a row of " + row.columns() + " columns where there are " + columns);
      }
    }
  }
}
