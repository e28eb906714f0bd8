package dev.freshet.live;

import java.nio.charset.StandardCharsets;

/// The frames that a WebSocket server sends (RFC 6455).
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

  private WebSocketFrames() {}

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
