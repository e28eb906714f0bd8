package dev.freshet.edge;

import java.io.ByteArrayOutputStream;
import java.util.List;

/// Keeps some members of a JSON object, in the octets and the order in which they came; what is no
/// object stays as it is.
final class Selection implements JsonScanner.Events {
  private final Pieces content;
  private final long base;
  private final List<byte[]> names;
  private final ByteArrayOutputStream out;
  private boolean isFirst = true;
  private long from = -1;

  private Selection(Pieces content, long base, List<byte[]> names, ByteArrayOutputStream out) {
    this.content = content;
    this.base = base;
    this.names = names;
    this.out = out;
  }

  /// Writes what is to be kept of the value that stands there.
  static void copy(
      Pieces content, long from, long to, List<byte[]> names, ByteArrayOutputStream out) {
    if (names.isEmpty() || content.at(from) != '{') {
      content.copy(from, to, out);
      return;
    }
    ByteArrayOutputStream value = new ByteArrayOutputStream((int) (to - from));
    content.copy(from, to, value);
    JsonScanner scanner = new JsonScanner(new Selection(content, from, names, out));
    if (!scanner.read(value.toByteArray()) || !scanner.end()) {
      throw new IllegalStateException("an element of an index is no JSON");
    }
  }

  @Override
  public void begin(int depth, long at, int octet) {
    if (depth == 0) {
      out.write('{');
    }
  }

  @Override
  public void name(int depth, long nameFrom, long nameTo) {
    if (depth == 1 && isWanted(nameFrom, nameTo)) {
      // With the quote before it.
      from = nameFrom - 1;
    }
  }

  private boolean isWanted(long nameFrom, long nameTo) {
    for (byte[] name : names) {
      if (JsonPointer.isSame(name, content, base + nameFrom, base + nameTo)) {
        return true;
      }
    }
    return false;
  }

  @Override
  public void end(int depth, long at) {
    if (depth == 1 && from >= 0) {
      if (!isFirst) {
        out.write(',');
      }
      isFirst = false;
      content.copy(base + from, base + at, out);
      from = -1;
    } else if (depth == 0) {
      out.write('}');
    }
  }
}
