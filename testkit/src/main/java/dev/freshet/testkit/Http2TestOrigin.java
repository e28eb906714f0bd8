package dev.freshet.testkit;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.DefaultHttp2PingFrame;
import io.netty.handler.codec.http2.DefaultHttp2ResetFrame;
import io.netty.handler.codec.http2.DefaultHttp2SettingsFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2PingFrame;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.ssl.SslContext;
import io.netty.util.ReferenceCountUtil;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// An HTTP/2 server for tests; each stream's frames go to a script.
public final class Http2TestOrigin implements AutoCloseable {

  /// Hears each frame of each stream.
  @FunctionalInterface
  public interface Script {
    void frame(Stream stream, Object frame);
  }

  private final EventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private final Channel listener;
  private final AtomicInteger connections = new AtomicInteger();
  private final List<Http2Headers> heads = new CopyOnWriteArrayList<>();

  /// @param tls null for clear text with prior knowledge
  public Http2TestOrigin(@Nullable SslContext tls, long streamsMax, Script script) {
    ChannelInitializer<Channel> connection =
        new ChannelInitializer<>() {
          @Override
          protected void initChannel(Channel channel) {
            int index = connections.getAndIncrement();
            if (tls != null) {
              channel.pipeline().addLast(tls.newHandler(channel.alloc()));
            }
            Http2Settings settings =
                Http2Settings.defaultSettings().maxConcurrentStreams(streamsMax);
            channel
                .pipeline()
                .addLast(
                    Http2FrameCodecBuilder.forServer().initialSettings(settings).build(),
                    new Http2MultiplexHandler(streams(index, script)));
          }
        };
    listener =
        new ServerBootstrap()
            .group(loops)
            .channel(NioServerSocketChannel.class)
            .childHandler(connection)
            .bind("127.0.0.1", 0)
            .syncUninterruptibly()
            .channel();
  }

  private ChannelInitializer<Channel> streams(int index, Script script) {
    return new ChannelInitializer<>() {
      @Override
      protected void initChannel(Channel channel) {
        channel
            .pipeline()
            .addLast(
                new ChannelInboundHandlerAdapter() {
                  @Override
                  public void channelRead(ChannelHandlerContext context, Object frame) {
                    if (frame instanceof io.netty.handler.codec.http2.Http2HeadersFrame head) {
                      heads.add(head.headers());
                    }
                    script.frame(new Stream(channel, index), frame);
                    ReferenceCountUtil.release(frame);
                  }
                });
      }
    };
  }

  public int port() {
    return ((InetSocketAddress) listener.localAddress()).getPort();
  }

  public int connections() {
    return connections.get();
  }

  public List<Http2Headers> heads() {
    return List.copyOf(heads);
  }

  @Override
  public void close() {
    loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly(10, TimeUnit.SECONDS);
  }

  /// One stream on one connection.
  public record Stream(Channel channel, int connection) {
    public void head(String status, boolean end, String... fields) {
      Http2Headers headers = new DefaultHttp2Headers().status(status);
      for (int i = 0; i < fields.length; i += 2) {
        headers.add(fields[i], fields[i + 1]);
      }
      channel.writeAndFlush(new DefaultHttp2HeadersFrame(headers, end));
    }

    public void trailers(String name, String value) {
      Http2Headers headers = new DefaultHttp2Headers(true, false, 4).add(name, value);
      channel.writeAndFlush(new DefaultHttp2HeadersFrame(headers, true));
    }

    public void data(String text, boolean end) {
      channel.writeAndFlush(
          new DefaultHttp2DataFrame(Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1), end));
    }

    public void reset(Http2Error error) {
      channel.writeAndFlush(new DefaultHttp2ResetFrame(error));
    }

    /// From now on so many streams may be open.
    public void allow(long streams) {
      channel
          .parent()
          .writeAndFlush(
              new DefaultHttp2SettingsFrame(
                  Http2Settings.defaultSettings().maxConcurrentStreams(streams)));
    }

    /// Runs that when the other side has read all that was sent so far, and has done what it does.
    public void whenRead(Runnable next) {
      Channel connection = channel.parent();
      connection
          .pipeline()
          .addLast(
              new ChannelInboundHandlerAdapter() {
                @Override
                public void channelRead(ChannelHandlerContext context, Object frame) {
                  if (frame instanceof Http2PingFrame ping && ping.ack()) {
                    context.pipeline().remove(this);
                    next.run();
                  }
                  ReferenceCountUtil.release(frame);
                }
              });
      connection.writeAndFlush(new DefaultHttp2PingFrame(1));
    }

    /// Says that no stream so far will be looked at.
    public void goAway() {
      Channel connection = channel.parent();
      ChannelHandlerContext codec = connection.pipeline().context(Http2FrameCodec.class);
      ((Http2FrameCodec) codec.handler())
          .goAway(codec, 0, Http2Error.NO_ERROR.code(), Unpooled.EMPTY_BUFFER, codec.newPromise());
      codec.flush();
    }
  }
}
