package dev.freshet.cache;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/// The last purges by name; forgetting one raises the floor for every name, so that forgetting is
/// never forgiving.
final class RecentPurges {
  private final int max;
  private final Map<String, Long> stamps = new LinkedHashMap<>();
  private volatile long floor;
  private volatile boolean empty = true;

  RecentPurges(int max) {
    this.max = max;
  }

  synchronized void add(String name, long stamp) {
    empty = false;
    Long before = stamps.remove(name);
    stamps.put(name, before == null ? stamp : Math.max(before, stamp));
    if (stamps.size() > max) {
      Iterator<Map.Entry<String, Long>> oldest = stamps.entrySet().iterator();
      floor = Math.max(floor, oldest.next().getValue());
      oldest.remove();
    }
  }

  /// Stamp of the last purge of that name, or the floor.
  long stamp(String name) {
    if (empty) {
      return 0;
    }
    synchronized (this) {
      Long known = stamps.get(name);
      return Math.max(known == null ? 0 : known, floor);
    }
  }
}
