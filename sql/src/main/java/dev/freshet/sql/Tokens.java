package dev.freshet.sql;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// One statement's tokens without layout, comments and closing semicolons, with parentheses
/// matched. Reading beyond either end gives a token that equals nothing.
final class Tokens {
  private static final int MAX_TOKENS = 5_000;
  private static final int MAX_DEPTH = 40;

  /// A token and what it says: words folded, names without their quotes.
  record Token(SqlLexer.Kind kind, String text) {
    boolean isWord(String word) {
      return kind == SqlLexer.Kind.WORD && text.equals(word);
    }

    boolean isMark(String mark) {
      return kind == SqlLexer.Kind.MARK && text.equals(mark);
    }

    boolean isName() {
      return kind == SqlLexer.Kind.WORD || kind == SqlLexer.Kind.QUOTED;
    }
  }

  private static final Token NOTHING = new Token(SqlLexer.Kind.SPACE, "");
  private static final int MAX_NAME = 63;

  private final List<Token> all;
  private final int[] close;
  private final int[] open;
  private final boolean namesClock;

  /// The slot of each constant, -1 for what is none.
  private final int[] slots;

  private Tokens(List<Token> all, int[] slots, boolean namesClock) throws Refusal {
    this.all = all;
    this.slots = slots;
    this.close = new int[all.size()];
    this.open = new int[all.size()];
    this.namesClock = namesClock;
    match();
  }

  static Tokens of(String sql) throws Refusal {
    Statement read = Statement.read(sql);
    byte[] octets = read.text();
    int[] slots = new int[MAX_TOKENS];
    List<Token> out = new ArrayList<>();
    boolean namesClock = false;
    SqlLexer at = new SqlLexer(octets, 0, octets.length);
    boolean isOver = false;
    while (at.next()) {
      switch (at.kind()) {
        case SPACE, LINE_COMMENT, BLOCK_COMMENT -> {
          continue;
        }
        case ERROR -> throw new Refusal(NotCacheable.NOT_UNDERSTOOD);
        case STRING -> namesClock |= Clock.isNamedInConstant(octets, at.start(), at.end());
        default -> {}
      }
      if (at.isMark(';')) {
        isOver = !out.isEmpty();
        continue;
      }
      if (isOver) {
        throw new Refusal(NotCacheable.NOT_ONE_STATEMENT);
      }
      if (out.size() == MAX_TOKENS) {
        throw new Refusal(NotCacheable.TOO_LARGE);
      }
      slots[out.size()] = read.slots().at(at.start());
      out.add(token(octets, at));
    }
    if (out.isEmpty()) {
      throw new Refusal(NotCacheable.NOT_ONE_STATEMENT);
    }
    return new Tokens(out, slots, namesClock);
  }

  private static Token token(byte[] sql, SqlLexer at) throws Refusal {
    String text = new String(sql, at.start(), at.end() - at.start(), StandardCharsets.UTF_8);
    return switch (at.kind()) {
      case WORD -> new Token(at.kind(), cut(lower(text)));
      case QUOTED -> {
        if (!text.startsWith("\"")) {
          throw new Refusal(NotCacheable.NOT_UNDERSTOOD);
        }
        String inner = text.substring(1, text.length() - 1).replace("\"\"", "\"");
        yield new Token(at.kind(), cut(inner));
      }
      default -> new Token(at.kind(), text);
    };
  }

  private static String lower(String text) {
    StringBuilder out = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      out.append(c >= 'A' && c <= 'Z' ? (char) (c + 32) : c);
    }
    return out.toString();
  }

  private static String cut(String name) {
    if (name.length() * 3 <= MAX_NAME) {
      return name;
    }
    byte[] octets = name.getBytes(StandardCharsets.UTF_8);
    int end = Math.min(octets.length, MAX_NAME);
    while (end < octets.length && (octets[end] & 0xc0) == 0x80) {
      end--;
    }
    return new String(octets, 0, end, StandardCharsets.UTF_8);
  }

  private void match() throws Refusal {
    Arrays.fill(close, -1);
    Arrays.fill(open, -1);
    int[] stack = new int[MAX_DEPTH];
    int depth = 0;
    for (int i = 0; i < all.size(); i++) {
      Token token = all.get(i);
      if (depth > 0) {
        open[i] = stack[depth - 1];
      }
      if (token.isMark("(")) {
        if (depth == MAX_DEPTH) {
          throw new Refusal(NotCacheable.TOO_LARGE);
        }
        stack[depth++] = i;
      } else if (token.isMark(")")) {
        if (depth == 0) {
          throw new Refusal(NotCacheable.NOT_UNDERSTOOD);
        }
        close[stack[--depth]] = i;
      }
    }
    if (depth > 0) {
      throw new Refusal(NotCacheable.NOT_UNDERSTOOD);
    }
  }

  int size() {
    return all.size();
  }

  Token at(int i) {
    return i >= 0 && i < all.size() ? all.get(i) : NOTHING;
  }

  boolean isWord(int i, String word) {
    return at(i).isWord(word);
  }

  boolean isMark(int i, String mark) {
    return at(i).isMark(mark);
  }

  /// Where the parenthesis that opens here closes.
  int close(int i) {
    return close[i];
  }

  /// The parenthesis that this token stands in (for a closing one, its own); -1 outside of all.
  int open(int i) {
    return open[i];
  }

  /// Whether a word here is a keyword rather than a column or label: those may be any word behind a
  /// dot or AS.
  boolean isPlain(int i) {
    return !isMark(i - 1, ".") && !isWord(i - 1, "as");
  }

  /// Whether this word begins an INSERT, UPDATE, DELETE or MERGE rather than being a part of one or
  /// a name. `update` may only be told by what is around it.
  boolean isChange(int i) {
    if (at(i).kind() != SqlLexer.Kind.WORD || !isPlain(i)) {
      return false;
    }
    return switch (at(i).text()) {
      case "insert", "merge" -> isWord(i + 1, "into");
      case "delete" -> isWord(i + 1, "from");
      case "update" -> {
        Token next = at(i + 1);
        boolean isLock = isWord(i - 1, "for") || isWord(i - 1, "key");
        boolean isTarget =
            next.kind() == SqlLexer.Kind.QUOTED
                || next.isWord("only")
                || (next.isName() && !Known.KEYWORDS.contains(next.text()));
        yield isTarget && !isLock && !next.isWord("set");
      }
      default -> false;
    };
  }

  /// The slot of the text ([Slots]) that holds this token, or -1.
  int slot(int i) {
    return i >= 0 && i < all.size() ? slots[i] : -1;
  }

  boolean namesClock() {
    return namesClock;
  }

  /// The name that begins here, whose parts are joined by dots. The catalog before a schema is left
  /// out: PostgreSQL takes none but the current one.
  TableName name(int from) throws Refusal {
    List<String> parts = new ArrayList<>();
    for (int i = from; ; i += 2) {
      if (!at(i).isName() || parts.size() == 3) {
        throw new Refusal(NotCacheable.NOT_UNDERSTOOD);
      }
      parts.add(at(i).text());
      if (!isMark(i + 1, ".")) {
        break;
      }
    }
    return new TableName(parts.size() == 1 ? null : parts.get(parts.size() - 2), parts.getLast());
  }
}
