package dev.freshet.sql;

import java.util.Arrays;

/// Cuts octets into tokens by PostgreSQL's lexical rules (its manual, section 4.1), with
/// `standard_conforming_strings` on as it has been by default since 9.1. Makes no objects: ask
/// [#kind], [#start] and [#end] after each [#next].
///
/// The tokens cover the input without gap or overlap, whatever it is. What PostgreSQL would refuse
/// becomes an ERROR token: the rest of the input where a quote or comment never ends, else only the
/// octets concerned.
final class SqlLexer {
  /// What a token is.
  enum Kind {
    SPACE,
    LINE_COMMENT,
    BLOCK_COMMENT,
    /// A keyword or a name without quotes.
    WORD,
    /// A name in double quotes, `U&""` as well.
    QUOTED,
    /// Any string constant, with its prefix and with the pieces that continue it on further lines.
    STRING,
    NUMBER,
    /// `$1`.
    PARAMETER,
    OPERATOR,
    /// One of `( ) [ ] , ; . : :: := ..`.
    MARK,
    ERROR
  }

  private static final int ODD = 0;
  private static final int BLANK = 1;
  private static final int LETTER = 2;
  private static final int DIGIT = 3;
  private static final int SIGN = 4;
  private static final int POINT = 5;
  private static final int QUOTE = 6;
  private static final int DOUBLE_QUOTE = 7;
  private static final int DOLLAR = 8;
  private static final int SINGLE = 9;
  private static final int COLON = 10;

  private static final byte[] CLASS = new byte[256];

  static {
    for (int c = 0; c < 256; c++) {
      boolean isLetter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c >= 0x80;
      CLASS[c] = (byte) (isLetter ? LETTER : c >= '0' && c <= '9' ? DIGIT : ODD);
    }
    put(" \t\n\r\f\u000b", BLANK);
    put("~!@#^&|`?+-*/%<>=", SIGN);
    put(".", POINT);
    put("'", QUOTE);
    put("\"", DOUBLE_QUOTE);
    put("$", DOLLAR);
    put("()[],;", SINGLE);
    put(":", COLON);
  }

  private static void put(String chars, int kind) {
    for (int i = 0; i < chars.length(); i++) {
      CLASS[chars.charAt(i)] = (byte) kind;
    }
  }

  private final byte[] sql;
  private final int to;
  private int start;
  private int end;
  private Kind kind = Kind.SPACE;

  SqlLexer(byte[] sql, int from, int to) {
    this.sql = sql;
    this.start = from;
    this.end = from;
    this.to = to;
  }

  Kind kind() {
    return kind;
  }

  int start() {
    return start;
  }

  int end() {
    return end;
  }

  /// The first octet of the token.
  byte first() {
    return sql[start];
  }

  /// Whether the token is this one octet and a mark.
  boolean isMark(char c) {
    return kind == Kind.MARK && sql[start] == c && end - start == 1;
  }

  /// Whether the token is this word, which is given in lower case.
  boolean isWord(String lower) {
    return kind == Kind.WORD && equalsLower(sql, start, end, lower);
  }

  /// Whether these octets are the given text but for the case of ASCII letters.
  static boolean equalsLower(byte[] sql, int from, int to, String lower) {
    if (to - from != lower.length()) {
      return false;
    }
    for (int i = from; i < to; i++) {
      if (lower(sql[i]) != lower.charAt(i - from)) {
        return false;
      }
    }
    return true;
  }

  static byte lower(byte b) {
    return b >= 'A' && b <= 'Z' ? (byte) (b + 32) : b;
  }

  /// Moves to the next token; false behind the last.
  boolean next() {
    start = end;
    if (start >= to) {
      return false;
    }
    int at = start;
    switch (CLASS[sql[at] & 0xff]) {
      case BLANK -> blank(at + 1);
      case LETTER -> letter(at);
      case DIGIT -> number(at);
      case SIGN -> sign(at);
      case POINT -> point(at);
      case QUOTE -> string(at + 1, false);
      case DOUBLE_QUOTE -> quoted(at + 1);
      case DOLLAR -> dollar(at);
      case SINGLE -> is(Kind.MARK, at + 1);
      case COLON -> is(Kind.MARK, peek(at + 1) == ':' || peek(at + 1) == '=' ? at + 2 : at + 1);
      default -> is(Kind.ERROR, at + 1);
    }
    return true;
  }

  private void is(Kind newKind, int newEnd) {
    kind = newKind;
    end = newEnd;
  }

  private int peek(int at) {
    return at < to ? sql[at] & 0xff : -1;
  }

  private int classAt(int at) {
    return at < to ? CLASS[sql[at] & 0xff] : -1;
  }

  private void blank(int from) {
    int at = from;
    while (classAt(at) == BLANK) {
      at++;
    }
    is(Kind.SPACE, at);
  }

  private void letter(int at) {
    if (peek(at + 1) == '\'') {
      int c = lower(sql[at]);
      if (c == 'e') {
        string(at + 2, true);
        return;
      }
      if (c == 'b' || c == 'x') {
        bits(at + 2);
        return;
      }
    } else if (peek(at + 1) == '&' && lower(sql[at]) == 'u') {
      if (peek(at + 2) == '\'') {
        string(at + 3, false);
        return;
      }
      if (peek(at + 2) == '"') {
        quoted(at + 3);
        return;
      }
    }
    is(Kind.WORD, endOfName(at + 1));
  }

  private int endOfName(int from) {
    int at = from;
    while (at < to) {
      int c = CLASS[sql[at] & 0xff];
      if (c != LETTER && c != DIGIT && c != DOLLAR) {
        break;
      }
      at++;
    }
    return at;
  }

  private void string(int from, boolean hasEscapes) {
    int at = from;
    while (at < to) {
      byte c = sql[at];
      if (c == '\\' && hasEscapes) {
        at += 2;
      } else if (c != '\'') {
        at++;
      } else if (peek(at + 1) == '\'') {
        at += 2;
      } else {
        int more = continuation(at + 1);
        if (more < 0) {
          is(Kind.STRING, at + 1);
          return;
        }
        at = more;
      }
    }
    is(Kind.ERROR, to);
  }

  private void bits(int from) {
    int at = from;
    while (at < to) {
      if (sql[at] != '\'') {
        at++;
        continue;
      }
      int more = continuation(at + 1);
      if (more < 0) {
        is(Kind.STRING, at + 1);
        return;
      }
      at = more;
    }
    is(Kind.ERROR, to);
  }

  /// A string goes on behind white space that holds a line's end (line comments count as white
  /// space). The index behind its next opening quote, or -1.
  private int continuation(int from) {
    boolean hasNewline = false;
    int at = from;
    while (at < to) {
      byte c = sql[at];
      if (c == '\'') {
        return hasNewline ? at + 1 : -1;
      }
      if (c == '-' && peek(at + 1) == '-') {
        at = endOfLine(at + 2);
      } else if (CLASS[c & 0xff] == BLANK) {
        hasNewline |= c == '\n' || c == '\r';
        at++;
      } else {
        return -1;
      }
    }
    return -1;
  }

  private void quoted(int from) {
    int at = from;
    while (at < to) {
      if (sql[at] != '"') {
        at++;
      } else if (peek(at + 1) == '"') {
        at += 2;
      } else {
        is(Kind.QUOTED, at + 1);
        return;
      }
    }
    is(Kind.ERROR, to);
  }

  private void dollar(int at) {
    if (classAt(at + 1) == DIGIT) {
      int digits = at + 2;
      while (classAt(digits) == DIGIT) {
        digits++;
      }
      is(Kind.PARAMETER, digits);
      return;
    }
    int tag = at + 1;
    if (classAt(tag) == LETTER) {
      tag++;
      while (classAt(tag) == LETTER || classAt(tag) == DIGIT) {
        tag++;
      }
    }
    if (peek(tag) != '$') {
      is(Kind.ERROR, at + 1);
      return;
    }
    int length = tag + 1 - at;
    for (int i = tag + 1; i + length <= to; i++) {
      if (sql[i] == '$' && Arrays.equals(sql, at, tag + 1, sql, i, i + length)) {
        is(Kind.STRING, i + length);
        return;
      }
    }
    is(Kind.ERROR, to);
  }

  private void point(int at) {
    if (classAt(at + 1) == DIGIT) {
      number(at);
    } else {
      is(Kind.MARK, peek(at + 1) == '.' ? at + 2 : at + 1);
    }
  }

  private void number(int from) {
    int at = from;
    int base = sql[at] == '0' ? base(peek(at + 1)) : 10;
    if (base != 10) {
      int behind = digits(at + 2, base);
      at = behind > at + 2 ? behind : at + 1;
    } else {
      at = sql[at] == '.' ? at : digits(at, 10);
      if (peek(at) == '.' && peek(at + 1) != '.') {
        at++;
        at = classAt(at) == DIGIT ? digits(at, 10) : at;
      }
      if (peek(at) == 'e' || peek(at) == 'E') {
        int exponent = peek(at + 1) == '+' || peek(at + 1) == '-' ? at + 2 : at + 1;
        at = classAt(exponent) == DIGIT ? digits(exponent, 10) : at;
      }
    }
    boolean isJunk = classAt(at) == LETTER;
    is(isJunk ? Kind.ERROR : Kind.NUMBER, isJunk ? endOfName(at) : at);
  }

  private static int base(int letter) {
    return switch (letter) {
      case 'x', 'X' -> 16;
      case 'o', 'O' -> 8;
      case 'b', 'B' -> 2;
      default -> 10;
    };
  }

  /// Behind digits that may have single underscores between them; before them too where a prefix
  /// gave the base.
  private int digits(int from, int base) {
    int at = from;
    while (at < to) {
      boolean isJoint = sql[at] == '_' && (at > from || base != 10);
      int digit = isJoint ? at + 1 : at;
      if (Character.digit(peek(digit), base) < 0) {
        break;
      }
      at = digit + 1;
    }
    return at;
  }

  private void sign(int at) {
    int c = sql[at];
    if (c == '-' && peek(at + 1) == '-') {
      is(Kind.LINE_COMMENT, endOfLine(at + 2));
    } else if (c == '/' && peek(at + 1) == '*') {
      comment(at + 2);
    } else {
      operator(at);
    }
  }

  private int endOfLine(int from) {
    int at = from;
    while (at < to && sql[at] != '\n' && sql[at] != '\r') {
      at++;
    }
    return at;
  }

  private void comment(int from) {
    int depth = 1;
    int at = from;
    while (at + 1 < to) {
      if (sql[at] == '*' && sql[at + 1] == '/') {
        at += 2;
        depth--;
        if (depth == 0) {
          is(Kind.BLOCK_COMMENT, at);
          return;
        }
      } else if (sql[at] == '/' && sql[at + 1] == '*') {
        at += 2;
        depth++;
      } else {
        at++;
      }
    }
    is(Kind.ERROR, to);
  }

  /// An operator ends where a comment starts, and gives up trailing plus and minus signs unless it
  /// holds a character that SQL's own operators lack.
  private void operator(int from) {
    int at = from;
    boolean isOwn = false;
    int kept = from;
    while (classAt(at) == SIGN) {
      int c = sql[at];
      int after = peek(at + 1);
      if ((c == '-' && after == '-') || (c == '/' && after == '*')) {
        break;
      }
      isOwn |= "~!@#^&|`?%".indexOf(c) >= 0;
      at++;
      if (isOwn || (c != '+' && c != '-')) {
        kept = at;
      }
    }
    is(Kind.OPERATOR, Math.max(kept, from + 1));
  }
}
