package dev.freshet.assets;

/// Reads text in which tags mean nothing, up to the end tag of the element that it is in (HTML,
/// sections 13.2.5.9 to 13.2.5.31), octet by octet.
final class RawText {
  private static final byte[] CDATA = Ascii.octets("![CDATA[");

  /// What was read so far.
  enum Seen {
    TEXT,
    /// The octet given is the first behind the end tag's name.
    END,
    /// It can't be told what this is.
    UNSURE
  }

  private enum State {
    TEXT,
    LESS,
    END_NAME,
    BANG,
    BANG_DASH,
    OPEN_NAME,
    CLOSE_NAME,
    SECTION_BEGINS,
    SECTION,
    SECTION_LESS
  }

  private Element element = Element.OTHER;
  private State state = State.TEXT;
  private boolean isForeign;
  private int matched;
  private boolean matches;
  private int dashes;

  /// In a script: 1 behind `<!--`, 2 behind a `<script` in there.
  private int escaped;

  /// @param foreign whether it may be SVG's or MathML's element of that name, whose content is tags
  void begin(Element of, boolean foreign) {
    element = of;
    isForeign = foreign;
    state = State.TEXT;
    escaped = 0;
    dashes = 0;
  }

  Element element() {
    return element;
  }

  /// Whether octets other than `<` mean nothing at the moment.
  boolean isIdle() {
    return state == State.TEXT && escaped == 0;
  }

  Seen octet(int octet) {
    return switch (state) {
      case TEXT -> text(octet);
      case LESS -> less(octet);
      case END_NAME -> endName(octet);
      case BANG -> {
        state = octet == '-' ? State.BANG_DASH : State.TEXT;
        yield octet == '-' ? Seen.TEXT : text(octet);
      }
      case BANG_DASH -> {
        state = State.TEXT;
        if (octet != '-') {
          yield text(octet);
        }
        escaped = 1;
        dashes = 2;
        yield Seen.TEXT;
      }
      case OPEN_NAME -> scriptName(octet, 2);
      case CLOSE_NAME -> scriptName(octet, 1);
      case SECTION_BEGINS -> sectionBegins(octet);
      case SECTION -> section(octet);
      case SECTION_LESS -> {
        // `</` would end it where it is no section.
        state = State.SECTION;
        yield octet == '/' ? Seen.UNSURE : section(octet);
      }
    };
  }

  private Seen text(int octet) {
    if (octet == '<') {
      state = State.LESS;
      return Seen.TEXT;
    }
    if (escaped > 0) {
      if (octet == '>' && dashes >= 2) {
        escaped = 0;
      }
      dashes = octet == '-' ? dashes + 1 : 0;
    }
    return Seen.TEXT;
  }

  private Seen less(int octet) {
    matched = 0;
    matches = true;
    if (octet == '/') {
      state = escaped == 2 ? State.CLOSE_NAME : State.END_NAME;
      dashes = 0;
      return Seen.TEXT;
    }
    if (isForeign) {
      boolean isSection = octet == '!';
      matched = 1;
      state = State.SECTION_BEGINS;
      return isSection ? Seen.TEXT : Seen.UNSURE;
    }
    if (element == Element.SCRIPT) {
      if (escaped == 0 && octet == '!') {
        state = State.BANG;
        return Seen.TEXT;
      }
      if (escaped == 1 && Ascii.isLetter(octet)) {
        state = State.OPEN_NAME;
        dashes = 0;
        return scriptName(octet, 2);
      }
    }
    state = State.TEXT;
    dashes = 0;
    return text(octet);
  }

  private Seen endName(int octet) {
    if (matched < element.length() && Ascii.lower(octet) == element.at(matched)) {
      matched++;
      return Seen.TEXT;
    }
    if (matched == element.length() && (Ascii.isSpace(octet) || octet == '/' || octet == '>')) {
      return Seen.END;
    }
    if (isForeign) {
      return Seen.UNSURE;
    }
    state = State.TEXT;
    return text(octet);
  }

  /// Behind `<` or `</` in a script that is commented out: is it `script`?
  private Seen scriptName(int octet, int then) {
    Element script = Element.SCRIPT;
    if (Ascii.isLetter(octet)) {
      matches &= matched < script.length() && Ascii.lower(octet) == script.at(matched);
      matched++;
      return Seen.TEXT;
    }
    state = State.TEXT;
    if (Ascii.isSpace(octet) || octet == '/' || octet == '>') {
      if (matches && matched == script.length()) {
        escaped = then;
      }
      dashes = 0;
      return Seen.TEXT;
    }
    return text(octet);
  }

  private Seen sectionBegins(int octet) {
    if (octet != CDATA[matched]) {
      return Seen.UNSURE;
    }
    matched++;
    if (matched == CDATA.length) {
      state = State.SECTION;
      dashes = 0;
    }
    return Seen.TEXT;
  }

  /// Counts brackets in the place of dashes.
  private Seen section(int octet) {
    if (octet == '<') {
      state = State.SECTION_LESS;
    } else if (octet == '>' && dashes >= 2) {
      state = State.TEXT;
    }
    dashes = octet == ']' ? dashes + 1 : 0;
    return Seen.TEXT;
  }
}
