package dev.freshet.edge;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// A request's turn at an origin, from when it is asked for until the answer begins. What changes
/// belongs to the [Gate] and its lock, but for the alarm, which is the loop's.
final class Turn {
  /// Where it stands.
  enum State {
    WAITING,
    /// The app is at it.
    TAKEN,
    /// Let through, but the client has not sent all of its content yet: the app can't be at it.
    LENT,
    OVER
  }

  private final EventLoop loop;
  private final Runnable go;
  private final boolean ahead;
  State state = State.WAITING;
  long beganNanos;
  int generation;

  /// Whether it does come before those of others, not only might.
  boolean isFirst;

  /// Whether nobody waits for its answer.
  boolean isAtLeisure;

  private @Nullable ScheduledFuture<?> alarm;

  /// @param ahead whether it may come before those of others
  /// @param go what to do, on the loop, when it comes after a wait
  Turn(EventLoop loop, boolean ahead, Runnable go) {
    this.loop = loop;
    this.ahead = ahead;
    this.go = go;
  }

  boolean isAhead() {
    return ahead;
  }

  /// It has come.
  void call() {
    loop.execute(go);
  }

  /// Does something on the loop after so long.
  void later(Runnable what, long nanos) {
    var _ = loop.schedule(what, nanos, TimeUnit.NANOSECONDS);
  }

  /// Has something done when it has not come by then; on the loop.
  void alarm(ScheduledFuture<?> set) {
    alarm = set;
  }

  void disarm() {
    if (alarm != null) {
      alarm.cancel(false);
      alarm = null;
    }
  }
}
