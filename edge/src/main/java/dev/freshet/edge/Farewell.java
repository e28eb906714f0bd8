package dev.freshet.edge;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslHandler;

/// Ends a connection behind its last response: says the end once everything is written, and leaves
/// the socket open to read. Closing at once with octets unread would send a reset, which overtakes
/// what is still under way (RFC 9112, section 9.6).
final class Farewell {
  private Farewell() {}

  /// Ends our half; the caller closes the rest when the client has had time to.
  ///
  /// @param said runs when everything has left
  static void say(ChannelHandlerContext context, Runnable said) {
    context
        .writeAndFlush(Unpooled.EMPTY_BUFFER)
        .addListener(written -> {
          if (!written.isSuccess()) {
            context.close();
            return;
          }
          SslHandler tls = context.pipeline().get(SslHandler.class);
          if (tls != null) {
            tls.closeOutbound();
          } else if (context.channel() instanceof DuplexChannel duplex) {
            var _ = duplex.shutdownOutput();
          }
          said.run();
        });
  }
}
