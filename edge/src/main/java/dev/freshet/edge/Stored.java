package dev.freshet.edge;

import dev.freshet.http.FieldName;
import dev.freshet.http.Fields;
import java.nio.charset.StandardCharsets;

/// A stored response's head, ready to send: the fields as such (for HTTP/2 and for decisions) and
/// encoded as HTTP/1.1 lines.
///
/// Holds no connection-specific field, no `Age` and no `Cache-Status`: those are [Dynamic].
/// `Content-Length` is among the lines.
final class Stored {
  private final int status;
  private final Fields fields;
  private final byte[] lines;

  /// @param fields not changed afterwards by anyone
  Stored(int status, Fields fields) {
    this.status = status;
    this.fields = fields;
    this.lines = encode(fields);
  }

  int status() {
    return status;
  }

  Fields fields() {
    return fields;
  }

  /// `Name: value CRLF` for each field, without the status line and without the empty line; must
  /// not be changed.
  @SuppressWarnings("MutableMethodReturnType")
  byte[] lines() {
    return lines;
  }

  private static byte[] encode(Fields fields) {
    StringBuilder out = new StringBuilder(fields.size() * 40);
    for (int i = 0; i < fields.size(); i++) {
      FieldName name = fields.name(i);
      out.append(name.text()).append(": ").append(fields.value(i)).append("\r\n");
    }
    return out.toString().getBytes(StandardCharsets.ISO_8859_1);
  }
}
