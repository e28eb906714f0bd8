package dev.freshet.assets;

/// Looks something up in a source map.
final class MapReading {
  private static final String DIGITS =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

  private MapReading() {}

  /// Source, line and column of the last segment that begins at that column or before.
  static int[] original(String mappings, int line, int column) {
    int[] state = new int[5];
    int[] found = {-1, -1, -1};
    String[] lines = mappings.split(";", -1);
    for (int i = 0; i <= line; i++) {
      state[0] = 0;
      for (String segment : lines[i].split(",", -1)) {
        if (segment.isEmpty()) {
          continue;
        }
        int part = 0;
        int at = 0;
        while (at < segment.length()) {
          int shift = 0;
          int value = 0;
          int digit;
          do {
            digit = DIGITS.indexOf(segment.charAt(at++));
            value |= (digit & 31) << shift;
            shift += 5;
          } while ((digit & 32) != 0);
          state[part++] += (value & 1) == 0 ? value >> 1 : -(value >> 1);
        }
        if (i == line && state[0] <= column && part > 1) {
          found = new int[] {state[1], state[2], state[3]};
        }
      }
    }
    return found;
  }
}
