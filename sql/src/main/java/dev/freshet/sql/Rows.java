package dev.freshet.sql;

import dev.freshet.freshness.Comparison;
import dev.freshet.freshness.Dependency;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The tables that stand behind one name in FROM, as the change feed knows them: the partitioned
/// table of a partition, the heirs of a parent.
record Rows(List<Catalog.Relation> relations) {
  private static final int MAX_VALUES = 500;

  /// Of one column.
  private static final int MAX_COMPARISONS = 8;

  /// Of a value in a comparison.
  private static final int MAX_LENGTH = 200;

  record Target(long relation, int column) {}

  /// A column that is known to have certain values.
  record Choice(List<Target> targets, List<Term> terms) {}

  /// A column of the answer that tells which of the rows each of its rows was made from.
  record Key(int place, Catalog.Column column) {
    /// One whose value the feed tells, whatever session it was printed in, and that few rows share.
    static boolean mayBe(Catalog.Column column) {
      boolean isPlain = column.form() == Form.NUMBER || column.form() == Form.UUID;
      return isPlain && column.isExact() && column.distinct() == Double.MAX_VALUE;
    }
  }

  /// Columns by relation, where others don't count.
  ///
  /// @param tested of which only comparisons count
  record Limit(Map<Long, List<Integer>> columns, Map<Long, List<Tested>> tested) {

    Dependency of(Dependency.Whole rows, Arguments arguments, long[] slots) {
      List<Integer> values = new ArrayList<>(columns.getOrDefault(rows.relation(), List.of()));
      List<Comparison> comparisons = new ArrayList<>();
      for (Tested each : tested.getOrDefault(rows.relation(), List.of())) {
        // That it is the value by which the rows are chosen says their choice already.
        boolean isChoice = rows instanceof Dependency.Rows by && by.column() == each.column;
        List<Comparison> made = isChoice ? null : each.comparisons(arguments, slots);
        if (made == null) {
          values.add(each.column);
        } else {
          comparisons.addAll(made);
        }
      }
      return new Dependency.Columns(rows, values, comparisons);
    }
  }

  record Tested(int column, List<Tests.Test> tests) {

    /// Null where they are not known or too many.
    private @Nullable List<Comparison> comparisons(Arguments arguments, long[] slots) {
      List<Comparison> out = new ArrayList<>();
      for (Tests.Test test : tests) {
        if (test.sign() == Comparison.Sign.NULL) {
          out.add(new Comparison(column, Comparison.Sign.NULL, ""));
          continue;
        }
        List<String> values = new ArrayList<>();
        for (Term term : test.terms()) {
          List<String> fixed = term.fixed();
          if (fixed != null) {
            values.addAll(fixed);
          } else if (!arguments.canonical(term, slots, values)) {
            return null;
          }
        }
        values.forEach(value -> out.add(new Comparison(column, test.sign(), value)));
      }
      boolean isMuch =
          out.size() > MAX_COMPARISONS
              || out.stream().anyMatch(each -> each.value().length() > MAX_LENGTH);
      return isMuch ? null : out;
    }
  }

  /// What an answer shows of the rows.
  ///
  /// @param targets where its key is found
  /// @param limit to the columns that decide which rows they are
  /// @param only further columns of each table that may be shown; null where they are not known
  /// @param sole by what the row is chosen that alone decides it, where that is one value and there
  ///   is an answer; null where there is none
  record Shown(
      Key key,
      List<Target> targets,
      Limit limit,
      @Nullable Map<Long, List<Integer>> only,
      @Nullable List<Term> sole) {

    /// Adds what the answer shows of its rows. What decides that they are there stands in what they
    /// were chosen by, which they are among, or here where nothing else says it.
    void dependencies(
        Set<String> keys, boolean isSole, Arguments arguments, long[] slots, Set<Dependency> out) {
      for (Target target : targets) {
        List<Integer> columns = only == null ? null : only.get(target.relation);
        for (String value : keys) {
          Dependency.Rows row = new Dependency.Rows(target.relation, target.column, value);
          if (columns == null) {
            out.add(row);
          } else if (isSole) {
            out.add(limit.of(row, arguments, slots));
          }
          if (columns != null && !columns.isEmpty()) {
            out.add(Dependency.Columns.shown(row, columns));
          }
        }
      }
    }
  }

  /// @param choices the best first
  /// @param limit null where any column counts
  /// @param shown null where nothing is known of it
  record Bound(
      List<Long> relations, List<Choice> choices, @Nullable Limit limit, @Nullable Shown shown) {

    /// Adds what the rows depend on in this execution.
    ///
    /// @param keys of the rows that the answer shows; null where they are not known
    void dependencies(
        Arguments arguments, long[] slots, @Nullable Set<String> keys, Set<Dependency> out) {
      Shown how = keys == null ? null : shown;
      Limit to = how == null ? limit : how.limit;
      boolean isSole = isSole(how, arguments, slots, keys);
      if (!isSole) {
        for (Dependency.Whole each : whole(arguments, slots)) {
          out.add(to == null ? each : to.of(each, arguments, slots));
        }
      }
      if (how != null && keys != null) {
        how.dependencies(keys, isSole, arguments, slots, out);
      }
    }

    private static boolean isSole(
        @Nullable Shown how, Arguments arguments, long[] slots, @Nullable Set<String> keys) {
      List<Term> sole = how == null ? null : how.sole;
      if (sole == null || keys == null || keys.size() != 1) {
        return false;
      }
      Set<String> values = values(sole, arguments, slots);
      return values != null && values.size() == 1;
    }

    private List<Dependency.Whole> whole(Arguments arguments, long[] slots) {
      List<Dependency.Whole> out = new ArrayList<>();
      for (Choice choice : choices) {
        Set<String> values = values(choice.terms, arguments, slots);
        if (values != null) {
          for (Target target : choice.targets) {
            for (String value : values) {
              out.add(new Dependency.Rows(target.relation, target.column, value));
            }
          }
          return out;
        }
      }
      for (long relation : relations) {
        out.add(new Dependency.Table(relation));
      }
      return out;
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

  /// @param how null where any column may be looked at
  /// @param key null where the answer shows none
  /// @param sole as in [Shown]
  Bound bound(
      Item item, Findings.@Nullable Looked how, @Nullable Key key, @Nullable List<Term> sole) {
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
    List<Long> oids = relations.stream().map(Catalog.Relation::oid).toList();
    if (how == null) {
      return new Bound(oids, choices, null, null);
    }
    Mentions mentions = how.mentions();
    Limit limit = mentions.hasStar() ? null : limit(item, how, mentions.all());
    Map<String, Set<Integer>> deciding = mentions.deciding();
    List<Target> keys = key == null || deciding == null ? null : targets(key.column);
    Limit decisive = keys == null || deciding == null ? null : limit(item, how, deciding);
    Shown shown =
        key == null || keys == null || deciding == null || decisive == null
            ? null
            : new Shown(key, keys, decisive, only(item, how, deciding, decisive), sole);
    return new Bound(oids, choices, limit, shown);
  }

  /// The columns that are shown and don't decide by their values already, by table; null where they
  /// are not known. One that is compared with a constant and shown too is shown by its value.
  private @Nullable Map<Long, List<Integer>> only(
      Item item, Findings.Looked how, Map<String, Set<Integer>> deciding, Limit decisive) {
    Mentions mentions = how.mentions();
    // A star that decides something leaves no names that decide.
    List<Catalog.Column> looked =
        mentions.hasStar()
            ? how.named().columns()
            : mentions.columns(mentions.all(), item, how.named());
    if (looked == null) {
      return null;
    }
    Map<Long, List<Integer>> out = new HashMap<>();
    for (Catalog.Relation relation : relations) {
      List<Integer> byValue = decisive.columns.getOrDefault(relation.oid(), List.of());
      List<Integer> numbers = new ArrayList<>();
      for (Catalog.Column each : looked) {
        Catalog.Column column = relation.column(each.name());
        if (column == null) {
          return null;
        }
        Set<Integer> places = mentions.all().getOrDefault(each.name(), Set.of());
        boolean isShown =
            mentions.hasStar() || !deciding.getOrDefault(each.name(), Set.of()).containsAll(places);
        if (isShown && !byValue.contains(column.number())) {
          numbers.add(column.number());
        }
      }
      out.put(relation.oid(), List.copyOf(numbers));
    }
    return out;
  }

  private @Nullable Limit limit(Item item, Findings.Looked how, Map<String, Set<Integer>> names) {
    List<Catalog.Column> looked = how.mentions().columns(names, item, how.named());
    if (looked == null) {
      return null;
    }
    Map<Long, List<Integer>> columns = new HashMap<>();
    Map<Long, List<Tested>> tested = new HashMap<>();
    for (Catalog.Relation relation : relations) {
      List<Integer> numbers = new ArrayList<>();
      List<Tested> further = new ArrayList<>();
      for (Catalog.Column each : looked) {
        Catalog.Column column = relation.column(each.name());
        if (column == null) {
          return null;
        }
        // The values of a key hardly ever change, and there are too many of them to compare with.
        boolean isTested =
            column.form() == each.form()
                && column.distinct() < Double.MAX_VALUE
                && how.tests().areAll(names.getOrDefault(each.name(), Set.of()));
        if (isTested) {
          further.add(new Tested(column.number(), how.tests().of(item, each.name())));
        } else {
          numbers.add(column.number());
        }
      }
      columns.put(relation.oid(), numbers);
      tested.put(relation.oid(), further);
    }
    return new Limit(columns, tested);
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
