package dev.freshet.edge;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2GoAwayFrame;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2PingFrame;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2SettingsFrame;
import io.netty.handler.codec.http2.Http2StreamChannel;
import io.netty.handler.codec.http2.Http2StreamChannelBootstrap;
import io.netty.handler.codec.http2.Http2StreamChannelOption;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// An HTTP/2 connection to an origin, shared by many calls of one event loop (RFC 9113).
///
/// Each call is a stream with a channel of its own, whose flow control is wired to the asker's
/// pauses: a stream that is not read holds at most one window, and holds up no other.
final class Http2Origin extends ChannelInboundHandlerAdapter {
  // Until the peer says otherwise; RFC 9113, section 6.5.2, recommends no less.
  private static final int STREAMS_ASSUMED = 100;
  private static final int STREAMS_MOST = 256;

  /// Eight clients that have read quickly, and then no more, leave others nothing to grow by.
  private static final int GROWTH_MOST = 8 * Http2Windows.MOST;

  private final OriginPool pool;
  private final Channel channel;
  private final List<Http2Lane> lanes = new ArrayList<>();
  private final long bornNanos;
  private int opening;
  private long streamsMax = STREAMS_ASSUMED;
  private boolean retired;
  private long sinceNanos;
  private boolean flushing;
  private @Nullable Http2Windows windows;

  Http2Origin(OriginPool pool, Channel channel) {
    this.pool = pool;
    this.channel = channel;
    this.bornNanos = pool.now();
    this.sinceNanos = bornNanos;
  }

  OriginPool pool() {
    return pool;
  }

  /// Sends the preface.
  void start() {
    Http2Settings settings =
        Http2Settings.defaultSettings()
            .pushEnabled(false)
            .maxConcurrentStreams(0)
            .maxHeaderListSize(pool.config().tries().headMax());
    Http2FrameCodec codec = Http2FrameCodecBuilder.forClient().initialSettings(settings).build();
    // Pushed streams are refused by the settings, so that this handler never sees one.
    ChannelHandler none = new ChannelInboundHandlerAdapter();
    Http2Windows opened =
        new Http2Windows(codec, STREAMS_MOST, GROWTH_MOST, pool.origin().windowsGrown());
    windows = opened;
    channel.pipeline().addLast(codec, new Http2MultiplexHandler(none), this);
    opened.open(channel.pipeline().context(this));
  }

  Http2Windows windows() {
    Http2Windows known = windows;
    if (known == null) {
      throw new IllegalStateException("used before it was started");
    }
    return known;
  }

  /// True when it takes no more calls.
  boolean isRetired() {
    return retired;
  }

  boolean hasRoom() {
    return !retired && channel.isActive() && lanes.size() + opening < streamsMax;
  }

  /// Sends a request; only while there is room.
  void begin(OriginCall call) {
    opening++;
    Http2Lane lane = new Http2Lane(this, call);
    new Http2StreamChannelBootstrap(channel)
        .handler(lane)
        .option(Http2StreamChannelOption.AUTO_STREAM_FLOW_CONTROL, false)
        .open()
        .addListener((Future<Http2StreamChannel> done) -> {
          opening--;
          if (done.isSuccess()) {
            lanes.add(lane);
            lane.start(done.getNow());
          } else {
            lane.notSent(done.cause());
          }
        });
  }

  /// A stream has ended.
  void closed(Http2Lane lane) {
    lanes.remove(lane);
    sinceNanos = pool.now();
    if (isUnused() && (retired || pool.isClosing())) {
      channel.close();
    } else {
      pool.serveShared();
    }
  }

  private boolean isUnused() {
    return lanes.isEmpty() && opening == 0;
  }

  /// Takes no more calls and closes after the last.
  void closeGracefully() {
    retired = true;
    if (isUnused()) {
      channel.close();
    }
  }

  void checkTime(long now) {
    for (int i = lanes.size() - 1; i >= 0; i--) {
      lanes.get(i).checkTime(now);
    }
    boolean idle = isUnused() && now - sinceNanos >= pool.config().pool().idle().toNanos();
    if (idle || now - bornNanos >= pool.config().pool().age().toNanos()) {
      closeGracefully();
    }
  }

  /// Flushes once, at the end of the event loop's round.
  void flushSoon() {
    if (!flushing) {
      flushing = true;
      channel
          .eventLoop()
          .execute(() -> {
            flushing = false;
            for (Http2Lane lane : List.copyOf(lanes)) {
              lane.flush();
            }
          });
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    if (message instanceof Http2SettingsFrame frame) {
      Long max = frame.settings().maxConcurrentStreams();
      streamsMax = Math.min(STREAMS_MOST, max == null ? streamsMax : max);
      pool.serveShared();
    } else if (message instanceof Http2GoAwayFrame) {
      closeGracefully();
      pool.openMore();
    } else if (message instanceof Http2PingFrame ping && ping.ack()) {
      windows().answered(ping.content());
    }
    ReferenceCountUtil.release(message);
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    retired = true;
    windows().close();
    pool.closed(this);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable thrown) {
    context.close();
  }
}
