package dev.freshet.load;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;

/// Data from a CSV file (RFC 4180), of which each visitor takes one row.
///
/// @param columns names of the first line; variables of the visit
/// @param isRandom whether any row is taken, or the next
public record Rows(List<String> columns, List<List<String>> rows, boolean isRandom) {
  private static final int MOST = 200_000;

  public Rows {
    columns = List.copyOf(columns);
    rows = List.copyOf(rows);
    if (rows.isEmpty()) {
      throw new IllegalArgumentException("there is no row behind the line of names");
    }
    if (new HashSet<>(columns).size() < columns.size()) {
      throw new IllegalArgumentException("a column's name stands twice in the first line");
    }
    for (int i = 0; i < rows.size(); i++) {
      if (rows.get(i).size() != columns.size()) {
        throw new IllegalArgumentException(
            "row "
                + (i + 1)
                + " has "
                + rows.get(i).size()
                + " values for "
                + columns.size()
                + " columns");
      }
    }
  }

  /// Reads the text of a file; throws [IllegalArgumentException] that says what is wrong.
  public static Rows parse(String text, boolean isRandom) {
    List<List<String>> lines = new ArrayList<>();
    List<String> line = new ArrayList<>();
    StringBuilder value = new StringBuilder();
    boolean isQuoted = false;
    String all = text.startsWith("\ufeff") ? text.substring(1) : text;
    for (int i = 0; i < all.length(); i++) {
      char c = all.charAt(i);
      if (isQuoted) {
        boolean isQuote = c == '"';
        boolean isDoubled = isQuote && i + 1 < all.length() && all.charAt(i + 1) == '"';
        i += isDoubled ? 1 : 0;
        isQuoted = !isQuote || isDoubled;
        if (isQuoted) {
          value.append(c);
        }
      } else if (c == '"' && value.isEmpty()) {
        isQuoted = true;
      } else if (c == ',') {
        line.add(value.toString());
        value.setLength(0);
      } else if (c == '\n') {
        end(lines, line, value);
        line = new ArrayList<>();
      } else if (c != '\r') {
        value.append(c);
      }
      if (lines.size() > MOST) {
        throw new IllegalArgumentException("there are more than " + MOST + " rows");
      }
    }
    if (isQuoted) {
      throw new IllegalArgumentException("a quoted value does not end");
    }
    end(lines, line, value);
    if (lines.isEmpty()) {
      throw new IllegalArgumentException("the file is empty");
    }
    return new Rows(lines.getFirst(), lines.subList(1, lines.size()), isRandom);
  }

  private static void end(List<List<String>> lines, List<String> line, StringBuilder value) {
    if (!line.isEmpty() || !value.isEmpty()) {
      line.add(value.toString());
      value.setLength(0);
      lines.add(List.copyOf(line));
    }
  }
}
