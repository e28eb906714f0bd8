package dev.freshet.edge;

import dev.freshet.http.AbsoluteUrl;
import dev.freshet.http.FieldName;
import dev.freshet.http.Fields;
import dev.freshet.http.HeadReader;
import dev.freshet.http.HeadReader.Refused;
import dev.freshet.http.RequestHead;
import dev.freshet.http.Version;
import java.util.Locale;

/// Turns a request line and its fields into a [RequestHead]: one host, one target, no second
/// reading (RFC 9112, section 3.2).
final class Authority {
  private Authority() {}

  /// @param fields `Host` is taken out of them
  static RequestHead head(HeadReader.RequestLine line, Fields fields, String scheme)
      throws Refused {
    int at = fields.indexOf(FieldName.HOST, 0);
    if (at >= 0 && fields.indexOf(FieldName.HOST, at + 1) >= 0) {
      throw new Refused(400, "more than one Host");
    }
    if (at < 0 && line.version() == Version.HTTP_1_1) {
      throw new Refused(400, "a Host is missing");
    }
    String host = at < 0 ? "" : site(fields.value(at), scheme);
    fields.remove(FieldName.HOST);
    String target = line.target();
    if (target.startsWith("/")) {
      return new RequestHead(line.method(), scheme, host, target, fields, line.version());
    }
    if (target.equals("*") && line.method().equals("OPTIONS")) {
      return new RequestHead(line.method(), scheme, host, target, fields, line.version());
    }
    return absolute(line, fields, scheme, host);
  }

  private static RequestHead absolute(
      HeadReader.RequestLine line, Fields fields, String scheme, String host) throws Refused {
    String target = line.target();
    int from = target.indexOf("://");
    boolean isHttp =
        from > 0 && target.substring(0, from).toLowerCase(Locale.ROOT).matches("https?");
    if (!isHttp) {
      throw new Refused(400, "the request target is neither a path nor an http URL");
    }
    int end = from + 3;
    while (end < target.length() && "/?".indexOf(target.charAt(end)) < 0) {
      end++;
    }
    String authority = site(target.substring(from + 3, end), scheme);
    if (!host.isEmpty() && !host.equals(authority)) {
      throw new Refused(400, "Host and the request target name different hosts");
    }
    String rest = target.substring(end);
    String path = rest.startsWith("/") ? rest : "/" + rest;
    return new RequestHead(line.method(), scheme, authority, path, fields, line.version());
  }

  /// As [#check], and the same for all that name one site.
  static String site(String authority, String scheme) throws Refused {
    String checked = check(authority);
    return checked.indexOf(':') < 0 ? checked : AbsoluteUrl.site(scheme, checked);
  }

  /// The authority in lower case; refuses what is not host and port (RFC 3986, section 3.2).
  private static String check(String authority) throws Refused {
    boolean isPlain = true;
    int colon = -1;
    for (int i = 0; i < authority.length(); i++) {
      char c = authority.charAt(i);
      boolean isSimple =
          (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
      if (c == ':' && colon < 0) {
        colon = i;
      } else if (!isSimple) {
        isPlain = false;
      }
    }
    int hostEnd = colon < 0 ? authority.length() : colon;
    if (isPlain && hostEnd > 0 && isSoundPort(authority, hostEnd)) {
      return authority;
    }
    return checkOdd(authority);
  }

  private static String checkOdd(String authority) throws Refused {
    String lower = authority.toLowerCase(Locale.ROOT);
    boolean isV6 = lower.startsWith("[") && lower.indexOf(']') > 0;
    String host = isV6 ? lower.substring(1, lower.indexOf(']')) : beforeColon(lower);
    String rest = isV6 ? lower.substring(lower.indexOf(']') + 1) : lower.substring(host.length());
    boolean isSound = !host.isEmpty() && isSoundPort(rest, 0);
    for (int i = 0; i < host.length() && isSound; i++) {
      char c = host.charAt(i);
      boolean isName = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || ".-_~".indexOf(c) >= 0;
      boolean isHex = (c >= 'a' && c <= 'f') || (c >= '0' && c <= '9') || c == ':' || c == '.';
      isSound = isV6 ? isHex : isName;
    }
    if (!isSound) {
      throw new Refused(400, "the Host is not a host and a port");
    }
    return lower;
  }

  private static String beforeColon(String text) {
    int colon = text.indexOf(':');
    return colon < 0 ? text : text.substring(0, colon);
  }

  /// True when nothing, or a colon and a port, stands from there on; the port may be empty.
  private static boolean isSoundPort(String text, int from) {
    if (from == text.length()) {
      return true;
    }
    if (text.charAt(from) != ':' || text.length() - from > 6) {
      return false;
    }
    int port = 0;
    for (int i = from + 1; i < text.length(); i++) {
      int digit = text.charAt(i) - '0';
      if (digit < 0 || digit > 9) {
        return false;
      }
      port = port * 10 + digit;
    }
    return port <= 65_535;
  }
}
