package dev.freshet.edge;

import dev.freshet.http.Fields;
import dev.freshet.http.ResponseHead;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import java.net.InetSocketAddress;

/// The client's end of one exchange, whatever HTTP version it speaks. All calls happen on
/// [#loop()].
///
/// Order of calls: any number of [#interim], one [#head], any number of [#write], one [#end].
/// Implementations add what the version's framing needs (chunked, content-length, connection) and
/// hold back content where the semantics forbid it (HEAD, 204, 304), so callers may write it
/// regardless.
interface Client {

  EventLoop loop();

  /// Address of the peer that is connected to us.
  InetSocketAddress peer();

  /// Relays a 1xx head; ignored towards clients that can't take one (HTTP/1.0).
  void interim(ResponseHead head);

  /// Starts the final response.
  ///
  /// @param length content length in octets as the message's framing, or -1 when only its end will
  ///   tell
  void head(ResponseHead head, long length);

  /// Told before the first [#write] of content that others hold, too: who keeps what he is written
  /// holds this room together with them.
  default void shares(TrackRoom room) {}

  /// Sends content; takes over the buffer's reference.
  void write(ByteBuf data);

  /// Completes the response, with trailers when not empty.
  void end(Fields trailers);

  /// Answers at once with a stored response: the fast path. Equals head, write, end, without their
  /// cost.
  ///
  /// @param head a complete head; for a stored response its lines are already encoded (see
  ///   [Stored])
  void send(Stored head, Dynamic dynamic, byte[][] content);

  /// How many of the octets of content that an exchange has given count as sent by it.
  default long sentOf(long octets) {
    return octets;
  }

  /// False when so much is waiting to be sent that the producer should pause until
  /// [Conversation#writable()].
  boolean isWritable();

  /// Stops and restarts the flow of request content; starts paused=false.
  void pauseContent(boolean paused);

  /// Gives up: resets the stream (HTTP/2) or closes the connection (HTTP/1), so that the client
  /// sees an incomplete response.
  void abort();

  /// After a 101 has been sent with [#head]: from here on both directions are raw octets, content
  /// arrives by [Conversation#content] and leaves by [#write]; [#end] closes our half. Only
  /// HTTP/1.1.
  void tunnel();
}
