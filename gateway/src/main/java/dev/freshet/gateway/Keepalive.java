package dev.freshet.gateway;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.nio.NioChannelOption;
import java.time.Duration;
import jdk.net.ExtendedSocketOptions;

/// How a peer is noticed that is gone without a word: a machine lost its power, a firewall forgot a
/// connection. The system asks it after a silence, which also keeps such connections remembered.
final class Keepalive {
  /// Asked so often without an answer, it is gone.
  private static final int QUESTIONS = 6;

  private Keepalive() {}

  /// @param silence after which the peer is asked, then each sixth of that; what was sent and not
  ///   acknowledged for twice as long ends the connection too; zero leaves it to the system
  static void set(Channel channel, Duration silence) {
    int idle = (int) Math.min(silence.toSeconds(), 32_767);
    if (idle == 0) {
      return;
    }
    int between = Math.max(1, idle / QUESTIONS);
    channel.config().setOption(ChannelOption.SO_KEEPALIVE, true);
    if (channel instanceof EpollSocketChannel) {
      channel.config().setOption(EpollChannelOption.TCP_KEEPIDLE, idle);
      channel.config().setOption(EpollChannelOption.TCP_KEEPINTVL, between);
      channel.config().setOption(EpollChannelOption.TCP_KEEPCNT, QUESTIONS);
      channel.config().setOption(EpollChannelOption.TCP_USER_TIMEOUT, 2_000 * idle);
    } else {
      channel.config().setOption(NioChannelOption.of(ExtendedSocketOptions.TCP_KEEPIDLE), idle);
      channel
          .config()
          .setOption(NioChannelOption.of(ExtendedSocketOptions.TCP_KEEPINTERVAL), between);
      channel
          .config()
          .setOption(NioChannelOption.of(ExtendedSocketOptions.TCP_KEEPCOUNT), QUESTIONS);
    }
  }
}
