package dev.freshet.http;

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
}
