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
