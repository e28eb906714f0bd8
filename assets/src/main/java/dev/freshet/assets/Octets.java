package dev.freshet.assets;

import java.util.Arrays;

/// Octets that grow at their end.
final class Octets {
  private static final byte[] NOTHING = new byte[0];
  private byte[] octets;
  private int length;

  Octets(int room) {
    octets = new byte[room];
  }

  void add(byte[] from, int start, int end) {
    int more = end - start;
    if (length + more > octets.length) {
      octets = Arrays.copyOf(octets, Math.max(octets.length * 2, length + more));
    }
    System.arraycopy(from, start, octets, length, more);
    length += more;
  }

  void add(byte[] all) {
    add(all, 0, all.length);
  }

  int length() {
    return length;
  }

  /// All of them; none are left.
  byte[] take() {
    byte[] out = length == 0 ? NOTHING : Arrays.copyOf(octets, length);
    length = 0;
    return out;
  }
}
