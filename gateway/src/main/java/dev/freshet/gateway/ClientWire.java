package dev.freshet.gateway;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;

/// What is said to one client, and how fast it may speak itself.
final class ClientWire {
  private final ChannelHandlerContext context;

  ClientWire(ChannelHandlerContext context) {
    this.context = context;
  }

  ByteBuf alloc(int size) {
    return context.alloc().directBuffer(size);
  }

  /// Takes over the octets; they go out with [#flush].
  void write(ByteBuf data) {
    if (context.channel().isActive()) {
      context.write(data, context.voidPromise());
    } else {
      data.release();
    }
  }

  void flush() {
    context.flush();
  }

  /// False when the client doesn't take what it is sent.
  boolean isWritable() {
    return context.channel().isWritable();
  }

  /// Whether more of what the client says is wanted.
  void read(boolean isWanted) {
    context.channel().config().setAutoRead(isWanted);
  }

  /// Ends the connection once everything is said.
  void close() {
    context.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(done -> context.close());
  }
}
