package dev.freshet.gateway;

import dev.freshet.base.ByteSize;
import dev.freshet.base.Meters;
import dev.freshet.base.Time;
import dev.freshet.cache.Cache;
import dev.freshet.cache.CacheSnapshot;
import dev.freshet.cache.Entry;
import dev.freshet.cache.Purge;
import dev.freshet.cache.Resource;
import dev.freshet.cache.Standing;
import dev.freshet.freshness.Dependency;
import dev.freshet.freshness.Evidence;
import dev.freshet.freshness.Freshness;
import dev.freshet.sql.Catalog;
import dev.freshet.sql.NotCacheable;
import dev.freshet.sql.Shape;
import dev.freshet.sql.Statement;
import dev.freshet.sql.TableName;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/* Why nobody is shown the state before a write of his own.
 *
 * Results that live as long as their rows stay as they are carry their evidence: see Freshness.
 * Their position is taken before the statement is sent, and they are served only while they are
 * current, also to those who waited for another's trip: nobody is shown less than was published
 * when he asked. What follows is about results that end by time, and about what a session has
 * written itself.
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
  private static final int MAX_HOPELESS = 10_000;

  /// One part in so many of the memory is for the questions.
  private static final int QUESTIONS = 16;

  private final boolean isOn;
  private final Supplier<@Nullable Catalog> catalog;
  private final ResultRules rules;
  private final Shapes shapes;
  private final Freshness freshness;
  private final Time time;
  private final Cache<KeptResult> store;
  private final Familiar familiar;
  private final int maxResult;
  private final Set<String> databases = new HashSet<>();
  private final Map<String, Flight> flights = new HashMap<>();
  private final Unshelved unshelved = new Unshelved();

  /// Statements whose rows can't be told by this catalog.
  private final Set<Long> hopeless = new HashSet<>();

  private @Nullable Catalog hopelessBy;

  /// The last one that changes nothing: mostly it runs again.
  private @Nullable Statement harmless;

  /// By reason, in words: as many as there are reasons and encodings.
  private final Map<String, Long> untold = new TreeMap<>();

  private final Meters.Counter hits;
  private final Meters.Counter misses;
  private final Meters.Counter joined;
  private final Meters.Counter kept;
  private final Meters.Counter notKept;

  /// One trip to the server for everybody who asks the same.
  static final class Flight {
    private final List<Runnable> waiting = new ArrayList<>();
  }

  Results(ResultsConfig config, Shapes shapes, Watch watch, Time time, Meters meters) {
    this.isOn = config.isOn();
    this.rules = new ResultRules(config);
    this.shapes = shapes;
    this.catalog = watch.catalog();
    this.freshness = watch.trails().freshness();
    this.time = time;
    this.maxResult = (int) config.maxResult().bytes();
    ByteSize memory = config.store().memory();
    long asked = memory.bytes() / QUESTIONS;
    this.familiar = new Familiar(isOn ? asked : 0);
    // Its figures go by names of their own: the edge has a cache too.
    this.store =
        new Cache<>(
            config.store().withMemory(new ByteSize(memory.bytes() - (isOn ? asked : 0))),
            new KeptResult.Codec(),
            time,
            new Meters(),
            freshness);
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

  ResultsSnapshot snapshot(CommitFence.Figures fences) {
    putAway();
    CacheSnapshot now = store.stats();
    return new ResultsSnapshot(
        now.keys(),
        now.weight(),
        now.capacity(),
        now.evictions(),
        now.second(),
        hits.sum(),
        joined.sum(),
        misses.sum(),
        kept.sum(),
        notKept.sum(),
        Map.copyOf(untold),
        fences.waits().quantileNanos(0.5) / 1e6,
        fences.waits().quantileNanos(0.99) / 1e6,
        fences.late().sum());
  }

  /// Whether and how long a statement's results may be kept.
  ///
  /// @param keeping null for never
  record Verdict(@Nullable Keeping keeping) {}

  private static final Verdict NEVER = new Verdict(null);

  /// Null where it is not known yet: then it will be soon.
  ///
  /// @param wish what its comment asks for, empty where it asks nothing
  @Nullable Verdict verdict(Statement statement, String wish) {
    if (statement.count() != 1 || statement.namesClock()) {
      return NEVER;
    }
    return switch (shapes.of(statement)) {
      case null -> null;
      case Shape.Reads reads -> {
        ResultsConfig.Life life = rules.life(statement, wish, reads);
        yield life == null ? NEVER : new Verdict(new Keeping(life, reads.tables()));
      }
      case Shape.Writes _, Shape.Unknown _ -> NEVER;
    };
  }

  /// How its results may be kept now; null for not at all.
  @Nullable Keeping keeping(SharedStatement known) {
    Verdict verdict = known.verdict();
    if (verdict == null) {
      verdict = verdict(known.statement(), known.wish());
      known.verdict(verdict);
    }
    return verdict == null ? null : possible(verdict.keeping());
  }

  /// Nothing is kept by its rows without a feed.
  @Nullable Keeping possible(@Nullable Keeping keeping) {
    return keeping == null || (keeping.life().byRows() && !freshness.isAttached()) ? null : keeping;
  }

  /// What has come more than once.
  Familiar familiar() {
    return familiar;
  }

  /// What an answer may claim that is asked for now; null without a feed.
  Freshness.@Nullable AsOf asOf() {
    return freshness.asOf();
  }

  /// @param writes of who asks: nothing that may lack them
  @Nullable Entry<KeptResult> find(String key, OwnWrites writes) {
    if (unshelved.has(key)) {
      putAway();
    }
    Resource<KeptResult> resource = store.heap(key);
    if (resource == null || resource.size() == 0) {
      return null;
    }
    Entry<KeptResult> entry = resource.get(0);
    long since = entry.evidence() == null ? writes.since() : writes.unpublishedSince();
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

  /// Whether the second tier may have what [#find] did not.
  boolean maySecondHave(String key) {
    Resource<KeptResult> here = store.heap(key);
    if (here == null || here.size() == 0) {
      return store.hasSecondTier();
    }
    return store.mayHaveNewer(here.get(0));
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

  /// The trip has ended well, and what came of it is put away before long.
  ///
  /// @param octets of the answer
  /// @param putsAway it, and does not fail
  void endSoon(String key, Flight flight, int octets, Runnable putsAway) {
    Runnable ends =
        () -> {
          putsAway.run();
          end(key, flight);
        };
    if (flight.waiting.isEmpty()) {
      unshelved.add(key, octets, ends);
    } else {
      ends.run();
    }
  }

  /// What is to be kept is kept now.
  void putAway() {
    unshelved.putAway();
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

  /// @param evidence where it lives by that
  void put(
      String key,
      String database,
      Keeping keeping,
      byte[][] octets,
      long stamp,
      @Nullable Evidence evidence) {
    databases.add(database);
    List<String> groups = new ArrayList<>();
    if (evidence == null) {
      groups.add(everything(database));
      keeping.tables().forEach(table -> groups.add(group(database, table)));
    } else {
      groups.add(byRows(database));
    }
    long expires = time.millis() + keeping.life().atMost().toMillis();
    Entry<KeptResult> entry =
        store.newEntry(new KeptResult(expires), octets, groups, stamp, 24, evidence);
    (store.put(key, entry, meta -> true, expires) ? kept : notKept).increment();
  }

  Evidence evidence(Freshness.AsOf asOf, List<Dependency> dependencies) {
    return freshness.evidence(asOf, dependencies);
  }

  /// Whether nobody can tell which rows its answer is made from.
  ///
  /// @param session what of the session bears on that
  boolean isHopeless(Statement statement, @Nullable String session) {
    Catalog by = hopelessBy;
    return by != null && by.equals(catalog.get()) && hopeless.contains(place(statement, session));
  }

  void hopeless(Statement statement, @Nullable String session, NotCacheable reason) {
    notKept.increment();
    untold(reason.name().toLowerCase(Locale.ROOT).replace('_', ' '));
    Catalog now = catalog.get();
    if (!Objects.equals(now, hopelessBy) || hopeless.size() >= MAX_HOPELESS) {
      hopeless.clear();
      hopelessBy = now;
    }
    hopeless.add(place(statement, session));
  }

  private static long place(Statement statement, @Nullable String session) {
    return statement.fingerprint() * 31 + Objects.hashCode(session);
  }

  void refused() {
    notKept.increment();
  }

  /// Nobody can tell from where a session reads.
  ///
  /// @param obstacle in a few words for people
  void refused(String obstacle) {
    notKept.increment();
    untold(obstacle);
  }

  private void untold(String reason) {
    untold.merge(reason, 1L, Long::sum);
  }

  /// The names of schemas depend on who reads them: tables of one name are taken for one.
  private static String group(String database, TableName table) {
    return "pg:" + database + ":" + table.name();
  }

  /// All that end by time.
  private static String everything(String database) {
    return "pg:" + database;
  }

  private static String byRows(String database) {
    return "pg-rows:" + database;
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
    databases.forEach(database -> {
      changed(database, null);
      defined(database);
    });
  }

  /// Definitions or rights may have changed, which no row tells.
  void defined(String database) {
    store.purge(new Purge.Group(byRows(database), false));
  }

  /// What a statement may change: nothing, some tables, or null for anything.
  @Nullable Set<TableName> changes(Statement statement) {
    if (statement.equals(harmless) || isHarmless(statement)) {
      return Set.of();
    }
    return switch (shapes.ofChange(statement)) {
      case Shape.Reads _ -> {
        harmless = statement;
        yield Set.of();
      }
      case Shape.Writes writes -> writes.tables();
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
