package dev.freshet.sql;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What names mean at some place of a query. Takes for granted that PostgreSQL accepts the query:
/// then a name that is found is the one that is meant.
///
/// @param hidden what is in FROM but out of sight there
/// @param merged names that may stand for columns of several items, by USING; null where any may
record Scope(
    @Nullable Scope around, List<Item> visible, List<Item> hidden, @Nullable Set<String> merged) {

  /// Where no name is known.
  static final Scope UNKNOWN = new Scope(null, List.of(), List.of(), null);

  /// Null where it is not certain.
  @Nullable Node find(Outline.Column column) {
    TableName of = column.of();
    return of == null ? named(column.name()) : qualified(of, column.name());
  }

  private @Nullable Node qualified(TableName of, String name) {
    Item found = null;
    for (Item item : visible) {
      if (item.isCalled(of)) {
        if (found != null) {
          return null;
        }
        found = item;
      }
    }
    if (found != null) {
      return found.node(name);
    }
    boolean isHidden = hidden.stream().anyMatch(item -> item.mayBeCalled(of));
    return isHidden || around == null ? null : around.qualified(of, name);
  }

  private @Nullable Node named(String name) {
    Item found = null;
    boolean hasMore = !hidden.isEmpty();
    for (Item item : visible) {
      hasMore |= item.hasMore();
      if (item.count(name) > 0) {
        if (found != null) {
          return null;
        }
        found = item;
      }
    }
    if (found != null) {
      boolean isMerged = merged == null ? hasMore : merged.contains(name);
      return isMerged ? null : found.node(name);
    }
    return hasMore || around == null ? null : around.named(name);
  }

  boolean owns(Node node) {
    return visible.stream().anyMatch(item -> item.equals(node.item()));
  }

  /// What a star stands for; null where that is not known.
  @Nullable List<Result.Column> columns(@Nullable TableName of) {
    List<Result.Column> out = new ArrayList<>();
    boolean isKnown = of != null || (merged != null && merged.isEmpty());
    int found = 0;
    for (Item item : visible) {
      if (of == null || item.isCalled(of)) {
        found++;
        isKnown &= !item.hasMore();
        item.fields()
            .forEach(field -> out.add(new Result.Column(field.name(), field.node(), false)));
      }
    }
    return isKnown && (of == null || found == 1) ? out : null;
  }
}
