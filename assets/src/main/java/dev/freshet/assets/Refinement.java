package dev.freshet.assets;

import dev.freshet.http.Fields;
import java.util.function.Predicate;

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
  private final Predicate<Fields> isFor;

  /// @param isFor whether a request with these fields may have it
  Refinement(Kind kind, byte[] content, Predicate<Fields> isFor) {
    this.kind = kind;
    this.content = new byte[][] {content};
    this.isFor = isFor;
  }

  public Kind kind() {
    return kind;
  }

  /// In pieces; must not be changed.
  @SuppressWarnings("MutableMethodReturnType")
  public byte[][] content() {
    return content;
  }

  public boolean isFor(Fields request) {
    return isFor.test(request);
  }
}
