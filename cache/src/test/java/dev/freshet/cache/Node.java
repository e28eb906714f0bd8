package dev.freshet.cache;

import dev.freshet.base.ByteSize;
import dev.freshet.base.Meters;
import dev.freshet.base.Time;
import dev.freshet.testkit.RedisServer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/// One program's cache on a shared Redis, as tests use it.
final class Node implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  final Cache<String> cache;
  final Meters meters = new Meters();

  private Node(SecondTierConfig second) {
    cache =
        new Cache<>(
            new CacheConfig(new ByteSize(64 << 20), 8, second),
            new TextCodec(),
            Time.system(),
            meters);
  }

  /// One that is attached; its budget is long, so that a busy machine doesn't fail a test.
  static Node up(RedisServer redis) {
    return up(config(redis.url(), null));
  }

  static Node up(SecondTierConfig second) {
    Node node = new Node(second);
    node.awaitState("up");
    return node;
  }

  /// One that may never be attached.
  static Node of(SecondTierConfig second) {
    return new Node(second);
  }

  static Node withBudget(RedisServer redis, Duration budget) {
    return new Node(new SecondTierConfig(redis.url(), budget, 1_000, null));
  }

  /// With a long budget.
  static SecondTierConfig config(String url, @Nullable Path authorities) {
    return new SecondTierConfig(url, Duration.ofSeconds(2), 1_000, authorities);
  }

  void put(String key, String text, String... groups) {
    put(key, text, cache.stamp(), groups);
  }

  boolean put(String key, String text, long stamp, String... groups) {
    byte[][] body = {text.getBytes(StandardCharsets.UTF_8)};
    Entry<String> entry = cache.newEntry(text, body, List.of(groups), stamp, 100);
    return cache.put(key, entry, old -> true, System.currentTimeMillis() + 600_000);
  }

  /// Stores and waits until it is in Redis.
  void settle(String key, String text, String... groups) {
    long before = written();
    put(key, text, groups);
    await(() -> written() > before, "a write");
  }

  long written() {
    return meters.counter("freshet_second_writes_total", "").sum();
  }

  /// The content of the first valid entry in the heap tier.
  @Nullable String heap(String key) {
    return first(cache.heap(key));
  }

  /// The content of the first valid entry that comes from the second tier.
  @Nullable String second(String key) {
    try {
      Optional<Resource<String>> found = cache.second(key).get(10, TimeUnit.SECONDS);
      return first(found.orElse(null));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    } catch (ExecutionException | TimeoutException e) {
      throw new AssertionError("the second tier failed or hung", e);
    }
  }

  private @Nullable String first(@Nullable Resource<String> resource) {
    for (int i = 0; resource != null && i < resource.size(); i++) {
      Standing standing = cache.standing(resource.get(i));
      if (standing != Standing.GONE) {
        String text = new String(resource.get(i).body()[0], StandardCharsets.UTF_8);
        return standing == Standing.SOFT ? "soft " + text : text;
      }
    }
    return null;
  }

  /// What Redis says that it held of all of them together, once it has heard of the purges.
  long purged(Purge... what) {
    List<Noted> noted = new ArrayList<>();
    for (Purge one : what) {
      noted.add(noted(one));
    }
    return hits(noted);
  }

  /// Once it is.
  Noted noted(Purge what) {
    CompletableFuture<Noted> heard = Objects.requireNonNull(cache.purge(what).second());
    await(heard::isDone, "the purge's arrival");
    return heard.join();
  }

  long hits(List<Noted> noted) {
    try {
      return cache.hits(noted, Duration.ofSeconds(20));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /// Until its purges have arrived.
  void awaitDelivered() {
    await(() -> pendingPurges() == 0, "the purges' delivery");
  }

  private double pendingPurges() {
    return meters.all().stream()
        .filter(m -> m.id().name().equals("freshet_second_purges_pending"))
        .mapToDouble(m -> ((Meters.Gauge) m).value().getAsDouble())
        .sum();
  }

  void awaitState(String state) {
    await(() -> cache.stats().second().equals(state), "state " + state);
  }

  static void await(BooleanSupplier condition, String what) {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > end) {
        throw new AssertionError("waited in vain for " + what);
      }
      pause();
    }
  }

  /// Lets others go on.
  static void pause() {
    LockSupport.parkNanos(1_000_000);
  }

  @Override
  public void close() {
    cache.close();
  }
}
