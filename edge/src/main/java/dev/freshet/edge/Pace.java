package dev.freshet.edge;

import dev.freshet.base.ByteSize;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/// How fast the content of a request comes. Who sends an octet now and then is never silent, and
/// would hold a connection to the app, and a worker of it, as long as it pleases him.
final class Pace {
  private final long grace;
  private final long rate;
  private long lookedAt;
  private long taking;
  private long octets;

  /// @param grace how long any pace does
  /// @param rate octets a second that are asked for on the average from then on, 0 for any
  Pace(Duration grace, ByteSize rate, long now) {
    this.grace = grace.toNanos();
    this.rate = rate.bytes();
    this.lookedAt = now;
  }

  void came(int more) {
    octets += more;
  }

  /// To be asked several times a second.
  ///
  /// @param isTaken false while content is left in the socket: that none comes is not the client's
  ///   fault
  boolean isTooSlow(long now, boolean isTaken) {
    if (isTaken) {
      taking += now - lookedAt;
    }
    lookedAt = now;
    return octets < TimeUnit.NANOSECONDS.toSeconds(taking - grace) * rate;
  }
}
