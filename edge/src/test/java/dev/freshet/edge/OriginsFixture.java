package dev.freshet.edge;

import dev.freshet.base.Meters;
import dev.freshet.base.Time;
import dev.freshet.testkit.ScriptedOrigin;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.nio.NioIoHandler;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/// Two event loops and what was opened on them, for one test.
final class OriginsFixture implements AutoCloseable {
  private final MultiThreadIoEventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(
          2, Epoll.isAvailable() ? EpollIoHandler.newFactory() : NioIoHandler.newFactory());
  final EventLoop loop = loops.next();
  final EventLoop otherLoop = loops.next();
  final Meters meters = new Meters();

  static OriginConfig config(ScriptedOrigin... origins) {
    return OriginConfig.defaults(
        Arrays.stream(origins).map(o -> OriginUrl.parse(o.url())).toList());
  }

  static OriginConfig config(String... urls) {
    return OriginConfig.defaults(Arrays.stream(urls).map(OriginUrl::parse).toList());
  }

  /// The same with every wait so short, for a fake clock whose ticks come often.
  static OriginConfig.Waits waits(Duration each) {
    return new OriginConfig.Waits(Duration.ofSeconds(2), each, each, each, each);
  }

  static OriginConfig with(OriginConfig c, OriginConfig.Pool pool) {
    return new OriginConfig(
        c.origins(),
        c.protocol(),
        c.hostHeader(),
        pool,
        c.waits(),
        c.tries(),
        c.admission(),
        c.health(),
        c.tls());
  }

  static OriginConfig with(OriginConfig c, OriginConfig.Waits waits) {
    return new OriginConfig(
        c.origins(),
        c.protocol(),
        c.hostHeader(),
        c.pool(),
        waits,
        c.tries(),
        c.admission(),
        c.health(),
        c.tls());
  }

  static OriginConfig with(OriginConfig c, OriginConfig.Admission admission) {
    return new OriginConfig(
        c.origins(),
        c.protocol(),
        c.hostHeader(),
        c.pool(),
        c.waits(),
        c.tries(),
        admission,
        c.health(),
        c.tls());
  }

  static OriginConfig with(OriginConfig c, OriginConfig.Health health) {
    return new OriginConfig(
        c.origins(),
        c.protocol(),
        c.hostHeader(),
        c.pool(),
        c.waits(),
        c.tries(),
        c.admission(),
        health,
        c.tls());
  }

  static OriginConfig with(OriginConfig c, OriginConfig.Protocol protocol, OriginConfig.Tls tls) {
    return new OriginConfig(
        c.origins(),
        protocol,
        c.hostHeader(),
        c.pool(),
        c.waits(),
        c.tries(),
        c.admission(),
        c.health(),
        tls);
  }

  Origins open(OriginConfig config) {
    return open(config, Time.system());
  }

  Origins open(OriginConfig config, Time time) {
    return Origins.open(config, loops, time, meters);
  }

  Origins open(ScriptedOrigin... origins) {
    return open(config(origins));
  }

  MultiThreadIoEventLoopGroup loops() {
    return loops;
  }

  /// Sum of a counter over its labels.
  long count(String name) {
    return meters.all().stream()
        .filter(m -> m.id().name().equals(name))
        .mapToLong(m -> m instanceof Meters.Counter c ? c.sum() : 0)
        .sum();
  }

  /// Value of a gauge, summed over its labels.
  double gauge(String name) {
    return meters.all().stream()
        .filter(m -> m.id().name().equals(name))
        .mapToDouble(m -> m instanceof Meters.Gauge g ? g.value().getAsDouble() : 0)
        .sum();
  }

  /// Looks again and again, for ten seconds at most.
  void awaitThat(BooleanSupplier condition) {
    long end = Time.system().nanos() + TimeUnit.SECONDS.toNanos(10);
    while (!condition.getAsBoolean()) {
      if (Time.system().nanos() > end) {
        throw new AssertionError("waited in vain");
      }
      LockSupport.parkNanos(200_000);
    }
  }

  /// Waits as long as a pool with the shortest waits takes to look at its connections.
  void nextTick() {
    loop.schedule(() -> {}, 6, TimeUnit.MILLISECONDS).awaitUninterruptibly(10, TimeUnit.SECONDS);
  }

  /// Waits until both loops have done all that was ready.
  void settle() {
    for (EventLoop each : List.of(loop, otherLoop)) {
      each.submit(() -> {}).awaitUninterruptibly(10, TimeUnit.SECONDS);
    }
  }

  @Override
  public void close() {
    loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly(10, TimeUnit.SECONDS);
  }
}
