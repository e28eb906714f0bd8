package dev.freshet.cache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.base.Rolls;
import dev.freshet.base.Time;
import dev.freshet.testkit.RedisServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// How many values purges hit in Redis.
class PurgeSearchTest {
  private RedisServer redis;
  private Node one;
  private Node other;

  @BeforeEach
  void start() {
    Assumptions.assumeTrue(
        RedisServer.program().isPresent(), "skipped: there is no redis-server on the PATH");
    redis = RedisServer.start();
    one = Node.up(redis);
    other = Node.up(redis);
  }

  @AfterEach
  void stop() {
    if (redis != null) {
      one.close();
      other.close();
      redis.close();
    }
  }

  @Test
  void countsWhatGroupsPrefixesAndEverythingHeld() {
    one.settle("p/1", "1", "g", "h");
    one.settle("p/2", "2", "g");
    one.settle("p/2\nann", "hers", "g");
    one.settle("q/1", "3", "h:g");
    one.settle("q/2", "4");
    assertThat(other.purged(new Purge.Group("g", true))).as("marked stale").isEqualTo(3);
    assertThat(other.purged(new Purge.Group("g", false))).isEqualTo(3);
    assertThat(other.purged(new Purge.Group("g", false))).as("gone already").isZero();
    assertThat(other.purged(new Purge.Prefix("p/", false))).as("gone already").isZero();
    assertThat(other.purged(new Purge.Prefix("q/", true))).isEqualTo(2);
    assertThat(other.purged(new Purge.Group("nobody", false))).isZero();
    assertThat(other.purged(new Purge.Group("h:g", false), new Purge.Prefix("q/", false)))
        .as("one that two purges cover")
        .isEqualTo(2);
    // Under a name of its own: this node may not have heard of the other's purges yet.
    one.settle("r/1", "5");
    assertThat(other.purged(new Purge.Everything(false))).isEqualTo(1);
    assertThat(other.purged(new Purge.Everything(false))).isZero();
  }

  @Test
  void countsNothingThatCameAfterThePurge() {
    one.settle("k", "old", "g");
    Noted purge = one.noted(new Purge.Group("g", false));
    one.settle("k", "new", "g");
    assertThat(one.hits(List.of(purge))).isZero();
    assertThat(other.second("k")).isEqualTo("new");
    assertThat(one.purged(new Purge.Group("g", false))).isEqualTo(1);
  }

  @Test
  void namesAreNoPatterns() {
    one.settle("a*c", "1");
    one.settle("abc", "2");
    one.settle("a[b]c?", "3");
    one.settle("a\\c", "4");
    assertThat(one.purged(new Purge.Prefix("a*", false))).isEqualTo(1);
    assertThat(one.purged(new Purge.Prefix("a[b]", false))).isEqualTo(1);
    assertThat(one.purged(new Purge.Prefix("a\\", false))).isEqualTo(1);
    assertThat(one.second("abc")).isEqualTo("2");
  }

  @Test
  void whatNobodyWillBeGivenLeavesRedis() {
    one.settle("a", "1", "g");
    one.settle("b", "2", "h");
    one.put("c", "3", "g");
    long before = one.written();
    one.cache.put(
        "c",
        one.cache.newEntry("other", new byte[1][1], List.of("h"), one.cache.stamp(), 100),
        old -> false,
        System.currentTimeMillis() + 600_000);
    Node.await(() -> one.written() > before, "the write of both");
    assertThat(one.purged(new Purge.Group("g", false))).isEqualTo(2);
    assertThat(redis.command("EXISTS", "freshet:v:a")).startsWith(":0");
    assertThat(redis.command("EXISTS", "freshet:v:b")).startsWith(":1");
    assertThat(redis.command("EXISTS", "freshet:v:c")).as("has another still").startsWith(":1");
    assertThat(one.purged(new Purge.Group("g", false))).as("again").isZero();
    assertThat(one.purged(new Purge.Group("h", false))).isEqualTo(2);
    assertThat(redis.command("EXISTS", "freshet:v:c")).startsWith(":0");
  }

  @Test
  void saysSoWhenTheTimeDoesNotDo() throws InterruptedException {
    one.settle("a", "1");
    Noted purge = one.noted(new Purge.Prefix("a", true));
    try (RedisLink link = new RedisLink(Node.config(redis.url(), null))) {
      link.connect();
      Time time = Time.system();
      PurgeSearch search = new PurgeSearch(link, time);
      assertThat(search.hits(List.of(purge), Duration.ofSeconds(20))).isEqualTo(1);
      assertThat(search.hits(List.of(purge), Duration.ZERO)).isEqualTo(-1);
    }
    redis.command("FLUSHALL");
    assertThat(one.hits(List.of(purge))).as("another epoch").isEqualTo(-1);
  }

  /// Against a model that keeps for each key whether something of it is left.
  @Test
  void countsAsAModelDoes() {
    Rolls rolls = new Rolls(System.nanoTime());
    Map<String, List<String>> held = new HashMap<>();
    for (int i = 0; i < 150; i++) {
      if (rolls.chance(0.6)) {
        String key = "k/" + rolls.between(0, 3) + "/" + rolls.between(0, 7);
        List<String> groups = Stream.of("a", "b", "c").filter(g -> rolls.chance(0.3)).toList();
        one.settle(key, "text " + i, groups.toArray(String[]::new));
        held.put(key, groups);
        continue;
      }
      List<Purge> purges = new ArrayList<>();
      boolean soft = rolls.chance(0.3);
      for (int n = 1 + rolls.between(0, 1); n > 0; n--) {
        purges.add(purge(rolls, soft));
      }
      List<String> hit =
          held.entrySet().stream()
              .filter(e -> purges.stream().anyMatch(p -> covers(p, e.getKey(), e.getValue())))
              .map(Map.Entry::getKey)
              .toList();
      assertThat(one.purged(purges.toArray(Purge[]::new)))
          .as("%s of %s, seed %d", purges, held, rolls.seed())
          .isEqualTo(hit.size());
      if (!soft) {
        hit.forEach(held::remove);
      }
    }
  }

  private static Purge purge(Rolls rolls, boolean soft) {
    return switch (rolls.between(0, 7)) {
      case 0 -> new Purge.Everything(soft);
      case 1, 2 -> new Purge.Prefix("k/" + rolls.between(0, 3), soft);
      default -> new Purge.Group(rolls.oneOf(List.of("a", "b", "c")), soft);
    };
  }

  private static boolean covers(Purge purge, String key, List<String> groups) {
    return switch (purge) {
      case Purge.Url(var name, _) -> key.equals(name);
      case Purge.Prefix(var prefix, _) -> key.startsWith(prefix);
      case Purge.Group(var name, _) -> groups.contains(name);
      case Purge.Everything _ -> true;
    };
  }
}
