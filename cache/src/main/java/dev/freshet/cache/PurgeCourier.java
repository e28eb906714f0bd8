package dev.freshet.cache;

import dev.freshet.base.Time;
import io.lettuce.core.RedisException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/// Brings this node's purges to the second tier, in their order and until each has arrived; keeps
/// the connection and the node's place in the sequence up to date, and probes.
final class PurgeCourier implements AutoCloseable {
  private static final long ROUND_MILLIS = 500;
  private static final Duration PATIENCE = Duration.ofSeconds(2);
  private static final Duration AGAIN = Duration.ofMinutes(10);
  private static final int CLOSING_ROUNDS = 50;

  private static final int MAX_STAMPS = 50_000;
  private static final int MAX_PREFIXES = 64;

  private final RedisLink link;
  private final Positions positions;
  private final Breaker breaker;
  private final Time time;
  private final Duration budget;
  private final int maxPending;
  private final byte[] node;
  private final Deque<Parcel> waiting = new ArrayDeque<>();
  private final Deque<Sent> sent = new ArrayDeque<>();
  private final Semaphore news = new Semaphore(0);
  private final Thread thread;
  private volatile boolean attached;
  private boolean closed;

  /// A purge on its way, standing for so many announced ones.
  private record Parcel(Purge purge, int count, CompletableFuture<Noted> heard) {}

  private record Sent(Purge purge, long nanos) {}

  PurgeCourier(
      RedisLink link, Positions positions, Breaker breaker, Time time, SecondTierConfig config) {
    this.link = link;
    this.positions = positions;
    this.breaker = breaker;
    this.time = time;
    this.budget = config.budget();
    this.maxPending = config.maxPending();
    this.node = RedisLink.octets(Long.toHexString(ThreadLocalRandom.current().nextLong()));
    this.thread = Thread.ofVirtual().name("second-tier-purges").unstarted(this::rounds);
  }

  void start() {
    thread.start();
  }

  byte[] node() {
    return node.clone();
  }

  /// True while the connection holds and the last look at the sequence succeeded.
  boolean isAttached() {
    return attached && link.isUp();
  }

  /// Takes a purge that was announced to [Positions#begin]. When too many wait, one purge of
  /// everything takes their place.
  ///
  /// @return completes once Redis knows of it; fails when the purge of everything takes its place:
  ///   else every purge of a day without Redis would be remembered by its future
  synchronized CompletableFuture<Noted> take(Purge purge) {
    CompletableFuture<Noted> heard = new CompletableFuture<>();
    waiting.addLast(new Parcel(purge, 1, heard));
    if (waiting.size() > maxPending) {
      int all = waiting.stream().mapToInt(Parcel::count).sum();
      waiting.forEach(one -> one.heard().cancel(false));
      waiting.clear();
      waiting.addLast(new Parcel(new Purge.Everything(false), all, new CompletableFuture<>()));
    }
    news.release();
    return heard;
  }

  private void rounds() {
    try {
      while (!isClosed()) {
        round();
        rest();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized boolean isClosed() {
    return closed;
  }

  /// Until there is something to bring, or for the time of a round.
  private void rest() throws InterruptedException {
    var _ = news.tryAcquire(ROUND_MILLIS, TimeUnit.MILLISECONDS);
    news.drainPermits();
  }

  private void round() throws InterruptedException {
    try {
      link.connect();
      attach();
      for (Parcel next = first(); next != null; next = first()) {
        deliver(next);
      }
    } catch (RedisException | ExecutionException | TimeoutException | IllegalStateException e) {
      attached = false;
      breaker.failed();
    }
  }

  /// Asks where the sequence stands: also the probe that closes the breaker.
  void attach() throws ExecutionException, TimeoutException, InterruptedException {
    long began = time.nanos();
    Positions.At known = positions.at();
    List<Object> said =
        link.run(
                TierScripts.ATTACH,
                newEpoch(),
                RedisLink.octets(known.epoch()),
                RedisLink.octets(known.sequence()))
            .get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    if (time.nanos() - began <= budget.toNanos()) {
      breaker.probed();
    }
    boolean isFirst = known.epoch() == 0;
    if (positions.attach(RedisLink.number(said.get(0)), RedisLink.number(said.get(1)))
        && !isFirst) {
      sendAgain();
    }
    attached = true;
  }

  /// An epoch was lost, and with it perhaps purges that other nodes have not seen.
  private synchronized void sendAgain() {
    for (Sent old : sent) {
      if (time.nanos() - old.nanos() < AGAIN.toNanos()) {
        positions.begin();
        take(old.purge());
      }
    }
    sent.clear();
  }

  private synchronized @Nullable Parcel first() {
    return closed ? null : waiting.peekFirst();
  }

  private void deliver(Parcel parcel)
      throws ExecutionException, TimeoutException, InterruptedException {
    Purge purge = parcel.purge();
    List<Object> said =
        link.run(
                TierScripts.PURGE,
                newEpoch(),
                node,
                RedisLink.octets(PurgeNames.kind(purge)),
                RedisLink.octets(PurgeNames.name(purge)),
                RedisLink.octets(purge.soft() ? "s" : "h"),
                RedisLink.octets(MAX_STAMPS),
                RedisLink.octets(MAX_PREFIXES))
            .get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    synchronized (this) {
      if (parcel.equals(waiting.peekFirst())) {
        waiting.removeFirst();
        positions.end(parcel.count(), RedisLink.number(said.get(0)), RedisLink.number(said.get(1)));
        parcel.heard().complete(noted(purge, said));
      }
      sent.addLast(new Sent(purge, time.nanos()));
      if (sent.size() > maxPending) {
        sent.removeFirst();
      }
    }
  }

  private static Noted noted(Purge purge, List<Object> said) {
    return new Noted(
        purge,
        RedisLink.number(said.get(0)),
        RedisLink.number(said.get(1)),
        RedisLink.number(said.get(2)),
        RedisLink.number(said.get(3)));
  }

  /// Scores above this are exact, and above every place in a sequence.
  private static byte[] newEpoch() {
    return RedisLink.octets(ThreadLocalRandom.current().nextLong(1L << 52, 1L << 53));
  }

  /// Waits a moment for what is on its way.
  @Override
  public void close() {
    synchronized (this) {
      try {
        for (int i = 0; i < CLOSING_ROUNDS && !waiting.isEmpty() && isAttached(); i++) {
          wait(10);
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      closed = true;
    }
    thread.interrupt();
  }
}
