package dev.freshet.jdbc;

import org.jspecify.annotations.Nullable;

/// A statement's text with the trace in a comment, as the sqlcommenter specification writes it.
final class Comment {
  private Comment() {}

  /// Puts it first, since the driver may append RETURNING; but behind a hint, which must be first
  /// itself. `{call f(?)}` stays as it is: the driver makes a query around it, and a comment would
  /// end up in the middle, where nobody looks for it.
  static String on(String sql, @Nullable String traceparent) {
    String text = sql.strip();
    if (traceparent == null || text.startsWith("{") || text.contains("traceparent=")) {
      return sql;
    }
    String comment = "/*traceparent='" + traceparent + "'*/";
    return text.startsWith("/*+") ? sql + "\n" + comment : comment + " " + sql;
  }
}
