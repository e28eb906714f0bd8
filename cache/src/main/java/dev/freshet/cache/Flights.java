package dev.freshet.cache;

import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// The fills under way, by key, so that others can join one instead of starting their own.
public final class Flights<F> {
  private final ConcurrentHashMap<String, F> byKey = new ConcurrentHashMap<>();

  public @Nullable F get(String key) {
    return byKey.get(key);
  }

  /// False when there is one already.
  public boolean putIfAbsent(String key, F flight) {
    return byKey.putIfAbsent(key, flight) == null;
  }

  /// Takes it off, if it is still the one.
  public void remove(String key, F flight) {
    byKey.remove(key, flight);
  }

  public int size() {
    return byKey.size();
  }
}
