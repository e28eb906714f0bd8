package dev.freshet.edge;

/// Finds where the values of a JSON text (RFC 8259) begin and end, octet by octet as they come,
/// without building anything.
///
/// Strict: what it takes for whole is one value in the grammar of RFC 8259, section 2, in sound
/// UTF-8 (RFC 3629), nested no deeper than [#MAX_DEPTH]. It stops at the first octet that is not.
final class JsonScanner {
  static final int MAX_DEPTH = 512;

  /// Hears what is found, in order. Depth is the number of arrays and objects around.
  interface Events {
    /// A value begins with that octet.
    void begin(int depth, long at, int octet);

    /// The value that began last at that depth ended just before.
    void end(int depth, long at);

    /// A member's name, without its quotes; its value comes next.
    void name(int depth, long from, long to);
  }

  private static final byte[] TRUE = {'t', 'r', 'u', 'e'};
  private static final byte[] FALSE = {'f', 'a', 'l', 's', 'e'};
  private static final byte[] NULL = {'n', 'u', 'l', 'l'};

  private enum State {
    VALUE,
    VALUE_OR_END,
    NAME,
    NAME_OR_END,
    COLON,
    AFTER_ELEMENT,
    AFTER_MEMBER,
    STRING,
    ESCAPE,
    HEX,
    UTF8,
    MINUS,
    ZERO,
    INTEGER,
    POINT,
    FRACTION,
    E,
    SIGN,
    EXPONENT,
    LITERAL,
    DONE,
    BROKEN
  }

  private final Events events;
  private final boolean[] isArray = new boolean[MAX_DEPTH];
  private State state = State.VALUE;
  private int depth;
  private long base;
  private boolean isName;
  private long nameFrom;
  private byte[] literal = TRUE;

  /// What is still to come of a literal, an escape or a character.
  private int left;

  private int lowest;
  private int highest;

  JsonScanner(Events events) {
    this.events = events;
  }

  /// Reads on; false when it is no JSON.
  boolean read(byte[] octets) {
    int i = 0;
    while (i < octets.length) {
      i =
          switch (state) {
            case STRING -> string(octets, i);
            case ESCAPE, HEX, UTF8 -> within(octets[i] & 0xff, i);
            case ZERO, INTEGER, FRACTION, EXPONENT, MINUS, POINT, E, SIGN -> number(octets, i);
            case LITERAL -> literal(octets[i], i);
            case BROKEN -> octets.length;
            default -> between(octets[i] & 0xff, i);
          };
    }
    base += octets.length;
    return state != State.BROKEN;
  }

  /// Whether what was read is a whole text; nothing can be read afterwards.
  boolean end() {
    if (isNumberComplete() && depth == 0) {
      ended(base);
    }
    return state == State.DONE;
  }

  private int broken(int i) {
    state = State.BROKEN;
    return i + 1;
  }

  private static boolean isSpace(int c) {
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
  }

  /// Where white space may stand.
  private int between(int c, int i) {
    if (isSpace(c)) {
      return i + 1;
    }
    switch (state) {
      case VALUE -> begin(c, i);
      case VALUE_OR_END -> {
        if (c == ']') {
          close(i);
        } else {
          begin(c, i);
        }
      }
      case NAME -> name(c, i);
      case NAME_OR_END -> {
        if (c == '}') {
          close(i);
        } else {
          name(c, i);
        }
      }
      case COLON -> state = c == ':' ? State.VALUE : State.BROKEN;
      case AFTER_ELEMENT -> after(c, i, ']', State.VALUE);
      case AFTER_MEMBER -> after(c, i, '}', State.NAME);
      default -> state = State.BROKEN;
    }
    return i + 1;
  }

  private void after(int c, int i, int end, State next) {
    if (c == ',') {
      state = next;
    } else if (c == end) {
      close(i);
    } else {
      state = State.BROKEN;
    }
  }

  private void name(int c, int i) {
    if (c == '"') {
      isName = true;
      nameFrom = base + i + 1;
      state = State.STRING;
    } else {
      state = State.BROKEN;
    }
  }

  private void begin(int c, int i) {
    State next =
        switch (c) {
          case '"' -> State.STRING;
          case '{' -> State.NAME_OR_END;
          case '[' -> State.VALUE_OR_END;
          case '-' -> State.MINUS;
          case '0' -> State.ZERO;
          case '1', '2', '3', '4', '5', '6', '7', '8', '9' -> State.INTEGER;
          case 't', 'f', 'n' -> State.LITERAL;
          default -> State.BROKEN;
        };
    boolean isContainer = c == '{' || c == '[';
    if (next == State.BROKEN || (isContainer && depth == MAX_DEPTH)) {
      state = State.BROKEN;
      return;
    }
    events.begin(depth, base + i, c);
    state = next;
    isName = false;
    if (isContainer) {
      isArray[depth++] = c == '[';
    } else if (next == State.LITERAL) {
      literal = c == 't' ? TRUE : c == 'f' ? FALSE : NULL;
      left = literal.length - 1;
    }
  }

  private void close(int i) {
    depth--;
    ended(base + i + 1);
  }

  private void ended(long at) {
    events.end(depth, at);
    state = depth == 0 ? State.DONE : isArray[depth - 1] ? State.AFTER_ELEMENT : State.AFTER_MEMBER;
  }

  private int string(byte[] octets, int from) {
    int i = from;
    while (i < octets.length) {
      int c = octets[i++];
      if (c == '"') {
        if (isName) {
          events.name(depth, nameFrom, base + i - 1);
          state = State.COLON;
        } else {
          ended(base + i);
        }
        return i;
      }
      if (c == '\\') {
        state = State.ESCAPE;
        return i;
      }
      if (c < 0x20) {
        // Negative ones are octets beyond ASCII.
        state = c < 0 ? character(c & 0xff) : State.BROKEN;
        return i;
      }
    }
    return i;
  }

  /// The first octet of a character beyond ASCII (RFC 3629, section 4).
  private State character(int c) {
    lowest = c == 0xe0 ? 0xa0 : c == 0xf0 ? 0x90 : 0x80;
    highest = c == 0xed ? 0x9f : c == 0xf4 ? 0x8f : 0xbf;
    left = c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : 1;
    return c < 0xc2 || c > 0xf4 ? State.BROKEN : State.UTF8;
  }

  private int within(int c, int i) {
    boolean isGood;
    switch (state) {
      case ESCAPE -> {
        isGood = c == 'u' || "\"\\/bfnrt".indexOf(c) >= 0;
        left = 4;
        state = c == 'u' ? State.HEX : State.STRING;
      }
      case HEX -> {
        isGood = Character.digit(c, 16) >= 0 && c < 0x80;
        state = --left == 0 ? State.STRING : State.HEX;
      }
      default -> {
        isGood = c >= lowest && c <= highest;
        lowest = 0x80;
        highest = 0xbf;
        state = --left == 0 ? State.STRING : State.UTF8;
      }
    }
    return isGood ? i + 1 : broken(i);
  }

  private int literal(int c, int i) {
    if (c != literal[literal.length - left]) {
      return broken(i);
    }
    if (--left == 0) {
      ended(base + i + 1);
    }
    return i + 1;
  }

  private boolean isNumberComplete() {
    return state == State.ZERO
        || state == State.INTEGER
        || state == State.FRACTION
        || state == State.EXPONENT;
  }

  /// A number ends before the first octet that is none of it, which is then looked at anew.
  private int number(byte[] octets, int from) {
    int i = from;
    while (i < octets.length) {
      State next = afterDigit(octets[i]);
      if (next == State.BROKEN) {
        if (!isNumberComplete()) {
          return broken(i);
        }
        ended(base + i);
        return i;
      }
      state = next;
      i++;
    }
    return i;
  }

  private State afterDigit(int c) {
    boolean isDigit = c >= '0' && c <= '9';
    return switch (state) {
      case MINUS -> c == '0' ? State.ZERO : isDigit ? State.INTEGER : State.BROKEN;
      case ZERO -> c == '.' ? State.POINT : isE(c) ? State.E : State.BROKEN;
      case INTEGER ->
          isDigit ? State.INTEGER : c == '.' ? State.POINT : isE(c) ? State.E : State.BROKEN;
      case POINT -> isDigit ? State.FRACTION : State.BROKEN;
      case FRACTION -> isDigit ? State.FRACTION : isE(c) ? State.E : State.BROKEN;
      case E -> c == '+' || c == '-' ? State.SIGN : isDigit ? State.EXPONENT : State.BROKEN;
      case SIGN, EXPONENT -> isDigit ? State.EXPONENT : State.BROKEN;
      default -> State.BROKEN;
    };
  }

  private static boolean isE(int c) {
    return c == 'e' || c == 'E';
  }
}
