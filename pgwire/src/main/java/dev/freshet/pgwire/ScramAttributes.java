package dev.freshet.pgwire;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/// Walks through the `a=value,b=value` of a SCRAM message in order (RFC 5802, section 7).
final class ScramAttributes {
  /// Octets of a message; PostgreSQL has the same bound.
  static final int LIMIT = 1024;

  private final String text;
  private int at;
  private boolean hasMore = true;

  ScramAttributes(String text, int from) {
    this.text = text;
    this.at = from;
  }

  /// @throws LoginRefused when it is long, or not UTF-8, or holds a NUL
  static String decode(byte[] message) throws LoginRefused {
    if (message.length == 0 || message.length > LIMIT) {
      throw LoginRefused.malformed("a SCRAM message of " + message.length + " octets");
    }
    try {
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(message)).toString();
      if (text.indexOf('\0') >= 0) {
        throw LoginRefused.malformed("a SCRAM message with a NUL");
      }
      return text;
    } catch (CharacterCodingException e) {
      throw LoginRefused.malformed("a SCRAM message that is not UTF-8");
    }
  }

  boolean hasMore() {
    return hasMore;
  }

  /// Where the attribute that comes next begins.
  int at() {
    return at;
  }

  boolean isNext(char name) {
    return hasMore && text.startsWith(name + "=", at);
  }

  /// The value of the next attribute, which has to be this one.
  String take(char name) throws LoginRefused {
    if (isNext('m')) {
      throw LoginRefused.malformed("a SCRAM extension that is mandatory and unknown");
    }
    if (!isNext(name)) {
      throw LoginRefused.malformed("a SCRAM message without " + name + "= in its place");
    }
    int comma = text.indexOf(',', at);
    int end = comma < 0 ? text.length() : comma;
    String value = text.substring(at + 2, end);
    hasMore = comma >= 0;
    at = end + 1;
    return value;
  }

  /// Extensions are ignored, if they look like some.
  void skipOne() throws LoginRefused {
    char name = at < text.length() ? text.charAt(at) : 0;
    boolean isLetter = (name >= 'a' && name <= 'z') || (name >= 'A' && name <= 'Z');
    if (!isLetter || take(name).isEmpty()) {
      throw LoginRefused.malformed("a SCRAM message with something that is no attribute");
    }
  }

  /// @throws LoginRefused when something stands here that is not an extension
  void skipRest() throws LoginRefused {
    while (hasMore) {
      skipOne();
    }
  }

  /// Whether it can be a nonce: printable ASCII without a comma, and not empty.
  static boolean isNonce(String text) {
    return !text.isEmpty() && text.chars().allMatch(c -> c > 0x20 && c < 0x7f && c != ',');
  }

  /// The `saslname` of a user name.
  static String escape(String name) {
    return name.replace("=", "=3D").replace(",", "=2C");
  }

  /// @throws LoginRefused when `=` does not begin one of the two escapes there are
  static String unescape(String name) throws LoginRefused {
    StringBuilder out = new StringBuilder(name.length());
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      if (c != '=') {
        out.append(c);
        continue;
      }
      if (name.startsWith("=2C", i)) {
        out.append(',');
      } else if (name.startsWith("=3D", i)) {
        out.append('=');
      } else {
        throw LoginRefused.malformed("a SCRAM user name with an escape that is none");
      }
      i += 2;
    }
    return out.toString();
  }
}
