package dev.freshet.gateway;

import dev.freshet.pgwire.FrontendMessages;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// A connection of its own that asks the server to cancel what another one runs. The key travels
/// under TLS where sessions do.
final class CancelRequest extends ChannelInboundHandlerAdapter {
  private final int pid;
  private final byte[] key;
  private final DatabaseUrl at;
  private final @Nullable SslContext tls;
  private final long patienceMillis;
  private final Consumer<Boolean> done;
  private boolean isSent;
  private boolean isTold;

  /// @param done told once: true when the server has dealt with it or never got it, false when
  ///   nobody knows
  CancelRequest(
      int pid,
      byte[] key,
      DatabaseUrl at,
      @Nullable SslContext tls,
      long patienceMillis,
      Consumer<Boolean> done) {
    this.pid = pid;
    this.key = key;
    this.at = at;
    this.tls = tls;
    this.patienceMillis = patienceMillis;
    this.done = done;
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    var _ = ctx.executor().schedule(() -> overdue(ctx), patienceMillis, TimeUnit.MILLISECONDS);
    if (tls == null) {
      send(ctx);
    } else if (at.isTlsDirect()) {
      encrypt(ctx, tls);
    } else {
      ByteBuf out = ctx.alloc().buffer(8);
      FrontendMessages.sslRequest(out);
      ctx.writeAndFlush(out);
    }
  }

  private void encrypt(ChannelHandlerContext ctx, SslContext context) {
    ctx.pipeline()
        .addFirst("tls", context.newHandler(ctx.alloc(), at.server().host(), at.server().port()));
  }

  private void send(ChannelHandlerContext ctx) {
    isSent = true;
    ByteBuf out = ctx.alloc().buffer(16 + key.length);
    FrontendMessages.cancelRequest(out, pid, key);
    ctx.writeAndFlush(out);
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    ByteBuf in = (ByteBuf) message;
    byte answer = in.isReadable() ? in.getByte(in.readerIndex()) : 0;
    in.release();
    SslContext context = tls;
    if (isSent || context == null) {
      return;
    }
    if (answer == 'S') {
      encrypt(ctx, context);
    } else if (at.sslMode() == DatabaseUrl.SslMode.PREFER) {
      send(ctx);
    } else {
      ctx.close();
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof SslHandshakeCompletionEvent shaken) {
      if (shaken.isSuccess()) {
        send(ctx);
      } else {
        ctx.close();
      }
    }
  }

  /// The server closes when it has sent its signal.
  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    tell(true);
  }

  private void overdue(ChannelHandlerContext ctx) {
    tell(!isSent);
    ctx.close();
  }

  private void tell(boolean isDealtWith) {
    if (!isTold) {
      isTold = true;
      done.accept(isDealtWith);
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    ctx.close();
  }
}
