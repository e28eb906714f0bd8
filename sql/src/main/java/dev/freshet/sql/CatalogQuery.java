package dev.freshet.sql;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// What to ask PostgreSQL (13 to 18) for a [Catalog]: run [#SETTING], then each [#sql] in one
/// REPEATABLE READ transaction and hand the answers, as text, to [#catalog].
public enum CatalogQuery {
  /// The last column: what PostgreSQL evaluates by itself when a row is written (defaults, checks,
  /// those of domains, policies) may read rows of other tables. Harmless is what calls nothing but
  /// immutable functions of PostgreSQL's own, and others that are known to read none.
  RELATIONS(
      """
      with recursive domains (of, domain) as (
        select a.attrelid, t.oid from pg_attribute a join pg_type c on c.oid = a.atttypid
          join pg_type t on t.oid in (c.oid, c.typelem)
        where t.typtype = 'd' and a.attnum > 0 and not a.attisdropped
        union
        select d.of, t.oid from domains d join pg_type f on f.oid = d.domain
          join pg_type b on b.oid = f.typbasetype join pg_type t on t.oid in (b.oid, b.typelem)
        where t.typtype = 'd'),
      evaluated (of, catalog, object, tree) as (
        select adrelid, 'pg_attrdef'::regclass, oid, adbin::text from pg_attrdef
        union all
        select conrelid, 'pg_constraint'::regclass, oid, conbin::text from pg_constraint
        where contype = 'c' and conrelid <> 0
        union all
        select polrelid, 'pg_policy'::regclass, oid,
          coalesce(polqual::text, '') || coalesce(polwithcheck::text, '') from pg_policy
        union all
        select d.of, 'pg_constraint'::regclass, k.oid, k.conbin::text
        from domains d join pg_constraint k on k.contypid = d.domain where k.conbin is not null
        union all
        select d.of, 'pg_type'::regclass, t.oid, coalesce(t.typdefaultbin::text, '')
        from domains d join pg_type t on t.oid = d.domain),
      consults (of) as (
        select e.of from evaluated e where exists (select from pg_depend d
            where d.classid = e.catalog and d.objid = e.object
              and (d.refclassid in ('pg_proc'::regclass, 'pg_operator'::regclass)
                  and not exists (select from pg_depend x
                    join pg_extension t on t.oid = x.refobjid and t.extname in ($trusted)
                    where x.classid = d.refclassid and x.objid = d.refobjid
                      and x.refclassid = 'pg_extension'::regclass)
                or d.refclassid = 'pg_class'::regclass and d.refobjid <> e.of
                  and exists (select from pg_class o
                    where o.oid = d.refobjid and o.relkind <> 'S')))
          or exists (select from regexp_matches(e.tree, ':funcid (\\d+)', 'g') m
            join pg_proc p on p.oid = m[1]::oid
            where p.oid < 16384 and p.provolatile <> 'i' and p.proname not in ($harmless)))
      select c.oid, n.nspname, c.relname, c.relkind, c.relpersistence, r.rolname,
        c.relrowsecurity::text, c.relforcerowsecurity::text, c.relreplident,
        (t.tablename is not null)::text,
        (exists (select from pg_trigger g where g.tgrelid = c.oid and not g.tgisinternal)
          or exists (select from pg_rewrite w where w.ev_class = c.oid and w.ev_type <> '1')
          or exists (select from pg_constraint k where k.confrelid = c.oid
            and (k.confdeltype in ('c', 'n', 'd') or k.confupdtype in ('c', 'n', 'd'))))::text,
        case when c.relkind = 'v' then pg_get_viewdef(c.oid) end,
        exists (select from pg_index i where i.indrelid = c.oid
          and case c.relreplident when 'd' then i.indisprimary
            when 'i' then i.indisreplident else false end)::text,
        (c.oid in (select consults.of from consults))::text
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
        join pg_roles r on r.oid = c.relowner
        left join (select schemaname, tablename from pg_publication_tables
          where pubname = $publication) t
          on t.schemaname = n.nspname and t.tablename = c.relname
      where c.relkind in ('r', 'p', 'v', 'm', 'f', 'S')
        and n.nspname not in ('pg_catalog', 'pg_toast') and n.nspname not like 'pg_toast_temp%'
      """),
  /// The last but the type's own: whether printing and comparing it runs no code of the user's, and
  /// reads no catalog, as printing a `regclass` does.
  COLUMNS(
      """
      with recursive base (type, at) as (
        select oid, oid from pg_type
        union all
        select b.type, t.typbasetype from base b join pg_type t on t.oid = b.at
        where t.typtype = 'd')
      select a.attrelid, a.attnum, a.attname, t.oid, t.typtype,
        (t.oid < 16384 and t.typname !~ '^_?(reg|aclitem)' or t.typtype in ('e', 'd')
          or exists (select from pg_depend d
            join pg_extension e on e.oid = d.refobjid and e.extname in ($trusted)
            where d.classid = 'pg_type'::regclass and d.objid = t.oid
              and d.refclassid = 'pg_extension'::regclass)
          or t.typcategory = 'A' and exists (select from pg_type l where l.oid = t.typelem
            and (l.oid < 16384 and l.typname !~ '^(reg|aclitem)' or l.typtype = 'e')))::text,
        coalesce((select l.collisdeterministic from pg_collation l
          where l.oid = a.attcollation), true)::text,
        a.attgenerated,
        (c.relreplident = 'f' or exists (select from pg_index i where i.indrelid = c.oid
          and case c.relreplident when 'd' then i.indisprimary
            when 'i' then i.indisreplident else false end
          and a.attnum = any (i.indkey)))::text,
        (select case when s.n_distinct >= 0 then s.n_distinct
          else -s.n_distinct * greatest(c.reltuples, 0) end
          from pg_stats s where s.schemaname = n.nspname and s.tablename = c.relname
            and s.attname = a.attname and s.inherited = (c.relkind = 'p'))::text,
        exists (select from pg_index i where i.indrelid = c.oid and i.indisunique
          and i.indisvalid and i.indimmediate and i.indnkeyatts = 1 and i.indkey[0] = a.attnum
          and i.indpred is null)::text
      from pg_attribute a join pg_class c on c.oid = a.attrelid
        join pg_namespace n on n.oid = c.relnamespace
        join base b on b.type = a.atttypid join pg_type t on t.oid = b.at and t.typtype <> 'd'
      where a.attnum > 0 and not a.attisdropped and c.relkind in ('r', 'p', 'v', 'm', 'f')
        and n.nspname not in ('pg_catalog', 'pg_toast') and n.nspname not like 'pg_toast_temp%'
      order by a.attrelid, a.attnum
      """),
  INHERITANCE(
      """
      select i.inhrelid, i.inhparent, c.relispartition::text
      from pg_inherits i join pg_class c on c.oid = i.inhrelid where c.relkind in ('r', 'p', 'f')
      """),
  /// Also whether it could be called as `t.f`: with one argument that may be a row.
  FUNCTIONS(
      """
      select p.proname, n.nspname, (p.pronargs - p.pronargdefaults <= 1 and p.pronargs >= 1
        and (select t.typtype in ('c', 'p', 'd') from pg_type t where t.oid = p.proargtypes[0])
        )::text
      from pg_proc p join pg_namespace n on n.oid = p.pronamespace
      where p.oid >= 16384 and not exists (select from pg_depend d
        join pg_extension e on e.oid = d.refobjid and e.extname in ($trusted)
        where d.classid = 'pg_proc'::regclass and d.objid = p.oid
          and d.refclassid = 'pg_extension'::regclass)
      """),
  OPERATORS(
      """
      select o.oprname, n.nspname from pg_operator o join pg_namespace n on n.oid = o.oprnamespace
      where o.oid >= 16384 and not exists (select from pg_depend d
        join pg_extension e on e.oid = d.refobjid and e.extname in ($trusted)
        where d.classid = 'pg_operator'::regclass and d.objid = o.oid
          and d.refclassid = 'pg_extension'::regclass)
      """),
  CASTS(
      """
      select k.oid from pg_cast k where k.oid >= 16384 and k.castfunc >= 16384
        and not exists (select from pg_depend d
          join pg_extension e on e.oid = d.refobjid and e.extname in ($trusted)
          where d.classid = 'pg_cast'::regclass and d.objid = k.oid
            and d.refclassid = 'pg_extension'::regclass)
      """),
  /// Of the user's, row types included.
  TYPES(
      """
      select t.typname, n.nspname, (t.typtype = 'e')::text
      from pg_type t join pg_namespace n on n.oid = t.typnamespace
      where t.oid >= 16384 and t.typelem = 0
      """),
  /// One row for each schema and role that was granted the use of it.
  SCHEMAS(
      """
      select n.nspname, o.rolname, case when x.grantee = 0 then '' else g.rolname end
      from pg_namespace n join pg_roles o on o.oid = n.nspowner
        left join aclexplode(n.nspacl) x on x.privilege_type = 'USAGE'
        left join pg_roles g on g.oid = x.grantee
      """),
  /// The last column: whether its sessions begin as another role.
  ROLES(
      """
      select r.rolname, r.rolsuper::text, r.rolbypassrls::text,
        exists (select from pg_db_role_setting s, unnest(s.setconfig) c
          where s.setrole in (0, r.oid) and c like 'role=%' and s.setdatabase in
            (0, (select d.oid from pg_database d where d.datname = current_database())))::text
      from pg_roles r
      """);

  /// Makes views print every name with its schema.
  public static final String SETTING = "set local search_path to pg_catalog";

  /// In these, whatever has the name of something known depends on its arguments only.
  private static final String TRUSTED =
      "'citext', 'hstore', 'ltree', 'cube', 'seg', 'isn', 'pg_trgm', 'btree_gin', 'btree_gist',"
          + " 'intarray', 'unaccent', 'fuzzystrmatch', 'uuid-ossp', 'pgcrypto', 'vector',"
          + " 'postgis', 'bloom', 'pg_stat_statements', 'plpgsql', 'tablefunc', 'earthdistance'";

  /// Not immutable, but they read no rows.
  private static final String HARMLESS =
      Stream.of(Known.FUNCTIONS, Known.TYPES, Known.CLOCKS, Known.GENERATORS, Known.SESSION)
          .flatMap(Set::stream)
          .sorted()
          .map(name -> "'" + name + "'")
          .collect(Collectors.joining(", "));

  private static final Set<String> NUMBERS = Set.of("20", "21", "23", "1700");

  private final String sql;

  CatalogQuery(String sql) {
    this.sql = sql;
  }

  /// @param publication the one that the change feed follows
  public String sql(String publication) {
    return sql.replace("$trusted", TRUSTED)
        .replace("$harmless", HARMLESS)
        .replace("$publication", "'" + publication.replace("'", "''") + "'");
  }

  /// Of each query's rows, each a list of its columns' text.
  public static Catalog catalog(Map<CatalogQuery, List<List<@Nullable String>>> answers) {
    return new Assembly(new EnumMap<>(answers)).catalog();
  }

  /// Puts the rows together.
  private record Assembly(Map<CatalogQuery, List<List<@Nullable String>>> answers) {

    private List<List<@Nullable String>> rows(CatalogQuery query) {
      return answers.getOrDefault(query, List.of());
    }

    Catalog catalog() {
      Map<String, Set<String>> functions = new HashMap<>();
      Set<String> rowFunctions = new HashSet<>();
      for (List<@Nullable String> row : rows(FUNCTIONS)) {
        put(functions, text(row, 0), text(row, 1));
        if (is(row, 2)) {
          rowFunctions.add(text(row, 0));
        }
      }
      Map<String, Set<String>> operators = new HashMap<>();
      for (List<@Nullable String> row : rows(OPERATORS)) {
        put(operators, text(row, 0), text(row, 1));
      }
      Map<String, Set<String>> enums = new HashMap<>();
      Map<String, Set<String>> otherTypes = new HashMap<>();
      for (List<@Nullable String> row : rows(TYPES)) {
        put(is(row, 2) ? enums : otherTypes, text(row, 0), text(row, 1));
      }
      List<Catalog.Role> roles = new ArrayList<>();
      for (List<@Nullable String> row : rows(ROLES)) {
        roles.add(new Catalog.Role(text(row, 0), is(row, 1), is(row, 2), is(row, 3)));
      }
      return new Catalog(
          relations(),
          schemas(),
          roles,
          new Catalog.Own(
              functions, operators, rowFunctions, enums, otherTypes, !rows(CASTS).isEmpty()));
    }

    private List<Catalog.Schema> schemas() {
      Map<String, String> owners = new HashMap<>();
      Map<String, Set<String>> users = new HashMap<>();
      for (List<@Nullable String> row : rows(SCHEMAS)) {
        owners.put(text(row, 0), text(row, 1));
        String user = row.get(2);
        if (user != null) {
          put(users, text(row, 0), user);
        }
      }
      List<Catalog.Schema> out = new ArrayList<>();
      owners.forEach((name, owner) ->
          out.add(new Catalog.Schema(name, owner, users.getOrDefault(name, Set.of()))));
      return out;
    }

    private List<Catalog.Relation> relations() {
      Map<Long, Long> partitionOf = new HashMap<>();
      Map<Long, List<Long>> heirs = new HashMap<>();
      for (List<@Nullable String> row : rows(INHERITANCE)) {
        long child = Long.parseLong(text(row, 0));
        long parent = Long.parseLong(text(row, 1));
        if (is(row, 2)) {
          partitionOf.put(child, parent);
        } else {
          heirs.computeIfAbsent(parent, p -> new ArrayList<>()).add(child);
        }
      }
      Set<Long> published = new HashSet<>();
      for (List<@Nullable String> row : rows(RELATIONS)) {
        if (is(row, 9)) {
          published.add(Long.parseLong(text(row, 0)));
        }
      }
      Map<Long, List<Catalog.Column>> columns = columns();
      List<Catalog.Relation> out = new ArrayList<>();
      for (List<@Nullable String> row : rows(RELATIONS)) {
        long oid = Long.parseLong(text(row, 0));
        long root = oid;
        while (partitionOf.containsKey(root)) {
          root = partitionOf.getOrDefault(root, root);
        }
        List<Long> children = new ArrayList<>();
        addHeirs(oid, heirs, children);
        out.add(
            relation(
                row,
                root,
                published.contains(oid) || published.contains(root),
                children,
                columns.getOrDefault(oid, List.of())));
      }
      return out;
    }

    private static void addHeirs(long of, Map<Long, List<Long>> heirs, List<Long> out) {
      for (long child : heirs.getOrDefault(of, List.of())) {
        if (!out.contains(child)) {
          out.add(child);
          addHeirs(child, heirs, out);
        }
      }
    }

    private static Catalog.Relation relation(
        List<@Nullable String> row,
        long root,
        boolean isPublished,
        List<Long> children,
        List<Catalog.Column> columns) {
      Catalog.Kind kind =
          switch (text(row, 3)) {
            case "r" -> Catalog.Kind.TABLE;
            case "p" -> Catalog.Kind.PARTITIONED;
            case "v" -> Catalog.Kind.VIEW;
            case "m" -> Catalog.Kind.MATERIALIZED_VIEW;
            case "S" -> Catalog.Kind.SEQUENCE;
            default -> Catalog.Kind.FOREIGN;
          };
      return new Catalog.Relation(
          Long.parseLong(text(row, 0)),
          text(row, 1),
          text(row, 2),
          kind,
          text(row, 5),
          text(row, 4).equals("p"),
          isPublished,
          text(row, 8).equals("f") || is(row, 12),
          is(row, 6),
          is(row, 7),
          is(row, 10),
          is(row, 13),
          row.get(11),
          root,
          children,
          columns);
    }

    private Map<Long, List<Catalog.Column>> columns() {
      Map<Long, List<Catalog.Column>> out = new HashMap<>();
      for (List<@Nullable String> row : rows(COLUMNS)) {
        String distinct = row.get(9);
        out.computeIfAbsent(Long.parseLong(text(row, 0)), oid -> new ArrayList<>())
            .add(
                new Catalog.Column(
                    Integer.parseInt(text(row, 1)),
                    text(row, 2),
                    Long.parseLong(text(row, 3)),
                    form(row),
                    is(row, 5),
                    is(row, 8),
                    is(row, 10)
                        ? Double.MAX_VALUE
                        : distinct == null ? 0 : Double.parseDouble(distinct)));
      }
      return out;
    }

    /// Generated columns need not be sent.
    private static Form form(List<@Nullable String> row) {
      if (!text(row, 7).isEmpty()) {
        return Form.NONE;
      }
      String type = text(row, 3);
      if (NUMBERS.contains(type)) {
        return Form.NUMBER;
      }
      return switch (type) {
        case "25", "1043" -> is(row, 6) ? Form.TEXT : Form.NONE;
        case "1042" -> is(row, 6) ? Form.PADDED : Form.NONE;
        case "16" -> Form.BOOLEAN;
        case "2950" -> Form.UUID;
        case "1082" -> Form.DATE;
        case "1114" -> Form.TIMESTAMP;
        case "1184" -> Form.INSTANT;
        default -> text(row, 4).equals("e") ? Form.LABEL : Form.NONE;
      };
    }

    private static String text(List<@Nullable String> row, int at) {
      String text = row.get(at);
      if (text == null) {
        throw new IllegalArgumentException("no column " + at + " in " + row);
      }
      return text;
    }

    private static boolean is(List<@Nullable String> row, int at) {
      return text(row, at).startsWith("t");
    }

    private static void put(Map<String, Set<String>> to, String name, String value) {
      to.computeIfAbsent(name, n -> new HashSet<>()).add(value);
    }
  }
}
