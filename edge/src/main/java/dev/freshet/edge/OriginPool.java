package dev.freshet.edge;

import dev.freshet.edge.UpstreamFailure.Kind;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/* The connections of one event loop to one origin.
 *
 * Everything here runs on that loop, so nothing is locked; only `hungry` and `idleCount` are
 * looked at by others. HTTP/1.1 connections wait in a stack: the one used last is used next, since
 * it is the least likely to be stale, and the others can grow old and go. Requests that find none
 * wait first come first served, and each makes one connection be opened; whichever is free first,
 * the new one or a returned one, takes the next.
 *
 * The limit of connections is the origin's, over all loops. A loop that may not open another one
 * asks the others to close one that is idle.
 */

/// A pool of connections of one event loop to one origin.
final class OriginPool implements OriginConnector.Opening {
  private static final int LOOKS_PER_LIMIT = 10;

  private final Origin origin;
  private final EventLoop loop;
  private final OriginConnector connector;
  private final OriginConfig config;
  private final byte[] scratch;
  private final long tickNanos;
  private final List<Http1Origin> open = new ArrayList<>();
  private final ArrayDeque<Http1Origin> idle = new ArrayDeque<>();
  private final List<Http2Origin> shared = new ArrayList<>(2);
  private final WaitingCalls waiting = new WaitingCalls();
  private int connecting;
  private boolean speaksHttp2;
  private boolean closing;
  private volatile boolean hungry;
  private volatile int idleCount;
  private @Nullable ScheduledFuture<?> ticker;

  OriginPool(Origin origin, EventLoop loop, OriginConnector connector) {
    this.origin = origin;
    this.loop = loop;
    this.connector = connector;
    this.config = origin.config();
    this.scratch = new byte[config.tries().headMax()];
    this.tickNanos = tick(config);
    this.speaksHttp2 = connector.maySpeakHttp2();
  }

  /// A tenth of the shortest time-out: precise enough, and nearly free.
  private static long tick(OriginConfig config) {
    OriginConfig.Waits waits = config.waits();
    long shortest = config.pool().idle().toNanos();
    shortest = Math.min(shortest, waits.connection().toNanos());
    shortest = Math.min(shortest, waits.response().toNanos());
    shortest = Math.min(shortest, waits.idle().toNanos());
    shortest = Math.min(shortest, waits.tunnel().toNanos());
    return Math.clamp(
        shortest / LOOKS_PER_LIMIT, TimeUnit.MILLISECONDS.toNanos(5), TimeUnit.SECONDS.toNanos(1));
  }

  Origin origin() {
    return origin;
  }

  OriginConfig config() {
    return config;
  }

  EventLoop loop() {
    return loop;
  }

  /// Room for one response head, used by one reader at a time.
  @SuppressWarnings("MutableMethodReturnType")
  byte[] scratch() {
    return scratch;
  }

  long now() {
    return origin.time().nanos();
  }

  /// Finds a connection for a call, now or later.
  ///
  /// @param fresh true to take none from the stack: they may be as stale as the last
  void acquire(OriginCall call, boolean fresh) {
    for (Http2Origin connection : shared) {
      if (connection.hasRoom()) {
        connection.begin(call);
        return;
      }
    }
    Http1Origin connection = fresh ? null : takeIdle();
    if (connection != null) {
      connection.begin(call);
    } else if (waiting.size() >= config.pool().waitingMax()) {
      String what = waiting.size() + " requests wait for a connection already";
      UpstreamFailure failure = origin.failure(Kind.OVERLOADED, what, true);
      loop.execute(() -> call.lost(failure, false, false));
    } else {
      call.waitingSince(now());
      waiting.add(call);
      startTicking();
      openMore();
    }
  }

  /// Forgets a call that waits.
  void leave(OriginCall call) {
    waiting.remove(call);
    hungry &= !waiting.isEmpty();
  }

  private @Nullable Http1Origin takeIdle() {
    while (true) {
      Http1Origin connection = idle.pollFirst();
      if (connection == null) {
        return null;
      }
      idleCount = idle.size();
      connection.idle(false);
      if (connection.isUsable()) {
        return connection;
      }
    }
  }

  /// Opens as many connections as are wanted and allowed.
  void openMore() {
    while (connecting < wanted()) {
      if (!origin.reserve()) {
        hungry = true;
        origin.askForRoom(this);
        return;
      }
      connecting++;
      connector.connect(loop, this);
    }
    hungry = false;
  }

  private int wanted() {
    if (!speaksHttp2) {
      return waiting.size();
    }
    int usable = 0;
    for (Http2Origin connection : shared) {
      usable += connection.isRetired() ? 0 : 1;
    }
    return waiting.isEmpty() || usable >= config.pool().http2ConnectionsMax() ? 0 : 1;
  }

  @Override
  public void opened(Channel channel, boolean http2) {
    if (!channel.isActive()) {
      refused(origin.failure(Kind.CONNECTION_LOST, "closed as soon as it was open", true));
      return;
    }
    connecting--;
    startTicking();
    speaksHttp2 = http2;
    if (http2) {
      Http2Origin connection = new Http2Origin(this, channel);
      shared.add(connection);
      connection.start();
    } else {
      Http1Origin connection = new Http1Origin(this, channel, origin.url().isSecure());
      channel.pipeline().addLast(connection);
      open.add(connection);
      release(connection);
    }
    serveShared();
    openMore();
  }

  @Override
  public void refused(UpstreamFailure failure) {
    connecting--;
    origin.release();
    // Those that have no connection on the way to hope for share the failure.
    int surplus = speaksHttp2 ? waiting.size() : Math.max(1, waiting.size() - connecting);
    List<OriginCall> failed = new ArrayList<>();
    OriginCall next = surplus > 0 ? waiting.poll() : null;
    while (next != null) {
      failed.add(next);
      next = failed.size() < surplus ? waiting.poll() : null;
    }
    failed.forEach(call -> call.lost(failure, false, false));
    openMore();
  }

  /// Takes a connection back whose response and request are complete.
  void release(Http1Origin connection) {
    OriginCall next = waiting.poll();
    if (next != null) {
      connection.begin(next);
    } else if (closing || connection.isTooOld(now()) || origin.isRoomWanted()) {
      connection.close();
    } else {
      connection.idle(true);
      idle.addFirst(connection);
      idleCount = idle.size();
    }
  }

  /// Called by a connection when it has ended.
  void closed(Http1Origin connection) {
    open.remove(connection);
    if (connection.isIdle()) {
      idle.remove(connection);
      idleCount = idle.size();
    }
    roomFreed();
  }

  /// Called by a connection when it has ended.
  void closed(Http2Origin connection) {
    shared.remove(connection);
    roomFreed();
  }

  private void roomFreed() {
    origin.release();
    openMore();
  }

  /// A stream has ended, or more are allowed.
  void serveShared() {
    for (Http2Origin connection : List.copyOf(shared)) {
      OriginCall next = connection.hasRoom() ? waiting.poll() : null;
      while (next != null) {
        connection.begin(next);
        next = connection.hasRoom() ? waiting.poll() : null;
      }
    }
  }

  boolean isHungry() {
    return hungry;
  }

  int idleCount() {
    return idleCount;
  }

  /// Closes the connection that has been idle longest, for another loop's sake.
  void yieldOne() {
    Http1Origin eldest = idle.peekLast();
    if (eldest != null) {
      eldest.close();
    }
  }

  /// Keeps no connection beyond its present call from now on.
  void closeGracefully() {
    closing = true;
    List.copyOf(idle).forEach(Http1Origin::close);
    List.copyOf(shared).forEach(Http2Origin::closeGracefully);
  }

  boolean isClosing() {
    return closing;
  }

  private void startTicking() {
    if (ticker == null) {
      ticker = loop.scheduleWithFixedDelay(this::tick, tickNanos, tickNanos, TimeUnit.NANOSECONDS);
    }
  }

  private void tick() {
    long now = now();
    for (int i = open.size() - 1; i >= 0; i--) {
      open.get(i).checkTime(now);
    }
    for (int i = shared.size() - 1; i >= 0; i--) {
      shared.get(i).checkTime(now);
    }
    long limit = config.waits().connection().toNanos();
    OriginCall late = waiting.pollLate(now, limit);
    while (late != null) {
      String what = "no connection was free within " + config.waits().connection().toMillis();
      late.lost(origin.failure(Kind.OVERLOADED, what + " ms", true), false, false);
      late = waiting.pollLate(now, limit);
    }
    if (open.isEmpty() && shared.isEmpty() && waiting.isEmpty() && ticker != null) {
      ticker.cancel(false);
      ticker = null;
    }
  }
}
