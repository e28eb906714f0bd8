package dev.freshet.edge;

import dev.freshet.http.RequestHead;

/// Begins exchanges; given to the connections by [Edge].
@FunctionalInterface
interface Handler {

  /// Called on the client's event loop as soon as the head is complete.
  ///
  /// @param contentLength announced length, 0 when there is no content, -1 when only its end will
  ///   tell
  /// @param head checked by the connection: valid framing, method, target, host
  Conversation begin(RequestHead head, long contentLength, Client client);
}
