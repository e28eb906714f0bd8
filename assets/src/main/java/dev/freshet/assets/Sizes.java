package dev.freshet.assets;

import java.util.Locale;

/// Words for sizes and names of files.
final class Sizes {
  private Sizes() {}

  /// `1.2 kB`, `312 kB`, `1,204 kB`: thousands of octets, as browsers' tools show them.
  static String kilobytes(long octets) {
    return octets < 1_000
        ? octets + " B"
        : octets < 10_000
            ? String.format(Locale.ROOT, "%.1f kB", octets / 1e3)
            : String.format(Locale.ROOT, "%,d kB", Math.round(octets / 1e3));
  }

  /// Behind the last dot, in small letters; empty without one.
  static String ending(String file) {
    String name = file.substring(file.lastIndexOf('/') + 1);
    int dot = name.lastIndexOf('.');
    return dot < 0 ? "" : name.substring(dot + 1).toLowerCase(Locale.ROOT);
  }
}
