package dev.freshet.edge;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// A way from one JSON value to another below it (RFC 6901), by members of objects only: `/a/b`.
final class JsonPointer {
  private final List<byte[]> names;

  private JsonPointer(List<byte[]> names) {
    this.names = names;
  }

  /// Throws [IllegalArgumentException] saying what is wrong with it.
  static JsonPointer parse(String text) {
    List<byte[]> names = new ArrayList<>();
    if (text.isEmpty()) {
      return new JsonPointer(names);
    }
    if (!text.startsWith("/")) {
      throw new IllegalArgumentException("'" + text + "' does not begin with a slash, like /items");
    }
    if (text.replace("~0", "").replace("~1", "").contains("~")) {
      throw new IllegalArgumentException("'" + text + "' has a ~ that is not ~0 or ~1");
    }
    for (String name : text.substring(1).split("/", -1)) {
      names.add(name.replace("~1", "/").replace("~0", "~").getBytes(StandardCharsets.UTF_8));
    }
    return new JsonPointer(names);
  }

  int length() {
    return names.size();
  }

  /// Whether the octets between a member's quotes are its name at that step.
  boolean isNamed(int step, Pieces content, long from, long to) {
    return isSame(names.get(step), content, from, to);
  }

  /// Whether what stands between a name's quotes is that name, however it is escaped.
  static boolean isSame(byte[] name, Pieces content, long from, long to) {
    long length = to - from;
    // An escape takes six octets at most for what takes one at least.
    if (length < name.length || length > 6L * name.length) {
      return false;
    }
    for (long i = from; i < to; i++) {
      if (content.at(i) == '\\') {
        return isSameEscaped(name, content, from, to);
      }
    }
    for (int i = 0; i < name.length; i++) {
      if (content.at(from + i) != name[i]) {
        return false;
      }
    }
    return length == name.length;
  }

  private static boolean isSameEscaped(byte[] name, Pieces content, long from, long to) {
    StringBuilder raw = new StringBuilder();
    for (long i = from; i < to; i++) {
      raw.append((char) (content.at(i) & 0xff));
    }
    StringBuilder out = new StringBuilder();
    String utf8 =
        new String(raw.toString().getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
    for (int i = 0; i < utf8.length(); i++) {
      char c = utf8.charAt(i);
      if (c != '\\') {
        out.append(c);
        continue;
      }
      char escaped = utf8.charAt(++i);
      if (escaped == 'u') {
        out.append((char) Integer.parseInt(utf8.substring(i + 1, i + 5), 16));
        i += 4;
      } else {
        int simple = "bfnrt".indexOf(escaped);
        out.append(simple < 0 ? escaped : "\b\f\n\r\t".charAt(simple));
      }
    }
    return out.toString().equals(new String(name, StandardCharsets.UTF_8));
  }

  /// Follows the pointer while a text is scanned: tells the value that it leads to.
  static final class Walk {
    private final JsonPointer pointer;
    private final int base;
    private int matched;
    private boolean isNext;

    /// @param base depth of the value that the pointer begins at
    Walk(JsonPointer pointer, int base) {
      this.pointer = pointer;
      this.base = base;
    }

    void name(int depth, Pieces content, long from, long to) {
      if (depth == base + 1 + matched) {
        isNext = matched < pointer.length() && pointer.isNamed(matched, content, from, to);
      }
    }

    /// Whether the value that begins is the one.
    boolean begin(int depth) {
      if (pointer.length() == 0) {
        return depth == base;
      }
      if (!isNext || depth != base + 1 + matched) {
        return false;
      }
      isNext = false;
      return ++matched == pointer.length();
    }

    /// Whether the value that ended was the one.
    boolean end(int depth) {
      if (pointer.length() == 0) {
        return depth == base;
      }
      if (matched == 0 || depth != base + matched) {
        return false;
      }
      return matched-- == pointer.length();
    }
  }
}
