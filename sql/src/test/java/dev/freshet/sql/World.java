package dev.freshet.sql;

import dev.freshet.base.Rolls;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A small random schema with few rows, and random changes to it.
final class World {
  /// What is in which table, by the OID that the change feed gives it.
  record State(Map<Long, Content> tables) {}

  record Content(List<Catalog.Column> columns, List<List<@Nullable String>> rows) {}

  /// A row that came or went, or one before or after an UPDATE.
  ///
  /// @param updated the columns that this gave another value; null where there was none
  /// @param other what the row is after it, or was before; itself where there was none
  record Changed(
      long relation,
      List<Catalog.Column> columns,
      List<@Nullable String> row,
      @Nullable Set<Integer> updated,
      List<@Nullable String> other) {}

  private final Rolls rolls;
  private final Database database;
  private final List<Reader.Source> tables = new ArrayList<>();
  private final List<Reader.Source> sources = new ArrayList<>();
  private final List<String> story = new ArrayList<>();

  World(Rolls rolls, Database database) throws SQLException {
    this.rolls = rolls;
    this.database = database;
    database.run("drop schema if exists w cascade; create schema w");
    for (int i = rolls.between(2, 4); i > 0; i--) {
      table("t" + i);
    }
    for (int i = rolls.between(0, 2); i > 0; i--) {
      view("v" + i);
    }
    for (int i = 0; i < 24; i++) {
      change();
    }
  }

  List<Reader.Source> sources() {
    return sources;
  }

  /// All that was run to make it what it is.
  String story() {
    return String.join(";\n", story);
  }

  private void run(String sql) throws SQLException {
    database.run(sql);
    story.add(sql);
  }

  private void table(String name) throws SQLException {
    List<Reader.Col> columns = new ArrayList<>();
    StringBuilder sql = new StringBuilder("create table " + name + " (id int");
    columns.add(new Reader.Col("id", Sort.INT4));
    List<Sort> sorts = List.of(Sort.values());
    for (String column : List.of("a", "b", "c", "d", "e")) {
      if (rolls.chance(0.75)) {
        boolean isNumber = rolls.chance(0.45);
        Sort sort = isNumber ? sorts.get(rolls.between(0, 3)) : rolls.oneOf(sorts);
        columns.add(new Reader.Col(column, sort));
        sql.append(", ").append(column).append(' ').append(sort.sql);
        sql.append(rolls.chance(0.2) ? " not null" : "");
      }
    }
    boolean refers = !tables.isEmpty() && rolls.chance(0.4);
    if (refers) {
      columns.add(new Reader.Col("ref", Sort.INT4));
      sql.append(", ref int references ").append(tables.getFirst().name());
      sql.append(rolls.oneOf(List.of(" on delete cascade", " on delete set null", "")));
    }
    int kind = tables.isEmpty() ? 0 : rolls.between(0, 9);
    sql.append(", primary key (id))");
    sql.append(kind == 1 ? " partition by list (id)" : "");
    run(sql.toString());
    if (kind == 1) {
      run("create table " + name + "_1 partition of " + name + " for values in (0, 1, 2)");
      run("create table " + name + "_2 partition of " + name + " default");
      sources.add(new Reader.Source(name + "_1", columns));
    } else if (kind == 2) {
      run("create table " + name + "_h (h int, primary key (id)) inherits (" + name + ")");
      tables.add(new Reader.Source(name + "_h", columns));
      sources.add(new Reader.Source("only " + name, columns));
    }
    tables.add(new Reader.Source(name, columns));
    sources.add(new Reader.Source(name, columns));
  }

  private void view(String name) throws SQLException {
    for (int tries = 0; tries < 20; tries++) {
      List<Reader.Col> columns = new ArrayList<>();
      String sql = "create view " + name + " as " + Reader.view(rolls, sources, columns);
      try {
        run(sql);
        sources.add(new Reader.Source(name, columns));
        return;
      } catch (SQLException e) {
        // One that compares what can't be compared.
      }
    }
  }

  /// Changes some rows; nothing where PostgreSQL refuses.
  void change() throws SQLException {
    String sql = change(rolls.oneOf(tables));
    try {
      run(rolls.chance(0.15) ? sql + "; " + change(rolls.oneOf(tables)) : sql);
    } catch (SQLException e) {
      if (!e.getSQLState().startsWith("23")) {
        throw e;
      }
    }
  }

  private String change(Reader.Source table) {
    return switch (rolls.between(0, 9)) {
      case 0, 1, 2, 3 -> {
        List<String> values = new ArrayList<>();
        for (Reader.Col column : table.columns()) {
          boolean isId = column.name().equals("id");
          boolean isNull = !isId && rolls.chance(0.15);
          values.add(
              isId ? "" + rolls.between(0, 5) : isNull ? "null" : column.sort().quoted(rolls));
        }
        List<String> names = table.columns().stream().map(Reader.Col::name).toList();
        yield "insert into "
            + table.name()
            + " ("
            + String.join(", ", names)
            + ") values ("
            + String.join(", ", values).replaceAll("'(\\d)\\.(\\d+)'", "$1.$2")
            + ")";
      }
      case 4 -> "delete from " + table.name() + where(table);
      case 5 -> "update " + table.name() + " set id = " + rolls.between(0, 5) + where(table);
      default -> {
        Reader.Col column = rolls.oneOf(table.columns());
        String value =
            column.name().equals("id")
                ? "" + rolls.between(0, 5)
                : rolls.chance(0.1) ? "null" : column.sort().quoted(rolls);
        yield "update " + table.name() + " set " + column.name() + " = " + value + where(table);
      }
    };
  }

  private String where(Reader.Source table) {
    if (rolls.chance(0.05)) {
      return "";
    }
    Reader.Col column = rolls.oneOf(table.columns());
    return rolls.chance(0.7)
        ? " where id = " + rolls.between(0, 5)
        : " where " + column.name() + " = " + column.sort().quoted(rolls);
  }

  State state(Catalog catalog) throws SQLException {
    Map<Long, Content> out = new LinkedHashMap<>();
    for (Reader.Source table : tables) {
      Catalog.Relation relation = relation(table, catalog);
      List<String> names =
          relation.columns().stream().map(column -> column.name() + "::text").toList();
      boolean isOne = relation.kind() == Catalog.Kind.TABLE;
      String sql =
          "select " + String.join(", ", names) + " from " + (isOne ? "only " : "") + table.name();
      out.put(relation.oid(), new Content(relation.columns(), database.rows(sql)));
    }
    return new State(out);
  }

  private static Catalog.Relation relation(Reader.Source table, Catalog catalog) {
    try {
      return catalog.find(new TableName("w", table.name()), Viewpoint.of("postgres", "w"));
    } catch (Refusal e) {
      throw new IllegalStateException(e);
    }
  }

  /// The rows that are in one and not in the other. Those with the same key are taken for one that
  /// was updated, and so are the only two where a single UPDATE was run: what the feed tells of
  /// them concerns the fewest answers.
  List<Changed> changes(State before, State after) {
    String last = story.getLast();
    boolean isUpdate = last.startsWith("update ") && last.indexOf(';') < 0;
    List<Changed> out = new ArrayList<>();
    before.tables.forEach((oid, old) -> {
      Content now = after.tables.getOrDefault(oid, old);
      List<List<@Nullable String>> gone = new ArrayList<>(old.rows);
      now.rows.forEach(gone::remove);
      List<List<@Nullable String>> come = new ArrayList<>(now.rows);
      old.rows.forEach(come::remove);
      boolean isOne = isUpdate && gone.size() == 1 && come.size() == 1;
      for (List<@Nullable String> row : gone) {
        List<@Nullable String> successor = null;
        for (List<@Nullable String> other : come) {
          boolean isSame = isOne || Objects.equals(id(old, row), id(old, other));
          successor = isSame ? other : successor;
        }
        Set<Integer> updated = successor == null ? null : updated(old, row, successor);
        out.add(new Changed(oid, old.columns, row, updated, successor == null ? row : successor));
        if (successor != null) {
          come.remove(successor);
          out.add(new Changed(oid, old.columns, successor, updated, row));
        }
      }
      for (List<@Nullable String> row : come) {
        out.add(new Changed(oid, old.columns, row, null, row));
      }
    });
    return out;
  }

  private static @Nullable String id(Content of, List<@Nullable String> row) {
    for (int i = 0; i < row.size(); i++) {
      if (of.columns.get(i).name().equals("id")) {
        return row.get(i);
      }
    }
    return null;
  }

  private static Set<Integer> updated(
      Content of, List<@Nullable String> row, List<@Nullable String> successor) {
    Set<Integer> out = new HashSet<>();
    for (int i = 0; i < row.size(); i++) {
      if (!Objects.equals(row.get(i), successor.get(i))) {
        out.add(of.columns.get(i).number());
      }
    }
    return out;
  }
}
