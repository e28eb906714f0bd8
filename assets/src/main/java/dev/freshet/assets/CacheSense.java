package dev.freshet.assets;

import dev.freshet.http.CacheDirectives;
import dev.freshet.http.FieldName;
import dev.freshet.http.Fields;
import org.jspecify.annotations.Nullable;

/// What an answer's head says to a browser's cache, and of its body.
final class CacheSense {
  /// Less than a packet gains nothing by being smaller.
  static final int MIN_CODED = 1_400;

  private CacheSense() {}

  /// How long a browser may use it without asking; 0 without a lifetime.
  static long seconds(@Nullable String cacheControl) {
    if (cacheControl == null) {
      return 0;
    }
    CacheDirectives directives =
        CacheDirectives.parse(new Fields().add(FieldName.CACHE_CONTROL, cacheControl));
    return directives.noStore() || directives.noCache() ? 0 : Math.max(0, directives.maxAge());
  }

  /// Whether coding makes such a body smaller.
  static boolean isText(String type) {
    return type.startsWith("text/")
        || type.contains("javascript")
        || type.contains("json")
        || type.contains("xml")
        || type.contains("wasm");
  }
}
