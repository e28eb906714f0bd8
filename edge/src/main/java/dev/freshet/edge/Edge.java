package dev.freshet.edge;

import dev.freshet.base.HostPort;
import dev.freshet.base.Meters;
import dev.freshet.base.Time;
import dev.freshet.cache.Cache;
import dev.freshet.cache.CacheSnapshot;
import dev.freshet.cache.Flights;
import dev.freshet.cache.HitForMiss;
import dev.freshet.cache.Noted;
import dev.freshet.cache.Purge;
import dev.freshet.cache.Purged;
import dev.freshet.freshness.TripBook;
import dev.freshet.http.AbsoluteUrl;
import dev.freshet.http.OwnResource;
import dev.freshet.http.QueryString;
import dev.freshet.http.RequestHead;
import dev.freshet.recording.Recorder;
import io.netty.channel.EventLoop;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Freshet's HTTP side, running: listens, answers, and can be told to change its mind.
public final class Edge implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger("freshet.edge");

  /// What begins so is Freshet's own, where it has something there; else it is the app's.
  static final String OWN = "/.freshet/";

  private final Time time;
  private final Meters meters;
  private final Database database;
  private final Polish polish;
  private final Whys whys = new Whys();
  private final EventLoops loops;
  private final List<Listener> listeners = new ArrayList<>();
  private final Cache<StoredResponse> cache;
  private final Flights<Fill> flights = new Flights<>();
  private final Pages pages;
  private final Renewals renewals;
  private final Warming warming;
  private final AtomicLong fillBudget = new AtomicLong();
  private final CountDownLatch closed = new CountDownLatch(1);
  private final AtomicBoolean closing = new AtomicBoolean();

  /// Keys of pages to be made again in a moment.
  private final Set<String> awaiting = ConcurrentHashMap.newKeySet();

  /// By path; all begin with [#OWN].
  private final Map<String, OwnResource> own = new ConcurrentHashMap<>();

  private final Dictionaries dictionaries;
  private final ContentNames contentNames = new ContentNames();
  private final Visits visits = new Visits();
  private final EarlyHints early;
  private final Speculation speculation;

  /// Copies of pages for browsers to fetch; begun anew with each configuration.
  private volatile Templates templates;

  /// Told of all traffic but that for Freshet's own resources; null most of the time.
  private volatile @Nullable Recorder recording;

  private volatile EdgeConfig config;
  private volatile Site site;

  private Edge(EdgeConfig config, Database database, Polish polish, Time time, Meters meters) {
    this.config = config;
    this.database = database;
    this.polish = polish;
    this.time = time;
    this.meters = meters;
    int threads = config.loops() > 0 ? config.loops() : Runtime.getRuntime().availableProcessors();
    loops = new EventLoops(threads);
    LoopLag.watch(loops.group(), time, meters);
    cache = new Cache<>(config.cache(), new StoredCodec(), time, meters, database.freshness());
    pages = new Pages(config.cache().memory().bytes(), meters);
    dictionaries = new Dictionaries(meters);
    renewals = new Renewals(database.freshness(), loops.group(), () -> this.site, meters);
    warming = new Warming(loops.group(), () -> this.site, meters);
    speculation = new Speculation(meters);
    early = new EarlyHints(meters);
    own.put(Speculation.PATH, Speculation.rules());
    Compression compression = new Compression(config.compression());
    templates = new Templates(cache, dictionaries, compression, time);
    site = siteFor(config, compression, templates);
    meters.gauge(
        "freshet_edge_fill_bytes",
        "Octets held by responses on their way into the cache",
        Map.of(),
        () -> (double) fillBudget.get());
  }

  /// As [#start(EdgeConfig, Database, Time, Meters)], with nothing known of the app's database.
  public static Edge start(EdgeConfig config, Time time, Meters meters) {
    return start(config, Database.none(time), time, meters);
  }

  /// As [#start(EdgeConfig, Database, Polish, Time, Meters)], with pages left as they are.
  public static Edge start(EdgeConfig config, Database database, Time time, Meters meters) {
    return start(config, database, Polish.NONE, time, meters);
  }

  /// Binds and serves; throws [dev.freshet.base.Trouble.Found] when an address can't be had, and
  /// leaves nothing half open.
  public static Edge start(
      EdgeConfig config, Database database, Polish polish, Time time, Meters meters) {
    Edge edge = new Edge(config, database, polish, time, meters);
    polish.tell(edge::better);
    try {
      for (FrontConfig front : config.fronts()) {
        Listener listener = new Listener(front, edge::begin, edge.loops, time, meters);
        edge.listeners.add(listener);
        listener.open();
      }
      edge.site.compression().prepare();
      return edge;
    } catch (RuntimeException e) {
      edge.close();
      throw e;
    }
  }

  private Site siteFor(EdgeConfig told, Compression compression, Templates copies) {
    Origins origins = Origins.open(told.origin(), loops.group(), time, meters);
    Routes routes = new Routes(told.routes(), meters);
    Keys keys = new Keys(new QueryString.Ignored(told.ignoredParameters()));
    Naming naming =
        new Naming(cache, keys, routes, polish, contentNames, visits, dictionaries, time);
    Finishing finishing =
        new Finishing(polish, compression, dictionaries, naming, early, told.sessionCookies());
    return new Site(
        new CacheStatusLine("freshet"),
        cache,
        flights,
        new HitForMiss(told.limits().hitForMiss(), time, new SecureRandom()),
        origins,
        routes,
        keys,
        new Lookup(cache),
        new Forwarding(told.trustForwarded()),
        compression,
        new Codings(cache, compression, finishing, dictionaries, new Hints(copies, this::better)),
        finishing,
        naming,
        new Refining(cache, compression, finishing, polish.refinery()),
        told.limits(),
        fillBudget,
        told.sessionCookies(),
        database,
        whys,
        Fence.Figures.of(meters),
        speculation,
        early,
        pages,
        renewals,
        time);
  }

  /// Pictures come in numbers: their page is made again once they have come.
  private void better(String key) {
    if (awaiting.add(key)) {
      loops
          .group()
          .schedule(
              () -> {
                awaiting.remove(key);
                site.codings().again(key);
              },
              1,
              TimeUnit.SECONDS);
    }
  }

  private Conversation begin(RequestHead head, long contentLength, Client client) {
    if (head.target().startsWith(OWN)) {
      OwnResource resource = own.get(head.path());
      if (resource != null) {
        return OwnExchange.begin(resource, head, client);
      }
      if (head.path().startsWith(Templates.PATH)) {
        return OwnExchange.begin(templates::begin, head, client);
      }
    }
    Recorder recorder = recording;
    return recorder == null
        ? exchange(head, contentLength, client)
        : RecordedExchange.begin(
            recorder, site, head, contentLength, client, config.trustForwarded(), this::exchange);
  }

  private Conversation exchange(RequestHead head, long contentLength, Client client) {
    Site now = site;
    if (now.routes().hasPages()) {
      Pager pager = Pager.of(now, head, contentLength, client);
      if (pager != null) {
        pager.begin();
        return pager;
      }
    }
    Exchange exchange = new Exchange(now, head, contentLength, client);
    try {
      exchange.begin();
    } catch (RuntimeException e) {
      LOG.log(System.Logger.Level.ERROR, "an exchange ended in an internal fault", e);
      exchange.fault();
    }
    return exchange;
  }

  /// Answers as a client with that address would be answered: from the cache, by the app, and on
  /// the same terms.
  ///
  /// @param head of a request without content
  /// @param limit octets of content that are wanted
  /// @return fails when the answer broke off
  public CompletableFuture<InnerAnswer> ask(RequestHead head, InetSocketAddress peer, int limit) {
    EventLoop loop = loops.group().next();
    CompletableFuture<InnerAnswer> answer = new CompletableFuture<>();
    loop.execute(() -> {
      var _ =
          new InnerClient(loop, peer, limit)
              .ask(site, head)
              .whenComplete((got, failure) -> {
                if (failure == null) {
                  answer.complete(got);
                } else {
                  answer.completeExceptionally(failure);
                }
              });
    });
    return answer;
  }

  /// From now on this answers requests for the path, instead of the app.
  public void serve(String path, OwnResource resource) {
    if (!path.startsWith(OWN)) {
      throw new IllegalArgumentException(path + " is not Freshet's own");
    }
    own.put(path, resource);
  }

  /// From now on that recorder is told of all traffic, or nobody.
  public void record(@Nullable Recorder recorder) {
    recording = recorder;
  }

  /// Where it listens, in the order of the configuration.
  public List<HostPort> addresses() {
    return listeners.stream().map(Listener::address).toList();
  }

  /// Takes over routes, origins, compression, certificates and limits of a new configuration
  /// without losing a request; addresses, event loops and the cache's size stay. Throws
  /// [dev.freshet.base.Trouble.Found] and leaves everything as it is when a file that the
  /// configuration names is no good.
  public void reload(EdgeConfig told) {
    List<Runnable> prepared = new ArrayList<>();
    for (int i = 0; i < Math.min(listeners.size(), told.fronts().size()); i++) {
      prepared.add(listeners.get(i).prepare(told.fronts().get(i)));
    }
    Site old = site;
    Compression compression = new Compression(told.compression());
    Templates copies = new Templates(cache, dictionaries, compression, time);
    site = siteFor(told, compression, copies);
    templates = copies;
    config = told;
    prepared.forEach(Runnable::run);
    old.upstreams().closeGracefully();
    old.compression().closeGracefully();
  }

  /// The configuration in force.
  public EdgeConfig config() {
    return config;
  }

  /// Forgets (or with `soft` marks stale) one URL: absolute, with scheme and host as clients use
  /// them. More than one purge where its resource has said what of its query does not matter.
  public List<Purged> purgeUrl(String url, boolean soft) {
    AbsoluteUrl parts = AbsoluteUrl.parse(url);
    String authority = parts.site();
    String target = ContentName.without(parts.target());
    Set<String> keys = site.keys().urls(parts.scheme(), authority, target);
    return purge(
        keys, () -> keys.stream().map(key -> cache.purge(new Purge.Url(key, soft))).toList());
  }

  private Purged purge(Purge what) {
    return purge(site.naming().keys(), () -> cache.purge(what));
  }

  /// Asks again at once for what pages have named, of what is gone then: so it is small again
  /// before somebody comes back for it, and loads what differs.
  private <T> T purge(Set<String> keys, Supplier<T> deed) {
    Site now = site;
    List<String> named = now.limits().renewals() > 0 ? now.naming().named(keys) : List.of();
    T done = deed.get();
    warming.first(now.naming().gone(named));
    return done;
  }

  /// All URLs that begin so: absolute, with scheme and host, which are the same in capitals.
  public Purged purgePrefix(String prefix, boolean soft) {
    int host = prefix.indexOf("://") + 3;
    int path = host < 3 ? -1 : prefix.indexOf('/', host);
    int end = path < 0 ? prefix.length() : path;
    String scheme = prefix.substring(0, Math.max(0, host - 3)).toLowerCase(Locale.ROOT);
    String site =
        host < 3 ? prefix : scheme + "://" + AbsoluteUrl.site(scheme, prefix.substring(host, end));
    return purge(new Purge.Prefix(site + prefix.substring(end), soft));
  }

  /// All responses in a group, whatever host they are of.
  public Purged purgeGroup(String group, boolean soft) {
    return purge(new Purge.Group(group, soft));
  }

  /// All responses that are known to be made from rows of a table; throws
  /// [IllegalArgumentException] when there is no such table.
  public Purged purgeTable(String table, boolean soft) {
    Long relation = database.relation().apply(table);
    if (relation == null) {
      throw new IllegalArgumentException("there is no table '" + table + "'");
    }
    return purge(new Purge.Group(TableGroups.of(relation), soft));
  }

  public Purged purgeAll(boolean soft) {
    return purge(new Purge.Everything(soft));
  }

  /// How many URLs' responses these purges hit in the second tier, each user's copy counted by
  /// itself; -1 when that can't be told in time.
  ///
  /// @param patience how long to wait at most
  public long purgedInSecond(List<Noted> purges, Duration patience) throws InterruptedException {
    return cache.hits(purges, patience);
  }

  /// Asks for these before visitors do, in this order and with what the app has to spare: absolute
  /// URLs, as clients use them. Throws [IllegalArgumentException], and takes none, where one is
  /// none or there is no room for all.
  ///
  /// @param atOnce trips to the app at a time, at most
  public WarmingSnapshot warm(List<String> urls, int atOnce) {
    return warming.add(urls, atOnce);
  }

  /// Asks for nothing any more that is still waiting to be asked for.
  public WarmingSnapshot stopWarming() {
    return warming.stop();
  }

  /// How far that is.
  public WarmingSnapshot warming() {
    return warming.snapshot();
  }

  /// What is stored under a URL, what it was made from, and why the last answer was not kept where
  /// it was not.
  public WhySnapshot why(String url) {
    AbsoluteUrl parts = AbsoluteUrl.parse(url);
    String authority = parts.site();
    String target = ContentName.without(parts.target());
    String key = site.keys().url(parts.scheme(), authority, target);
    return new Explaining(site).why(key);
  }

  /// Whether the response that everybody shares under that key is in memory, whole, said to be for
  /// everybody (or never to change, and made without credentials), and stays good by time for at
  /// least so long.
  public Held held(String key, Duration atLeast) {
    return site.held(key, atLeast.toMillis());
  }

  /// How lists under a path leave in pages; null where they leave whole.
  public @Nullable Pagination pagesOf(String path) {
    return site.routes().of(path).rule().pages();
  }

  /// What trips to the app have spent their time on, since the start.
  public TripBook trips() {
    return database.trails().book();
  }

  /// Figures of this moment.
  public EdgeSnapshot snapshot() {
    long connections = listeners.stream().mapToLong(Listener::connections).sum();
    Site now = site;
    return new EdgeSnapshot(
        connections,
        now.routes().figures().stream().map(RouteFigures::line).toList(),
        now.upstreams().describe());
  }

  /// What browsers were spared, and told beside pages.
  public BrowserSnapshot browsers() {
    return new BrowserSnapshot(
        dictionaries.given(),
        dictionaries.saved(),
        dictionaries.octets(),
        early.sent(),
        speculation.given(),
        speculation.refused());
  }

  public CacheSnapshot cacheSnapshot() {
    return cache.stats();
  }

  /// Codings that can be made on this machine, by token.
  public List<String> codings() {
    return site.compression().available().stream().map(Coding::token).toList();
  }

  /// Accepts no more, lets what is under way finish for at most that long, then closes everything.
  public void drain(Duration patience) {
    if (closing.get()) {
      return;
    }
    listeners.forEach(Listener::drain);
    long deadline = time.nanos() + patience.toNanos();
    while (listeners.stream().anyMatch(l -> l.connections() > 0) && time.nanos() < deadline) {
      try {
        if (closed.await(10, TimeUnit.MILLISECONDS)) {
          return;
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        break;
      }
    }
    close();
  }

  /// Stops at once; again does nothing.
  @Override
  public void close() {
    if (!closing.compareAndSet(false, true)) {
      return;
    }
    renewals.close();
    warming.close();
    listeners.forEach(Listener::drain);
    listeners.forEach(Listener::kill);
    site.upstreams().closeGracefully();
    site.compression().close();
    dictionaries.close();
    cache.close();
    loops.close();
    closed.countDown();
  }
}
