package dev.freshet.assets;

import java.util.Objects;

/// Content in pieces, read by place; throws [IndexOutOfBoundsException] beyond its end.
final class Pieces {
  private final byte[][] pieces;
  private final long length;
  private int piece;
  private long begins;

  Pieces(byte[][] pieces) {
    this.pieces = pieces;
    long all = 0;
    for (byte[] each : pieces) {
      all += each.length;
    }
    length = all;
  }

  long length() {
    return length;
  }

  int octet(long at) {
    if (at < 0 || at >= length) {
      throw new IndexOutOfBoundsException("the content has " + length + " octets");
    }
    if (at < begins) {
      piece = 0;
      begins = 0;
    }
    while (at - begins >= pieces[piece].length) {
      begins += pieces[piece].length;
      piece++;
    }
    return pieces[piece][(int) (at - begins)] & 0xff;
  }

  int int16(long at) {
    return octet(at) << 8 | octet(at + 1);
  }

  int low16(long at) {
    return octet(at) | octet(at + 1) << 8;
  }

  int int32(long at) {
    return int16(at) << 16 | int16(at + 2);
  }

  /// One char for each octet.
  String text(long from, long to) {
    Objects.checkFromToIndex(from, to, length);
    StringBuilder out = new StringBuilder((int) (to - from));
    for (long i = from; i < to; i++) {
      out.append((char) octet(i));
    }
    return out.toString();
  }
}
