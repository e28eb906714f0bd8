package dev.freshet.app;

import dev.freshet.assets.Held;
import dev.freshet.assets.Refiner;
import dev.freshet.assets.ServiceWorker;
import dev.freshet.base.ByteSize;
import dev.freshet.base.Meters;
import dev.freshet.base.Time;
import dev.freshet.base.Trouble;
import dev.freshet.cache.CacheSnapshot;
import dev.freshet.changes.ChangeFeed;
import dev.freshet.changes.ChangesConfig;
import dev.freshet.console.AdminSources;
import dev.freshet.console.Console;
import dev.freshet.console.StatementsQuery;
import dev.freshet.edge.Database;
import dev.freshet.edge.Edge;
import dev.freshet.edge.EdgeSnapshot;
import dev.freshet.edge.InnerAnswer;
import dev.freshet.freshness.Freshness;
import dev.freshet.gateway.Gateway;
import dev.freshet.gateway.GatewayConfig;
import dev.freshet.gateway.StatementOrder;
import dev.freshet.live.Fetch;
import dev.freshet.live.Fetched;
import dev.freshet.live.Live;
import dev.freshet.live.LiveConfig;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The one place that knows two rooms: builds them from [Settings] and connects them.
public final class Wiring implements AutoCloseable {
  private final Edge edge;
  private final @Nullable Gateway gateway;
  private final @Nullable Following following;
  private final @Nullable Live live;
  private final Console console;
  private final Reloading reloading;

  private Wiring(
      Edge edge,
      @Nullable Gateway gateway,
      @Nullable Following following,
      @Nullable Live live,
      Console console,
      Reloading reloading) {
    this.edge = edge;
    this.gateway = gateway;
    this.following = following;
    this.live = live;
    this.console = console;
    this.reloading = reloading;
  }

  /// A signal and the admin API may ask at the same time; one after the other is served.
  private record Reloading(
      Edge edge,
      @Nullable Gateway gateway,
      @Nullable Following following,
      PagePolish polish,
      Supplier<Settings> source)
      implements Runnable {
    /// Whatever may be wrong comes out before anything is changed.
    @Override
    public synchronized void run() {
      Settings told = source.get();
      GatewayConfig wanted = told.gateway();
      if ((gateway == null) != (wanted == null)) {
        throw new Trouble.Found(
            new Trouble(
                "database",
                "a reload can't " + (wanted == null ? "close" : "open") + " the gateway",
                "leave `database` " + (wanted == null ? "in" : "out") + ", or restart Freshet"));
      }
      Runnable follow = following == null ? () -> {} : following.prepare(told.changes());
      Gateway.Next next = gateway == null || wanted == null ? null : gateway.prepare(wanted);
      try {
        edge.reload(told.edge());
      } catch (RuntimeException e) {
        if (next != null) {
          next.drop();
        }
        throw e;
      }
      polish.reload(told.optimize(), told.worker());
      follow.run();
      if (next != null) {
        next.apply();
      }
    }
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
    Following following = Following.start(settings, freshness, meters);
    PagePolish polish = polish(settings, meters);
    Edge edge = null;
    Gateway gateway = null;
    Live live = null;
    try {
      edge = edge(settings, following, polish, meters);
      live = live(settings.live(), following, edge, meters);
      describe(settings.openapi(), edge);
      serve(polish.worker(), edge);
      polish.shown().resources().forEach(edge::serve);
      gateway = gateway(settings, following, meters);
      Gateway opened = gateway;
      Edge serving = edge;
      Live telling = live;
      Reloading reloading = new Reloading(edge, opened, following, polish, source);
      if (opened != null) {
        opened.onReload(reloading);
      }
      Console console =
          Console.open(
              settings.admin(),
              settings.token(),
              new AdminSources(
                  meters,
                  () -> status(serving, following, telling, opened, polish),
                  () -> Map.of("routes", serving.snapshot().routes()),
                  () -> opened == null ? Map.of("pools", List.of()) : opened.snapshot(),
                  query -> statements(opened, query),
                  bottlenecks(settings, edge, opened, following),
                  edge.trips()::forget,
                  serving::why,
                  order -> Purging.carryOut(serving, opened, order),
                  () -> paused(opened, true),
                  () -> paused(opened, false),
                  polish::turn,
                  reloading));
      return new Wiring(edge, gateway, following, live, console, reloading);
    } catch (RuntimeException e) {
      close(live, edge, gateway, following, polish);
      throw e;
    }
  }

  private static PagePolish polish(Settings settings, Meters meters) {
    long memory = settings.edge().cache().memory().bytes() / 8;
    return new PagePolish(settings.optimize(), settings.worker(), memory, meters);
  }

  private static Edge edge(
      Settings settings, @Nullable Following following, PagePolish polish, Meters meters) {
    Time time = Time.system();
    Database database = following == null ? Database.none(time) : following.database();
    return Edge.start(settings.edge(), database, polish, time, meters);
  }

  /// Null where there is no feed that changes could be told from.
  private static @Nullable Live live(
      @Nullable LiveConfig config, @Nullable Following following, Edge edge, Meters meters) {
    if (config == null || following == null) {
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

  private static Fetched fetched(InnerAnswer answer) {
    return new Fetched(
        answer.status(),
        answer.fields(),
        answer.content(),
        answer.evidence(),
        answer.sharedAs(),
        answer.cacheStatus());
  }

  private static @Nullable Gateway gateway(
      Settings settings, @Nullable Following following, Meters meters) {
    GatewayConfig wanted = settings.gateway();
    if (wanted == null) {
      return null;
    }
    return following == null
        ? Gateway.start(wanted, Time.system(), meters)
        : Gateway.start(wanted, Time.system(), meters, following::routeOf, following.watch());
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
    return following;
  }

  /// Null where there is no database.
  public @Nullable Gateway gateway() {
    return gateway;
  }

  /// Null where no database's log is followed.
  public @Nullable ChangeFeed changes() {
    return following == null ? null : following.feed();
  }

  Refiner refiner() {
    return reloading.polish().refiner();
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
    if (live != null) {
      live.drain();
    }
    edge.drain(patience);
    if (gateway != null) {
      gateway.drain(patience);
    }
    if (live != null) {
      live.close();
    }
    if (following != null) {
      following.close();
    }
    reloading.polish().close();
    console.close();
  }

  @Override
  public void close() {
    if (live != null) {
      live.close();
    }
    edge.close();
    if (gateway != null) {
      gateway.close();
    }
    if (following != null) {
      following.close();
    }
    reloading.polish().close();
    console.close();
  }

  private static Object status(
      Edge edge,
      @Nullable Following following,
      @Nullable Live live,
      @Nullable Gateway gateway,
      PagePolish polish) {
    EdgeSnapshot snapshot = edge.snapshot();
    CacheSnapshot cache = edge.cacheSnapshot();
    Map<String, Object> out = new LinkedHashMap<>();
    out.put("version", Version.text());
    out.put("java", Runtime.version().toString());
    out.put("uptimeSeconds", ManagementFactory.getRuntimeMXBean().getUptime() / 1_000);
    out.put("listen", edge.addresses().stream().map(Object::toString).toList());
    out.put("connections", snapshot.connections());
    out.put("codings", edge.codings());
    out.put("optimize", polish.describe());
    out.put("cache", cache);
    out.put("origins", snapshot.origins());
    if (following != null) {
      out.put("changes", following.feed().snapshot());
      out.put("visitorTables", following.suspects());
    }
    if (following != null && gateway != null) {
      out.put("traces", gateway.traces());
    }
    if (live != null) {
      out.put("live", live.snapshot());
    }
    return out;
  }

  private static Supplier<Object> bottlenecks(
      Settings settings, Edge edge, @Nullable Gateway gateway, @Nullable Following following) {
    ChangesConfig database = settings.changes();
    Plans plans = database == null ? null : new Plans(database);
    return () ->
        new Diagnosis(
                edge.trips().lines(),
                new Diagnosis.Context(
                    following != null,
                    gateway == null ? "" : Diagnosis.pools(gateway.snapshot()),
                    asked -> plans == null ? Map.of() : plans.of(asked)))
            .report();
  }

  private static Object statements(@Nullable Gateway gateway, StatementsQuery query) {
    StatementOrder order = SettingsReader.choice(query.sort(), StatementOrder.class);
    return gateway == null
        ? Map.of("statements", List.of())
        : gateway.statements(order, query.limit());
  }
}
