package dev.freshet.cache;

import dev.freshet.base.ByteSize;
import org.jspecify.annotations.Nullable;

/// How much is kept, and where else.
///
/// @param memory octets of the heap tier, bookkeeping included
/// @param maxVariants entries under one key; the oldest goes first
/// @param second the shared tier, or null for none
public record CacheConfig(ByteSize memory, int maxVariants, @Nullable SecondTierConfig second) {

  public CacheConfig {
    if (memory.bytes() < 1 << 20) {
      throw new IllegalArgumentException("a cache under 1MB keeps nothing: " + memory);
    }
    if (maxVariants < 1) {
      throw new IllegalArgumentException("at least one variant must fit: " + maxVariants);
    }
  }

  /// 256 MB, no second tier.
  public static CacheConfig defaults() {
    return new CacheConfig(new ByteSize(256L << 20), 32, null);
  }

  public CacheConfig withMemory(ByteSize size) {
    return new CacheConfig(size, maxVariants, second);
  }
}
