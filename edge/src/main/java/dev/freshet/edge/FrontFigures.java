package dev.freshet.edge;

import dev.freshet.base.Meters;
import dev.freshet.base.Time;
import io.netty.channel.Channel;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/// Counts a listener's connections and refusals, and lends its clock.
final class FrontFigures {
  private static final System.Logger LOG = System.getLogger("freshet.edge");
  private final Time time;
  private final Meters meters;
  private final AtomicInteger held = new AtomicInteger();
  private final AtomicInteger open = new AtomicInteger();
  private final AtomicLong windowsGrown = new AtomicLong();
  private final Meters.Counter accepted;
  private final Meters.Counter faults;

  FrontFigures(Time time, Meters meters) {
    this.time = time;
    this.meters = meters;
    accepted = meters.counter("freshet_edge_connections_total", "Client connections accepted");
    faults =
        meters.counter("freshet_edge_faults_total", "Internal faults that ended one connection");
    meters.gauge(
        "freshet_edge_connections", "Client connections now", Map.of(), () -> (double) open.get());
  }

  long nanos() {
    return time.nanos();
  }

  /// Counts a client from the first moment on, also while it has said nothing yet.
  void holds(Channel client) {
    held.incrementAndGet();
    client.closeFuture().addListener(closed -> held.decrementAndGet());
  }

  /// Clients that hold a connection.
  int held() {
    return held.get();
  }

  void opened() {
    open.incrementAndGet();
    accepted.increment();
  }

  void closed() {
    open.decrementAndGet();
  }

  /// Those of them that speak HTTP by now.
  int open() {
    return open.get();
  }

  /// What the receiving windows of all connections have grown by.
  AtomicLong windowsGrown() {
    return windowsGrown;
  }

  void refused(int status) {
    meters
        .counter(
            "freshet_edge_refused_total",
            "Requests refused before they were handled",
            Map.of("status", Integer.toString(status)))
        .increment();
  }

  void fault(Throwable cause) {
    faults.increment();
    LOG.log(System.Logger.Level.ERROR, "a connection was closed by an internal fault", cause);
  }

  /// An id for a refusal's page.
  String id() {
    return HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong());
  }
}
