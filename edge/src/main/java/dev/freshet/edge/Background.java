package dev.freshet.edge;

import dev.freshet.base.LowPriority;
import java.util.concurrent.PriorityBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/// Coding that nobody waits for: done with what the rest of the machine leaves, and refused when
/// too much of it waits.
final class Background implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger("freshet.edge");

  /// Octets of content that is being worked on, or waits, with nothing else to do: a dozen seconds
  /// of work.
  static final long MAX_IDLE_OCTETS = 4 << 20;

  private final int mostSoon;
  private final AtomicInteger soon = new AtomicInteger();
  private final AtomicLong idleOctets = new AtomicLong();
  private final AtomicLong order = new AtomicLong();
  private final ThreadPoolExecutor workers;

  /// @param mostSoon pieces of work that may wait
  Background(int threads, int mostSoon) {
    this.mostSoon = mostSoon;
    workers =
        new ThreadPoolExecutor(
            threads,
            threads,
            10,
            TimeUnit.SECONDS,
            new PriorityBlockingQueue<>(),
            LowPriority.threads("freshet-recoding"));
    workers.allowCoreThreadTimeOut(true);
  }

  /// @param isIdle only when nothing else waits
  private record Task(boolean isIdle, long number, Runnable work)
      implements Runnable, Comparable<Task> {
    @Override
    public int compareTo(Task other) {
      int byRank = Boolean.compare(isIdle, other.isIdle);
      return byRank != 0 ? byRank : Long.compare(number, other.number);
    }

    @Override
    public void run() {
      work.run();
    }
  }

  /// Does it when there is time; false when too much waits already.
  boolean soon(Runnable work) {
    if (soon.incrementAndGet() <= mostSoon && begin(false, () -> begun(work))) {
      return true;
    }
    soon.decrementAndGet();
    return false;
  }

  private void begun(Runnable work) {
    soon.decrementAndGet();
    work.run();
  }

  /// Does it when there is nothing else to do; false when too much waits already.
  ///
  /// @param octets of the content that is worked on
  boolean idle(long octets, Runnable work) {
    if (idleOctets.addAndGet(octets) <= MAX_IDLE_OCTETS && begin(true, () -> idled(octets, work))) {
      return true;
    }
    idleOctets.addAndGet(-octets);
    return false;
  }

  private void idled(long octets, Runnable work) {
    try {
      work.run();
    } finally {
      idleOctets.addAndGet(-octets);
    }
  }

  private boolean begin(boolean isIdle, Runnable work) {
    try {
      workers.execute(new Task(isIdle, order.incrementAndGet(), work));
      return true;
    } catch (RejectedExecutionException e) {
      LOG.log(System.Logger.Level.DEBUG, "closed", e);
      return false;
    }
  }

  /// Takes no more; what was taken is still done, but for what was to be done idly.
  void closeGracefully() {
    workers.getQueue().removeIf(task -> task instanceof Task one && one.isIdle());
    workers.shutdown();
  }

  /// Whether all that was taken is done, once closed.
  boolean awaitEnd(long many, TimeUnit of) throws InterruptedException {
    return workers.awaitTermination(many, of);
  }

  @Override
  public void close() {
    // Not interrupted: a native coder cut off in the middle would complain; what waits is dropped.
    workers.getQueue().clear();
    workers.shutdown();
  }
}
