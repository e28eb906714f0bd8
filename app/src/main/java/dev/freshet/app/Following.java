package dev.freshet.app;

import dev.freshet.base.HostPort;
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
///
/// It is there before anything is followed, so that a reload can begin to. Then nothing is taken
/// for seen that was under way: trips to the app that had begun carry no trail, the gateway
/// concludes nothing from transactions that were open (see Witness there), and answers to writes
/// are held from the moment on that the feed shows anything, also to those that were asked before.
final class Following implements AutoCloseable {
  private final Freshness freshness;
  private final Trails trails;
  private final Meters meters;
  private volatile RowsConfig rows;
  private volatile @Nullable ChangesConfig database;
  private volatile @Nullable Log log;
  private @Nullable HostPort server;

  /// What is followed.
  private record Log(ChangesConfig changes, ChangeFeed feed) {}

  private Following(RowsConfig rows, Freshness freshness, Meters meters) {
    this.freshness = freshness;
    this.trails = new Trails(freshness, Time.system());
    this.meters = meters;
    this.rows = rows;
  }

  /// Follows a log where one may be followed and somebody asks for rows.
  static Following start(Settings settings, Freshness freshness, Meters meters) {
    Following out = new Following(settings.rows(), freshness, meters);
    out.prepare(settings).run();
    return out;
  }

  private static boolean isWanted(Settings settings) {
    GatewayConfig gateway = settings.gateway();
    boolean isByRoute = settings.edge().routes().stream().anyMatch(rule -> rule.rows() != null);
    return isByRoute || (gateway != null && gateway.results().isByRows());
  }

  /// Checks whether the feed can go on, or begin, as a configuration says.
  ///
  /// @return puts it in force
  /// @throws Trouble.Found where another log would have to be followed
  Runnable prepare(Settings told) {
    ChangesConfig changes = told.changes();
    Log now = log;
    if (now == null) {
      boolean begins = changes != null && isWanted(told);
      return () -> {
        database = changes;
        if (changes != null && begins) {
          begin(changes, told.rows());
        }
      };
    }
    if (changes != null && isSameLog(now.changes, changes)) {
      return () -> {
        database = changes;
        now.feed.reload(changes);
      };
    }
    throw new Trouble.Found(
        new Trouble(
            changes == null ? "changes" : "database " + changes,
            "the database's log is followed, and a reload can't change which one or how",
            "leave host, name, publication and slot as they were, or restart Freshet"));
  }

  private synchronized void begin(ChangesConfig changes, RowsConfig told) {
    rows = told;
    ChangeFeed feed =
        ChangeFeed.start(
            changes, freshness, Time.system(), RandomGenerator.getDefault(), meters, told.lease());
    feed.onCatalog(catalog -> trails.bookkeeping(visitorTables(catalog)));
    if (server != null) {
      feed.follow(server);
    }
    log = new Log(changes, feed);
  }

  private synchronized void follow(HostPort used) {
    server = used;
    Log now = log;
    if (now != null) {
      now.feed.follow(used);
    }
  }

  private static boolean isSameLog(ChangesConfig followed, ChangesConfig told) {
    return told.servers().equals(followed.servers())
        && told.database().equals(followed.database())
        && told.publication().equals(followed.publication())
        && told.slotPrefix().equals(followed.slotPrefix());
  }

  /// How to log in to the database; null while there is none whose log may be followed.
  @Nullable ChangesConfig database() {
    return database;
  }

  boolean isOn() {
    return log != null;
  }

  /// The route of the request that a trace was sent with.
  @Nullable String routeOf(String traceId) {
    TraceId id = TraceId.ofHex(traceId);
    Trail trail = id == null ? null : trails.find(id);
    return trail == null ? null : trail.route();
  }

  /// Of the log that is followed.
  ChangeFeed feed() {
    Log now = log;
    if (now == null) {
      throw new IllegalStateException("no log is followed");
    }
    return now.feed;
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
  Database seenByEdge() {
    return new Database(
        this::isOn,
        freshness,
        trails,
        () -> rows.fence(),
        this::relation,
        this::name,
        this::column,
        this::number);
  }

  /// As the gateway sees it.
  Watch seenByGateway() {
    return new Watch(
        this::isOn,
        trails,
        this::databaseName,
        this::catalog,
        this::isFollowed,
        this::defined,
        this::follow,
        () -> rows.jobs());
  }

  private String databaseName() {
    Log now = log;
    return now == null ? "" : now.changes.database();
  }

  private @Nullable Catalog catalog() {
    Log now = log;
    return now == null ? null : now.feed.catalog();
  }

  private boolean isFollowed(long table) {
    Log now = log;
    return now != null && now.feed.covered().contains(table);
  }

  private void defined() {
    Log now = log;
    if (now != null) {
      var _ = now.feed.schemaChanged();
    }
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
    Catalog catalog = catalog();
    Catalog.Relation found = catalog == null ? null : catalog.named(table);
    if (found == null || !found.isPublished() || !found.hasIdentity()) {
      return null;
    }
    return found.root();
  }

  private Catalog.@Nullable Relation relation(long oid) {
    Catalog catalog = catalog();
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

  private @Nullable Integer number(long oid, String name) {
    Catalog.Relation found = relation(oid);
    Catalog.Column column = found == null ? null : found.column(name);
    return column == null ? null : column.number();
  }

  @Override
  public void close() {
    Log now = log;
    if (now != null) {
      now.feed.close();
    }
  }
}
