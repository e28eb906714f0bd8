package dev.freshet.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.ChannelOption;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.nio.NioChannelOption;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.io.IOException;
import java.time.Duration;
import jdk.net.ExtendedSocketOptions;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What the system is told to do about peers that are silent.
@Timeout(120)
class KeepaliveTest {
  @Test
  void asksASilentPeerOnASystemSocket() {
    Assumptions.assumeTrue(Epoll.isAvailable());
    EpollSocketChannel channel = new EpollSocketChannel();
    Keepalive.set(channel, Duration.ofMinutes(1));
    assertThat(channel.config().getOption(ChannelOption.SO_KEEPALIVE)).isTrue();
    assertThat(channel.config().getOption(EpollChannelOption.TCP_KEEPIDLE)).isEqualTo(60);
    assertThat(channel.config().getOption(EpollChannelOption.TCP_KEEPINTVL)).isEqualTo(10);
    assertThat(channel.config().getOption(EpollChannelOption.TCP_KEEPCNT)).isEqualTo(6);
    assertThat(channel.config().getOption(EpollChannelOption.TCP_USER_TIMEOUT)).isEqualTo(120_000);
    channel.unsafe().closeForcibly();
  }

  @Test
  void asksASilentPeerOnAJavaSocket() {
    NioSocketChannel channel = new NioSocketChannel();
    Keepalive.set(channel, Duration.ofSeconds(3));
    assertThat(channel.config().getOption(ChannelOption.SO_KEEPALIVE)).isTrue();
    assertThat(channel.config().getOption(NioChannelOption.of(ExtendedSocketOptions.TCP_KEEPIDLE)))
        .isEqualTo(3);
    assertThat(
            channel.config().getOption(NioChannelOption.of(ExtendedSocketOptions.TCP_KEEPINTERVAL)))
        .isEqualTo(1);
    channel.unsafe().closeForcibly();
  }

  @Test
  void leavesItToTheSystemWhereNothingIsSaid() throws IOException {
    NioSocketChannel channel = new NioSocketChannel();
    Keepalive.set(channel, Duration.ZERO);
    assertThat(channel.config().getOption(ChannelOption.SO_KEEPALIVE)).isFalse();
    channel.unsafe().closeForcibly();
  }
}
