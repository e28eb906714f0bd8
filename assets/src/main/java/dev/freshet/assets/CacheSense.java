package dev.freshet.assets;

import com.aayushatharva.brotli4j.Brotli4jLoader;
import com.aayushatharva.brotli4j.encoder.Encoder;
import dev.freshet.http.CacheDirectives;
import dev.freshet.http.FieldName;
import dev.freshet.http.Fields;
import java.io.IOException;
import java.io.UncheckedIOException;
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

  /// Octets that Brotli makes of a body at the level of a server; as many as it has where it is
  /// small, or there is no Brotli.
  static long coded(byte[] body) {
    if (body.length < MIN_CODED || !Brotli4jLoader.isAvailable()) {
      return body.length;
    }
    try {
      return Encoder.compress(body, new Encoder.Parameters().setQuality(5)).length;
    } catch (IOException e) {
      throw new UncheckedIOException("an encoder in memory", e);
    }
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
