package dev.freshet.assets;

import java.util.Locale;

/// The elements whose names matter when tags are told from text, or that are rewritten.
enum Element {
  OTHER(Kind.PLAIN),
  IMG(Kind.BREAKOUT),
  IFRAME(Kind.RAW),
  PICTURE(Kind.PLAIN),
  HTML(Kind.PLAIN),
  HEAD(Kind.BREAKOUT),
  BASE(Kind.PLAIN),
  META(Kind.BREAKOUT),
  LINK(Kind.PLAIN),
  TEMPLATE(Kind.PLAIN),
  SELECT(Kind.PLAIN),
  FRAMESET(Kind.PLAIN),
  FONT(Kind.PLAIN),
  SCRIPT(Kind.RAW),
  STYLE(Kind.RAW),
  TEXTAREA(Kind.RAW),
  TITLE(Kind.RAW),
  NOSCRIPT(Kind.RAW),
  XMP(Kind.RAW),
  NOEMBED(Kind.RAW),
  NOFRAMES(Kind.RAW),
  PLAINTEXT(Kind.RAW),
  SVG(Kind.FOREIGN),
  MATH(Kind.FOREIGN),
  FOREIGNOBJECT(Kind.INTEGRATION),
  DESC(Kind.INTEGRATION),
  ANNOTATION_XML(Kind.INTEGRATION),
  MI(Kind.INTEGRATION),
  MO(Kind.INTEGRATION),
  MN(Kind.INTEGRATION),
  MS(Kind.INTEGRATION),
  MTEXT(Kind.INTEGRATION),
  B(Kind.BREAKOUT),
  BIG(Kind.BREAKOUT),
  BLOCKQUOTE(Kind.BREAKOUT),
  BODY(Kind.BREAKOUT),
  BR(Kind.BREAKOUT),
  CENTER(Kind.BREAKOUT),
  CODE(Kind.BREAKOUT),
  DD(Kind.BREAKOUT),
  DIV(Kind.BREAKOUT),
  DL(Kind.BREAKOUT),
  DT(Kind.BREAKOUT),
  EM(Kind.BREAKOUT),
  EMBED(Kind.BREAKOUT),
  H1(Kind.BREAKOUT),
  H2(Kind.BREAKOUT),
  H3(Kind.BREAKOUT),
  H4(Kind.BREAKOUT),
  H5(Kind.BREAKOUT),
  H6(Kind.BREAKOUT),
  HR(Kind.BREAKOUT),
  I(Kind.BREAKOUT),
  LI(Kind.BREAKOUT),
  LISTING(Kind.BREAKOUT),
  MENU(Kind.BREAKOUT),
  NOBR(Kind.BREAKOUT),
  OL(Kind.BREAKOUT),
  P(Kind.BREAKOUT),
  PRE(Kind.BREAKOUT),
  RUBY(Kind.BREAKOUT),
  S(Kind.BREAKOUT),
  SMALL(Kind.BREAKOUT),
  SPAN(Kind.BREAKOUT),
  STRONG(Kind.BREAKOUT),
  STRIKE(Kind.BREAKOUT),
  SUB(Kind.BREAKOUT),
  SUP(Kind.BREAKOUT),
  TABLE(Kind.BREAKOUT),
  TT(Kind.BREAKOUT),
  U(Kind.BREAKOUT),
  UL(Kind.BREAKOUT),
  VAR(Kind.BREAKOUT);

  /// What the element's name means to whoever reads tags (HTML, sections 13.2.5 and 13.2.6.5).
  enum Kind {
    PLAIN,
    /// Its content is text, whatever it looks like.
    RAW,
    /// Its content is SVG or MathML.
    FOREIGN,
    /// In foreign content its own content is HTML again.
    INTEGRATION,
    /// Its start tag ends foreign content.
    BREAKOUT
  }

  private static final int LONGEST = 14;
  private static final int PLACES = 512;
  private static final Element[] TABLE_OF = new Element[PLACES];

  static {
    for (Element element : values()) {
      int at = hash(Ascii.octets(element.text), 0, element.text.length()) & (PLACES - 1);
      while (TABLE_OF[at] != null) {
        at = (at + 1) & (PLACES - 1);
      }
      TABLE_OF[at] = element;
    }
  }

  private final Kind kind;
  private final String text;

  Element(Kind kind) {
    this.kind = kind;
    this.text = name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  Kind kind() {
    return kind;
  }

  int length() {
    return text.length();
  }

  /// Octet of its name in lower case.
  char at(int index) {
    return text.charAt(index);
  }

  /// The element with that name, in letters of any case.
  static Element of(byte[] from, int start, int end) {
    int length = end - start;
    if (length > LONGEST) {
      return OTHER;
    }
    for (int at = hash(from, start, end) & (PLACES - 1); ; at = (at + 1) & (PLACES - 1)) {
      Element element = TABLE_OF[at];
      if (element == null) {
        return OTHER;
      }
      if (element.isNamed(from, start, end)) {
        return element;
      }
    }
  }

  private boolean isNamed(byte[] from, int start, int end) {
    if (end - start != text.length()) {
      return false;
    }
    for (int i = start; i < end; i++) {
      if (Ascii.lower(from[i]) != text.charAt(i - start)) {
        return false;
      }
    }
    return true;
  }

  private static int hash(byte[] from, int start, int end) {
    int hash = end - start;
    for (int i = start; i < end; i++) {
      hash = hash * 31 + (from[i] | 0x20);
    }
    return hash ^ (hash >>> 9);
  }
}
