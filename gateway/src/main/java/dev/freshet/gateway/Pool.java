package dev.freshet.gateway;

import dev.freshet.pgwire.ErrorReport;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// The server connections of one user on one database, and the clients that wait for one: first
/// come, first served.
final class Pool {
  /// How long after a failed login the next attempt.
  private static final long RETRY_MILLIS = 500;

  /// How many idle ones are looked at for one with the client's settings.
  private static final int LOOK = 8;

  private final Gateway gateway;
  private final Who who;
  private final ServerCredentials credentials;
  private final Set<ServerLink> all = new LinkedHashSet<>();
  private final Deque<ServerLink> idle = new ArrayDeque<>();
  private final Deque<ClientSession> queue = new ArrayDeque<>();
  private final List<Welcome> newcomers = new ArrayList<>();
  private @Nullable Map<String, String> parameters;
  private int connecting;
  private boolean retryDue;
  private boolean paused;

  /// @param database on the server
  record Who(String user, String database) {
    @Override
    public String toString() {
      return user + "@" + database;
    }
  }

  /// Told what the server says of itself, or why it can't be reached.
  interface Welcome {
    void parameters(Map<String, String> parameters);

    void unreachable(ErrorReport why);
  }

  Pool(Gateway gateway, Who who, ServerCredentials credentials) {
    this.gateway = gateway;
    this.who = who;
    this.credentials = credentials;
  }

  Who who() {
    return who;
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
  void welcome(Welcome newcomer) {
    Map<String, String> known = parameters;
    if (known != null) {
      newcomer.parameters(known);
      return;
    }
    newcomers.add(newcomer);
    if (connecting == 0) {
      connect();
    }
  }

  // ---- clients ----

  void acquire(ClientSession client) {
    ServerLink free = paused || !queue.isEmpty() ? null : pick(client);
    if (free != null) {
      give(free, client);
      return;
    }
    queue.addLast(client);
    grow();
  }

  private @Nullable ServerLink pick(ClientSession client) {
    ServerLink last = client.lastLink();
    if (last != null && last.wasLastUsedBy(client) && idle.remove(last)) {
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
    long waited = gateway.time().nanos() - client.waitingSince();
    figures().checkedOut(waited);
    client.work().waited(waited);
    client.granted(link);
  }

  private void grow() {
    boolean isWanted = queue.size() > connecting && !retryDue && !paused;
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
    if (!link.park()) {
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
    if (isWornOut(link)) {
      link.close();
      return;
    }
    ClientSession next = paused ? null : queue.pollFirst();
    if (next == null) {
      idle.addFirst(link);
    } else {
      give(link, next);
    }
  }

  private boolean isWornOut(ServerLink link) {
    long age = gateway.time().nanos() - link.createdNanos();
    return age > gateway.config().pool().maxAge().toNanos();
  }

  /// The client is gone and held this.
  void abandoned(ServerLink link) {
    link.discard();
  }

  void leaveQueue(ClientSession client) {
    queue.remove(client);
  }

  // ---- the server ----

  private void connect() {
    connecting++;
    gateway.connect(
        this,
        credentials,
        new ServerLogin.Result() {
          @Override
          public void ready(ServerLink link) {
            connecting--;
            joined(link);
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
    parameters = new LinkedHashMap<>(link.parameters());
    List<Welcome> waiting = List.copyOf(newcomers);
    newcomers.clear();
    Map<String, String> told = link.parameters();
    offer(link);
    waiting.forEach(w -> w.parameters(told));
    grow();
  }

  private void refused(ErrorReport why) {
    List<Welcome> waiting = List.copyOf(newcomers);
    newcomers.clear();
    waiting.forEach(w -> w.unreachable(why));
    if (all.isEmpty()) {
      // Nobody is left who could serve them: better an answer than a wait.
      List<ClientSession> hopeless = List.copyOf(queue);
      queue.clear();
      hopeless.forEach(client -> client.denied(asError(why)));
      return;
    }
    retryDue = true;
    gateway.later(
        RETRY_MILLIS,
        () -> {
          retryDue = false;
          grow();
        });
  }

  private static ErrorReport asError(ErrorReport why) {
    return ErrorReport.error(why.sqlState(), why.message(), why.hint());
  }

  void lost(ServerLink link) {
    figures().serverLost();
    all.remove(link);
    idle.remove(link);
    grow();
  }

  void sendCancel(int pid, byte[] key, Runnable done) {
    gateway.sendCancel(pid, key, done);
  }

  // ---- upkeep ----

  void sweep(long nanos) {
    GatewayConfig.PoolConfig rules = gateway.config().pool();
    long patience = rules.queueTimeout().toNanos();
    while (!queue.isEmpty() && nanos - queue.getFirst().waitingSince() > patience) {
      ClientSession client = queue.removeFirst();
      figures().queueTimeout();
      client.denied(
          ErrorReport.error(
              "53300",
              "no server connection became free within "
                  + TimeUnit.NANOSECONDS.toMillis(patience)
                  + " ms (pool "
                  + who
                  + ": "
                  + (all.size() - idle.size())
                  + " of "
                  + rules.size()
                  + " in use, "
                  + queue.size()
                  + " more waiting)",
              "raise gateway.pool.size, or find what holds transactions open with SHOW CLIENTS"));
    }
    for (ServerLink link : List.copyOf(idle)) {
      boolean isUnused = nanos - link.idleSince() > rules.maxIdle().toNanos();
      if (isUnused || isWornOut(link)) {
        idle.remove(link);
        link.close();
      }
    }
  }

  void pause() {
    paused = true;
  }

  void resume() {
    paused = false;
    while (!queue.isEmpty() && !idle.isEmpty()) {
      give(idle.removeFirst(), queue.removeFirst());
    }
    grow();
  }

  boolean isPaused() {
    return paused;
  }

  /// New connections instead of those there are: idle ones at once, others when they come back.
  void recycle() {
    for (ServerLink link : List.copyOf(idle)) {
      idle.remove(link);
      link.close();
    }
  }

  boolean isQuiet() {
    return idle.size() == all.size();
  }

  int idle() {
    return idle.size();
  }

  int size() {
    return all.size();
  }

  int waiting() {
    return queue.size();
  }

  long longestWaitNanos(long now) {
    return queue.isEmpty() ? 0 : now - queue.getFirst().waitingSince();
  }

  List<ServerLink> links() {
    return List.copyOf(all);
  }

  void closeAll() {
    links().forEach(ServerLink::close);
  }
}
