package dev.freshet.assets;

/// Where things end in the text of a style sheet without comments (CSS Syntax 3, section 4):
/// strings, escapes and blocks are told from what looks like them.
final class CssText {
  private CssText() {}

  /// The text without its comments. A space stands for each, since it parts what is around it.
  static String withoutComments(String css) {
    StringBuilder out = new StringBuilder(css.length());
    int at = 0;
    while (at < css.length()) {
      char c = css.charAt(at);
      if (c == '/' && css.startsWith("/*", at)) {
        int end = css.indexOf("*/", at + 2);
        out.append(' ');
        at = end < 0 ? css.length() : end + 2;
      } else {
        int next = behind(css, at);
        out.append(css, at, next);
        at = next;
      }
    }
    return out.toString();
  }

  /// Behind a string, an escape, an address without quotes, or one character.
  static int behind(String css, int at) {
    char c = css.charAt(at);
    return switch (c) {
      case '"', '\'' -> behindString(css, at);
      case '\\' -> Math.min(css.length(), at + 2);
      case 'u', 'U' -> isBareUrl(css, at) ? behindUrl(css, at) : at + 1;
      default -> at + 1;
    };
  }

  private static int behindString(String css, int from) {
    char quote = css.charAt(from);
    int at = from + 1;
    while (at < css.length()) {
      char c = css.charAt(at);
      if (c == '\\') {
        at += 2;
      } else if (c == quote || c == '\n') {
        // A line's end ends a string that has none.
        return at + 1;
      } else {
        at++;
      }
    }
    return css.length();
  }

  /// Whether `url(` stands here with an address that has no quotes.
  private static boolean isBareUrl(String css, int at) {
    if (!css.regionMatches(true, at, "url(", 0, 4) || (at > 0 && isNamePart(css.charAt(at - 1)))) {
      return false;
    }
    int inside = at + 4;
    while (inside < css.length() && Character.isWhitespace(css.charAt(inside))) {
      inside++;
    }
    return inside < css.length() && css.charAt(inside) != '"' && css.charAt(inside) != '\'';
  }

  static boolean isNamePart(char c) {
    return Character.isLetterOrDigit(c) || c == '-' || c == '_' || c > 0x7f;
  }

  private static int behindUrl(String css, int from) {
    int at = from;
    while (at < css.length()) {
      char c = css.charAt(at);
      if (c == '\\') {
        at += 2;
      } else if (c == ')') {
        return at + 1;
      } else {
        at++;
      }
    }
    return css.length();
  }

  /// Behind the bracket that closes the one here.
  static int behindBlock(String css, int from) {
    int at = from;
    int depth = 0;
    while (at < css.length()) {
      char c = css.charAt(at);
      if (c == '{' || c == '(' || c == '[') {
        depth++;
      } else if (c == '}' || c == ')' || c == ']') {
        depth--;
        if (depth == 0) {
          return at + 1;
        }
      }
      at = behind(css, at);
    }
    return css.length();
  }

  /// The first `{`, `;` or `}` from here on that is in no string or bracket; the end without one.
  static int endOfPrelude(String css, int from) {
    int at = from;
    while (at < css.length()) {
      char c = css.charAt(at);
      if (c == '{' || c == ';' || c == '}') {
        return at;
      }
      at = c == '(' || c == '[' ? behindBlock(css, at) : behind(css, at);
    }
    return css.length();
  }
}
