package dev.freshet.sql;

import java.nio.charset.StandardCharsets;

/// A set of keywords that is asked without making objects: a word of up to twelve letters fits into
/// a long.
final class Words {
  private static final int LONGEST = 12;

  private final long[] slots;

  private Words(long[] slots) {
    this.slots = slots;
  }

  static Words of(String spaced) {
    String[] words = spaced.strip().split("\\s+", -1);
    long[] slots = new long[Integer.highestOneBit(words.length) * 4];
    for (String word : words) {
      long code = code(word);
      if (code == 0) {
        throw new IllegalArgumentException("not a keyword: " + word);
      }
      int at = slot(code, slots.length);
      while (slots[at] != 0 && slots[at] != code) {
        at = (at + 1) & (slots.length - 1);
      }
      slots[at] = code;
    }
    return new Words(slots);
  }

  boolean has(long code) {
    if (code == 0) {
      return false;
    }
    int at = slot(code, slots.length);
    while (slots[at] != 0) {
      if (slots[at] == code) {
        return true;
      }
      at = (at + 1) & (slots.length - 1);
    }
    return false;
  }

  private static int slot(long code, int length) {
    return (int) ((code * 0x9E3779B97F4A7C15L) >>> 40) & (length - 1);
  }

  /// The word in either case as a number of its own; 0 when it is too long or has other characters
  /// than letters and the underscore, as no keyword does.
  static long code(byte[] sql, int from, int to) {
    if (to - from > LONGEST) {
      return 0;
    }
    long code = 0;
    for (int i = from; i < to; i++) {
      int c = sql[i] | 0x20;
      if (c >= 'a' && c <= 'z') {
        code = code << 5 | (c - 'a' + 1);
      } else if (sql[i] == '_') {
        code = code << 5 | 27;
      } else {
        return 0;
      }
    }
    return code;
  }

  static long code(String word) {
    byte[] octets = word.getBytes(StandardCharsets.UTF_8);
    return code(octets, 0, octets.length);
  }
}
