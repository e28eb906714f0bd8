package dev.freshet.edge;

import dev.freshet.base.Meters;
import dev.freshet.base.Time;
import dev.freshet.http.FieldName;
import dev.freshet.http.RequestHead;
import io.netty.channel.EventLoop;
import java.net.InetAddress;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/// One server behind the edge: its pools (one an event loop), what is under way to it, its health.
///
/// Used from every loop at once.
final class Origin {
  private final OriginUrl url;
  private final OriginConfig config;
  private final Time time;
  private final OriginHealth health;
  private final Gate gate;
  private final OriginConnector connector;

  /// For requests that may go on in another protocol: HTTP/2 has no such offers (RFC 9113, section
  /// 8.6).
  private final OriginConnector switching;

  private final OriginFigures figures;
  private final Map<Use, OriginPool> pools = new ConcurrentHashMap<>();
  private final AtomicInteger connections = new AtomicInteger();
  private final AtomicInteger active = new AtomicInteger();
  private final AtomicLong windowsGrown = new AtomicLong();
  private volatile boolean closing;

  /// What a pool is for.
  ///
  /// @param switches its connections are for requests that may go on in another protocol
  private record Use(EventLoop loop, boolean switches) {}

  Origin(OriginUrl url, OriginConfig config, Time time, Meters meters) {
    this.url = url;
    this.config = config;
    this.time = time;
    this.health = new OriginHealth(config.health(), config.origins().size() == 1, time);
    this.gate = new Gate(config.admission(), time);
    OriginNames names = new OriginNames(url.address().host(), time, InetAddress::getAllByName);
    this.connector = connector(names, config.protocol());
    this.switching =
        connector.maySpeakHttp2() ? connector(names, OriginConfig.Protocol.HTTP1) : connector;
    this.figures = OriginFigures.of(meters, this);
  }

  private OriginConnector connector(OriginNames names, OriginConfig.Protocol protocol) {
    OriginTls tls = url.isSecure() ? new OriginTls(config, url, protocol) : null;
    return new OriginConnector(this, names, tls, protocol);
  }

  OriginUrl url() {
    return url;
  }

  OriginConfig config() {
    return config;
  }

  Time time() {
    return time;
  }

  OriginHealth health() {
    return health;
  }

  Gate gate() {
    return gate;
  }

  OriginFigures figures() {
    return figures;
  }

  /// Value of `Host` or `:authority` for a request.
  String hostFor(RequestHead head) {
    boolean own = config.hostHeader() == OriginConfig.HostHeader.ORIGIN;
    return own || head.authority().isEmpty() ? url.authority() : head.authority();
  }

  /// Counts and describes a failure.
  UpstreamFailure failure(UpstreamFailure.Kind kind, String what, boolean retryable) {
    Meters.Counter counter = figures.failures().get(kind);
    if (counter != null) {
      counter.increment();
    }
    return new UpstreamFailure(kind, "origin " + url + ": " + what, retryable);
  }

  /// The pool of a loop for a request; to be used on that loop only.
  OriginPool pool(EventLoop loop, RequestHead head) {
    boolean mustSwitch = connector != switching && head.fields().has(FieldName.UPGRADE);
    OriginConnector made = mustSwitch ? switching : connector;
    Use use = new Use(loop, mustSwitch);
    OriginPool pool = pools.get(use);
    if (pool == null) {
      pool = pools.computeIfAbsent(use, u -> new OriginPool(this, loop, made));
      if (closing) {
        pool.closeGracefully();
      }
    }
    return pool;
  }

  /// A request begins.
  void begin() {
    active.incrementAndGet();
  }

  /// A request is over.
  void done() {
    active.decrementAndGet();
  }

  /// Requests under way.
  int active() {
    return active.get();
  }

  int connections() {
    return connections.get();
  }

  /// What the receiving windows of all HTTP/2 connections have grown by.
  AtomicLong windowsGrown() {
    return windowsGrown;
  }

  /// Counts a connection about to be opened; false when there are as many as may be.
  boolean reserve() {
    int max = config.pool().connectionsMax();
    int now = connections.get();
    while (now < max) {
      if (connections.compareAndSet(now, now + 1)) {
        return true;
      }
      now = connections.get();
    }
    return false;
  }

  /// A connection is closed or was not opened; another loop may have waited for that.
  void release() {
    connections.decrementAndGet();
    for (OriginPool pool : pools.values()) {
      if (pool.isHungry()) {
        pool.loop().execute(pool::openMore);
      }
    }
  }

  /// True while some loop waits for room to open a connection.
  boolean isRoomWanted() {
    if (connections.get() < config.pool().connectionsMax()) {
      return false;
    }
    for (OriginPool pool : pools.values()) {
      if (pool.isHungry()) {
        return true;
      }
    }
    return false;
  }

  /// Has another loop close an idle connection.
  void askForRoom(OriginPool asker) {
    for (OriginPool pool : pools.values()) {
      if (pool != asker && pool.idleCount() > 0) {
        pool.loop().execute(pool::yieldOne);
        return;
      }
    }
  }

  /// Closes what is idle now, and everything else when its call is over.
  void closeGracefully() {
    closing = true;
    for (OriginPool pool : pools.values()) {
      pool.loop().execute(pool::closeGracefully);
    }
  }

  /// Figures of this moment, for the console.
  Map<String, Object> describe() {
    Map<String, Object> out = new LinkedHashMap<>();
    out.put("url", url.toString());
    out.put("state", health.state().name().toLowerCase(Locale.ROOT));
    out.put("active", active());
    out.put("connections", connections());
    if (config.admission().limited()) {
      out.put("limit", gate.limit());
    }
    out.put("taken", gate.taken());
    out.put("waiting", gate.waiting());
    out.put("connects", figures.connects().sum());
    out.put("retries", figures.retries().sum());
    Map<String, Long> failures = new LinkedHashMap<>();
    figures
        .failures()
        .forEach((kind, counter) -> {
          if (counter.sum() > 0) {
            failures.put(kind.name().toLowerCase(Locale.ROOT), counter.sum());
          }
        });
    out.put("failures", failures);
    out.put("p50Millis", figures.answers().quantileNanos(0.5) / 1e6);
    out.put("p99Millis", figures.answers().quantileNanos(0.99) / 1e6);
    return out;
  }
}
