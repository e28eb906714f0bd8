package dev.freshet.live;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// Reads what a WebSocket client sends (RFC 6455, section 5), octets as they come, and is strict:
/// whatever the RFC forbids ends the connection.
final class WebSocketReader {
  private static final int MAX_CONTROL = 125;

  private final int maxMessage;
  private final Listener listener;
  private byte[] pending = new byte[0];
  private byte[] message = new byte[0];
  private boolean inMessage;
  private boolean closed;

  /// What was read.
  interface Listener {
    void text(String message);

    void ping(byte[] payload);

    void pong();

    /// The client closes; it gets the same code back.
    void close(int code);
  }

  /// The client broke the protocol.
  static final class Broken extends Exception {
    private static final long serialVersionUID = 1L;
    private final int code;

    Broken(int code, String why) {
      super(why);
      this.code = code;
    }

    /// To close with.
    int code() {
      return code;
    }
  }

  /// @param maxMessage octets of a message
  WebSocketReader(int maxMessage, Listener listener) {
    this.maxMessage = maxMessage;
    this.listener = listener;
  }

  void read(byte[] octets) throws Broken {
    if (closed) {
      return;
    }
    byte[] in = octets;
    if (pending.length > 0) {
      in = Arrays.copyOf(pending, pending.length + octets.length);
      System.arraycopy(octets, 0, in, pending.length, octets.length);
    }
    int at = 0;
    int used = frame(in, at);
    while (used > 0 && !closed) {
      at += used;
      used = frame(in, at);
    }
    pending = at == in.length ? new byte[0] : Arrays.copyOfRange(in, at, in.length);
  }

  /// Handles one frame; returns its octets, 0 when it has not come in full.
  private int frame(byte[] in, int from) throws Broken {
    if (in.length - from < 2) {
      return 0;
    }
    int first = in[from] & 0xff;
    int second = in[from + 1] & 0xff;
    boolean isFinal = (first & 0x80) != 0;
    int opcode = first & 0x0f;
    boolean isControl = opcode >= WebSocketFrames.CLOSE;
    check(first, second, isFinal, isControl);
    int lengthOctets = (second & 0x7f) < 126 ? 0 : (second & 0x7f) == 126 ? 2 : 8;
    int mask = from + 2 + lengthOctets;
    if (in.length < mask) {
      return 0;
    }
    long length = length(in, from, lengthOctets);
    if (length + message.length > maxMessage && !isControl) {
      throw new Broken(WebSocketFrames.TOO_BIG, "the message is too long");
    }
    int body = mask + 4;
    if (in.length - (long) body < length) {
      return 0;
    }
    byte[] payload = Arrays.copyOfRange(in, body, body + (int) length);
    for (int i = 0; i < payload.length; i++) {
      payload[i] ^= in[mask + (i & 3)];
    }
    if (isControl) {
      control(opcode, payload);
    } else {
      data(opcode, isFinal, payload);
    }
    return body + (int) length - from;
  }

  private static void check(int first, int second, boolean isFinal, boolean isControl)
      throws Broken {
    if ((first & 0x70) != 0) {
      throw new Broken(WebSocketFrames.PROTOCOL_ERROR, "a reserved bit is set");
    }
    if ((second & 0x80) == 0) {
      throw new Broken(WebSocketFrames.PROTOCOL_ERROR, "a client's frame must be masked");
    }
    if (isControl && (!isFinal || (second & 0x7f) > MAX_CONTROL)) {
      throw new Broken(WebSocketFrames.PROTOCOL_ERROR, "a control frame is long or fragmented");
    }
  }

  private static long length(byte[] in, int from, int lengthOctets) throws Broken {
    if (lengthOctets == 0) {
      return in[from + 1] & 0x7f;
    }
    long length = 0;
    for (int i = 0; i < lengthOctets; i++) {
      length = (length << 8) | (in[from + 2 + i] & 0xff);
    }
    if (length < (lengthOctets == 2 ? 126 : 65_536)) {
      throw new Broken(WebSocketFrames.PROTOCOL_ERROR, "a length is not minimal, or negative");
    }
    return length;
  }

  private void data(int opcode, boolean isFinal, byte[] payload) throws Broken {
    boolean isContinued = opcode == WebSocketFrames.CONTINUATION;
    if (isContinued != inMessage) {
      throw new Broken(
          WebSocketFrames.PROTOCOL_ERROR, "a frame continues nothing, or interrupts a message");
    }
    if (opcode == WebSocketFrames.BINARY) {
      throw new Broken(WebSocketFrames.UNSUPPORTED, "messages are text");
    }
    if (opcode > WebSocketFrames.BINARY) {
      throw new Broken(WebSocketFrames.PROTOCOL_ERROR, "an unknown opcode");
    }
    byte[] whole = payload;
    if (message.length > 0) {
      whole = Arrays.copyOf(message, message.length + payload.length);
      System.arraycopy(payload, 0, whole, message.length, payload.length);
    }
    inMessage = !isFinal;
    message = isFinal ? new byte[0] : whole;
    if (isFinal) {
      listener.text(utf8(whole));
    }
  }

  private void control(int opcode, byte[] payload) throws Broken {
    switch (opcode) {
      case WebSocketFrames.PING -> listener.ping(payload);
      case WebSocketFrames.PONG -> listener.pong();
      case WebSocketFrames.CLOSE -> {
        int code = closing(payload);
        closed = true;
        listener.close(code);
      }
      default -> throw new Broken(WebSocketFrames.PROTOCOL_ERROR, "an unknown opcode");
    }
  }

  private static int closing(byte[] payload) throws Broken {
    if (payload.length == 0) {
      return WebSocketFrames.NORMAL;
    }
    if (payload.length == 1) {
      throw new Broken(WebSocketFrames.PROTOCOL_ERROR, "half a close code");
    }
    int code = ((payload[0] & 0xff) << 8) | (payload[1] & 0xff);
    boolean isRegistered =
        code >= 1000 && code <= 1014 && code != 1004 && code != 1005 && code != 1006;
    if (!isRegistered && (code < 3000 || code > 4999)) {
      throw new Broken(WebSocketFrames.PROTOCOL_ERROR, "no close code");
    }
    utf8(Arrays.copyOfRange(payload, 2, payload.length));
    return code;
  }

  private static String utf8(byte[] octets) throws Broken {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(octets)).toString();
    } catch (CharacterCodingException e) {
      throw new Broken(WebSocketFrames.NOT_UTF8, "a text is not UTF-8");
    }
  }
}
