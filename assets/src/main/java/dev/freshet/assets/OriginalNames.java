package dev.freshet.assets;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/// A script as esbuild prints it with its map (ECMA-426) at the end, in which it has given another
/// name to what had that of something around it: a function's parameter, say. Nothing else in the
/// script means another thing by that; but who reads a function's source or its name does, as
/// AngularJS to know what a controller wants. So the names are put back, by what the map says.
///
/// @param text without the map
/// @param map in JSON, empty where there is none
record OriginalNames(String text, String map) {
  /// Has esbuild print the map.
  static final String MAPPED = "--sourcemap=inline";

  private static final String BEGIN = "//# sourceMappingURL=data:application/json;base64,";
  private static final ObjectMapper JSON = new ObjectMapper();

  static OriginalNames of(String printed) {
    int at = printed.lastIndexOf(BEGIN);
    return at < 0
        ? new OriginalNames(printed, "")
        : new OriginalNames(
            printed.substring(0, at),
            new String(
                Base64.getDecoder().decode(printed.substring(at + BEGIN.length()).strip()),
                StandardCharsets.UTF_8));
  }

  /// The text with the source's names; null where they can't be told: without a map, or by one that
  /// doesn't fit it.
  @Nullable String restored() throws IOException {
    if (map.isEmpty()) {
      return null;
    }
    JsonNode read = JSON.readTree(map);
    if (read.path("names").isEmpty()) {
      return text;
    }
    StringBuilder out = new StringBuilder(text.length());
    int line = 0;
    int done = 0;
    int name = 0;
    for (String segments : read.path("mappings").asText().split(";", -1)) {
      int column = 0;
      for (String segment : segments.split(",", -1)) {
        int[] fields = fields(segment);
        column += fields[0];
        if (fields.length < 5) {
          continue;
        }
        name += fields[4];
        int from = line + column;
        int to = end(from);
        if (from < done || to == from) {
          return null;
        }
        out.append(text, done, from).append(read.path("names").path(name).asText());
        done = to;
      }
      line = nextLine(line);
    }
    return out.append(text, done, text.length()).toString();
  }

  /// Behind the name that begins there.
  private int end(int from) {
    int at = from;
    while (at < text.length() && isOfName(text.charAt(at))) {
      at++;
    }
    return at;
  }

  private static boolean isOfName(char c) {
    return c == '#' || c == '\\' || Character.isJavaIdentifierPart(c) || Character.isSurrogate(c);
  }

  private int nextLine(int from) {
    for (int i = from; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '\n' || c == '\r' || c == '\u2028' || c == '\u2029') {
        boolean isPair = c == '\r' && i + 1 < text.length() && text.charAt(i + 1) == '\n';
        return i + (isPair ? 2 : 1);
      }
    }
    return text.length();
  }

  /// The numbers of a segment, each told as the distance from the one before.
  private static int[] fields(String segment) {
    int[] out = new int[5];
    int count = 0;
    int at = 0;
    while (at < segment.length() && count < out.length) {
      int value = 0;
      int shift = 0;
      int digit;
      do {
        digit = SourceMapShift.DIGITS.indexOf(segment.charAt(at++));
        value |= (digit & 31) << shift;
        shift += 5;
      } while ((digit & 32) != 0 && at < segment.length());
      out[count++] = (value & 1) == 0 ? value >> 1 : -(value >> 1);
    }
    return Arrays.copyOf(out, Math.max(1, count));
  }
}
