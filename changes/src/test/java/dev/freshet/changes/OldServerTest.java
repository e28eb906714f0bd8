package dev.freshet.changes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.freshet.freshness.Evidence;
import dev.freshet.testkit.OldPostgres;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The feed on another version of PostgreSQL, and through its restart.
@Timeout(120)
class OldServerTest {
  @TempDir private static Path folder;
  private static OldPostgres server;

  @BeforeAll
  static void start() throws IOException, InterruptedException {
    Optional<Path> programs = OldPostgres.programs();
    assumeThat(programs).as("a PostgreSQL below /usr/lib/postgresql").isPresent();
    server = OldPostgres.start(programs.orElseThrow(), folder);
  }

  @AfterAll
  static void stop() throws IOException, InterruptedException {
    if (server != null) {
      server.close();
    }
  }

  private static Connection connect() throws SQLException {
    return DriverManager.getConnection(
        "jdbc:postgresql://" + server.address() + "/postgres?user=postgres");
  }

  @Test
  void itFollowsAndBeginsAnewAfterARestart()
      throws SQLException, InterruptedException, IOException {
    ChangesConfig config =
        ChangesConfig.of(server.address(), "postgres", "postgres", "", "disable");
    Connection session = connect();
    try (Stage stage =
        Stage.open(
            config,
            session,
            "create table stock (id int primary key, n int,"
                + " twice int generated always as (n * 2) stored)",
            "insert into stock (id, n) values (1, 10), (2, 20)",
            "alter table stock replica identity full")) {
      Evidence ten = stage.rows("stock", "n", 10);
      Evidence twenty = stage.rows("stock", "n", 20);
      stage.run("update stock set n = 11 where id = 1");
      stage.passed();
      assertThat(stage.isCurrent(ten)).isFalse();
      assertThat(stage.isCurrent(twenty)).isTrue();
      stage.run("begin; insert into stock (id) values (9); rollback");
      stage.passed();
      server.restart();
      Stage.until("the loss was noticed", () -> !stage.isCurrent(twenty));
      Stage.until("it has begun anew", () -> stage.feed.snapshot().attachments() >= 2);
      stage.attached();
      assertThat(stage.isCurrent(twenty)).isFalse();
      try (Connection again = connect()) {
        long before = stage.freshness.published();
        Sessions.run(again, "update stock set n = 21 where id = 2");
        Stage.until(
            "it is published", () -> Long.compareUnsigned(stage.freshness.published(), before) > 0);
      }
    }
  }
}
