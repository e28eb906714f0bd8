package dev.freshet.http;

/// Writes elements of `Forwarded` (RFC 7239).
public final class ForwardedField {
  private ForwardedField() {}

  /// One hop: who asked, for which host, by which scheme.
  ///
  /// @param address IPv4 or IPv6 in text form without brackets
  public static String element(String address, String host, String scheme) {
    int zone = address.indexOf('%');
    String bare = zone < 0 ? address : address.substring(0, zone);
    String from = bare.indexOf(':') >= 0 ? "\"[" + bare + "]\"" : bare;
    return "for=" + from + ";host=" + quoted(host) + ";proto=" + scheme;
  }

  private static String quoted(String value) {
    return FieldLists.isToken(value)
        ? value
        : '"' + value.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }
}
