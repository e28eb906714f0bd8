package dev.freshet.edge;

import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/// A place in a list, as a reader carries it from page to page.
///
/// It says nothing that its reader does not know and opens nothing: it is only ever held against
/// the list that the request itself leads to, with whatever rights the request has. So it needs no
/// signature; the sum at its end tells what was cut or retyped.
///
/// @param isBackward before the place rather than from there on
/// @param list which list it is of: a digest of its cache key, with the user where users have their
///   own
/// @param version of the list, as [ListIndex#version]
/// @param position in the order of that version
/// @param key of the element at the near side of the place, which the reader has seen; 0 for none
record Cursor(boolean isBackward, int list, long version, int position, long key) {
  private static final int OCTETS = 29;

  @Override
  public String toString() {
    byte[] octets = new byte[OCTETS];
    ByteBuffer out = ByteBuffer.wrap(octets);
    out.put((byte) (isBackward ? 2 : 1)).putInt(list).putLong(version);
    out.putInt(position).putLong(key).putInt(sum(octets));
    return Base64.getUrlEncoder().withoutPadding().encodeToString(octets);
  }

  /// Null when it is none.
  static @Nullable Cursor parse(String text) {
    byte[] octets;
    try {
      octets = Base64.getUrlDecoder().decode(text);
    } catch (IllegalArgumentException e) {
      return null;
    }
    if (octets.length != OCTETS) {
      return null;
    }
    ByteBuffer in = ByteBuffer.wrap(octets);
    byte form = in.get();
    Cursor cursor = new Cursor(form == 2, in.getInt(), in.getLong(), in.getInt(), in.getLong());
    boolean isOne = (form == 1 || form == 2) && cursor.position >= 0 && in.getInt() == sum(octets);
    return isOne && cursor.toString().equals(text) ? cursor : null;
  }

  private static int sum(byte[] octets) {
    CRC32C sum = new CRC32C();
    sum.update(octets, 0, OCTETS - Integer.BYTES);
    return (int) sum.getValue();
  }
}
