package dev.freshet.cache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.base.ByteSize;
import dev.freshet.base.Meters;
import dev.freshet.base.Time;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.Test;

/// Fills, removals and purges at once: an origin's content has a version, a purge follows its
/// change, and after a purge nobody finds an older one alive.
class HeapRaceTest {
  private static final int KEYS = 4;

  /// Everybody's copy, and one user's.
  private static final List<String> COPIES = List.of("", "\nann");

  private final Cache<Integer> cache =
      new Cache<>(
          new CacheConfig(new ByteSize(8 << 20), 4, null),
          new MetaCodec<>() {
            @Override
            public byte[] encode(Integer meta) {
              return new byte[] {meta.byteValue()};
            }

            @Override
            public Integer decode(byte[] octets) {
              return (int) octets[0];
            }

            @Override
            public long weight(Integer meta) {
              return 16;
            }
          },
          Time.system(),
          new Meters());
  private final LongAdder seenAlive = new LongAdder();
  private final AtomicIntegerArray versions = new AtomicIntegerArray(KEYS);

  @Test
  void nothingOlderThanAPurgeIsAliveAfterIt()
      throws ExecutionException, InterruptedException, TimeoutException {
    AtomicBoolean over = new AtomicBoolean();
    try (ExecutorService threads = Executors.newCachedThreadPool()) {
      List<Future<?>> fillers = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        long seed = i;
        fillers.add(threads.submit(() -> fill(new Random(seed), over)));
      }
      List<Future<?>> purgers = new ArrayList<>();
      for (int i = 0; i < KEYS; i++) {
        int key = i;
        purgers.add(threads.submit(() -> change(key)));
      }
      try {
        for (Future<?> purger : purgers) {
          purger.get(30, TimeUnit.SECONDS);
        }
      } finally {
        over.set(true);
      }
      for (Future<?> filler : fillers) {
        filler.get(30, TimeUnit.SECONDS);
      }
      assertThat(seenAlive.sum()).as("looks that could have failed").isPositive();
    }
  }

  private void fill(Random random, AtomicBoolean over) {
    while (!over.get()) {
      int key = random.nextInt(KEYS);
      long stamp = cache.stamp();
      int version = versions.get(key);
      Entry<Integer> entry =
          cache.newEntry(version, new byte[][] {{1}}, List.of("g" + key), stamp, 16);
      String name = "/" + key + "/" + COPIES.get(random.nextInt(COPIES.size()));
      cache.put(name, entry, old -> true, Long.MAX_VALUE);
      if (random.nextInt(3) == 0) {
        cache.remove(name);
      }
    }
  }

  private void change(int key) {
    String name = "/" + key + "/";
    for (int version = 1; version < 20_000; version++) {
      versions.set(key, version);
      cache.purge(
          switch (version % 8) {
            case 0, 1 -> new Purge.Url(name, false);
            case 2 -> new Purge.Prefix("/" + key, false);
            case 3 -> new Purge.Prefix(name, true);
            case 4, 5 -> new Purge.Group("g" + key, version % 8 == 5);
            case 6 -> new Purge.Everything(false);
            default -> new Purge.Url(name, true);
          });
      for (int look = 0; look < 10; look++) {
        Resource<Integer> resource = cache.heap(name + COPIES.get(look % COPIES.size()));
        for (int i = 0; resource != null && i < resource.size(); i++) {
          Entry<Integer> entry = resource.get(i);
          if (cache.standing(entry) == Standing.LIVE) {
            seenAlive.increment();
            assertThat(entry.meta()).as("key %d", key).isGreaterThanOrEqualTo(version);
          }
        }
      }
    }
  }
}
