package dev.freshet.recording;

import java.util.Arrays;

/// One line of JSON under way, in room that is used again.
final class Octets {
  private byte[] array = new byte[1_024];
  private int length;

  Octets clear() {
    length = 0;
    return this;
  }

  byte[] array() {
    return array;
  }

  int length() {
    return length;
  }

  /// Plain ASCII as it is.
  @SuppressWarnings("deprecation") // The one copy without an object between; of ASCII it is exact.
  Octets text(String ascii) {
    int n = ascii.length();
    reserve(n);
    ascii.getBytes(0, n, array, length);
    length += n;
    return this;
  }

  Octets octets(byte[] more, int from) {
    int n = more.length - from;
    reserve(n);
    System.arraycopy(more, from, array, length, n);
    length += n;
    return this;
  }

  /// Digits of a number that is not negative.
  Octets number(long value) {
    return digits(value, 1);
  }

  /// `1234567` as `1234.567`.
  Octets thousandths(long value) {
    return digits(value / 1_000, 1).text(".").digits(value % 1_000, 3);
  }

  private Octets digits(long value, int least) {
    int n = 1;
    for (long left = value / 10; left > 0; left /= 10) {
      n++;
    }
    n = Math.max(least, n);
    reserve(n);
    long rest = value;
    for (int i = length + n - 1; i >= length; i--) {
      array[i] = (byte) ('0' + rest % 10);
      rest /= 10;
    }
    length += n;
    return this;
  }

  private void reserve(int more) {
    if (length + more > array.length) {
      array = Arrays.copyOf(array, Math.max(2 * array.length, length + more));
    }
  }
}
