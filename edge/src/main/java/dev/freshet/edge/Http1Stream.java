package dev.freshet.edge;

import dev.freshet.http.FieldName;
import dev.freshet.http.Fields;
import dev.freshet.http.ResponseHead;
import dev.freshet.http.Version;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.EventLoop;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// The response side of one exchange on an HTTP/1.x connection: framing (RFC 9112, sections 6 and
/// 7), nothing else.
///
/// Late calls, after the response ended or the connection went on, do nothing.
final class Http1Stream implements Client {
  private static final byte[] AGE = ascii("Age: ");
  private static final byte[] CACHE_STATUS = ascii("Cache-Status: ");
  private static final byte[] TTL = ascii(Dynamic.TTL);
  private static final byte[] CRLF = ascii("\r\n");
  private static final byte[] CLOSE = ascii("Connection: close\r\n");
  private static final byte[] KEEP_ALIVE = ascii("Connection: keep-alive\r\n");
  private static final byte[] LAST_CHUNK = ascii("0\r\n");
  private static final byte[] OK = ascii("HTTP/1.1 200 OK\r\n");

  /// Contents up to this size are copied behind their head and written at once.
  private static final int ONE_WRITE = 262_144;

  private final Http1Connection connection;
  private final ChannelHandlerContext context;
  private final Version version;
  private final boolean isHead;
  private boolean keepAlive;
  private Body body = Body.NOT_BEGUN;
  private long left;
  private boolean contentPaused;
  private byte @Nullable [][] stored;
  private int storedAt;

  private enum Body {
    NOT_BEGUN,
    FIXED,
    CHUNKED,
    UNTIL_CLOSE,
    /// The semantics allow none: what is written is dropped.
    NONE,
    TUNNEL,
    ENDED
  }

  Http1Stream(
      Http1Connection connection,
      ChannelHandlerContext context,
      Version version,
      boolean isHead,
      boolean keepAlive) {
    this.connection = connection;
    this.context = context;
    this.version = version;
    this.isHead = isHead;
    this.keepAlive = keepAlive;
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  boolean hasBegun() {
    return body != Body.NOT_BEGUN;
  }

  boolean isContentPaused() {
    return contentPaused;
  }

  @Override
  public EventLoop loop() {
    return context.channel().eventLoop();
  }

  @Override
  public InetSocketAddress peer() {
    return (InetSocketAddress) context.channel().remoteAddress();
  }

  @Override
  public void interim(ResponseHead head) {
    if (body == Body.NOT_BEGUN && version == Version.HTTP_1_1) {
      context.write(encodeHead(context.alloc(), head.status(), head.fields()));
      connection.flush();
    }
  }

  @Override
  public void head(ResponseHead head, long length) {
    if (body != Body.NOT_BEGUN) {
      return;
    }
    int status = head.status();
    boolean isBodiless = isHead || status == 204 || status == 304 || status < 200;
    Fields fields = head.fields();
    fields.remove(FieldName.TRANSFER_ENCODING);
    if (isBodiless) {
      body = Body.NONE;
      if (status < 200 || status == 204) {
        fields.remove(FieldName.CONTENT_LENGTH);
      }
    } else if (length >= 0) {
      body = Body.FIXED;
      left = length;
      fields.set(FieldName.CONTENT_LENGTH, Long.toString(length));
    } else {
      fields.remove(FieldName.CONTENT_LENGTH);
      if (version == Version.HTTP_1_1) {
        body = Body.CHUNKED;
        fields.add(FieldName.TRANSFER_ENCODING, "chunked");
      } else {
        body = Body.UNTIL_CLOSE;
        keepAlive = false;
      }
    }
    // An answer that does not wait for the rest of its request leaves no place for the next.
    boolean isEarly = status >= 300 && connection.isReadingContent();
    keepAlive &= !connection.isLast() && !isEarly;
    if (status != 101) {
      if (!keepAlive) {
        fields.add(FieldName.CONNECTION, "close");
      } else if (version == Version.HTTP_1_0) {
        fields.add(FieldName.CONNECTION, "keep-alive");
      }
    }
    context.write(encodeHead(context.alloc(), status, fields));
    connection.flush();
  }

  /// A status line, fields and the empty line.
  static ByteBuf encodeHead(ByteBufAllocator allocator, int status, Fields fields) {
    ByteBuf out = allocator.buffer(64 + fields.size() * 48);
    statusLine(out, status);
    for (int i = 0; i < fields.size(); i++) {
      out.writeBytes(fields.name(i).line());
      out.writeCharSequence(fields.value(i), StandardCharsets.ISO_8859_1);
      out.writeBytes(CRLF);
    }
    return out.writeBytes(CRLF);
  }

  private static void statusLine(ByteBuf out, int status) {
    if (status == 200) {
      out.writeBytes(OK);
    } else {
      out.writeCharSequence(
          "HTTP/1.1 " + status + " " + StatusText.of(status) + "\r\n", StandardCharsets.ISO_8859_1);
    }
  }

  @Override
  public void write(ByteBuf data) {
    int n = data.readableBytes();
    switch (body) {
      case FIXED -> {
        if (n > left) {
          data.release();
          abort();
          return;
        }
        left -= n;
        context.write(data);
      }
      case CHUNKED -> {
        if (n == 0) {
          data.release();
          return;
        }
        ByteBuf size = context.alloc().buffer(12);
        size.writeCharSequence(Integer.toHexString(n), StandardCharsets.ISO_8859_1);
        context.write(size.writeBytes(CRLF));
        context.write(data);
        context.write(Unpooled.wrappedBuffer(CRLF));
      }
      case UNTIL_CLOSE, TUNNEL -> context.write(data);
      case NOT_BEGUN, NONE, ENDED -> {
        data.release();
        return;
      }
    }
    connection.flush();
  }

  @Override
  public void end(Fields trailers) {
    switch (body) {
      case ENDED, NOT_BEGUN -> {
        return;
      }
      case FIXED -> {
        if (left > 0) {
          abort();
          return;
        }
      }
      case CHUNKED -> {
        ByteBuf out = context.alloc().buffer(64);
        out.writeBytes(LAST_CHUNK);
        for (int i = 0; i < trailers.size(); i++) {
          out.writeBytes(trailers.name(i).line());
          out.writeCharSequence(trailers.value(i), StandardCharsets.ISO_8859_1);
          out.writeBytes(CRLF);
        }
        context.write(out.writeBytes(CRLF));
      }
      case UNTIL_CLOSE, NONE, TUNNEL -> {}
    }
    finish();
  }

  private void finish() {
    body = Body.ENDED;
    connection.flush();
    connection.responded(this, keepAlive);
  }

  @Override
  public void send(Stored head, Dynamic dynamic, byte[][] content) {
    if (body != Body.NOT_BEGUN) {
      return;
    }
    boolean isBodiless = isHead || head.status() == 204 || head.status() == 304;
    long length = isBodiless ? 0 : Form.length(content);
    keepAlive &= !connection.isLast();
    if (length > ONE_WRITE) {
      context.write(encode(head, dynamic, 0), context.voidPromise());
      body = Body.FIXED;
      left = length;
      stored = content;
      resume();
      return;
    }
    boolean isCommon = !isBodiless && keepAlive && version == Version.HTTP_1_1;
    int room = (int) length;
    context.write(
        isCommon ? common(head, dynamic, content, room) : whole(head, dynamic, content, room),
        context.voidPromise());
    finish();
  }

  /// Within the same second most clients get the same octets.
  private ByteBuf common(Stored head, Dynamic dynamic, byte[][] content, int length) {
    Ready ready = connection.ready();
    ByteBuf known = ready.find(head, dynamic);
    if (known != null) {
      return known;
    }
    ByteBuf made = whole(head, dynamic, content, length);
    ready.offer(head, dynamic, made);
    return made;
  }

  private ByteBuf whole(Stored head, Dynamic dynamic, byte[][] content, int length) {
    ByteBuf out = encode(head, dynamic, length);
    if (length > 0) {
      for (byte[] piece : content) {
        out.writeBytes(piece);
      }
    }
    return out;
  }

  /// Status line, fields and the empty line of a stored response, with room for its content.
  private ByteBuf encode(Stored head, Dynamic dynamic, int room) {
    byte[] lines = head.lines();
    ByteBuf out =
        context.alloc().directBuffer(lines.length + dynamic.cacheStatus().length() + 160 + room);
    statusLine(out, head.status());
    out.writeBytes(lines);
    if (dynamic.ageSeconds() >= 0) {
      out.writeBytes(AGE);
      writeNumber(out, dynamic.ageSeconds());
      out.writeBytes(CRLF);
    }
    out.writeBytes(CACHE_STATUS);
    ByteBufUtil.writeAscii(out, dynamic.cacheStatus());
    if (dynamic.ttl() != Dynamic.NO_TTL) {
      out.writeBytes(TTL);
      writeNumber(out, dynamic.ttl());
    }
    out.writeBytes(CRLF);
    if (!keepAlive) {
      out.writeBytes(CLOSE);
    } else if (version == Version.HTTP_1_0) {
      out.writeBytes(KEEP_ALIVE);
    }
    return out.writeBytes(CRLF);
  }

  private static void writeNumber(ByteBuf out, long n) {
    if (n < 0) {
      out.writeByte('-');
      writeNumber(out, -n);
      return;
    }
    if (n >= 10) {
      writeNumber(out, n / 10);
    }
    out.writeByte((int) ('0' + n % 10));
  }

  /// Goes on with stored content when the client has taken some: never more than the socket's
  /// watermark is in flight.
  void resume() {
    byte[][] pieces = stored;
    if (pieces == null) {
      return;
    }
    while (storedAt < pieces.length && context.channel().isWritable()) {
      byte[] piece = pieces[storedAt++];
      left -= piece.length;
      context.write(Unpooled.wrappedBuffer(piece), context.voidPromise());
      context.flush();
    }
    if (storedAt == pieces.length) {
      stored = null;
      finish();
    }
  }

  @Override
  public boolean isWritable() {
    return context.channel().isWritable();
  }

  @Override
  public void pauseContent(boolean paused) {
    if (contentPaused != paused) {
      contentPaused = paused;
      connection.contentFlowChanged();
    }
  }

  @Override
  public void abort() {
    body = Body.ENDED;
    connection.abort(this);
  }

  @Override
  public void tunnel() {
    body = Body.TUNNEL;
    connection.enterTunnel();
  }
}
