package dev.freshet.assets;

import dev.freshet.base.LowPriority;
import java.util.concurrent.PriorityBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/// Work that nobody waits for: done by few threads of low priority, the most useful first, and
/// refused when too much of it waits; what is [Rank#IDLE] is counted for itself.
final class Backlog implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger("freshet.assets");
  private static final String THREAD = "freshet-refining";

  /// How soon it is done.
  enum Rank {
    SOON,
    LATER,
    /// When nothing else is to be done.
    IDLE
  }

  private final long mostOctets;
  private final int mostTasks;
  private final Share busy = new Share();
  private final Share idle = new Share();
  private final AtomicLong order = new AtomicLong();
  private final ThreadPoolExecutor workers;

  Backlog(int threads, int mostTasks, long mostOctets) {
    this(threads, mostTasks, mostOctets, true);
  }

  /// @param isYielding whether requests go before it
  Backlog(int threads, int mostTasks, long mostOctets, boolean isYielding) {
    this.mostTasks = mostTasks;
    this.mostOctets = mostOctets;
    workers =
        new ThreadPoolExecutor(
            threads,
            threads,
            10,
            TimeUnit.SECONDS,
            new PriorityBlockingQueue<>(),
            isYielding
                ? LowPriority.threads(THREAD)
                : Thread.ofPlatform().name(THREAD).daemon().factory());
    workers.allowCoreThreadTimeOut(true);
  }

  /// What waits until nothing else does may pile up for long, so it has room of its own.
  private static final class Share {
    final AtomicLong octets = new AtomicLong();
    final AtomicInteger waiting = new AtomicInteger();
  }

  private Share share(Rank rank) {
    return rank == Rank.IDLE ? idle : busy;
  }

  private final class Task implements Runnable, Comparable<Task> {
    private final Rank rank;
    private final long number = order.incrementAndGet();
    private final long holds;
    private final Runnable work;

    Task(Rank rank, long holds, Runnable work) {
      this.rank = rank;
      this.holds = holds;
      this.work = work;
    }

    @Override
    public int compareTo(Task other) {
      int byRank = rank.compareTo(other.rank);
      return byRank != 0 ? byRank : Long.compare(number, other.number);
    }

    @Override
    public void run() {
      share(rank).waiting.decrementAndGet();
      try {
        work.run();
      } catch (RuntimeException | Error e) {
        LOG.log(System.Logger.Level.ERROR, "a better form ended in an internal fault", e);
      } finally {
        share(rank).octets.addAndGet(-holds);
      }
    }
  }

  /// @param holds octets that the work keeps from being forgotten
  /// @return false when too much waits already
  boolean add(Rank rank, long holds, Runnable work) {
    Share share = share(rank);
    int waiting = share.waiting.incrementAndGet();
    long held = share.octets.addAndGet(holds);
    if (waiting <= mostTasks && held <= mostOctets) {
      try {
        workers.execute(new Task(rank, holds, work));
        return true;
      } catch (RejectedExecutionException e) {
        LOG.log(System.Logger.Level.DEBUG, "closed", e);
      }
    }
    share.waiting.decrementAndGet();
    share.octets.addAndGet(-holds);
    return false;
  }

  /// Whether more of that rank would be taken.
  boolean hasRoom(Rank rank) {
    Share share = share(rank);
    return share.waiting.get() < mostTasks && share.octets.get() < mostOctets;
  }

  /// Whether nothing is done, and nothing waits.
  boolean isIdle() {
    return busy.octets.get() == 0 && idle.octets.get() == 0;
  }

  int waiting() {
    return workers.getQueue().size();
  }

  @Override
  public void close() {
    // Not interrupted: a native encoder can't be; what waits is dropped.
    workers.getQueue().clear();
    workers.shutdown();
    try {
      boolean isDone = workers.awaitTermination(2, TimeUnit.SECONDS);
      LOG.log(System.Logger.Level.DEBUG, "the last better form is done: {0}", isDone);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
