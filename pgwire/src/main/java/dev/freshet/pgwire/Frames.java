package dev.freshet.pgwire;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;

/// Reads the frames of protocol 3: a tag, a length that counts itself, and what the length says.
public final class Frames {
  /// Octets of tag and length.
  public static final int HEADER = 5;

  /// As the server's own limit: 1 GB less one.
  public static final int MAX = 0x3fffffff;

  private Frames() {}

  /// Octets of the whole frame that begins there, tag included. Five octets must be there.
  public static int size(ByteBuf in, int at) throws ProtocolFault {
    int length = in.getInt(at + 1);
    if (length < 4 || length > MAX) {
      throw new ProtocolFault("a message says it is " + length + " octets long");
    }
    return length + 1;
  }

  /// Index of the NUL that ends the string there.
  ///
  /// @param to where the message ends
  public static int endOfString(ByteBuf in, int at, int to) throws ProtocolFault {
    int end = at >= to ? -1 : in.indexOf(at, to, (byte) 0);
    if (end < 0) {
      throw new ProtocolFault("a string does not end within its message");
    }
    return end;
  }

  /// The string there, as UTF-8.
  public static String string(ByteBuf in, int at, int to) throws ProtocolFault {
    return in.toString(at, endOfString(in, at, to) - at, StandardCharsets.UTF_8);
  }

  public static byte[] octets(ByteBuf in, int from, int to) {
    byte[] out = new byte[to - from];
    in.getBytes(from, out);
    return out;
  }
}
