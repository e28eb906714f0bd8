package dev.freshet.gateway;

import dev.freshet.base.HostPort;
import dev.freshet.pgwire.ErrorReport;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.ssl.SslContext;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Opens connections to the server, on the gateway's loop.
final class Dialler {
  private static final int NEXT_HOST_MILLIS = 5_000;

  private final Gateway gateway;
  private final EventLoop loop;
  private final boolean epoll;

  Dialler(Gateway gateway, EventLoop loop, boolean epoll) {
    this.gateway = gateway;
    this.loop = loop;
    this.epoll = epoll;
  }

  /// Tries one host after the other.
  ///
  /// @param replica to connect to, whatever it is; null for the primary
  void connect(
      @Nullable HostPort replica,
      Pool.Who who,
      ServerCredentials credentials,
      ServerLogin.Result result) {
    Servers servers = gateway.servers();
    connect(
        who, credentials, replica == null ? servers.attempt() : servers.attempt(replica), result);
  }

  private void connect(
      Pool.Who who,
      ServerCredentials credentials,
      Servers.Attempt attempt,
      ServerLogin.Result result) {
    ServerLogin.Result orNext =
        new ServerLogin.Result() {
          @Override
          public ChannelInboundHandlerAdapter loggedIn(ServerLogin.Told told, int pid, byte[] key) {
            return result.loggedIn(told, pid, key);
          }

          @Override
          public void ready() {
            result.ready();
          }

          @Override
          public void failed(ErrorReport why) {
            if (attempt.failed(why)) {
              connect(who, credentials, attempt, result);
            } else {
              result.failed(attempt.summary(why));
            }
          }
        };
    open(who, credentials, attempt, orNext);
  }

  private void open(
      Pool.Who who,
      ServerCredentials credentials,
      Servers.Attempt attempt,
      ServerLogin.Result result) {
    DatabaseUrl at = gateway.config().database().at(attempt.host());
    SslContext encryption = gateway.tlsForServer();
    var connecting =
        bootstrap()
            .handler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel made) {
                    gateway.opens(made);
                    Keepalive.set(made, gateway.config().limits().keepalive());
                    made.pipeline()
                        .addLast(
                            "login",
                            new ServerLogin(
                                gateway, who, at, credentials, encryption, attempt, result));
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
        .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, connectMillis())
        .option(ChannelOption.WRITE_BUFFER_WATER_MARK, new WriteBufferWaterMark(65_536, 262_144));
  }

  /// Where another host may be the right one, one that does not answer is not waited for long.
  private int connectMillis() {
    int login = (int) gateway.config().limits().login().toMillis();
    return gateway.config().database().servers().size() == 1
        ? login
        : Math.min(login, NEXT_HOST_MILLIS);
  }

  /// Sends a cancel request.
  ///
  /// @param host where the connection is that it is about
  /// @param done told once: false when it may still be under way
  void sendCancel(HostPort host, int pid, byte[] key, Consumer<Boolean> done) {
    DatabaseUrl at = gateway.config().database().at(host);
    long patience = gateway.config().limits().login().toMillis();
    var connecting =
        bootstrap()
            .handler(new CancelRequest(pid, key, at, gateway.tlsForServer(), patience, done))
            .connect(at.server().host(), at.server().port());
    gateway.opens(connecting.channel());
    connecting.addListener(connected -> {
      if (!connected.isSuccess()) {
        done.accept(true);
      }
    });
  }
}
