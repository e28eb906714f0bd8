package dev.freshet.edge;

/// Content codings made here, in the order of preference: smallest first (RFC 9110, section 8.4.1;
/// RFC 7932; RFC 8878).
enum Coding {
  BR("br"),
  ZSTD("zstd"),
  GZIP("gzip");

  private final String token;

  Coding(String token) {
    this.token = token;
  }

  /// As in `Content-Encoding`.
  String token() {
    return token;
  }
}
