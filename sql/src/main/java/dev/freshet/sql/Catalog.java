package dev.freshet.sql;

import dev.freshet.freshness.Comparison;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// What a database's catalog said at one moment, as far as it decides what statements depend on:
/// relations and their columns, what of the user's own shadows PostgreSQL's, who may pass by row
/// security. Made by [CatalogQuery]; immutable.
///
/// Whatever was concluded from it holds only so long as it does: keep it beside the conclusion, and
/// drop both when the catalog has changed.
public final class Catalog {
  /// What may be named where a table may.
  public enum Kind {
    TABLE,
    PARTITIONED,
    VIEW,
    MATERIALIZED_VIEW,
    FOREIGN,
    SEQUENCE
  }

  /// @param number `attnum`, the same in every row the change feed delivers
  /// @param type its OID; that of the type below, for a domain
  /// @param form NONE too where the change feed doesn't carry it
  /// @param isKnown whether its type, when printed and compared, runs no code of the user's and
  ///   reads no catalog
  /// @param isExact whether the change feed tells a changed row's old value: it is part of the
  ///   replica identity
  /// @param distinct roughly how many values it has
  public record Column(
      int number,
      String name,
      long type,
      Form form,
      boolean isKnown,
      boolean isExact,
      double distinct) {}

  /// @param owner decides, with `isRowSecurityForced`, whom row security leaves alone
  /// @param isPermanent neither unlogged nor temporary
  /// @param isPublished the feed carries it
  /// @param hasIdentity its updates and deletes can be published
  /// @param definition of a view, with every name qualified; null for others
  /// @param root the partitioned table whose OID the feed gives; its own OID where there is none
  /// @param children OIDs of tables that inherit from it, partitions left out
  /// @param reachesOthers whether a write to it may write elsewhere: triggers, cascades, rules
  /// @param consultsOthers whether what is evaluated with a write to it may read elsewhere:
  ///   defaults, checks, policies
  public record Relation(
      long oid,
      String schema,
      String name,
      Kind kind,
      String owner,
      boolean isPermanent,
      boolean isPublished,
      boolean hasIdentity,
      boolean hasRowSecurity,
      boolean isRowSecurityForced,
      boolean reachesOthers,
      boolean consultsOthers,
      @Nullable String definition,
      long root,
      List<Long> children,
      List<Column> columns) {

    public Relation {
      children = List.copyOf(children);
      columns = List.copyOf(columns);
    }

    /// Null where it has none of that name.
    public @Nullable Column column(String named) {
      for (Column column : columns) {
        if (column.name.equals(named)) {
          return column;
        }
      }
      return null;
    }

    /// By `attnum`; null where there is none.
    public @Nullable Column column(int number) {
      for (Column column : columns) {
        if (column.number == number) {
          return column;
        }
      }
      return null;
    }
  }

  /// @param users who may use it for certain: PUBLIC is the empty name
  record Schema(String name, String owner, Set<String> users) {}

  /// What is the user's own: names with the schemas they are in.
  ///
  /// @param rowFunctions those that could be called as `t.f`
  /// @param hasCasts whether there are casts that run functions of the user's
  record Own(
      Map<String, Set<String>> functions,
      Map<String, Set<String>> operators,
      Set<String> rowFunctions,
      Map<String, Set<String>> enums,
      Map<String, Set<String>> otherTypes,
      boolean hasCasts) {}

  /// @param becomesAnother whether its sessions begin as another role
  record Role(
      String name, boolean isSuperuser, boolean bypassesRowSecurity, boolean becomesAnother) {}

  private final Map<Long, Relation> byOid;
  private final Map<String, List<Relation>> byName = new HashMap<>();
  private final Map<String, Schema> schemas = new HashMap<>();
  private final Map<String, Role> roles = new HashMap<>();

  private final Own own;
  private final Map<Long, List<Relation>> byRoot = new HashMap<>();

  /// What views read, once it was asked.
  private final Map<Long, Shape> views = new ConcurrentHashMap<>();

  Catalog(List<Relation> relations, List<Schema> schemas, List<Role> roles, Own own) {
    Map<Long, Relation> oids = new LinkedHashMap<>();
    for (Relation relation : relations) {
      oids.put(relation.oid, relation);
      byName.computeIfAbsent(relation.name, n -> new ArrayList<>(1)).add(relation);
      if (relation.root != relation.oid) {
        byRoot.computeIfAbsent(relation.root, r -> new ArrayList<>()).add(relation);
      }
    }
    this.byOid = oids;
    schemas.forEach(schema -> this.schemas.put(schema.name, schema));
    roles.forEach(role -> this.roles.put(role.name, role));
    this.own = own;
  }

  /// Null where there is no such relation.
  public @Nullable Relation relation(long oid) {
    return byOid.get(oid);
  }

  /// The relation that an operator means by `name` or `schema.name`; null where there is none, or
  /// several.
  public @Nullable Relation named(String text) {
    int dot = text.indexOf('.');
    Relation found = null;
    for (Relation relation : byName.getOrDefault(text.substring(dot + 1), List.of())) {
      if (dot < 0 || relation.schema.equals(text.substring(0, dot))) {
        if (found != null) {
          return null;
        }
        found = relation;
      }
    }
    return found;
  }

  /// The text that stands for a value the change feed delivered, to be looked up under
  /// `Dependency.Rows`; null where any value of the column may be meant. Values that are null stand
  /// for no row at all.
  public @Nullable String canonical(long relation, int column, String text) {
    Relation found = byOid.get(relation);
    Column in = found == null ? null : found.column(column);
    return in == null ? null : in.form().canonical(text);
  }

  /// Whether a row that an UPDATE gave another value in a column may have passed from one result of
  /// a comparison to another by that.
  ///
  /// @param before as the change feed delivered it; null for NULL
  public boolean mayTurn(
      long relation, Comparison comparison, @Nullable String before, @Nullable String after) {
    Relation found = byOid.get(relation);
    Column in = found == null ? null : found.column(comparison.column());
    return in == null || Order.mayTurn(in.form(), comparison, before, after);
  }

  /// The relation that a name means to this reader.
  Relation find(TableName name, Viewpoint viewpoint) throws Refusal {
    List<Relation> named = byName.getOrDefault(name.name(), List.of());
    for (Relation relation : named) {
      if (relation.schema.startsWith("pg_temp")) {
        // Perhaps this session's, perhaps another's.
        throw new Refusal(NotCacheable.TEMPORARY);
      }
    }
    if (name.schema() != null) {
      return in(name.schema(), named, NotCacheable.UNKNOWN_RELATION);
    }
    Relation found = null;
    for (String entry : viewpoint.searchPath()) {
      String schema = entry.equals(Viewpoint.USER) ? viewpoint.user() : entry;
      Relation here = null;
      for (Relation relation : named) {
        here = relation.schema.equals(schema) ? relation : here;
      }
      if (here != null && found != null && found.oid != here.oid) {
        throw new Refusal(NotCacheable.AMBIGUOUS_NAME);
      }
      found = here == null ? found : here;
      if (found != null && mayUse(viewpoint.user(), schema)) {
        return checked(found);
      }
    }
    if (found == null) {
      throw new Refusal(NotCacheable.UNKNOWN_RELATION);
    }
    return checked(found);
  }

  private static Relation in(String schema, List<Relation> named, NotCacheable otherwise)
      throws Refusal {
    for (Relation relation : named) {
      if (relation.schema.equals(schema)) {
        return checked(relation);
      }
    }
    throw new Refusal(otherwise);
  }

  private static Relation checked(Relation found) throws Refusal {
    if (found.schema.equals("information_schema")) {
      throw new Refusal(NotCacheable.CATALOG);
    }
    return found;
  }

  /// PostgreSQL passes over schemas of the search path that a user may not use. False when in
  /// doubt.
  private boolean mayUse(String user, String schema) {
    Schema known = schemas.get(schema);
    return known != null
        && (known.owner.equals(user)
            || known.users.contains("")
            || known.users.contains(user)
            || isSuperuser(user));
  }

  private boolean isSuperuser(String user) {
    Role role = roles.get(user);
    return role != null && role.isSuperuser;
  }

  /// All partitions below a table, on every level.
  List<Relation> partitions(Relation root) {
    return byRoot.getOrDefault(root.oid, List.of());
  }

  /// What a view reads. Takes as long as [Shape#of] the first time.
  Shape view(Relation view) {
    Shape known = views.get(view.oid);
    if (known == null) {
      known = Shape.of(view.definition == null ? "" : view.definition);
      boolean mayAskAgain =
          known instanceof Shape.Unknown(NotCacheable reason) && reason == NotCacheable.TOO_SLOW;
      if (!mayAskAgain) {
        views.put(view.oid, known);
      }
    }
    return known;
  }

  /// Whether row security may hide rows of this relation from a user.
  boolean mayHideRows(Relation relation, String user) {
    Role role = roles.get(user);
    boolean isOwner = relation.owner.equals(user) && !relation.isRowSecurityForced;
    boolean passes = isOwner || (role != null && (role.isSuperuser || role.bypassesRowSecurity));
    boolean isItself = role != null && !role.becomesAnother;
    return relation.hasRowSecurity && !(passes && isItself);
  }

  /// Whether a name means a function of the user's, or may.
  boolean hasOwnFunction(String name, Viewpoint viewpoint) {
    return isOnPath(own.functions.get(name), viewpoint);
  }

  boolean hasOwnOperator(String name, Viewpoint viewpoint) {
    return isOnPath(own.operators.get(name), viewpoint);
  }

  /// Whether a function of the user's could be called as `t.name`.
  boolean hasRowFunction(String name) {
    return own.rowFunctions.contains(name);
  }

  /// Whether there are casts that run functions of the user's.
  boolean hasOwnCasts() {
    return own.hasCasts;
  }

  /// Whether a name means an enum and nothing else.
  boolean isEnum(TableName name, Viewpoint viewpoint) {
    String schema = name.schema();
    if (schema != null) {
      return own.enums.getOrDefault(name.name(), Set.of()).contains(schema);
    }
    return isOnPath(own.enums.get(name.name()), viewpoint)
        && !isOnPath(own.otherTypes.get(name.name()), viewpoint);
  }

  private static boolean isOnPath(@Nullable Set<String> among, Viewpoint viewpoint) {
    if (among == null) {
      return false;
    }
    // Also in pg_catalog itself, which every path begins with.
    Set<String> path = new HashSet<>(viewpoint.searchPath());
    if (path.remove(Viewpoint.USER)) {
      path.add(viewpoint.user());
    }
    path.add("pg_catalog");
    return among.stream().anyMatch(path::contains);
  }
}
