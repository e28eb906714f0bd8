package dev.freshet.base;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A number of bytes as people write it: `256MB`, `64 KiB`, `1048576`. `KB` and `KiB` both mean
/// 1,024.
///
/// @param bytes zero or more
public record ByteSize(long bytes) {
  private static final Pattern SHAPE =
      Pattern.compile("(\\d{1,15})\\s*(?:([kmgt])i?)?b?", Pattern.CASE_INSENSITIVE);

  public ByteSize {
    if (bytes < 0) {
      throw new IllegalArgumentException("a size can't be negative: " + bytes);
    }
  }

  /// Parses the text; throws [IllegalArgumentException] that shows the accepted form.
  public static ByteSize parse(String text) {
    Matcher m = SHAPE.matcher(text.strip());
    if (!m.matches()) {
      throw new IllegalArgumentException("'" + text + "' is not a size; write it like 256MB");
    }
    String unit = m.group(2) == null ? "" : m.group(2).toLowerCase(Locale.ROOT);
    int shift =
        switch (unit) {
          case "k" -> 10;
          case "m" -> 20;
          case "g" -> 30;
          case "t" -> 40;
          default -> 0;
        };
    long number = Long.parseLong(m.group(1));
    if (number > Long.MAX_VALUE >> shift) {
      throw new IllegalArgumentException("'" + text + "' is too large; write it like 256MB");
    }
    return new ByteSize(number << shift);
  }

  @Override
  public String toString() {
    String[] units = {"B", "KB", "MB", "GB", "TB"};
    int unit = 0;
    double value = bytes;
    while (value >= 1024 && unit < units.length - 1) {
      value /= 1024;
      unit++;
    }
    return value == Math.rint(value)
        ? (long) value + units[unit]
        : String.format(Locale.ROOT, "%.1f%s", value, units[unit]);
  }
}
