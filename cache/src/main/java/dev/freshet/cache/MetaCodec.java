package dev.freshet.cache;

import org.jspecify.annotations.Nullable;

/// Turns the owner's part of an entry into octets and back, for the second tier.
public interface MetaCodec<M> {

  byte[] encode(M meta);

  /// Null when the octets are of an older form or damaged.
  @Nullable M decode(byte[] octets);

  /// Octets of heap that it takes.
  long weight(M meta);
}
