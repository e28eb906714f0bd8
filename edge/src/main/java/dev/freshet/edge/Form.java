package dev.freshet.edge;

/// One form of a response that is ready to send: a head and the content that goes with it.
/// Immutable by contract.
final class Form {
  private final Stored head;
  private final byte[][] content;
  private final long length;

  /// @param content not changed afterwards by anyone
  Form(Stored head, byte[][] content) {
    this.head = head;
    this.content = content;
    this.length = length(content);
  }

  /// Octets in all pieces.
  static long length(byte[][] content) {
    long total = 0;
    for (byte[] piece : content) {
      total += piece.length;
    }
    return total;
  }

  Stored head() {
    return head;
  }

  /// In pieces; must not be changed.
  @SuppressWarnings("MutableMethodReturnType")
  byte[][] content() {
    return content;
  }

  long length() {
    return length;
  }
}
