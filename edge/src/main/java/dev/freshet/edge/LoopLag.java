package dev.freshet.edge;

import dev.freshet.base.Histogram;
import dev.freshet.base.Meters;
import dev.freshet.base.Time;
import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.EventExecutor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// How late an event loop comes to what it had planned: everything that it serves is as late. Each
/// loop looks ten times a second.
///
/// A loop that has very much to do does not come to look at all for a while, which is when it
/// matters most: how long a look is overdue can be asked from outside at any moment.
final class LoopLag {
  private static final long EVERY_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
  private final EventExecutor loop;
  private final Time time;
  private final Histogram lags;

  /// When it is to look next.
  private volatile long due;

  private LoopLag(EventExecutor loop, Time time, Histogram lags) {
    this.loop = loop;
    this.time = time;
    this.lags = lags;
    this.due = time.nanos() + EVERY_NANOS;
  }

  /// Watches every loop until it ends.
  static void watch(EventLoopGroup group, Time time, Meters meters) {
    Histogram lags =
        meters.latencies(
            "freshet_edge_loop_lag_seconds", "How late an event loop is at its work", Map.of());
    List<LoopLag> all = new ArrayList<>();
    for (EventExecutor loop : group) {
      LoopLag watched = new LoopLag(loop, time, lags);
      all.add(watched);
      watched.plan();
    }
    meters.gauge(
        "freshet_edge_loop_overdue_seconds",
        "How late the latest event loop is that has not come to its work yet",
        Map.of(),
        () -> all.stream().mapToLong(LoopLag::overdue).max().orElse(0) / 1e9);
  }

  private long overdue() {
    return Math.max(0, time.nanos() - due);
  }

  private void plan() {
    long planned = time.nanos() + EVERY_NANOS;
    due = planned;
    var _ =
        loop.schedule(
            () -> {
              lags.record(Math.max(0, time.nanos() - planned));
              if (!loop.isShuttingDown()) {
                plan();
              }
            },
            EVERY_NANOS,
            TimeUnit.NANOSECONDS);
  }
}
