package dev.freshet.changes;

/// Positions in the log as PostgreSQL prints them: `16/B374D848`.
final class Lsn {
  private Lsn() {}

  static long parse(String text) {
    int slash = text.indexOf('/');
    return Long.parseLong(text, 0, slash, 16) << 32
        | Long.parseLong(text, slash + 1, text.length(), 16);
  }

  static String text(long position) {
    return Long.toHexString(position >>> 32).toUpperCase(java.util.Locale.ROOT)
        + "/"
        + Long.toHexString(position & 0xFFFF_FFFFL).toUpperCase(java.util.Locale.ROOT);
  }
}
