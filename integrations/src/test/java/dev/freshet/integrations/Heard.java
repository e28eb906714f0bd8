package dev.freshet.integrations;

import dev.freshet.freshness.TraceId;
import dev.freshet.sql.SqlComment;
import dev.freshet.sql.Statement;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// One statement as it arrived, read with the code that the gateway reads it with.
///
/// @param text with its comments
/// @param parameters as far as they came as text
/// @param prepared the name it was prepared under, empty for none
/// @param application the connection's `application_name` at that moment
record Heard(String text, List<String> parameters, String prepared, String application) {
  private static final Pattern REQUEST = Pattern.compile("\\bn(\\d+)\\b");

  /// The trace that it can be booked under.
  @Nullable TraceId trace() {
    byte[] sql = text.getBytes(StandardCharsets.UTF_8);
    Statement read = Statement.read(sql, 0, sql.length);
    String parent = SqlComment.of(sql, 0, sql.length, read).tags().get("traceparent");
    return TraceId.ofTraceparent(parent == null ? application : parent);
  }

  /// Without what differs from request to request.
  String bare() {
    byte[] sql = text.getBytes(StandardCharsets.UTF_8);
    Statement read = Statement.read(sql, 0, sql.length);
    return new String(
        sql, read.textFrom(), read.textTo() - read.textFrom(), StandardCharsets.UTF_8);
  }

  /// The number of the request that it was sent for, which the apps of these tests say in the text
  /// or in a parameter as `n17`; -1 where they don't.
  int request() {
    Matcher found = REQUEST.matcher(bare() + ' ' + String.join(" ", parameters));
    return found.find() ? Integer.parseInt(found.group(1)) : -1;
  }
}
