package dev.freshet.base;

import java.util.LinkedHashMap;
import java.util.Map;

/// A map of at most so many entries: one more than that, and the eldest goes. Not safe for several
/// threads: where it forgets by use, a look is a write too.
public final class Bounded<K, V> extends LinkedHashMap<K, V> {
  private static final long serialVersionUID = 1L;
  private final int most;

  private Bounded(int most, boolean byUse) {
    super(16, 0.75f, byUse);
    if (most < 1) {
      throw new IllegalArgumentException("a map of at most " + most + " entries holds nothing");
    }
    this.most = most;
  }

  /// Forgets what was put in or looked at longest ago.
  public static <K, V> Bounded<K, V> byUse(int most) {
    return new Bounded<>(most, true);
  }

  /// Forgets what came first, however often it is looked at: a look writes nothing.
  public static <K, V> Bounded<K, V> byAge(int most) {
    return new Bounded<>(most, false);
  }

  @Override
  protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
    return size() > most;
  }
}
