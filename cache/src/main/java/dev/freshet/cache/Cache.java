package dev.freshet.cache;

import dev.freshet.base.Meters;
import dev.freshet.base.Time;
import dev.freshet.freshness.Evidence;
import dev.freshet.freshness.Freshness;
import java.time.Duration;
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

  /// Held shared from a look at the purges until what they allowed is in; a purge that searches the
  /// heap passes through it alone first, so that it misses nothing.
  private final ReadWriteLock entering = new ReentrantReadWriteLock();

  private final LongAdder evictions = new LongAdder();
  private volatile HeapTier<M> heap;
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
    heap = new HeapTier<>(config.memory(), stamps.era(), evictions);
    meters.gauge(
        "freshet_cache_bytes",
        "Octets held by the heap tier",
        Map.of(),
        () -> (double) heap.weight());
    meters.gauge(
        "freshet_cache_keys", "Keys in the heap tier", Map.of(), () -> (double) heap.keys());
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

  /// What the heap tier holds under a key; never blocks.
  public @Nullable Resource<M> heap(String key) {
    return heap.get(key);
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
          heap.place(
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
      return stamps.admits(key, KeyOrder.url(key), stamp) ? heap.place(key, with) : null;
    } finally {
      entering.readLock().unlock();
    }
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
    boolean isThere = heap.swap(key, old, with);
    Resource<M> now = isThere && second != null ? heap(key) : null;
    if (second != null && now != null) {
      second.write(key, now, expires);
    }
    return isThere;
  }

  /// As [#update], for another form of the same, which a soft purge has hit if it hit the old one:
  /// the second tier is not told.
  public boolean swap(String key, Entry<M> old, Entry<M> with) {
    return heap.swap(key, old, old.isSoftened() ? with.soften() : with);
  }

  /// A URL's key and those of the users who have a partition of it here.
  public List<String> keys(String url) {
    List<String> keys = new ArrayList<>(List.of(url));
    heap.ofUsers(url, keys::add);
    return keys;
  }

  /// Forgets a key in both tiers.
  public void remove(String key) {
    heap.remove(key);
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

  /// How many values of the second tier these purges hit; -1 when that can't be told in time.
  ///
  /// @param patience how long to wait at most
  public long hits(List<Noted> purges, Duration patience) throws InterruptedException {
    long known = 0;
    List<Noted> others = new ArrayList<>();
    for (Noted one : purges) {
      if (one.hit() < 0) {
        others.add(one);
      } else {
        known += one.hit();
      }
    }
    long found = second == null ? 0 : second.hits(others, patience);
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
    heap.ofUsers(url.key(), key -> hit[0] += forget(key, url.soft()));
    return new Purged(hit[0], null);
  }

  private Purged purgePrefix(Purge.Prefix what) {
    stamps.purgePrefix(what.prefix());
    awaitEntering();
    long[] hit = new long[1];
    heap.under(what.prefix(), key -> hit[0] += forget(key, what.soft()));
    return new Purged(hit[0], null);
  }

  private Purged purgeEverything(Purge.Everything what) {
    if (what.soft()) {
      long hit = heap.entries();
      stamps.purgeEverything(true);
      return new Purged(hit, null);
    }
    HeapTier<M> before;
    entering.writeLock().lock();
    try {
      stamps.purgeEverything(false);
      before = heap;
      heap = new HeapTier<>(config.memory(), stamps.era(), evictions);
    } finally {
      entering.writeLock().unlock();
    }
    return new Purged(before.entries(), null);
  }

  /// Returns how many entries it hit.
  private long forget(String key, boolean soft) {
    return soft ? heap.soften(key) : heap.forget(key);
  }

  public CacheSnapshot stats() {
    return new CacheSnapshot(
        heap.keys(),
        heap.weight(),
        config.memory().bytes(),
        evictions.sum(),
        second == null ? "off" : second.state());
  }

  @Override
  public void close() {
    if (second != null) {
      second.close();
    }
    heap.clear();
  }
}
