package dev.freshet.edge;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http2.DefaultHttp2GoAwayFrame;
import io.netty.handler.codec.http2.DefaultHttp2PingFrame;
import io.netty.handler.codec.http2.Http2CodecUtil;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2PingFrame;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2StreamChannel;
import io.netty.handler.codec.http2.Http2StreamChannelOption;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// One client's HTTP/2 connection (RFC 9113): counts its streams, watches its idleness, says
/// goodbye. Frames and flow control are Netty's.
final class Http2Connection extends ChannelInboundHandlerAdapter
    implements LoopConnections.Watched {
  /// Resets that a client may send, or make us send, in half a minute before it counts as an attack
  /// (CVE-2023-44487, CVE-2025-8671).
  private static final int MAX_RESETS = 200;

  private static final int RESET_WINDOW_SECONDS = 30;

  /// Answers to pings, settings and faults that may wait for a client that does not read; a sound
  /// one with all its streams needs a few.
  private static final int MAX_UNREAD = 1_000;

  /// What the ping between two goodbyes carries.
  private static final long PARTING = 0x676f6f64627965L;

  private final FrontConfig config;
  private final Http2FrameCodec codec;
  private final Http2Windows windows;
  private final LoopConnections loopConnections;
  private final FrontFigures figures;
  private final Set<Http2Stream> streams = new LinkedHashSet<>();
  private @Nullable ChannelHandlerContext context;
  private long idleSince;
  private long movedAt;
  private final Outflow outflow = new Outflow();
  private long partsAt = Long.MAX_VALUE;
  private long closesAt = Long.MAX_VALUE;
  private boolean draining;
  private boolean parted;

  private Http2Connection(
      FrontConfig config,
      Http2FrameCodec codec,
      LoopConnections loopConnections,
      FrontFigures figures) {
    this.config = config;
    this.codec = codec;
    this.windows =
        new Http2Windows(codec, config.maxStreams(), Http2Windows.MOST, figures.windowsGrown());
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
    Http2FrameCodec codec =
        Http2FrameCodecBuilder.forServer()
            .initialSettings(
                Http2Settings.defaultSettings()
                    .maxConcurrentStreams(config.maxStreams())
                    .maxHeaderListSize(config.maxHead()))
            .decoderEnforceMaxRstFramesPerWindow(MAX_RESETS, RESET_WINDOW_SECONDS)
            .encoderEnforceMaxRstFramesPerWindow(MAX_RESETS, RESET_WINDOW_SECONDS)
            .encoderEnforceMaxQueuedControlFrames(MAX_UNREAD)
            .decoderEnforceMaxConsecutiveEmptyDataFrames(8)
            .gracefulShutdownTimeoutMillis(0)
            .build();
    Http2Connection connection = new Http2Connection(config, codec, loopConnections, figures);
    pipeline.addLast(codec);
    pipeline.addLast(
        new Http2MultiplexHandler(
            new ChannelInitializer<Http2StreamChannel>() {
              @Override
              protected void initChannel(Http2StreamChannel stream) {
                stream.config().setOption(Http2StreamChannelOption.AUTO_STREAM_FLOW_CONTROL, false);
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
    windows.open(ctx);
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    loopConnections.remove(this);
    figures.closed();
    context = null;
    windows.close();
    ctx.fireChannelInactive();
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    // Settings, pings and the like: the codec has dealt with them.
    if (message instanceof Http2PingFrame ping && ping.ack()) {
      windows.answered(ping.content());
      if (draining && ping.content() == PARTING) {
        part();
      }
    }
    ReferenceCountUtil.release(message);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    if (!(cause instanceof IOException)) {
      figures.refused(400);
    }
    if (Http2CodecUtil.getEmbeddedHttp2Exception(cause) == null) {
      ctx.close();
    }
    // Else the codec says what was wrong in its GOAWAY, and closes (RFC 9113, section 5.4.1).
  }

  Http2Windows windows() {
    return windows;
  }

  void opened(Http2Stream stream) {
    streams.add(stream);
  }

  void closed(Http2Stream stream) {
    streams.remove(stream);
    idleSince = figures.nanos();
    if (parted && streams.isEmpty()) {
      farewell();
    }
  }

  /// Octets that the client is ready to take on a stream; 0 or less when it must allow more first.
  int window(int stream) {
    var known = codec.connection().stream(stream);
    return known == null ? 0 : codec.connection().remote().flowController().windowSize(known);
  }

  /// The same for all streams together.
  int window() {
    return window(codec.connection().connectionStream().id());
  }

  /// A stream got some of its response out.
  void moved(long nanos) {
    movedAt = nanos;
  }

  /// When a stream did that last; a client that takes them in turn owes none of them more.
  long movedAt() {
    return movedAt;
  }

  @Override
  public void check(long nanos) {
    ChannelHandlerContext ctx = context;
    if (ctx == null) {
      return;
    }
    for (Http2Stream stream : List.copyOf(streams)) {
      stream.check(nanos);
    }
    if (nanos - partsAt > 0 && partsAt != Long.MAX_VALUE) {
      part();
    }
    boolean isIdle = streams.isEmpty() && !outflow.isWaiting();
    boolean isLate =
        closesAt != Long.MAX_VALUE
            ? nanos - closesAt > 0
            : isIdle && nanos - idleSince > config.idleTimeout().toNanos();
    if (isLate || outflow.isStalled(ctx.channel(), nanos, config.writeTimeout())) {
      ctx.close();
    }
  }

  /// Says goodbye twice (RFC 9113, section 6.8): once that no more should come, and when the client
  /// has heard that, which was the last that will be served.
  @Override
  public void drain() {
    ChannelHandlerContext ctx = context;
    if (ctx == null || draining) {
      return;
    }
    draining = true;
    partsAt = figures.nanos() + Http1Connection.DRAIN_NANOS;
    DefaultHttp2GoAwayFrame notice = new DefaultHttp2GoAwayFrame(Http2Error.NO_ERROR);
    notice.setExtraStreamIds(Integer.MAX_VALUE);
    ctx.write(notice);
    ctx.writeAndFlush(new DefaultHttp2PingFrame(PARTING));
  }

  private void part() {
    ChannelHandlerContext ctx = context;
    if (ctx == null || parted) {
      return;
    }
    parted = true;
    partsAt = Long.MAX_VALUE;
    ctx.writeAndFlush(new DefaultHttp2GoAwayFrame(Http2Error.NO_ERROR));
    if (streams.isEmpty()) {
      farewell();
    }
  }

  private void farewell() {
    ChannelHandlerContext ctx = context;
    if (ctx != null) {
      Farewell.say(ctx, () -> closesAt = figures.nanos() + Http1Connection.LINGER_NANOS);
    }
  }

  @Override
  public void kill() {
    if (context != null) {
      context.close();
    }
  }
}
