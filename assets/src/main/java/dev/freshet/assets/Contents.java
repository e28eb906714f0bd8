package dev.freshet.assets;

import java.io.ByteArrayOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/// Whole contents: how they are put together and told apart.
final class Contents {
  private Contents() {}

  static byte[] whole(byte[][] content) {
    if (content.length == 1) {
      return content[0];
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (byte[] piece : content) {
      out.writeBytes(piece);
    }
    return out.toByteArray();
  }

  static long length(byte[][] content) {
    long length = 0;
    for (byte[] piece : content) {
      length += piece.length;
    }
    return length;
  }

  static String hash(byte[] content) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has it", e);
    }
  }
}
