package dev.freshet.changes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.freshet.base.HostPort;
import dev.freshet.base.Trouble;
import java.sql.Connection;
import java.sql.SQLException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What a database lacks is said before it is tried, with the words that mend it.
@Timeout(60)
class ReadinessTest {
  @BeforeAll
  static void roles() throws SQLException {
    try (Connection c = Server.connect("postgres", "postgres")) {
      Sessions.run(c, "create role plain login; create role follower login replication");
    }
  }

  @AfterAll
  static void noRoles() throws SQLException {
    try (Connection c = Server.connect("postgres", "postgres")) {
      Sessions.run(c, "alter role plain nologin; alter role follower nologin");
    }
  }

  @Test
  void aRoleThatMayNotReplicateIsToldHow() throws SQLException, InterruptedException {
    String database = Server.database();
    ChangesConfig config = Server.config(database, "plain");
    assertThat(ChangeFeed.examine(config).obstacles())
        .containsExactly(
            new Trouble(
                "database " + config,
                "the user may not replicate",
                "let a superuser run `ALTER ROLE plain REPLICATION`"));
    try (Stage stage = Stage.begin(config, Server.connect(database, "postgres"))) {
      assertThat(stage.feed.await(FeedSnapshot.State.OFF, Stage.PATIENCE)).isTrue();
      assertThat(stage.feed.snapshot().troubles()).anyMatch(line -> line.contains("ALTER ROLE"));
      assertThat(stage.freshness.isAttached()).isFalse();
    }
  }

  /// The feed goes on trying, so that nothing has to be started anew once it is mended.
  @Test
  void whatAnOwnerMustDoIsPrintedAndOnceDoneTheFeedAttaches()
      throws SQLException, InterruptedException {
    String database = Server.database();
    ChangesConfig config = Server.config(database, "follower");
    Connection owner = Server.connect(database, "postgres");
    Sessions.run(
        owner, "create table stock (id int primary key); create table \"Log\" (line text)");
    assertThat(ChangeFeed.examine(config).statements().getFirst())
        .startsWith("CREATE PUBLICATION freshet");
    assertThatThrownBy(() -> ChangeFeed.prepare(config, false))
        .isInstanceOf(Trouble.Found.class)
        .hasMessageContaining("CREATE PUBLICATION");
    try (Stage stage = Stage.begin(config, owner)) {
      assertThat(stage.feed.await(FeedSnapshot.State.OFF, Stage.PATIENCE)).isTrue();
      assertThat(stage.feed.snapshot().troubles())
          .anyMatch(line -> line.contains("ADD TABLE ONLY public.stock"));
      ChangesConfig asOwner = Server.config(database, "postgres");
      assertThat(ChangeFeed.prepare(asOwner, true))
          .containsExactly(
              "ALTER TABLE ONLY public.stock REPLICA IDENTITY FULL",
              "CREATE PUBLICATION freshet"
                  + (Server.version() < 18 ? "" : " WITH (publish_generated_columns = stored)"),
              "ALTER PUBLICATION freshet ADD TABLE ONLY public.stock");
      assertThat(ChangeFeed.examine(asOwner).statements()).isEmpty();
      assertThat(ChangeFeed.examine(asOwner).full()).isEmpty();
      stage.attached();
      assertThat(stage.feed.covered()).containsExactly(stage.oid("stock"));
      assertThat(ChangeFeed.examine(config).notes())
          .anyMatch(note -> note.place().equals("table public.\"Log\""));
    }
  }

  @Test
  void slowCommitsAreNoticed() throws SQLException {
    String database = Server.database();
    try (Connection c = Server.connect("postgres", "postgres")) {
      Sessions.run(c, "alter database " + database + " set synchronous_commit = off");
    }
    assertThat(ChangeFeed.examine(Server.config(database, "postgres")).notes())
        .anyMatch(note -> note.cause().startsWith("synchronous_commit is off for everybody"));
  }

  @Test
  void aServerThatIsNotThereIsSaidToBe() {
    ChangesConfig config =
        ChangesConfig.of(new HostPort("127.0.0.1", 1), "town", "nobody", "", "disable");
    Readiness readiness = ChangeFeed.examine(config);
    assertThat(readiness.isReady()).isFalse();
    assertThat(readiness.obstacles().getFirst().cause()).contains("can't log in");
  }

  @Test
  void namesThatSlotsMayNotHaveAreRefused() {
    ChangesConfig config = Server.config("x", "postgres");
    assertThatThrownBy(() -> config.withPublication("Fresh'; drop"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("changes.publication");
  }
}
