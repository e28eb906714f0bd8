package dev.freshet.live;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;

/// What a WebSocket server sends (RFC 6455): the answer to the handshake, and frames.
final class WebSocketFrames {
  static final int CONTINUATION = 0;
  static final int TEXT = 1;
  static final int BINARY = 2;
  static final int CLOSE = 8;
  static final int PING = 9;
  static final int PONG = 10;

  /// Section 7.4.1.
  static final int NORMAL = 1000;

  static final int GOING_AWAY = 1001;
  static final int PROTOCOL_ERROR = 1002;
  static final int UNSUPPORTED = 1003;
  static final int NOT_UTF8 = 1007;
  static final int POLICY = 1008;
  static final int TOO_BIG = 1009;

  /// Section 1.3.
  private static final String GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

  private WebSocketFrames() {}

  /// The value of `Sec-WebSocket-Accept`.
  static String accept(String key) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-1")
              .digest((key + GUID).getBytes(StandardCharsets.ISO_8859_1));
      return Base64.getEncoder().encodeToString(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-1", e);
    }
  }

  /// One unfragmented frame, unmasked as a server's are.
  static byte[] frame(int opcode, byte[] payload) {
    int length = payload.length;
    int extended = length < 126 ? 0 : length < 65_536 ? 2 : 8;
    byte[] out = new byte[2 + extended + length];
    out[0] = (byte) (0x80 | opcode);
    out[1] = (byte) (extended == 0 ? length : extended == 2 ? 126 : 127);
    for (int i = 0; i < extended; i++) {
      int shift = 8 * (extended - 1 - i);
      out[2 + i] = (byte) (shift > 24 ? 0 : length >>> shift);
    }
    System.arraycopy(payload, 0, out, 2 + extended, length);
    return out;
  }

  static byte[] close(int code, String why) {
    byte[] text = why.getBytes(StandardCharsets.UTF_8);
    byte[] payload = new byte[2 + Math.min(text.length, 123)];
    payload[0] = (byte) (code >>> 8);
    payload[1] = (byte) code;
    System.arraycopy(text, 0, payload, 2, payload.length - 2);
    return frame(CLOSE, payload);
  }
}
