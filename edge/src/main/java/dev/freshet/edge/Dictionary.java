package dev.freshet.edge;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;

/// Content that clients hold, against which other content is coded: only what differs is sent (RFC
/// 9842, section 4.2: `dcz`).
final class Dictionary {
  /// As in `Content-Encoding`.
  static final String CODING = "dcz";

  /// Begins every answer, before the dictionary's digest: a frame that Zstandard skips.
  private static final byte[] MAGIC = {0x5e, 0x2a, 0x4d, 0x18, 0x20, 0, 0, 0};

  /// A Zstandard dictionary begins so; what does is no plain content to this library.
  private static final byte[] FORMATTED = {0x37, (byte) 0xa4, 0x30, (byte) 0xec};

  private static final int PIECE = 65_536;

  private final byte[] content;
  private final byte[] digest;
  private final String name;

  private Dictionary(byte[] content) {
    this.content = content;
    try {
      this.digest = MessageDigest.getInstance("SHA-256").digest(content);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
    this.name = Base64.getEncoder().encodeToString(digest);
  }

  static Dictionary of(byte[][] content) {
    return new Dictionary(Pieces.joined(content));
  }

  /// Its digest, as `Available-Dictionary` has it between colons.
  String name() {
    return name;
  }

  /// The same in the letters of URLs.
  String urlName() {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(digest);
  }

  int length() {
    return content.length;
  }

  byte[][] content() {
    return new byte[][] {content};
  }

  /// Whether clients and this library take it for the same.
  boolean isPlain() {
    for (int i = 0; i < FORMATTED.length; i++) {
      if (i >= content.length || content[i] != FORMATTED[i]) {
        return true;
      }
    }
    return false;
  }

  /// Codes content against it.
  byte[][] encode(byte[][] plain, Digests digests) {
    byte[] coded = digests.code(this, Pieces.joined(plain));
    int begin = MAGIC.length + digest.length;
    byte[] out = new byte[begin + coded.length];
    System.arraycopy(MAGIC, 0, out, 0, MAGIC.length);
    System.arraycopy(digest, 0, out, MAGIC.length, digest.length);
    System.arraycopy(coded, 0, out, begin, coded.length);
    byte[][] pieces = new byte[(out.length + PIECE - 1) / PIECE][];
    for (int i = 0; i < pieces.length; i++) {
      int from = i * PIECE;
      pieces[i] = new byte[Math.min(PIECE, out.length - from)];
      System.arraycopy(out, from, pieces[i], 0, pieces[i].length);
    }
    return pieces;
  }
}
