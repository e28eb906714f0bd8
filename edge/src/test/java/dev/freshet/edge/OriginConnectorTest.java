package dev.freshet.edge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.base.Time;
import dev.freshet.testkit.ScriptedOrigin;
import io.netty.channel.Channel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class OriginConnectorTest {
  private final OriginsFixture edge = new OriginsFixture();
  private final List<String> heard = new CopyOnWriteArrayList<>();

  @AfterEach
  void close() {
    edge.close();
  }

  /// Writes down how it went and closes what was opened.
  private final class Notes implements OriginConnector.Opening {
    @Override
    public void opened(Channel channel, boolean http2) {
      heard.add(((InetSocketAddress) channel.remoteAddress()).getAddress().getHostAddress());
      channel.close();
    }

    @Override
    public void refused(UpstreamFailure failure) {
      heard.add(failure.kind().name());
    }
  }

  private OriginConnector connector(ScriptedOrigin listening, String... addresses) {
    OriginUrl url = OriginUrl.parse("http://shop.example:" + listening.port());
    OriginConfig config = OriginConfig.defaults(List.of(url));
    Origin origin = new Origin(url, config, Time.system(), edge.meters);
    OriginNames names =
        new OriginNames(
            "shop.example",
            Time.system(),
            host -> {
              InetAddress[] out = new InetAddress[addresses.length];
              for (int i = 0; i < addresses.length; i++) {
                out[i] = InetAddress.getByName(addresses[i]);
              }
              return out;
            });
    return new OriginConnector(origin, names, null, config.protocol());
  }

  private String connect(OriginConnector connector) {
    int before = heard.size();
    edge.loop.execute(() -> connector.connect(edge.loop, new Notes()));
    edge.awaitThat(() -> heard.size() > before);
    return heard.getLast();
  }

  @Test
  void triesOneAddressAfterTheOtherAndBeginsWithTheLastGoodOne() {
    try (ScriptedOrigin origin = ScriptedOrigin.start(peer -> peer.awaitEnd())) {
      OriginConnector connector = connector(origin, "127.0.0.2", "127.0.0.3", "127.0.0.1");
      assertThat(connect(connector)).isEqualTo("127.0.0.1");
      assertThat(connect(connector)).isEqualTo("127.0.0.1");
    }
  }

  @Test
  void failsWhenNoAddressAnswers() {
    try (ScriptedOrigin origin = ScriptedOrigin.start(peer -> peer.awaitEnd())) {
      assertThat(connect(connector(origin, "127.0.0.2", "127.0.0.3"))).isEqualTo("CONNECT_REFUSED");
    }
  }
}
