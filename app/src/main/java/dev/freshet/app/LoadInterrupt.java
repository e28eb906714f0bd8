package dev.freshet.app;

import dev.freshet.load.Generator;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// Ctrl-C while a generator is at work: it stops, and the program ends when what there is until
/// then has been told, which is when this is closed.
final class LoadInterrupt implements AutoCloseable {
  private final CountDownLatch told = new CountDownLatch(1);
  private final Thread hook;

  /// @param patience of the visitors, whose last answers are still waited for
  LoadInterrupt(Generator generator, Duration patience) {
    hook = new Thread(() -> stop(generator, patience), "freshet-load-stop");
    Runtime.getRuntime().addShutdownHook(hook);
  }

  private void stop(Generator generator, Duration patience) {
    generator.stop();
    try {
      var _ = told.await(patience.toMillis() + 5_000, TimeUnit.MILLISECONDS);
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
