package dev.freshet.cache;

import java.util.concurrent.atomic.AtomicLong;

/// A group's record: when it was last purged, and how many entries are in it. Alive as long as
/// entries or fills point to it.
final class Group {
  private final String name;

  /// How many entries, and above that of which era of the heap.
  private final AtomicLong entries = new AtomicLong();

  private volatile long hardStamp;
  private volatile long softStamp;

  Group(String name) {
    this.name = name;
  }

  String name() {
    return name;
  }

  /// Adds to the entries that it has in an era of the heap; those of eras before are gone.
  void count(int era, int by) {
    entries.updateAndGet(packed -> {
      int known = (int) (packed >>> 32);
      if (era < known) {
        return packed;
      }
      int before = era == known ? (int) packed : 0;
      return (long) era << 32 | Math.max(0, before + by);
    });
  }

  /// How many entries it has in that era.
  int entries(int era) {
    long packed = entries.get();
    return (int) (packed >>> 32) == era ? (int) packed : 0;
  }

  /// The same, and from now on none.
  int forget(int era) {
    long packed = entries.getAndUpdate(now -> (int) (now >>> 32) > era ? now : (long) era << 32);
    return (int) (packed >>> 32) == era ? (int) packed : 0;
  }

  long hardStamp() {
    return hardStamp;
  }

  long softStamp() {
    return softStamp;
  }

  synchronized void purge(long stamp, boolean soft) {
    if (soft) {
      softStamp = Math.max(softStamp, stamp);
    } else {
      hardStamp = Math.max(hardStamp, stamp);
    }
  }
}
