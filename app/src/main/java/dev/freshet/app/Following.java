package dev.freshet.app;

import dev.freshet.base.Meters;
import dev.freshet.base.Time;
import dev.freshet.base.Trouble;
import dev.freshet.changes.ChangeFeed;
import dev.freshet.changes.ChangesConfig;
import dev.freshet.edge.Database;
import dev.freshet.freshness.Freshness;
import dev.freshet.freshness.TraceId;
import dev.freshet.freshness.Trail;
import dev.freshet.freshness.Trails;
import dev.freshet.freshness.VisitorTables;
import dev.freshet.gateway.GatewayConfig;
import dev.freshet.gateway.Watch;
import dev.freshet.sql.Catalog;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// The database's side of exact freshness: the feed of its changes, what is known of its tables,
/// and the trips to the app that are under way. Edge and gateway meet here.
final class Following implements AutoCloseable {
  private final Freshness freshness;
  private final Trails trails;
  private final ChangeFeed feed;
  private final String database;
  private final ChangesConfig changes;
  private final RowsConfig rows;

  private Following(ChangesConfig changes, RowsConfig rows, Freshness freshness, Meters meters) {
    this.freshness = freshness;
    this.trails = new Trails(freshness, Time.system());
    this.rows = rows;
    this.database = changes.database();
    this.changes = changes;
    this.feed =
        ChangeFeed.start(
            changes, freshness, Time.system(), RandomGenerator.getDefault(), meters, rows.lease());
    feed.onCatalog(catalog -> trails.bookkeeping(visitorTables(catalog)));
  }

  /// Null where no database's log may be followed, or nobody asks for rows.
  static @Nullable Following start(Settings settings, Freshness freshness, Meters meters) {
    ChangesConfig changes = settings.changes();
    return changes == null || !isWanted(settings)
        ? null
        : new Following(changes, settings.rows(), freshness, meters);
  }

  private static boolean isWanted(Settings settings) {
    GatewayConfig gateway = settings.gateway();
    boolean isByRoute = settings.edge().routes().stream().anyMatch(rule -> rule.rows() != null);
    return isByRoute || (gateway != null && gateway.results().isByRows());
  }

  /// Checks whether a configuration can do without a log, where none is followed: what sessions of
  /// the gateway have set until then was not noted, so it can't begin in the middle.
  ///
  /// @throws Trouble.Found where one would have to be followed from now on
  static void staysAway(Settings told) {
    if (told.changes() != null && isWanted(told)) {
      throw new Trouble.Found(
          new Trouble(
              "routes",
              "`cache: rows` needs the database's log, and a reload can't begin to follow it",
              "restart Freshet"));
    }
  }

  /// Checks whether the feed can go on as that says.
  ///
  /// @return puts it in force
  /// @throws Trouble.Found where another log would have to be followed
  Runnable prepare(@Nullable ChangesConfig told) {
    if (told != null && isSameLog(told)) {
      return () -> feed.reload(told);
    }
    throw new Trouble.Found(
        new Trouble(
            told == null ? "changes" : "database " + told,
            "the database's log is followed, and a reload can't change which one or how",
            "leave host, name, publication and slot as they were, or restart Freshet"));
  }

  private boolean isSameLog(ChangesConfig told) {
    return told.servers().equals(changes.servers())
        && told.database().equals(changes.database())
        && told.publication().equals(changes.publication())
        && told.slotPrefix().equals(changes.slotPrefix());
  }

  /// The route of the request that a trace was sent with.
  @Nullable String routeOf(String traceId) {
    TraceId id = TraceId.ofHex(traceId);
    Trail trail = id == null ? null : trails.find(id);
    return trail == null ? null : trail.route();
  }

  ChangeFeed feed() {
    return feed;
  }

  Freshness freshness() {
    return freshness;
  }

  /// A table that looks like bookkeeping.
  ///
  /// @param readBy the column by which it is read, always; null where it is not read
  /// @param written how many of the requests whose answers would be kept wrote to it
  /// @param remedy the line for the configuration
  record Suspect(String table, @Nullable String readBy, int written, int requests, String remedy) {}

  /// What could be declared in `rows.visitor-tables`.
  List<Suspect> suspects() {
    List<VisitorTables.Proposal> found =
        trails.visitorTables().proposals().stream()
            .filter(each -> !trails.isBookkeeping(each.relation()))
            .toList();
    Set<String> all = new LinkedHashSet<>(rows.visitorTables());
    found.forEach(each -> all.add(name(each.relation())));
    String remedy = "rows: { visitor-tables: [" + String.join(", ", all) + "] }";
    return found.stream()
        .map(each ->
            new Suspect(
                name(each.relation()),
                each.column() < 0 ? null : column(each.relation(), each.column()),
                each.written(),
                each.requests(),
                remedy))
        .toList();
  }

  /// As the edge sees it.
  Database database() {
    return new Database(
        true, freshness, trails, rows.fence(), this::relation, this::name, this::column);
  }

  /// As the gateway sees it.
  Watch watch() {
    return new Watch(
        true,
        trails,
        database,
        feed::catalog,
        table -> feed.covered().contains(table),
        () -> {
          var _ = feed.schemaChanged();
        },
        feed::follow,
        rows.jobs());
  }

  private Set<Long> visitorTables(Catalog catalog) {
    Set<Long> out = new HashSet<>();
    for (String table : rows.visitorTables()) {
      Catalog.Relation found = catalog.named(table);
      if (found != null) {
        out.add(found.root());
      }
    }
    return out;
  }

  private @Nullable Long relation(String table) {
    Catalog catalog = feed.catalog();
    Catalog.Relation found = catalog == null ? null : catalog.named(table);
    if (found == null || !found.isPublished() || !found.hasIdentity()) {
      return null;
    }
    return found.root();
  }

  private Catalog.@Nullable Relation relation(long oid) {
    Catalog catalog = feed.catalog();
    return catalog == null ? null : catalog.relation(oid);
  }

  private String name(long oid) {
    Catalog.Relation found = relation(oid);
    return found == null ? Long.toString(oid) : found.name();
  }

  private String column(long oid, int number) {
    Catalog.Relation found = relation(oid);
    Catalog.Column column = found == null ? null : found.column(number);
    return name(oid) + "." + (column == null ? Integer.toString(number) : column.name());
  }

  @Override
  public void close() {
    feed.close();
  }
}
