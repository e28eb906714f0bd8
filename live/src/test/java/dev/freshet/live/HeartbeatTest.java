package dev.freshet.live;

import static dev.freshet.testkit.Eventually.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.testkit.RawClient;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/// Channels on which nothing happens: proxies in between drop what is silent, and who is gone
/// without a word is not kept.
class HeartbeatTest {
  private static LiveConfig config(Duration heartbeat) {
    LiveConfig d = LiveConfig.defaults();
    return new LiveConfig(
        d.origins(),
        d.maxClients(),
        d.maxPerAddress(),
        d.maxUrls(),
        d.maxContent(),
        d.maxFetches(),
        heartbeat,
        d.trustForwarded());
  }

  @Test
  void aChannelWithNothingToSayBeats() {
    try (Stage stage = new Stage(config(Duration.ofSeconds(1)));
        Browser browser = new Browser(stage.port(), null)) {
      stage.write("a", "1");
      assertThat(browser.subscribe("/rows/a", "body").next().path("version").asText()).isNotEmpty();
      await(() -> browser.beats.get() > 0, "a beat");
      assertThat(browser.closeCode()).isZero();
    }
  }

  @Test
  void whoAnswersNoBeatIsNotKept() {
    try (Stage stage = new Stage(config(Duration.ofMillis(100)));
        RawClient silent = RawClient.to(stage.port())) {
      RawClient.Response opened =
          silent.get(
              Live.CHANNEL,
              "Connection: Upgrade",
              "Upgrade: websocket",
              "Sec-WebSocket-Version: 13",
              "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==");
      assertThat(opened.status()).isEqualTo(101);
      await(() -> stage.live.snapshot().clients() == 0, "its end");
    }
  }
}
