package dev.freshet.edge;

import dev.freshet.cache.Purge;
import dev.freshet.http.AbsoluteUrl;
import dev.freshet.http.FieldName;
import dev.freshet.http.RequestHead;
import dev.freshet.http.ResponseHead;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What a successful unsafe request makes untrue (RFC 9111, section 4.4; RFC 9875, section 3).
final class Invalidation {
  private static final char PRIVATE_USE = '\uE000';
  private static final Set<String> SAFE = Set.of("GET", "HEAD", "OPTIONS", "TRACE", "QUERY");

  private Invalidation() {}

  /// Whether a request may change something (RFC 9110, section 9.2.1).
  static boolean isUnsafe(RequestHead head) {
    return !SAFE.contains(head.method());
  }

  static void after(Site site, RequestHead head, Routes.Route route, ResponseHead answer) {
    boolean isSuccess = answer.status() >= 200 && answer.status() < 400;
    if (!isUnsafe(head) || !isSuccess) {
      return;
    }
    purge(site, head, head.target());
    for (FieldName name : new FieldName[] {FieldName.LOCATION, FieldName.CONTENT_LOCATION}) {
      String target = sameOrigin(head, answer.fields().first(name));
      if (target != null) {
        purge(site, head, target);
      }
    }
    for (String group : Groups.invalidatedBy(head.authority(), answer.fields())) {
      site.cache().purge(new Purge.Group(group, false));
    }
  }

  private static void purge(Site site, RequestHead head, String target) {
    for (String key : site.keys().urls(head.scheme(), head.authority(), target)) {
      site.cache().purge(new Purge.Url(key, false));
    }
  }

  /// The path and query of a reference, when it stays on the request's origin; else null (a site
  /// must not purge another's).
  static @Nullable String sameOrigin(RequestHead head, @Nullable String reference) {
    if (reference == null) {
      return null;
    }
    try {
      String asked = head.scheme() + "://" + head.authority() + head.target();
      URI resolved = new URI(shielded(asked)).resolve(new URI(shielded(reference)));
      String authority = resolved.getRawAuthority();
      boolean isSame =
          head.scheme().equals(resolved.getScheme())
              && authority != null
              && AbsoluteUrl.site(head.scheme(), authority).equals(head.authority());
      if (!isSame) {
        return null;
      }
      String path = resolved.getRawPath().isEmpty() ? "/" : resolved.getRawPath();
      String query = resolved.getRawQuery();
      return unshielded(query == null ? path : path + "?" + query);
    } catch (URISyntaxException e) {
      return null;
    }
  }

  /// With letters that [URI] takes in place of the characters that it refuses and clients send.
  private static String shielded(String text) {
    StringBuilder out = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      out.append("\"<>\\^`{|}%".indexOf(c) >= 0 ? (char) (PRIVATE_USE + c) : c);
    }
    return out.toString();
  }

  private static String unshielded(String text) {
    StringBuilder out = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      out.append(c >= PRIVATE_USE && c < PRIVATE_USE + 128 ? (char) (c - PRIVATE_USE) : c);
    }
    return out.toString();
  }
}
