package dev.freshet.gateway;

import dev.freshet.base.HostPort;
import dev.freshet.base.Trouble;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/// Where clients come in.
final class Entrance {
  private final Gateway gateway;
  private final EventLoopGroup group;
  private final boolean epoll;
  private volatile @Nullable Channel listening;

  Entrance(Gateway gateway, EventLoopGroup group, boolean epoll) {
    this.gateway = gateway;
    this.group = group;
    this.epoll = epoll;
  }

  /// Takes clients at another address, which [#moveTo] then makes the only one.
  ///
  /// @throws Trouble.Found when it can't be had
  Channel bind(HostPort at) {
    ServerBootstrap bootstrap =
        new ServerBootstrap()
            .group(group)
            .channelFactory(epoll ? EpollServerSocketChannel::new : NioServerSocketChannel::new)
            .option(ChannelOption.SO_BACKLOG, 4_096)
            .option(ChannelOption.SO_REUSEADDR, true)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childOption(
                ChannelOption.WRITE_BUFFER_WATER_MARK, new WriteBufferWaterMark(65_536, 262_144))
            .childHandler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel accepted) {
                    gateway.opens(accepted);
                    Keepalive.set(accepted, gateway.config().limits().keepalive());
                    accepted.pipeline().addLast("login", new ClientLogin(gateway));
                  }
                });
    var bound = bootstrap.bind(at.host(), at.port()).awaitUninterruptibly();
    if (!bound.isSuccess()) {
      throw new Trouble.Found(
          new Trouble(
              "gateway.listen " + at,
              "the address can't be bound (" + bound.cause().getMessage() + ")",
              "stop what uses it, or choose another"));
    }
    return bound.channel();
  }

  void moveTo(Channel other) {
    Channel before = listening;
    listening = other;
    if (before != null) {
      before.close().awaitUninterruptibly();
    }
  }

  /// The port that is bound.
  int port() {
    Channel open = listening;
    if (open == null) {
      throw new IllegalStateException("not open yet");
    }
    return ((InetSocketAddress) open.localAddress()).getPort();
  }

  /// Nobody more comes in.
  void close() {
    Channel open = listening;
    if (open != null) {
      open.close().awaitUninterruptibly();
    }
  }
}
