package dev.freshet.recording;

import java.util.LinkedHashMap;
import java.util.Map;

/// What was looked for last, up to a number. Used by one thread.
final class Latest<K, V> extends LinkedHashMap<K, V> {
  private static final long serialVersionUID = 1L;
  private final int most;

  Latest(int most) {
    super(256, 0.75f, true);
    this.most = most;
  }

  @Override
  protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
    return size() > most;
  }
}
