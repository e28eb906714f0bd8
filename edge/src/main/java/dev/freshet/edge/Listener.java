package dev.freshet.edge;

import dev.freshet.base.HostPort;
import dev.freshet.base.Meters;
import dev.freshet.base.Time;
import dev.freshet.base.Trouble;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.ApplicationProtocolNegotiationHandler;
import io.netty.util.concurrent.EventExecutor;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// One address on which clients are accepted.
final class Listener {
  private final HostPort listen;
  private final Handler handler;
  private final EventLoops loops;
  private final FrontFigures figures;
  private final Map<EventExecutor, LoopConnections> byLoop = new HashMap<>();
  private final @Nullable TlsContext tls;
  private volatile FrontConfig config;
  private @Nullable Channel channel;

  Listener(FrontConfig config, Handler handler, EventLoops loops, Time time, Meters meters) {
    this.config = config;
    this.listen = config.listen();
    this.handler = handler;
    this.loops = loops;
    this.figures = new FrontFigures(time, meters);
    this.tls = config.tls() == null ? null : new TlsContext(config.tls());
    for (EventExecutor loop : loops.group()) {
      byLoop.put(loop, new LoopConnections((EventLoop) loop, time));
    }
  }

  /// Binds; throws [Trouble.Found] when the address can't be had.
  void open() {
    EventLoopGroup group = loops.group();
    ServerBootstrap bootstrap =
        new ServerBootstrap()
            .group(group)
            .channelFactory(loops.serverChannels())
            .option(ChannelOption.SO_BACKLOG, 4_096)
            .option(ChannelOption.SO_REUSEADDR, true)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childOption(ChannelOption.ALLOW_HALF_CLOSURE, false)
            .childOption(
                ChannelOption.WRITE_BUFFER_WATER_MARK, new WriteBufferWaterMark(65_536, 262_144))
            .childHandler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel accepted) {
                    accept(accepted);
                  }
                });
    var bound = bootstrap.bind(listen.host(), listen.port()).awaitUninterruptibly();
    if (!bound.isSuccess()) {
      throw new Trouble.Found(
          new Trouble(
              "listen " + listen,
              "the address can't be bound (" + bound.cause().getMessage() + ")",
              "stop what uses it, or choose another with --listen"));
    }
    channel = bound.channel();
  }

  private void accept(Channel accepted) {
    if (figures.held() >= config.maxConnections()) {
      figures.refused(503);
      accepted.close();
      return;
    }
    LoopConnections mine = byLoop.get(accepted.eventLoop());
    if (mine == null) {
      throw new IllegalStateException("a connection on a foreign loop");
    }
    figures.holds(accepted);
    ChannelPipeline pipeline = accepted.pipeline();
    TlsContext secured = tls;
    if (secured == null) {
      http1(pipeline, mine, false);
      return;
    }
    pipeline.addLast("tls", secured.current().newHandler(accepted.alloc()));
    pipeline.addLast(
        new ApplicationProtocolNegotiationHandler(ApplicationProtocolNames.HTTP_1_1) {
          @Override
          protected void configurePipeline(ChannelHandlerContext ctx, String protocol) {
            if (protocol.equals(ApplicationProtocolNames.HTTP_2)) {
              Http2Connection.install(ctx.pipeline(), config, true, handler, mine, figures);
            } else {
              http1(ctx.pipeline(), mine, true);
            }
          }

          @Override
          protected void handshakeFailure(ChannelHandlerContext ctx, Throwable cause) {
            figures.refused(400);
            ctx.close();
          }

          @Override
          public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            ctx.close();
          }
        });
  }

  private void http1(ChannelPipeline pipeline, LoopConnections mine, boolean secure) {
    pipeline.addLast(
        "http1",
        new Http1Connection(
            config,
            secure,
            handler,
            mine,
            figures,
            p -> Http2Connection.install(p, config, secure, handler, mine, figures)));
  }

  /// Reads the certificate anew; what is returned takes over certificate and limits for connections
  /// to come. Where to listen, and whether with TLS, stays. Throws [Trouble.Found].
  Runnable prepare(FrontConfig told) {
    FrontConfig.Tls files = told.tls();
    Runnable certificate = tls == null || files == null ? () -> {} : tls.prepare(files);
    return () -> {
      config = told;
      certificate.run();
    };
  }

  /// The address bound, with the port the system chose where none was given.
  HostPort address() {
    Channel open = channel;
    if (open == null) {
      throw new IllegalStateException("not open yet");
    }
    InetSocketAddress local = (InetSocketAddress) open.localAddress();
    return new HostPort(listen.host(), local.getPort());
  }

  int connections() {
    return figures.open();
  }

  /// Accepts no more; lets what is under way finish.
  void drain() {
    Channel open = channel;
    if (open != null) {
      open.close().awaitUninterruptibly();
    }
    byLoop.forEach((loop, mine) -> loop.execute(mine::drain));
  }

  /// Closes whatever is left.
  void kill() {
    byLoop.forEach((loop, mine) -> loop.execute(mine::kill));
  }
}
