package dev.freshet.app;

import dev.freshet.assets.Held;
import dev.freshet.assets.PictureHead;
import dev.freshet.assets.Refiner;
import dev.freshet.assets.ServiceWorker;
import dev.freshet.base.ByteSize;
import dev.freshet.base.Meters;
import dev.freshet.base.Time;
import dev.freshet.base.Trouble;
import dev.freshet.cache.CacheSnapshot;
import dev.freshet.changes.ChangeFeed;
import dev.freshet.console.AdminSources;
import dev.freshet.console.Console;
import dev.freshet.console.StatementsQuery;
import dev.freshet.edge.Edge;
import dev.freshet.edge.EdgeSnapshot;
import dev.freshet.edge.InnerAnswer;
import dev.freshet.edge.WhySnapshot;
import dev.freshet.freshness.Freshness;
import dev.freshet.gateway.Gateway;
import dev.freshet.gateway.GatewayConfig;
import dev.freshet.gateway.StatementOrder;
import dev.freshet.gateway.StatementsSnapshot;
import dev.freshet.http.RequestHead;
import dev.freshet.live.Fetch;
import dev.freshet.live.Fetched;
import dev.freshet.live.Live;
import dev.freshet.live.LiveConfig;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The one place that knows two rooms: builds them from [Settings] and connects them.
public final class Wiring implements AutoCloseable {
  /// Statements whose plans are looked at for missing indexes.
  private static final int MOST_EXPLAINED = 30;

  private final Edge edge;
  private final Following following;
  private final PagePolish polish;
  private final Console console;
  private final Reloading reloading;
  private final Recordings recordings;

  private Wiring(
      Edge edge,
      Following following,
      PagePolish polish,
      Console console,
      Reloading reloading,
      Recordings recordings) {
    this.edge = edge;
    this.following = following;
    this.polish = polish;
    this.console = console;
    this.reloading = reloading;
    this.recordings = recordings;
  }

  private static Object paused(@Nullable Gateway gateway, boolean isPause) {
    if (gateway == null) {
      throw new Trouble.Found(
          new Trouble("database", "there is no gateway to pause", "give --database"));
    }
    if (isPause) {
      return Map.of("paused", true, "stillInUse", gateway.pause(null));
    }
    gateway.resume(null);
    return Map.of("paused", false);
  }

  /// Starts everything, or nothing.
  ///
  /// @param source reads the configuration again for a reload
  public static Wiring start(Settings settings, Supplier<Settings> source) {
    return start(settings, source, new Freshness());
  }

  static Wiring start(Settings settings, Supplier<Settings> source, Freshness freshness) {
    fits(settings);
    Meters meters = new Meters();
    ProcessTimes.tell(meters);
    Following following = Following.start(settings, freshness, meters);
    PagePolish polish = polish(settings, meters);
    Edge edge = null;
    Reloading reloading = null;
    try {
      edge = edge(settings, following, polish, meters);
      describe(settings.openapi(), edge);
      serve(polish.worker(), edge);
      polish.shown().resources().forEach(edge::serve);
      Edge serving = edge;
      polish.reads((head, octets) -> pictureHead(serving, head, octets));
      Reloading parts =
          new Reloading(
              edge,
              following,
              polish,
              source,
              new Reloading.Later(
                  wanted -> gateway(wanted, following, meters),
                  told -> live(told.live(), following, serving, meters)));
      reloading = parts;
      parts.begin(settings);
      Plans plans = new Plans(following::database, Time.system());
      Recordings recordings = new Recordings(edge, new SecureRandom());
      Console console =
          Console.open(
              settings.admin(),
              settings.token(),
              new AdminSources(
                  meters,
                  () -> status(serving, following, parts, polish),
                  () -> Map.of("routes", serving.snapshot().routes()),
                  () -> pool(parts.gateway()),
                  query -> statements(parts.gateway(), query),
                  bottlenecks(edge, parts, following, plans),
                  () -> {
                    serving.trips().forget();
                    plans.forget();
                  },
                  url -> why(serving, following, url),
                  order -> Purging.carryOut(serving, parts.gateway(), order),
                  () -> paused(parts.gateway(), true),
                  () -> paused(parts.gateway(), false),
                  polish::turn,
                  recordings::status,
                  recordings::order,
                  serving::warming,
                  order -> WarmOrders.carryOut(serving, order),
                  parts));
      return new Wiring(edge, following, polish, console, reloading, recordings);
    } catch (RuntimeException e) {
      Live live = reloading == null ? null : reloading.live();
      Gateway gateway = reloading == null ? null : reloading.gateway();
      close(live, edge, gateway, following, polish);
      throw e;
    }
  }

  private static PagePolish polish(Settings settings, Meters meters) {
    long memory = settings.edge().cache().memory().bytes() / 8;
    return new PagePolish(settings.optimize(), settings.worker(), memory, meters);
  }

  private static Edge edge(
      Settings settings, Following following, PagePolish polish, Meters meters) {
    return Edge.start(settings.edge(), following.seenByEdge(), polish, Time.system(), meters);
  }

  private static @Nullable Live live(
      @Nullable LiveConfig config, Following following, Edge edge, Meters meters) {
    if (config == null) {
      return null;
    }
    int most = (int) Math.min(Integer.MAX_VALUE - 1, config.maxContent().bytes());
    Fetch fetch = (head, peer) -> edge.ask(head, peer, most).thenApply(Wiring::fetched);
    Live live = Live.open(config, following.freshness(), fetch, Time.system(), meters);
    edge.serve(Live.CHANNEL, live.channel());
    edge.serve(Live.SCRIPT, live.script());
    return live;
  }

  private static void describe(@Nullable String openapi, Edge edge) {
    if (openapi != null) {
      edge.serve(OpenApi.PATH, new OpenApi(openapi, edge::ask, edge::pagesOf)::begin);
    }
  }

  private static void serve(ServiceWorker worker, Edge edge) {
    Function<String, Held> held =
        key ->
            switch (edge.held(key, ServiceWorker.VOUCHED)) {
              case NO -> Held.NO;
              case FRESH -> Held.FRESH;
              case WHILE_REVALIDATING -> Held.WHILE_REVALIDATING;
            };
    worker.resources(held).forEach(edge::serve);
  }

  /// Asked for by Freshet itself.
  private static CompletableFuture<PictureHead> pictureHead(
      Edge edge, RequestHead head, int octets) {
    InetSocketAddress self = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    return edge.ask(head, self, octets)
        .thenApply(got -> new PictureHead(got.status(), got.fields(), got.content()));
  }

  private static Fetched fetched(InnerAnswer answer) {
    return new Fetched(
        answer.status(),
        answer.fields(),
        answer.content(),
        answer.evidence(),
        answer.sharedAs(),
        answer.cacheStatus());
  }

  private static Gateway gateway(GatewayConfig wanted, Following following, Meters meters) {
    return Gateway.start(
        wanted, Time.system(), meters, following::routeOf, following.seenByGateway());
  }

  private static void close(@Nullable AutoCloseable... parts) {
    for (@Nullable AutoCloseable part : parts) {
      try {
        if (part != null) {
          part.close();
        }
      } catch (Exception e) {
        throw new IllegalStateException("a room did not close", e);
      }
    }
  }

  /// Responses and results live on the heap, with room beside them for what is under way.
  private static void fits(Settings settings) {
    GatewayConfig gateway = settings.gateway();
    long results =
        gateway == null || !gateway.results().isOn()
            ? 0
            : gateway.results().store().memory().bytes();
    ByteSize cache = new ByteSize(settings.edge().cache().memory().bytes() + results);
    long heap = Runtime.getRuntime().maxMemory();
    if (cache.bytes() > heap / 10 * 8) {
      throw new Trouble.Found(
          new Trouble(
              "cache.memory " + cache,
              "the program may use " + new ByteSize(heap) + " in all",
              "lower it, or give the program more with FRESHET_OPTS=-Xmx..."));
    }
  }

  public Edge edge() {
    return edge;
  }

  /// Null where nothing is kept on the strength of rows.
  @Nullable Following following() {
    return following.isOn() ? following : null;
  }

  /// Null where there is no database.
  public @Nullable Gateway gateway() {
    return reloading.gateway();
  }

  /// Null where no database's log is followed.
  public @Nullable ChangeFeed changes() {
    return following.isOn() ? following.feed() : null;
  }

  Refiner refiner() {
    return polish.refiner();
  }

  public Console console() {
    return console;
  }

  /// Applies the configuration again, or throws and leaves everything as it is.
  public void reload() {
    reloading.run();
  }

  /// Lets what is under way finish, then stops.
  public void drain(Duration patience) {
    Live live = reloading.live();
    Gateway gateway = reloading.gateway();
    if (live != null) {
      live.drain();
    }
    edge.drain(patience);
    if (gateway != null) {
      gateway.drain(patience);
    }
    close(live, following, polish, recordings, console);
  }

  @Override
  public void close() {
    close(reloading.live(), edge, reloading.gateway(), following, polish, recordings, console);
  }

  private static Object status(Edge edge, Following following, Reloading parts, PagePolish polish) {
    Gateway gateway = parts.gateway();
    Live live = parts.live();
    EdgeSnapshot snapshot = edge.snapshot();
    CacheSnapshot cache = edge.cacheSnapshot();
    Map<String, Object> out = new LinkedHashMap<>();
    out.put("version", Version.text());
    out.put("java", Runtime.version().toString());
    out.put("uptimeSeconds", ManagementFactory.getRuntimeMXBean().getUptime() / 1_000);
    out.put("listen", edge.addresses().stream().map(Object::toString).toList());
    out.put("connections", snapshot.connections());
    out.put("codings", edge.codings());
    Map<String, Object> optimize = new LinkedHashMap<>(polish.describe());
    optimize.put("browsers", edge.browsers());
    out.put("optimize", optimize);
    out.put("cache", cache);
    out.put("origins", snapshot.origins());
    if (following.isOn()) {
      out.put("changes", following.feed().snapshot());
      out.put("visitorTables", following.suspects());
    }
    if (following.isOn() && gateway != null) {
      out.put("traces", gateway.traces());
    }
    if (live != null) {
      out.put("live", live.snapshot());
    }
    return out;
  }

  /// With the tables that may be why other answers are not kept.
  private static Object why(Edge edge, Following following, String url) {
    WhySnapshot why = edge.why(url);
    Map<String, Object> out = new LinkedHashMap<>();
    out.put("url", why.url());
    out.put("entries", why.entries());
    out.put("moreEntries", why.moreEntries());
    out.put("lastNotStored", why.lastNotStored());
    out.put("visitorTables", following.suspects());
    return out;
  }

  private static Supplier<Object> bottlenecks(
      Edge edge, Reloading parts, Following following, Plans plans) {
    return () ->
        new Diagnosis(
                edge.trips().lines(),
                new Diagnosis.Context(
                    following.isOn(),
                    pools(parts.gateway()),
                    costliest(parts.gateway()),
                    plans::of))
            .report();
  }

  private static StatementsSnapshot costliest(@Nullable Gateway gateway) {
    return gateway == null
        ? new StatementsSnapshot(0, 0, 0, 0, 0, 0, List.of())
        : gateway.statements(StatementOrder.TIME, MOST_EXPLAINED);
  }

  private static String pools(@Nullable Gateway gateway) {
    return gateway == null ? "" : Diagnosis.pools(gateway.snapshot());
  }

  private static Object pool(@Nullable Gateway gateway) {
    return gateway == null ? Map.of("pools", List.of()) : gateway.snapshot();
  }

  private static Object statements(@Nullable Gateway gateway, StatementsQuery query) {
    StatementOrder order = SettingsReader.choice(query.sort(), StatementOrder.class);
    return gateway == null
        ? Map.of("statements", List.of())
        : gateway.statements(order, query.limit());
  }
}
