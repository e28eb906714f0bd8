package dev.freshet.gateway;

import dev.freshet.base.Meters;
import dev.freshet.base.Time;
import java.time.Duration;
import java.util.Map;

/// Faults that connections ended in: each is counted, and one a minute is told in full. A server or
/// client that breaks every connection must not fill the log.
final class Faults {
  private static final System.Logger LOG = System.getLogger("freshet.gateway");
  private static final long APART = Duration.ofMinutes(1).toNanos();

  private final Time time;
  private final Meters.Counter all;

  /// When the last was told, once one was.
  private long told;

  private boolean isFirst = true;

  /// Those since then.
  private long untold;

  Faults(Time time, Meters meters) {
    this.time = time;
    all =
        meters.counter(
            "freshet_gateway_faults_total",
            "Connections that ended in a fault: octets out of place, or an error of Freshet's own",
            Map.of());
  }

  /// Of any thread.
  synchronized void add(Throwable cause) {
    all.increment();
    long now = time.nanos();
    if (!isFirst && now - told < APART) {
      untold++;
      return;
    }
    String before = untold == 0 ? "" : " (" + untold + " more since the last that was told)";
    LOG.log(System.Logger.Level.WARNING, "a gateway connection ended in a fault" + before, cause);
    isFirst = false;
    told = now;
    untold = 0;
  }
}
