package dev.freshet.cache;

import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.RemovalCause;
import dev.freshet.base.Meters;
import dev.freshet.base.Time;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// Entries under keys: the heap tier, purges, and the way to the second tier.
public final class Cache<M> implements AutoCloseable {
  /// Stands between a URL's key and the name of one user's partition of it.
  public static final char SEPARATOR = '\n';

  private final CacheConfig config;
  private final Time time;
  private final Stamps stamps = new Stamps();
  private final com.github.benmanes.caffeine.cache.Cache<String, Resource<M>> heap;
  private final Map<String, Set<String>> partitions = new ConcurrentHashMap<>();
  private final LongAdder evictions = new LongAdder();

  public Cache(CacheConfig config, MetaCodec<M> codec, Time time, Meters meters) {
    this.config = config;
    this.time = time;
    heap =
        Caffeine.newBuilder()
            .maximumWeight(config.memory().bytes())
            .weigher((String key, Resource<M> r) -> (int) Math.min(Integer.MAX_VALUE, r.weight()))
            .evictionListener((key, value, cause) -> evicted(cause))
            .removalListener(this::removed)
            .executor(Runnable::run)
            .build();
    meters.gauge(
        "freshet_cache_bytes", "Octets held by the heap tier", Map.of(), () -> (double) weight());
    meters.gauge(
        "freshet_cache_keys",
        "Keys in the heap tier",
        Map.of(),
        () -> (double) heap.estimatedSize());
    meters.gauge(
        "freshet_cache_evictions",
        "Keys evicted for want of room since the start",
        Map.of(),
        () -> (double) evictions.sum());
  }

  private void evicted(RemovalCause cause) {
    if (cause == RemovalCause.SIZE) {
      evictions.increment();
    }
  }

  private void removed(@Nullable String key, @Nullable Resource<M> value, RemovalCause cause) {
    if (value == null || key == null) {
      return;
    }
    count(value, -1);
    if (cause != RemovalCause.REPLACED && key.indexOf(SEPARATOR) >= 0) {
      partitions.computeIfPresent(
          bare(key),
          (bare, keys) -> {
            keys.remove(key);
            return keys.isEmpty() ? null : keys;
          });
    }
  }

  /// Adds to the counts of the groups that the entries are alive in.
  private static <M> void count(Resource<M> resource, int by) {
    for (Entry<M> entry : resource.entries()) {
      for (Group group : entry.groupRecords()) {
        if (entry.stamp() >= group.hardStamp()) {
          group.entries().updateAndGet(n -> Math.max(0, n + by));
        }
      }
    }
  }

  private static String bare(String key) {
    int at = key.indexOf(SEPARATOR);
    return at < 0 ? key : key.substring(0, at);
  }

  /// What the heap tier holds under a key; never blocks.
  public @Nullable Resource<M> heap(String key) {
    return heap.getIfPresent(key);
  }

  /// What purges have left of an entry.
  public Standing standing(Entry<M> entry) {
    return stamps.standing(entry);
  }

  public boolean hasSecondTier() {
    return false;
  }

  /// What the second tier holds under a key, now also in the heap tier; empty when it has nothing,
  /// is slow, or is down. Never fails.
  public CompletableFuture<Optional<Resource<M>>> second(String key) {
    return CompletableFuture.completedFuture(Optional.empty());
  }

  /// The present moment: take it before asking an origin, so that a purge in between is not lost on
  /// the answer.
  public long stamp() {
    return stamps.now();
  }

  /// @param body not changed afterwards by anyone
  /// @param stamp from [#stamp], taken when the fill began
  /// @param metaWeight heap octets of `meta`
  public Entry<M> newEntry(
      M meta, byte[][] body, List<String> groups, long stamp, long metaWeight) {
    List<Group> records = new ArrayList<>(groups.size());
    for (String name : groups) {
      records.add(stamps.group(name));
    }
    return new Entry<>(meta, body, List.copyOf(records), stamp, metaWeight, false);
  }

  /// Stores an entry in front of the key's others, without those it replaces.
  ///
  /// @param expires wall clock after which nobody wants it, milliseconds
  /// @return false when a purge since its stamp covers it, or it is too large
  public boolean put(String key, Entry<M> entry, Predicate<M> replaces, long expires) {
    if (entry.weight() > config.memory().bytes() / 4
        || standing(entry) != Standing.LIVE
        || !stamps.admits(key, bare(key), entry.stamp())
        || expires <= time.millis()) {
      return false;
    }
    heap.asMap()
        .compute(
            key,
            (k, before) -> {
              Resource<M> after =
                  Resource.with(
                      before,
                      key,
                      entry,
                      old -> standing(old) == Standing.GONE || replaces.test(old.meta()),
                      config.maxVariants());
              count(after, 1);
              return after;
            });
    if (key.indexOf(SEPARATOR) >= 0) {
      partitions.computeIfAbsent(bare(key), k -> ConcurrentHashMap.newKeySet()).add(key);
    }
    // A purge that came between the check and the put has found nothing to remove: look again.
    if (!stamps.admits(key, bare(key), entry.stamp())) {
      remove(key);
      return false;
    }
    return true;
  }

  /// Puts an entry in another's place: fresher terms for the same content.
  ///
  /// @return false when the other is no longer there
  public boolean update(String key, Entry<M> old, Entry<M> with, long expires) {
    if (expires <= time.millis()) {
      return false;
    }
    return swap(key, old, with);
  }

  /// As [#update], for another form of the same: the second tier is not told.
  public boolean swap(String key, Entry<M> old, Entry<M> with) {
    boolean[] done = new boolean[1];
    heap.asMap()
        .computeIfPresent(
            key,
            (k, before) -> {
              Resource<M> after = before.swap(old, with);
              if (after == null) {
                return before;
              }
              done[0] = true;
              count(after, 1);
              return after;
            });
    return done[0];
  }

  /// Forgets a key in both tiers.
  public void remove(String key) {
    heap.invalidate(key);
  }

  /// Forgets what is described, also what is on its way in.
  public Purged purge(Purge what) {
    return switch (what) {
      case Purge.Url url -> purgeUrl(url);
      case Purge.Prefix prefix -> purgePrefix(prefix);
      case Purge.Group group -> new Purged(stamps.purgeGroup(group.name(), group.soft()), -1);
      case Purge.Everything everything -> purgeEverything(everything);
    };
  }

  private Purged purgeUrl(Purge.Url url) {
    stamps.purgeKey(url.key());
    long hit = forget(url.key(), url.soft());
    Set<String> copies = partitions.get(url.key());
    if (copies != null) {
      for (String key : List.copyOf(copies)) {
        hit += forget(key, url.soft());
      }
    }
    return new Purged(hit, -1);
  }

  private Purged purgePrefix(Purge.Prefix what) {
    stamps.purgePrefix(what.prefix());
    long hit = 0;
    for (String key : heap.asMap().keySet()) {
      if (key.startsWith(what.prefix())) {
        hit += forget(key, what.soft());
      }
    }
    return new Purged(hit, -1);
  }

  private Purged purgeEverything(Purge.Everything what) {
    long hit = 0;
    for (Resource<M> resource : heap.asMap().values()) {
      hit += resource.size();
    }
    stamps.purgeEverything(what.soft());
    if (!what.soft()) {
      heap.invalidateAll();
    }
    return new Purged(hit, -1);
  }

  /// Returns how many entries it hit.
  private long forget(String key, boolean soft) {
    if (!soft) {
      Resource<M> gone = heap.asMap().remove(key);
      return gone == null ? 0 : gone.size();
    }
    Resource<M> softened =
        heap.asMap()
            .computeIfPresent(
                key,
                (k, before) -> {
                  Resource<M> after = before.soften();
                  count(after, 1);
                  return after;
                });
    return softened == null ? 0 : softened.size();
  }

  private long weight() {
    return heap.policy().eviction().map(e -> e.weightedSize().orElse(0)).orElse(0L);
  }

  public CacheSnapshot stats() {
    return new CacheSnapshot(
        heap.estimatedSize(), weight(), config.memory().bytes(), evictions.sum(), "off");
  }

  @Override
  public void close() {
    heap.invalidateAll();
  }
}
