package dev.freshet.edge;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// An HTTP/2 client in clear text that sends exactly the frames it is told, sound or not; every
/// wait ends after ten seconds.
final class RawHttp2 implements AutoCloseable {
  static final int DATA = 0;
  static final int HEADERS = 1;
  static final int PRIORITY = 2;
  static final int RESET = 3;
  static final int SETTINGS = 4;
  static final int PING = 6;
  static final int GO_AWAY = 7;
  static final int WINDOW_UPDATE = 8;
  static final int CONTINUATION = 9;

  static final int ACK = 1;
  static final int END_STREAM = 1;
  static final int END_HEADERS = 4;

  static final int INITIAL_WINDOW = 4;

  static final int NO_ERROR = 0;
  static final int PROTOCOL_ERROR = 1;
  static final int ENHANCE_YOUR_CALM = 11;

  private static final String PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

  private final Socket socket;
  private final DataInputStream in;
  private final DefaultHttp2HeadersDecoder decoder = new DefaultHttp2HeadersDecoder(false);
  private final Map<Integer, Answer> answers = new HashMap<>();
  private final Map<Integer, Long> given = new HashMap<>();
  private boolean acknowledgesPings = true;
  private @Nullable Integer goneAt;
  private int goneWith = -1;

  private RawHttp2(Socket socket) throws IOException {
    this.socket = socket;
    this.in = new DataInputStream(socket.getInputStream());
  }

  /// One frame as it came.
  record Frame(int type, int flags, int stream, ByteBuffer payload) {
    boolean has(int flag) {
      return (flags & flag) != 0;
    }

    /// The number that the payload begins with; for SETTINGS, RST_STREAM, WINDOW_UPDATE, GOAWAY.
    int number(int at) {
      return payload.getInt(at);
    }

    byte[] octets() {
      byte[] out = new byte[payload.capacity()];
      payload.get(0, out);
      return out;
    }
  }

  /// What has come on one stream so far.
  static final class Answer {
    final List<Integer> interims = new ArrayList<>();

    /// Of all of those.
    final List<String> links = new ArrayList<>();

    final Map<String, String> fields = new HashMap<>();
    final Map<String, String> trailers = new HashMap<>();
    private final StringBuilder content = new StringBuilder();
    int status;

    /// Error code of a RST_STREAM, or -1.
    int reset = -1;

    boolean ended;

    String text() {
      return content.toString();
    }

    boolean isOver() {
      return ended || reset >= 0;
    }
  }

  /// Connects and sends the preface with settings: pairs of identifier and value.
  static RawHttp2 to(int port, int... settings) {
    return connect(port, 0, settings);
  }

  /// The same with so little room for what comes that not reading is soon felt.
  static RawHttp2 narrow(int port, int... settings) {
    return connect(port, 4_096, settings);
  }

  private static RawHttp2 connect(int port, int room, int... settings) {
    try {
      Socket socket = new Socket();
      if (room > 0) {
        socket.setReceiveBufferSize(room);
      }
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      socket.setSoTimeout(10_000);
      socket.setTcpNoDelay(true);
      RawHttp2 client = new RawHttp2(socket);
      client.octets(PREFACE.getBytes(StandardCharsets.ISO_8859_1));
      ByteBuffer payload = ByteBuffer.allocate(settings.length * 3);
      for (int i = 0; i < settings.length; i += 2) {
        payload.putShort((short) settings[i]).putInt(settings[i + 1]);
      }
      return client.send(SETTINGS, 0, 0, payload.array());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// From now on pings are left without an answer.
  RawHttp2 leavingPings() {
    acknowledgesPings = false;
    return this;
  }

  // ---- sending ----

  static byte[] frame(int type, int flags, int stream, byte[] payload) {
    return ByteBuffer.allocate(9 + payload.length)
        .putShort((short) (payload.length >> 8))
        .put((byte) payload.length)
        .put((byte) type)
        .put((byte) flags)
        .putInt(stream)
        .put(payload)
        .array();
  }

  static byte[] number(int value) {
    return ByteBuffer.allocate(4).putInt(value).array();
  }

  RawHttp2 send(int type, int flags, int stream, byte[] payload) {
    return octets(frame(type, flags, stream, payload));
  }

  RawHttp2 octets(byte[] octets) {
    try {
      socket.getOutputStream().write(octets);
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// A field block of literals that nobody has to remember (RFC 7541, section 6.2.2).
  static byte[] block(String... namesAndValues) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      out.write(0);
      literal(out, namesAndValues[i]);
      literal(out, namesAndValues[i + 1]);
    }
    return out.toByteArray();
  }

  private static void literal(ByteArrayOutputStream out, String text) {
    byte[] octets = text.getBytes(StandardCharsets.ISO_8859_1);
    int rest = octets.length;
    if (rest < 127) {
      out.write(rest);
    } else {
      out.write(127);
      rest -= 127;
      while (rest >= 128) {
        out.write((rest & 127) | 128);
        rest >>= 7;
      }
      out.write(rest);
    }
    out.writeBytes(octets);
  }

  /// The block of a sound request with further fields.
  static byte[] request(String method, String path, String... more) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(
        block(":method", method, ":scheme", "http", ":authority", "shop.test", ":path", path));
    out.writeBytes(block(more));
    return out.toByteArray();
  }

  /// Asks with GET, at once complete.
  RawHttp2 get(int stream, String path, String... more) {
    return send(HEADERS, END_STREAM | END_HEADERS, stream, request("GET", path, more));
  }

  /// Sends a head with content to come.
  RawHttp2 post(int stream, String path, String... more) {
    return send(HEADERS, END_HEADERS, stream, request("POST", path, more));
  }

  RawHttp2 data(int stream, String text, boolean last) {
    byte[] octets = text.getBytes(StandardCharsets.ISO_8859_1);
    return send(DATA, last ? END_STREAM : 0, stream, octets);
  }

  RawHttp2 reset(int stream) {
    return send(RESET, 0, stream, number(8));
  }

  /// Allows so many octets more on a stream, or with 0 on the connection.
  RawHttp2 allow(int stream, int octets) {
    return send(WINDOW_UPDATE, 0, stream, number(octets));
  }

  // ---- receiving ----

  /// The next frame, or null at the connection's end, orderly or not. Settings and pings are
  /// acknowledged, everything is booked.
  @Nullable Frame next() {
    try {
      int high = in.readUnsignedShort();
      int length = high << 8 | in.readUnsignedByte();
      int type = in.readUnsignedByte();
      int flags = in.readUnsignedByte();
      int stream = in.readInt() & Integer.MAX_VALUE;
      byte[] payload = new byte[length];
      in.readFully(payload);
      Frame frame = new Frame(type, flags, stream, ByteBuffer.wrap(payload));
      book(frame);
      return frame;
    } catch (SocketTimeoutException e) {
      throw new UncheckedIOException(e);
    } catch (EOFException e) {
      return null;
    } catch (IOException e) {
      return null;
    }
  }

  private void book(Frame frame) throws IOException {
    switch (frame.type()) {
      case SETTINGS, PING -> acknowledge(frame);
      case GO_AWAY -> {
        goneAt = frame.number(0);
        goneWith = frame.number(4);
      }
      case RESET -> of(frame.stream()).reset = frame.number(0);
      case DATA -> {
        Answer to = of(frame.stream());
        to.content.append(new String(frame.octets(), StandardCharsets.ISO_8859_1));
        to.ended |= frame.has(END_STREAM);
      }
      case HEADERS -> heads(frame);
      case WINDOW_UPDATE -> given.merge(frame.stream(), (long) frame.number(0), Long::sum);
      default -> {}
    }
  }

  private void acknowledge(Frame frame) throws IOException {
    boolean isWanted = frame.type() == SETTINGS || acknowledgesPings;
    if (!frame.has(ACK) && isWanted) {
      byte[] echoed = frame.type() == PING ? frame.octets() : new byte[0];
      try {
        socket.getOutputStream().write(frame(frame.type(), ACK, 0, echoed));
      } catch (IOException e) {
        // The other side does not listen any more; what it has sent is read nevertheless.
        return;
      }
    }
  }

  private void heads(Frame frame) throws IOException {
    Answer to = of(frame.stream());
    ByteBuf block = Unpooled.wrappedBuffer(frame.octets());
    Http2Headers headers;
    try {
      headers = decoder.decodeHeaders(frame.stream(), block);
    } catch (Http2Exception e) {
      throw new IOException(e);
    }
    boolean isTrailer = to.status >= 200;
    int status = isTrailer ? 0 : Integer.parseInt(headers.status().toString());
    if (!isTrailer && status < 200) {
      to.interims.add(status);
      headers.getAll("link").forEach(link -> to.links.add(link.toString()));
      return;
    }
    Map<String, String> into = isTrailer ? to.trailers : to.fields;
    headers.forEach(entry -> into.put(entry.getKey().toString(), entry.getValue().toString()));
    to.status = isTrailer ? to.status : status;
    to.ended |= frame.has(END_STREAM);
  }

  /// Octets that we have been allowed to send on a stream by now, or with 0 on all together.
  long given(int stream) {
    return 65_535 + given.getOrDefault(stream, 0L);
  }

  Answer of(int stream) {
    return answers.computeIfAbsent(stream, s -> new Answer());
  }

  /// Reads on until the stream is over, one way or the other, or the connection is.
  Answer answer(int stream) {
    Answer wanted = of(stream);
    boolean goesOn = true;
    while (goesOn && !wanted.isOver()) {
      goesOn = next() != null;
    }
    return wanted;
  }

  /// Reads on until at least so much of the stream's content has come.
  String text(int stream, int atLeast) {
    Answer wanted = of(stream);
    boolean goesOn = true;
    while (goesOn && wanted.content.length() < atLeast && !wanted.isOver()) {
      goesOn = next() != null;
    }
    return wanted.text();
  }

  /// Reads on until a frame of that type has come, or to the end: null.
  @Nullable Frame await(int type) {
    Frame frame = next();
    while (frame != null && frame.type() != type) {
      frame = next();
    }
    return frame;
  }

  /// Reads to the connection's end; the error code of its GOAWAY, or -1 when it went without one.
  int awaitEnd() {
    Frame frame = next();
    while (frame != null) {
      frame = next();
    }
    return goneWith;
  }

  /// The last stream that a GOAWAY promised to look at; null when none has come.
  @Nullable Integer goneAt() {
    return goneAt;
  }

  /// Proves that everything sent before has been dealt with: a ping comes back.
  RawHttp2 settled() {
    send(PING, 0, 0, new byte[8]);
    Frame pong = await(PING);
    while (pong != null && !pong.has(ACK)) {
      pong = await(PING);
    }
    if (pong == null) {
      throw new IllegalStateException("the connection ended, error " + goneWith);
    }
    return this;
  }

  /// Ends our half.
  RawHttp2 finish() {
    try {
      socket.shutdownOutput();
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
