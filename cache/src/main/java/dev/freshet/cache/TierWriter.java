package dev.freshet.cache;

import dev.freshet.base.Meters;
import dev.freshet.base.Time;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Writes values through to the second tier behind the answers' backs: nobody waits for it, and
/// what there is no room for is dropped and counted.
final class TierWriter<M> implements AutoCloseable {
  private static final int MAX_KILOBYTES = 32 << 10;
  private static final long MAX_MILLIS = TimeUnit.DAYS.toMillis(7);
  private final RedisLink link;
  private final Positions positions;
  private final Breaker breaker;
  private final ValueFormat<M> format;
  private final Time time;
  private final BooleanSupplier isUsable;
  private final Consumer<String> notRemoved;
  private final BlockingQueue<Task<M>> queue;
  private final Semaphore kilobytes = new Semaphore(MAX_KILOBYTES);
  private final Meters.Counter written;
  private final Meters.Counter dropped;
  private final Thread thread;
  private volatile boolean closed;

  /// A key's new value, or null to remove it.
  private record Task<M>(String key, @Nullable Resource<M> resource, long expires) {}

  /// @param isUsable whether it makes sense to try
  /// @param notRemoved takes keys whose removal could not be sent
  TierWriter(
      RedisLink link,
      Positions positions,
      Breaker breaker,
      ValueFormat<M> format,
      Time time,
      int maxPending,
      BooleanSupplier isUsable,
      Consumer<String> notRemoved,
      Meters meters) {
    this.link = link;
    this.positions = positions;
    this.breaker = breaker;
    this.format = format;
    this.time = time;
    this.isUsable = isUsable;
    this.notRemoved = notRemoved;
    this.queue = new ArrayBlockingQueue<>(maxPending);
    this.written =
        meters.counter("freshet_second_writes_total", "Values written to the second tier");
    this.dropped =
        meters.counter(
            "freshet_second_dropped_total",
            "Values not written to the second tier for want of room, or while it was away");
    meters.gauge(
        "freshet_second_pending",
        "Writes that wait to be sent to the second tier",
        Map.of(),
        queue::size);
    this.thread = Thread.ofVirtual().name("second-tier-writer").unstarted(this::work);
  }

  void start() {
    thread.start();
  }

  void write(String key, Resource<M> resource, long expires) {
    if (!isUsable.getAsBoolean() || !queue.offer(new Task<>(key, resource, expires))) {
      dropped.increment();
    }
  }

  void remove(String key) {
    if (!isUsable.getAsBoolean() || !queue.offer(new Task<>(key, null, 0))) {
      notRemoved.accept(key);
    }
  }

  private void work() {
    try {
      while (!closed || !queue.isEmpty()) {
        Task<M> task = queue.poll(100, TimeUnit.MILLISECONDS);
        if (task != null) {
          carryOut(task);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void carryOut(Task<M> task) throws InterruptedException {
    byte[] at = name(task.key());
    Resource<M> resource = task.resource();
    if (resource == null) {
      var _ =
          link.unlink(at)
              .whenComplete((n, failure) -> {
                if (failure != null) {
                  notRemoved.accept(task.key());
                }
              });
      return;
    }
    long left = Math.min(MAX_MILLIS, task.expires() - time.millis());
    byte[] value = isUsable.getAsBoolean() && left > 0 ? encode(task.key(), resource) : null;
    int size = value == null ? 0 : 1 + value.length / 1024;
    if (value == null || !kilobytes.tryAcquire(size, 1, TimeUnit.SECONDS)) {
      dropped.increment();
      return;
    }
    var _ =
        link.set(at, value, left)
            .whenComplete((ok, failure) -> {
              kilobytes.release(size);
              if (failure == null) {
                written.increment();
              } else {
                breaker.failed();
                dropped.increment();
              }
            });
  }

  private byte @Nullable [] encode(String key, Resource<M> resource) {
    long epoch = positions.epoch();
    List<ValueFormat.Kept<M>> kept = new ArrayList<>();
    for (Entry<M> entry : resource.entries()) {
      Long sequence = positions.sequenceAt(entry.stamp());
      if (sequence != null) {
        kept.add(
            new ValueFormat.Kept<>(
                entry.meta(),
                entry.body(),
                entry.groups(),
                sequence,
                entry.isSoftened(),
                entry.evidence()));
      }
    }
    return kept.isEmpty() || epoch != positions.epoch() ? null : format.encode(key, epoch, kept);
  }

  static byte[] name(String key) {
    return ("freshet:v:" + key).getBytes(StandardCharsets.UTF_8);
  }

  /// Waits a moment for what is on its way, so that it is there after a restart.
  @Override
  public void close() {
    closed = true;
    try {
      thread.join(1_000);
      kilobytes.tryAcquire(MAX_KILOBYTES, 500, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    thread.interrupt();
  }
}
