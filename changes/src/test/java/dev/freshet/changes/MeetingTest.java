package dev.freshet.changes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.base.HostPort;
import dev.freshet.freshness.Evidence;
import dev.freshet.freshness.Nodes;
import dev.freshet.testkit.LatePostgres;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// A write that one node has let go is seen at the other, however late that one hears of it.
// JUnit ends a test that is interrupted.
@SuppressWarnings("InterruptedExceptionSwallowed")
@Timeout(90)
class MeetingTest {
  private static final Duration LONG = Duration.ofSeconds(60);
  private static final Duration SHORT = Duration.ofMillis(400);

  /// Two nodes on one database, of which the second is far away.
  private record Pair(Stage near, Stage far, LatePostgres way) implements AutoCloseable {

    static Pair open(Duration lease) throws SQLException, InterruptedException, IOException {
      Stage near =
          Stage.open(
              "create table stock (id int primary key, n int); insert into stock values (1)");
      LatePostgres way = new LatePostgres(Server.address().port(), 0, 1);
      ChangesConfig config =
          ChangesConfig.of(
                  new HostPort("127.0.0.1", way.port()),
                  near.config.database(),
                  "postgres",
                  "",
                  "disable")
              .withMaxLag(LONG);
      Stage far = Stage.leased(config, Server.connect(near.config.database(), "postgres"), lease);
      Stage.until("they know of each other", () -> near.feed.snapshot().others() == 1);
      Stage.until("they know of each other", () -> far.feed.snapshot().others() == 1);
      Stage.until("they have said how long their leases are", () -> hasSaid(near, lease));
      // And have been heard: it looks after that.
      near.passed();
      return new Pair(near, far, way);
    }

    private static boolean hasSaid(Stage near, Duration lease) {
      try {
        return !Sessions.rows(
                near.session,
                "select 1 from pg_stat_activity where application_name like 'freshet node % "
                    + lease.toMillis()
                    + "' and datname = current_database()")
            .isEmpty();
      } catch (SQLException e) {
        throw new AssertionError(e);
      }
    }

    @Override
    public void close() throws SQLException, IOException {
      near.close();
      far.close();
      way.close();
    }
  }

  @Test
  void anAnswerToAWriteIsHeldUntilEveryNodeHasPublishedIt() throws Exception {
    try (Pair pair = Pair.open(LONG)) {
      Evidence there = pair.far.rows("stock", "id", 1);
      for (int i = 0; i < 20; i++) {
        Evidence here = pair.near.rows("stock", "id", 1);
        pair.way.hold();
        pair.near.run("update stock set n = n + 1");
        CompletableFuture<Boolean> held = pair.near.freshness.passed();
        Stage.until("it has come near", () -> !pair.near.isCurrent(here));
        assertThat(pair.far.isCurrent(there)).isTrue();
        assertThat(held).isNotDone();
        pair.way.letGo();
        held.get(30, TimeUnit.SECONDS);
        assertThat(pair.far.isCurrent(there)).isFalse();
        there = pair.far.rows("stock", "id", 1);
      }
    }
  }

  @Test
  void whoHearsNothingForLongerThanItsLeaseShowsNothingAndIsNotWaitedFor() throws Exception {
    try (Pair pair = Pair.open(SHORT)) {
      Evidence there = pair.far.rows("stock", "id", 1);
      pair.way.hold();
      pair.near.run("update stock set n = 7");
      pair.near.freshness.passed().get(30, TimeUnit.SECONDS);
      assertThat(pair.far.isCurrent(there)).isFalse();
      pair.way.letGo();
      pair.far.attached();
      assertThat(pair.far.isCurrent(there)).isFalse();
      Stage.until("it is as before", () -> pair.far.freshness.isAttached());
    }
  }

  @Test
  void whoIsCutOffIsWaitedForUntilItShowsNothing() throws Exception {
    try (Pair pair = Pair.open(SHORT)) {
      Evidence there = pair.far.rows("stock", "id", 1);
      pair.way.cut();
      pair.near.run("update stock set n = 7");
      pair.near.freshness.passed().get(30, TimeUnit.SECONDS);
      assertThat(pair.far.isCurrent(there)).isFalse();
      Stage.until("it is forgotten", () -> pair.near.feed.snapshot().others() == 0);
    }
  }

  @Test
  void aNodeWithoutAFeedHoldsWhatItWritesForTheOthers() throws Exception {
    try (Pair pair = Pair.open(LONG)) {
      String database = pair.near.config.database();
      pair.near.run("create role clerk" + database + " login");
      try (Stage blind =
          Stage.begin(
              Server.config(database, "clerk" + database), Server.connect(database, "postgres"))) {
        assertThat(blind.feed.await(FeedSnapshot.State.OFF, Stage.PATIENCE)).isTrue();
        Evidence there = pair.far.rows("stock", "id", 1);
        pair.way.hold();
        blind.run("update stock set n = 7");
        CompletableFuture<Boolean> held = blind.freshness.passed();
        assertThat(pair.near.freshness.passed()).isNotDone();
        assertThat(held).isNotDone();
        pair.way.letGo();
        assertThat(held.get(30, TimeUnit.SECONDS)).isFalse();
        assertThat(pair.far.isCurrent(there)).isFalse();
      }
    }
  }

  @Test
  void aNodeThatLostItsPlaceTakesItAgain() throws Exception {
    try (Pair pair = Pair.open(LONG)) {
      Evidence there = pair.far.rows("stock", "id", 1);
      String ended =
          Sessions.one(
              pair.near.session,
              "select count(pg_terminate_backend(pid))::text from pg_stat_activity"
                  + " where application_name like 'freshet node %' and datname ="
                  + " current_database()");
      assertThat(ended).isEqualTo("2");
      pair.way.hold();
      pair.near.run("update stock set n = 7");
      CompletableFuture<Boolean> held = pair.near.freshness.passed();
      assertThat(pair.far.isCurrent(there)).isTrue();
      assertThat(held).isNotDone();
      pair.way.letGo();
      held.get(30, TimeUnit.SECONDS);
      assertThat(pair.far.isCurrent(there)).isFalse();
    }
  }

  /// Ids can be read by everybody who may log in.
  @Test
  void aSessionOfAnotherRoleIsNotTakenForANode() throws Exception {
    try (Pair pair = Pair.open(LONG)) {
      String database = pair.near.config.database();
      String role = "forger" + database;
      pair.near.run("create role " + role + " login");
      try (Connection one = Server.connect(database, role);
          Connection other = Server.connect(database, role)) {
        Evidence there = pair.far.rows("stock", "id", 1);
        String ids =
            "select split_part(application_name, ' ', 3) from pg_stat_activity where"
                + " application_name like 'freshet node %' and datname = current_database()"
                + " order by 1";
        String said = "select set_config('application_name', 'freshet node ' || (";
        Sessions.run(one, said + ids + " limit 1) || ' FF/0 800', false)");
        Sessions.run(other, said + ids + " desc limit 1) || ' FF/0 800', false)");
        pair.way.hold();
        pair.near.run("update stock set n = 7");
        CompletableFuture<Boolean> held = pair.near.freshness.passed();
        Stage.until("it has looked", () -> pair.near.feed.snapshot().others() == 2);
        assertThat(pair.far.isCurrent(there)).isTrue();
        assertThat(held).isNotDone();
        pair.way.letGo();
        held.get(30, TimeUnit.SECONDS);
        assertThat(pair.far.isCurrent(there)).isFalse();
      }
    }
  }

  @Test
  void readsWhatNodesSayOfThemselves() {
    assertThat(
            Meeting.entries(
                """
                10 freshet node a 1/F 800
                10 freshet node b - 5000
                10 freshet feed b 5000
                10 freshet feed c 5000
                10 freshet node d 2/0 800
                10 freshet node d - 800
                10 freshet node e what?
                10 freshet nodes
                11 freshet node a FF/F 800,10 freshet node d FF/0 800\
                """,
                Duration.ofSeconds(7)))
        .containsExactlyInAnyOrder(
            new Nodes.Entry(10, "a", 0x1_0000_000FL, 800_000_000L),
            new Nodes.Entry(10, "b", null, 5_000_000_000L),
            new Nodes.Entry(10, "c", 0L, 5_000_000_000L),
            new Nodes.Entry(10, "d", 0x2_0000_0000L, 800_000_000L),
            new Nodes.Entry(10, "e", 0L, 7_000_000_000L),
            new Nodes.Entry(11, "a", 0xFF_0000_000FL, 800_000_000L));
  }
}
