package dev.freshet.edge;

import static dev.freshet.edge.RowWorld.product;
import static dev.freshet.edge.RowWorld.reading;
import static dev.freshet.testkit.Eventually.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.cache.SecondTierConfig;
import dev.freshet.edge.RouteRule.Share;
import dev.freshet.freshness.Comparison;
import dev.freshet.freshness.Dependency;
import dev.freshet.testkit.RedisServer;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Nodes that share what rows keep, on a real Redis: each judges by its own feed.
class RowsSecondTierTest {
  private RedisServer redis;
  private final RowWorld here = new RowWorld(null);
  private final RowWorld there = new RowWorld(null);

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

  private Shopfront open(RowWorld world, String... depends) {
    SecondTierConfig second = new SecondTierConfig(redis.url(), Duration.ofSeconds(2), 1_000, null);
    Shopfront shop =
        Shopfront.on(world.database(), second, Shopfront.rows("/**", Share.PUBLIC, depends));
    await(() -> shop.edge.cacheSnapshot().second().equals("up"), "the second tier");
    return shop;
  }

  private void store(Shopfront shop, RowWorld world, String path, Dependency from) {
    shop.act(path, world.answer("made here", reading(from)));
    shop.get(path);
    await(() -> redis.command("KEYS", "freshet:v:*" + path + "*").startsWith("*1"), "the write");
  }

  private String stored(String path) {
    String name = redis.command("KEYS", "freshet:v:*" + path + "*").split("\r\n", -1)[2];
    return redis.command("GET", name);
  }

  @Test
  void anotherNodeServesItUntilItHearsOfAChange() {
    Dependency all = new Dependency.Table(RowWorld.PRODUCTS);
    try (Shopfront one = open(here);
        Shopfront two = open(there)) {
      store(one, here, "/p", all);
      assertThat(two.get("/p").text()).isEqualTo("made here");
      there.change(42);
      two.act("/p", there.answer("made there", reading(all)));
      assertThat(two.get("/p").text()).isEqualTo("made there");
      assertThat(one.get("/p").text()).isEqualTo("made here");
      assertThat(one.asked("/p")).isEqualTo(1);
    }
  }

  /// Each change costs the app one answer, and not one for each node.
  @Test
  void whatANodeMadeAfterAChangeServesTheOthersWhoHadItBefore() {
    Dependency all = new Dependency.Table(RowWorld.PRODUCTS);
    there.meets("here");
    try (Shopfront one = open(here);
        Shopfront two = open(there)) {
      store(one, here, "/p", all);
      assertThat(two.get("/p").text()).isEqualTo("made here");
      here.change(42);
      there.change(42);
      one.act("/p", here.answer("made anew", reading(all)));
      assertThat(one.get("/p").text()).isEqualTo("made anew");
      await(() -> stored("/p").contains("made anew"), "the write");
      assertThat(two.get("/p").text()).isEqualTo("made anew");
      assertThat(two.asked("/p")).isZero();
      there.change(43);
      two.act("/p", there.answer("made there", reading(all)));
      assertThat(two.get("/p").text()).isEqualTo("made there");
    }
  }

  /// Also by the node that leaves it to the other at first: that one never hears of the change.
  @Test
  void whatIsPopularIsMadeAgainByWhoeverHearsOfAChange() {
    Dependency all = new Dependency.Table(RowWorld.PRODUCTS);
    there.meets("there", "here");
    try (Shopfront two = open(there)) {
      for (int i = 0; i < 8; i++) {
        popular(two, "/" + i);
      }
      for (int i = 0; i < 8; i++) {
        two.act("/" + i, there.answer("new", reading(all)));
      }
      there.change(42);
      await(() -> two.edge.snapshot().routes().getFirst().renewals() == 8, "all renewals");
      await(() -> two.gauge("freshet_edge_renewals_due") == 0, "their end");
      for (int i = 0; i < 8; i++) {
        assertThat(two.get("/" + i).field("Cache-Status")).isEqualTo("freshet; hit");
      }
    }
  }

  private void popular(Shopfront shop, String path) {
    shop.act(path, there.answer("old", reading(new Dependency.Table(RowWorld.PRODUCTS))));
    for (int i = 0; i < 4; i++) {
      shop.get(path);
    }
  }

  /// A place that got lost would be missed by the next.
  @Test
  void faultsOfRenewalsTakeNoPlaceFromOthers() {
    there.meets("there", "here");
    try (Shopfront two = open(there, "products")) {
      for (int i = 0; i < 3; i++) {
        popular(two, "/" + i);
      }
      there.isBroken.set(true);
      there.change(42);
      await(() -> two.gauge("freshet_edge_renewals_due") == 0, "the end of what is broken");
      there.isBroken.set(false);
      popular(two, "/last");
      there.change(42);
      await(() -> two.edge.snapshot().routes().getFirst().renewals() == 1, "a renewal");
    }
  }

  @Test
  void anotherNodeKnowsWhichColumnsCount() {
    Dependency.Whole all = new Dependency.Table(RowWorld.PRODUCTS);
    Dependency byName = Dependency.Columns.of(all, List.of(3));
    try (Shopfront one = open(here);
        Shopfront two = open(there)) {
      store(one, here, "/p", byName);
      there.update(42, 4);
      assertThat(two.get("/p").text()).isEqualTo("made here");
      there.update(42, 3);
      two.act("/p", there.answer("made there", reading(byName)));
      assertThat(two.get("/p").text()).isEqualTo("made there");
    }
  }

  @Test
  void anotherNodeKnowsWhatIsShownOfARow() {
    Dependency.Rows row = new Dependency.Rows(RowWorld.PRODUCTS, RowWorld.ID, "42");
    Dependency price = Dependency.Columns.shown(row, List.of(RowWorld.PRICE));
    try (Shopfront one = open(here);
        Shopfront two = open(there)) {
      store(one, here, "/p", price);
      there.update(42, RowWorld.STOCK);
      assertThat(two.get("/p").text()).isEqualTo("made here");
      there.update(42, RowWorld.PRICE);
      two.act("/p", there.answer("made there", reading(price)));
      assertThat(two.get("/p").text()).isEqualTo("made there");
    }
  }

  @Test
  void anotherNodeKnowsWhichComparisonsCount() {
    Dependency inStock =
        new Dependency.Columns(
            new Dependency.Table(RowWorld.PRODUCTS),
            List.of(3),
            List.of(new Comparison(4, Comparison.Sign.AT_MOST, "0")));
    try (Shopfront one = open(here);
        Shopfront two = open(there)) {
      store(one, here, "/p", inStock);
      assertThat(two.get("/p").text()).isEqualTo("made here");
      there.update(42, 4);
      assertThat(two.get("/p").text()).isEqualTo("made here");
      there.turn(42, 4);
      two.act("/p", there.answer("made there", reading(inStock)));
      assertThat(two.get("/p").text()).isEqualTo("made there");
    }
  }

  /// It can't know whether the feed told a change of that row before somebody here asked for it.
  @Test
  void aNodeThatHasSeenChangesSinceTrustsNoRowsItDidNotWatch() {
    try (Shopfront one = open(here);
        Shopfront two = open(there)) {
      store(one, here, "/p", product(42));
      there.change(42);
      two.act("/p", there.answer("made there", reading(product(42))));
      assertThat(two.get("/p").text()).isEqualTo("made there");
    }
  }

  @Test
  void aNodeVouchesForNothingOlderThanItsFeed() {
    RowWorld later = new RowWorld(null);
    later.change(1);
    later.attach();
    try (Shopfront one = open(here);
        Shopfront two = open(later)) {
      store(one, here, "/p", product(42));
      two.act("/p", later.answer("made there", reading(product(42))));
      assertThat(two.get("/p").text()).isEqualTo("made there");
    }
  }

  @Test
  void thePurgeOfATableReachesTheOtherNode() {
    Dependency all = new Dependency.Table(RowWorld.PRODUCTS);
    try (Shopfront one = open(here);
        Shopfront two = open(there)) {
      store(one, here, "/p", all);
      assertThat(two.get("/p").text()).isEqualTo("made here");
      two.act("/p", there.answer("made there", reading(all)));
      one.edge.purgeTable("products", false);
      await(() -> two.get("/p").text().equals("made there"), "the purge");
    }
  }
}
