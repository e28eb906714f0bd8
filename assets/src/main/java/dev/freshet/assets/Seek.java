package dev.freshet.assets;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/// Looks for octets eight at a time: Warren, *Hacker's Delight*, section 6-1 (which of them is the
/// first is told by the lowest bit only, so words are read with the lowest octet first).
final class Seek {
  private static final VarHandle WORDS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private static final long ONES = 0x0101_0101_0101_0101L;
  private static final long TOPS = 0x8080_8080_8080_8080L;
  private static final long LOWER = 0x2020_2020_2020_2020L;

  private Seek() {}

  /// Where a letter is that another one follows, both of either case; `end` where none is.
  ///
  /// @param letter in lower case, as the other
  static int pair(byte[] in, int from, int end, char letter, char other) {
    long wanted = letter * ONES;
    long behind = other * ONES;
    int i = from;
    while (i < end - Long.BYTES) {
      long found =
          zeros(((long) WORDS.get(in, i) | LOWER) ^ wanted)
              & zeros(((long) WORDS.get(in, i + 1) | LOWER) ^ behind);
      if (found == 0) {
        i += Long.BYTES;
      } else {
        // Behind the first of one of them there may seem to be more.
        i += first(found);
        if (isPair(in, i, letter, other)) {
          return i;
        }
        i++;
      }
    }
    while (i < end && !(i + 1 < end && isPair(in, i, letter, other))) {
      i++;
    }
    return i;
  }

  private static boolean isPair(byte[] in, int i, char letter, char other) {
    return (in[i] | 0x20) == letter && (in[i + 1] | 0x20) == other;
  }

  /// Where one is; `end` where it isn't.
  static int one(byte[] in, int from, int end, int one) {
    long wanted = one * ONES;
    int i = from;
    for (; i <= end - Long.BYTES; i += Long.BYTES) {
      long found = zeros((long) WORDS.get(in, i) ^ wanted);
      if (found != 0) {
        return i + first(found);
      }
    }
    while (i < end && in[i] != one) {
      i++;
    }
    return i;
  }

  /// Where one of three is; `end` where none is.
  static int any(byte[] in, int from, int end, int one, int two, int three) {
    int i = from;
    for (; i <= end - Long.BYTES; i += Long.BYTES) {
      long word = (long) WORDS.get(in, i);
      long found = zeros(word ^ one * ONES) | zeros(word ^ two * ONES) | zeros(word ^ three * ONES);
      if (found != 0) {
        return i + first(found);
      }
    }
    while (i < end && in[i] != one && in[i] != two && in[i] != three) {
      i++;
    }
    return i;
  }

  /// The top bit of each octet that is zero, and of some behind the first of those.
  private static long zeros(long word) {
    return (word - ONES) & ~word & TOPS;
  }

  private static int first(long found) {
    return Long.numberOfTrailingZeros(found) / Byte.SIZE;
  }
}
