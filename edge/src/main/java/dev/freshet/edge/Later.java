package dev.freshet.edge;

import io.netty.channel.EventLoopGroup;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/// Takes a step once more a little later, for those who found the app busy: once, however many ask
/// for it meanwhile.
final class Later {
  private static final long MILLIS = 50;

  private final EventLoopGroup loops;
  private final Runnable step;
  private final AtomicBoolean comes = new AtomicBoolean();

  /// @param step taken on some event loop
  Later(EventLoopGroup loops, Runnable step) {
    this.loops = loops;
    this.step = step;
  }

  void comeAgain() {
    if (!comes.compareAndSet(false, true)) {
      return;
    }
    try {
      var _ = loops.next().schedule(this::come, MILLIS, TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      // The loops are being closed, and nothing will come again.
      comes.set(true);
    }
  }

  private void come() {
    comes.set(false);
    step.run();
  }
}
