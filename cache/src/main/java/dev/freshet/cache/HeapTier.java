package dev.freshet.cache;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.RemovalCause;
import dev.freshet.base.ByteSize;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// What the heap holds in one era, from one hard purge of everything to the next. That begins an
/// empty one and leaves this to the collector, so it costs the same whatever was stored.
///
/// Who still works on the old one, as a late removal, changes nothing of the new one, nor of how
/// many entries a group has in it.
final class HeapTier<M> {
  private final Cache<String, Resource<M>> map;
  private final KeyOrder order = new KeyOrder();
  private final LongAdder entries = new LongAdder();
  private final int era;

  /// @param era from [Stamps#era]
  /// @param evictions counts keys that had to make room
  HeapTier(ByteSize memory, int era, LongAdder evictions) {
    this.era = era;
    map =
        Caffeine.newBuilder()
            .maximumWeight(memory.bytes())
            .weigher((String key, Resource<M> r) -> (int) Math.min(Integer.MAX_VALUE, r.weight()))
            .evictionListener((key, value, cause) -> {
              if (cause == RemovalCause.SIZE) {
                evictions.increment();
              }
            })
            .removalListener(this::removed)
            .executor(Runnable::run)
            .build();
  }

  private void removed(@Nullable String key, @Nullable Resource<M> value, RemovalCause cause) {
    if (value == null || key == null) {
      return;
    }
    count(value, -1);
    if (cause != RemovalCause.REPLACED) {
      order.settle(key, map.asMap()::containsKey);
    }
  }

  /// Adds to the count of entries, and to those of the groups that they are alive in.
  private void count(Resource<M> resource, int by) {
    entries.add((long) by * resource.size());
    for (Entry<M> entry : resource.entries()) {
      for (Group group : entry.groupRecords()) {
        if (entry.stamp() >= group.hardStamp()) {
          group.count(era, by);
        }
      }
    }
  }

  @Nullable Resource<M> get(String key) {
    return map.getIfPresent(key);
  }

  /// Puts what is made of what was there in its place, and the key in order where it is new.
  Resource<M> place(String key, Function<@Nullable Resource<M>, Resource<M>> with) {
    boolean[] isNew = new boolean[1];
    Resource<M> placed =
        map.asMap()
            .compute(
                key,
                (k, before) -> {
                  isNew[0] = before == null;
                  Resource<M> after = with.apply(before);
                  count(after, 1);
                  return after;
                });
    if (isNew[0]) {
      order.settle(key, map.asMap()::containsKey);
    }
    return placed;
  }

  /// Puts an entry in another's place; false when that is no longer there.
  boolean swap(String key, Entry<M> old, Entry<M> with) {
    boolean[] done = new boolean[1];
    map.asMap()
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

  void remove(String key) {
    map.invalidate(key);
  }

  /// Returns how many entries it hit.
  long forget(String key) {
    Resource<M> gone = map.asMap().remove(key);
    return gone == null ? 0 : gone.size();
  }

  /// Returns how many entries are to be confirmed now.
  long soften(String key) {
    Resource<M> softened =
        map.asMap()
            .computeIfPresent(
                key,
                (k, before) -> {
                  Resource<M> after = before.soften();
                  count(after, 1);
                  return after;
                });
    return softened == null ? 0 : softened.size();
  }

  /// Shows all keys that begin so, as [KeyOrder#under] says.
  void under(String prefix, Consumer<String> eye) {
    order.under(prefix, eye);
  }

  /// Shows the keys of users who have a copy of a URL of their own.
  void ofUsers(String url, Consumer<String> eye) {
    order.ofUsers(url, eye);
  }

  long entries() {
    return entries.sum();
  }

  long keys() {
    return map.estimatedSize();
  }

  /// Octets.
  long weight() {
    return map.policy().eviction().map(e -> e.weightedSize().orElse(0)).orElse(0L);
  }

  void clear() {
    map.invalidateAll();
  }
}
