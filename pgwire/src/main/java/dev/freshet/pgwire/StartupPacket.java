package dev.freshet.pgwire;

import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What a client says first: the only messages without a tag.
public sealed interface StartupPacket {
  /// Protocol 3.0 as a number.
  int VERSION_3_0 = 0x30000;

  /// PostgreSQL's own limit for this packet.
  int MAX = 10_000;

  int CANCEL_CODE = 80_877_102;
  int SSL_CODE = 80_877_103;
  int GSS_CODE = 80_877_104;

  /// Asks for TLS; answered by one octet.
  record Ssl() implements StartupPacket {}

  /// Asks for GSSAPI encryption; answered by one octet.
  record Gss() implements StartupPacket {}

  /// Asks to cancel what another connection runs; never answered.
  ///
  /// @param pid as given in BackendKeyData
  /// @param key 4 octets, or up to 256 in protocol 3.2
  @SuppressWarnings("ArrayRecordComponent")
  record Cancel(int pid, byte[] key) implements StartupPacket {}

  /// Opens a session.
  ///
  /// @param minor of protocol 3, as asked for
  /// @param parameters in the order sent, `user` among them
  /// @param unknownOptions names that begin with `_pq_.`
  record Session(int minor, Map<String, String> parameters, List<String> unknownOptions)
      implements StartupPacket {}

  /// Takes one packet out of the buffer, or returns null when it is not all there.
  static @Nullable StartupPacket read(ByteBuf in) throws ProtocolFault {
    if (in.readableBytes() < 4) {
      return null;
    }
    int length = in.getInt(in.readerIndex());
    if (length < 8 || length > MAX) {
      throw new ProtocolFault("a startup packet says it is " + length + " octets long");
    }
    if (in.readableBytes() < length) {
      return null;
    }
    int from = in.readerIndex();
    int to = from + length;
    in.readerIndex(to);
    int code = in.getInt(from + 4);
    return switch (code) {
      case SSL_CODE -> new Ssl();
      case GSS_CODE -> new Gss();
      case CANCEL_CODE -> cancel(in, from + 8, to);
      default -> session(code, in, from + 8, to);
    };
  }

  private static StartupPacket cancel(ByteBuf in, int at, int to) throws ProtocolFault {
    if (to - at < 5 || to - at > 4 + 256) {
      throw new ProtocolFault("a cancel request has no proper key");
    }
    return new Cancel(in.getInt(at), Frames.octets(in, at + 4, to));
  }

  private static StartupPacket session(int code, ByteBuf in, int from, int to)
      throws ProtocolFault {
    if (code >>> 16 != 3) {
      throw new ProtocolFault(
          "protocol " + (code >>> 16) + "." + (code & 0xffff) + " is not spoken here, only 3");
    }
    Map<String, String> parameters = new LinkedHashMap<>();
    List<String> unknown = new ArrayList<>();
    int at = from;
    while (at < to && in.getByte(at) != 0) {
      String name = Frames.string(in, at, to);
      at = Frames.endOfString(in, at, to) + 1;
      String value = Frames.string(in, at, to);
      at = Frames.endOfString(in, at, to) + 1;
      if (name.startsWith("_pq_.")) {
        unknown.add(name);
      } else {
        parameters.put(name, value);
      }
    }
    if (at != to - 1) {
      throw new ProtocolFault("a startup packet does not end where it says");
    }
    return new Session(code & 0xffff, parameters, unknown);
  }
}
