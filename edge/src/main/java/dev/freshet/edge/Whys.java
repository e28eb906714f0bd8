package dev.freshet.edge;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Remembers of each key why its last answer was not kept on the strength of rows.
final class Whys {
  private static final int MAX = 10_000;

  private final Map<String, Why> last =
      new LinkedHashMap<>(64, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Why> eldest) {
          return size() > MAX;
        }
      };

  /// @param detail which statement or table, for people; may be empty
  /// @param millis wall clock
  record Why(Reason reason, String detail, long millis) {}

  synchronized void note(String key, Reason reason, String detail, long now) {
    last.put(key, new Why(reason, detail, now));
  }

  synchronized @Nullable Why of(String key) {
    return last.get(key);
  }
}
