package dev.freshet.http;

import dev.freshet.http.StructuredFields.Value;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/// The parsing algorithms of RFC 9651, section 4.2, one method each.
final class StructuredReader {
  private final String text;
  private int at;

  StructuredReader(String text) {
    this.text = text;
  }

  /// The field does not follow the grammar.
  static final class Broken extends Exception {
    private static final long serialVersionUID = 1L;

    Broken(String message) {
      super(message, null, false, false);
    }
  }

  boolean atEnd() {
    return at >= text.length();
  }

  private char peek() {
    return at < text.length() ? text.charAt(at) : 0;
  }

  boolean take(char wanted) {
    if (peek() == wanted && !atEnd()) {
      at++;
      return true;
    }
    return false;
  }

  void skipSpaces() {
    while (peek() == ' ') {
      at++;
    }
  }

  /// The comma between members; the end is fine too, a comma before the end is not.
  void separator() throws Broken {
    skipOws();
    if (atEnd()) {
      return;
    }
    if (!take(',')) {
      throw new Broken("a comma is missing at " + at);
    }
    skipOws();
    if (atEnd()) {
      throw new Broken("a comma without a member after it");
    }
  }

  private void skipOws() {
    while (peek() == ' ' || peek() == '\t') {
      at++;
    }
  }

  String key() throws Broken {
    char first = peek();
    if (!(first >= 'a' && first <= 'z') && first != '*') {
      throw new Broken("no key at " + at);
    }
    int from = at;
    while (!atEnd() && isKeyChar(peek())) {
      at++;
    }
    return text.substring(from, at);
  }

  private static boolean isKeyChar(char c) {
    return (c >= 'a' && c <= 'z') || isDigit(c) || c == '_' || c == '-' || c == '.' || c == '*';
  }

  Value itemOrInner() throws Broken {
    if (!take('(')) {
      Value bare = bareItem();
      parameters();
      return bare;
    }
    List<Value> items = new ArrayList<>();
    while (!atEnd()) {
      skipSpaces();
      if (take(')')) {
        parameters();
        return new Value.Inner(items);
      }
      items.add(bareItem());
      parameters();
      if (peek() != ' ' && peek() != ')') {
        throw new Broken("an inner list is not separated at " + at);
      }
    }
    throw new Broken("an inner list is not closed");
  }

  void parameters() throws Broken {
    while (take(';')) {
      skipSpaces();
      key();
      if (take('=')) {
        bareItem();
      }
    }
  }

  private Value bareItem() throws Broken {
    char c = peek();
    if (c == '-' || isDigit(c)) {
      return number();
    }
    if (c == '"') {
      return new Value.Text(string());
    }
    if (c == ':') {
      return octets();
    }
    if (c == '?') {
      at++;
      if (take('1')) {
        return new Value.Truth(true);
      }
      if (take('0')) {
        return new Value.Truth(false);
      }
      throw new Broken("a boolean is ?0 or ?1");
    }
    if (c == '@') {
      at++;
      if (number() instanceof Value.Whole(long seconds)) {
        return new Value.Moment(seconds);
      }
      throw new Broken("a date is whole seconds");
    }
    if (c == '%') {
      return display();
    }
    if (c == '*' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) {
      int from = at;
      while (!atEnd() && (FieldLists.isTokenChar(peek()) || peek() == ':' || peek() == '/')) {
        at++;
      }
      return new Value.Token(text.substring(from, at));
    }
    throw new Broken("no item at " + at);
  }

  private Value number() throws Broken {
    int from = at;
    take('-');
    int digits = at;
    int point = -1;
    while (isDigit(peek()) || (peek() == '.' && point < 0 && at > digits)) {
      if (peek() == '.') {
        point = at;
      }
      at++;
    }
    int whole = (point < 0 ? at : point) - digits;
    int fraction = point < 0 ? 0 : at - point - 1;
    boolean isSound =
        point < 0 ? whole >= 1 && whole <= 15 : whole <= 12 && fraction >= 1 && fraction <= 3;
    if (!isSound) {
      throw new Broken("a number has too many digits, or none, at " + from);
    }
    String number = text.substring(from, at);
    return point < 0
        ? new Value.Whole(Long.parseLong(number))
        : new Value.Fraction(Double.parseDouble(number));
  }

  private String string() throws Broken {
    at++;
    StringBuilder out = new StringBuilder();
    while (!atEnd()) {
      char c = text.charAt(at++);
      if (c == '"') {
        return out.toString();
      }
      if (c == '\\') {
        c = peek();
        at++;
        if (c != '"' && c != '\\') {
          throw new Broken("only quotes and backslashes may be escaped");
        }
      } else if (c < 0x20 || c > 0x7e) {
        throw new Broken("a string holds printable ASCII only");
      }
      out.append(c);
    }
    throw new Broken("a string is not closed");
  }

  private Value octets() throws Broken {
    int end = text.indexOf(':', at + 1);
    if (end < 0) {
      throw new Broken("a byte sequence is not closed");
    }
    String inside = text.substring(at + 1, end);
    try {
      Base64.getDecoder().decode(inside);
    } catch (IllegalArgumentException e) {
      throw new Broken("a byte sequence is base64");
    }
    at = end + 1;
    return new Value.Octets(inside);
  }

  private Value display() throws Broken {
    at++;
    if (!take('"')) {
      throw new Broken("a display string begins with %\"");
    }
    ByteBuffer out = ByteBuffer.allocate(text.length());
    while (!atEnd()) {
      char c = text.charAt(at++);
      if (c == '"') {
        return new Value.Text(utf8(out.flip()));
      }
      if (c < 0x20 || c > 0x7e) {
        throw new Broken("a display string is escaped ASCII");
      }
      if (c == '%') {
        int high = at + 1 < text.length() ? hex(text.charAt(at)) : -1;
        int low = high >= 0 ? hex(text.charAt(at + 1)) : -1;
        if (low < 0) {
          throw new Broken("two lower-case hex digits follow %");
        }
        out.put((byte) (high * 16 + low));
        at += 2;
      } else {
        out.put((byte) c);
      }
    }
    throw new Broken("a display string is not closed");
  }

  private static String utf8(ByteBuffer octets) throws Broken {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(octets).toString();
    } catch (CharacterCodingException e) {
      throw new Broken("a display string is UTF-8");
    }
  }

  private static int hex(char c) {
    if (isDigit(c)) {
      return c - '0';
    }
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }
}
