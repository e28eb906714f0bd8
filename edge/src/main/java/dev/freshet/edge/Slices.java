package dev.freshet.edge;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Cuts octets out of content that is stored in pieces.
final class Slices {
  private Slices() {}

  /// `length` octets from `skip` on; whole pieces are shared, cut ones copied.
  static byte[][] of(byte[][] content, long skip, long length) {
    List<byte[]> out = new ArrayList<>();
    long at = 0;
    long end = skip + length;
    for (byte[] piece : content) {
      long from = Math.max(skip, at);
      long to = Math.min(end, at + piece.length);
      if (from < to) {
        boolean isWhole = from == at && to == at + piece.length;
        out.add(isWhole ? piece : Arrays.copyOfRange(piece, (int) (from - at), (int) (to - at)));
      }
      at += piece.length;
    }
    return out.toArray(new byte[0][]);
  }
}
