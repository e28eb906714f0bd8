package dev.freshet.edge;

import dev.freshet.freshness.Dependency;
import dev.freshet.freshness.Evidence;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A response made from rows is in one group a table, so that a purge by table finds it on every
/// node, with or without a feed. A space keeps the names apart from those that apps give.
final class TableGroups {
  private static final String PREFIX = "table ";

  private TableGroups() {}

  static String of(long relation) {
    return PREFIX + relation;
  }

  /// The app's groups and those of the tables.
  static List<String> with(List<String> groups, @Nullable Evidence evidence) {
    if (evidence == null) {
      return groups;
    }
    Set<String> all = new LinkedHashSet<>(groups);
    for (Dependency dependency : evidence.dependencies()) {
      all.add(of(dependency.relation()));
    }
    return new ArrayList<>(all);
  }
}
