package dev.freshet.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.freshet.base.HostPort;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class OriginConfigTest {

  @Test
  void readsUrlsOfOrigins() {
    assertThat(OriginUrl.parse("http://127.0.0.1:3000"))
        .isEqualTo(new OriginUrl("http", new HostPort("127.0.0.1", 3000)));
    assertThat(OriginUrl.parse("https://Shop.Example/"))
        .isEqualTo(new OriginUrl("https", new HostPort("shop.example", 443)));
    assertThat(OriginUrl.parse("http://[::1]:80").address().host()).isEqualTo("::1");
  }

  @Test
  void namesOriginsWithoutTheSchemesDefaultPort() {
    assertThat(OriginUrl.parse("http://a:80").authority()).isEqualTo("a");
    assertThat(OriginUrl.parse("https://a:80").authority()).isEqualTo("a:80");
    assertThat(OriginUrl.parse("http://[::1]:80")).hasToString("http://[::1]");
    assertThat(OriginUrl.parse("http://[::1]:3000")).hasToString("http://[::1]:3000");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "127.0.0.1:3000",
        "ftp://a",
        "http://",
        "http://a/path",
        "http://a?query",
        "http://user@a",
        "http://a:0",
        "http://a:99999",
        "http://a b",
        ""
      })
  void refusesWhatIsNoOrigin(String text) {
    assertThatThrownBy(() -> OriginUrl.parse(text)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void hasDefaultsForEverythingButTheOrigins() {
    OriginConfig config = OriginConfig.defaults(List.of(OriginUrl.parse("http://a")));
    assertThat(config.protocol()).isEqualTo(OriginConfig.Protocol.AUTO);
    assertThat(config.hostHeader()).isEqualTo(OriginConfig.HostHeader.CLIENT);
    assertThat(config.pool())
        .isEqualTo(
            new OriginConfig.Pool(256, 1_024, Duration.ofSeconds(50), Duration.ofMinutes(10), 2));
    assertThat(config.waits())
        .isEqualTo(
            new OriginConfig.Waits(
                Duration.ofSeconds(4),
                Duration.ofSeconds(5),
                Duration.ofSeconds(60),
                Duration.ofSeconds(60),
                Duration.ofHours(1)));
    assertThat(config.tries()).isEqualTo(new OriginConfig.Tries(3, 65_536, 65_536, 256));
    assertThat(config.health())
        .isEqualTo(
            new OriginConfig.Health(
                5, Duration.ofSeconds(5), Duration.ofMinutes(1), OriginConfig.AllDown.TRY, null));
    assertThat(config.tls()).isEqualTo(new OriginConfig.Tls(null, true));
    assertThat(OriginConfig.Check.of("/up"))
        .isEqualTo(new OriginConfig.Check("/up", Duration.ofSeconds(2), Duration.ofSeconds(1), 0));
  }

  @Test
  void refusesWhatCannotBeMeant() {
    Duration second = Duration.ofSeconds(1);
    assertRefused(() -> OriginConfig.defaults(List.of()), "origin");
    assertRefused(() -> new OriginConfig.Pool(0, 1, second, second, 1), "connectionsMax");
    assertRefused(() -> new OriginConfig.Pool(1, 0, second, second, 1), "waitingMax");
    assertRefused(() -> new OriginConfig.Pool(1, 1, second, second, 0), "http2ConnectionsMax");
    assertRefused(() -> new OriginConfig.Pool(1, 1, second.plusNanos(1), second, 1), "idle");
    assertRefused(
        () -> new OriginConfig.Waits(Duration.ZERO, second, second, second, second), "connect");
    assertRefused(() -> new OriginConfig.Tries(0, 1, 1, 1), "tries.max");
    assertRefused(
        () ->
            new OriginConfig.Health(
                1, second, second.minusNanos(1), OriginConfig.AllDown.TRY, null),
        "ejectionMax");
    assertRefused(() -> OriginConfig.Check.of("up"), "path");
  }

  private static void assertRefused(Runnable making, String named) {
    assertThatThrownBy(making::run)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(named);
  }
}
