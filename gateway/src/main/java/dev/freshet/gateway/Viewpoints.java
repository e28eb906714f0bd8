package dev.freshet.gateway;

import dev.freshet.sql.Viewpoint;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Tells from where one session reads: by what the server reports of itself, and by what the
/// session has set.
final class Viewpoints {
  private static final Pattern ROLE =
      Pattern.compile(
          "SET\\s+(?:SESSION\\s+)?ROLE\\s+(?:TO\\s+|=\\s*)?"
              + "(?:\"(?<quoted>[^\"]+)\"|'(?<literal>[^'\\\\]+)'|(?<plain>\\w+))",
          Pattern.CASE_INSENSITIVE);

  /// The last one, with what it was made of: a session mostly reads from where it read before.
  private @Nullable Viewpoint last;

  private String lastPath = "";

  /// Why [#of] can't tell, in a few words for people.
  static String obstacle(Map<String, String> reported, SessionSettings settings, Set<Pin> pins) {
    String encoding = reported.getOrDefault("client_encoding", "unknown");
    if (!encoding.equals("UTF8")) {
      return "client_encoding is " + encoding + ", not UTF8";
    }
    if (!"on".equals(reported.get("standard_conforming_strings"))) {
      return "standard_conforming_strings is off";
    }
    if (pins.contains(Pin.TEMPORARY)) {
      return "temporary tables";
    }
    boolean isIdentity =
        pins.contains(Pin.IDENTITY) || settings.sql("session authorization") != null;
    return isIdentity || settings.sql("role") != null ? "role of the session" : "search_path";
  }

  /// Null where it can't be told.
  ///
  /// @param reported what the server last said of its settings
  /// @param searchPath that the server connection began with, where the server doesn't report it
  @Nullable Viewpoint of(
      String user,
      Map<String, String> reported,
      SessionSettings settings,
      Set<Pin> pins,
      @Nullable String searchPath) {
    boolean isPlain =
        "UTF8".equals(reported.get("client_encoding"))
            && "on".equals(reported.get("standard_conforming_strings"))
            && settings.sql("session authorization") == null
            && !pins.contains(Pin.IDENTITY)
            && !pins.contains(Pin.TEMPORARY);
    if (!isPlain) {
      return null;
    }
    String reader = user;
    String role = settings.sql("role");
    if (role != null) {
      Matcher set = ROLE.matcher(role);
      if (!set.matches()) {
        return null;
      }
      String plain = set.group("plain");
      String literal = set.group("literal");
      reader =
          plain != null
              ? plain.toLowerCase(Locale.ROOT)
              : literal != null ? literal : set.group("quoted");
    }
    String path = reported.get("search_path");
    if (path == null && settings.sql("search_path") == null && !pins.contains(Pin.SETTING)) {
      path = searchPath;
    }
    return path == null ? null : from(reader, path);
  }

  private Viewpoint from(String reader, String path) {
    Viewpoint known = last;
    if (known == null || !known.user().equals(reader) || !lastPath.equals(path)) {
      known = Viewpoint.of(reader, path);
      last = known;
      lastPath = path;
    }
    return known;
  }
}
