package dev.freshet.edge;

import dev.freshet.http.Fields;
import io.netty.buffer.ByteBuf;

/// One request's way on one connection, whatever HTTP version that speaks; all calls on its loop.
sealed interface Lane permits Http1Origin, Http2Lane {

  /// Takes over the buffer's reference.
  void content(ByteBuf data);

  void contentEnd(Fields trailers);

  boolean isWritable();

  void pauseContent(boolean paused);

  /// Gives the request up; nothing is reported any more.
  void cancel();
}
