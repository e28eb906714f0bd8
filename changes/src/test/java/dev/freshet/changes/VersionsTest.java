package dev.freshet.changes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.base.HostPort;
import dev.freshet.freshness.Evidence;
import dev.freshet.testkit.OtherPostgres;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The feed on the oldest PostgreSQL there may be, and on one between that and ours: a short walk
/// through all it does. The whole of this room's tests runs on any with `-Dpostgres.jar`, as
/// `changes/versions.sh` does it.
@Timeout(120)
class VersionsTest {
  /// Longer than the machine stands still.
  private static final Duration PATIENT = Duration.ofSeconds(60);

  @ParameterizedTest(allowZeroInvocations = true)
  @MethodSource("dev.freshet.testkit.OtherPostgres#archives")
  void itFollows(Path archive) throws SQLException, IOException, InterruptedException {
    try (EmbeddedPostgres server =
        OtherPostgres.of(archive)
            .setServerConfig("wal_level", "logical")
            .setServerConfig("synchronous_commit", "on")
            .start()) {
      String url = server.getJdbcUrl("postgres", "postgres");
      ChangesConfig config =
          ChangesConfig.of(
                  new HostPort("127.0.0.1", server.getPort()),
                  "postgres",
                  "postgres",
                  "",
                  "disable")
              .withMaxLag(PATIENT);
      try (Stage stage =
              Stage.leased(
                  config,
                  DriverManager.getConnection(url),
                  PATIENT,
                  "create table stock (id int primary key, shelf int, note text,"
                      + " twice int generated always as (shelf * 2) stored)",
                  "insert into stock select i, i, repeat('x', 9000) from generate_series(1, 9) i",
                  "create table sales (id int, day int, primary key (id, day))"
                      + " partition by range (day)",
                  "create table sales_1 partition of sales for values from (1) to (100)");
          Stage beside = Stage.leased(config, DriverManager.getConnection(url), PATIENT)) {
        changes(stage, beside);
        definitions(stage);
      }
    }
  }

  private static void changes(Stage stage, Stage beside) throws SQLException, InterruptedException {
    Evidence one = stage.rows("stock", "id", 1);
    Evidence two = stage.rows("stock", "id", 2);
    Evidence there = beside.rows("stock", "id", 1);
    stage.run("update stock set shelf = 20 where id = 1");
    stage.passed();
    assertThat(stage.isCurrent(one)).isFalse();
    assertThat(beside.isCurrent(there)).isFalse();
    assertThat(stage.isCurrent(two)).isTrue();

    stage.run("alter table stock replica identity full");
    stage.feed.schemaChanged().join();
    Evidence left = stage.rows("stock", "shelf", 20);
    Evidence entered = stage.rows("stock", "shelf", 21);
    Evidence other = stage.rows("stock", "shelf", 3);
    stage.run("update stock set shelf = 21 where id = 1");
    stage.passed();
    assertThat(stage.isCurrent(left)).isFalse();
    assertThat(stage.isCurrent(entered)).isFalse();
    assertThat(stage.isCurrent(other)).isTrue();

    Evidence sale = stage.rows("sales", "id", 7);
    Evidence none = stage.rows("sales", "id", 8);
    stage.run("insert into sales values (7, 50)");
    stage.passed();
    assertThat(stage.isCurrent(sale)).isFalse();
    assertThat(stage.isCurrent(none)).isTrue();

    stage.run("delete from stock where id = 3");
    stage.passed();
    assertThat(stage.isCurrent(other)).isFalse();
    Evidence four = stage.rows("stock", "id", 4);
    stage.run("truncate stock");
    stage.passed();
    assertThat(stage.isCurrent(four)).isFalse();
  }

  private static void definitions(Stage stage) throws SQLException {
    stage.run("create table late (id int primary key, n int)");
    long late = stage.oid("late");
    stage.counts(late);
    Evidence first = stage.rows("late", "id", 1);
    stage.run("insert into late values (1, 1)");
    Stage.until("its rows are told", () -> !stage.isCurrent(first));
    Evidence again = stage.rows("late", "id", 2);
    stage.run("alter table late alter column n type bigint");
    stage.feed.schemaChanged().join();
    assertThat(stage.isCurrent(again)).isFalse();
  }
}
