package dev.freshet.edge;

import static dev.freshet.testkit.Eventually.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.cache.SecondTierConfig;
import dev.freshet.testkit.RawClient.Response;
import dev.freshet.testkit.RedisServer;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What a second tier does for answers, on a real Redis.
class EdgeSecondTierTest {
  private RedisServer redis;

  @BeforeEach
  void start() {
    Assumptions.assumeTrue(
        RedisServer.program().isPresent(), "skipped: there is no redis-server on the PATH");
    redis = RedisServer.start();
  }

  @AfterEach
  void stop() {
    if (redis != null) {
      redis.close();
    }
  }

  private Shopfront open() {
    return open(Duration.ofSeconds(2));
  }

  private Shopfront open(Duration budget) {
    SecondTierConfig second = new SecondTierConfig(redis.url(), budget, 1_000, null);
    Shopfront shop = new Shopfront(second, Set.of());
    await(() -> shop.edge.cacheSnapshot().second().equals("up"), "the second tier");
    return shop;
  }

  private boolean isStored(String path) {
    return redis.command("KEYS", "freshet:v:*" + path + "*").startsWith("*1");
  }

  @Test
  void anAnswerOutlivesTheProgram() {
    try (Shopfront shop = open()) {
      shop.page("/a", "hello", "Cache-Control: max-age=60", "X-Word: said", "Vary: X-Kind");
      shop.client().get("/a", "X-Kind: 1");
      await(() -> isStored("/a"), "the write");
    }
    try (Shopfront shop = open()) {
      Response found = shop.client().get("/a", "X-Kind: 1");
      assertThat(found.status()).isEqualTo(200);
      assertThat(found.text()).isEqualTo("hello");
      assertThat(found.field("X-Word")).isEqualTo("said");
      assertThat(found.field("Cache-Status")).contains("hit");
      assertThat(shop.asked("/a")).isZero();
      assertThat(shop.client().get("/a", "X-Kind: 2").status()).isEqualTo(404);
    }
  }

  @Test
  void aPurgeOnOneNodeReachesTheOther() {
    try (Shopfront one = open();
        Shopfront two = open()) {
      two.page("/a", "old", "Cache-Control: max-age=60", "Surrogate-Key: g");
      two.client().get("/a");
      one.edge.purgeAll(false);
      two.page("/a", "new", "Cache-Control: max-age=60", "Surrogate-Key: g");
      await(() -> two.client().get("/a").text().equals("new"), "the purge");
    }
  }

  /// Else each part that a player asks for would have all that went before written again.
  @Test
  void partsAreToldToOthersAsTheyComeAndWhenNothingIsMissing() {
    String all = "0123456789abcdefghij";
    try (Shopfront one = open();
        Shopfront two = open()) {
      one.act(
          "/film",
          (peer, head) -> {
            int from = Integer.parseInt(head.replaceAll("(?s).*bytes=(\\d+)-.*", "$1"));
            int to = from + 4;
            peer.send("HTTP/1.1 206 Partial Content\r\nETag: \"v\"\r\nContent-Length: 5\r\n");
            peer.send("Cache-Control: max-age=60\r\nContent-Range: bytes " + from + "-" + to);
            peer.send("/20\r\n\r\n" + all.substring(from, to + 1));
          });
      for (int from = 0; from < 20; from += 5) {
        String range = "Range: bytes=" + from + "-" + (from + 4);
        assertThat(one.get("/film", range).text()).isEqualTo(all.substring(from, from + 5));
        await(() -> isHit(one.get("/film", range)), "the part to be stored");
      }
      await(() -> two.get("/film", "Cache-Control: only-if-cached").text().equals(all), "it all");
      await(() -> written(one) >= 2, "the first part and the whole");
      assertThat(written(one)).isEqualTo(2);
    }
  }

  private static boolean isHit(Response response) {
    return String.valueOf(response.field("Cache-Status")).contains("; hit");
  }

  private static long written(Shopfront shop) {
    return shop.meters.counter("freshet_second_writes_total", "").sum();
  }

  @Test
  void aFrozenRedisDoesNotKeepAnswersBack() {
    try (Shopfront shop = open(Duration.ofMillis(200))) {
      shop.echoTargets();
      redis.freeze();
      for (int i = 0; i < 20; i++) {
        assertThat(shop.client().get("/" + i).text()).isEqualTo("/" + i);
      }
      assertThat(shop.edge.cacheSnapshot().second()).isNotEqualTo("up");
    }
  }
}
