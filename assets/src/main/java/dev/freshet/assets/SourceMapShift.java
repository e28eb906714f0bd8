package dev.freshet.assets;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// Keeps a source map (ECMA-426) true when pieces of the generated text have been replaced by
/// others of another length, none with a line's end.
final class SourceMapShift {
  private static final ObjectMapper JSON = new ObjectMapper();
  static final String DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

  private record Edit(int line, int from, int to, int length) {}

  private final List<Edit> edits = new ArrayList<>();

  /// What stood from one place to another in a text is now so long; in their order.
  void replaced(String text, int from, int to, int length) {
    int line = (int) text.substring(0, from).chars().filter(c -> c == '\n').count();
    int start = text.lastIndexOf('\n', from - 1) + 1;
    edits.add(new Edit(line, from - start, to - start, length));
  }

  String map(String json) throws IOException {
    if (edits.isEmpty() || !(JSON.readTree(json) instanceof ObjectNode map)) {
      return json;
    }
    String[] lines = map.path("mappings").asText().split(";", -1);
    for (int i = 0; i < lines.length; i++) {
      int line = i;
      if (edits.stream().anyMatch(edit -> edit.line() == line)) {
        lines[i] = shifted(lines[i], i);
      }
    }
    map.put("mappings", String.join(";", lines));
    return JSON.writeValueAsString(map);
  }

  /// The first number of each segment is its column, told as the distance from the one before.
  private String shifted(String line, int number) {
    StringBuilder out = new StringBuilder();
    int column = 0;
    int before = 0;
    for (String segment : line.split(",", -1)) {
      int end = 0;
      long value = 0;
      int digit;
      do {
        digit = DIGITS.indexOf(segment.charAt(end));
        value |= (long) (digit & 31) << (5 * end);
        end++;
      } while ((digit & 32) != 0);
      column += (int) ((value & 1) == 0 ? value >> 1 : -(value >> 1));
      int moved = moved(column, number);
      out.append(out.isEmpty() ? "" : ",");
      write(moved - before, out);
      out.append(segment, end, segment.length());
      before = moved;
    }
    return out.toString();
  }

  private int moved(int column, int line) {
    int shift = 0;
    for (Edit edit : edits) {
      if (edit.line() == line && column >= edit.to()) {
        shift += edit.length() - (edit.to() - edit.from());
      } else if (edit.line() == line && column > edit.from()) {
        // Within what was replaced: no further than it is long now.
        shift += Math.min(column, edit.from() + edit.length()) - column;
      }
    }
    return column + shift;
  }

  private static void write(int value, StringBuilder out) {
    int left = value < 0 ? (-value << 1) | 1 : value << 1;
    do {
      int digit = left & 31;
      left >>>= 5;
      out.append(DIGITS.charAt(left == 0 ? digit : digit | 32));
    } while (left != 0);
  }
}
