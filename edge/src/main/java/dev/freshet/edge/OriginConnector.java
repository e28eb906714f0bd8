package dev.freshet.edge;

import dev.freshet.edge.UpstreamFailure.Kind;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.ConnectTimeoutException;
import io.netty.channel.EventLoop;
import io.netty.channel.IoEventLoop;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.Future;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Opens connections to one origin: name, address after address, TLS, protocol.
final class OriginConnector {
  private static final int ADDRESSES_MAX = 4;
  private static final WriteBufferWaterMark WATER = new WriteBufferWaterMark(32 << 10, 64 << 10);

  /// Hears how it went, once, on the connection's loop.
  interface Opening {
    void opened(Channel channel, boolean http2);

    void refused(UpstreamFailure failure);
  }

  private final Origin origin;
  private final OriginNames names;
  private final @Nullable OriginTls tls;
  private final OriginConfig.Protocol protocol;
  private volatile @Nullable InetAddress lastGood;

  /// @param protocol to be spoken, whatever the configuration says
  OriginConnector(
      Origin origin, OriginNames names, @Nullable OriginTls tls, OriginConfig.Protocol protocol) {
    this.origin = origin;
    this.names = names;
    this.tls = tls;
    this.protocol = protocol;
  }

  /// True until a first connection may have shown otherwise.
  boolean maySpeakHttp2() {
    return switch (protocol) {
      case H2 -> true;
      case HTTP1 -> false;
      case AUTO -> tls != null;
    };
  }

  /// Begins to connect; never calls back before it returns.
  void connect(EventLoop loop, Opening opening) {
    origin.figures().connects().increment();
    names.resolve(
        loop,
        addresses -> tryNext(loop, opening, ordered(addresses), 0),
        failure ->
            opening.refused(
                origin.failure(Kind.CONNECT_REFUSED, "its name has no address: " + failure, true)));
  }

  /// The address that worked last goes first.
  private List<InetAddress> ordered(List<InetAddress> addresses) {
    InetAddress good = lastGood;
    int at = good == null ? -1 : addresses.indexOf(good);
    if (at <= 0) {
      return addresses;
    }
    List<InetAddress> out = new ArrayList<>(addresses);
    out.add(0, out.remove(at));
    return out;
  }

  private void tryNext(EventLoop loop, Opening opening, List<InetAddress> addresses, int index) {
    InetAddress address = addresses.get(index);
    int port = origin.url().address().port();
    bootstrap(loop)
        .connect(new InetSocketAddress(address, port))
        .addListener((ChannelFuture done) -> {
          if (done.isSuccess()) {
            lastGood = address;
            secured(done.channel(), opening);
          } else if (index + 1 < Math.min(ADDRESSES_MAX, addresses.size())) {
            tryNext(loop, opening, addresses, index + 1);
          } else {
            opening.refused(refusal(address, done.cause()));
          }
        });
  }

  private Bootstrap bootstrap(EventLoop loop) {
    boolean epoll = loop instanceof IoEventLoop io && io.isIoType(EpollIoHandler.class);
    int millis = (int) Math.min(Integer.MAX_VALUE, origin.config().waits().connect().toMillis());
    return new Bootstrap()
        .group(loop)
        .channelFactory(epoll ? EpollSocketChannel::new : NioSocketChannel::new)
        .disableResolver()
        .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, Math.max(1, millis))
        .option(ChannelOption.TCP_NODELAY, true)
        .option(ChannelOption.WRITE_BUFFER_WATER_MARK, WATER)
        .handler(new Preparing(tls));
  }

  /// Stands in the pipeline until the connection is handed over.
  private static final class Preparing extends ChannelInboundHandlerAdapter {
    private final @Nullable OriginTls tls;

    Preparing(@Nullable OriginTls tls) {
      this.tls = tls;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
      if (tls != null) {
        context.pipeline().addFirst(tls.handler(context.channel()));
      }
    }

    /// Whoever waits for the handshake hears of it from there.
    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable thrown) {
      context.close();
    }
  }

  private static void handOver(Channel channel, Opening opening, boolean http2) {
    channel.pipeline().remove(Preparing.class);
    opening.opened(channel, http2);
  }

  private void secured(Channel channel, Opening opening) {
    SslHandler handler = channel.pipeline().get(SslHandler.class);
    if (handler == null) {
      handOver(channel, opening, protocol == OriginConfig.Protocol.H2);
      return;
    }
    handler
        .handshakeFuture()
        .addListener((Future<Channel> done) -> {
          if (!done.isSuccess()) {
            channel.close();
            String what = "the TLS handshake failed: " + reason(done.cause());
            opening.refused(origin.failure(Kind.CONNECT_REFUSED, what, true));
            return;
          }
          boolean http2 = ApplicationProtocolNames.HTTP_2.equals(handler.applicationProtocol());
          if (!http2 && protocol == OriginConfig.Protocol.H2) {
            channel.close();
            String what = "it does not offer HTTP/2; set protocol: auto";
            opening.refused(origin.failure(Kind.CONNECT_REFUSED, what, true));
            return;
          }
          opening.opened(channel, http2);
        });
  }

  private UpstreamFailure refusal(InetAddress address, Throwable cause) {
    boolean late = cause instanceof ConnectTimeoutException;
    String at = address.getHostAddress();
    String what =
        late
            ? "no connection to "
                + at
                + " within "
                + origin.config().waits().connect().toMillis()
                + " ms"
            : "no connection to " + at + ": " + reason(cause);
    return origin.failure(late ? Kind.CONNECT_TIMEOUT : Kind.CONNECT_REFUSED, what, true);
  }

  private static String reason(@Nullable Throwable cause) {
    if (cause == null) {
      return "unknown";
    }
    return cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
  }
}
