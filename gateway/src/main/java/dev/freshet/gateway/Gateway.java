package dev.freshet.gateway;

import dev.freshet.base.HostPort;
import dev.freshet.base.Meters;
import dev.freshet.base.Time;
import dev.freshet.base.Trouble;
import dev.freshet.pgwire.ErrorReport;
import dev.freshet.pgwire.ScramDecoys;
import dev.freshet.pgwire.ScramKeys;
import dev.freshet.pgwire.ScramVerifier;
import dev.freshet.pgwire.Secret;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.handler.ssl.SslContext;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.ScheduledFuture;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// The PostgreSQL gateway: listens, lets clients in, and lends them server connections.
public final class Gateway implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger("freshet.gateway");
  private static final long SWEEP_MILLIS = 100;

  /// Connections that have not logged in yet, at most: they cost little, and prove nothing.
  private static final int MAX_ARRIVALS = 2_000;

  private final Time time;
  private final GatewayFigures figures;
  private final MultiThreadIoEventLoopGroup group;
  private final EventLoop loop;
  private final boolean epoll = Epoll.isAvailable();

  /// Everything that is open, so that nothing stays so: a loop that is told to end may do that
  /// without a look at its channels.
  private final ChannelGroup channels;

  private final SecureRandom random = new SecureRandom();
  private final ScramDecoys decoys = ScramDecoys.random(random);
  private final Statements statements;
  private final Shapes shapes;
  private final Workload workload;
  private final Watch watch;
  private final Footprints footprints;
  private final TraceCounts traceCounts;
  private final Results results;
  private final CommitFence.Figures fences;
  private final UserLookup lookup = new UserLookup(this);
  private final Dialler dialler;
  private final Entrance entrance;
  private final Servers servers;
  private final Held held = new Held();
  private final Replicas replicas;
  private volatile InForce rules;
  private volatile Runnable reload = () -> {};

  // Only on the loop.
  private final Pools pools = new Pools(this);
  private final Map<Integer, ClientSession> sessions = new LinkedHashMap<>();
  private final Map<SessionSettings, SessionSettings> interned = new HashMap<>();
  private final Pauses pauses = new Pauses(this);
  private int arrivals;
  private boolean draining;
  private final CompletableFuture<Boolean> empty = new CompletableFuture<>();

  private Gateway(
      GatewayConfig config,
      Time time,
      Meters meters,
      Function<String, @Nullable String> routeOf,
      @Nullable Watch watch) {
    this.time = time;
    this.figures = new GatewayFigures(time, meters);
    this.rules = InForce.of(config, random);
    this.group =
        new MultiThreadIoEventLoopGroup(
            1,
            new DefaultThreadFactory("freshet-gateway", true),
            epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory());
    this.loop = group.next();
    this.channels = new DefaultChannelGroup(loop, true);
    this.dialler = new Dialler(this, loop, epoll);
    this.entrance = new Entrance(this, group, epoll);
    this.servers = new Servers(this);
    this.shapes = new Shapes(loop);
    this.workload = new Workload(config.limits().statistics(), shapes, routeOf, meters);
    this.watch = watch == null ? Watch.nobody(time) : watch;
    this.statements = new Statements(this.watch.catalog());
    this.replicas = new Replicas(this, pools);
    this.footprints = new Footprints(this.watch);
    this.traceCounts = new TraceCounts(meters);
    this.results = new Results(config.results(), shapes, this.watch, time, meters);
    this.fences = CommitFence.Figures.of(meters);
  }

  Secret provable(Secret secret) {
    return InForce.provable(secret, random);
  }

  /// As the other, with nobody to ask whose request a statement belongs to.
  public static Gateway start(GatewayConfig config, Time time, Meters meters) {
    return start(config, time, meters, trace -> null);
  }

  /// As the last, booking for nobody.
  public static Gateway start(
      GatewayConfig config, Time time, Meters meters, Function<String, @Nullable String> routeOf) {
    return start(config, time, meters, routeOf, null);
  }

  /// Binds and starts; throws [Trouble.Found] when the address can't be had or a file is missing.
  ///
  /// @param routeOf the route that a W3C trace-id belongs to, where it is known; asked on the loop
  /// @param watch for whom to book what statements touch; null for nobody
  public static Gateway start(
      GatewayConfig config,
      Time time,
      Meters meters,
      Function<String, @Nullable String> routeOf,
      @Nullable Watch watch) {
    Gateway gateway = new Gateway(config, time, meters, routeOf, watch);
    try {
      gateway.open();
      return gateway;
    } catch (RuntimeException e) {
      gateway.close();
      throw e;
    }
  }

  private void open() {
    entrance.moveTo(entrance.bind(config().listen()));
    var _ =
        loop.scheduleWithFixedDelay(this::sweep, SWEEP_MILLIS, SWEEP_MILLIS, TimeUnit.MILLISECONDS);
  }

  private void sweep() {
    long now = time.nanos();
    pools.all().forEach(pool -> pool.sweep(now));
    pools.forgetUnused();
    replicas.sweep();
    results.putAway();
    figures.levels(GatewayFigures.Levels.of(this));
  }

  /// The address bound, with the port the system chose where none was given.
  public HostPort address() {
    return new HostPort(config().listen().host(), entrance.port());
  }

  // ---- what other threads ask ----

  /// Gives nobody a server connection until [#resume], and closes those that come back: when none
  /// is left the server can be restarted, and clients only wait.
  ///
  /// @param database only those to it, or null
  /// @return the server connections that are still in use
  public int pause(@Nullable String database) {
    return onLoop(() -> {
      pauses.pause(database);
      return pauses.poolsOf(database).mapToInt(Pool::size).sum();
    });
  }

  public void resume(@Nullable String database) {
    onLoop(() -> {
      pauses.resume(database);
      return true;
    });
  }

  /// What the database `freshet` carries out at RELOAD; on a thread of its own.
  public void onReload(Runnable reload) {
    this.reload = reload;
  }

  /// Another configuration, found sound.
  public interface Next {
    /// Puts it in force; does not fail.
    void apply();

    /// It is not wanted after all.
    void drop();
  }

  /// Checks another configuration. Sessions go on under the new limits, logins are by the new
  /// users, new clients come to the new address, and where the database has changed server
  /// connections are replaced as they come back.
  ///
  /// @throws Trouble.Found when a file is missing or wrong, the address can't be had, or something
  ///   is to change that can't
  public Next prepare(GatewayConfig told) {
    stays("gateway.cache", told.results().equals(config().results()));
    stays("gateway.statistics", told.limits().statistics() == config().limits().statistics());
    InForce next = InForce.of(told, random);
    Channel other = told.listen().equals(config().listen()) ? null : entrance.bind(told.listen());
    return new Next() {
      @Override
      public void apply() {
        onLoop(() -> {
          applyHere(next);
          return true;
        });
        if (other != null) {
          entrance.moveTo(other);
        }
      }

      @Override
      public void drop() {
        if (other != null) {
          other.close().awaitUninterruptibly();
        }
      }
    };
  }

  private static void stays(String key, boolean isSame) {
    if (!isSame) {
      throw new Trouble.Found(
          new Trouble(key, "a reload can't change it", "leave it as it was, or restart Freshet"));
    }
  }

  private void applyHere(InForce next) {
    boolean isElsewhere = !next.config().database().equals(config().database());
    rules = next;
    lookup.forget();
    if (isElsewhere) {
      servers.forget();
      replicas.moved();
      recycleHere();
    }
    pools().forEach(Pool::resized);
  }

  /// The pools, for people.
  public GatewaySnapshot snapshot() {
    return onLoop(() -> GatewaySnapshot.of(this)).withAdvice();
  }

  /// What statements have cost, the first ones in that order.
  public StatementsSnapshot statements(StatementOrder order, int limit) {
    return onLoop(() -> workload.snapshot(order, limit));
  }

  /// Forgets every stored result, also those under way, here and in the second tier.
  public void forgetResults() {
    onLoop(() -> {
      results.forget();
      return true;
    });
  }

  /// Logs in to the server as the user of the database URL.
  CompletableFuture<ServerProbe> probe() {
    CompletableFuture<ServerProbe> out = new CompletableFuture<>();
    DatabaseUrl at = config().database();
    loop.execute(() ->
        pool(new Pool.Who(at.user(), at.database()), new ServerCredentials(at.password()))
            .welcome(
                new Newcomers.Welcome() {
                  @Override
                  public void parameters(Map<String, String> told) {
                    String version = told.getOrDefault("server_version", "of some version");
                    out.complete(new ServerProbe(true, version));
                  }

                  @Override
                  public void unreachable(ErrorReport why) {
                    out.complete(new ServerProbe(false, why.message()));
                  }
                }));
    return out;
  }

  private <T> T onLoop(Callable<T> task) {
    try {
      return loop.submit(task).get(10, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    } catch (ExecutionException | TimeoutException e) {
      throw new IllegalStateException("the gateway's loop does not answer", e);
    }
  }

  /// Takes no more clients, lets transactions end, then closes.
  public void drain(Duration patience) {
    entrance.close();
    onLoop(() -> {
      draining = true;
      List.copyOf(sessions.values()).forEach(ClientSession::drain);
      completeWhenEmpty();
      return true;
    });
    try {
      var _ = empty.get(patience.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException e) {
      LOG.log(System.Logger.Level.WARNING, "clients were still at work when the time was up");
    }
    close();
  }

  @Override
  public void close() {
    entrance.close();
    if (!group.isShuttingDown()) {
      onLoop(() -> {
        pools.all().forEach(Pool::closeAll);
        lookup.close();
        replicas.close();
        return true;
      });
      // Clients whose server connection that was have been told.
      onLoop(channels::close);
      shapes.close();
      footprints.close();
      results.close();
      group.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly();
    }
  }

  // ---- on the loop ----

  /// Who has had the pools paused.
  Pauses pauses() {
    return pauses;
  }

  /// Another server is used from now on: nobody stays on the one before.
  void moved(HostPort to, ErrorReport why) {
    figures.moved();
    lookup.forget();
    replicas.moved();
    pools.all().forEach(pool -> pool.moved(to, why));
  }

  /// New server connections instead of those there are, as they come back.
  public void reconnect() {
    loop.execute(this::recycleHere);
  }

  void recycleHere() {
    pools.all().forEach(Pool::recycle);
  }

  /// Applies the configuration again, and tells how that went on the loop.
  void reloadHere(Consumer<@Nullable String> done) {
    Thread.ofVirtual()
        .start(() -> {
          String trouble = null;
          try {
            reload.run();
          } catch (Trouble.Found e) {
            trouble = e.troubles().getFirst().line();
          } catch (RuntimeException e) {
            LOG.log(System.Logger.Level.ERROR, "a reload failed", e);
            trouble = "it failed; see the log";
          }
          String said = trouble;
          loop.execute(() -> done.accept(said));
        });
  }

  GatewayConfig config() {
    return rules.config();
  }

  Time time() {
    return time;
  }

  GatewayFigures figures() {
    return figures;
  }

  Statements statements() {
    return statements;
  }

  Workload workload() {
    return workload;
  }

  Watch watch() {
    return watch;
  }

  TraceCounts traceCounts() {
    return traceCounts;
  }

  /// How statements have come so far, with the trace of their request or without; nothing is
  /// counted where nobody is told what they touch.
  public TracesSnapshot traces() {
    return traceCounts.snapshot();
  }

  Footprints footprints() {
    return footprints;
  }

  Results results() {
    return results;
  }

  CommitFence.Figures fences() {
    return fences;
  }

  SecureRandom random() {
    return random;
  }

  @Nullable SslContext tls() {
    return rules.tls().forClients();
  }

  byte @Nullable [] certificateHash(boolean encrypted) {
    return encrypted ? rules.tls().certificateHash() : null;
  }

  /// What proves that a client is this user.
  void secret(String user, UserLookup.Answer answer) {
    Secret known = rules.secret(user);
    if (known != null || config().login().query().isEmpty()) {
      answer.secret(known);
    } else {
      lookup.find(user, answer);
    }
  }

  ScramVerifier verifier(String user, @Nullable Secret secret) {
    return decoys.verifier(user, secret);
  }

  /// One more that has not logged in yet; false when there are too many.
  boolean arrives() {
    boolean mayStay = arrivals < MAX_ARRIVALS;
    arrivals += mayStay ? 1 : 0;
    return mayStay;
  }

  void arrived() {
    arrivals--;
  }

  /// Closed with the gateway, or at once where that is closed.
  void opens(Channel channel) {
    channels.add(channel);
  }

  int arrivals() {
    return arrivals;
  }

  /// What to log in to the server with for a client that has proved itself.
  ServerCredentials credentials(String user, ScramKeys proved) {
    return rules.credentials(user, proved);
  }

  Pool pool(Pool.Who who, ServerCredentials credentials) {
    return pools.of(who, credentials);
  }

  Collection<Pool> pools() {
    return pools.all();
  }

  Collection<ClientSession> sessions() {
    return sessions.values();
  }

  boolean isFull() {
    return sessions.size() >= config().limits().maxClients();
  }

  SessionSettings intern(SessionSettings settings) {
    if (interned.size() > 1_000) {
      interned.clear();
    }
    SessionSettings known = interned.putIfAbsent(settings, settings);
    return known == null ? settings : known;
  }

  int newPid() {
    int pid = random.nextInt(1, Integer.MAX_VALUE);
    return sessions.containsKey(pid) ? newPid() : pid;
  }

  void opened(ClientSession client) {
    sessions.put(client.pid(), client);
  }

  void closed(ClientSession client) {
    sessions.remove(client.pid());
    completeWhenEmpty();
  }

  private void completeWhenEmpty() {
    if (draining && sessions.isEmpty()) {
      empty.complete(true);
    }
  }

  void cancel(int pid, byte[] key) {
    ClientSession client = sessions.get(pid);
    if (client != null && client.hasKey(key)) {
      client.cancel();
    }
  }

  /// On the loop, from another thread.
  void run(Runnable task) {
    loop.execute(task);
  }

  ScheduledFuture<?> later(long millis, Runnable task) {
    return loop.schedule(task, millis, TimeUnit.MILLISECONDS);
  }

  /// How servers are reached.
  Dialler dialler() {
    return dialler;
  }

  Held held() {
    return held;
  }

  /// Who may be read from beside the primary.
  Replicas replicas() {
    return replicas;
  }

  Shapes shapes() {
    return shapes;
  }

  /// Which of several is used.
  Servers servers() {
    return servers;
  }

  @Nullable SslContext tlsForServer() {
    return rules.tls().forServer();
  }
}
