package dev.freshet.sql;

import java.util.ArrayList;
import java.util.List;

/// The statements of a simple query, which may hold several.
///
/// @param parts one for each statement that is not empty, in order
public record SqlScript(List<Part> parts) {
  /// A stretch of the text: from behind the semicolon before it to its own, which is not included.
  public record Part(int from, int to) {}

  public static SqlScript read(byte[] sql, int from, int to) {
    List<Part> parts = new ArrayList<>();
    Borders borders = new Borders();
    SqlLexer at = new SqlLexer(sql, from, to);
    int begin = from;
    boolean isEmpty = true;
    while (at.next()) {
      switch (at.kind()) {
        case SPACE, LINE_COMMENT, BLOCK_COMMENT -> {}
        default -> {
          if (!borders.ends(sql, at)) {
            isEmpty = false;
          } else {
            if (!isEmpty) {
              parts.add(new Part(begin, at.start()));
            }
            begin = at.end();
            isEmpty = true;
          }
        }
      }
    }
    if (!isEmpty) {
      parts.add(new Part(begin, to));
    }
    return new SqlScript(List.copyOf(parts));
  }
}
