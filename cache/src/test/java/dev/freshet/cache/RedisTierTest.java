package dev.freshet.cache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.testkit.RedisServer;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RedisTierTest {
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

  @Test
  void whatOneProgramStoredTheNextOneFinds() {
    try (Node before = Node.up(redis)) {
      before.put("k", "text", "g1", "g2");
    }
    try (Node after = Node.up(redis)) {
      assertThat(after.heap("k")).isNull();
      assertThat(after.second("k")).isEqualTo("text");
      assertThat(after.heap("k")).isEqualTo("text");
      Resource<String> resource = Objects.requireNonNull(after.cache.heap("k"));
      assertThat(resource.get(0).groups()).containsExactly("g1", "g2");
      assertThat(after.second("other")).isNull();
    }
  }

  @Test
  void whatWasPurgedBeforeARestartStaysPurged() {
    try (Node before = Node.up(redis)) {
      before.settle("a", "a");
      before.settle("a\nann", "ann");
      before.settle("b/1", "b");
      before.settle("c", "c", "g");
      before.settle("d", "d");
      before.settle("e", "e", "h");
      before.cache.purge(new Purge.Url("a", false));
      before.cache.purge(new Purge.Prefix("b/", false));
      before.cache.purge(new Purge.Group("g", false));
      before.cache.purge(new Purge.Group("h", true));
      before.awaitDelivered();
    }
    try (Node after = Node.up(redis)) {
      assertThat(after.second("a")).isNull();
      assertThat(after.second("a\nann")).isNull();
      assertThat(after.second("b/1")).isNull();
      assertThat(after.second("c")).isNull();
      assertThat(after.second("d")).isEqualTo("d");
      assertThat(after.second("e")).isEqualTo("soft e");
      after.cache.purge(new Purge.Everything(false));
      after.awaitDelivered();
      assertThat(after.second("d")).isNull();
    }
  }

  @Test
  void aPurgeSaysHowManyUrlsRedisHeld() {
    try (Node one = Node.up(redis);
        Node other = Node.up(redis)) {
      one.settle("a", "a", "g");
      one.settle("b", "b");
      assertThat(other.purged(new Purge.Url("a", true))).isEqualTo(1);
      assertThat(other.purged(new Purge.Url("a", false))).isEqualTo(1);
      assertThat(other.purged(new Purge.Url("a", false))).isZero();
      assertThat(other.purged(new Purge.Url("never", true))).isZero();
    }
  }

  @Test
  void aPurgeThatRedisHasNotHeardOfIsNotCountedUntilItHas() {
    redis.close();
    redis = RedisServer.start("--appendonly", "yes", "--appendfsync", "always");
    try (Node node = Node.up(redis)) {
      node.settle("k", "k");
      redis.kill();
      node.awaitState("down");
      CompletableFuture<Noted> heard =
          Objects.requireNonNull(node.cache.purge(new Purge.Url("k", false)).second());
      assertThat(heard).isNotDone();
      redis.restart();
      Node.await(heard::isDone, "the purge's arrival");
      assertThat(node.hits(List.of(heard.join()))).isEqualTo(1);
    }
  }

  @Test
  void purgesReachTheOtherNodesHeapAndItsFillsUnderWay() {
    try (Node one = Node.up(redis);
        Node two = Node.up(redis)) {
      two.settle("a", "a");
      two.settle("b", "b", "g");
      two.settle("c/1", "c");
      long begun = two.cache.stamp();
      one.cache.purge(new Purge.Url("a", false));
      Node.await(() -> two.heap("a") == null, "the URL's purge");
      one.cache.purge(new Purge.Group("g", true));
      Node.await(() -> "soft b".equals(two.heap("b")), "the group's purge");
      one.cache.purge(new Purge.Prefix("c/", false));
      Node.await(() -> two.heap("c/1") == null, "the prefix's purge");
      assertThat(two.put("a", "old", begun)).isFalse();
      assertThat(two.put("c/2", "old", begun)).isFalse();
      two.put("d", "d");
      one.cache.purge(new Purge.Everything(false));
      Node.await(() -> two.heap("d") == null, "everything's purge");
    }
  }

  @Test
  void aFillBegunBeforeAnotherNodesPurgeIsNotFoundByAnyone() {
    try (Node one = Node.up(redis);
        Node two = Node.up(redis)) {
      long begun = two.cache.stamp();
      one.cache.purge(new Purge.Group("g", false));
      one.awaitDelivered();
      long before = two.written();
      if (two.put("k", "old", begun, "g")) {
        Node.await(() -> two.written() > before, "the write");
      }
      assertThat(one.second("k")).isNull();
      one.settle("k", "new", "g");
      Node.await(() -> "new".equals(two.second("k")), "two's hearing of the purge");
    }
  }

  @Test
  void aPurgeWhileRedisIsAwayIsKeptUntilItArrives() {
    redis.close();
    redis = RedisServer.start("--appendonly", "yes", "--appendfsync", "always");
    try (Node node = Node.up(redis)) {
      node.settle("k", "old", "g");
      node.settle("u", "old");
      node.settle("p/1", "old");
      node.settle("kept", "kept");
      redis.kill();
      node.awaitState("down");
      node.cache.purge(new Purge.Group("g", false));
      node.cache.purge(new Purge.Url("u", false));
      node.cache.purge(new Purge.Prefix("p/", false));
      assertThat(node.second("k")).isNull();
      redis.restart();
      node.awaitState("up");
      assertThat(node.second("k")).isNull();
      assertThat(node.second("u")).isNull();
      assertThat(node.second("p/1")).isNull();
      node.awaitDelivered();
      assertThat(node.second("kept")).isEqualTo("kept");
    }
    try (Node after = Node.up(redis)) {
      assertThat(after.second("k")).isNull();
      assertThat(after.second("u")).isNull();
      assertThat(after.second("p/1")).isNull();
      assertThat(after.second("kept")).isEqualTo("kept");
    }
  }

  @Test
  void aFrozenRedisCostsAtMostTheBudgetAndSoonNothing() {
    try (Node node = Node.withBudget(redis, Duration.ofMillis(50))) {
      node.awaitState("up");
      node.put("k", "text");
      redis.freeze();
      long longest = 0;
      for (int i = 0; i < 20; i++) {
        long began = System.nanoTime();
        assertThat(node.second("k")).isNull();
        longest = Math.max(longest, System.nanoTime() - began);
      }
      assertThat(Duration.ofNanos(longest)).isLessThan(Duration.ofSeconds(1));
      assertThat(node.cache.stats().second()).isEqualTo("slow");
      for (int i = 0; i < 100; i++) {
        assertThat(node.cache.second("k")).isDone();
      }
      redis.thaw();
      node.awaitState("up");
      node.settle("k2", "text2");
      Node.await(() -> "text2".equals(node.second("k2")), "the tier's return");
    }
  }

  @Test
  void anEmptiedRedisIsAnotherEpoch() {
    try (Node node = Node.up(redis)) {
      node.settle("k", "old");
      redis.command("DEL", "freshet:purges");
      Node.await(() -> node.second("k") == null, "the other epoch");
      redis.kill();
      node.awaitState("down");
      redis.restart();
      node.awaitState("up");
      Node.await(
          () -> {
            node.put("k", "new");
            return "new".equals(node.second("k"));
          },
          "the epoch after");
      assertThat(node.heap("k")).isEqualTo("new");
    }
  }

  @Test
  void damagedAndForeignValuesAreMisses() {
    try (Node node = Node.up(redis)) {
      node.settle("k", "text", "g");
      redis.command("SETRANGE", "freshet:v:k", "40", "X");
      redis.command("SET", "freshet:v:short", "0");
      redis.command("SET", "freshet:v:long", "ffffffff" + "x".repeat(100));
      assertThat(node.second("k")).isNull();
      assertThat(node.second("short")).isNull();
      assertThat(node.second("long")).isNull();
      redis.command("LPUSH", "freshet:v:list", "x");
      assertThat(node.second("list")).isNull();
      assertThat(node.cache.stats().second()).isEqualTo("up");
    }
  }

  @Test
  void valuesExpireAndRemovalsAreWrittenThrough() {
    try (Node node = Node.up(redis)) {
      node.settle("k", "text");
      assertThat(redis.command("PTTL", "freshet:v:k")).matches(":[1-9][0-9]+\r\n");
      node.cache.remove("k");
      Node.await(() -> redis.command("EXISTS", "freshet:v:k").startsWith(":0"), "the removal");
    }
  }

  @Test
  void everyPurgeHasItsPlaceWhateverIsForgotten() {
    try (Node node = Node.up(redis)) {
      node.settle("p1/x", "old");
      for (int i = 0; i < 100; i++) {
        node.cache.purge(new Purge.Prefix("p" + i + "/", false));
      }
      node.awaitDelivered();
      assertThat(node.second("p1/x")).isNull();
    }
    try (Node after = Node.up(redis)) {
      assertThat(after.second("p1/x")).as("under the floor").isNull();
    }
  }
}
