package dev.freshet.edge;

import dev.freshet.http.FieldName;
import dev.freshet.http.Fields;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.BiConsumer;

/// Reads `Cookie` lines (RFC 6265, section 4.2.1) and knows the names that frameworks give to
/// sessions.
final class Cookies {
  private static final Set<String> SESSIONS =
      Set.of(
          "sid",
          ".aspnetcore.cookies",
          ".aspnetcore.identity.application",
          "connect.sid",
          "remember_me",
          "user_credentials");

  /// What stands anywhere in the names of sessions, also of those cut into pieces
  /// (`next-auth.session-token.0`).
  private static final String SESSION = "sess";

  /// Of the statistics of one company, and on many sites.
  private static final String STATISTICS = "_hjsession";

  /// The same of credentials.
  private static final List<String> CREDENTIALS = List.of("auth", "token", "jwt");

  /// Those are called tokens too, and tell no user.
  private static final List<String> HARMLESS =
      List.of("csrf", "xsrf", "requestverification", "consent");

  private Cookies() {}

  /// Calls back with each name and value, in order. What has no name is one without a name, as
  /// browsers have it (RFC 6265bis, section 5.6).
  static void forEach(String line, BiConsumer<String, String> each) {
    int at = 0;
    while (at < line.length()) {
      int end = line.indexOf(';', at);
      if (end < 0) {
        end = line.length();
      }
      int equals = line.indexOf('=', at);
      if (equals >= 0 && equals < end) {
        each.accept(line.substring(at, equals).strip(), line.substring(equals + 1, end).strip());
      } else if (!line.substring(at, end).isBlank()) {
        each.accept("", line.substring(at, end).strip());
      }
      at = end + 1;
    }
  }

  /// True when a request carries a cookie that by its name is a session or a credential.
  static boolean hasSession(Fields request, Set<String> more) {
    int i = request.indexOf(FieldName.COOKIE, 0);
    while (i >= 0) {
      boolean[] found = new boolean[1];
      forEach(request.value(i), (name, value) -> found[0] |= isSession(name, more));
      if (found[0]) {
        return true;
      }
      i = request.indexOf(FieldName.COOKIE, i + 1);
    }
    return false;
  }

  static boolean isSession(String name, Set<String> more) {
    String lower = name.toLowerCase(Locale.ROOT);
    String bare =
        lower.startsWith("__host-") || lower.startsWith("__secure-")
            ? lower.substring(lower.indexOf('-') + 1)
            : lower;
    return SESSIONS.contains(bare)
        || more.contains(name)
        || bare.startsWith("wordpress_logged_in")
        || bare.startsWith("symfony")
        || (bare.contains(SESSION) && !bare.contains(STATISTICS))
        || (holdsOneOf(CREDENTIALS, bare) && !holdsOneOf(HARMLESS, bare));
  }

  private static boolean holdsOneOf(List<String> parts, String name) {
    for (String part : parts) {
      if (name.contains(part)) {
        return true;
      }
    }
    return false;
  }
}
