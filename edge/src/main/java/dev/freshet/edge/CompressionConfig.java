package dev.freshet.edge;

import dev.freshet.base.ByteSize;

/// Which content is coded here, and how hard.
///
/// @param enabled false sends everything as the origin made it
/// @param minBytes smaller content is left alone: the fields would cost more than is saved
/// @param maxBytes larger stored content is only coded while it streams
/// @param threads for what a client waits for, and as many of low priority for what nobody does
/// @param maxPending pieces of work of either kind that may wait
public record CompressionConfig(
    boolean enabled, int minBytes, ByteSize maxBytes, int threads, int maxPending) {

  public CompressionConfig {
    if (minBytes < 0 || threads < 1 || maxPending < 1) {
      throw new IllegalArgumentException("compression needs a thread and a place in its queue");
    }
  }

  public static CompressionConfig defaults() {
    return new CompressionConfig(true, 500, new ByteSize(10L << 20), 1, 256);
  }
}
