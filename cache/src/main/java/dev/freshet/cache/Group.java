package dev.freshet.cache;

import java.util.concurrent.atomic.AtomicInteger;

/// A group's record: when it was last purged, and how many entries are in it. Alive as long as
/// entries or fills point to it.
final class Group {
  private final String name;
  private final AtomicInteger entries = new AtomicInteger();
  private volatile long hardStamp;
  private volatile long softStamp;

  Group(String name) {
    this.name = name;
  }

  String name() {
    return name;
  }

  AtomicInteger entries() {
    return entries;
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
