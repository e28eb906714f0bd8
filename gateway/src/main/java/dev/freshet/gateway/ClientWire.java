package dev.freshet.gateway;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// What is said to one client, and how fast it may speak itself.
final class ClientWire {
  /// Room that small answers of our own have for what follows them.
  static final int ROOM = 512;

  /// How long what is said last may take to go out.
  private static final int LINGER_SECONDS = 30;

  private final ChannelHandlerContext context;
  private final Withheld held = new Withheld();
  private boolean isClosing;

  /// Waits for what follows it: two pieces cost the system more than a copy.
  private @Nullable ByteBuf first;

  ClientWire(ChannelHandlerContext context) {
    this.context = context;
  }

  ByteBuf alloc(int size) {
    return context.alloc().directBuffer(size);
  }

  ByteBufAllocator alloc() {
    return context.alloc();
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
    if (!context.channel().isActive()) {
      data.release();
      return;
    }
    ByteBuf before = first;
    int size = data.readableBytes();
    if (before != null && before.isWritable(size)) {
      before.writeBytes(data);
      data.release();
    } else if (before == null && data.capacity() == ROOM && size < ROOM / 2) {
      first = data;
    } else {
      sendFirst();
      context.write(data, context.voidPromise());
    }
  }

  private void sendFirst() {
    ByteBuf before = first;
    if (before != null) {
      first = null;
      context.write(before, context.voidPromise());
    }
  }

  void flush() {
    sendFirst();
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
    if (first != null) {
      first.release();
      first = null;
    }
  }

  private void end() {
    sendFirst();
    ChannelFuture said = context.writeAndFlush(Unpooled.EMPTY_BUFFER);
    said.addListener(done -> context.close());
    if (!said.isDone()) {
      // Who takes nothing is not waited for, though his machine answers for him.
      ScheduledFuture<?> limit =
          context.executor().schedule(() -> context.close(), LINGER_SECONDS, TimeUnit.SECONDS);
      said.addListener(done -> limit.cancel(false));
    }
  }
}
