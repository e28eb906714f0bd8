package dev.freshet.sql;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Something in FROM with its columns, as far as they are known.
final class Item {
  /// @param node null where nothing is known of it but the name
  record Field(@Nullable String name, @Nullable Node node) {}

  private final @Nullable TableName table;
  private final @Nullable String alias;
  private final List<Field> fields;
  private final boolean hasMore;

  /// @param table its name where it may be called by that
  /// @param hasMore whether it may have columns that are not among the fields
  private Item(
      @Nullable TableName table, @Nullable String alias, List<Field> fields, boolean hasMore) {
    this.table = table;
    this.alias = alias;
    this.fields = fields;
    this.hasMore = hasMore;
  }

  static Item opaque(@Nullable String alias) {
    return new Item(null, alias, List.of(), true);
  }

  static Item of(Catalog.Relation relation, @Nullable String alias, List<String> renamed) {
    List<Field> fields = new ArrayList<>();
    Item item =
        new Item(
            alias == null ? new TableName(relation.schema(), relation.name()) : null,
            alias,
            fields,
            false);
    for (Catalog.Column column : relation.columns()) {
      int at = fields.size();
      String name = at < renamed.size() ? renamed.get(at) : column.name();
      fields.add(new Field(name, new Node.OfTable(item, column)));
    }
    return item;
  }

  /// @param names of the columns, in their place; further ones keep theirs
  static Item of(
      Result result,
      @Nullable TableName table,
      @Nullable String alias,
      List<String> names,
      boolean mayRestrict) {
    List<Field> fields = new ArrayList<>();
    boolean isCounted = !result.hasMore() || names.isEmpty();
    Item item =
        new Item(alias == null ? table : null, alias, fields, result.hasMore() || !isCounted);
    for (Result.Column column : isCounted ? result.columns() : List.<Result.Column>of()) {
      int at = fields.size();
      Node below = column.node();
      Node node =
          below == null ? null : new Node.OfQuery(item, below, mayRestrict && column.isOpen());
      fields.add(new Field(at < names.size() ? names.get(at) : column.name(), node));
    }
    return item;
  }

  List<Field> fields() {
    return fields;
  }

  boolean hasMore() {
    return hasMore;
  }

  boolean isCalled(TableName name) {
    if (alias != null) {
      return name.schema() == null && name.name().equals(alias);
    }
    return table != null
        && table.name().equals(name.name())
        && (name.schema() == null || name.schema().equals(table.schema()));
  }

  /// Also true where its schema is not known.
  boolean mayBeCalled(TableName name) {
    return alias != null && name.name().equals(alias);
  }

  /// How many columns have this name.
  int count(String name) {
    int count = 0;
    for (Field field : fields) {
      count += name.equals(field.name) ? 1 : 0;
    }
    return count;
  }

  /// Null where it is not known.
  @Nullable Node node(String name) {
    if (count(name) != 1) {
      return null;
    }
    for (Field field : fields) {
      if (name.equals(field.name)) {
        return field.node;
      }
    }
    return null;
  }
}
