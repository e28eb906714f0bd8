package dev.freshet.assets;

import java.util.Arrays;

/// Octets that are put together, by one thread: [java.io.ByteArrayOutputStream] without its locks,
/// which take longer than the few octets of an attribute.
final class Octets {
  private byte[] all;
  private int length;

  Octets(int capacity) {
    all = new byte[capacity];
  }

  boolean isEmpty() {
    return length == 0;
  }

  void add(byte[] more) {
    add(more, 0, more.length);
  }

  void add(byte[] from, int start, int count) {
    if (count > all.length - length) {
      all = Arrays.copyOf(all, Math.max(2 * all.length, length + count));
    }
    System.arraycopy(from, start, all, length, count);
    length += count;
  }

  void add(Octets more) {
    add(more.all, 0, more.length);
  }

  /// What there is; from now on there is nothing.
  byte[] take() {
    byte[] out = Arrays.copyOf(all, length);
    length = 0;
    return out;
  }

  void clear() {
    length = 0;
  }
}
