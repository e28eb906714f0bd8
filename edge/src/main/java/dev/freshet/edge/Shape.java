package dev.freshet.edge;

/// Contents that may stand in for one that is stored, each meaning the same to who gets it.
public enum Shape {
  AVIF("avif"),
  WEBP("webp"),
  /// A picture in its own format, in fewer octets.
  LEAN("lean"),
  /// A picture with just the pixels that are shown: a JPEG, laid out like the original. Of several
  /// widths, which stand behind the token.
  FITTED("w"),
  /// A style sheet or script in fewer octets.
  MINIFIED("min");

  private final String token;

  Shape(String token) {
    this.token = token;
  }

  /// In tags and in `Freshet-Optimized`.
  public String token() {
    return token;
  }
}
