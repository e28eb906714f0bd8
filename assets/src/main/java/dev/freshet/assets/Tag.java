package dev.freshet.assets;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
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

  private final ByteArrayOutputStream appended = new ByteArrayOutputStream(64);
  private final ByteArrayOutputStream inside = new ByteArrayOutputStream(128);
  private final ByteArrayOutputStream behind = new ByteArrayOutputStream(128);
  private byte[] octets = new byte[0];
  private Element element = Element.OTHER;
  private int start;
  private int nameEnd;
  private int attributes;
  private int appendedAt;
  private boolean isWhole;

  /// A new tag with that name, which ends so many octets behind the tag's first.
  void begin(Element named, int end) {
    element = named;
    nameEnd = end;
    attributes = 0;
    isWhole = true;
  }

  void attribute(int at) {
    if (attributes == MOST) {
      isWhole = false;
      return;
    }
    Arrays.fill(places, attributes * 4, attributes * 4 + 4, at);
    attributes++;
  }

  void attributeNameEnds(int at) {
    set(NAME_END, at);
    set(VALUE, at);
    set(VALUE_END, at);
  }

  void value(int at) {
    set(VALUE, at);
    set(VALUE_END, at);
  }

  void valueEnds(int at) {
    set(VALUE_END, at);
  }

  private void set(int what, int at) {
    if (isWhole && attributes > 0) {
      places[(attributes - 1) * 4 + what] = at;
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
    inside.writeBytes(add);
  }

  /// Puts something behind the value of an attribute that is there; of one in each tag.
  void append(byte[] name, byte[] add) {
    appendedAt = places[find(name) * 4 + VALUE_END];
    appended.writeBytes(add);
  }

  /// Where that begins, from the tag's first octet.
  int appendedAt() {
    return appendedAt;
  }

  ByteArrayOutputStream appended() {
    return appended;
  }

  /// Puts something behind the tag.
  void follow(byte[] add) {
    behind.writeBytes(add);
  }

  ByteArrayOutputStream inside() {
    return inside;
  }

  ByteArrayOutputStream behind() {
    return behind;
  }
}
