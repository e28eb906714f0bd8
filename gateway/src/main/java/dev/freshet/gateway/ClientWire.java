package dev.freshet.gateway;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;

/// What is said to one client, and how fast it may speak itself.
final class ClientWire {
  private final ChannelHandlerContext context;
  private final Withheld held = new Withheld();
  private boolean isClosing;

  ClientWire(ChannelHandlerContext context) {
    this.context = context;
  }

  ByteBuf alloc(int size) {
    return context.alloc().directBuffer(size);
  }

  /// Takes over the octets; they go out with [#flush], or when what holds them back is lifted.
  void write(ByteBuf data) {
    if (held.isEmpty()) {
      send(data);
      return;
    }
    held.add(data);
  }

  /// Where octets may be held back.
  Withheld held() {
    return held;
  }

  void lift(Withheld.Barrier barrier) {
    held.lift(barrier, this::send);
    flush();
    if (isClosing && held.isEmpty()) {
      close();
    }
  }

  private void send(ByteBuf data) {
    if (context.channel().isActive()) {
      context.write(data, context.voidPromise());
    } else {
      data.release();
    }
  }

  void flush() {
    context.flush();
  }

  /// False when the client doesn't take what it is sent, or is not sent it yet.
  boolean isWritable() {
    return !held.isFull() && context.channel().isWritable();
  }

  boolean isFull() {
    return held.isFull();
  }

  /// Whether more of what the client says is wanted.
  void read(boolean isWanted) {
    context.channel().config().setAutoRead(isWanted);
  }

  /// Ends the connection once everything is said.
  void close() {
    isClosing = true;
    if (held.isEmpty()) {
      end();
    }
  }

  /// The client is gone.
  void drop() {
    held.drop();
  }

  private void end() {
    context.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(done -> context.close());
  }
}
