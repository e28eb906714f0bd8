package dev.freshet.changes;

import dev.freshet.sql.Catalog;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Reads the tables' columns as the log will name them.
final class SchemaReader {
  /// Generated columns too: from PostgreSQL 18 on they may be in the log.
  private static final String COLUMNS =
      """
      select a.attrelid, a.attnum, a.attname, a.atttypid
      from pg_attribute a join pg_class c on c.oid = a.attrelid
      where a.attnum > 0 and not a.attisdropped and c.oid >= 16384
        and c.relkind in ('r', 'p') and c.relpersistence <> 't'
      order by a.attrelid, a.attnum
      """;

  private static final String NAMES =
      """
      select c.oid, format('%I.%I', n.nspname, c.relname)
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where c.oid >= 16384 and c.relkind in ('r', 'p') and c.relpersistence <> 't'
      """;

  private SchemaReader() {}

  static Schema read(Connection session, Survey survey, Catalog catalog) throws SQLException {
    Map<Long, List<Schema.Column>> columns = new HashMap<>();
    for (List<@Nullable String> texts : Sessions.rows(session, COLUMNS)) {
      Survey.Row row = new Survey.Row(texts);
      columns
          .computeIfAbsent(row.number(0), oid -> new ArrayList<>())
          .add(new Schema.Column((int) row.number(1), row.text(2), row.number(3)));
    }
    List<Schema.Table> tables = new ArrayList<>();
    for (List<@Nullable String> texts : Sessions.rows(session, NAMES)) {
      Survey.Row row = new Survey.Row(texts);
      long oid = row.number(0);
      tables.add(
          new Schema.Table(
              oid, survey.root(oid), row.text(1), columns.getOrDefault(oid, List.of())));
    }
    return new Schema(tables, catalog);
  }
}
