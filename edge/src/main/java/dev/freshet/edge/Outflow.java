package dev.freshet.edge;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOutboundBuffer;
import java.time.Duration;

/// Tells a client that takes its response slowly from one that takes nothing at all.
final class Outflow {
  private long waiting;
  private long progress;
  private int piece;
  private long movedAt;

  /// Looks at what waits to be sent; to be called several times within the limit.
  ///
  /// @return true when something waits and none of it has left for so long
  boolean isStalled(Channel channel, long nanos, Duration limit) {
    ChannelOutboundBuffer buffer = channel.unsafe().outboundBuffer();
    long waits = buffer == null ? 0 : buffer.totalPendingWriteBytes();
    long gone = buffer == null ? 0 : buffer.currentProgress();
    int current = buffer == null ? 0 : System.identityHashCode(buffer.current());
    if (waits == 0 || waits != waiting || gone != progress || current != piece) {
      movedAt = nanos;
    }
    waiting = waits;
    progress = gone;
    piece = current;
    return nanos - movedAt > limit.toNanos();
  }

  /// Whether something waited when it last looked.
  boolean isWaiting() {
    return waiting > 0;
  }
}
