package dev.freshet.assets;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// The names that were seen last: at least so many, at most twice as many; any thread asks without
/// waiting.
final class Recent {
  private static final int MAX_NAME = 1_024;
  private final int least;
  private volatile Set<String> young = ConcurrentHashMap.newKeySet();
  private volatile Set<String> old = ConcurrentHashMap.newKeySet();

  Recent(int least) {
    this.least = least;
  }

  void add(String name) {
    if (name.length() > MAX_NAME || !young.add(name) || young.size() < least) {
      return;
    }
    synchronized (this) {
      if (young.size() >= least) {
        old = young;
        young = ConcurrentHashMap.newKeySet();
      }
    }
  }

  void remove(String name) {
    young.remove(name);
    old.remove(name);
  }

  boolean has(String name) {
    return young.contains(name) || old.contains(name);
  }
}
