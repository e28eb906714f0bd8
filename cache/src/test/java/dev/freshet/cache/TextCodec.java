package dev.freshet.cache;

import java.nio.charset.StandardCharsets;

/// Descriptions that are plain text.
final class TextCodec implements MetaCodec<String> {
  @Override
  public byte[] encode(String meta) {
    return meta.getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public String decode(byte[] octets) {
    return new String(octets, StandardCharsets.UTF_8);
  }

  @Override
  public long weight(String meta) {
    return 56L + meta.length();
  }
}
