package dev.freshet.assets;

import java.nio.charset.StandardCharsets;

/// Looks at octets as HTML does: letters are ASCII letters, of any case.
final class Ascii {
  private Ascii() {}

  static byte[] octets(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  static String text(byte[] from, int start, int end) {
    return new String(from, start, end - start, StandardCharsets.ISO_8859_1);
  }

  static boolean isLetter(int octet) {
    int lower = octet | 0x20;
    return lower >= 'a' && lower <= 'z';
  }

  static boolean isSpace(int octet) {
    return octet == ' ' || octet == '\n' || octet == '\t' || octet == '\r' || octet == '\f';
  }

  static int lower(int octet) {
    return octet >= 'A' && octet <= 'Z' ? octet | 0x20 : octet;
  }

  /// Whether the octets from `start` to `end` are the name, which is in lower case.
  static boolean isName(byte[] name, byte[] from, int start, int end) {
    if (end - start != name.length) {
      return false;
    }
    for (int i = 0; i < name.length; i++) {
      if (lower(from[start + i]) != name[i]) {
        return false;
      }
    }
    return true;
  }
}
