package dev.freshet.edge;

import dev.freshet.base.Time;
import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/// The client connections of one event loop: shares scratch memory among them and watches their
/// deadlines with one timer for all.
final class LoopConnections {
  private static final long SWEEP_MILLIS = 250;
  private final Set<Watched> watched = new LinkedHashSet<>();
  private final Ready ready = new Ready();
  private byte[] scratch = new byte[8_192];
  private long coarseNanos;
  private boolean draining;

  /// A connection with a deadline.
  interface Watched {
    /// Called on the loop several times a second.
    void check(long nanos);

    /// Finish what is under way, then close; idle ones soon.
    void drain();

    /// Close now.
    void kill();
  }

  LoopConnections(EventLoop loop, Time time) {
    coarseNanos = time.nanos();
    var _ =
        loop.scheduleWithFixedDelay(
            () -> sweep(time.nanos()), SWEEP_MILLIS, SWEEP_MILLIS, TimeUnit.MILLISECONDS);
  }

  private void sweep(long nanos) {
    coarseNanos = nanos;
    ready.sweep();
    for (Watched connection : List.copyOf(watched)) {
      connection.check(nanos);
    }
  }

  /// The time of the last look at the deadlines: at most a sweep old, good for setting one, and
  /// free.
  long coarseNanos() {
    return coarseNanos;
  }

  void add(Watched connection) {
    watched.add(connection);
    if (draining) {
      connection.drain();
    }
  }

  void remove(Watched connection) {
    watched.remove(connection);
  }

  List<Watched> all() {
    return new ArrayList<>(watched);
  }

  /// Drains all, and those that come later: a client accepted in the last moment, or one that turns
  /// out to speak HTTP/2.
  void drain() {
    draining = true;
    all().forEach(Watched::drain);
  }

  /// Closes all, for good.
  void kill() {
    all().forEach(Watched::kill);
    ready.close();
  }

  /// Answers that many of these connections are given.
  Ready ready() {
    return ready;
  }

  /// Memory for the moment, at least so large; valid until the caller returns to the loop.
  @SuppressWarnings("MutableMethodReturnType")
  byte[] scratch(int size) {
    if (scratch.length < size) {
      scratch = new byte[Math.max(size, scratch.length * 2)];
    }
    return scratch;
  }
}
