package dev.freshet.changes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.freshet.base.HostPort;
import dev.freshet.base.Trouble;
import dev.freshet.testkit.OtherPostgres;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A server as it is when nobody has thought of a change feed, and one that only follows another.
@Timeout(120)
class UnpreparedServerTest {
  @TempDir private static Path folder;

  private static EmbeddedPostgres start() throws IOException {
    return OtherPostgres.usual()
        .setDataDirectory(folder.resolve("data"))
        .setCleanDataDirectory(false)
        .setServerConfig("wal_level", "replica")
        .setServerConfig("max_replication_slots", "0")
        .setServerConfig("max_wal_senders", "0")
        .start();
  }

  private static ChangesConfig config(EmbeddedPostgres server) {
    HostPort at = new HostPort("127.0.0.1", server.getPort());
    return ChangesConfig.of(at, "postgres", "postgres", "", "disable");
  }

  @Test
  void whatItLacksIsSaidAllAtOnceEachWithTheWordsThatMendIt()
      throws IOException, InterruptedException {
    try (EmbeddedPostgres server = start()) {
      assertThat(ChangeFeed.examine(config(server)).obstacles())
          .extracting(Trouble::cause, Trouble::remedy)
          .containsExactly(
              tuple(
                  "wal_level is replica",
                  "run `ALTER SYSTEM SET wal_level = 'logical'` and restart PostgreSQL"),
              tuple(
                  "no replication slot is free (0 of 0 are in use)",
                  "run `ALTER SYSTEM SET max_replication_slots = 5` and restart PostgreSQL, or drop"
                      + " what nobody uses"),
              tuple(
                  "no WAL sender is free (0 of 0 are in use)",
                  "run `ALTER SYSTEM SET max_wal_senders = 5` and restart PostgreSQL, or drop what"
                      + " nobody uses"));
    }
    Files.createFile(folder.resolve("data").resolve("standby.signal"));
    try (EmbeddedPostgres replica = start()) {
      assertThat(ChangeFeed.examine(config(replica)).obstacles())
          .extracting(Trouble::cause, Trouble::remedy)
          .contains(tuple("it is a read replica", "let `database` name the primary server"));
    }
  }
}
