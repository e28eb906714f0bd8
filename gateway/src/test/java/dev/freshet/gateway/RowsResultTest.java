package dev.freshet.gateway;

import static dev.freshet.gateway.Backstage.run;
import static dev.freshet.gateway.Kitchen.one;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.freshet.freshness.Dependency;
import dev.freshet.freshness.Learned;
import dev.freshet.freshness.Trail;
import dev.freshet.testkit.RedisServer;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Results that live as long as their rows stay as they are. What the feed tells, and when, the
/// test says; what the server would answer, the server says.
@Timeout(60)
class RowsResultTest {
  private static final String PRICE = "select price from menu where id = 1";
  private static final String BOUND = "select price from menu where id = ?";

  @ParameterizedTest
  @ValueSource(strings = {"simple", "extended", "extendedForPrepared"})
  void servesAResultUntilOneOfItsRowsHasChanged(String mode) throws Exception {
    FollowedMenu menu = new FollowedMenu();
    try (Kitchen kitchen = menu.kitchen(null);
        Connection c = kitchen.connect("preferQueryMode", mode, "prepareThreshold", "3")) {
      kitchen.warm(c, BOUND, 1);
      kitchen.time.advance(Kitchen.TTL.multipliedBy(60));
      FollowedMenu.changes(1, 100);
      assertThat(one(c, BOUND, 1)).as("nobody was told yet").isEqualTo("1");
      menu.told(2, menu.committed());
      assertThat(kitchen.hits(c, BOUND, 1)).as("another row").isTrue();
      menu.told(1, menu.committed());
      assertThat(one(c, BOUND, 1)).isEqualTo("100");
      assertThat(kitchen.hits(c, BOUND, 1)).as("folded, not published").isFalse();
    }
  }

  @Test
  void aResultAskedForBeforeAChangeWasPublishedIsNotTakenForOneOfAfter() throws Exception {
    FollowedMenu menu = new FollowedMenu();
    try (Kitchen kitchen = menu.kitchen(null);
        Connection c = kitchen.connect()) {
      kitchen.warm(c, PRICE);
      long position = menu.committed();
      menu.told(1, position);
      for (int i = 0; i < 5; i++) {
        assertThat(kitchen.hits(c, PRICE)).isFalse();
      }
      menu.published(position);
      assertThat(kitchen.hits(c, PRICE)).isFalse();
      kitchen.warm(c, PRICE);
    }
  }

  @Test
  void withoutAFeedNothingIsServedOrKept() throws Exception {
    FollowedMenu menu = new FollowedMenu();
    try (Kitchen kitchen = menu.kitchen(null);
        Connection c = kitchen.connect()) {
      kitchen.warm(c, PRICE);
      menu.freshness.feed().detach();
      FollowedMenu.changes(1, 50);
      for (int i = 0; i < 5; i++) {
        assertThat(one(c, PRICE)).isEqualTo("50");
        assertThat(kitchen.hits(c, PRICE)).isFalse();
      }
      menu.committed();
      menu.attach();
      assertThat(kitchen.hits(c, PRICE)).isFalse();
      kitchen.warm(c, PRICE);
      assertThat(one(c, PRICE)).isEqualTo("50");
    }
  }

  @Test
  void whoWroteReadsPastMemoryUntilHisWriteIsPublished() throws Exception {
    FollowedMenu menu = new FollowedMenu();
    try (Kitchen kitchen = menu.kitchen(null);
        Connection writer = kitchen.connect();
        Connection reader = kitchen.connect()) {
      kitchen.warm(writer, "select dish from menu where id = 3");
      kitchen.warm(writer, PRICE);
      kitchen.known(writer, "update menu set price = 1 where id = 20 returning id");
      long position = menu.committed();
      Kitchen.all(writer, "update menu set price = 9 where id = 1 returning id");
      assertThat(one(reader, PRICE)).as("the feed is late").isEqualTo("1");
      assertThat(kitchen.hits(reader, PRICE)).isTrue();
      assertThat(one(writer, PRICE)).isEqualTo("9");
      assertThat(kitchen.hits(writer, "select dish from menu where id = 3")).isFalse();
      menu.told(1, position);
      menu.published(position);
      kitchen.warm(reader, PRICE);
      assertThat(one(reader, PRICE)).isEqualTo("9");
      // Asked for by another, before the write was published: it is as good as any again.
      kitchen.warm(reader, "select dish from menu where id = 4");
      kitchen.warm(writer, "select dish from menu where id = 4");
    }
  }

  @Test
  void waitsForNobodyElsesAnswerThatMayBeOlderThanItsQuestion() throws Exception {
    FollowedMenu menu = new FollowedMenu();
    String sql = "select sum(price) from menu";
    try (Kitchen kitchen = menu.kitchen(null);
        Connection blocker = Backstage.direct();
        Connection warmer = kitchen.connect();
        RawPg first = RawPg.open(kitchen.gateway);
        RawPg second = RawPg.open(kitchen.gateway)) {
      kitchen.warm(warmer, sql);
      // Only what has come before is asked for once for all.
      first.ask(Say.query(sql));
      menu.told(1, menu.committed());
      menu.published(menu.committed());
      blocker.setAutoCommit(false);
      run(blocker, "lock table menu in access exclusive mode");
      long misses = kitchen.count("miss");
      first.send(Say.query(sql));
      awaitBlocked();
      long position = menu.committed();
      menu.told(1, position);
      menu.published(position);
      second.send(Say.query(sql));
      while (kitchen.count("joined") == 0) {
        Thread.onSpinWait();
      }
      blocker.rollback();
      assertThat(first.answers(1).toString()).contains("D [210]");
      assertThat(second.answers(1).toString()).contains("D [210]");
      assertThat(kitchen.count("miss")).as("the second asked for itself").isEqualTo(misses + 2);
    }
  }

  @Test
  void aRequestThatIsBeingLearnedMayBeAnsweredFromMemoryAndDependsOnTheSame() throws Exception {
    FollowedMenu menu = new FollowedMenu();
    try (Kitchen kitchen = menu.kitchen(null);
        Connection c = kitchen.connect("preferQueryMode", "simple")) {
      kitchen.warm(c, PRICE);
      Trail trail = menu.trails.open(null, "/**", new Random(1));
      String traced = PRICE + " /*traceparent='" + trail.id().traceparent(7, false) + "'*/";
      assertThat(kitchen.hits(c, traced)).isTrue();
      Learned learned = trail.close().join();
      assertThat(learned).isInstanceOf(Learned.From.class);
      assertThat(((Learned.From) learned).evidence().dependencies())
          .containsExactly(
              Dependency.Columns.of(new Dependency.Rows(menu.menu, 1, "1"), List.of(1, 3)));
      assertThat(menu.freshness.isCurrent(((Learned.From) learned).evidence())).isTrue();
      menu.told(1, menu.committed());
      assertThat(menu.freshness.isCurrent(((Learned.From) learned).evidence())).isFalse();
    }
  }

  /// A list shows its rows: what changes in others, and neither filters nor sorts, ends it not.
  @ParameterizedTest
  @ValueSource(strings = {"simple", "extended"})
  void aListDependsOnTheRowsThatItShows(String mode) throws Exception {
    String list = "select id, price from menu where dish < 'dish 12' order by id";
    FollowedMenu menu = new FollowedMenu();
    try (Kitchen kitchen = menu.kitchen(null);
        Connection c = kitchen.connect("preferQueryMode", mode)) {
      kitchen.warm(c, list);
      menu.priced(5, menu.committed());
      assertThat(kitchen.hits(c, list)).as("a dish that is not in it").isTrue();
      menu.priced(1, menu.committed());
      assertThat(kitchen.hits(c, list)).as("one that is").isFalse();
    }
  }

  /// What a driver has prepared by a text with its trace is that trace's, also where the text was
  /// answered from memory, or what follows is.
  @Test
  void aStatementThatItsDriverKeepsBelongsToTheRequestItWasPreparedFor() throws Exception {
    FollowedMenu menu = new FollowedMenu();
    try (Kitchen kitchen = menu.kitchen(null);
        Connection c = kitchen.connect("prepareThreshold", "2")) {
      kitchen.warm(c, BOUND, 1);
      for (int n = 0; n < 3; n++) {
        Trail trail = menu.trails.open(null, "/**", new Random(n));
        String traced = BOUND + " /*traceparent='" + trail.id().traceparent(7, false) + "'*/";
        try (PreparedStatement statement = c.prepareStatement(traced)) {
          for (int id : new int[] {1, 1, 1, 2, 1, 3, 1, 4, 1}) {
            statement.setInt(1, id);
            try (ResultSet row = statement.executeQuery()) {
              assertThat(row.next()).isTrue();
            }
          }
        }
        assertThat(trail.close().join()).isInstanceOf(Learned.From.class);
      }
    }
  }

  @Test
  void whatIsNotFollowedIsNotKept() throws Exception {
    FollowedMenu menu = new FollowedMenu();
    String sql = "select count(*) from orders";
    try (Kitchen kitchen = menu.kitchen(null);
        Connection c = kitchen.connect()) {
      kitchen.known(c, sql);
      kitchen.warm(c, PRICE);
      for (int i = 0; i < 50; i++) {
        assertThat(kitchen.hits(c, sql)).isFalse();
      }
      assertThat(kitchen.hits(c, "select 1")).isFalse();
      assertThat(kitchen.hits(c, "select 1")).isFalse();
    }
  }

  /// As in a database in SQL_ASCII, where that is what sessions begin with.
  @Test
  void saysWhenItIsTheEncodingThatLetsNothingBeKept() throws Exception {
    FollowedMenu menu = new FollowedMenu();
    try (Kitchen kitchen = menu.kitchen(null);
        Connection c = kitchen.connect();
        RawPg odd = RawPg.open(kitchen.gateway, "client_encoding", "SQL_ASCII")) {
      kitchen.warm(c, PRICE);
      for (int i = 0; i < 3; i++) {
        odd.ask(Say.query(PRICE));
      }
      assertThat(kitchen.gateway.snapshot().results().untold())
          .containsEntry("client_encoding is SQL_ASCII, not UTF8", 2L);
    }
  }

  @Test
  void aChangeOfDefinitionsOrRightsThroughTheGatewayForgetsAtOnce() throws Exception {
    FollowedMenu menu = new FollowedMenu();
    try (Kitchen kitchen = menu.kitchen(null);
        Connection c = kitchen.connect();
        Connection reader = kitchen.connect()) {
      kitchen.warm(reader, PRICE);
      run(c, "revoke select on menu from public");
      assertThat(kitchen.hits(reader, PRICE)).isFalse();
    }
  }

  /// However long what is bound beside it, and also in a list.
  @Test
  void aMomentThatIsBoundIsNotKept() throws Exception {
    FollowedMenu menu = new FollowedMenu();
    String one = "select ?::text::date, ?::text, price from menu where id = 1";
    String many = "select ?::text::date[], price from menu where id = 1";
    String days = "2026-01-02, ".repeat(30);
    try (Kitchen kitchen = menu.kitchen(null);
        Connection c = kitchen.connect()) {
      kitchen.warm(c, one, "2026-01-02", days);
      kitchen.warm(c, many, "{" + days + "2026-01-03}");
      for (int i = 0; i < 4; i++) {
        assertThat(kitchen.hits(c, one, "today", days)).isFalse();
        assertThat(kitchen.hits(c, many, "{" + days + "today}")).isFalse();
      }
    }
  }

  @Test
  void itsOwnWordWins() throws Exception {
    FollowedMenu menu = new FollowedMenu();
    try (Kitchen kitchen = menu.kitchen(null);
        Connection c = kitchen.connect()) {
      kitchen.warm(c, PRICE);
      assertThat(kitchen.hits(c, PRICE + " /*freshet_cache='off'*/")).isFalse();
      assertThat(kitchen.hits(c, PRICE + " /*freshet_cache='off'*/")).isFalse();
      kitchen.warm(c, PRICE + " /*freshet_ttl='1m'*/");
      FollowedMenu.changes(1, 77);
      menu.told(1, menu.committed());
      assertThat(one(c, PRICE)).as("by its rows").isEqualTo("77");
      assertThat(one(c, PRICE + " /*freshet_ttl='1m'*/")).as("by its time").isEqualTo("1");
      assertThat(one(c, PRICE + " /*freshet_cache='rows'*/")).isEqualTo("77");
    }
  }

  @Test
  void nodesShareResultsAndEachJudgesThemByItsOwnFeed() throws Exception {
    assumeTrue(RedisServer.program().isPresent(), "no Redis on PATH");
    FollowedMenu menu = new FollowedMenu();
    FollowedMenu late = menu.elsewhere();
    try (RedisServer redis = RedisServer.start();
        Kitchen one = Kitchen.byRows(menu.watch(), null, redis.url());
        Kitchen other = Kitchen.byRows(late.watch(), null, redis.url());
        Connection a = one.connect();
        Connection b = other.connect()) {
      for (Kitchen each : List.of(one, other)) {
        while (!each.gateway.results().stats().second().equals("up")) {
          Thread.onSpinWait();
        }
      }
      other.warm(b, "select price from menu where id = 2");
      // What is new is not looked for.
      one(b, PRICE);
      one(b, PRICE);
      one.warm(a, PRICE);
      while (redis.command("KEYS", "*id = 1*").startsWith("*0")) {
        Thread.onSpinWait();
      }
      // Behind both, so that only what Redis has can tell the old price.
      FollowedMenu.changes(1, 50);
      assertThat(one(b, PRICE)).as("shared").isEqualTo("1");
      late.told(1, late.committed());
      assertThat(one(b, PRICE)).as("this one's feed has told").isEqualTo("50");
      assertThat(one(a, PRICE)).as("that one's has not").isEqualTo("1");
    }
  }

  /// Somebody waits in the server for a table that is locked.
  private static void awaitBlocked() throws SQLException {
    String sql =
        "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = 'shop'";
    try (Connection c = Backstage.administrator()) {
      while (Backstage.one(c, sql).equals("0")) {
        Thread.onSpinWait();
      }
    }
  }
}
