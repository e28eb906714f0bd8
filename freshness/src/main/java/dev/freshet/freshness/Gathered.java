package dev.freshet.freshness;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/// An answer's dependencies without what others say already.
final class Gathered {
  /// Of one answer; more are taken together by table.
  static final int MAX = 4_000;

  private Gathered() {}

  static List<Dependency> of(Collection<Dependency> dependencies) {
    if (dependencies.size() <= 1) {
      return List.copyOf(dependencies);
    }
    Collection<Dependency> few = dependencies.size() > MAX ? byTable(dependencies) : dependencies;
    Set<Long> tables = new LinkedHashSet<>();
    for (Dependency dependency : few) {
      if (dependency instanceof Dependency.Table) {
        tables.add(dependency.relation());
      }
    }
    Set<Dependency> out = new LinkedHashSet<>();
    tables.forEach(relation -> out.add(new Dependency.Table(relation)));
    for (Dependency dependency : few) {
      if (!tables.contains(dependency.relation())) {
        out.add(dependency);
      }
    }
    return List.copyOf(out);
  }

  /// Each table as a whole, or those of its columns that count for any of its rows.
  private static List<Dependency> byTable(Collection<Dependency> dependencies) {
    Map<Long, Set<Integer>> limited = new LinkedHashMap<>();
    Set<Long> whole = new LinkedHashSet<>();
    for (Dependency dependency : dependencies) {
      switch (dependency) {
        case Dependency.Whole any -> whole.add(any.relation());
        case Dependency.Columns(
                Dependency.Whole of,
                List<Integer> columns,
                List<Comparison> compared,
                boolean _) -> {
          Set<Integer> all = limited.computeIfAbsent(of.relation(), r -> new TreeSet<>());
          all.addAll(columns);
          compared.forEach(each -> all.add(each.column()));
        }
      }
    }
    List<Dependency> out = new ArrayList<>();
    whole.forEach(relation -> out.add(new Dependency.Table(relation)));
    limited.forEach((relation, columns) ->
        out.add(Dependency.Columns.of(new Dependency.Table(relation), columns)));
    return out;
  }
}
