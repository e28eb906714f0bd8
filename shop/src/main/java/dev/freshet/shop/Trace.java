package dev.freshet.shop;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The W3C trace context of a request, as the comment that a sqlcommenter library appends to each
/// statement.
final class Trace {
  private static final Pattern TRACEPARENT =
      Pattern.compile("[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}");

  private Trace() {}

  /// The comment with a blank before it, or empty when the field is absent or malformed. The value
  /// is URL-encoded and quoted as the sqlcommenter specification asks.
  static String comment(@Nullable String traceparent) {
    if (traceparent == null || !TRACEPARENT.matcher(traceparent).matches()) {
      return "";
    }
    String value = URLEncoder.encode(traceparent, StandardCharsets.UTF_8).replace("'", "\\'");
    return " /*traceparent='" + value + "'*/";
  }
}
