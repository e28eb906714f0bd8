package dev.freshet.sql;

/// Strings that PostgreSQL reads as a moment relative to now when it takes them for a date or time
/// (its manual, section 8.5.1.4).
final class Clock {
  /// Longer ones are refused as dates, even with white space in them, but may be lists of some.
  private static final int LONGEST = 256;

  private static final String[] NAMES = {"now", "today", "tomorrow", "yesterday"};

  private Clock() {}

  /// Whether a bound value, in its text form, may name such a moment.
  static boolean isNamedIn(byte[] text, int from, int to) {
    if (to - from > LONGEST && text[from] != '{') {
      return false;
    }
    for (int i = from; i < to; i++) {
      byte c = SqlLexer.lower(text[i]);
      if ((c == 'n' || c == 't' || c == 'y') && begins(text, i, from, to)) {
        return true;
      }
    }
    return false;
  }

  /// The same for a string constant with its quotes. Errs towards yes: escapes are not resolved,
  /// and pieces on several lines not put together.
  static boolean isNamedInConstant(byte[] sql, int from, int to) {
    byte prefix = SqlLexer.lower(sql[from]);
    if (prefix == 'u') {
      return true;
    }
    if (prefix == '\'' || prefix == 'e') {
      for (int i = from + (prefix == 'e' ? 2 : 1); i < to - 1; i++) {
        if (sql[i] == '\\' && prefix == 'e') {
          return true;
        }
        if (sql[i] == '\'') {
          i++;
          if (sql[i] != '\'') {
            return true;
          }
        }
      }
    }
    boolean isList = prefix == '\'' && sql[from + 1] == '{';
    return isNamedIn(sql, isList ? from + 1 : from, to);
  }

  private static boolean begins(byte[] text, int at, int from, int to) {
    if (at > from && isLetter(text[at - 1])) {
      return false;
    }
    for (String name : NAMES) {
      int end = at + name.length();
      if (end <= to
          && SqlLexer.equalsLower(text, at, end, name)
          && (end == to || !isLetter(text[end]))) {
        return true;
      }
    }
    return false;
  }

  private static boolean isLetter(byte b) {
    byte c = SqlLexer.lower(b);
    return c >= 'a' && c <= 'z';
  }
}
