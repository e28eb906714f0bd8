package dev.freshet.cache;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.freshet.base.Time;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.random.RandomGenerator;

/// Remembers keys whose answers turned out to be for one asker only, so that requests for them
/// don't queue behind each other.
///
/// Of a key 64 bits of a digest are kept: keys may be as long as clients make them. Two keys with
/// the same bits would only not wait for each other; so that nobody can look for such, the digest
/// begins with what nobody outside knows.
public final class HitForMiss {
  private static final int MAX_KEYS = 50_000;
  private final Cache<Long, Boolean> marks;
  private final byte[] secret = new byte[16];

  /// @param memory how long a mark lasts
  /// @param chance nobody outside can foresee
  public HitForMiss(Duration memory, Time time, RandomGenerator chance) {
    chance.nextBytes(secret);
    marks =
        Caffeine.newBuilder()
            .maximumSize(MAX_KEYS)
            .expireAfterWrite(memory)
            .ticker(time::nanos)
            .executor(Runnable::run)
            .build();
  }

  public void mark(String key) {
    marks.put(digest(key), Boolean.TRUE);
  }

  public boolean isMarked(String key) {
    return isAnyMarked() && marks.getIfPresent(digest(key)) != null;
  }

  public void clear(String key) {
    if (isAnyMarked()) {
      marks.invalidate(digest(key));
    }
  }

  /// Where nothing is private no miss needs a digest.
  private boolean isAnyMarked() {
    return marks.estimatedSize() > 0;
  }

  private long digest(String key) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(secret);
      return ByteBuffer.wrap(digest.digest(key.getBytes(StandardCharsets.UTF_8))).getLong();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
