package dev.freshet.http;

import dev.freshet.base.Rolls;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// Octets for tests: one char is one octet.
final class Wire {
  /// What a stray octet most likely does harm as.
  private static final String STRAY = "\r\n \t:;,=\"\\\0\u000b\u007f\u0080\u00ffaZ09-_*/()";

  private Wire() {}

  static byte[] octets(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  static String text(byte[] octets, int from, int to) {
    return new String(octets, from, to - from, StandardCharsets.ISO_8859_1);
  }

  /// Makes control characters writable in tables: `~` is CR LF, `^` LF, `!` CR, `@` NUL, `_` a
  /// space.
  static String drawn(String picture) {
    return picture
        .replace("~", "\r\n")
        .replace('^', '\n')
        .replace('!', '\r')
        .replace('@', '\0')
        .replace('_', ' ');
  }

  /// The text with some octets replaced, added, dropped or doubled.
  static String damaged(String text, Rolls rolls) {
    StringBuilder out = new StringBuilder(text);
    int times = rolls.between(1, 3);
    for (int i = 0; i < times && !out.isEmpty(); i++) {
      int at = rolls.between(0, out.length() - 1);
      char stray =
          rolls.chance(0.8)
              ? STRAY.charAt(rolls.between(0, STRAY.length() - 1))
              : (char) rolls.between(0, 255);
      switch (rolls.between(0, 3)) {
        case 0 -> out.setCharAt(at, stray);
        case 1 -> out.insert(at, stray);
        case 2 -> out.deleteCharAt(at);
        default -> out.insert(at, out.charAt(at));
      }
    }
    return out.toString();
  }

  /// The same in pieces of chance length.
  static List<byte[]> pieces(byte[] octets, Rolls rolls) {
    List<byte[]> out = new ArrayList<>();
    int at = 0;
    while (at < octets.length) {
      int length = Math.min(octets.length - at, rolls.between(1, rolls.chance(0.5) ? 3 : 40));
      byte[] piece = new byte[length];
      System.arraycopy(octets, at, piece, 0, length);
      out.add(piece);
      at += length;
    }
    return out;
  }
}
