package dev.freshet.app;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Map;

/// What PostgreSQL's catalog knows of a table that is read from end to end.
///
/// @param rows as they were counted last
/// @param mayHaveIndex false for what can't be given one in this way: partitions have their
///   parent's, temporary tables are gone before anybody could, and catalogs are PostgreSQL's
record ScannedTable(long rows, boolean mayHaveIndex, Map<String, Column> columns) {
  /// Wider values make large indexes, and beyond 2,700 octets none.
  private static final int MOST_OCTETS = 200;

  /// @param isVarchar whether comparing it as text is comparing it as it is
  /// @param isSortable whether a btree holds it, for sure
  /// @param isLeading whether an index of the whole table begins with it
  /// @param distinct values; 0 where that is not known
  /// @param creation of an index that begins with it
  record Column(
      boolean isVarchar,
      boolean isSortable,
      boolean isLeading,
      double distinct,
      int octets,
      String creation) {

    boolean mayBeIndexed() {
      return isSortable && !isLeading && octets <= MOST_OCTETS;
    }
  }

  private static final String QUESTION =
      """
      select c.reltuples::bigint as rows,
          c.relkind in ('r', 'm') and not c.relispartition and c.relpersistence <> 't'
            and n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast') as may,
          a.attname::text as name,
          t.typname = 'varchar' as is_varchar,
          t.typtype = 'e' or t.typnamespace = 'pg_catalog'::regnamespace and t.typname in (
            'int2', 'int4', 'int8', 'oid', 'text', 'varchar', 'bpchar', 'uuid', 'date', 'time',
            'timestamp', 'timestamptz', 'numeric', 'inet', 'bytea') as is_sortable,
          exists (select from pg_index i join pg_class x on x.oid = i.indexrelid
            join pg_am m on m.oid = x.relam
            where i.indrelid = c.oid and i.indkey[0] = a.attnum and i.indisvalid
            and i.indpred is null and m.amname in ('btree', 'hash')) as is_leading,
          case when s.n_distinct < 0 then -s.n_distinct * c.reltuples
            else coalesce(s.n_distinct, 0) end as distincts,
          coalesce(s.avg_width, 0) as octets,
          format('CREATE INDEX CONCURRENTLY IF NOT EXISTS %I ON %I.%I (%I)',
            case when octet_length(w.wanted) > 63 then 'freshet_' || md5(w.wanted)
              else w.wanted end,
            n.nspname, c.relname, a.attname) as creation
        from pg_class c join pg_namespace n on n.oid = c.relnamespace
        join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
        join pg_type t on t.oid = a.atttypid
        cross join lateral (select 'freshet_' || c.relname || '_' || a.attname) w (wanted)
        left join pg_stats s on s.schemaname = n.nspname and s.tablename = c.relname
          and s.attname = a.attname and not s.inherited
        where n.nspname = ? and c.relname = ?
        order by a.attnum
      """;

  static ScannedTable of(Connection connection, String schema, String name) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(QUESTION)) {
      statement.setString(1, schema);
      statement.setString(2, name);
      try (ResultSet row = statement.executeQuery()) {
        long rows = 0;
        boolean may = false;
        Map<String, Column> columns = new LinkedHashMap<>();
        while (row.next()) {
          rows = row.getLong("rows");
          may = row.getBoolean("may");
          columns.put(
              row.getString("name"),
              new Column(
                  row.getBoolean("is_varchar"),
                  row.getBoolean("is_sortable"),
                  row.getBoolean("is_leading"),
                  row.getDouble("distincts"),
                  row.getInt("octets"),
                  row.getString("creation")));
        }
        return new ScannedTable(rows, may, columns);
      }
    }
  }
}
