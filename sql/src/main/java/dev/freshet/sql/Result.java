package dev.freshet.sql;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What a query gives.
///
/// @param hasMore whether further columns may stand behind or among them
record Result(List<Column> columns, boolean hasMore) {
  static final Result UNKNOWN = new Result(List.of(), true);

  /// @param name null where it is not known
  /// @param node null where nothing is known of its values
  /// @param isOpen whether leaving out rows of one value leaves the others as they are
  record Column(@Nullable String name, @Nullable Node node, boolean isOpen) {}

  /// @param scope what is in sight of its expressions
  static Result of(Outline.Select select, Scope scope) {
    Set<Node> groups = new HashSet<>();
    List<Outline.Column> by = select.groups();
    if (by != null) {
      for (Outline.Column column : by) {
        Node node = scope.find(column);
        if (node != null) {
          groups.add(node);
        }
      }
    }
    List<Column> out = new ArrayList<>();
    boolean hasMore = false;
    for (Outline.Output output : select.outputs()) {
      List<Column> found =
          switch (output) {
            case Outline.Item item -> List.of(column(item, scope));
            case Outline.Star star -> scope.columns(star.of());
          };
      hasMore |= found == null;
      for (Column column : found == null ? List.<Column>of() : found) {
        Node node = column.node;
        // A column that is seen from outside is not this query's to restrict.
        boolean isOwn = node != null && scope.owns(node);
        boolean isOpen = select.isOpen() && isOwn && (by == null || groups.contains(node));
        out.add(new Column(column.name, node, isOpen));
      }
    }
    return new Result(out, hasMore);
  }

  private static Column column(Outline.Item item, Scope scope) {
    Outline.Column column = item.column();
    Node node = column == null || column.isText() ? null : scope.find(column);
    return new Column(item.name(), node, false);
  }

  /// That of UNION and its kin.
  static Result combined(List<Result> parts) {
    int width = parts.getFirst().columns.size();
    boolean isKnown = parts.stream().allMatch(r -> !r.hasMore && r.columns.size() == width);
    if (!isKnown) {
      return UNKNOWN;
    }
    List<Column> out = new ArrayList<>();
    for (int i = 0; i < width; i++) {
      List<Node> nodes = new ArrayList<>();
      for (Result part : parts) {
        Node node = part.columns.get(i).node;
        if (node != null && (nodes.isEmpty() || Node.areComparable(nodes.getFirst(), node))) {
          nodes.add(node);
        }
      }
      Node node = nodes.size() == parts.size() ? new Node.OfAll(nodes) : null;
      out.add(new Column(parts.getFirst().columns.get(i).name, node, false));
    }
    return new Result(out, false);
  }

  /// With no column that may be restricted.
  Result closed() {
    return new Result(
        columns.stream().map(c -> new Column(c.name, c.node, false)).toList(), hasMore);
  }

  /// With new names for the first columns; unknown where their places are.
  Result renamed(List<String> names, boolean getsMore) {
    if (names.isEmpty() || hasMore || names.size() > columns.size()) {
      return names.isEmpty() ? new Result(columns, hasMore || getsMore) : UNKNOWN;
    }
    List<Column> out = new ArrayList<>();
    for (int i = 0; i < columns.size(); i++) {
      Column column = columns.get(i);
      String name = i < names.size() ? names.get(i) : column.name;
      out.add(new Column(name, column.node, column.isOpen));
    }
    return new Result(out, getsMore);
  }

  /// The only column, or null.
  @Nullable Column sole() {
    return hasMore || columns.size() != 1 ? null : columns.getFirst();
  }
}
