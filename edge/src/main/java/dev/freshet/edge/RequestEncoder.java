package dev.freshet.edge;

import dev.freshet.http.FieldName;
import dev.freshet.http.Fields;
import dev.freshet.http.RequestHead;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import java.nio.charset.StandardCharsets;

/// Writes requests in HTTP/1.1 (RFC 9112, sections 3 and 7).
///
/// What frames a message is never taken over from the asker but written anew, and nothing that ends
/// a line gets through: an asker can't be made to smuggle.
final class RequestEncoder {
  private static final byte[] VERSION = ascii(" HTTP/1.1\r\nHost: ");
  private static final byte[] CHUNKED = ascii("Transfer-Encoding: chunked\r\n");
  private static final byte[] LENGTH = ascii("Content-Length: ");
  private static final byte[] UPGRADE = ascii("Connection: Upgrade\r\n");
  private static final byte[] LAST_CHUNK = ascii("0\r\n");
  private static final int CRLF = '\r' << 8 | '\n';

  private RequestEncoder() {}

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  /// The head up to its empty line.
  ///
  /// @param host value of `Host`
  /// @param length 0 for none, -1 for chunked
  static ByteBuf head(RequestHead head, String host, long length, ByteBufAllocator buffers) {
    Fields fields = head.fields();
    ByteBuf out = buffers.directBuffer(size(head, host));
    ByteBufUtil.writeAscii(out, head.method());
    out.writeByte(' ');
    ByteBufUtil.writeAscii(out, head.target());
    out.writeBytes(VERSION);
    value(out, host);
    boolean upgrades = false;
    for (int i = 0; i < fields.size(); i++) {
      FieldName name = fields.name(i);
      if (!isFraming(name)) {
        upgrades |= name.equals(FieldName.UPGRADE);
        out.writeBytes(name.line());
        value(out, fields.value(i));
      }
    }
    if (upgrades) {
      out.writeBytes(UPGRADE);
    }
    if (length < 0) {
      out.writeBytes(CHUNKED);
    } else if (length > 0 || expectsContent(head.method())) {
      out.writeBytes(LENGTH);
      value(out, Long.toString(length));
    }
    out.writeShort(CRLF);
    return out;
  }

  private static int size(RequestHead head, String host) {
    Fields fields = head.fields();
    int size = head.method().length() + head.target().length() + host.length() + 100;
    for (int i = 0; i < fields.size(); i++) {
      size += fields.name(i).line().length + fields.value(i).length() + 2;
    }
    return size;
  }

  /// What this connection's own framing says, and what only concerns one hop.
  static boolean isFraming(FieldName name) {
    return name.equals(FieldName.HOST)
        || name.equals(FieldName.CONTENT_LENGTH)
        || name.equals(FieldName.TRANSFER_ENCODING)
        || name.equals(FieldName.CONNECTION)
        || name.equals(FieldName.KEEP_ALIVE)
        || name.equals(FieldName.PROXY_CONNECTION)
        || name.equals(FieldName.TE)
        || name.equals(FieldName.HTTP2_SETTINGS);
  }

  /// Methods for which a missing `Content-Length: 0` would be odd (RFC 9110, section 8.6).
  private static boolean expectsContent(String method) {
    return method.equals("POST") || method.equals("PUT") || method.equals("PATCH");
  }

  /// The line before a chunk's content; what comes after it belongs to [#chunkEnd].
  static ByteBuf chunkStart(int size, ByteBufAllocator buffers) {
    ByteBuf out = buffers.directBuffer(12);
    ByteBufUtil.writeAscii(out, Integer.toHexString(size));
    return out.writeShort(CRLF);
  }

  /// The end of a chunk's line of content.
  static ByteBuf chunkEnd(ByteBufAllocator buffers) {
    return buffers.directBuffer(2).writeShort(CRLF);
  }

  /// The last chunk with the trailers.
  static ByteBuf lastChunk(Fields trailers, ByteBufAllocator buffers) {
    ByteBuf out = buffers.directBuffer(64);
    out.writeBytes(LAST_CHUNK);
    for (int i = 0; i < trailers.size(); i++) {
      if (!isFraming(trailers.name(i))) {
        out.writeBytes(trailers.name(i).line());
        value(out, trailers.value(i));
      }
    }
    return out.writeShort(CRLF);
  }

  private static void value(ByteBuf out, String value) {
    ByteBufUtil.writeAscii(out, safe(value));
    out.writeShort(CRLF);
  }

  /// The value with a space for what would end its line early (RFC 9110, section 5.5).
  static String safe(String value) {
    boolean isDangerous =
        value.indexOf('\r') >= 0 || value.indexOf('\n') >= 0 || value.indexOf('\0') >= 0;
    return isDangerous ? value.replace('\r', ' ').replace('\n', ' ').replace('\0', ' ') : value;
  }

  /// Throws [IllegalArgumentException] when the request line would not be one; the front must not
  /// have let it in.
  static void check(RequestHead head) {
    check(head.method(), "method");
    check(head.target(), "target");
  }

  private static void check(String text, String what) {
    if (text.isEmpty()) {
      throw new IllegalArgumentException("the " + what + " is missing");
    }
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c <= ' ' || c == 0x7f || c > 0xff) {
        throw new IllegalArgumentException("the " + what + " holds a character it may not");
      }
    }
  }
}
