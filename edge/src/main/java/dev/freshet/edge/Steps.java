package dev.freshet.edge;

import io.netty.channel.EventLoop;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The steps in which an answer is made, on its client's event loop and beside it.
///
/// One that breaks must not leave a client waiting for ever, nor tear down what called it: that
/// answer ends, and nothing else.
final class Steps {
  private final EventLoop loop;
  private final Compression workers;
  private final Consumer<Throwable> broken;
  private int underWay;
  private boolean stopped;
  private Runnable afterwards = () -> {};

  /// @param broken told on the loop what a step threw
  Steps(EventLoop loop, Compression workers, Consumer<Throwable> broken) {
    this.loop = loop;
    this.workers = workers;
    this.broken = broken;
  }

  /// Nobody waits any more: what comes from beside the loop is dropped.
  ///
  /// @param then run when nothing is at work there any longer, at once where nothing is
  void stop(Runnable then) {
    stopped = true;
    afterwards = then;
    if (underWay == 0) {
      then.run();
    }
  }

  /// Something has come from beside the loop.
  private void back(Runnable step) {
    underWay--;
    take(step);
    if (stopped && underWay == 0) {
      afterwards.run();
    }
  }

  /// Takes a step now, on the loop.
  void take(Runnable step) {
    if (stopped) {
      return;
    }
    try {
      step.run();
    } catch (RuntimeException | Error e) {
      broken.accept(e);
    }
  }

  /// Does what takes long beside the loop, and goes on with it there.
  ///
  /// @param noRoom instead, when too much waits already
  <T> void aside(Supplier<T> work, Consumer<T> then, Runnable noRoom) {
    underWay++;
    boolean isAccepted =
        workers.forWhoWaits(() -> {
          try {
            T done = work.get();
            loop.execute(() -> back(() -> then.accept(done)));
          } catch (RuntimeException | Error e) {
            loop.execute(() -> back(() -> broken.accept(e)));
          }
        });
    if (!isAccepted) {
      back(noRoom);
    }
  }

  /// Goes on with what is there or comes.
  ///
  /// @param noRoom instead, when it failed for want of room
  <T> void with(CompletableFuture<T> coming, Consumer<T> then, Runnable noRoom) {
    underWay++;
    if (coming.isDone()) {
      coming.whenComplete((done, failure) -> go(done, failure, then, noRoom));
    } else {
      coming.whenComplete((done, failure) -> loop.execute(() -> go(done, failure, then, noRoom)));
    }
  }

  private <T> void go(T done, @Nullable Throwable failure, Consumer<T> then, Runnable noRoom) {
    back(() -> {
      if (failure == null) {
        then.accept(done);
      } else if (failure instanceof RejectedExecutionException) {
        noRoom.run();
      } else {
        broken.accept(failure);
      }
    });
  }
}
