package dev.freshet.edge;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/// A short wait for something that is on its way: it ends when that is there, and in time at the
/// latest.
final class Moment {
  private boolean isOver;

  private Moment() {}

  /// Goes on once, on the loop.
  static void await(CompletableFuture<Void> what, long millis, EventLoop loop, Runnable then) {
    Moment one = new Moment();
    Runnable end =
        () -> {
          if (!one.isOver) {
            one.isOver = true;
            then.run();
          }
        };
    ScheduledFuture<?> late = loop.schedule(end, millis, TimeUnit.MILLISECONDS);
    var _ =
        what.whenComplete((nothing, failure) ->
            loop.execute(() -> {
              late.cancel(false);
              end.run();
            }));
  }
}
