package dev.freshet.cache;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// Which keys in the heap are one user's copies of a URL, by the URL's key.
final class Partitions {
  private final Map<String, Set<String>> byUrl = new ConcurrentHashMap<>();

  /// The URL's key within a key.
  static String url(String key) {
    int at = key.indexOf(Cache.SEPARATOR);
    return at < 0 ? key : key.substring(0, at);
  }

  /// After the key was put.
  void add(String key) {
    if (key.indexOf(Cache.SEPARATOR) >= 0) {
      byUrl.compute(
          url(key),
          (url, keys) -> {
            Set<String> with = keys == null ? ConcurrentHashMap.newKeySet() : keys;
            with.add(key);
            return with;
          });
    }
  }

  /// After the key was removed, unless it has been put again.
  void remove(String key, Set<String> present) {
    if (key.indexOf(Cache.SEPARATOR) >= 0) {
      byUrl.computeIfPresent(
          url(key),
          (url, keys) -> {
            if (!present.contains(key)) {
              keys.remove(key);
            }
            return keys.isEmpty() ? null : keys;
          });
    }
  }

  List<String> of(String url) {
    Set<String> keys = byUrl.get(url);
    return keys == null ? List.of() : List.copyOf(keys);
  }
}
