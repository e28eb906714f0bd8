package dev.freshet.load;

import dev.freshet.base.Rolls;
import dev.freshet.http.FieldName;
import dev.freshet.http.Fields;
import dev.freshet.http.WebSocketAccept;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/// What makes a request one for a WebSocket, and by which its answer is known (RFC 6455, 4.1).
///
/// @param text value of `Sec-WebSocket-Key`
record WebSocketKey(String text) {
  private static final FieldName ACCEPT = FieldName.of("Sec-WebSocket-Accept");
  private static final FieldName PROTOCOL = FieldName.of("Sec-WebSocket-Protocol");
  private static final int LENGTH = 16;

  static WebSocketKey of(Rolls rolls) {
    return new WebSocketKey(Base64.getEncoder().encodeToString(rolls.bytes(LENGTH)));
  }

  /// @param protocols that are offered
  List<Call.Header> headers(List<String> protocols) {
    List<Call.Header> out = new ArrayList<>();
    out.add(new Call.Header("Connection", "Upgrade"));
    out.add(new Call.Header("Upgrade", "websocket"));
    out.add(new Call.Header("Sec-WebSocket-Version", "13"));
    out.add(new Call.Header("Sec-WebSocket-Key", text));
    if (!protocols.isEmpty()) {
      out.add(new Call.Header("Sec-WebSocket-Protocol", String.join(", ", protocols)));
    }
    return out;
  }

  /// Whether an answer is to this request, and chooses what was offered.
  boolean isAnsweredBy(Fields fields, List<String> protocols) {
    String chosen = fields.combined(PROTOCOL);
    return WebSocketAccept.of(text).equals(fields.combined(ACCEPT))
        && (chosen == null || protocols.contains(chosen));
  }
}
