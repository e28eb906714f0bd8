package dev.freshet.edge;

import dev.freshet.http.Fields;
import io.netty.buffer.ByteBuf;

/// What an exchange wants to hear from its client's connection; all calls on the client's event
/// loop.
interface Conversation {

  /// A piece of request content; takes over the buffer's reference.
  void content(ByteBuf data);

  /// The request is complete; called once for every request, also for one without content. Trailers
  /// may be empty.
  void contentEnd(Fields trailers);

  /// The client can take more after [Client#isWritable] was false.
  void writable();

  /// The client went away or broke the protocol before the exchange was over; nothing may be sent
  /// any more.
  void gone();
}
