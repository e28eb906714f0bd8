package dev.freshet.edge;

import dev.freshet.http.FieldLists;
import dev.freshet.http.FieldName;
import dev.freshet.http.Fields;
import dev.freshet.http.RequestHead;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Headers;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Our fields as HTTP/2 headers towards an origin, and back (RFC 9113, section 8).
final class Http2OriginFields {
  private Http2OriginFields() {}

  static Http2Headers request(RequestHead head, Origin origin, long length) {
    Fields fields = head.fields();
    Http2Headers out = new DefaultHttp2Headers(false, fields.size() + 6);
    out.method(head.method());
    out.scheme(origin.url().scheme());
    out.authority(origin.hostFor(head));
    out.path(head.target());
    copy(fields, out);
    // Trailers are welcome; some servers (gRPC) want to be told.
    out.add("te", "trailers");
    if (length > 0) {
      out.add("content-length", Long.toString(length));
    }
    return out;
  }

  static Http2Headers trailers(Fields fields) {
    Http2Headers out = new DefaultHttp2Headers(false, fields.size());
    copy(fields, out);
    return out;
  }

  private static void copy(Fields from, Http2Headers to) {
    for (int i = 0; i < from.size(); i++) {
      FieldName name = from.name(i);
      // Upgrade has no meaning in HTTP/2 (RFC 9113, section 8.2.2).
      if (!RequestEncoder.isFraming(name) && !name.equals(FieldName.UPGRADE)) {
        to.add(name.lower(), RequestEncoder.safe(from.value(i)));
      }
    }
  }

  /// Without pseudo-fields; null when one is malformed: written in HTTP/1.1 it could be read as two
  /// (RFC 9113, sections 8.2.1 and 10.3). The codec looks at names only.
  static @Nullable Fields of(Http2Headers headers) {
    Fields out = new Fields(headers.size() + 4);
    for (Map.Entry<CharSequence, CharSequence> line : headers) {
      String name = line.getKey().toString();
      if (name.startsWith(":")) {
        continue;
      }
      String value = line.getValue().toString();
      if (!FieldLists.isToken(name) || !isOneLine(value)) {
        return null;
      }
      out.add(FieldName.of(name), value.strip());
    }
    return out;
  }

  private static boolean isOneLine(String value) {
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if ((c < 0x20 && c != '\t') || c == 0x7f || c > 0xff) {
        return false;
      }
    }
    return true;
  }

  /// The status, or -1 when it is none.
  static int status(Http2Headers headers) {
    CharSequence status = headers.status();
    if (status == null || status.length() != 3) {
      return -1;
    }
    int out = 0;
    for (int i = 0; i < 3; i++) {
      int digit = status.charAt(i) - '0';
      if (digit < 0 || digit > 9) {
        return -1;
      }
      out = out * 10 + digit;
    }
    return out;
  }

  /// The announced length, or -1. The codec has checked that it is a number and is kept.
  static long length(Fields fields) {
    String value = fields.first(FieldName.CONTENT_LENGTH);
    return value == null || !value.matches("\\d{1,18}") ? -1 : Long.parseLong(value);
  }
}
