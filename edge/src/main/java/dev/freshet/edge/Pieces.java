package dev.freshet.edge;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;

/// Content in pieces, read by offset.
final class Pieces {
  private final byte[][] pieces;
  private final long[] starts;
  private final long length;
  private int last;

  /// @param pieces not changed afterwards by anyone
  Pieces(byte[][] pieces) {
    this.pieces = pieces;
    this.starts = new long[pieces.length];
    long at = 0;
    for (int i = 0; i < pieces.length; i++) {
      starts[i] = at;
      at += pieces[i].length;
    }
    this.length = at;
  }

  /// All of it in one; must not be changed.
  static byte[] joined(byte[][] pieces) {
    if (pieces.length == 1) {
      return pieces[0];
    }
    byte[] out = new byte[Math.toIntExact(Form.length(pieces))];
    int at = 0;
    for (byte[] piece : pieces) {
      System.arraycopy(piece, 0, out, at, piece.length);
      at += piece.length;
    }
    return out;
  }

  long length() {
    return length;
  }

  /// Must not be changed.
  @SuppressWarnings("MutableMethodReturnType")
  byte[][] pieces() {
    return pieces;
  }

  byte at(long offset) {
    int piece = pieceOf(offset);
    return pieces[piece][(int) (offset - starts[piece])];
  }

  void copy(long from, long to, ByteArrayOutputStream out) {
    long at = from;
    for (int piece = from < to ? pieceOf(from) : 0; at < to; piece++) {
      int skip = (int) (at - starts[piece]);
      int many = (int) Math.min(to - at, pieces[piece].length - skip);
      out.write(pieces[piece], skip, many);
      at += many;
    }
  }

  /// Neighbours are asked for one after the other, so the last place is looked at first.
  private int pieceOf(long offset) {
    int piece = last;
    if (piece >= pieces.length
        || offset < starts[piece]
        || offset >= starts[piece] + pieces[piece].length) {
      int found = Arrays.binarySearch(starts, offset);
      piece = found < 0 ? -found - 2 : found;
      // Of pieces that begin at the same place all but the last are empty.
      while (pieces[piece].length == 0) {
        piece++;
      }
      last = piece;
    }
    return piece;
  }
}
