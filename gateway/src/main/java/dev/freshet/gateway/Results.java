package dev.freshet.gateway;

import dev.freshet.base.Meters;
import dev.freshet.base.Time;
import dev.freshet.cache.Cache;
import dev.freshet.cache.CacheSnapshot;
import dev.freshet.cache.Entry;
import dev.freshet.cache.Purge;
import dev.freshet.cache.Resource;
import dev.freshet.cache.Standing;
import dev.freshet.sql.Shape;
import dev.freshet.sql.Statement;
import dev.freshet.sql.TableName;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/* Why nobody is shown the state before a write of his own.
 *
 * Every result carries the stamp that was current before its statement was sent. A transaction
 * that may have written takes a new stamp when the gateway has read that it is over, before its
 * client is told. So a result with an older stamp may have been made from what was there before;
 * one with the same or a newer stamp was asked for when the server had already said that the
 * transaction is over, and PostgreSQL says so only once new snapshots see it.
 *
 * The stamp counts for everybody where the statement names the tables that it changes (their
 * groups are purged), and for all results of the database where it does not. Triggers, cascades
 * and rules may change further tables: therefore the session that wrote uses no result at all
 * that is older than its write.
 *
 * A client that vanishes leaves a transaction of which nobody knows whether and when it
 * commits: what it wrote is purged at once and again a while later.
 */

/// Results of statements in memory. Belongs to the gateway's loop.
final class Results implements AutoCloseable {
  private final boolean isOn;
  private final ResultRules rules;
  private final Shapes shapes;
  private final Time time;
  private final Cache<KeptResult> store;
  private final int maxResult;
  private final Set<String> databases = new HashSet<>();
  private final Map<String, Flight> flights = new HashMap<>();
  private final Meters.Counter hits;
  private final Meters.Counter misses;
  private final Meters.Counter joined;
  private final Meters.Counter kept;
  private final Meters.Counter notKept;

  /// One trip to the server for everybody who asks the same.
  static final class Flight {
    private final List<Runnable> waiting = new ArrayList<>();
  }

  Results(ResultsConfig config, Shapes shapes, Time time, Meters meters) {
    this.isOn = config.isOn();
    this.rules = new ResultRules(config.rules(), config.comments());
    this.shapes = shapes;
    this.time = time;
    this.maxResult = (int) config.maxResult().bytes();
    // Its figures go by names of their own: the edge has a cache too.
    this.store = new Cache<>(config.store(), new KeptResult.Codec(), time, new Meters());
    hits = lookups(meters, "hit");
    misses = lookups(meters, "miss");
    joined = lookups(meters, "joined");
    kept = stores(meters, "kept");
    notKept = stores(meters, "refused");
    meters.gauge(
        "freshet_gateway_results_bytes",
        "Octets of results held in memory",
        Map.of(),
        () -> (double) store.stats().weight());
    meters.gauge(
        "freshet_gateway_results_keys",
        "Results held in memory",
        Map.of(),
        () -> (double) store.stats().keys());
  }

  private static Meters.Counter lookups(Meters meters, String outcome) {
    return meters.counter(
        "freshet_gateway_result_lookups_total",
        "Statements whose result may be kept, by where it came from; joined ones waited for"
            + " another's",
        Map.of("outcome", outcome));
  }

  private static Meters.Counter stores(Meters meters, String outcome) {
    return meters.counter(
        "freshet_gateway_results_stored_total",
        "Results that were to be kept, by what became of them",
        Map.of("outcome", outcome));
  }

  /// False when nothing can ever be kept.
  boolean isOn() {
    return isOn;
  }

  int maxResult() {
    return maxResult;
  }

  CacheSnapshot stats() {
    return store.stats();
  }

  /// Whether and how long its results may be kept; null for not, or not as far as is known yet.
  ///
  /// @param tag what its comment asks for, empty where it asks nothing
  @Nullable Keeping keeping(Statement statement, String tag) {
    if (statement.count() != 1 || statement.namesClock()) {
      return null;
    }
    if (!(shapes.of(statement) instanceof Shape.Reads reads)) {
      return null;
    }
    long millis = rules.millis(statement, tag, reads);
    return millis > 0 ? new Keeping(millis, reads.tables()) : null;
  }

  /// @param since no older one
  @Nullable Entry<KeptResult> find(String key, long since) {
    Resource<KeptResult> resource = store.heap(key);
    if (resource == null || resource.size() == 0) {
      return null;
    }
    Entry<KeptResult> entry = resource.get(0);
    boolean isGood =
        entry.stamp() >= since
            && time.millis() < entry.meta().expiresMillis()
            && store.standing(entry) == Standing.LIVE;
    return isGood ? entry : null;
  }

  void hit() {
    hits.increment();
  }

  void missed() {
    misses.increment();
  }

  boolean hasSecondTier() {
    return store.hasSecondTier();
  }

  /// Asks the second tier, which puts what it has where [#find] looks.
  CompletableFuture<?> second(String key) {
    return store.second(key);
  }

  // ---- one for all ----

  /// Waits for another's trip; false when nobody is on one.
  boolean join(String key, Runnable resume) {
    Flight flight = flights.get(key);
    if (flight == null) {
      return false;
    }
    flight.waiting.add(resume);
    joined.increment();
    return true;
  }

  Flight begin(String key) {
    Flight flight = new Flight();
    flights.putIfAbsent(key, flight);
    return flight;
  }

  /// The trip has ended, well or not.
  void end(String key, Flight flight) {
    if (flights.remove(key, flight)) {
      flight.waiting.forEach(Runnable::run);
    }
  }

  // ---- what is kept, and for how long ----

  /// To be taken before the statement is sent.
  long stamp() {
    return store.stamp();
  }

  void put(String key, String database, Keeping keeping, byte[][] octets, long stamp) {
    databases.add(database);
    List<String> groups = new ArrayList<>();
    groups.add(everything(database));
    keeping.tables().forEach(table -> groups.add(group(database, table)));
    long expires = time.millis() + keeping.ttlMillis();
    Entry<KeptResult> entry = store.newEntry(new KeptResult(expires), octets, groups, stamp, 24);
    (store.put(key, entry, meta -> true, expires) ? kept : notKept).increment();
  }

  void refused() {
    notKept.increment();
  }

  /// The names of schemas depend on who reads them: tables of one name are taken for one.
  private static String group(String database, TableName table) {
    return "pg:" + database + ":" + table.name();
  }

  private static String everything(String database) {
    return "pg:" + database;
  }

  /// Rows of these tables may have changed; null for any table.
  ///
  /// @return what is older than this was made before
  long changed(String database, @Nullable Collection<TableName> tables) {
    if (tables == null) {
      store.purge(new Purge.Group(everything(database), false));
    } else {
      tables.forEach(table -> store.purge(new Purge.Group(group(database, table), false)));
    }
    return store.stamp();
  }

  /// Everything is taken for changed.
  void forget() {
    databases.forEach(database -> changed(database, null));
  }

  /// What a statement may change: nothing, some tables, or null for anything.
  @Nullable Set<TableName> changes(Statement statement) {
    if (isHarmless(statement)) {
      return Set.of();
    }
    return switch (shapes.ofChange(statement)) {
      case Shape.Reads _ -> Set.of();
      case Shape.Writes(Set<TableName> tables) -> tables;
      case Shape.Unknown _ -> SideEffects.areNone(statement) ? Set.of() : null;
      case null -> null;
    };
  }

  private static boolean isHarmless(Statement statement) {
    return statement.count() <= 1
        && switch (statement.verb()) {
          case BEGIN, COMMIT, ROLLBACK, ROLLBACK_TO, SAVEPOINT, RELEASE, PREPARE_TRANSACTION ->
              true;
          case SET, SET_LOCAL, RESET, SHOW, LISTEN, UNLISTEN, NOTIFY, EMPTY -> true;
          case PREPARE, DEALLOCATE, FETCH, MOVE, CLOSE, LOCK -> true;
          default -> false;
        };
  }

  @Override
  public void close() {
    store.close();
  }
}
