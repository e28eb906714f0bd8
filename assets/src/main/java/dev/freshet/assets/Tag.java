package dev.freshet.assets;

import org.jspecify.annotations.Nullable;

/// A start tag as it stands in the page, and what is to be put into it.
final class Tag {
  /// Attributes beyond these are not looked at, and the tag not changed.
  private static final int MOST = 64;

  private static final int NAME = 0;
  private static final int NAME_END = 1;
  private static final int VALUE = 2;
  private static final int VALUE_END = 3;

  /// Four places for each attribute, counted from the tag's first octet.
  private final int[] places = new int[MOST * 4];

  private final Octets appended = new Octets(64);
  private final Octets before = new Octets(64);
  private final Octets inside = new Octets(128);
  private final Octets behind = new Octets(128);
  private byte[] octets = new byte[0];
  private Element element = Element.OTHER;
  private int start;
  private int nameEnd;
  private int attributes;

  /// Where the places of the last attribute begin.
  private int last;

  private int appendedAt;
  private boolean isRead;
  private boolean isWhole;
  private boolean isChanged;

  /// A new tag with that name, which ends so many octets behind the tag's first.
  ///
  /// @param isRead whether somebody may ask for its attributes
  void begin(Element named, int end, boolean isRead) {
    this.isRead = isRead;
    element = named;
    nameEnd = end;
    attributes = 0;
    isWhole = true;
    isChanged = false;
  }

  /// Whether anything is to be put into it, or beside it.
  boolean isChanged() {
    return isChanged;
  }

  /// Nobody will ask for its attributes after all.
  void ignore() {
    isRead = false;
    attributes = 0;
  }

  void attribute(int at) {
    if (begins(at)) {
      from(NAME_END, at);
    }
  }

  /// Whether it is kept.
  private boolean begins(int at) {
    if (!isRead) {
      return false;
    }
    if (attributes == MOST) {
      isWhole = false;
      return false;
    }
    last = attributes * 4;
    places[last + NAME] = at;
    attributes++;
    return true;
  }

  /// One that is complete, with a value in quotes.
  ///
  /// @param end of its name, behind which `="` stands
  /// @param valueEnd where the second quote is
  void attribute(int at, int end, int valueEnd) {
    if (begins(at)) {
      places[last + NAME_END] = end;
      places[last + VALUE] = end + 2;
      places[last + VALUE_END] = valueEnd;
    }
  }

  void attributeNameEnds(int at) {
    from(NAME_END, at);
  }

  void value(int at) {
    from(VALUE, at);
  }

  void valueEnds(int at) {
    from(VALUE_END, at);
  }

  /// All that ends there as far as is known by now, of the last attribute.
  private void from(int first, int at) {
    if (isWhole && attributes > 0) {
      for (int i = first; i <= VALUE_END; i++) {
        places[last + i] = at;
      }
    }
  }

  /// It is complete.
  ///
  /// @param from where it stands now
  void end(byte[] from, int first) {
    octets = from;
    start = first;
  }

  Element element() {
    return element;
  }

  /// False when there is more in it than was looked at.
  boolean isWhole() {
    return isWhole;
  }

  /// Offset behind the tag's name, from its first octet.
  int nameEnd() {
    return nameEnd;
  }

  /// @param name in lower case
  boolean has(byte[] name) {
    return find(name) >= 0;
  }

  /// Whether an attribute's name begins so.
  boolean hasAny(byte[] beginning) {
    for (int i = 0; i < attributes; i++) {
      int from = start + places[i * 4 + NAME];
      int to = Math.min(from + beginning.length, start + places[i * 4 + NAME_END]);
      if (Ascii.isName(beginning, octets, from, to)) {
        return true;
      }
    }
    return false;
  }

  /// The attribute's value as it stands there; empty without one, null without the attribute. The
  /// first of that name counts.
  @Nullable String value(byte[] name) {
    int i = find(name);
    return i < 0
        ? null
        : Ascii.text(octets, start + places[i * 4 + VALUE], start + places[i * 4 + VALUE_END]);
  }

  /// The attribute's value where it is a number of five digits at most and nothing beside it; -1
  /// where it is not, or there is none.
  int digits(byte[] name) {
    int i = find(name);
    int from = i < 0 ? 0 : start + places[i * 4 + VALUE];
    int to = i < 0 ? 0 : start + places[i * 4 + VALUE_END];
    if (to == from || to - from > 5) {
      return -1;
    }
    int number = 0;
    for (int at = from; at < to; at++) {
      int digit = octets[at] - '0';
      if (digit < 0 || digit > 9) {
        return -1;
      }
      number = number * 10 + digit;
    }
    return number;
  }

  private int find(byte[] name) {
    for (int i = 0; i < attributes; i++) {
      if (Ascii.isName(
          name, octets, start + places[i * 4 + NAME], start + places[i * 4 + NAME_END])) {
        return i;
      }
    }
    return -1;
  }

  /// Puts an attribute behind its name; `add` begins with a space.
  void put(byte[] add) {
    isChanged = true;
    inside.add(add);
  }

  /// Puts something behind the value of an attribute that is there; of one in each tag.
  void append(byte[] name, byte[] add) {
    appendedAt = places[find(name) * 4 + VALUE_END];
    isChanged = true;
    appended.add(add);
  }

  /// Where that begins, from the tag's first octet.
  int appendedAt() {
    return appendedAt;
  }

  Octets appended() {
    return appended;
  }

  /// Puts something in front of the tag.
  void precede(byte[] add) {
    isChanged = true;
    before.add(add);
  }

  Octets before() {
    return before;
  }

  /// Puts something behind the tag.
  void follow(byte[] add) {
    isChanged = true;
    behind.add(add);
  }

  Octets inside() {
    return inside;
  }

  Octets behind() {
    return behind;
  }
}
