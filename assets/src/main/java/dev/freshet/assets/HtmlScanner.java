package dev.freshet.assets;

import java.util.Arrays;
import java.util.function.Consumer;

/// Finds the start tags of a page that arrives in pieces, and lets something be put into them; all
/// other octets come out as they went in (HTML, section 13.2.5).
///
/// One state for each octet, so where the pieces end makes no difference. Only the tag that is
/// being read is held back. Whatever can't be read with certainty ends the work: from there on
/// everything passes.
final class HtmlScanner {
  /// A longer tag is not changed, and not held back.
  static final int MAX_TAG = 16_384;

  private enum State {
    TEXT,
    TAG_OPEN,
    END_TAG_OPEN,
    TAG_NAME,
    BEFORE_NAME,
    NAME,
    AFTER_NAME,
    BEFORE_VALUE,
    DOUBLE_QUOTED,
    SINGLE_QUOTED,
    UNQUOTED,
    AFTER_QUOTED,
    CLOSING,
    DECLARATION,
    DECLARATION_DASH,
    DECLARATION_SECTION,
    COMMENT,
    COMMENT_BANG,
    BOGUS,
    SECTION,
    RAW,
    PASS
  }

  private static final byte[] CDATA = Ascii.octets("[CDATA[");
  private static final int NUL = 0;
  private static final int ESC = 0x1b;

  private final Consumer<Tag> startTags;
  private final Texts scripts;
  private final Surroundings surroundings = new Surroundings();
  private final RawText raw = new RawText();
  private final Tag tag = new Tag();
  private final Octets out = new Octets(1_024);
  private State state = State.TEXT;
  private byte[] held = new byte[0];

  /// Of the tag being read, in `data`; -1 outside of tags.
  private int start = -1;

  private byte[] data = held;
  private int emitted;
  private boolean isEndTag;
  private boolean isNamed;
  private int count;
  private boolean isAtCommentStart;

  /// Takes text piece by piece.
  interface Texts {
    void text(byte[] data, int from, int to);
  }

  /// @param startTags told each tag of HTML that is shown (see [Surroundings#isPage]), and of
  ///   others only those that concern the page as a whole
  /// @param scripts told what stands in scripts, with the end tag's name
  HtmlScanner(Consumer<Tag> startTags, Texts scripts) {
    this.startTags = startTags;
    this.scripts = scripts;
  }

  Surroundings surroundings() {
    return surroundings;
  }

  /// From here on everything passes.
  void giveUp() {
    state = State.PASS;
  }

  boolean hasGivenUp() {
    return state == State.PASS;
  }

  /// The next piece; gives what can be passed on.
  byte[] feed(byte[] piece) {
    if (held.length > 0) {
      data = Arrays.copyOf(held, held.length + piece.length);
      System.arraycopy(piece, 0, data, held.length, piece.length);
    } else {
      data = piece;
    }
    emitted = 0;
    scan(held.length);
    int end = data.length;
    if (start >= 0 && end - start > MAX_TAG) {
      start = -1;
      isNamed = false;
      tag.ignore();
    }
    int keep = start >= 0 && state != State.PASS ? start : end;
    if (keep == end && emitted == 0 && out.isEmpty()) {
      byte[] all = data;
      letGo();
      return all;
    }
    out.add(data, emitted, keep - emitted);
    held = keep == end ? new byte[0] : Arrays.copyOfRange(data, keep, end);
    start = keep == end ? -1 : 0;
    data = held;
    return out.take();
  }

  private void letGo() {
    held = new byte[0];
    data = held;
    start = -1;
  }

  /// What was held back.
  byte[] end() {
    byte[] rest = held;
    state = State.PASS;
    letGo();
    return rest;
  }

  private void scan(int from) {
    int end = data.length;
    int i = from;
    while (i < end) {
      i =
          switch (state) {
            case TEXT -> text(i, end);
            case RAW -> rawText(i, end);
            case DOUBLE_QUOTED -> quoted(i, end, '"');
            case SINGLE_QUOTED -> quoted(i, end, '\'');
            case BOGUS -> bogus(i, end);
            case COMMENT -> comment(i, end);
            case PASS -> end;
            case TAG_NAME -> tagName(i, end);
            case BEFORE_NAME -> attributes(i, end);
            case NAME -> name(i, end);
            default -> octet(i, data[i]);
          };
    }
  }

  private int text(int from, int end) {
    int i = Seek.any(data, from, end, '<', NUL, ESC);
    if (i == end) {
      return end;
    }
    if (data[i] == '<') {
      state = State.TAG_OPEN;
      start = i;
      return i + 1 < end ? opened(i + 1, end) : end;
    }
    // No page in an encoding that has ASCII for what it is holds these (UTF-16, ISO-2022-JP).
    giveUp();
    return end;
  }

  /// What mostly comes behind `<`, without asking for the state each time.
  private int opened(int from, int end) {
    int i = from;
    tagOpen(i, data[i]);
    i++;
    if (state == State.END_TAG_OPEN && i < end) {
      endTagOpen(data[i]);
      i++;
    }
    return state == State.TAG_NAME ? tagName(i, end) : i;
  }

  private int rawText(int from, int end) {
    boolean isScript = raw.element() == Element.SCRIPT;
    int to = rawEnd(from, end);
    if (isScript) {
      scripts.text(data, from, to);
    }
    return to;
  }

  private int rawEnd(int from, int end) {
    for (int i = raw.isIdle() ? soonest(from, end) : from;
        i < end;
        i = raw.isIdle() ? soonest(i + 1, end) : i + 1) {
      int octet = data[i];
      if (octet == ESC) {
        giveUp();
        return end;
      }
      switch (raw.octet(octet)) {
        case TEXT -> {}
        case UNSURE -> {
          giveUp();
          return end;
        }
        case END -> {
          isEndTag = true;
          isNamed = false;
          tag.begin(raw.element(), 0, false);
          return afterName(i, octet);
        }
      }
    }
    return end;
  }

  /// Where the next octet is that may mean something in raw text.
  private int soonest(int from, int end) {
    return Seek.any(data, from, end, '<', ESC, ESC);
  }

  private int quoted(int from, int end, char quote) {
    int i = Seek.one(data, from, end, quote);
    if (i == end) {
      return end;
    }
    tag.valueEnds(i - start);
    state = State.AFTER_QUOTED;
    return i + 1;
  }

  private int bogus(int from, int end) {
    for (int i = from; i < end; i++) {
      if (data[i] == '>') {
        state = State.TEXT;
        return i + 1;
      }
    }
    return end;
  }

  /// Ends with `-->` or `--!>`, or at once with `>` or `->`.
  private int comment(int from, int end) {
    for (int i = from; i < end; i++) {
      int octet = data[i];
      if (octet == '-') {
        count++;
      } else if (octet == '>' && (isAtCommentStart || count >= 2)) {
        state = State.TEXT;
        return i + 1;
      } else if (octet == '!' && count >= 2) {
        isAtCommentStart = false;
        state = State.COMMENT_BANG;
        return i + 1;
      } else {
        count = 0;
        isAtCommentStart = false;
      }
      isAtCommentStart &= count < 2;
    }
    return end;
  }

  /// One octet in a state that is not often met; gives where to go on.
  private int octet(int i, int octet) {
    switch (state) {
      case TAG_OPEN -> tagOpen(i, octet);
      case END_TAG_OPEN -> endTagOpen(octet);
      case AFTER_NAME -> afterAttribute(i, octet);
      case BEFORE_VALUE -> beforeValue(i, octet);
      case UNQUOTED -> unquoted(i, octet);
      case AFTER_QUOTED, CLOSING -> between(i, octet);
      case DECLARATION -> declaration(octet);
      case DECLARATION_DASH -> {
        count = 0;
        isAtCommentStart = true;
        state = octet == '-' ? State.COMMENT : bogusFrom(octet);
      }
      case DECLARATION_SECTION -> section(octet);
      case COMMENT_BANG -> {
        count = octet == '-' ? 1 : 0;
        state = octet == '>' ? State.TEXT : State.COMMENT;
      }
      case SECTION -> inSection(octet);
      default -> throw new IllegalStateException("read elsewhere: " + state);
    }
    return i + 1;
  }

  private void tagOpen(int i, int octet) {
    if (Ascii.isLetter(octet)) {
      isEndTag = false;
      isNamed = true;
      state = State.TAG_NAME;
    } else if (octet == '/') {
      state = State.END_TAG_OPEN;
    } else {
      start = -1;
      switch (octet) {
        case '!' -> state = State.DECLARATION;
        case '?' -> state = State.BOGUS;
        case '<' -> start = i;
        case NUL, ESC -> giveUp();
        default -> state = State.TEXT;
      }
    }
  }

  private void endTagOpen(int octet) {
    if (Ascii.isLetter(octet)) {
      isEndTag = true;
      isNamed = true;
      state = State.TAG_NAME;
    } else {
      start = -1;
      state = octet == '>' ? State.TEXT : State.BOGUS;
    }
  }

  private int tagName(int from, int end) {
    byte[] all = data;
    int first = isNamed ? start + (isEndTag ? 2 : 1) : from;
    int i = first;
    long key = 0;
    while (i < end) {
      int sign = Element.sign(all[i]);
      if (sign < 0) {
        break;
      }
      key = key << Byte.SIZE | sign;
      i++;
    }
    if (i == end) {
      return end;
    }
    Element element = isNamed ? Element.of(key, all, first, i) : Element.OTHER;
    tag.begin(element, i - start, !isEndTag && element != Element.OTHER);
    int next = afterName(i, all[i]);
    return state == State.BEFORE_NAME ? attributes(next, end) : next;
  }

  /// Attributes as they mostly stand, with values in double quotes: one after the other. What
  /// stands there otherwise, or ends in another piece, is read octet by octet.
  private int attributes(int from, int end) {
    byte[] all = data;
    int i = from;
    while (i < end) {
      int octet = all[i];
      if (octet <= '>' && (Ascii.isSpace(octet) || octet == '>' || octet == '/')) {
        beforeName(i, octet);
        i++;
        if (state != State.BEFORE_NAME) {
          return i;
        }
        continue;
      }
      int equals = endOfName(i + 1, end);
      boolean isUsual = equals + 1 < end && all[equals] == '=' && all[equals + 1] == '"';
      int quote = isUsual ? Seek.one(all, equals + 2, end, '"') : end;
      if (quote + 1 >= end) {
        beforeName(i, octet);
        return i + 1;
      }
      tag.attribute(i - start, equals - start, quote - start);
      between(quote + 1, all[quote + 1]);
      i = quote + 2;
      if (state != State.BEFORE_NAME) {
        return i;
      }
    }
    return i;
  }

  private int endOfName(int from, int end) {
    int i = from;
    byte[] all = data;
    while (i < end && all[i] != '=' && Element.sign(all[i]) >= 0) {
      i++;
    }
    return i;
  }

  /// The octet behind a tag's name.
  private int afterName(int i, int octet) {
    if (octet == '>') {
      tagEnds(i, false);
    } else {
      state = octet == '/' ? State.CLOSING : State.BEFORE_NAME;
    }
    return i + 1;
  }

  private void beforeName(int i, int octet) {
    if (Ascii.isSpace(octet)) {
      return;
    }
    switch (octet) {
      case '/' -> state = State.CLOSING;
      case '>' -> tagEnds(i, false);
      default -> {
        tag.attribute(i - start);
        state = State.NAME;
      }
    }
  }

  private int name(int from, int end) {
    int i = endOfName(from, end);
    if (i == end) {
      return end;
    }
    int octet = data[i];
    tag.attributeNameEnds(i - start);
    if (octet == '=' || Ascii.isSpace(octet)) {
      state = octet == '=' ? State.BEFORE_VALUE : State.AFTER_NAME;
      return i + 1;
    }
    return afterName(i, octet);
  }

  private void afterAttribute(int i, int octet) {
    if (octet == '=') {
      state = State.BEFORE_VALUE;
    } else {
      beforeName(i, octet);
    }
  }

  private void beforeValue(int i, int octet) {
    if (Ascii.isSpace(octet)) {
      return;
    }
    switch (octet) {
      case '"' -> {
        tag.value(i + 1 - start);
        state = State.DOUBLE_QUOTED;
      }
      case '\'' -> {
        tag.value(i + 1 - start);
        state = State.SINGLE_QUOTED;
      }
      case '>' -> tagEnds(i, false);
      default -> {
        tag.value(i - start);
        state = State.UNQUOTED;
      }
    }
  }

  private void unquoted(int i, int octet) {
    if (octet == '>' || Ascii.isSpace(octet)) {
      tag.valueEnds(i - start);
      afterName(i, octet);
    }
  }

  private void between(int i, int octet) {
    if (octet == '>') {
      tagEnds(i, state == State.CLOSING);
    } else {
      state = State.BEFORE_NAME;
      beforeName(i, octet);
    }
  }

  private void tagEnds(int i, boolean isClosed) {
    Element element = tag.element();
    state = State.TEXT;
    int first = start;
    start = -1;
    if (isEndTag) {
      if (!surroundings.end(element)) {
        giveUp();
      }
      return;
    }
    Surroundings.Next next = surroundings.start(element, isClosed);
    boolean isHere = first >= 0 && i - first < MAX_TAG && tag.isWhole();
    if (next == Surroundings.Next.UNKNOWN || element == Element.PLAINTEXT) {
      giveUp();
    } else if (next != Surroundings.Next.TAGS) {
      raw.begin(element, next == Surroundings.Next.FOREIGN_RAW);
      state = State.RAW;
    }
    if (isHere && element != Element.OTHER && surroundings.isPage() && state != State.PASS) {
      tag.end(data, first);
      startTags.accept(tag);
      if (tag.isChanged()) {
        insert(first, tag.before());
        insert(first + tag.nameEnd(), tag.inside());
        insert(first + tag.appendedAt(), tag.appended());
        insert(i + 1, tag.behind());
      }
    }
  }

  private void insert(int at, Octets what) {
    if (!what.isEmpty()) {
      out.add(data, emitted, at - emitted);
      out.add(what);
      what.clear();
      emitted = at;
    }
  }

  private void declaration(int octet) {
    count = 1;
    state =
        switch (octet) {
          case '-' -> State.DECLARATION_DASH;
          case '[' -> State.DECLARATION_SECTION;
          default -> bogusFrom(octet);
        };
  }

  private static State bogusFrom(int octet) {
    return octet == '>' ? State.TEXT : State.BOGUS;
  }

  private void section(int octet) {
    if (octet != CDATA[count]) {
      state = bogusFrom(octet);
      return;
    }
    count++;
    if (count == CDATA.length) {
      count = 0;
      state = surroundings.isForeign() ? State.SECTION : State.BOGUS;
    }
  }

  /// Ends with `]]>`. A `>` before that ends it too if this is no foreign content after all.
  private void inSection(int octet) {
    if (octet == '>') {
      if (count >= 2) {
        state = State.TEXT;
      } else {
        giveUp();
      }
    }
    count = octet == ']' ? count + 1 : 0;
  }
}
