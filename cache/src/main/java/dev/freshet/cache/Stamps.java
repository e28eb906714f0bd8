package dev.freshet.cache;

import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.LoadingCache;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.atomic.AtomicLong;

/* Validity without touching entries.
 *
 * One counter orders everything: a fill reads it before it asks the origin, a purge takes its
 * next value. An entry whose stamp is below a purge that covers it was made from what was
 * true before that purge, and counts as gone, also when it is stored only after the purge. So
 * purging is O(1), however many entries are hit, and there is no window for a fill that was
 * under way.
 *
 * Group records are held weakly: they live while an entry or a fill in flight points to them.
 * A record that was dropped has no entry left that could be judged by it, but a fill that
 * began before the purge may still bring one; therefore a purge also enters a short list of
 * recent group purges by name, from which a new record takes its stamps; when that list is
 * full its oldest stamp becomes the floor for all new records.
 */

/// The order of fills and purges, and what each purge covers.
final class Stamps {
  private static final int RECENT = 4_096;
  private static final int RECENT_PREFIXES = 256;
  private final AtomicLong counter = new AtomicLong(1);
  private final LoadingCache<String, Group> groups =
      Caffeine.newBuilder().weakValues().build(Group::new);
  private final Deque<PrefixPurge> prefixes = new ConcurrentLinkedDeque<>();
  private volatile long prefixFloor;
  private final RecentPurges recentHard = new RecentPurges(RECENT);
  private final RecentPurges recentSoft = new RecentPurges(RECENT);
  private final RecentPurges recentKeys = new RecentPurges(RECENT);

  /// That of the last purge of any group.
  private final AtomicLong lastGroup = new AtomicLong();

  private volatile long hardFloor;
  private volatile long softFloor;
  private volatile int era;

  /// A prefix that was purged, remembered for fills that were under way.
  record PrefixPurge(String prefix, long stamp) {}

  /// Now, for a fill that begins.
  long now() {
    return counter.get();
  }

  /// A purge's stamp: above every fill begun before.
  long next() {
    return counter.incrementAndGet();
  }

  Group group(String name) {
    Group group = groups.get(name);
    group.purge(recentHard.stamp(name), false);
    group.purge(recentSoft.stamp(name), true);
    return group;
  }

  /// Returns how many live entries the group had.
  int purgeGroup(String name, boolean soft) {
    long stamp = next();
    lastGroup.accumulateAndGet(stamp, Math::max);
    (soft ? recentSoft : recentHard).add(name, stamp);
    Group group = groups.getIfPresent(name);
    if (group == null) {
      return 0;
    }
    group.purge(stamp, soft);
    return soft ? group.entries(era) : group.forget(era);
  }

  synchronized void purgeEverything(boolean soft) {
    long stamp = next();
    if (soft) {
      softFloor = stamp;
    } else {
      hardFloor = stamp;
      era++;
    }
  }

  /// How often everything was purged hard: entries of an era before are gone.
  int era() {
    return era;
  }

  /// Remembers a key's purge for fills that are under way.
  void purgeKey(String key) {
    recentKeys.add(key, next());
  }

  synchronized void purgePrefix(String prefix) {
    prefixes.addLast(new PrefixPurge(prefix, next()));
    if (prefixes.size() > RECENT_PREFIXES) {
      prefixFloor = prefixes.getFirst().stamp();
      prefixes.removeFirst();
    }
  }

  Standing standing(Entry<?> entry) {
    long stamp = entry.stamp();
    if (stamp < hardFloor) {
      return Standing.GONE;
    }
    boolean soft = entry.isSoftened() || stamp < softFloor;
    List<Group> of = entry.groupRecords();
    for (int i = 0; i < of.size(); i++) {
      Group group = of.get(i);
      if (stamp < group.hardStamp()) {
        return Standing.GONE;
      }
      soft |= stamp < group.softStamp();
    }
    return soft ? Standing.SOFT : Standing.LIVE;
  }

  /// Whether any purge since then may cover an answer of which only the key is known.
  boolean mayCover(String key, String bareKey, long stamp) {
    return stamp < softFloor || stamp < lastGroup.get() || !admits(key, bareKey, stamp);
  }

  /// False when a purge of its key, of a prefix or of everything came after the fill began: the
  /// answer may be from before.
  boolean admits(String key, String bareKey, long stamp) {
    if (stamp < hardFloor
        || stamp < prefixFloor
        || stamp < recentKeys.stamp(key)
        || stamp < recentKeys.stamp(bareKey)) {
      return false;
    }
    for (PrefixPurge purge : prefixes) {
      if (stamp < purge.stamp() && key.startsWith(purge.prefix())) {
        return false;
      }
    }
    return true;
  }
}
