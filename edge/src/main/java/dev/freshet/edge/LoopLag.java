package dev.freshet.edge;

import dev.freshet.base.Histogram;
import dev.freshet.base.Meters;
import dev.freshet.base.Time;
import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.EventExecutor;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// How late an event loop comes to what it had planned: everything that it serves is as late. Each
/// loop looks twice a second.
final class LoopLag {
  private static final long EVERY_NANOS = TimeUnit.MILLISECONDS.toNanos(500);
  private final EventExecutor loop;
  private final Time time;
  private final Histogram lags;

  private LoopLag(EventExecutor loop, Time time, Histogram lags) {
    this.loop = loop;
    this.time = time;
    this.lags = lags;
  }

  /// Watches every loop until it ends.
  static void watch(EventLoopGroup group, Time time, Meters meters) {
    Histogram lags =
        meters.latencies(
            "freshet_edge_loop_lag_seconds", "How late an event loop is at its work", Map.of());
    for (EventExecutor loop : group) {
      new LoopLag(loop, time, lags).plan();
    }
  }

  private void plan() {
    long due = time.nanos() + EVERY_NANOS;
    var _ =
        loop.schedule(
            () -> {
              lags.record(Math.max(0, time.nanos() - due));
              if (!loop.isShuttingDown()) {
                plan();
              }
            },
            EVERY_NANOS,
            TimeUnit.NANOSECONDS);
  }
}
