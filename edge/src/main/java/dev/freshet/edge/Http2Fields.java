package dev.freshet.edge;

import dev.freshet.http.FieldLists;
import dev.freshet.http.FieldName;
import dev.freshet.http.Fields;
import dev.freshet.http.HeadReader.Refused;
import dev.freshet.http.RequestHead;
import dev.freshet.http.Version;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Headers;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Turns HTTP/2 header lists into heads and back, on the client's side (RFC 9113, section 8).
final class Http2Fields {
  private static final Set<FieldName> CONNECTION_SPECIFIC =
      Set.of(
          FieldName.CONNECTION,
          FieldName.KEEP_ALIVE,
          FieldName.PROXY_CONNECTION,
          FieldName.TRANSFER_ENCODING,
          FieldName.UPGRADE);

  private Http2Fields() {}

  static RequestHead request(Http2Headers headers, String scheme, FrontConfig limits)
      throws Refused {
    String method = text(headers.method());
    String target = text(headers.path());
    if (!FieldLists.isToken(method) || method.equals("CONNECT") || method.equals("TRACE")) {
      throw new Refused(405, "this method is not served here");
    }
    boolean isAsterisk = target.equals("*") && method.equals("OPTIONS");
    if (!isAsterisk && !isTarget(target)) {
      throw new Refused(400, "the path is not one");
    }
    if (target.length() > limits.maxTarget()) {
      throw new Refused(414, "the request target is too long");
    }
    String asked = text(headers.scheme());
    boolean isHttp = asked.equals("http") || asked.equals("https");
    if (!isHttp || headers.contains(":protocol")) {
      throw new Refused(400, "the scheme is missing or none that is served here");
    }
    Fields fields = fields(headers, limits.maxFields());
    String host = fields.first(FieldName.HOST);
    if (fields.all(FieldName.HOST).size() > 1) {
      throw new Refused(400, "there are two hosts");
    }
    String authority = headers.authority() == null ? host : text(headers.authority());
    if (authority == null) {
      throw new Refused(400, "an authority is missing");
    }
    String checked = Authority.site(authority, scheme);
    if (host != null && !Authority.site(host, scheme).equals(checked)) {
      throw new Refused(400, "Host and authority name different hosts");
    }
    fields.remove(FieldName.HOST);
    return new RequestHead(method, scheme, checked, target, fields, Version.HTTP_2);
  }

  private static String text(@Nullable CharSequence value) {
    return value == null ? "" : value.toString();
  }

  private static boolean isTarget(String target) {
    for (int i = 0; i < target.length(); i++) {
      char c = target.charAt(i);
      if (c <= 0x20 || c >= 0x7f || c == '#') {
        return false;
      }
    }
    return target.startsWith("/");
  }

  /// Ordinary fields; cookie crumbs are joined (section 8.2.3), connection-specific fields refused
  /// (section 8.2.2).
  static Fields fields(Http2Headers headers, int maxFields) throws Refused {
    Fields out = new Fields(headers.size() + 2);
    StringBuilder cookies = new StringBuilder();
    for (Map.Entry<CharSequence, CharSequence> entry : headers) {
      String name = entry.getKey().toString();
      if (name.startsWith(":")) {
        continue;
      }
      String value = entry.getValue().toString().strip();
      FieldName field = FieldName.of(name);
      boolean isOddTe = field.equals(FieldName.TE) && !value.equals("trailers");
      if (CONNECTION_SPECIFIC.contains(field) || isOddTe || !FieldLists.isToken(name)) {
        throw new Refused(400, "a field has no place in HTTP/2");
      }
      checkValue(value);
      if (out.size() == maxFields) {
        throw new Refused(431, "there are too many fields");
      }
      if (field.equals(FieldName.COOKIE)) {
        cookies.append(cookies.isEmpty() ? "" : "; ").append(value);
      } else {
        out.add(field, value);
      }
    }
    if (!cookies.isEmpty()) {
      out.add(FieldName.COOKIE, cookies.toString());
    }
    return out;
  }

  private static void checkValue(String value) throws Refused {
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if ((c < 0x20 && c != '\t') || c == 0x7f || c > 0xff) {
        throw new Refused(400, "a field value holds a character it may not");
      }
    }
  }

  static Http2Headers response(int status, Fields fields) {
    DefaultHttp2Headers out = new DefaultHttp2Headers(false, fields.size() + 2);
    out.status(Integer.toString(status));
    return add(out, fields);
  }

  static Http2Headers trailers(Fields fields) {
    return add(new DefaultHttp2Headers(false, fields.size()), fields);
  }

  private static Http2Headers add(DefaultHttp2Headers out, Fields fields) {
    for (int i = 0; i < fields.size(); i++) {
      if (!CONNECTION_SPECIFIC.contains(fields.name(i))) {
        out.add(fields.name(i).lower(), fields.value(i));
      }
    }
    return out;
  }
}
