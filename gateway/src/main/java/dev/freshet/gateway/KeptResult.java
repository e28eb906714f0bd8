package dev.freshet.gateway;

import dev.freshet.cache.MetaCodec;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/// What is known of a stored result beside its octets.
///
/// @param expiresMillis wall clock
record KeptResult(long expiresMillis) {

  /// Eight octets behind one that names the form.
  static final class Codec implements MetaCodec<KeptResult> {
    private static final byte FORM = 1;

    @Override
    public byte[] encode(KeptResult meta) {
      return ByteBuffer.allocate(9).put(FORM).putLong(meta.expiresMillis()).array();
    }

    @Override
    public @Nullable KeptResult decode(byte[] octets) {
      return octets.length == 9 && octets[0] == FORM
          ? new KeptResult(ByteBuffer.wrap(octets).getLong(1))
          : null;
    }

    @Override
    public long weight(KeptResult meta) {
      return 24;
    }
  }
}
