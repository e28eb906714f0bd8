package dev.freshet.edge;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http2.DefaultHttp2GoAwayFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2StreamChannel;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// One client's HTTP/2 connection (RFC 9113): counts its streams, watches its idleness, says
/// goodbye. Frames and flow control are Netty's.
final class Http2Connection extends ChannelInboundHandlerAdapter
    implements LoopConnections.Watched {
  /// Resets that a client may send in half a minute before it counts as an attack (CVE-2023-44487).
  private static final int MAX_RESETS = 200;

  private static final int RESET_WINDOW_SECONDS = 30;
  private final FrontConfig config;
  private final LoopConnections loopConnections;
  private final FrontFigures figures;
  private @Nullable ChannelHandlerContext context;
  private int streams;
  private long idleSince;
  private long stalledSince;
  private boolean draining;

  private Http2Connection(
      FrontConfig config, LoopConnections loopConnections, FrontFigures figures) {
    this.config = config;
    this.loopConnections = loopConnections;
    this.figures = figures;
  }

  /// Puts HTTP/2 on a channel whose client is about to send, or has sent, the preface.
  static void install(
      ChannelPipeline pipeline,
      FrontConfig config,
      boolean secure,
      Handler handler,
      LoopConnections loopConnections,
      FrontFigures figures) {
    Http2Connection connection = new Http2Connection(config, loopConnections, figures);
    pipeline.addLast(
        Http2FrameCodecBuilder.forServer()
            .initialSettings(
                Http2Settings.defaultSettings()
                    .maxConcurrentStreams(config.maxStreams())
                    .maxHeaderListSize(config.maxHead())
                    .initialWindowSize(262_144))
            .decoderEnforceMaxRstFramesPerWindow(MAX_RESETS, RESET_WINDOW_SECONDS)
            .decoderEnforceMaxConsecutiveEmptyDataFrames(8)
            .gracefulShutdownTimeoutMillis(0)
            .build());
    pipeline.addLast(
        new Http2MultiplexHandler(
            new ChannelInitializer<Http2StreamChannel>() {
              @Override
              protected void initChannel(Http2StreamChannel stream) {
                stream
                    .pipeline()
                    .addLast(new Http2Stream(connection, config, secure, handler, figures));
              }
            }));
    pipeline.addLast(connection);
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    context = ctx;
    loopConnections.add(this);
    figures.opened();
    idleSince = figures.nanos();
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    loopConnections.remove(this);
    figures.closed();
    context = null;
    ctx.fireChannelInactive();
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    // Settings, pings and the like: the codec has dealt with them.
    ReferenceCountUtil.release(message);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    if (!(cause instanceof IOException)) {
      figures.refused(400);
    }
    ctx.close();
  }

  void streamOpened() {
    streams++;
  }

  void streamClosed() {
    streams--;
    idleSince = figures.nanos();
    if (draining && streams == 0 && context != null) {
      context.close();
    }
  }

  @Override
  public void check(long nanos) {
    ChannelHandlerContext ctx = context;
    if (ctx == null) {
      return;
    }
    if (streams == 0 && nanos - idleSince > config.idleTimeout().toNanos()) {
      ctx.close();
    } else if (ctx.channel().isWritable()) {
      stalledSince = 0;
    } else if (stalledSince == 0) {
      stalledSince = nanos;
    } else if (nanos - stalledSince > config.writeTimeout().toNanos()) {
      ctx.close();
    }
  }

  @Override
  public void drain() {
    ChannelHandlerContext ctx = context;
    if (ctx == null || draining) {
      return;
    }
    draining = true;
    ctx.writeAndFlush(new DefaultHttp2GoAwayFrame(Http2Error.NO_ERROR))
        .addListener(done -> {
          if (streams == 0) {
            ctx.close();
          }
        });
  }

  @Override
  public void kill() {
    if (context != null) {
      context.close();
    }
  }
}
