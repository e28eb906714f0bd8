package dev.freshet.load;

import dev.freshet.base.Trouble;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ConnectTimeoutException;
import io.netty.channel.EventLoop;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.net.BindException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.function.Consumer;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/// Opens connections to the target, with TLS where it asks for that.
final class Dialler {
  /// Error kinds of this side, which say nothing about the target.
  static final String NO_PORT = "no port left here";

  static final String NO_DESCRIPTOR = "no file descriptor left here";

  /// Error kind where the target doesn't speak it.
  static final String NO_HTTP2 = "no HTTP/2";

  private static final int LONGEST_MILLIS = 10_000;
  private final Aim aim;
  private final InetSocketAddress address;
  private final boolean isEpoll;
  private final @Nullable SslContext tls;

  /// Without HTTP/2, for what has connections of its own.
  private final @Nullable SslContext plainTls;

  Dialler(Aim aim, InetSocketAddress address, boolean isEpoll) {
    this.aim = aim;
    this.address = address;
    this.isEpoll = isEpoll;
    this.tls = aim.isTls() ? tls(aim, aim.manner().isHttp2()) : null;
    this.plainTls = aim.isTls() && aim.manner().isHttp2() ? tls(aim, false) : tls;
  }

  private static SslContext tls(Aim aim, boolean isHttp2) {
    Path authorities = aim.manner().authorities();
    try {
      SslContextBuilder builder = SslContextBuilder.forClient();
      if (aim.isInsecure()) {
        builder.trustManager(InsecureTrustManagerFactory.INSTANCE);
        builder.endpointIdentificationAlgorithm("");
      } else if (authorities != null) {
        builder.trustManager(authorities.toFile());
      }
      if (isHttp2) {
        builder.applicationProtocolConfig(
            new ApplicationProtocolConfig(
                ApplicationProtocolConfig.Protocol.ALPN,
                SelectorFailureBehavior.NO_ADVERTISE,
                SelectedListenerFailureBehavior.ACCEPT,
                ApplicationProtocolNames.HTTP_2));
      }
      return builder.build();
    } catch (SSLException | IllegalArgumentException e) {
      throw authorities == null
          ? new Trouble.Found(
              new Trouble("load " + aim.target(), "TLS can't be set up: " + e, "use http://"))
          : new Trouble.Found(
              new Trouble(
                  "--ca " + authorities,
                  "can't be used: " + e.getMessage(),
                  "name a readable file with PEM certificates"));
    }
  }

  /// What went wrong with a connection, as an error kind.
  static String kind(Throwable cause) {
    for (Throwable one = cause; one != null; one = one.getCause()) {
      String said = String.valueOf(one.getMessage());
      if (said.contains("Too many open files")) {
        return NO_DESCRIPTOR;
      }
      if (one instanceof BindException || said.contains("Cannot assign requested address")) {
        return NO_PORT;
      }
    }
    return switch (cause) {
      case ConnectTimeoutException _ -> "connect timeout";
      case ConnectException _ -> "refused";
      case SSLException _ -> "TLS";
      default -> "connection";
    };
  }

  /// Opens one for a pool, on its loop.
  ///
  /// @param opened given the connection when requests can be sent
  /// @param failed given the error kind
  void dial(Pool pool, Consumer<Connection> opened, Consumer<String> failed) {
    boolean isHttp2 = aim.manner().isHttp2();
    connect(
        pool.lane().loop(),
        isHttp2,
        channel -> {
          if (isHttp2) {
            Http2Wire.begin(pool, channel, opened, failed);
          } else {
            Wire wire = new Wire(pool, channel);
            channel.pipeline().addLast(wire);
            opened.accept(wire);
          }
        },
        failed);
  }

  /// Opens one of which nobody has a use yet.
  ///
  /// @param opened given the channel, behind the handshake of TLS
  /// @param failed given the error kind
  void connect(EventLoop loop, boolean isHttp2, Consumer<Channel> opened, Consumer<String> failed) {
    int millis = Math.clamp(aim.timeout().toMillis(), 1, LONGEST_MILLIS);
    Bootstrap bootstrap =
        new Bootstrap()
            .group(loop)
            .channelFactory(isEpoll ? EpollSocketChannel::new : NioSocketChannel::new)
            .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, millis)
            .option(ChannelOption.TCP_NODELAY, true)
            .handler(secured(isHttp2 ? tls : plainTls));
    bootstrap
        .connect(address)
        .addListener((ChannelFuture done) -> {
          if (!done.isSuccess()) {
            failed.accept(kind(done.cause()));
            return;
          }
          SslHandler handler = done.channel().pipeline().get(SslHandler.class);
          if (handler == null) {
            opened.accept(done.channel());
            return;
          }
          handler
              .handshakeFuture()
              .addListener(shaken -> {
                if (!shaken.isSuccess()) {
                  done.channel().close();
                  failed.accept(kind(shaken.cause()));
                } else if (isHttp2
                    && !ApplicationProtocolNames.HTTP_2.equals(handler.applicationProtocol())) {
                  done.channel().close();
                  failed.accept(NO_HTTP2);
                } else {
                  done.channel().pipeline().remove(Shaking.class);
                  opened.accept(done.channel());
                }
              });
        });
  }

  /// Stands in the pipeline until the handshake is over; whoever waits for that hears of it there.
  private static final class Shaking extends ChannelInboundHandlerAdapter {
    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable thrown) {
      context.close();
    }
  }

  private ChannelHandler secured(@Nullable SslContext context) {
    return new ChannelInitializer<>() {
      @Override
      protected void initChannel(Channel channel) {
        if (context != null) {
          SslHandler handler = context.newHandler(channel.alloc(), aim.host(), aim.port());
          channel.pipeline().addLast(handler, new Shaking());
        }
      }
    };
  }
}
