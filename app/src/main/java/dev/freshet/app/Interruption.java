package dev.freshet.app;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// Ctrl-C while a command is at work: the work is ended, and the program when what there is until
/// then has been told, which is when this is closed.
final class Interruption implements AutoCloseable {
  /// As long as an admin API is waited for.
  private static final Duration TELLING = Duration.ofSeconds(30);

  private final CountDownLatch told = new CountDownLatch(1);
  private final Thread hook;

  /// @param stop ends the work; does not wait
  /// @param underWay what is still waited for takes so long at most, before there is all to tell
  Interruption(Runnable stop, Duration underWay) {
    hook = new Thread(() -> end(stop, underWay.plus(TELLING)), "freshet-interrupted");
    Runtime.getRuntime().addShutdownHook(hook);
  }

  private void end(Runnable stop, Duration most) {
    stop.run();
    try {
      var _ = told.await(most.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    told.countDown();
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // It is at work: the program is being ended.
      System.getLogger("freshet.app").log(System.Logger.Level.DEBUG, "ending", e);
    }
  }
}
