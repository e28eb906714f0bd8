package dev.freshet.gateway;

import dev.freshet.base.HostPort;
import dev.freshet.pgwire.ErrorReport;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The server connections of one user on one database, and the clients that wait for one: first
/// come, first served.
final class Pool {
  /// How long after a failed login the next attempt.
  private static final long RETRY_MILLIS = 250;

  /// How long a connection may lie idle and still be taken to be alive.
  private static final long FRESH_NANOS = TimeUnit.SECONDS.toNanos(30);

  /// How long it may take to give a sign of life, or to be made as new.
  private static final long UPKEEP_NANOS = TimeUnit.SECONDS.toNanos(5);

  /// How many idle ones are looked at for one with the client's settings.
  private static final int LOOK = 8;

  /// An administrator ended this connection, which says nothing of the next one.
  private static final String ENDED = "57P01";

  private final Gateway gateway;
  private final Who who;
  private final @Nullable HostPort replica;
  private ServerCredentials credentials;
  private final Set<ServerLink> all = new LinkedHashSet<>();
  private final Map<ServerLink, Long> inUpkeep = new HashMap<>();
  private final Deque<ServerLink> idle = new ArrayDeque<>();
  private final Deque<ClientSession> queue = new ArrayDeque<>();
  private Map<String, String> began = Map.of();
  private final Newcomers newcomers = new Newcomers();
  private final PoolStats stats = new PoolStats();
  private @Nullable Map<String, String> parameters;
  private int connecting;
  private boolean retryDue;
  private boolean paused;
  private @Nullable ErrorReport failure;
  private long failingSince;
  private int generation;

  /// @param database on the server
  record Who(String user, String database) {
    @Override
    public String toString() {
      return user + "@" + database;
    }
  }

  /// @param replica the one it is of; null for the primary
  Pool(Gateway gateway, Who who, ServerCredentials credentials, @Nullable HostPort replica) {
    this.gateway = gateway;
    this.replica = replica;
    this.who = who;
    this.credentials = credentials;
  }

  Who who() {
    return who;
  }

  /// Null for the primary.
  @Nullable HostPort replica() {
    return replica;
  }

  /// What its last connection began with; nothing before the first.
  Map<String, String> began() {
    return began;
  }

  ServerCredentials credentials() {
    return credentials;
  }

  /// What a client has proved just now, for logins to come.
  void renew(ServerCredentials proved) {
    String password = proved.password();
    if (password == null || !password.equals(credentials.password())) {
      credentials = proved;
    }
  }

  PoolMode mode() {
    return gateway.config().pool().mode();
  }

  GatewayFigures figures() {
    return gateway.figures();
  }

  /// For a new server connection.
  Progress progress() {
    return new Progress(gateway.time(), gateway.workload());
  }

  /// What a new client is told about the server; the first one waits for a connection.
  void welcome(Newcomers.Welcome newcomer) {
    Map<String, String> known = parameters;
    if (known != null) {
      newcomer.parameters(known);
      return;
    }
    newcomers.add(newcomer, gateway.time().nanos());
    meetNewcomers();
  }

  /// Who has left does not wait any more.
  void leaves(Newcomers.Welcome newcomer) {
    newcomers.remove(newcomer);
  }

  private void meetNewcomers() {
    if (newcomers.size() > 0 && connecting == 0 && !paused) {
      connect();
    }
  }

  // ---- clients ----

  void acquire(ClientSession client) {
    ErrorReport down = failure;
    if (down != null && isLost(gateway.time().nanos())) {
      if (connecting == 0 && !retryDue) {
        connect();
      }
      client.denied(asError(down));
      return;
    }
    ServerLink free = paused || !queue.isEmpty() ? null : pick(client);
    if (free != null && isFresh(free)) {
      give(free, client);
      return;
    }
    queue.addLast(client);
    if (free != null) {
      check(free);
    }
    grow();
  }

  /// For a client that can do without: what is there, or nothing, and then another one is opened
  /// for the next time.
  @Nullable ServerLink spare(ClientSession client) {
    ServerLink free = paused ? null : pick(client);
    if (free != null && isFresh(free)) {
      figures().checkedOut(0);
      return free;
    }
    if (free != null) {
      check(free);
    } else if (!paused && connecting == 0 && !retryDue && all.size() < limit()) {
      connect();
    }
    return null;
  }

  private int limit() {
    return gateway.config().pool().size();
  }

  /// As [#acquire], before the others: its turn had come, and what it was given broke.
  void acquireAgain(ClientSession client) {
    queue.addFirst(client);
    serve();
  }

  /// Gives what is idle to those who wait.
  private void serve() {
    while (!paused && queue.size() > inUpkeep.size() && !idle.isEmpty()) {
      ServerLink free = idle.removeFirst();
      if (isFresh(free)) {
        give(free, queue.removeFirst());
      } else {
        check(free);
      }
    }
    grow();
  }

  private boolean isFresh(ServerLink link) {
    return gateway.time().nanos() - link.tenure().idleSince() < FRESH_NANOS;
  }

  /// A connection that lay idle for long may be one to a machine that is gone.
  private void check(ServerLink link) {
    inUpkeep.put(link, gateway.time().nanos());
    link.check();
  }

  /// The server has answered what the pool asked.
  void upkept(ServerLink link, boolean isWell) {
    inUpkeep.remove(link);
    if (isWell && link.isIdle()) {
      release(link);
    } else {
      link.close();
    }
  }

  private @Nullable ServerLink pick(ClientSession client) {
    ServerLink last = client.lastLink();
    if (last != null && last.tenure().wasOf(client) && idle.remove(last)) {
      return last;
    }
    int seen = 0;
    for (ServerLink link : idle) {
      if (link.settings().equals(client.settings())) {
        idle.remove(link);
        return link;
      }
      if (++seen == LOOK) {
        break;
      }
    }
    return idle.pollFirst();
  }

  private void give(ServerLink link, ClientSession client) {
    long now = gateway.time().nanos();
    long waited = now - client.waitingSince();
    figures().checkedOut(waited);
    client.work().waited(waited);
    client.granted(link, now);
  }

  PoolStats stats() {
    return stats;
  }

  private void grow() {
    boolean isWanted = queue.size() > connecting + inUpkeep.size() && !retryDue && !paused;
    if (isWanted && all.size() + connecting < gateway.config().pool().size()) {
      connect();
    }
  }

  /// Back from a client, idle for certain.
  void release(ServerLink link) {
    link.letGo(gateway.time().nanos());
    if (!link.isIdle()) {
      link.discard();
      return;
    }
    if (!link.cancels().mustBeAwaited()) {
      offer(link);
    }
  }

  /// Its last cancel request has been dealt with.
  void unparked(ServerLink link) {
    if (all.contains(link)) {
      offer(link);
    }
  }

  private void offer(ServerLink link) {
    boolean isTooMany = all.size() > gateway.config().pool().size();
    boolean isSafe = !link.cancels().areUncertain() && !paused;
    if (isTooMany || !isSafe || isWornOut(link, gateway.time().nanos())) {
      link.close();
      return;
    }
    ClientSession next = queue.pollFirst();
    if (next == null) {
      idle.addFirst(link);
    } else {
      give(link, next);
    }
  }

  /// Too old, from before [#recycle], with something in it under a name of a client's, or not what
  /// it says it is.
  private boolean isWornOut(ServerLink link, long now) {
    return now - link.tenure().createdNanos() > gateway.config().pool().maxAge().toNanos()
        || link.prepared().isAnythingLeft()
        || link.isDoubtful()
        || link.tenure().generation() != generation;
  }

  /// Counts [#recycle]: a connection belongs to the one it was opened in.
  int generation() {
    return generation;
  }

  /// The client is gone and held this.
  ///
  /// @param isClean nothing was under way, so that it can be made as new
  void abandoned(ServerLink link, boolean isClean) {
    link.letGo(gateway.time().nanos());
    if (isClean && link.isIdle()) {
      inUpkeep.put(link, gateway.time().nanos());
      link.reset();
    } else {
      link.discard();
    }
  }

  void leaveQueue(ClientSession client) {
    queue.remove(client);
  }

  // ---- the server ----

  private void connect() {
    connecting++;
    gateway
        .dialler()
        .connect(
            replica,
            who,
            credentials,
            new ServerLogin.Result() {
              private @Nullable ServerLink made;

              @Override
              public ServerLink loggedIn(ServerLogin.Told told, int pid, byte[] key) {
                long now = gateway.time().nanos();
                made = new ServerLink(Pool.this, told, pid, key, now);
                return made;
              }

              @Override
              public void ready() {
                connecting--;
                if (made != null) {
                  joined(made);
                }
              }

              @Override
              public void failed(ErrorReport why) {
                connecting--;
                refused(why);
              }
            });
  }

  private void joined(ServerLink link) {
    figures().serverOpened();
    all.add(link);
    if (replica != null && !gateway.replicas().accepts(replica, this, link)) {
      link.close();
      return;
    }
    failure = null;
    Map<String, String> told = new LinkedHashMap<>(link.parameters());
    parameters = told;
    began = link.began();
    List<Newcomers.Welcome> waiting = newcomers.take();
    offer(link);
    waiting.forEach(w -> w.parameters(told));
    grow();
  }

  private void refused(ErrorReport why) {
    if (!why.sqlState().equals(ENDED)) {
      newcomers.take().forEach(w -> w.unreachable(why));
    }
    if (failure == null) {
      failingSince = gateway.time().nanos();
    }
    failure = why;
    if (all.isEmpty() && isForGood(why)) {
      List<ClientSession> hopeless = List.copyOf(queue);
      queue.clear();
      hopeless.forEach(client -> client.denied(asError(why)));
    }
    gateway.pauses().tellWhenQuiet();
    // A server that restarts is away for a moment: who waits goes on waiting.
    retryDue = true;
    gateway.later(
        RETRY_MILLIS,
        () -> {
          retryDue = false;
          meetNewcomers();
          grow();
        });
  }

  /// Whether no patience helps: the login itself was refused, or the database does not exist.
  static boolean isForGood(ErrorReport why) {
    return why.sqlState().startsWith("28") || why.sqlState().equals("3D000");
  }

  /// Whether the server has been away for so long that nobody should wait for it.
  private boolean isLost(long now) {
    ErrorReport why = failure;
    return why != null
        && all.isEmpty()
        && (isForGood(why)
            || now - failingSince > gateway.config().pool().queueTimeout().toNanos());
  }

  private static ErrorReport asFatal(ErrorReport why) {
    return ErrorReport.fatal(why.sqlState(), why.message(), why.hint());
  }

  private static ErrorReport asError(ErrorReport why) {
    return ErrorReport.error(why.sqlState(), why.message(), why.hint());
  }

  void lost(ServerLink link) {
    figures().serverLost();
    all.remove(link);
    idle.remove(link);
    inUpkeep.remove(link);
    grow();
    if (all.isEmpty()) {
      gateway.pauses().tellWhenQuiet();
    }
  }

  void sendCancel(HostPort host, int pid, byte[] key, Consumer<Boolean> done) {
    gateway.dialler().sendCancel(host, pid, key, done);
  }

  /// The server said something that a primary does not say.
  void doubt() {
    if (replica == null) {
      gateway.servers().doubt();
    }
  }

  /// Another server is used from now on.
  void moved(HostPort to, ErrorReport why) {
    for (ServerLink link : links()) {
      if (replica == null && !link.host().equals(to)) {
        link.lost(why);
      }
    }
  }

  // ---- upkeep ----

  void sweep(long nanos) {
    GatewayConfig.PoolConfig rules = gateway.config().pool();
    long patience = rules.queueTimeout().toNanos();
    while (!queue.isEmpty() && nanos - queue.getFirst().waitingSince() > patience) {
      ClientSession client = queue.removeFirst();
      figures().queueTimeout();
      ErrorReport down = all.isEmpty() ? failure : null;
      client.denied(down != null ? asError(down) : waitedInVain(patience));
    }
    if (connecting == 0) {
      // While a connection is on its way, what comes of that is their answer.
      ErrorReport down = all.isEmpty() ? failure : null;
      for (Newcomers.Welcome newcomer : newcomers.takeTired(nanos, patience)) {
        figures().queueTimeout();
        newcomer.unreachable(down != null ? down : asFatal(waitedInVain(patience)));
      }
    }
    GatewayConfig.Limits limits = gateway.config().limits();
    for (ServerLink link : List.copyOf(all)) {
      link.stopwatch().look(link, nanos, limits);
    }
    int tooMany = all.size() - rules.size();
    for (ServerLink link : List.copyOf(idle)) {
      boolean isUnused = nanos - link.tenure().idleSince() > rules.maxIdle().toNanos();
      if (tooMany > 0 || isUnused || isWornOut(link, nanos)) {
        tooMany--;
        idle.remove(link);
        link.close();
      }
    }
    for (Map.Entry<ServerLink, Long> asked : List.copyOf(inUpkeep.entrySet())) {
      if (nanos - asked.getValue() > UPKEEP_NANOS) {
        asked.getKey().close();
      }
    }
  }

  private ErrorReport waitedInVain(long patience) {
    return ErrorReport.error(
        "53300",
        "no server connection became free within "
            + TimeUnit.NANOSECONDS.toMillis(patience)
            + " ms (pool "
            + who
            + ": "
            + (all.size() - idle.size())
            + " of "
            + gateway.config().pool().size()
            + " in use, "
            + waiting()
            + " more waiting)",
        "raise gateway.pool.size, or find what holds transactions open with SHOW CLIENTS");
  }

  void pause() {
    paused = true;
    closeIdle();
  }

  void resume() {
    paused = false;
    meetNewcomers();
    serve();
  }

  boolean isPaused() {
    return paused;
  }

  /// New connections instead of those there are: idle ones at once, others when they come back.
  void recycle() {
    generation++;
    closeIdle();
  }

  private void closeIdle() {
    List<ServerLink> unused = List.copyOf(idle);
    idle.clear();
    unused.forEach(ServerLink::close);
  }

  /// The size may be another now.
  void resized() {
    grow();
  }

  /// True when there is no connection to the server, and none is on its way.
  boolean isEmpty() {
    return all.isEmpty() && connecting == 0;
  }

  /// Whether it has ever had a connection.
  boolean hasServed() {
    return parameters != null;
  }

  int idle() {
    return idle.size();
  }

  int size() {
    return all.size();
  }

  /// Those who log in too.
  int waiting() {
    return queue.size() + newcomers.size();
  }

  /// Those that are being looked at, or made as new.
  int inUpkeep() {
    return inUpkeep.size();
  }

  int connecting() {
    return connecting;
  }

  long longestWaitNanos(long now) {
    long client = queue.isEmpty() ? 0 : now - queue.getFirst().waitingSince();
    return Math.max(client, newcomers.longestWaitNanos(now));
  }

  /// Whether one of its connections has said that it has prepared that statement: another user, and
  /// another database, may be told something else about the same text.
  boolean knows(SharedStatement statement) {
    return all.stream().anyMatch(link -> link.prepared().isCertain(statement));
  }

  List<ServerLink> links() {
    return List.copyOf(all);
  }

  void closeAll() {
    links().forEach(ServerLink::close);
  }
}
