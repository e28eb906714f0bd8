package dev.freshet.sql;

import java.util.Arrays;

/// Writes a statement's normal form, token by token: what is left when constants, comments, layout
/// and the case of words no longer matter. Two texts with the same form differ in nothing else.
///
/// Spaces depend on the tokens alone, so that `a=1` and `a = 1` are the same. A minus before a
/// number belongs to the constant where no operand can stand before it. Positions in ORDER BY and
/// GROUP BY stay, since they are names rather than values. Strings behind UESCAPE stay, as they are
/// part of how a name is spelled.
final class NormalText {
  /// Words that stand before an expression or a parenthesis and cannot be an operand themselves.
  private static final Words OPENERS =
      Words.of(
          """
          select where and or not when then else case on having limit offset returning distinct
          all any some in from for to default using fetch union except intersect between like
          ilike similar by values set is as over filter within exists with recursive into join
          lateral window materialized array only when do check
          """);

  /// Words that end a list of ORDER BY or GROUP BY.
  private static final Words BEHIND_BY =
      Words.of("select values limit offset fetch having returning set window rows range groups");

  /// Behind these NULL, TRUE and FALSE are grammar, not constants.
  private static final Words KEEPING = Words.of("is not set on returns");

  private static final long IN = Words.code("in");
  private static final long BY = Words.code("by");
  private static final long NULL = Words.code("null");
  private static final long TRUE = Words.code("true");
  private static final long FALSE = Words.code("false");
  private static final long UESCAPE = Words.code("uescape");

  /// Stands for the two marks with a space on both sides, `:=` and `..`.
  private static final byte WIDE = 'w';

  private byte[] out;
  private int length;

  private SqlLexer.Kind lastKind = SqlLexer.Kind.SPACE;
  private byte lastMark;
  private long lastWord;

  /// Whether a minus that may belong to a constant waits to be written.
  private boolean hasMinus;

  /// Whether the constant that ends the output swallowed a minus.
  private boolean isNegative;

  /// Where the parenthesis of an IN list begins in the output while it holds constants only, or -1.
  private int list = -1;

  /// Where that parenthesis begins in the input, and the slots there were before it.
  private int listFrom;

  private int listSlots;

  /// Where the minus that waits stands in the input.
  private int minusFrom;

  /// Where the number behind the last minus begins.
  private int digitsFrom;

  private final Slots slots = new Slots();

  private int depth;

  /// The depth at which a list of ORDER BY or GROUP BY is being read, or -1.
  private int byDepth = -1;

  private boolean hasSemicolon;

  NormalText(int octets) {
    out = new byte[octets + octets / 2 + 32];
  }

  /// Takes the next token, which is neither white space nor a comment.
  void add(byte[] sql, SqlLexer at) {
    room(at.end() - at.start());
    SqlLexer.Kind kind = at.kind();
    if (kind == SqlLexer.Kind.MARK && at.first() == ';') {
      writeMinus();
      list = -1;
      byDepth = -1;
      depth = 0;
      hasSemicolon = length > 0;
      return;
    }
    if (hasSemicolon) {
      hasSemicolon = false;
      out[length++] = ';';
      remember(SqlLexer.Kind.MARK, (byte) ';', 0);
    }
    switch (kind) {
      case WORD -> word(sql, at);
      case STRING -> {
        if (lastWord == UESCAPE) {
          verbatim(sql, at);
        } else {
          constant(at, false);
        }
      }
      case NUMBER -> number(sql, at);
      case PARAMETER -> constant(at, false);
      case MARK -> mark(sql, at);
      case OPERATOR -> operator(sql, at);
      case QUOTED -> verbatim(sql, at);
      case ERROR -> error(sql, at);
      case SPACE, LINE_COMMENT, BLOCK_COMMENT -> {}
    }
  }

  Slots slots() {
    return slots;
  }

  byte[] octets() {
    writeMinus();
    return Arrays.copyOf(out, length);
  }

  private void room(int octets) {
    int needed = length + 2 * octets + 24;
    if (needed > out.length) {
      out = Arrays.copyOf(out, Math.max(needed, 2 * out.length));
    }
  }

  private void remember(SqlLexer.Kind kind, byte mark, long word) {
    lastKind = kind;
    lastMark = mark;
    lastWord = word;
    isNegative = false;
  }

  private void space() {
    boolean isTight =
        length == 0 || lastMark == '(' || lastMark == '[' || lastMark == '.' || lastMark == ':';
    if (!isTight) {
      out[length++] = ' ';
    }
  }

  private void writeMinus() {
    if (hasMinus) {
      hasMinus = false;
      list = -1;
      space();
      out[length++] = '-';
      remember(SqlLexer.Kind.OPERATOR, (byte) 0, 0);
    }
  }

  private void copy(byte[] sql, int from, int to) {
    System.arraycopy(sql, from, out, length, to - from);
    length += to - from;
  }

  private void verbatim(byte[] sql, SqlLexer at) {
    writeMinus();
    list = -1;
    space();
    copy(sql, at.start(), at.end());
    remember(at.kind(), (byte) 0, 0);
  }

  private void error(byte[] sql, SqlLexer at) {
    if (at.end() - at.start() == 1) {
      verbatim(sql, at);
      return;
    }
    writeMinus();
    list = -1;
    space();
    for (byte c : UNREADABLE) {
      out[length++] = c;
    }
    remember(SqlLexer.Kind.ERROR, (byte) 0, 0);
  }

  private static final byte[] UNREADABLE = {'<', 'b', 'a', 'd', '>'};

  private void word(byte[] sql, SqlLexer at) {
    long code = Words.code(sql, at.start(), at.end());
    boolean isName = lastMark == '.';
    if ((code == NULL || code == TRUE || code == FALSE) && !isName && !KEEPING.has(lastWord)) {
      constant(at, false);
      return;
    }
    writeMinus();
    list = -1;
    space();
    for (int i = at.start(); i < at.end(); i++) {
      out[length++] = SqlLexer.lower(sql[i]);
    }
    if (code == BY) {
      byDepth = depth;
    } else if (depth == byDepth && BEHIND_BY.has(code)) {
      byDepth = -1;
    }
    remember(SqlLexer.Kind.WORD, (byte) 0, isName ? 0 : code);
  }

  private void number(byte[] sql, SqlLexer at) {
    if (byDepth == depth && (lastWord == BY || lastMark == ',')) {
      verbatim(sql, at);
    } else {
      constant(at, true);
    }
  }

  private void constant(SqlLexer at, boolean isNumber) {
    boolean swallows = hasMinus && isNumber;
    if (swallows) {
      hasMinus = false;
    } else {
      writeMinus();
    }
    slots.add(swallows ? minusFrom : at.start(), at.end());
    digitsFrom = at.start();
    space();
    out[length++] = '?';
    remember(SqlLexer.Kind.NUMBER, (byte) 0, 0);
    isNegative = swallows;
  }

  private void mark(byte[] sql, SqlLexer at) {
    byte mark = at.first();
    writeMinus();
    switch (mark) {
      case '(' -> {
        boolean isSpaced =
            lastKind == SqlLexer.Kind.WORD
                ? OPENERS.has(lastWord)
                : lastKind == SqlLexer.Kind.OPERATOR || lastMark != 0;
        if (isSpaced) {
          space();
        }
        list = lastWord == IN ? length : -1;
        listFrom = at.start();
        listSlots = slots.count();
        depth++;
      }
      case ')' -> close(at.end());
      case ',' -> {}
      default -> list = -1;
    }
    boolean isWide = at.end() - at.start() == 2 && sql[at.start() + 1] != ':';
    if (isWide) {
      space();
    } else if (isNegative && (mark == ':' || mark == '[')) {
      // These bind tighter than a minus: it was an operator after all.
      out[length - 1] = '-';
      out[length++] = ' ';
      out[length++] = '?';
      slots.cutLast(digitsFrom);
    }
    copy(sql, at.start(), at.end());
    remember(SqlLexer.Kind.MARK, isWide ? WIDE : mark, 0);
  }

  private void close(int end) {
    depth = Math.max(0, depth - 1);
    if (byDepth > depth) {
      byDepth = -1;
    }
    if (list >= 0 && lastKind == SqlLexer.Kind.NUMBER) {
      length = list;
      out[length++] = '(';
      out[length++] = '?';
      out[length++] = '.';
      out[length++] = '.';
      out[length++] = '.';
      slots.merge(listSlots, listFrom, end);
    }
    list = -1;
  }

  /// An operator of question marks only is doubled, so that it cannot be taken for a constant.
  private void operator(byte[] sql, SqlLexer at) {
    boolean isMinus = at.end() - at.start() == 1 && at.first() == '-';
    writeMinus();
    if (isMinus && !hasOperand()) {
      hasMinus = true;
      minusFrom = at.start();
      return;
    }
    list = -1;
    space();
    boolean isAsking = true;
    for (int i = at.start(); i < at.end(); i++) {
      isAsking &= sql[i] == '?';
    }
    copy(sql, at.start(), at.end());
    if (isAsking) {
      copy(sql, at.start(), at.end());
    }
    remember(SqlLexer.Kind.OPERATOR, (byte) 0, 0);
  }

  private boolean hasOperand() {
    return switch (lastKind) {
      case WORD -> !OPENERS.has(lastWord);
      case MARK -> lastMark == ')' || lastMark == ']';
      case OPERATOR, SPACE -> false;
      default -> true;
    };
  }
}
