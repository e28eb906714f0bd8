package dev.freshet.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.freshet.base.Rolls;
import dev.freshet.base.Time;
import dev.freshet.changes.FeedSnapshot;
import dev.freshet.testkit.FreePort;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Live updates of the whole program before an app and a real PostgreSQL that others write to:
/// whatever happens to the channel, what a subscriber holds in the end is what the database says.
@Timeout(180)
// JUnit ends a test that is interrupted, and a missing room fails it.
@SuppressWarnings({"InterruptedExceptionSwallowed", "NullAway"})
class LiveLossTest {
  private static final int ROWS = 20;

  /// As many as fit into a test; a soak runs more.
  private static final int TRIES = Integer.getInteger("live.tries", 250);

  private static final int STEPS = Integer.getInteger("live.steps", 250);
  private static EmbeddedPostgres postgres;
  private static Connection writer;
  private final int[] truth = new int[ROWS];
  private final Rolls rolls = new Rolls(Long.getLong("live.seed", 20_261_126L));
  private final List<LiveClient> clients = new ArrayList<>();
  private CheckedApp app;
  private Settings settings;
  private Wiring freshet;
  private int port;

  @BeforeAll
  static void startServer() throws IOException, SQLException {
    postgres =
        EmbeddedPostgres.builder()
            .setServerConfig("synchronous_commit", "on")
            .setServerConfig("wal_level", "logical")
            .start();
    writer = DriverManager.getConnection(postgres.getJdbcUrl("postgres", "postgres"));
    run("create table item (id int primary key, version bigint not null, grp int not null)");
    run("insert into item select i, 0, 0 from generate_series(0, " + (ROWS - 1) + ") i");
  }

  @AfterAll
  static void stopServer() throws IOException, SQLException {
    writer.close();
    postgres.close();
  }

  private static void run(String sql) throws SQLException {
    try (Statement statement = writer.createStatement()) {
      statement.execute(sql);
    }
  }

  @BeforeEach
  void start() throws IOException, SQLException, InterruptedException {
    run("update item set version = 0");
    port = FreePort.find();
    int gateway = FreePort.find();
    int origin = FreePort.find();
    settings =
        Reading.read(
            """
            listen: 127.0.0.1:%d
            admin: 127.0.0.1:0
            origin: http://127.0.0.1:%d
            gateway: { listen: '127.0.0.1:%d' }
            database: postgresql://postgres:x@127.0.0.1:%d/postgres?sslmode=disable
            routes: [{ match: /**, cache: rows, share: public }]
            """
                .formatted(port, origin, gateway, postgres.getPort()));
    app =
        new CheckedApp(
            "jdbc:postgresql://127.0.0.1:" + gateway + "/postgres?user=postgres&password=x",
            origin,
            rolls.seed());
    open();
  }

  @AfterEach
  void stop() throws SQLException {
    clients.forEach(LiveClient::close);
    freshet.close();
    app.close();
  }

  private void open() throws InterruptedException {
    freshet = Wiring.start(settings, () -> settings);
    attached();
  }

  private void attached() throws InterruptedException {
    Following following = Objects.requireNonNull(freshet.following());
    assertThat(following.feed().await(FeedSnapshot.State.ATTACHED, Duration.ofSeconds(30)))
        .as("%s", following.feed().snapshot())
        .isTrue();
  }

  /// Straight to PostgreSQL.
  private void write(int row) throws SQLException {
    truth[row]++;
    run("update item set version = " + truth[row] + " where id = " + row);
  }

  private static String url(int row) {
    return "/rows/item/" + row;
  }

  /// A line `id version group`.
  private static int version(@Nullable JsonNode body) {
    return body == null ? -1 : Integer.parseInt(body.asText().strip().split(" ", -1)[1]);
  }

  /// Reads until the client holds what the database says.
  private void learns(LiveClient client, int row) throws InterruptedException {
    while (version(client.body(url(row))) != truth[row]) {
      assertThat(client.hear())
          .as(
              "%s is at %d, not %s, seed %d",
              url(row), truth[row], client.body(url(row)), rolls.seed())
          .isTrue();
    }
  }

  private LiveClient client() {
    LiveClient made = new LiveClient(port, rolls.chance(0.5) ? "body" : "patch");
    clients.add(made);
    return made;
  }

  /// Whoever asks for it costs the app something only once: when a state is made.
  @Test
  void aThousandSubscribersOfOneUrlCostTheAppNoMoreThanOne()
      throws IOException, InterruptedException, SQLException {
    long before = app.asked();
    Crowd.Interest interest = new Crowd.Interest("/rows/item/", 1, "\"body\":\"1 ", false);
    Crowd.Ear deaf = (item, version, nanos) -> {};
    try (Crowd crowd = new Crowd(port, 1_000, interest, deaf, Time.system())) {
      long first = app.asked();
      assertThat(first - before).isBetween(1L, 50L);
      for (int i = 0; i < 20; i++) {
        write(1);
        while (crowd.behind(new long[] {0, truth[1]}) > 0) {
          LockSupport.parkNanos(1_000_000);
        }
      }
      // More than once where the state was made while the commit was not visible yet.
      assertThat(app.asked() - first).isBetween(20L, 100L);
    }
  }

  /// A write that is committed while the subscription is being made, a little earlier or later: it
  /// is in the first state, or told.
  @Test
  void aWriteAtOnceWithTheSubscriptionIsNeverLost() throws SQLException, InterruptedException {
    LiveClient client = client();
    client.connect();
    for (int i = 0; i < TRIES; i++) {
      int row = i % ROWS;
      client.follow(url(row));
      LockSupport.parkNanos(rolls.between(0, 1_500_000));
      write(row);
      learns(client, row);
      if (rolls.chance(0.3)) {
        write(row);
        learns(client, row);
      }
      client.leave(url(row));
    }
  }

  @Test
  void nothingIsLostOverBrokenSocketsAndRestartsOfTheProgram()
      throws SQLException, InterruptedException {
    for (int i = 0; i < 6; i++) {
      client().connect();
      for (int row = 0; row < ROWS; row += 1 + i % 3) {
        clients.get(i).follow(url(row));
      }
    }
    int restarts = 0;
    for (int step = 0; step < STEPS; step++) {
      int what = rolls.between(0, 99);
      LiveClient one = rolls.oneOf(clients);
      if (what < 70) {
        write(rolls.between(0, ROWS - 1));
      } else if (what < 80) {
        one.hearAll();
      } else if (what < 98) {
        one.close();
        if (rolls.chance(0.5)) {
          write(rolls.between(0, ROWS - 1));
        }
        one.connect();
      } else if (restarts < 4) {
        restarts++;
        freshet.drain(Duration.ZERO);
        write(rolls.between(0, ROWS - 1));
        open();
      } else {
        run("select pg_terminate_backend(pid) from pg_stat_replication");
      }
    }
    attached();
    for (LiveClient each : clients) {
      for (String url : each.urls()) {
        learns(each, Integer.parseInt(url.substring(url.lastIndexOf('/') + 1)));
      }
      assertThat(each.wrong()).as("seed %d", rolls.seed()).isEmpty();
    }
  }
}
