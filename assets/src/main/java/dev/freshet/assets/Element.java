package dev.freshet.assets;

import java.util.Locale;

/// The elements whose names matter when tags are told from text, or that are rewritten.
enum Element {
  OTHER(Kind.PLAIN),
  IMG(Kind.BREAKOUT),
  IFRAME(Kind.RAW),
  PICTURE(Kind.PLAIN, false),
  HTML(Kind.PLAIN),
  HEAD(Kind.BREAKOUT),
  BASE(Kind.PLAIN),
  META(Kind.BREAKOUT),
  LINK(Kind.PLAIN),
  TEMPLATE(Kind.PLAIN, false),
  SELECT(Kind.PLAIN, false),
  FRAMESET(Kind.PLAIN, false),
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

  /// Names of no more octets are told by one number, see [#of(long)].
  private static final int SHORT = Long.BYTES;

  private static final long[] KEYS = new long[PLACES];
  private static final Element[] BY_KEY = new Element[PLACES];

  /// Of each octet: what it is in a name, which is not told by the case of its letters; -1 where it
  /// ends one.
  private static final short[] SIGNS = new short[256];

  static {
    for (Element element : values()) {
      int at = hash(Ascii.octets(element.text), 0, element.text.length()) & (PLACES - 1);
      while (TABLE_OF[at] != null) {
        at = (at + 1) & (PLACES - 1);
      }
      TABLE_OF[at] = element;
    }
    for (int octet = 0; octet < SIGNS.length; octet++) {
      boolean isEnd = octet == '>' || octet == '/' || Ascii.isSpace(octet);
      SIGNS[octet] = (short) (isEnd ? -1 : Ascii.lower(octet));
    }
    for (Element element : values()) {
      if (element.text.length() <= SHORT) {
        long key = 0;
        for (int i = 0; i < element.text.length(); i++) {
          key = key << Byte.SIZE | element.text.charAt(i);
        }
        int at = place(key);
        while (KEYS[at] != 0) {
          at = (at + 1) & (PLACES - 1);
        }
        KEYS[at] = key;
        BY_KEY[at] = element;
      }
    }
  }

  private final Kind kind;
  private final String text;
  private final boolean isOrdinary;

  Element(Kind kind) {
    this(kind, kind != Kind.RAW && kind != Kind.FOREIGN);
  }

  Element(Kind kind, boolean isOrdinary) {
    this.kind = kind;
    this.text = name().toLowerCase(Locale.ROOT).replace('_', '-');
    this.isOrdinary = isOrdinary;
  }

  /// Whether in HTML neither its start tag nor its end tag says how the rest is to be read.
  boolean isOrdinary() {
    return isOrdinary;
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

  /// What an octet is in a name of a tag: itself, letters in lower case; or -1 where it ends one.
  static int sign(byte octet) {
    return SIGNS[octet & 0xff];
  }

  /// The element with that name, in letters of any case.
  ///
  /// @param key the signs of its last eight octets
  static Element of(long key, byte[] from, int start, int end) {
    return end - start <= SHORT ? of(key) : of(from, start, end);
  }

  private static Element of(long key) {
    for (int at = place(key); KEYS[at] != 0; at = (at + 1) & (PLACES - 1)) {
      if (KEYS[at] == key) {
        return BY_KEY[at];
      }
    }
    return OTHER;
  }

  /// Knuth, *The Art of Computer Programming*, section 6.4: multiplicative hashing.
  private static int place(long key) {
    return (int) ((key * 0x9e37_79b9_7f4a_7c15L) >>> 55);
  }

  /// As the other, of a name of any length.
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
