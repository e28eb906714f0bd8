package dev.freshet.freshness;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/* What may be concluded, and what not.
 *
 * A session's row that is touched by nearly every request keeps nearly every answer from being
 * kept: the request has written. Such a table can be recognised. It is written in many of the
 * requests whose answers would be kept; it is read by one column only, never as a whole; and a
 * value by which it is read is always read by the same visitor.
 *
 * That is evidence, and no proof: a table may be read otherwise tomorrow, by a route not asked for
 * yet. Worse, it does not tell whether the write may be left out. An answer from memory writes
 * nothing: the session is not prolonged, the page view not counted. Whether that is right only the
 * operator knows. So nothing here ever acts: a table is proposed, with the line that declares it.
 */

/// Recognises tables that keep the books of visitors.
public final class VisitorTables {
  /// Below so many requests nothing is said.
  private static final int SAMPLE = 100;

  /// Written by one in so many requests, at least.
  private static final int SHARE = 5;

  /// Read by so many values, where it is read.
  private static final int KEYS = 10;

  private static final int MAX_TABLES = 500;
  private static final int MAX_KEYS = 1_000;

  /// After so many requests what was counted counts half.
  private static final int WINDOW = 10_000;

  private final Map<Long, Table> tables = new HashMap<>();
  private int requests;

  private static final class Table {
    private int column = -1;
    private int written;

    /// Read as a whole, by several columns, or one row by several visitors: for good.
    private boolean isCommon;

    /// Which visitor reads by a value; 0 for one who brings nothing that tells him apart.
    private final Map<String, Long> keys = new HashMap<>();

    private void read(Dependency.Rows rows, long visitor) {
      isCommon |= column >= 0 && column != rows.column();
      column = rows.column();
      Long before = keys.get(rows.value());
      if (before == null || (before == 0 && visitor != 0)) {
        if (before != null || keys.size() < MAX_KEYS) {
          keys.put(rows.value(), visitor);
        }
      } else {
        isCommon |= visitor == 0 || before != visitor;
      }
    }

    private boolean isOfVisitors(int requests) {
      boolean isKeyed = keys.isEmpty() || keys.size() >= KEYS;
      return !isCommon && isKeyed && (long) written * SHARE >= requests;
    }
  }

  /// One that is proposed.
  ///
  /// @param column by which it is read, always; -1 where no such answer read it
  /// @param written how many of the requests wrote to it
  /// @param keys by how many values it was read
  public record Proposal(long relation, int column, int written, int requests, int keys) {}

  VisitorTables() {}

  /// A request is over whose answer would be kept, and all it did is known.
  ///
  /// @param visitor tells visitors apart; 0 for one who brings nothing to do so
  synchronized void saw(Collection<Dependency> reads, Collection<Long> writes, long visitor) {
    if (++requests > WINDOW) {
      requests /= 2;
      tables.values().forEach(table -> table.written /= 2);
    }
    for (long relation : writes) {
      Table known = table(relation);
      if (known != null) {
        known.written++;
      }
    }
    Set<Long> limited = new HashSet<>();
    for (Dependency read : reads) {
      if (read instanceof Dependency.Columns) {
        limited.add(read.relation());
      }
    }
    for (Dependency read : reads) {
      Table known = table(read.relation());
      // Which rows were shown says nothing of how they were chosen.
      boolean isShown =
          read instanceof Dependency.Columns columns
              ? columns.isShown()
              : read instanceof Dependency.Rows && limited.contains(read.relation());
      if (known != null && !isShown) {
        switch (read instanceof Dependency.Columns columns ? columns.of() : read) {
          case Dependency.Rows rows -> known.read(rows, visitor);
          default -> known.isCommon = true;
        }
      }
    }
  }

  private @Nullable Table table(long relation) {
    Table known = tables.get(relation);
    if (known == null && tables.size() < MAX_TABLES) {
      known = new Table();
      tables.put(relation, known);
    }
    return known;
  }

  /// What may be declared.
  public synchronized List<Proposal> proposals() {
    List<Proposal> out = new ArrayList<>();
    if (requests >= SAMPLE) {
      tables.forEach((relation, table) -> {
        if (table.isOfVisitors(requests)) {
          out.add(new Proposal(relation, table.column, table.written, requests, table.keys.size()));
        }
      });
    }
    return out;
  }
}
