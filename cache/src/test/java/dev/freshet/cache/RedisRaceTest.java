package dev.freshet.cache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.testkit.RedisServer;
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
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/// Two nodes fill the same keys while content changes and is purged, and Redis dies and comes back:
/// no node finds what it has purged itself, and the other stops finding it.
class RedisRaceTest {
  private static final int KEYS = 6;
  private final AtomicIntegerArray versions = new AtomicIntegerArray(KEYS);
  private final AtomicBoolean over = new AtomicBoolean();
  private final LongAdder seen = new LongAdder();

  @Test
  void whatANodePurgedItNeverFindsAgain()
      throws ExecutionException, InterruptedException, TimeoutException {
    Assumptions.assumeTrue(
        RedisServer.program().isPresent(), "skipped: there is no redis-server on the PATH");
    try (RedisServer redis = RedisServer.start("--appendonly", "yes", "--appendfsync", "always");
        Node one = Node.up(redis);
        Node two = Node.up(redis);
        ExecutorService threads = Executors.newCachedThreadPool()) {
      List<Future<?>> running = new ArrayList<>();
      try {
        running.add(threads.submit(() -> fill(one, new Random(1))));
        running.add(threads.submit(() -> fill(two, new Random(2))));
        running.add(threads.submit(() -> change(one, 0, new Random(3))));
        running.add(threads.submit(() -> change(two, 1, new Random(4))));
        for (int i = 0; i < 3; i++) {
          one.awaitState("up");
          two.awaitState("up");
          long already = seen.sum();
          Node.await(() -> seen.sum() > already + 200 || isAnyDone(running), "looks that count");
          redis.kill();
          one.awaitState("down");
          redis.restart();
        }
      } finally {
        over.set(true);
      }
      for (Future<?> each : running) {
        each.get(30, TimeUnit.SECONDS);
      }
      one.awaitDelivered();
      two.awaitDelivered();
      for (int key = 0; key < KEYS; key++) {
        int last = versions.get(key);
        String name = "/" + key + "/";
        Node.await(() -> isNone(one, name, last) && isNone(two, name, last), "the others' purges");
      }
    }
  }

  private static boolean isAnyDone(List<Future<?>> running) {
    return running.stream().anyMatch(Future::isDone);
  }

  private static boolean isNone(Node node, String name, int last) {
    String found = node.heap(name) == null ? node.second(name) : node.heap(name);
    return found == null || found.startsWith("soft") || Integer.parseInt(found) >= last;
  }

  private void fill(Node node, Random random) {
    while (!over.get()) {
      int key = random.nextInt(KEYS);
      long stamp = node.cache.stamp();
      String version = Integer.toString(versions.get(key));
      node.put("/" + key + "/", version, stamp, "g" + key);
      Node.pause();
    }
  }

  /// Changes every other key and looks for what was before.
  private void change(Node node, int first, Random random) {
    while (!over.get()) {
      int key = first + 2 * random.nextInt(KEYS / 2);
      String name = "/" + key + "/";
      int version = versions.incrementAndGet(key);
      boolean soft = random.nextInt(4) == 0;
      node.cache.purge(
          switch (random.nextInt(5)) {
            case 0, 1 -> new Purge.Url(name, soft);
            case 2 -> new Purge.Prefix("/" + key, soft);
            case 3 -> new Purge.Group("g" + key, soft);
            default -> new Purge.Everything(soft);
          });
      for (int look = random.nextInt(20); look > 0; look--) {
        check(node.heap(name), version, key);
        check(node.second(name), version, key);
      }
    }
  }

  private void check(@Nullable String found, int version, int key) {
    if (found != null && !found.startsWith("soft")) {
      assertThat(Integer.parseInt(found)).as("key %d", key).isGreaterThanOrEqualTo(version);
      seen.increment();
    }
  }
}
