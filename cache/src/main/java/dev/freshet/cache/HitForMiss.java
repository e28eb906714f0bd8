package dev.freshet.cache;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.freshet.base.Time;
import java.time.Duration;

/// Remembers keys whose answers turned out to be for one asker only, so that requests for them
/// don't queue behind each other.
public final class HitForMiss {
  private static final int MAX_KEYS = 50_000;
  private final Cache<String, Boolean> marks;

  /// @param memory how long a mark lasts
  public HitForMiss(Duration memory, Time time) {
    marks =
        Caffeine.newBuilder()
            .maximumSize(MAX_KEYS)
            .expireAfterWrite(memory)
            .ticker(time::nanos)
            .executor(Runnable::run)
            .build();
  }

  public void mark(String key) {
    marks.put(key, Boolean.TRUE);
  }

  public boolean isMarked(String key) {
    return marks.getIfPresent(key) != null;
  }

  public void clear(String key) {
    marks.invalidate(key);
  }
}
