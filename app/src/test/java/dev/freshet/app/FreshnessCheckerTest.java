package dev.freshet.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.base.HostPort;
import dev.freshet.base.Rolls;
import dev.freshet.changes.FeedSnapshot;
import dev.freshet.freshness.Freshness;
import dev.freshet.gateway.StatementOrder;
import dev.freshet.gateway.StatementsSnapshot;
import dev.freshet.testkit.FreePort;
import dev.freshet.testkit.LatePostgres;
import dev.freshet.testkit.OtherPostgres;
import dev.freshet.testkit.RedisServer;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.ProxySelector;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// The promises G1 to G4 against everything at once: writers through the edges, through the
/// gateways and straight to PostgreSQL, readers by HTTP and by SQL, two nodes with one Redis,
/// commits that become visible late, feeds that are killed. With a rule of the protocol taken away
/// it finds what then goes wrong.
///
/// `-Dchecker.seconds=600` makes it long, `-Dchecker.seed=...` repeats the choices of a run.
// JUnit ends a test that is interrupted, and a missing room fails it.
@SuppressWarnings({"InterruptedExceptionSwallowed", "NullAway"})
class FreshnessCheckerTest {
  private static final int SECONDS = Integer.getInteger("checker.seconds", 60);
  private static final long SEED = Long.getLong("checker.seed", System.nanoTime());

  /// The name of who asks the gateway and makes no answers.
  private static final String OTHERS = "checker";

  private static final int MIN_LULL = 1_200;
  private static final int WRITERS = 16;
  private static final int READERS = 32;

  private static EmbeddedPostgres postgres;
  private static SlowStandby standby;

  @BeforeAll
  static void start() throws Exception {
    postgres =
        OtherPostgres.usual()
            .setServerConfig("synchronous_commit", "on")
            .setServerConfig("wal_level", "logical")
            .setServerConfig("max_connections", "200")
            .start();
    standby = new SlowStandby(direct(), SEED);
    sql("alter system set synchronous_standby_names = '" + SlowStandby.NAME + "'");
    sql("select pg_reload_conf()");
  }

  @AfterAll
  static void stop() throws Exception {
    sql("alter system reset synchronous_standby_names");
    sql("select pg_reload_conf()");
    standby.close();
    postgres.close();
  }

  private static String direct() {
    return postgres.getJdbcUrl("postgres", "postgres");
  }

  private static void sql(String statement) throws SQLException {
    try (Connection c = DriverManager.getConnection(direct());
        Statement s = c.createStatement()) {
      s.execute(statement);
    }
  }

  /// Freshet with an app behind its gateway.
  private record Running(Wiring freshet, Freshness freshness, CheckedApp app)
      implements AutoCloseable {

    static Running open(
        int database, String fence, String more, Set<Freshness.Rule> without, long seed)
        throws IOException, InterruptedException {
      int port = FreePort.find();
      Settings settings =
          Reading.read(
              """
              origin: http://127.0.0.1:%d
              listen: 127.0.0.1:0
              admin: 127.0.0.1:0
              database: postgresql://postgres:postgres@127.0.0.1:%d/postgres
              gateway: { listen: '127.0.0.1:0', pool: { size: 12 }, cache: { rows: on } }
              routes:
                - match: /**
                  cache: rows
                  share: public
              rows: { jobs: [%s], fence: %s }
              %s\
              """
                  .formatted(port, database, OTHERS, fence, more));
      Freshness freshness = new Freshness(Freshness.PLACES, without);
      Wiring freshet = Wiring.start(settings, () -> settings, freshness);
      CheckedApp app = new CheckedApp(gateway(freshet), port, seed);
      assertThat(
              freshet.following().feed().await(FeedSnapshot.State.ATTACHED, Duration.ofSeconds(20)))
          .isTrue();
      return new Running(freshet, freshness, app);
    }

    static String gateway(Wiring freshet) {
      return "jdbc:postgresql://"
          + freshet.gateway().address()
          + "/postgres?user=postgres&password=postgres&socketTimeout=20";
    }

    /// Where what was answered from memory came from, and who had asked.
    void count(FreshnessChecker checker) throws IOException, InterruptedException {
      StatementsSnapshot all = freshet.gateway().statements(StatementOrder.HITS, 100);
      long readers =
          all.statements().stream()
              .filter(line -> line.text().contains(FreshnessChecker.OF_READERS))
              .mapToLong(StatementsSnapshot.Line::hits)
              .sum();
      long hits = freshet.gateway().snapshot().results().hits();
      checker.count("reads from a gateway's memory", readers);
      checker.count("app's statements from a gateway's memory", hits - readers);
      checker.count("reads from Redis, of an edge's memory", metric("freshet_second_used_total"));
    }

    private long metric(String name) throws IOException, InterruptedException {
      URI uri = URI.create("http://" + freshet.console().address() + "/metrics");
      try (HttpClient client = HttpClient.newHttpClient()) {
        HttpRequest request = HttpRequest.newBuilder(uri).build();
        String all = client.send(request, HttpResponse.BodyHandlers.ofString()).body();
        return (long)
            all.lines()
                .filter(line -> line.startsWith(name))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
      }
    }

    FreshnessChecker.Node node(String name) {
      HostPort edge = freshet.edge().addresses().getFirst();
      return new FreshnessChecker.Node(
          name,
          HttpClient.newBuilder()
              .version(HttpClient.Version.HTTP_1_1)
              .proxy(ProxySelector.of(new InetSocketAddress(edge.host(), edge.port())))
              .build(),
          gateway(freshet) + "&ApplicationName=" + OTHERS,
          freshness,
          freshet.edge());
    }

    @Override
    public void close() throws SQLException {
      app.close();
      freshet.close();
    }
  }

  /// @param delaysMillis of each node: how late its change feed may get what PostgreSQL says
  private static FreshnessChecker check(
      List<Integer> delaysMillis,
      String fence,
      String more,
      Set<Freshness.Rule> without,
      FreshnessChecker.Meanwhile meanwhile)
      throws Exception {
    FreshnessChecker.prepare(direct());
    List<Running> running = new ArrayList<>();
    List<FreshnessChecker.Node> named = new ArrayList<>();
    List<LatePostgres> ways = new ArrayList<>();
    try {
      for (int i = 0; i < delaysMillis.size(); i++) {
        ways.add(new LatePostgres(postgres.getPort(), delaysMillis.get(i), SEED + i));
        running.add(Running.open(ways.getLast().port(), fence, more, without, SEED + i));
        named.add(running.getLast().node("node " + (i + 1)));
      }
      FreshnessChecker checker = new FreshnessChecker(named, direct(), SEED);
      checker.run(WRITERS, READERS, meanwhile);
      for (Running one : running) {
        one.count(checker);
      }
      System.out.println("checker, seed " + SEED + ": " + checker.counts());
      return checker;
    } finally {
      for (Running one : running) {
        one.close();
      }
      for (LatePostgres way : ways) {
        way.close();
      }
    }
  }

  private static final List<String> BY_HTTP =
      List.of("reads from an edge's memory", "reads through an edge");
  private static final List<String> BY_EDGE = List.of("reads from an edge's memory");
  private static final List<String> BY_REDIS = List.of("reads from Redis, of an edge's memory");
  private static final List<String> BY_SQL = List.of("reads through a gateway");
  private static final List<String> BY_GATEWAY = List.of("reads from a gateway's memory");

  @Test
  @Timeout(value = 30, unit = TimeUnit.MINUTES)
  void everyPromiseHoldsWhateverHappens() throws Exception {
    try (RedisServer redis = RedisServer.program().isPresent() ? RedisServer.start() : null) {
      String more = redis == null ? "" : "redis: " + redis.url() + "\n";
      FreshnessChecker checker =
          check(List.of(3, 3), "1s", more, Set.of(), FreshnessCheckerTest::weather);
      double byEdge = checker.share(BY_EDGE, BY_HTTP);
      double byGateway = checker.share(BY_GATEWAY, BY_SQL);
      double byRedis = checker.share(BY_REDIS, BY_EDGE);
      System.out.printf(
          "from memory: %.1f %% of the reads through edges (%.1f %% of those from Redis),"
              + " %.1f %% of those through gateways%n",
          100 * byEdge, 100 * byRedis, 100 * byGateway);
      assertThat(checker.violations()).isEmpty();
      assertThat(checker.counts())
          .as("every way was gone")
          .containsKeys(
              "reads of chance",
              "writes through an edge",
              "writes through a gateway",
              "writes to the server itself",
              "app's statements from a gateway's memory");
      // What comes from memory is what can be old: enough of it, or else little was shown. A quiet
      // machine shows four times as much; a slow one finds Redis late.
      assertThat(byEdge).as("from an edge's memory").isGreaterThan(0.1);
      assertThat(byGateway).as("from a gateway's memory").isGreaterThan(0.03);
      if (redis != null) {
        assertThat(byRedis).as("from Redis").isPositive();
      }
    }
  }

  /// Storms, in which things break, and lulls between them, by turns. Each goes on for as many
  /// reads as the other, however slow everything is.
  private static void weather(FreshnessChecker checker) throws InterruptedException {
    Rolls rolls = new Rolls(SEED);
    long end = System.nanoTime() + Duration.ofSeconds(SECONDS).toNanos();
    while (System.nanoTime() < end) {
      checker.lull();
      checker.await(MIN_LULL, end);
      checker.awaitAsMany(end);
      for (int faults = rolls.between(1, 3); faults > 0 && System.nanoTime() < end; faults--) {
        // The first befalls who is served from memory.
        fault(checker, rolls);
        checker.storm();
        TimeUnit.MILLISECONDS.sleep(rolls.between(500, 4_000));
      }
      checker.awaitFeeds(end);
    }
  }

  private static void fault(FreshnessChecker checker, Rolls rolls) throws InterruptedException {
    try {
      if (rolls.chance(0.5)) {
        sql("select pg_terminate_backend(active_pid) from pg_replication_slots");
        checker.count("feeds killed");
      } else if (rolls.chance(0.3)) {
        sql(
            "select pg_terminate_backend(pid) from pg_stat_activity where backend_type ="
                + " 'client backend' and pid <> pg_backend_pid()");
        checker.count("all connections killed");
      } else if (rolls.chance(0.3)) {
        restart();
        checker.count("restarts of PostgreSQL");
      }
    } catch (SQLException e) {
      checker.count("faults that failed");
    }
  }

  private static void restart() throws SQLException, InterruptedException {
    Path folder;
    try (Connection c = DriverManager.getConnection(direct());
        Statement s = c.createStatement();
        ResultSet r = s.executeQuery("show data_directory")) {
      r.next();
      folder = Path.of(r.getString(1));
    }
    List<String> command = new ArrayList<>();
    if (System.getProperty("user.name").equals("root")) {
      // PostgreSQL refuses to run as root; in a user namespace of its own it is nobody.
      command.addAll(List.of("unshare", "-U"));
    }
    command.addAll(
        List.of(control(folder), "-D", folder.toString(), "-m", "fast", "-w", "restart"));
    try {
      Process restarting =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      assertThat(restarting.waitFor()).as("%s", command).isZero();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Of the server that runs: it notes with which program it was started.
  private static String control(Path folder) {
    try {
      String started = Files.readString(folder.resolve("postmaster.opts"));
      return Path.of(started.split(" ", 2)[0]).resolveSibling("pg_ctl").toString();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void withoutAwaitingVisibilityOldAnswersAreServed() throws Exception {
    isNoticed(
        List.of(0), "G1 published writes", "1s", Set.of(Freshness.Rule.VISIBLE_BEFORE_PUBLISHED));
  }

  @Test
  void withoutAPositionTakenBeforeReadingOldAnswersAreServed() throws Exception {
    isNoticed(List.of(0), "G1 published writes", "1s", Set.of(Freshness.Rule.AS_OF_BEFORE_READING));
  }

  @Test
  void withoutAFenceAcknowledgedWritesAreNotSeen() throws Exception {
    isNoticed(List.of(40), "G2 acknowledged writes", "off", Set.of());
  }

  @Test
  void withAFenceForOneNodeAcknowledgedWritesAreNotSeenAtTheOther() throws Exception {
    Set<Freshness.Rule> without = Set.of(Freshness.Rule.EVERY_NODE_BEFORE_ACKNOWLEDGED);
    isNoticed(List.of(0, 40), "G2 acknowledged by another node", "1s", without);
  }

  /// Beside the edge's: what the gateway itself answers, to who writes and reads by SQL.
  @Test
  void withoutAFenceAcknowledgedWritesAreNotSeenThroughTheGateway() throws Exception {
    FreshnessChecker checker =
        check(
            List.of(40), "off", "", Set.of(), found -> until(found, FreshnessCheckerTest::isBySql));
    assertThat(checker.violations()).anyMatch(FreshnessCheckerTest::isBySql);
  }

  private static boolean isBySql(String violation) {
    return violation.startsWith("G2") && violation.contains(" by SQL ");
  }

  private static void isNoticed(
      List<Integer> delaysMillis, String promise, String fence, Set<Freshness.Rule> without)
      throws Exception {
    FreshnessChecker checker =
        check(delaysMillis, fence, "", without, running -> untilFound(running, promise));
    assertThat(checker.violations()).anyMatch(violation -> violation.startsWith(promise));
  }

  /// A few seconds, or much more where everything is slow; the end is for a search without hope.
  private static void untilFound(FreshnessChecker checker, String promise) {
    until(checker, violation -> violation.startsWith(promise));
  }

  private static void until(FreshnessChecker checker, Predicate<String> what) {
    long end = System.nanoTime() + Duration.ofMinutes(4).toNanos();
    // Then most answers come from memory, where what is old lies.
    checker.lull();
    while (System.nanoTime() < end && checker.violations().stream().noneMatch(what)) {
      LockSupport.parkNanos(20_000_000);
    }
  }
}
