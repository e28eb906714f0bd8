package dev.freshet.cache;

import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.RemovalCause;
import dev.freshet.base.Meters;
import dev.freshet.base.Time;
import dev.freshet.freshness.Evidence;
import dev.freshet.freshness.Freshness;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// Entries under keys: the heap tier, purges, and the way to the second tier.
public final class Cache<M> implements AutoCloseable {
  /// Stands between a URL's key and the name of one user's partition of it.
  public static final char SEPARATOR = '\n';

  private final CacheConfig config;
  private final MetaCodec<M> codec;
  private final Time time;
  private final Freshness freshness;
  private final Stamps stamps = new Stamps();
  private final com.github.benmanes.caffeine.cache.Cache<String, Resource<M>> heap;
  private final KeyOrder order = new KeyOrder();
  private final LongAdder entries = new LongAdder();

  /// Held shared from a look at the purges until what they allowed is in; a purge that searches the
  /// heap passes through it alone first, so that it misses nothing.
  private final ReadWriteLock entering = new ReentrantReadWriteLock();

  private final LongAdder evictions = new LongAdder();
  private final Meters.Counter promoted;
  private final @Nullable RedisTier<M> second;

  /// One whose entries end by time and purges only.
  public Cache(CacheConfig config, MetaCodec<M> codec, Time time, Meters meters) {
    this(config, codec, time, meters, new Freshness(1));
  }

  /// @param freshness tells of entries with evidence whether that still holds
  public Cache(
      CacheConfig config, MetaCodec<M> codec, Time time, Meters meters, Freshness freshness) {
    this.config = config;
    this.freshness = freshness;
    this.codec = codec;
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
    promoted =
        meters.counter(
            "freshet_second_used_total", "Lookups in the second tier that found what still holds");
    SecondTierConfig other = config.second();
    second =
        other == null
            ? null
            : new RedisTier<>(
                other,
                new ValueFormat<>(codec, freshness),
                stamps,
                time,
                meters,
                what -> purgeHere(what),
                what -> purge(what));
    if (second != null) {
      second.start();
    }
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
    if (cause != RemovalCause.REPLACED) {
      order.settle(key, heap.asMap()::containsKey);
    }
  }

  /// Adds to the count of entries, and to those of the groups that they are alive in.
  private void count(Resource<M> resource, int by) {
    entries.add((long) by * resource.size());
    for (Entry<M> entry : resource.entries()) {
      for (Group group : entry.groupRecords()) {
        if (entry.stamp() >= group.hardStamp()) {
          group.entries().updateAndGet(n -> Math.max(0, n + by));
        }
      }
    }
  }

  /// What the heap tier holds under a key; never blocks.
  public @Nullable Resource<M> heap(String key) {
    return heap.getIfPresent(key);
  }

  /// What purges and changed rows have left of an entry.
  public Standing standing(Entry<M> entry) {
    Standing purged = stamps.standing(entry);
    Evidence evidence = entry.evidence();
    return evidence == null || purged == Standing.GONE || freshness.isCurrent(evidence)
        ? purged
        : Standing.CHANGED;
  }

  public boolean hasSecondTier() {
    return second != null;
  }

  /// Whether another node may have put into the second tier what has taken the place of this entry.
  public boolean mayHaveNewer(Entry<M> entry) {
    return second != null
        && standing(entry) == Standing.CHANGED
        && freshness.isAttached()
        && freshness.isAccompanied();
  }

  /// What the second tier holds under a key, now also in the heap tier; empty when it has nothing,
  /// is slow, or is down. Never fails.
  public CompletableFuture<Optional<Resource<M>>> second(String key) {
    if (second == null) {
      return CompletableFuture.completedFuture(Optional.empty());
    }
    return second.find(key, KeyOrder.url(key)).thenApply(found -> promote(key, found));
  }

  /// Puts what was found behind what the heap tier has, which is newer unless its rows changed.
  private Optional<Resource<M>> promote(String key, List<RedisTier.Found<M>> found) {
    List<Entry<M>> live = new ArrayList<>();
    for (RedisTier.Found<M> one : found) {
      long weight = codec.weight(one.meta());
      Entry<M> entry =
          newEntry(one.meta(), one.body(), one.groups(), one.stamp(), weight, one.evidence());
      Standing standing = standing(entry);
      boolean isUseful = standing == Standing.LIVE || standing == Standing.SOFT;
      if (!isTooLarge(entry) && isUseful) {
        live.add(one.softened() ? entry.soften() : entry);
      }
    }
    entering.readLock().lock();
    try {
      live.removeIf(entry -> !stamps.admits(key, KeyOrder.url(key), entry.stamp()));
      if (live.isEmpty()) {
        return Optional.empty();
      }
      Resource<M> resource =
          place(
              key,
              before ->
                  Resource.behind(
                      before, key, live, this::standing, this::isSame, config.maxVariants()));
      promoted.increment();
      return Optional.of(resource);
    } finally {
      entering.readLock().unlock();
    }
  }

  private boolean isSame(Entry<M> one, Entry<M> other) {
    return one.bodyLength() == other.bodyLength()
        && Arrays.equals(codec.encode(one.meta()), codec.encode(other.meta()));
  }

  /// The present moment: take it before asking an origin, so that a purge in between is not lost on
  /// the answer.
  public long stamp() {
    return stamps.now();
  }

  /// Whether a purge may cover what was asked for at that moment: nobody who asks now may be given
  /// it. In which groups it will be is not known yet.
  ///
  /// @param stamp from [#stamp]
  public boolean isOvertaken(String key, long stamp) {
    return stamps.mayCover(key, KeyOrder.url(key), stamp);
  }

  /// @param body not changed afterwards by anyone
  /// @param stamp from [#stamp], taken when the fill began
  /// @param metaWeight heap octets of `meta`
  public Entry<M> newEntry(
      M meta, byte[][] body, List<String> groups, long stamp, long metaWeight) {
    return newEntry(meta, body, groups, stamp, metaWeight, null);
  }

  /// As above.
  ///
  /// @param evidence what it was made from, where it is to live as long as that stays as it is
  public Entry<M> newEntry(
      M meta,
      byte[][] body,
      List<String> groups,
      long stamp,
      long metaWeight,
      @Nullable Evidence evidence) {
    List<Group> records = new ArrayList<>(groups.size());
    for (String name : groups) {
      records.add(stamps.group(name));
    }
    return new Entry<>(meta, body, List.copyOf(records), stamp, metaWeight, false, evidence);
  }

  /// Stores an entry in front of the key's others, without those it replaces.
  ///
  /// @param expires wall clock after which nobody wants it, milliseconds
  /// @return false when a purge since its stamp covers it, what it was made from has changed, or it
  ///   is too large
  public boolean put(String key, Entry<M> entry, Predicate<M> replaces, long expires) {
    if (!isWanted(entry, expires)) {
      return false;
    }
    Resource<M> stored = enter(key, entry.stamp(), before -> with(before, key, entry, replaces));
    return written(key, stored, expires);
  }

  /// As [#put], of what comes of an entry and those under its key, in one step: so whatever purges
  /// one of those also purges what is made of them.
  ///
  /// @return what was stored; null where [#put] says false
  public @Nullable Entry<M> combine(String key, Entry<M> added, Combination<M> how) {
    if (!isWanted(added, how.expires(added.meta()))) {
      return null;
    }
    AtomicReference<Entry<M>> made = new AtomicReference<>(added);
    Resource<M> stored =
        enter(
            key,
            added.stamp(),
            before -> {
              Entry<M> combined = how.of(added, unpurged(before));
              Entry<M> entry = isTooLarge(combined) ? added : combined;
              made.set(entry);
              return with(before, key, entry, old -> how.replaces(entry.meta(), old));
            });
    Entry<M> entry = made.get();
    if (entry.equals(added) || how.isForOthers(entry.meta())) {
      boolean _ = written(key, stored, how.expires(entry.meta()));
    }
    return stored == null ? null : entry;
  }

  private List<Entry<M>> unpurged(@Nullable Resource<M> before) {
    return before == null
        ? List.of()
        : before.entries().stream().filter(old -> standing(old) != Standing.GONE).toList();
  }

  private boolean isTooLarge(Entry<M> entry) {
    return entry.weight() > config.memory().bytes() / 4;
  }

  private boolean isWanted(Entry<M> entry, long expires) {
    return !isTooLarge(entry) && standing(entry) == Standing.LIVE && expires > time.millis();
  }

  private Resource<M> with(
      @Nullable Resource<M> before, String key, Entry<M> entry, Predicate<M> replaces) {
    return Resource.with(
        before,
        key,
        entry,
        old -> standing(old) == Standing.GONE || replaces.test(old.meta()),
        config.maxVariants());
  }

  private boolean written(String key, @Nullable Resource<M> stored, long expires) {
    if (stored != null && second != null) {
      second.write(key, stored, expires);
    }
    return stored != null;
  }

  /// Null when a purge since that stamp covers the key.
  private @Nullable Resource<M> enter(
      String key, long stamp, Function<@Nullable Resource<M>, Resource<M>> with) {
    entering.readLock().lock();
    try {
      return stamps.admits(key, KeyOrder.url(key), stamp) ? place(key, with) : null;
    } finally {
      entering.readLock().unlock();
    }
  }

  /// Puts what is made of what was there in its place, and the key in order where it is new.
  private Resource<M> place(String key, Function<@Nullable Resource<M>, Resource<M>> with) {
    boolean[] isNew = new boolean[1];
    Resource<M> placed =
        heap.asMap()
            .compute(
                key,
                (k, before) -> {
                  isNew[0] = before == null;
                  Resource<M> after = with.apply(before);
                  count(after, 1);
                  return after;
                });
    if (isNew[0]) {
      order.settle(key, heap.asMap()::containsKey);
    }
    return placed;
  }

  /// Until every put that could not know of the purge yet is in.
  @SuppressWarnings("LockNotBeforeTry")
  private void awaitEntering() {
    entering.writeLock().lock();
    entering.writeLock().unlock();
  }

  /// Puts an entry in another's place: fresher terms for the same content.
  ///
  /// @return false when the other is no longer there
  public boolean update(String key, Entry<M> old, Entry<M> with, long expires) {
    if (expires <= time.millis()) {
      return false;
    }
    boolean isThere = replace(key, old, with);
    Resource<M> now = isThere && second != null ? heap(key) : null;
    if (second != null && now != null) {
      second.write(key, now, expires);
    }
    return isThere;
  }

  /// As [#update], for another form of the same, which a soft purge has hit if it hit the old one:
  /// the second tier is not told.
  public boolean swap(String key, Entry<M> old, Entry<M> with) {
    return replace(key, old, old.isSoftened() ? with.soften() : with);
  }

  private boolean replace(String key, Entry<M> old, Entry<M> with) {
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

  /// A URL's key and those of the users who have a partition of it here.
  public List<String> keys(String url) {
    List<String> keys = new ArrayList<>(List.of(url));
    order.ofUsers(url, keys::add);
    return keys;
  }

  /// Forgets a key in both tiers.
  public void remove(String key) {
    heap.invalidate(key);
    if (second != null) {
      second.remove(key);
    }
  }

  /// Forgets what is described, also what is on its way in; other nodes on the same second tier
  /// hear of it at once, or when it is back.
  public Purged purge(Purge what) {
    if (second == null) {
      return purgeHere(what);
    }
    second.begin();
    Purged purged = purgeHere(what);
    return new Purged(purged.entries(), second.purge(what));
  }

  /// How many values of the second tier these purges hit; -1 when that can't be told in a moment.
  /// Waits for that moment.
  public long hits(List<Noted> purges) throws InterruptedException {
    long known = 0;
    List<Noted> others = new ArrayList<>();
    for (Noted one : purges) {
      if (one.hit() < 0) {
        others.add(one);
      } else {
        known += one.hit();
      }
    }
    long found = second == null ? 0 : second.hits(others);
    return found < 0 ? found : known + found;
  }

  private Purged purgeHere(Purge what) {
    return switch (what) {
      case Purge.Url url -> purgeUrl(url);
      case Purge.Prefix prefix -> purgePrefix(prefix);
      case Purge.Group group -> new Purged(stamps.purgeGroup(group.name(), group.soft()), null);
      case Purge.Everything everything -> purgeEverything(everything);
    };
  }

  private Purged purgeUrl(Purge.Url url) {
    stamps.purgeKey(url.key());
    awaitEntering();
    long[] hit = {forget(url.key(), url.soft())};
    order.ofUsers(url.key(), key -> hit[0] += forget(key, url.soft()));
    return new Purged(hit[0], null);
  }

  private Purged purgePrefix(Purge.Prefix what) {
    stamps.purgePrefix(what.prefix());
    awaitEntering();
    long[] hit = new long[1];
    order.under(what.prefix(), key -> hit[0] += forget(key, what.soft()));
    return new Purged(hit[0], null);
  }

  private Purged purgeEverything(Purge.Everything what) {
    long hit = entries.sum();
    stamps.purgeEverything(what.soft());
    if (!what.soft()) {
      awaitEntering();
      order.under("", this::clear);
    }
    return new Purged(hit, null);
  }

  /// Makes room, key by key so that nobody who stores has to wait; what came after the purge stays.
  private void clear(String key) {
    heap.asMap()
        .computeIfPresent(
            key,
            (k, resource) -> {
              boolean isGone =
                  resource.entries().stream().allMatch(e -> standing(e) == Standing.GONE);
              return isGone ? null : resource;
            });
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
        heap.estimatedSize(),
        weight(),
        config.memory().bytes(),
        evictions.sum(),
        second == null ? "off" : second.state());
  }

  @Override
  public void close() {
    if (second != null) {
      second.close();
    }
    heap.invalidateAll();
  }
}
