package dev.freshet.changes;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Which tables there are, which of them the publication carries, and which it may carry.
///
/// A table whose updates and deletes are published must have a replica identity, or else PostgreSQL
/// refuses them to the app. So what has none is never published, and taken out when it has lost it.
final class Survey {
  private static final String TABLES =
      """
      select c.oid, format('%I.%I', n.nspname, c.relname), c.relkind, c.relpersistence,
        c.relreplident,
        exists (select from pg_index i where i.indrelid = c.oid and i.indisprimary
          and i.indisvalid and i.indimmediate),
        exists (select from pg_index i where i.indrelid = c.oid and i.indisreplident
          and i.indisvalid and i.indimmediate),
        case when c.relispartition then
          (select i.inhparent from pg_inherits i where i.inhrelid = c.oid) else 0 end,
        exists (select from pg_publication_rel r join pg_publication p on p.oid = r.prpubid
          where p.pubname = $publication and r.prrelid = c.oid),
        (select coalesce(string_agg(a.attgenerated, ''), '') from pg_attribute a
          where a.attrelid = c.oid and not a.attisdropped and a.attgenerated <> ''
            and (c.relreplident = 'f' or exists (select from pg_index i
              where i.indrelid = c.oid and a.attnum = any (i.indkey)
                and case c.relreplident when 'd' then i.indisprimary else i.indisreplident end)))
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where c.relkind in ('r', 'p', 'f') and c.relpersistence <> 't' and c.oid >= 16384
        and n.nspname <> 'information_schema' and n.nspname not like 'pg\\_%'
      order by 2
      """;

  private static final String PUBLICATION =
      "select puballtables, pubinsert and pubupdate and pubdelete and pubtruncate, pubviaroot,"
          + " to_jsonb(p) ->> 'pubgencols' from pg_publication p where pubname = $publication";

  /// From here on PostgreSQL refuses updates whose old row can't be published in full.
  private static final int GENERATED = 180_000;

  private static final String FILTERED =
      "select r.prrelid from pg_publication_rel r join pg_publication p on p.oid = r.prpubid"
          + " where p.pubname = $publication and (r.prqual is not null or r.prattrs is not null)";

  /// One table.
  ///
  /// @param name quoted, with its schema
  /// @param parent OID of the partitioned table it is a part of; 0 for none
  /// @param isListed named by the publication itself
  record Subject(
      long oid,
      String name,
      char kind,
      boolean isPermanent,
      boolean hasPrimaryKey,
      char identity,
      boolean hasIdentity,
      long parent,
      boolean isListed) {}

  private final Map<Long, Subject> subjects;
  private final Map<Long, List<Subject>> parts = new HashMap<>();
  private final Set<Long> published;
  private final Set<Long> filtered;
  private final @Nullable Boolean isForAll;
  private final boolean isWhole;

  private Survey(
      Map<Long, Subject> subjects,
      Set<Long> published,
      Set<Long> filtered,
      @Nullable Boolean isForAll,
      boolean isWhole) {
    this.subjects = subjects;
    this.published = published;
    this.filtered = filtered;
    this.isForAll = isForAll;
    this.isWhole = isWhole;
    for (Subject subject : subjects.values()) {
      if (subject.parent != 0) {
        parts.computeIfAbsent(subject.parent, p -> new ArrayList<>()).add(subject);
      }
    }
  }

  static Survey take(Connection session, String publication, int version) throws SQLException {
    List<List<@Nullable String>> found = Sessions.rows(session, named(PUBLICATION, publication));
    boolean hasStored = found.isEmpty() || new Row(found.getFirst()).text(3).equals("s");
    Map<Long, Subject> subjects = new LinkedHashMap<>();
    for (List<@Nullable String> row : Sessions.rows(session, named(TABLES, publication))) {
      Row r = new Row(row);
      char identity = r.letter(4);
      boolean hasIdentity =
          switch (identity) {
            case 'f' -> true;
            case 'd' -> r.is(5);
            case 'i' -> r.is(6);
            default -> false;
          };
      Subject subject =
          new Subject(
              r.number(0),
              r.text(1),
              r.letter(2),
              r.letter(3) == 'p',
              r.is(5),
              identity,
              hasIdentity && (version < GENERATED || isPublishable(r.text(9), hasStored)),
              r.number(7),
              r.is(8));
      subjects.put(subject.oid, subject);
    }
    if (found.isEmpty()) {
      return new Survey(subjects, Set.of(), Set.of(), null, true);
    }
    Row itself = new Row(found.getFirst());
    return new Survey(
        subjects,
        oids(
            session,
            named("select relid from pg_get_publication_tables($publication)", publication)),
        version >= 150_000 ? oids(session, named(FILTERED, publication)) : Set.of(),
        itself.is(0),
        itself.is(1) && !itself.is(2));
  }

  /// @param generated kinds of the generated columns in the replica identity
  private static boolean isPublishable(String generated, boolean hasStored) {
    return generated.isEmpty() || (hasStored && generated.indexOf('v') < 0);
  }

  private static String named(String sql, String publication) {
    return sql.replace("$publication", "'" + publication + "'");
  }

  private static Set<Long> oids(Connection session, String sql) throws SQLException {
    Set<Long> out = new HashSet<>();
    for (List<@Nullable String> row : Sessions.rows(session, sql)) {
      out.add(new Row(row).number(0));
    }
    return out;
  }

  boolean hasPublication() {
    return isForAll != null;
  }

  boolean isForAllTables() {
    return Boolean.TRUE.equals(isForAll);
  }

  /// Whether the publication carries every kind of change, each under the table it was made in.
  boolean isComplete() {
    return isWhole;
  }

  /// Tables that are no part of another.
  List<Subject> tops() {
    return subjects.values().stream().filter(s -> s.parent == 0 && s.kind != 'f').toList();
  }

  long root(long oid) {
    long at = oid;
    Subject subject = subjects.get(at);
    while (subject != null && subject.parent != 0) {
      at = subject.parent;
      subject = subjects.get(at);
    }
    return at;
  }

  /// Whether publishing it can't make the app's statements fail.
  boolean isPublishable(Subject top) {
    if (top.kind == 'p') {
      // A partition to come gets the primary key, and only that.
      return top.hasPrimaryKey && leaves(top).stream().allMatch(Survey::isSound);
    }
    return isSound(top);
  }

  private static boolean isSound(Subject leaf) {
    return leaf.kind == 'r' && leaf.isPermanent && leaf.hasIdentity;
  }

  /// The tables that hold its rows.
  List<Subject> leaves(Subject top) {
    if (top.kind != 'p') {
      return List.of(top);
    }
    List<Subject> out = new ArrayList<>();
    for (Subject part : parts.getOrDefault(top.oid, List.of())) {
      out.addAll(leaves(part));
    }
    return out;
  }

  boolean isCovered(Subject top) {
    boolean isNamed = top.kind != 'p' || top.isListed || isForAllTables();
    return isWhole
        && isNamed
        && isPublishable(top)
        && !filtered.contains(top.oid)
        && leaves(top).stream()
            .allMatch(leaf -> published.contains(leaf.oid) && !filtered.contains(leaf.oid));
  }

  /// OIDs of the tables every change of which is told.
  Set<Long> covered() {
    Set<Long> out = new HashSet<>();
    tops().stream().filter(this::isCovered).forEach(top -> out.add(top.oid));
    return out;
  }

  /// What the publication should carry and doesn't.
  List<Subject> missing() {
    return tops().stream()
        .filter(top -> isPublishable(top) && !top.isListed && !isCovered(top))
        .toList();
  }

  /// What the publication names and must not.
  List<Subject> harmful() {
    return subjects.values().stream()
        .filter(s -> s.isListed && (s.kind == 'p' ? !isPublishable(s) : !isSound(s)))
        .toList();
  }

  /// Tables that have no replica identity.
  List<Subject> anonymous() {
    return tops().stream().filter(top -> !isPublishable(top)).toList();
  }

  /// Tables of whose rows the log tells the key only.
  List<Subject> keyed() {
    return tops().stream()
        .filter(top -> isPublishable(top))
        .filter(top -> leaves(top).stream().anyMatch(leaf -> leaf.identity != 'f'))
        .toList();
  }

  /// A row of text columns.
  record Row(List<@Nullable String> columns) {
    String text(int column) {
      String text = columns.get(column);
      return text == null ? "" : text;
    }

    long number(int column) {
      return Long.parseLong(text(column));
    }

    char letter(int column) {
      return text(column).charAt(0);
    }

    boolean is(int column) {
      return text(column).startsWith("t");
    }
  }
}
