package dev.freshet.changes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.freshet.base.HostPort;
import dev.freshet.freshness.Evidence;
import dev.freshet.testkit.LatePostgres;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Whatever is lost, nothing is vouched for until the feed has begun anew.
@Timeout(60)
class LossTest {
  private static final String TABLE =
      "create table stock (id int primary key, n int); insert into stock values (1, 1), (2, 2)";

  @ParameterizedTest
  @ValueSource(strings = {"freshet feed", "freshet pulse", "freshet upkeep"})
  void aLostSessionEndsTheFeedAndItBeginsAnew(String name)
      throws SQLException, InterruptedException {
    try (Stage stage = Stage.open(TABLE)) {
      Evidence before = stage.rows("stock", "id", 2);
      String ended =
          Sessions.one(
              stage.session,
              "select count(pg_terminate_backend(pid))::text from pg_stat_activity"
                  + " where application_name like '"
                  + name
                  + "%' and datname = '"
                  + stage.config.database()
                  + "'");
      assertThat(ended).isEqualTo("1");
      Stage.until("it has begun anew", () -> stage.feed.snapshot().attachments() == 2);
      stage.attached();
      assertThat(stage.isCurrent(before)).isFalse();
      Evidence after = stage.rows("stock", "id", 2);
      stage.run("update stock set n = 7 where id = 2");
      stage.passed();
      assertThat(stage.isCurrent(after)).isFalse();
      Stage.until("one slot is left", () -> slots(stage) == 1);
    }
  }

  private static int slots(Stage stage) {
    try {
      return Integer.parseInt(
          Sessions.one(
              stage.session,
              "select count(*)::text from pg_replication_slots where database = '"
                  + stage.config.database()
                  + "'"));
    } catch (SQLException e) {
      throw new AssertionError(e);
    }
  }

  /// From PostgreSQL 14 on it does so to a slot in use.
  @Test
  void aSlotThatTheServerTakesAwayForWantOfRoomEndsTheFeedAndItBeginsAnew()
      throws SQLException, InterruptedException, IOException {
    assumeThat(Server.version()).isGreaterThanOrEqualTo(14);
    String database = Server.database();
    try (LatePostgres way = new LatePostgres(Server.address().port(), 0, 1)) {
      ChangesConfig config =
          ChangesConfig.of(
                  new HostPort("127.0.0.1", way.port()), database, "postgres", "", "disable")
              .withMaxLag(Stage.PATIENCE);
      try (Stage stage = Stage.open(config, Server.connect(database, "postgres"), TABLE)) {
        Evidence before = stage.rows("stock", "id", 2);
        way.hold();
        stage.run("alter system set max_slot_wal_keep_size = '1MB'");
        stage.run("select pg_reload_conf()");
        for (int i = 0; i < 4; i++) {
          stage.run("update stock set n = n + 1 where id = 1");
          stage.run("select pg_switch_wal()");
        }
        Stage.until("the slot is gone", () -> slotsAfterCheckpoint(stage) == 0);
        stage.run("update stock set n = 7 where id = 2");
        way.letGo();
        Stage.until("it has begun anew", () -> stage.feed.snapshot().attachments() == 2);
        assertThat(stage.isCurrent(before)).isFalse();
        stage.attached();
        assertThat(stage.isCurrent(before)).isFalse();
        Evidence after = stage.rows("stock", "id", 2);
        stage.run("update stock set n = 8 where id = 2");
        stage.passed();
        assertThat(stage.isCurrent(after)).isFalse();
      } finally {
        try (Connection c = Server.connect("postgres", "postgres")) {
          Sessions.run(c, "alter system reset max_slot_wal_keep_size");
          Sessions.run(c, "select pg_reload_conf()");
        }
      }
    }
  }

  private static int slotsAfterCheckpoint(Stage stage) {
    try {
      stage.run("checkpoint");
    } catch (SQLException e) {
      throw new AssertionError(e);
    }
    return slots(stage);
  }

  @Test
  void aClosedFeedLeavesNoSlotAndVouchesForNothing() throws SQLException, InterruptedException {
    try (Stage stage = Stage.open(TABLE)) {
      Evidence before = stage.rows("stock", "id", 2);
      assertThat(slots(stage)).isEqualTo(1);
      stage.feed.close();
      assertThat(stage.isCurrent(before)).isFalse();
      assertThat(stage.freshness.asOf()).isNull();
      assertThat(stage.feed.snapshot().state()).isEqualTo(FeedSnapshot.State.CLOSED);
      Stage.until("the slot is gone", () -> slots(stage) == 0);
    }
  }

  @Test
  void whatIsCalledInDoubtAsAWholeMakesItBeginAnew() throws SQLException, InterruptedException {
    try (Stage stage = Stage.open(TABLE)) {
      Evidence before = stage.rows("stock", "id", 2);
      stage.freshness.doubt(null);
      assertThat(stage.isCurrent(before)).isFalse();
      Stage.until("it has begun anew", () -> stage.feed.snapshot().attachments() == 2);
      stage.attached();
      assertThat(stage.isCurrent(before)).isFalse();
      assertThat(stage.isCurrent(stage.rows("stock", "id", 2))).isTrue();
    }
  }

  /// The log moves on without us: by other databases, by what is rolled back, by nothing at all.
  @Test
  void positionsAdvanceWhenNothingIsCommittedHere() throws SQLException, InterruptedException {
    try (Stage stage = Stage.open(TABLE)) {
      for (String sql :
          List.of(
              "begin; insert into stock select i, i from generate_series(10, 500) i; rollback",
              "checkpoint",
              "set synchronous_commit = off; update stock set n = n + 1; reset synchronous_commit",
              "select pg_switch_wal()")) {
        stage.run(sql);
        stage.passed();
      }
    }
  }

  @Test
  void aLogThatWasCutShortGetsAnotherNumber() {
    History history = new History(new java.util.Random(3));
    long first = history.of("a/1/5", 100);
    history.reached(500);
    assertThat(history.of("a/1/5", 600)).isEqualTo(first);
    long cut = history.of("a/1/5", 400);
    assertThat(cut).isNotEqualTo(first);
    assertThat(history.of("a/1/5", 450)).isEqualTo(cut);
    assertThat(history.of("a/2/5", 700)).isNotIn(first, cut);
    assertThat(new History(new java.util.Random(9)).of("a/1/5", 1)).isEqualTo(first);
  }
}
