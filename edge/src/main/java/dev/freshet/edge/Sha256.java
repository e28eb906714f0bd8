package dev.freshet.edge;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;

/// A digest in the making, written in the letters of URLs.
final class Sha256 {
  private final MessageDigest digest;

  Sha256() {
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  Sha256 add(byte[] octets) {
    digest.update(octets);
    return this;
  }

  Sha256 addAll(byte[][] pieces) {
    for (byte[] piece : pieces) {
      digest.update(piece);
    }
    return this;
  }

  Sha256 add(String text) {
    return add(text.getBytes(StandardCharsets.UTF_8));
  }

  /// All 256 bits; it is over with that.
  String end() {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(digest.digest());
  }

  /// As many as a tag needs: 132 bits.
  String endShort() {
    return end().substring(0, 22);
  }
}
