package dev.freshet.changes;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A number for each relation, and one for everything that belongs to none, that is another
/// whenever the catalog's rows about it were written anew. Definitions are not in the log: this is
/// how a change of one is noticed by whoever made it, wherever.
///
/// The sums are over the transactions that wrote the rows. What VACUUM and ANALYZE write in place
/// doesn't count; temporary tables don't either.
///
/// Who names no schema finds a relation by the search path, and finds another one from the moment
/// on when a relation before it there has the same name. So one that gets a name concerns those
/// that have it already.
///
/// When the server's configuration was loaded counts for everything: no session can see what others
/// begin with from then on.
///
/// By whom and since when the publication carries a table is told apart from the rest: see
/// [#carriedAnew].
final class Fingerprint {
  private static final long EVERYTHING = 0;

  private static final String SQL =
      """
      with mine as (select c.oid, c.relkind, c.xmin, n.nspname, c.relname from pg_class c
        join pg_namespace n on n.oid = c.relnamespace
        where c.oid >= 16384 and c.relpersistence <> 't'
          and c.relkind in ('r', 'p', 'v', 'm', 'f', 'S', 'c')
          and n.nspname not like 'pg\\_%' and n.nspname <> 'information_schema'),
      stamps (oid, number) as (
        select oid, hashint8extended(xmin::text::int8, 1) from mine
        union all select attrelid, hashint8extended(xmin::text::int8, attnum) from pg_attribute
          where attnum > 0 and attrelid >= 16384
        union all select indrelid, hashint8extended(xmin::text::int8, 2) from pg_index
          where indrelid >= 16384
        union all select conrelid, hashint8extended(xmin::text::int8, 3) from pg_constraint
        union all select confrelid, hashint8extended(xmin::text::int8, 4) from pg_constraint
        union all select polrelid, hashint8extended(xmin::text::int8, 5) from pg_policy
        union all select tgrelid, hashint8extended(xmin::text::int8, 6) from pg_trigger
        union all select ev_class, hashint8extended(xmin::text::int8, 7) from pg_rewrite
          where ev_class >= 16384
        union all select inhparent, hashint8extended(xmin::text::int8, 8) from pg_inherits
        union all select inhrelid, hashint8extended(xmin::text::int8, 9) from pg_inherits
        union all select prrelid, hashint8extended(xmin::text::int8, 10) from pg_publication_rel),
      loose (number) as (
        select hashint8extended(xmin::text::int8, 11) from pg_proc where oid >= 16384
        union all select hashint8extended(xmin::text::int8, 12) from pg_operator where oid >= 16384
        union all select hashint8extended(xmin::text::int8, 13) from pg_cast where oid >= 16384
        union all select hashint8extended(xmin::text::int8, 14) from pg_collation where oid >= 16384
        union all select hashint8extended(xmin::text::int8, 15) from pg_type
          where oid >= 16384 and typtype in ('e', 'd', 'r', 'b') and typcategory <> 'A'
        union all select hashint8extended(xmin::text::int8, 16) from pg_enum
        union all select hashint8extended(xmin::text::int8, 17) from pg_extension
        union all select hashint8extended(xmin::text::int8, 18) from pg_auth_members
        union all select hashint8extended(xmin::text::int8, 19) from pg_publication
        union all select hashint8extended(xmin::text::int8, 20) from pg_namespace
          where nspname not like 'pg\\_%temp\\_%'
        union all select hashtextextended(rolname || rolsuper || rolbypassrls, 21) from pg_roles
        union all select hashint8extended(xmin::text::int8, 22) from pg_constraint
          where contypid <> 0
        union all select hashint8extended(xmin::text::int8, 23) from pg_db_role_setting
          where setdatabase in (0, (select oid from pg_database where datname = current_database()))
        union all select hashint8extended(xmin::text::int8, 24) from pg_ts_config where oid >= 16384
        union all select hashint8extended(xmin::text::int8, 25) from pg_ts_config_map
        union all select hashint8extended(xmin::text::int8, 26) from pg_ts_dict
        union all select hashtextextended(pg_conf_load_time()::text, 27))
      select s.oid::text, m.relkind, sum(s.number)::text, m.nspname::text, m.relname::text
        from stamps s join mine m on m.oid = s.oid
        group by s.oid, m.relkind, m.nspname, m.relname
      union all select '0', 'x', sum(number)::text, '', '' from loose
      union all select r.prrelid::text, '+', r.xmin::text, '', '' from pg_publication_rel r
        join pg_publication p on p.oid = r.prpubid where p.pubname = $publication
      union all select '0', '+', p.oid::text || ' ' || p.xmin::text, '', '' from pg_publication p
        where p.pubname = $publication
      """;

  /// Where a publication may be of whole schemas.
  private static final String SCHEMAS =
      """
      union all select (-pnnspid::int8)::text, '+', n.xmin::text, '', ''
        from pg_publication_namespace n join pg_publication p on p.oid = n.pnpubid
        where p.pubname = $publication
      """;

  private static final char CARRIED = '+';

  /// @param isTable rows of its own, so that what concerns it concerns no other relation's answers
  private record Stamp(boolean isTable, String sum, String schema, String name) {
    boolean isNamedAs(@Nullable Stamp other) {
      return other != null && other.schema.equals(schema) && other.name.equals(name);
    }
  }

  private final Map<Long, Stamp> stamps;

  /// What makes the publication carry tables: by OID of the table, below 0 that of a schema, and 0
  /// for the publication itself.
  private final Map<Long, String> carried;

  private Fingerprint(Map<Long, Stamp> stamps, Map<Long, String> carried) {
    this.stamps = stamps;
    this.carried = carried;
  }

  static Fingerprint take(Connection session, String publication, int version) throws SQLException {
    String sql = version >= 150_000 ? SQL + SCHEMAS : SQL;
    Map<Long, Stamp> stamps = new HashMap<>();
    Map<Long, String> carried = new HashMap<>();
    for (List<@Nullable String> columns :
        Sessions.rows(session, sql.replace("$publication", "'" + publication + "'"))) {
      Survey.Row row = new Survey.Row(columns);
      char kind = row.letter(1);
      if (kind == CARRIED) {
        carried.put(row.number(0), row.text(2));
      } else {
        boolean isTable = "rpmSc".indexOf(kind) >= 0;
        stamps.put(row.number(0), new Stamp(isTable, row.text(2), row.text(3), row.text(4)));
      }
    }
    return new Fingerprint(stamps, carried);
  }

  boolean isSame(Fingerprint other) {
    return stamps.equals(other.stamps) && carried.equals(other.carried);
  }

  /// The tables that the publication carries on other grounds than before, so that it may not have
  /// carried them for a moment between; null where that may be any.
  @Nullable Set<Long> carriedAnew(Fingerprint before) {
    Set<Long> oids = new HashSet<>(carried.keySet());
    oids.addAll(before.carried.keySet());
    oids.removeIf(oid -> Objects.equals(carried.get(oid), before.carried.get(oid)));
    return oids.stream().anyMatch(oid -> oid <= 0) ? null : oids;
  }

  /// The tables that are not as they were; null for all of them, as when a view or a function was
  /// defined anew.
  @Nullable Set<Long> changed(Fingerprint before) {
    if (carriedAnew(before) == null) {
      return null;
    }
    Set<Long> oids = new HashSet<>(stamps.keySet());
    oids.addAll(before.stamps.keySet());
    Set<Long> out = new HashSet<>();
    for (long oid : oids) {
      Stamp now = stamps.get(oid);
      Stamp then = before.stamps.get(oid);
      if (now != null && now.equals(then)) {
        continue;
      }
      boolean isNew = then == null;
      boolean isTable = (now == null || now.isTable) && (then == null || then.isTable);
      if (oid == EVERYTHING || (!isTable && !isNew)) {
        return null;
      }
      out.add(oid);
      if (now != null && !now.isNamedAs(then)) {
        for (long other : namesakes(oid, now)) {
          if (!stamps.getOrDefault(other, now).isTable) {
            return null;
          }
          out.add(other);
        }
      }
    }
    return out;
  }

  private List<Long> namesakes(long oid, Stamp of) {
    return stamps.entrySet().stream()
        .filter(each -> each.getKey() != oid && each.getValue().name.equals(of.name))
        .map(Map.Entry::getKey)
        .toList();
  }
}
