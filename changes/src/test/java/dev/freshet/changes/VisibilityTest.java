package dev.freshet.changes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.freshness.Dependency;
import dev.freshet.freshness.Evidence;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// A commit counts as published when others can see it, and not when it is in the log. A standby
/// that never answers makes the time between the two as long as a test needs.
@Timeout(90)
class VisibilityTest {
  private static final String TABLE =
      "create table stock (id int primary key, n int); insert into stock values (1, 1), (2, 2)";

  private static void standby(String names) throws SQLException {
    try (Connection c = Server.connect("postgres", "postgres")) {
      String loaded = "select pg_conf_load_time()::text";
      String before = Sessions.one(c, loaded);
      Sessions.run(c, "alter system set synchronous_standby_names = '" + names + "'");
      Sessions.run(c, "select pg_reload_conf()");
      Stage.until(
          "the setting is in force",
          () -> {
            try {
              return !Sessions.one(c, loaded).equals(before);
            } catch (SQLException e) {
              throw new AssertionError(e);
            }
          });
      if (!names.isEmpty()) {
        Stage.until("commits wait", () -> doesACommitWait(c));
      }
    }
  }

  /// Commits wait from the moment that the checkpointer has read the setting too, whatever a
  /// session shows: one is tried, and let go.
  private static boolean doesACommitWait(Connection c) {
    try (Connection tried = Server.connect("postgres", "postgres")) {
      String pid = Sessions.one(tried, "select pg_backend_pid()::text");
      CompletableFuture<Void> done =
          CompletableFuture.runAsync(
              () -> {
                try {
                  Sessions.run(tried, "create temp table tried ()");
                } catch (SQLException e) {
                  throw new AssertionError(e);
                }
              },
              task -> Thread.ofPlatform().daemon().start(task));
      String waits = "select 1 from pg_stat_activity where wait_event = 'SyncRep' and pid = " + pid;
      Stage.until("it is over, or waits", () -> done.isDone() || isTrue(c, waits));
      boolean isWaiting = !done.isDone();
      Sessions.rows(c, "select pg_cancel_backend(" + pid + ")");
      done.join();
      return isWaiting;
    } catch (SQLException e) {
      throw new AssertionError(e);
    }
  }

  /// Commits wait from now on, and the feed has seen that the configuration was loaded, which ends
  /// what was made before.
  private static void standbyFor(Stage stage) throws SQLException {
    stage.run("set synchronous_commit = local");
    Evidence before = stage.rows("stock", "id", 2);
    standby("nobody");
    Stage.until(
        "the feed has seen the configuration loaded",
        () -> {
          stage.feed.schemaChanged().join();
          return !stage.isCurrent(before);
        });
  }

  @AfterEach
  void letCommitsGo() throws SQLException {
    standby("");
  }

  /// A session of its own, for it hangs.
  private static CompletableFuture<Void> commit(Stage stage, String sql) {
    CompletableFuture<Void> done = new CompletableFuture<>();
    Thread.ofPlatform()
        .daemon()
        .start(() -> {
          try (Connection c = Server.connect(stage.config.database(), "postgres")) {
            Sessions.run(c, sql);
            done.complete(null);
          } catch (SQLException e) {
            done.completeExceptionally(e);
          }
        });
    return done;
  }

  private static boolean isWaitingForStandby(Stage stage) {
    return isTrue(
        stage.session,
        "select 1 from pg_stat_activity where wait_event = 'SyncRep' and datname = '"
            + stage.config.database()
            + "'");
  }

  /// It waits for no standby any more, and everybody sees it; the configuration stays.
  private static void letGo(Stage stage) throws SQLException {
    String waiting =
        "select pg_cancel_backend(pid) from pg_stat_activity where wait_event = 'SyncRep'"
            + " and datname = '";
    Sessions.rows(stage.session, waiting + stage.config.database() + "'");
  }

  @Test
  void aCommitThatNobodySeesYetIsFoldedAndNotPublished() throws SQLException, InterruptedException {
    try (Stage stage = Stage.open(TABLE)) {
      standbyFor(stage);
      Evidence before = stage.rows("stock", "id", 1);
      Evidence other = stage.rows("stock", "id", 2);
      CompletableFuture<Void> hanging = commit(stage, "update stock set n = 5 where id = 1");
      Stage.until("it waits", () -> isWaitingForStandby(stage));
      Stage.until("it is folded", () -> !stage.isCurrent(before));
      Stage.until("it waits to be published", () -> stage.feed.snapshot().waiting() > 0);
      assertThat(Sessions.one(stage.session, "select n::text from stock where id = 1"))
          .isEqualTo("1");
      assertThat(stage.isCurrent(other)).isTrue();
      // Who reads now reads the old row, and must not keep it.
      Evidence meanwhile = once(stage);
      CompletableFuture<Boolean> fence = stage.freshness.passed();
      assertThat(stage.isCurrent(meanwhile)).isFalse();
      assertThat(fence).isNotDone();
      assertThat(hanging).isNotDone();
      letGo(stage);
      hanging.join();
      assertThat(fence.join()).isTrue();
      assertThat(stage.isCurrent(meanwhile)).isFalse();
      assertThat(stage.isCurrent(stage.rows("stock", "id", 1))).isTrue();
    }
  }

  private static Evidence once(Stage stage) throws SQLException {
    return stage.freshness.evidence(
        Objects.requireNonNull(stage.freshness.asOf()),
        List.of(new Dependency.Rows(stage.oid("stock"), stage.number("stock", "id"), "1")));
  }

  /// The slot's beginning can lie behind a commit that nobody sees yet: making it waits for those
  /// that had written when it looked, and looks again while the others are still on their way.
  @Test
  void aFeedThatBeginsWaitsForCommitsBeforeItToBecomeVisible()
      throws SQLException, InterruptedException {
    String database = Server.database();
    Connection session = Server.connect(database, "postgres");
    Sessions.run(session, TABLE + "; set synchronous_commit = local");
    try (Connection first = Server.connect(database, "postgres");
        Connection second = Server.connect(database, "postgres");
        Connection third = Server.connect(database, "postgres")) {
      String pid = write(first);
      try (Stage stage = Stage.begin(Server.config(database, "postgres"), session)) {
        Stage.until("the slot waits for the first", () -> isSlotHeldBy(session, pid));
        String other = write(second);
        first.rollback();
        Stage.until("the slot waits for the second", () -> isSlotHeldBy(session, other));
        standby("nobody");
        CompletableFuture<Void> hanging = commit(stage, "update stock set n = 5 where id = 1");
        Stage.until("it waits", () -> isWaitingForStandby(stage));
        second.rollback();
        Stage.until(
            "the slot is made, and it waits until others are over",
            () ->
                isTrue(
                    session,
                    "select 1 from pg_stat_activity where application_name = 'freshet upkeep'"
                        + " and query like '%pg_current_snapshot%' and datname = '"
                        + database
                        + "'"));
        assertThat(stage.feed.snapshot().state()).isEqualTo(FeedSnapshot.State.WAITING);
        assertThat(stage.freshness.asOf()).isNull();
        assertThat(hanging).isNotDone();
        // Not in the publication yet when it is written to.
        Sessions.run(session, "create table late (id int primary key)");
        write(third);
        Sessions.run(third, "insert into late values (1)");
        standby("");
        hanging.join();
        stage.attached();
        long late = stage.oid("late");
        assertThat(stage.feed.covered()).doesNotContain(late);
        third.commit();
        Stage.until("the new table counts", () -> stage.feed.covered().contains(late));
        assertThat(Sessions.one(session, "select n::text from stock where id = 1")).isEqualTo("5");
      }
    }
  }

  /// Begins a transaction that has written; gives its process.
  private static String write(Connection session) throws SQLException {
    session.setAutoCommit(false);
    Sessions.run(session, "select pg_current_xact_id()");
    return Sessions.one(session, "select pg_backend_pid()::text");
  }

  private static boolean isSlotHeldBy(Connection session, String pid) {
    return isTrue(
        session,
        "select 1 from pg_stat_activity where backend_type = 'walsender' and "
            + pid
            + " = any (pg_blocking_pids(pid))");
  }

  private static boolean isTrue(Connection session, String sql) {
    try {
      return !Sessions.rows(session, sql).isEmpty();
    } catch (SQLException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void whileTooFarBehindNothingIsVouchedForAndAfterwardsEverythingIsAsBefore()
      throws SQLException, InterruptedException {
    String database = Server.database();
    try (Stage stage =
        Stage.open(
            Server.config(database, "postgres").withMaxLag(Duration.ofMillis(500)),
            Server.connect(database, "postgres"),
            TABLE)) {
      standbyFor(stage);
      Evidence two = stage.rows("stock", "id", 2);
      CompletableFuture<Void> hanging = commit(stage, "update stock set n = 5 where id = 1");
      assertThat(stage.feed.await(FeedSnapshot.State.LATE, Stage.PATIENCE)).isTrue();
      assertThat(stage.isCurrent(two)).isFalse();
      assertThat(stage.freshness.asOf()).isNull();
      letGo(stage);
      hanging.join();
      assertThat(stage.feed.await(FeedSnapshot.State.ATTACHED, Stage.PATIENCE)).isTrue();
      assertThat(stage.isCurrent(two)).isTrue();
      assertThat(stage.feed.snapshot().attachments()).isEqualTo(1);
    }
  }
}
