package dev.freshet.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.freshet.testkit.RedisServer;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// One trip for all who ask the same, on octets that are the server's own.
@Timeout(60)
class SharedResultTest {
  private static final String DISHES = "select dish, price from menu where price <= $1 order by id";

  @BeforeEach
  void lay() throws SQLException {
    Kitchen.laid();
  }

  private static void warm(Kitchen kitchen, RawPg client, byte[]... unit) throws Exception {
    long before = kitchen.count("hit");
    for (int i = 0; i < 2_000 && kitchen.count("hit") == before; i++) {
      client.ask(unit);
    }
    assertThat(kitchen.count("hit")).isGreaterThan(before);
  }

  private static byte[] bind(String name) {
    return Say.bind("", name, "5");
  }

  @Test
  void saysTheServersOctetsWhateverIsDescribed() throws Exception {
    List<byte[]> units =
        List.of(
            Say.query("select dish, price from menu where price <= 5 order by id"),
            Say.all(Say.parse("", DISHES), bind(""), Say.execute("", 0), Say.sync()),
            Say.all(
                Say.parse("", DISHES),
                bind(""),
                Say.describe('P', ""),
                Say.execute("", 0),
                Say.sync()),
            Say.all(
                Say.parse("", DISHES),
                Say.describe('S', ""),
                bind(""),
                Say.execute("", 0),
                Say.sync()),
            Say.all(bind("kept"), Say.describe('P', ""), Say.execute("", 0), Say.sync()),
            Say.all(bind("kept"), Say.execute("", 0), Say.sync()));
    try (Kitchen kitchen = new Kitchen();
        RawPg client = RawPg.open(kitchen.gateway);
        RawPg direct = RawPg.open(Backstage.url().server().port())) {
      for (RawPg each : List.of(client, direct)) {
        each.ask(Say.parse("kept", DISHES), Say.sync());
      }
      for (byte[] unit : units) {
        String expected = direct.ask(unit).toString();
        warm(kitchen, client, unit);
        long before = kitchen.count("hit");
        assertThat(client.ask(unit).toString()).isEqualTo(expected);
        assertThat(kitchen.count("hit")).isEqualTo(before + 1);
      }
      // All of them at once, and again in the other order.
      List<byte[]> both = new ArrayList<>(units);
      both.addAll(units.reversed());
      byte[] pipeline = Say.all(both.toArray(byte[][]::new));
      client.send(pipeline);
      direct.send(pipeline);
      assertThat(client.answers(both.size()).toString())
          .isEqualTo(direct.answers(both.size()).toString());
    }
  }

  @Test
  void aStatementPreparedWithAnAnswerFromMemoryIsPreparedAllTheSame() throws Exception {
    byte[] unit =
        Say.all(
            Say.parse("mine", DISHES), Say.bind("", "mine", "5"), Say.execute("", 0), Say.sync());
    try (Kitchen kitchen = new Kitchen();
        RawPg first = RawPg.open(kitchen.gateway)) {
      byte[] unnamed = Say.all(Say.parse("", DISHES), bind(""), Say.execute("", 0), Say.sync());
      warm(kitchen, first, unnamed);
      try (RawPg second = RawPg.open(kitchen.gateway)) {
        long before = kitchen.count("hit");
        second.ask(unit);
        assertThat(kitchen.count("hit")).isEqualTo(before + 1);
        assertThat(
                second.ask(Say.bind("", "mine", "2"), Say.execute("", 0), Say.sync()).stream()
                    .filter(said -> said.tag() == 'D'))
            .hasSize(2);
      }
    }
  }

  @Test
  void whatADriverNoLongerNeedsGoesWithItsNextStatementFromMemoryToo() throws Exception {
    byte[] question = Say.all(bind("kept"), Say.execute("", 0), Say.sync());
    try (Kitchen kitchen = new Kitchen();
        RawPg client = RawPg.open(kitchen.gateway);
        RawPg direct = RawPg.open(Backstage.url().server().port())) {
      for (RawPg each : List.of(client, direct)) {
        each.ask(Say.parse("kept", DISHES), Say.sync());
        each.ask(Say.parse("old", "select 1"), Say.sync());
      }
      warm(kitchen, client, question);
      long before = kitchen.count("hit");
      byte[] tidy =
          Say.all(Say.close('P', "gone"), Say.close('S', "old"), Say.close('S', "none"), question);
      assertThat(client.ask(tidy).toString()).isEqualTo(direct.ask(tidy).toString());
      assertThat(kitchen.count("hit")).isEqualTo(before + 1);
      byte[] old = Say.all(Say.bind("", "old"), Say.execute("", 0), Say.sync());
      assertThat(client.ask(old).getFirst().field('C')).isEqualTo("26000");
      byte[] itself = Say.all(Say.close('S', "kept"), question);
      assertThat(client.ask(itself).toString()).contains("26000");
      assertThat(kitchen.count("hit")).isEqualTo(before + 1);
    }
  }

  @Test
  void whatComesOnceIsNotEvenCopied() throws Exception {
    try (Kitchen kitchen = new Kitchen();
        RawPg client = RawPg.open(kitchen.gateway)) {
      client.ask(Say.parse("kept", DISHES), Say.sync());
      warm(kitchen, client, Say.all(bind("kept"), Say.execute("", 0), Say.sync()));
      warm(kitchen, client, Say.query(DISHES.replace("$1", "5")));
      ResultsSnapshot before = kitchen.gateway.snapshot().results();
      for (int i = 100; i < 200; i++) {
        client.ask(Say.bind("", "kept", "" + i), Say.execute("", 0), Say.sync());
        client.ask(Say.query(DISHES.replace("$1", "" + i)));
      }
      ResultsSnapshot after = kitchen.gateway.snapshot().results();
      assertThat(after.misses()).isEqualTo(before.misses());
      assertThat(after.keys()).isEqualTo(before.keys());
      for (int i = 100; i < 200; i++) {
        client.ask(Say.bind("", "kept", "" + i), Say.execute("", 0), Say.sync());
      }
      assertThat(kitchen.gateway.snapshot().results().kept()).isGreaterThan(after.kept() + 90);
    }
  }

  @Test
  void whatComesOnceAndHasToWaitForItsTurnIsNotCopiedEither() throws Exception {
    try (Kitchen kitchen = new Kitchen(1, null);
        RawPg holder = RawPg.open(kitchen.gateway);
        RawPg client = RawPg.open(kitchen.gateway)) {
      warm(kitchen, client, Say.query(DISHES.replace("$1", "5")));
      ResultsSnapshot before = kitchen.gateway.snapshot().results();
      for (int i = 100; i < 110; i++) {
        holder.ask(Say.query("begin; select 1"));
        client.send(Say.query(DISHES.replace("$1", "" + i)));
        while (kitchen.gateway.snapshot().pools().getFirst().waiting() == 0) {
          Thread.onSpinWait();
        }
        holder.ask(Say.query("commit"));
        assertThat(client.answers(1).toString()).contains("Z I");
      }
      ResultsSnapshot after = kitchen.gateway.snapshot().results();
      assertThat(after.misses()).isEqualTo(before.misses());
      assertThat(after.keys()).isEqualTo(before.keys());
    }
  }

  @Test
  void oneAsksForAllWhileTheServerIsBusy() throws Exception {
    String sql = "select count(*) from menu";
    try (Kitchen kitchen = new Kitchen();
        Connection blocker = Backstage.direct();
        Connection warmer = kitchen.connect();
        RawPg before = RawPg.open(kitchen.gateway)) {
      kitchen.known(warmer, sql);
      // Only what has come before is asked for once for all.
      before.ask(Say.query(sql));
      kitchen.time.advance(Kitchen.TTL.plusMillis(1));
      blocker.setAutoCommit(false);
      Backstage.run(blocker, "lock table menu in access exclusive mode");
      long misses = kitchen.count("miss");
      List<RawPg> clients = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        RawPg client = RawPg.open(kitchen.gateway);
        clients.add(client);
        client.send(Say.query(sql));
      }
      RawPg impatient = clients.get(7);
      while (kitchen.count("joined") < 19) {
        Thread.onSpinWait();
      }
      try (RawPg canceller = RawPg.connect(kitchen.gateway.address().port())) {
        canceller.send(Say.cancel(impatient.pid(), impatient.key()));
      }
      assertThat(impatient.answers(1).getFirst().field('C')).isEqualTo("57014");
      clients.get(9).vanish();
      blocker.rollback();
      for (int i = 0; i < 20; i++) {
        if (i != 7 && i != 9) {
          assertThat(clients.get(i).answers(1).toString()).contains("D [20]");
        }
      }
      assertThat(kitchen.count("miss")).isEqualTo(misses + 1);
      assertThat(impatient.ask(Say.query(sql)).toString()).contains("D [20]");
      for (RawPg client : clients) {
        client.close();
      }
    }
  }

  @Test
  void whoWaitsIsAnsweredThoughTheOneWhoAsksIsGone() throws Exception {
    String sql = "select count(*) from menu";
    try (Kitchen kitchen = new Kitchen();
        Connection blocker = Backstage.direct();
        Connection warmer = kitchen.connect();
        RawPg first = RawPg.open(kitchen.gateway);
        RawPg second = RawPg.open(kitchen.gateway)) {
      kitchen.known(warmer, sql);
      first.ask(Say.query(sql));
      kitchen.time.advance(Kitchen.TTL.plusMillis(1));
      blocker.setAutoCommit(false);
      Backstage.run(blocker, "lock table menu in access exclusive mode");
      long misses = kitchen.count("miss");
      first.send(Say.query(sql));
      while (kitchen.count("miss") == misses) {
        Thread.onSpinWait();
      }
      second.send(Say.query(sql));
      while (kitchen.count("joined") == 0) {
        Thread.onSpinWait();
      }
      first.vanish();
      while (kitchen.count("miss") < misses + 2) {
        Thread.onSpinWait();
      }
      blocker.rollback();
      assertThat(second.answers(1).toString()).contains("D [20]");
    }
  }

  @Test
  void nodesShareResultsAndForgetThemTogether() throws Exception {
    assumeTrue(RedisServer.program().isPresent(), "no Redis on PATH");
    String sql = "select price from menu where id = 2";
    try (RedisServer redis = RedisServer.start();
        Kitchen one = new Kitchen(4, redis.url());
        Kitchen other = new Kitchen(4, redis.url());
        Connection a = one.connect();
        Connection b = other.connect()) {
      other.known(b, sql);
      one.warm(a, sql);
      // Behind both, so that only what Redis has can tell the old price.
      try (Connection c = Backstage.direct()) {
        Backstage.run(c, "update menu set price = 50 where id = 2");
      }
      other.gateway.forgetResults();
      one.gateway.forgetResults();
      assertThat(awaited(b, sql, "50")).isEqualTo("50");
      one.warm(a, sql);
      Backstage.run(a, "update menu set price = 60 where id = 2");
      assertThat(awaited(b, sql, "60")).isEqualTo("60");
      assertThat(Kitchen.one(a, sql)).isEqualTo("60");
    }
  }

  /// Each look would cost as long as the test may last, were there no budget.
  @Test
  void aRedisThatHangsOrIsGoneHoldsNobodyUp() throws Exception {
    assumeTrue(RedisServer.program().isPresent(), "no Redis on PATH");
    String sql = "select price from menu where id = ?";
    try (RedisServer redis = RedisServer.start();
        Kitchen kitchen = Kitchen.hurried(redis.url());
        Connection c = kitchen.connect()) {
      kitchen.warm(c, sql, 1);
      redis.freeze();
      while (kitchen.gateway.results().stats().second().equals("up")) {
        asks(c, sql);
      }
      assertThat(kitchen.hits(c, sql, 1)).isTrue();
      redis.thaw();
      redis.kill();
      asks(c, sql);
      Backstage.run(c, "update menu set price = price + 1");
      assertThat(Kitchen.one(c, sql, 1)).isEqualTo("2");
      kitchen.warm(c, sql, 1);
    }
  }

  /// Often enough to be looked for.
  private static void asks(Connection c, String sql) throws SQLException {
    for (int i = 0; i < 4; i++) {
      for (int id = 2; id <= 20; id++) {
        assertThat(Kitchen.one(c, sql, id)).isEqualTo("" + id);
      }
    }
  }

  /// Another node hears of a change a moment later.
  private static String awaited(Connection c, String sql, String wanted) throws SQLException {
    String seen = Kitchen.one(c, sql);
    for (int i = 0; i < 200_000 && !seen.equals(wanted); i++) {
      seen = Kitchen.one(c, sql);
    }
    return seen;
  }
}
