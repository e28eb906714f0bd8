package dev.freshet.http;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// An http or https URL as clients send it: any target that a request line may hold, also with the
/// characters that browsers leave alone and RFC 3986 would have encoded (`|`, `^`, `"` and the
/// like).
///
/// @param scheme `http` or `https`
/// @param authority host and port as written
/// @param target path and query, beginning with a slash
public record AbsoluteUrl(String scheme, String authority, String target) {
  private static final Pattern SHAPE =
      Pattern.compile("(https?)://((?:[\\w.~-]+|\\[[0-9a-fA-F:.]+])(?::[0-9]{0,5})?)([/?][!-~]*)?");

  /// Throws [IllegalArgumentException] when the text is no such URL; a fragment is left out, as
  /// clients do.
  public static AbsoluteUrl parse(String text) {
    int hash = text.indexOf('#');
    Matcher parts = SHAPE.matcher(hash < 0 ? text : text.substring(0, hash));
    if (!parts.matches()) {
      throw new IllegalArgumentException(
          "'" + text + "' is not absolute; write it as clients do, like http://shop.example/a");
    }
    String rest = parts.group(3) == null ? "" : parts.group(3);
    String target = rest.startsWith("/") ? rest : "/" + rest;
    return new AbsoluteUrl(parts.group(1), parts.group(2), target);
  }

  /// The authority as it is the same in all that name one site, see [#site(String, String)].
  public String site() {
    return site(scheme, authority);
  }

  /// An authority in lower case and without the scheme's own port: `a.example:80` is `a.example`
  /// (RFC 9110, section 4.2.3). Were these two, a purge of one would leave the other.
  public static String site(String scheme, String authority) {
    String lower = authority.toLowerCase(Locale.ROOT);
    int colon = lower.lastIndexOf(':');
    if (colon < 0 || lower.endsWith("]")) {
      return lower;
    }
    int port = colon + 1;
    while (port < lower.length() && lower.charAt(port) == '0') {
      port++;
    }
    boolean isOwn =
        colon + 1 == lower.length()
            || lower.substring(port).equals(scheme.equals("https") ? "443" : "80");
    return isOwn ? lower.substring(0, colon) : lower;
  }
}
