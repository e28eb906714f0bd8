package dev.freshet.gateway;

import dev.freshet.pgwire.ErrorReport;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.ssl.SslContext;
import java.util.function.Consumer;

/// Opens connections to the server, on the gateway's loop.
final class Dialler {
  private final Gateway gateway;
  private final EventLoop loop;
  private final boolean epoll;

  Dialler(Gateway gateway, EventLoop loop, boolean epoll) {
    this.gateway = gateway;
    this.loop = loop;
    this.epoll = epoll;
  }

  void connect(Pool.Who who, ServerCredentials credentials, ServerLogin.Result result) {
    DatabaseUrl at = gateway.config().database();
    SslContext encryption = gateway.tlsForServer();
    var connecting =
        bootstrap()
            .handler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel made) {
                    made.pipeline()
                        .addLast(
                            "login",
                            new ServerLogin(gateway, who, at, credentials, encryption, result));
                  }
                })
            .connect(at.server().host(), at.server().port());
    connecting.addListener(done -> {
      if (!done.isSuccess()) {
        result.failed(
            ErrorReport.fatal(
                "08001",
                "the server at " + at.server() + " can't be reached: " + done.cause().getMessage(),
                "see that PostgreSQL runs and the database URL is right"));
      }
    });
  }

  private Bootstrap bootstrap() {
    return new Bootstrap()
        .group(loop)
        .channelFactory(epoll ? EpollSocketChannel::new : NioSocketChannel::new)
        .option(ChannelOption.TCP_NODELAY, true)
        .option(ChannelOption.SO_KEEPALIVE, true)
        .option(
            ChannelOption.CONNECT_TIMEOUT_MILLIS,
            (int) gateway.config().limits().login().toMillis())
        .option(ChannelOption.WRITE_BUFFER_WATER_MARK, new WriteBufferWaterMark(65_536, 262_144));
  }

  /// Sends a cancel request.
  ///
  /// @param done told once: false when it may still be under way
  void sendCancel(int pid, byte[] key, Consumer<Boolean> done) {
    DatabaseUrl at = gateway.config().database();
    long patience = gateway.config().limits().login().toMillis();
    bootstrap()
        .handler(new CancelRequest(pid, key, at, gateway.tlsForServer(), patience, done))
        .connect(at.server().host(), at.server().port())
        .addListener(connected -> {
          if (!connected.isSuccess()) {
            done.accept(true);
          }
        });
  }
}
