package dev.freshet.edge;

import dev.freshet.base.Bounded;
import dev.freshet.cache.Cache;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Remembers of each URL why its last answer was not kept on the strength of rows.
final class Whys {
  private static final int MAX = 10_000;

  private final Map<String, Why> byUrl = Bounded.byUse(MAX);

  /// @param detail which statement or table, for people; may be empty
  /// @param millis wall clock
  record Why(Reason reason, String detail, long millis) {}

  synchronized void note(String key, Reason reason, String detail, long now) {
    int user = key.indexOf(Cache.SEPARATOR);
    byUrl.put(user < 0 ? key : key.substring(0, user), new Why(reason, detail, now));
  }

  /// Of a URL, whoever asked for it: the last one.
  synchronized @Nullable Why of(String url) {
    return byUrl.get(url);
  }
}
