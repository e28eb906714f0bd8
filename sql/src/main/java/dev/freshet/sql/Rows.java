package dev.freshet.sql;

import dev.freshet.freshness.Dependency;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The tables that stand behind one name in FROM, as the change feed knows them: the partitioned
/// table of a partition, the heirs of a parent.
record Rows(List<Catalog.Relation> relations) {
  private static final int MAX_VALUES = 500;

  record Target(long relation, int column) {}

  /// A column that is known to have certain values.
  record Choice(List<Target> targets, List<Term> terms) {}

  /// @param choices the best first
  record Bound(List<Long> relations, List<Choice> choices) {

    /// Adds what the rows depend on in this execution.
    void dependencies(Arguments arguments, long[] slots, Set<Dependency> out) {
      for (Choice choice : choices) {
        Set<String> values = values(choice.terms, arguments, slots);
        if (values != null) {
          for (Target target : choice.targets) {
            for (String value : values) {
              out.add(new Dependency.Rows(target.relation, target.column, value));
            }
          }
          return;
        }
      }
      for (long relation : relations) {
        out.add(new Dependency.Table(relation));
      }
    }

    /// Null where they are not known or too many. Also where there are none, so that every table
    /// has a dependency and a change of its schema is noticed.
    private static @Nullable Set<String> values(
        List<Term> terms, Arguments arguments, long[] slots) {
      List<String> out = new ArrayList<>();
      for (Term term : terms) {
        List<String> fixed = term.fixed();
        if (fixed != null) {
          out.addAll(fixed);
        } else if (!arguments.canonical(term, slots, out)) {
          return null;
        }
      }
      return out.isEmpty() || out.size() > MAX_VALUES ? null : new LinkedHashSet<>(out);
    }
  }

  Bound bound(Item item) {
    List<Node.OfTable> bound = new ArrayList<>();
    for (Item.Field field : item.fields()) {
      if (field.node() instanceof Node.OfTable node && node.bound() != null) {
        bound.add(node);
      }
    }
    // One whose old values the feed tells, and of these the one with the most values.
    bound.sort(
        Comparator.comparing((Node.OfTable node) -> !node.column().isExact())
            .thenComparingDouble(node -> -node.column().distinct()));
    List<Choice> choices = new ArrayList<>();
    for (Node.OfTable node : bound) {
      List<Target> targets = targets(node.column());
      List<Term> terms = node.bound();
      if (targets != null && terms != null) {
        choices.add(new Choice(targets, terms));
      }
    }
    return new Bound(relations.stream().map(Catalog.Relation::oid).toList(), choices);
  }

  private @Nullable List<Target> targets(Catalog.Column column) {
    List<Target> out = new ArrayList<>();
    for (Catalog.Relation relation : relations) {
      Catalog.Column there = relation.column(column.name());
      if (there == null || there.form() != column.form()) {
        return null;
      }
      out.add(new Target(relation.oid(), there.number()));
    }
    return out;
  }
}
