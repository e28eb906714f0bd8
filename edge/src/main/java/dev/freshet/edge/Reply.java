package dev.freshet.edge;

import dev.freshet.http.Fields;
import dev.freshet.http.ResponseHead;
import io.netty.buffer.ByteBuf;

/// What the asker of an origin hears back; all calls on the asker's event loop.
///
/// Order: any number of [#interim], one [#head], any number of [#content], one [#end]; or, at any
/// point before the end, one [#failed].
interface Reply {

  /// A connection was found, and the request's head is on its way; once for each try.
  default void attached() {}

  void interim(ResponseHead head);

  /// @param length content length announced by framing, 0 for none, -1 when only its end will tell
  void head(ResponseHead head, long length);

  /// Takes over the buffer's reference.
  void content(ByteBuf data);

  void end(Fields trailers);

  void failed(UpstreamFailure failure);

  /// The origin can take more request content after [UpstreamCall#isWritable] was false.
  void writable();
}
