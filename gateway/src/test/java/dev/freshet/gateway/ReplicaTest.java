package dev.freshet.gateway;

import static dev.freshet.gateway.Backstage.connect;
import static dev.freshet.gateway.Backstage.one;
import static dev.freshet.gateway.Backstage.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.freshet.base.ByteSize;
import dev.freshet.base.HostPort;
import dev.freshet.base.Meters;
import dev.freshet.base.Time;
import dev.freshet.freshness.Freshness;
import dev.freshet.freshness.Trails;
import dev.freshet.pgwire.LoginRefused;
import dev.freshet.testkit.Eventually;
import dev.freshet.testkit.PrimaryAndStandby;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Reads go to a replica only where nobody misses what he has written, and never fail for it. The
/// replica's replay is paused: whatever comes from it then is old for certain.
@Timeout(120)
class ReplicaTest {
  private static final int CLIENTS = 6;
  private static final Duration LONG = Duration.ofHours(1);
  private static final String READS = "select n from work.marks where id = 1";

  @TempDir private static Path folder;
  private static PrimaryAndStandby pair;
  private Connection standby;

  @BeforeAll
  static void start() throws IOException, SQLException {
    pair =
        PrimaryAndStandby.start(
            folder, List.of("create role app login", "create database shop owner app"));
    try (Connection c = pair.onPrimary("shop")) {
      run(c, "set role app");
      run(c, "create schema work");
      run(c, "create table work.marks (id int primary key, n int)");
      run(c, "insert into work.marks select i, 0 from generate_series(0, 100) i");
      run(c, "create sequence work.turns");
      run(c, "create view work.turn as select nextval('work.turns') as n");
      run(
          c,
          "create function work.touch() returns int language sql as"
              + " 'update work.marks set n = n + 1 where id = 90 returning n'");
    }
  }

  @BeforeEach
  void meet() throws SQLException {
    standby = pair.onStandby("postgres");
  }

  @AfterEach
  void part() throws SQLException {
    run(standby, "select pg_wal_replay_resume()");
    standby.close();
  }

  @AfterAll
  static void stop() throws IOException {
    pair.close();
  }

  private void pause() throws SQLException {
    run(standby, "select pg_wal_replay_pause()");
    while (!one(standby, "select pg_get_wal_replay_pause_state()").equals("paused")) {
      Thread.onSpinWait();
    }
  }

  private static GatewayConfig config(Duration lag, HostPort replica) {
    return Backstage.config(
            Backstage.url(pair.primary().port()),
            Backstage.pool(CLIENTS, PoolMode.TRANSACTION, Duration.ofSeconds(60)))
        .withReplicas(new GatewayConfig.Standbys(List.of(replica), lag));
  }

  private static Gateway gateway(Duration lag) {
    return Backstage.gateway(config(lag, pair.standby()));
  }

  /// Reads until the replica has answered; that answer.
  private static String reach(Gateway gateway, Connection c, String sql) throws SQLException {
    long before = gateway.figures().replicaReads();
    String answer = one(c, sql);
    while (gateway.figures().replicaReads() == before) {
      answer = one(c, sql);
    }
    return answer;
  }

  @Test
  void whoHasWrittenSeesItWhileOthersReadFromTheReplica() throws SQLException {
    String reads = "select n from work.marks where id = 10";
    try (Gateway gateway = gateway(LONG);
        Connection writer = connect(gateway);
        Connection other = connect(gateway)) {
      reach(gateway, writer, reads);
      reach(gateway, other, reads);
      pause();
      for (int n = 1; n < 30; n++) {
        writer.setAutoCommit(n % 2 == 0);
        run(writer, "update work.marks set n = " + n + " where id = 10");
        if (n % 2 == 1) {
          writer.commit();
          writer.setAutoCommit(true);
        }
        for (int i = 0; i < 5; i++) {
          assertThat(one(writer, reads)).isEqualTo("" + n);
        }
      }
      // The other has promised himself nothing: he still reads what the replica has.
      assertThat(reach(gateway, other, reads)).isEqualTo("0");
      other.setAutoCommit(false);
      assertThat(one(other, reads)).isEqualTo("29");
      other.commit();
      other.setAutoCommit(true);
      run(standby, "select pg_wal_replay_resume()");
      assertThat(reach(gateway, writer, reads)).isEqualTo("29");
    }
  }

  @Test
  void preparedStatementsAreAtHomeOnBoth() throws SQLException {
    try (Gateway gateway = gateway(LONG);
        Connection reader = connect(gateway, "prepareThreshold", "1");
        Connection primary = pair.onPrimary("shop");
        PreparedStatement read =
            reader.prepareStatement("select n from work.marks where id = ? or id = -1")) {
      long before = gateway.figures().replicaReads();
      while (gateway.figures().replicaReads() == before) {
        assertThat(value(read, 20)).isEqualTo("0");
      }
      pause();
      run(primary, "update work.marks set n = 5 where id = 20");
      for (int i = 0; i < 3; i++) {
        before = gateway.figures().replicaReads();
        String old = value(read, 20);
        while (gateway.figures().replicaReads() == before) {
          old = value(read, 20);
        }
        assertThat(old).isEqualTo("0");
        reader.setAutoCommit(false);
        assertThat(value(read, 20)).isEqualTo("5");
        reader.commit();
        reader.setAutoCommit(true);
      }
    }
  }

  private static String value(PreparedStatement read, int id) throws SQLException {
    read.setInt(1, id);
    try (ResultSet row = read.executeQuery()) {
      row.next();
      return row.getString(1);
    }
  }

  /// A fill that began now may claim what is published now: a replica that lacks it is not asked.
  @Test
  void nobodyReadsFromAReplicaThatLacksWhatIsPublished() throws SQLException {
    Freshness freshness = new Freshness(1 << 10);
    Freshness.Feed feed = freshness.feed();
    feed.attach(1, 0, () -> CompletableFuture.completedFuture(0L));
    Watch watch = Watched.all(new Trails(freshness, Time.system()), () -> null);
    try (Gateway gateway =
            Gateway.start(
                config(LONG, pair.standby()), Time.system(), new Meters(), trace -> null, watch);
        Connection reader = connect(gateway);
        Connection primary = pair.onPrimary("shop")) {
      reach(gateway, reader, READS);
      String has = "select pg_last_wal_replay_lsn() - '0/0'";
      feed.publish(Long.parseLong(one(standby, has)));
      reach(gateway, reader, READS);
      pause();
      run(primary, "update work.marks set n = 7 where id = 30");
      String ends = "select pg_current_wal_insert_lsn() - '0/0'";
      long position = Long.parseLong(one(primary, ends));
      feed.publish(position);
      long before = gateway.figures().replicaReads();
      for (int i = 0; i < 30; i++) {
        assertThat(one(reader, "select n from work.marks where id = 30")).isEqualTo("7");
      }
      assertThat(gateway.figures().replicaReads()).isEqualTo(before);
      run(standby, "select pg_wal_replay_resume()");
      assertThat(reach(gateway, reader, "select n from work.marks where id = 30")).isEqualTo("7");
    }
  }

  @Test
  void onlyWhatIsKnownToReadGoesThere() throws SQLException {
    try (Gateway gateway = gateway(LONG);
        Connection c = connect(gateway)) {
      reach(gateway, c, READS);
      long before = gateway.figures().replicaReads();
      String wrote = "with w as (update work.marks set n = 1 where id = 91 returning n)";
      assertThat(one(c, wrote + " select n from w")).isEqualTo("1");
      assertThat(one(c, wrote + " select n from w")).isEqualTo("1");
      // What it says next is read where that is.
      assertThat(one(c, "select n from work.marks where id = 91")).isEqualTo("1");
      assertThat(one(c, "select work.touch()")).isEqualTo("1");
      assertThat(one(c, "select work.touch()")).isEqualTo("2");
      assertThat(gateway.figures().replicaReads()).isEqualTo(before);
      reach(gateway, c, READS);
      for (String sql :
          List.of(
              "select n from work.marks where id = 1 for update",
              "select n from work.marks where random() < 2 limit 1",
              "select inet_server_port()",
              "select n from work.marks where id = 1; select 1")) {
        long reads = gateway.figures().replicaReads();
        long turned = gateway.figures().turnedBack();
        run(c, sql);
        run(c, sql);
        assertThat(gateway.figures().replicaReads()).as(sql).isEqualTo(reads);
        assertThat(gateway.figures().turnedBack()).as(sql).isEqualTo(turned);
        reach(gateway, c, READS);
      }
      before = gateway.figures().replicaReads();
      for (String begin : List.of("begin", "begin read only")) {
        run(c, begin);
        one(c, READS);
        one(c, READS);
        run(c, "commit");
      }
      assertThat(gateway.figures().replicaReads()).isEqualTo(before);
      reach(gateway, c, READS);
      run(c, "listen news");
      before = gateway.figures().replicaReads();
      one(c, READS);
      one(c, READS);
      assertThat(gateway.figures().replicaReads()).isEqualTo(before);
    }
  }

  /// The replica's view of the data is not the one that the session will have on the primary.
  @Test
  void whoWantsOneViewOfAllItReadsStaysOnThePrimary() throws SQLException {
    try (Gateway gateway = gateway(LONG);
        Connection c = connect(gateway)) {
      reach(gateway, c, READS);
      run(c, "set default_transaction_isolation = 'repeatable read'");
      long before = gateway.figures().replicaReads();
      for (int i = 0; i < 30; i++) {
        one(c, READS);
      }
      assertThat(gateway.figures().replicaReads()).isEqualTo(before);
      run(c, "reset default_transaction_isolation");
      reach(gateway, c, READS);
    }
  }

  /// What is kept for everybody is what the primary says.
  @Test
  void nothingOfAReplicasIsKept() throws SQLException {
    String sql = "select n from work.marks where id = 50 /*freshet_ttl='1h'*/";
    ResultsConfig off = ResultsConfig.off();
    ResultsConfig kept =
        new ResultsConfig(
            off.store().withMemory(new ByteSize(2 << 20)),
            off.maxResult(),
            List.of(),
            false,
            true,
            null);
    try (Gateway gateway = Backstage.gateway(config(LONG, pair.standby()).withResults(kept));
        Connection reader = connect(gateway);
        Connection primary = pair.onPrimary("shop")) {
      reach(gateway, reader, READS);
      pause();
      run(primary, "update work.marks set n = 8 where id = 50");
      String answer = one(reader, sql);
      while (gateway.snapshot().results().hits() == 0) {
        answer = one(reader, sql);
      }
      assertThat(answer).isEqualTo("8");
      reach(gateway, reader, READS);
    }
  }

  /// By its text a view may do anything.
  @Test
  void whatAReplicaRefusesThePrimaryDoes() throws SQLException {
    String turn = "select n from work.turn";
    String late = "select n from work.late";
    try (Gateway gateway = gateway(LONG);
        Connection reader = connect(gateway);
        Connection other = connect(gateway);
        Connection primary = pair.onPrimary("shop")) {
      int turns = 0;
      while (gateway.figures().turnedBack() == 0) {
        turns++;
        assertThat(one(reader, turn)).isEqualTo("" + turns);
        reach(gateway, reader, READS);
      }
      // It is not tried again.
      for (int i = 0; i < 5; i++) {
        reach(gateway, reader, READS);
        turns++;
        assertThat(one(reader, turn)).isEqualTo("" + turns);
      }
      assertThat(gateway.figures().turnedBack()).isEqualTo(1);
      pause();
      run(primary, "create table work.late as select 1 as n; grant select on work.late to app");
      // A statement that is new counts as a write, of whoever asks it.
      byte[] text = late.getBytes(StandardCharsets.UTF_8);
      long fingerprint = dev.freshet.sql.Statement.read(text, 0, text.length).fingerprint();
      while (gateway.shapes().known(fingerprint) == null) {
        assertThat(one(other, late)).isEqualTo("1");
      }
      long before = gateway.figures().turnedBack();
      assertThat(one(reader, late)).isEqualTo("1");
      assertThat(gateway.figures().turnedBack()).isEqualTo(before + 1);
      run(standby, "select pg_wal_replay_resume()");
      assertThat(reach(gateway, reader, late)).isEqualTo("1");
      assertThatThrownBy(() -> run(reader, "select n / 0 from work.marks where id = 1"))
          .hasMessageContaining("division by zero");
    }
  }

  @Test
  void aReplicaThatIsTooFarBehindIsLeftAlone() throws SQLException {
    try (Gateway gateway = gateway(Duration.ofMillis(300));
        Connection reader = connect(gateway);
        Connection primary = pair.onPrimary("shop")) {
      reach(gateway, reader, READS);
      pause();
      run(primary, "update work.marks set n = 3 where id = 40");
      while (!states(gateway).equals(List.of("behind"))) {
        Thread.onSpinWait();
      }
      long before = gateway.figures().replicaReads();
      assertThat(one(reader, "select n from work.marks where id = 40")).isEqualTo("3");
      assertThat(one(reader, "select n from work.marks where id = 40")).isEqualTo("3");
      assertThat(gateway.figures().replicaReads()).isEqualTo(before);
      run(standby, "select pg_wal_replay_resume()");
      reach(gateway, reader, READS);
    }
  }

  private static List<String> states(Gateway gateway) throws SQLException {
    return shown(gateway, "SHOW REPLICAS", "state");
  }

  private static List<String> shown(Gateway gateway, String what, String column)
      throws SQLException {
    List<String> out = new ArrayList<>();
    String url = "jdbc:postgresql://127.0.0.1:" + gateway.address().port() + "/freshet";
    String options = "?user=app&sslmode=disable&preferQueryMode=simple&password=";
    try (Connection c =
            DriverManager.getConnection(url + options + Backstage.PASSWORD.replace(" ", "%20"));
        Statement s = c.createStatement();
        ResultSet rows = s.executeQuery(what)) {
      while (rows.next()) {
        out.add(rows.getString(column));
      }
    }
    return out;
  }

  @Test
  void longAnswersComeThroughAsTheyAre() throws SQLException {
    String sql = "select repeat(n::text || 'x', 150000) from work.marks where id = 2";
    try (Gateway gateway = gateway(LONG);
        Connection c = connect(gateway)) {
      assertThat(reach(gateway, c, sql)).isEqualTo("0x".repeat(150_000));
      assertThat(one(c, READS)).isEqualTo("0");
    }
  }

  /// The second write commits when the first has been answered, replayed and read.
  @Test
  void whoSendsTwoWritesAtOnceSeesTheSecond() throws IOException, LoginRefused, SQLException {
    String reads = "select n from work.marks where id = 60";
    String first = "select n from work.marks where id = 61";
    try (Gateway gateway = gateway(LONG);
        Connection holds = pair.onPrimary("shop");
        Connection other = connect(gateway);
        RawPg writer = RawPg.open(gateway)) {
      reach(gateway, other, reads);
      holds.setAutoCommit(false);
      run(holds, "select 1 from work.marks where id = 60 for update");
      writer.send(
          Say.query("update work.marks set n = 1 where id = 61"),
          Say.query("update work.marks set n = 2 where id = 60"));
      writer.answers(1);
      while (!reach(gateway, other, first).equals("1")) {
        Thread.onSpinWait();
      }
      pause();
      holds.commit();
      writer.answers(1);
      // A round later than the first write must not count for the second.
      for (int i = 0; i < 50; i++) {
        assertThat(writer.ask(Say.query(reads)).toString()).contains("D [2]");
      }
    }
  }

  @Test
  void whatIsRefusedForItsLengthWaitsForTheReplicasAnswer()
      throws IOException, LoginRefused, SQLException {
    GatewayConfig.Limits d = GatewayConfig.Limits.defaults();
    int most = 1 << 17;
    GatewayConfig.Limits limits =
        new GatewayConfig.Limits(
            d.maxClients(),
            d.maxPrepared(),
            d.maxStatements(),
            d.statistics(),
            d.login(),
            d.idleInTransaction(),
            d.statement(),
            d.keepalive(),
            most);
    GatewayConfig plain = config(LONG, pair.standby());
    GatewayConfig config = Backstage.with(plain, limits).withReplicas(plain.replicas());
    byte[] tooLong = Say.query("select '" + "x".repeat(most) + "'");
    try (Gateway gateway = Backstage.gateway(config);
        Connection c = connect(gateway);
        RawPg client = RawPg.open(gateway)) {
      reach(gateway, c, READS);
      long before = gateway.figures().replicaReads();
      while (gateway.figures().replicaReads() < before + 5) {
        client.send(Say.query(READS), tooLong, Say.query(READS));
        assertThat(client.answers(3).toString())
            .containsSubsequence("D [0]", "Z I", "54000", "Z I", "D [0]", "Z I");
      }
    }
  }

  @Test
  void theConsoleTellsWhoIsWho() throws SQLException {
    try (Gateway gateway = gateway(LONG);
        Connection c = connect(gateway)) {
      reach(gateway, c, READS);
      assertThat(shown(gateway, "SHOW SERVERS", "role")).contains("primary", "replica");
      assertThat(shown(gateway, "SHOW POOLS", "replica")).contains(pair.standby().toString());
      assertThat(states(gateway)).containsExactly("in use");
      assertThat(gateway.snapshot().pools())
          .extracting(GatewaySnapshot.PoolLine::replica)
          .containsExactlyInAnyOrder("", pair.standby().toString());
    }
  }

  /// Sessions must not notice where they read, by the form of a date or the time of day.
  @Test
  void aReplicaWithOtherSettingsIsLeftAlone() throws SQLException {
    run(standby, "alter system set intervalstyle = 'iso_8601'");
    run(standby, "select pg_reload_conf()");
    try (Connection look = pair.onStandby("shop")) {
      while (!one(look, "show intervalstyle").equals("iso_8601")) {
        Thread.onSpinWait();
      }
    }
    try (Gateway gateway = gateway(LONG);
        Connection c = connect(gateway)) {
      while (states(gateway).stream().noneMatch(s -> s.startsWith("IntervalStyle is iso_8601"))) {
        one(c, READS);
      }
      assertThat(gateway.figures().replicaReads()).isZero();
    } finally {
      run(standby, "alter system reset intervalstyle");
      run(standby, "select pg_reload_conf()");
    }
  }

  private interface Fault {
    void happen(Relay relay) throws IOException;
  }

  @Test
  void nobodyNoticesThatAReplicaIsCutOff()
      throws ExecutionException, InterruptedException, IOException {
    readThroughout(Relay::cut);
  }

  @Test
  void nobodyNoticesThatAReplicaFallsSilent()
      throws ExecutionException, InterruptedException, IOException {
    readThroughout(Relay::goDead);
  }

  @Test
  void nobodyNoticesThatAReplicaIsGoneForGood()
      throws ExecutionException, InterruptedException, IOException {
    readThroughout(Relay::close);
  }

  private static void readThroughout(Fault fault)
      throws ExecutionException, InterruptedException, IOException {
    AtomicBoolean isOver = new AtomicBoolean();
    AtomicInteger asked = new AtomicInteger();
    try (Relay relay = new Relay(pair.standby().port());
        Gateway gateway = Backstage.gateway(config(LONG, new HostPort("127.0.0.1", relay.port())));
        ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Boolean>> all = new ArrayList<>();
      for (int i = 0; i < CLIENTS; i++) {
        all.add(
            clients.submit(() -> {
              try (Connection c = connect(gateway)) {
                while (!isOver.get()) {
                  assertThat(one(c, READS)).isEqualTo("0");
                  asked.incrementAndGet();
                }
              } finally {
                isOver.set(true);
              }
              return true;
            }));
      }
      Eventually.await(
          () -> gateway.figures().replicaReads() >= 20 || isOver.get(), "reads from the replica");
      fault.happen(relay);
      int before = asked.get();
      // More than could be answered while somebody still waits for the replica.
      Eventually.await(
          () -> asked.get() >= before + 5 * CLIENTS || isOver.get(), "reads behind the fault");
      isOver.set(true);
      for (Future<Boolean> each : all) {
        assertThat(each.get()).isTrue();
      }
    }
    assertThat(Leaks.found()).isEmpty();
  }
}
