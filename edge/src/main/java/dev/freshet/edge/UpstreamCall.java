package dev.freshet.edge;

import dev.freshet.http.Fields;
import io.netty.buffer.ByteBuf;

/// One request on its way to an origin; all calls on the asker's event loop. Calls after the end or
/// a failure do nothing (buffers are released).
interface UpstreamCall {

  /// Sends request content; takes over the buffer's reference. May be called before a connection
  /// exists: up to the configured limit is held.
  void content(ByteBuf data);

  /// The request is complete; also called for one without content. After a 101 a second call closes
  /// our half of the tunnel.
  void contentEnd(Fields trailers);

  /// False when the asker should pause until [Reply#writable()].
  boolean isWritable();

  /// Stops and restarts the flow of response content (back-pressure down to the origin's socket);
  /// starts paused=false.
  void pauseContent(boolean paused);

  /// The asker lost interest; the connection is closed (HTTP/1) or the stream reset (HTTP/2). No
  /// [Reply] call follows.
  void cancel();
}
