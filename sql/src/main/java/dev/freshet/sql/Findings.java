package dev.freshet.sql;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What is found out about one statement while it is resolved: its tables, and which of their
/// columns have which values.
final class Findings {
  /// Either side may be restricted if its item is among those that the equality filters.
  private record Equality(Node one, Node other, Set<Object> filtered) {}

  private final List<Equality> equalities = new ArrayList<>();
  private final Map<Item, Rows> tables = new LinkedHashMap<>();
  private final Map<Item, Looked> looked = new HashMap<>();
  private final Map<Item, Rows.Key> keys = new HashMap<>();
  private int width = -1;
  private long[] slots = new long[8];
  boolean isRepeatable = true;

  /// By which names the columns of a table may be looked at.
  ///
  /// @param named the relation that FROM names
  /// @param tests made by the same text
  record Looked(Mentions mentions, Catalog.Relation named, Tests tests) {}

  /// @param how null where any column may be looked at
  void add(Item item, Rows rows, @Nullable Looked how) {
    tables.put(item, rows);
    if (how != null) {
      looked.put(item, how);
    }
  }

  /// What the whole statement gives: where in it a table's key stands.
  void shows(Result result) {
    if (result.hasMore()) {
      return;
    }
    width = result.columns().size();
    for (int i = 0; i < width; i++) {
      if (result.columns().get(i).node() instanceof Node.OfTable node
          && node.item() instanceof Item item
          && Rows.Key.mayBe(node.column())) {
        keys.putIfAbsent(item, new Rows.Key(i, node.column()));
      }
    }
  }

  void restrict(Node node, List<Term> terms, Set<Object> filtered) {
    if (filtered.contains(node.item())) {
      node.restrict(terms);
    }
  }

  void same(Node one, Node other, Set<Object> filtered) {
    if (Node.areComparable(one, other)) {
      equalities.add(new Equality(one, other, filtered));
    }
  }

  /// Notes the type that the server infers for what stands in a slot.
  void slot(Term term) {
    int slot = term.constant().slot();
    if (slot >= slots.length) {
      slots = Arrays.copyOf(slots, 2 * slot);
    }
    slots[slot] = term.inferred();
  }

  /// Carries values along the equalities until nothing new is learned.
  void spread() {
    boolean isNew = true;
    while (isNew) {
      isNew = false;
      for (Equality equality : equalities) {
        isNew |= spread(equality.one, equality.other, equality.filtered);
        isNew |= spread(equality.other, equality.one, equality.filtered);
      }
    }
  }

  private static boolean spread(Node from, Node to, Set<Object> filtered) {
    if (to.bound() != null || !filtered.contains(to.item())) {
      return false;
    }
    List<Term> bound = from.bound();
    return bound != null && to.restrict(bound);
  }

  Footprint.Reads reads() {
    List<Rows.Bound> out = new ArrayList<>();
    tables.forEach((item, rows) -> {
      // Where another answer would be right too, rows that moved may make the server give it.
      Looked how = isRepeatable ? looked.get(item) : null;
      out.add(rows.bound(item, how, keys.get(item)));
    });
    return new Footprint.Reads(out, slots, isRepeatable, width);
  }
}
