package dev.freshet.assets;

import dev.freshet.http.Fields;

/// A content that means the same as one that is stored, in fewer octets.
public final class Refinement {
  /// What it is.
  public enum Kind {
    AVIF,
    WEBP,
    /// A picture in its own format.
    LEAN,
    /// A picture with just the pixels that are shown.
    FITTED,
    /// A style sheet or script.
    MINIFIED
  }

  private final Kind kind;
  private final byte[][] content;
  private final Readers readers;

  /// Who may have it.
  @FunctionalInterface
  interface Readers {
    boolean include(Fields request, boolean isNamed);
  }

  Refinement(Kind kind, byte[] content, Readers readers) {
    this.kind = kind;
    this.content = new byte[][] {content};
    this.readers = readers;
  }

  public Kind kind() {
    return kind;
  }

  /// In pieces; must not be changed.
  @SuppressWarnings("MutableMethodReturnType")
  public byte[][] content() {
    return content;
  }

  /// Whether a request with these fields may have it.
  ///
  /// @param isNamed whether its URL names the content, as only pages do that passed here
  public boolean isFor(Fields request, boolean isNamed) {
    return readers.include(request, isNamed);
  }
}
