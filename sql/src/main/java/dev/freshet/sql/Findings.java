package dev.freshet.sql;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// What is found out about one statement while it is resolved: its tables, and which of their
/// columns have which values.
final class Findings {
  /// Either side may be restricted if its item is among those that the equality filters.
  private record Equality(Node one, Node other, Set<Object> filtered) {}

  private final List<Equality> equalities = new ArrayList<>();
  private final Map<Item, Rows> tables = new LinkedHashMap<>();
  private long[] slots = new long[8];
  boolean isRepeatable = true;

  void add(Item item, Rows rows) {
    tables.put(item, rows);
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
    tables.forEach((item, rows) -> out.add(rows.bound(item)));
    return new Footprint.Reads(out, slots, isRepeatable);
  }
}
