package dev.freshet.gateway;

import static dev.freshet.gateway.Backstage.connect;
import static dev.freshet.gateway.Backstage.one;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.freshet.base.HostPort;
import dev.freshet.pgwire.PlainPassword;
import dev.freshet.testkit.Eventually;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// The database `freshet`: what it shows, who may do what, and that nobody's connection ends.
@Timeout(60)
class AdminDatabaseTest {

  private static Connection admin(Gateway gateway, String user, String password)
      throws SQLException {
    return open(gateway, "freshet", user, password);
  }

  private static Connection open(Gateway gateway, String database, String user, String password)
      throws SQLException {
    HostPort at = gateway.address();
    return DriverManager.getConnection(
        "jdbc:postgresql://127.0.0.1:"
            + at.port()
            + "/"
            + database
            + "?preferQueryMode=simple&sslmode=disable",
        user,
        password);
  }

  /// Two connections to the server, and how long a client waits for one of them.
  private static Gateway gateway(Duration patience) {
    return Backstage.gateway(
        Backstage.config(Backstage.url(), Backstage.pool(2, PoolMode.TRANSACTION, patience)));
  }

  private static Connection admin(Gateway gateway) throws SQLException {
    return admin(gateway, "app", Backstage.PASSWORD);
  }

  private static List<Map<String, String>> show(Connection c, String sql) throws SQLException {
    List<Map<String, String>> out = new ArrayList<>();
    try (Statement s = c.createStatement();
        ResultSet rows = s.executeQuery(sql)) {
      ResultSetMetaData columns = rows.getMetaData();
      while (rows.next()) {
        Map<String, String> row = new TreeMap<>();
        for (int i = 1; i <= columns.getColumnCount(); i++) {
          row.put(columns.getColumnName(i), rows.getString(i));
        }
        out.add(row);
      }
    }
    return out;
  }

  @Test
  void showsWhatPgBouncerUsersLookFor() throws SQLException {
    try (Gateway gateway = Backstage.gateway(3);
        Connection c = connect(gateway);
        Connection admin = admin(gateway)) {
      for (int i = 0; i < 10; i++) {
        assertThat(one(c, "select " + i)).isEqualTo("" + i);
      }
      c.setAutoCommit(false);
      assertThat(one(c, "select 'held'")).isEqualTo("held");
      Map<String, String> pool = show(admin, "SHOW POOLS").getFirst();
      assertThat(pool)
          .containsEntry("database", "shop")
          .containsEntry("user", "app")
          .containsEntry("cl_active", "1")
          .containsEntry("cl_waiting", "0")
          .containsEntry("sv_active", "1")
          .containsEntry("maxwait", "0")
          .containsEntry("pool_mode", "transaction");
      Map<String, String> stats = show(admin, "show stats;").getFirst();
      assertThat(Long.parseLong(stats.get("total_xact_count"))).isGreaterThanOrEqualTo(10);
      assertThat(Long.parseLong(stats.get("total_query_count"))).isGreaterThanOrEqualTo(11);
      assertThat(Long.parseLong(stats.get("total_received"))).isPositive();
      assertThat(Long.parseLong(stats.get("total_sent"))).isPositive();
      assertThat(show(admin, "SHOW CLIENTS").getFirst()).containsEntry("state", "in transaction");
      assertThat(show(admin, "SHOW SERVERS").getFirst()).containsEntry("state", "active");
      assertThat(show(admin, "SHOW DATABASES").getFirst()).containsEntry("pool_size", "3");
      assertThat(show(admin, "SHOW LISTS")).isNotEmpty();
      assertThat(show(admin, "SHOW WAITS")).hasSize(4);
      assertThat(show(admin, "SHOW SIZING"))
          .anySatisfy(row -> assertThat(row).containsEntry("size", "3").containsEntry("is", "now"));
      assertThatThrownBy(() -> show(admin, "SHOW NONSENSE")).hasMessageContaining("SHOW POOLS");
    }
  }

  @Test
  void letsOthersLookOnly() throws SQLException {
    GatewayConfig config =
        Backstage.with(
            Backstage.config(
                Backstage.url(), Backstage.pool(2, PoolMode.TRANSACTION, Duration.ofSeconds(30))),
            Map.of("guest", new PlainPassword("a guest's")));
    try (Gateway gateway = Backstage.gateway(config);
        Connection guest = admin(gateway, "guest", "a guest's")) {
      assertThat(show(guest, "SHOW CONFIG")).isNotEmpty();
      for (String command : List.of("PAUSE", "RESUME", "RELOAD", "RECONNECT", "PAUSE shop")) {
        assertThatThrownBy(() -> Backstage.run(guest, command))
            .isInstanceOfSatisfying(
                SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("42501"));
      }
    }
  }

  /// A database is as quiet for those who come for the first time.
  @Test
  void letsNobodyInWhoComesWhileADatabaseIsPaused()
      throws ExecutionException, InterruptedException, SQLException {
    try (Gateway gateway = knowingANewcomer();
        Connection known = connect(gateway);
        Connection admin = admin(gateway);
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      assertThat(one(known, "select 1")).isEqualTo("1");
      Backstage.run(admin, "PAUSE shop");
      Future<String> late =
          threads.submit(() -> {
            try (Connection c = open(gateway, "shop", "newcomer", "a newcomer")) {
              return one(c, "select current_user");
            }
          });
      Eventually.await(() -> gateway.snapshot().pools().size() == 2, "the newcomer's pool");
      for (Map<String, String> pool : show(admin, "SHOW POOLS")) {
        assertThat(pool).containsEntry("paused", "1").containsEntry("sv_login", "0");
      }
      assertThat(show(admin, "SHOW SERVERS")).isEmpty();
      Backstage.run(admin, "RESUME shop");
      assertThat(late.get()).isEqualTo("newcomer");
    }
  }

  /// As those who are known: for as long as `queue-timeout`.
  @Test
  void keepsNobodyForeverWhoComesWhileADatabaseIsPaused() throws SQLException {
    try (Gateway gateway = gateway(Duration.ofMillis(300));
        Connection admin = admin(gateway)) {
      Backstage.run(admin, "PAUSE");
      assertThatThrownBy(() -> connect(gateway))
          .isInstanceOfSatisfying(
              SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("53300"));
    }
  }

  @Test
  void forgetsWhoLeavesBeforeHisLoginWasAnswered() throws SQLException {
    try (Gateway gateway = gateway(Duration.ofMinutes(10));
        Connection admin = admin(gateway);
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Backstage.run(admin, "PAUSE shop");
      Future<Connection> impatient = threads.submit(() -> connect(gateway));
      Eventually.await(() -> waiting(gateway) == 1, "the login to wait");
      assertThat(show(admin, "SHOW POOLS").getFirst())
          .containsEntry("cl_active", "0")
          .containsEntry("cl_waiting", "1");
      // A thread that waits for its socket closes it when it is interrupted.
      impatient.cancel(true);
      Eventually.await(() -> waiting(gateway) == 0, "the login to be forgotten");
    }
  }

  /// Lets in one more user, who has no pool yet.
  private static Gateway knowingANewcomer() throws SQLException {
    Backstage.user("newcomer", "a newcomer");
    GatewayConfig config =
        Backstage.with(
            Backstage.config(
                Backstage.url(), Backstage.pool(2, PoolMode.TRANSACTION, Duration.ofSeconds(30))),
            Map.of("newcomer", new PlainPassword("a newcomer")));
    return Backstage.gateway(config);
  }

  private static int waiting(Gateway gateway) {
    return gateway.snapshot().pools().stream().mapToInt(GatewaySnapshot.PoolLine::waiting).sum();
  }

  private static boolean isPaused(Gateway gateway, String database) {
    return gateway.snapshot().pools().stream()
        .filter(pool -> pool.database().equals(database))
        .allMatch(GatewaySnapshot.PoolLine::paused);
  }

  @Test
  void resumesOneDatabaseOfAllThatArePaused() throws SQLException {
    try (Gateway gateway = knowingANewcomer();
        Connection elsewhere = open(gateway, "postgres", "app", Backstage.PASSWORD);
        Connection admin = admin(gateway)) {
      assertThat(one(elsewhere, "select 1")).isEqualTo("1");
      Backstage.run(admin, "PAUSE");
      Backstage.run(admin, "RESUME shop");
      try (Connection c = open(gateway, "shop", "newcomer", "a newcomer")) {
        assertThat(one(c, "select current_user")).isEqualTo("newcomer");
      }
      assertThat(isPaused(gateway, "postgres")).isTrue();
      Backstage.run(admin, "PAUSE");
      assertThat(isPaused(gateway, "shop")).isTrue();
      Backstage.run(admin, "RESUME");
      assertThat(one(elsewhere, "select 2")).isEqualTo("2");
    }
  }

  @Test
  void resumesNothingThatWasPausedBeforeWhenAPauseFails() throws SQLException {
    try (Gateway gateway = Backstage.gateway(2, PoolMode.TRANSACTION, Duration.ofSeconds(30));
        Connection c = connect(gateway);
        Connection pinned = open(gateway, "postgres", "app", Backstage.PASSWORD);
        Connection admin = admin(gateway)) {
      Backstage.run(c, "select 1");
      Backstage.run(pinned, "listen news");
      Backstage.run(admin, "PAUSE shop");
      gateway
          .prepare(
              Backstage.config(
                  Backstage.url(), Backstage.pool(2, PoolMode.TRANSACTION, Duration.ofMillis(200))))
          .apply();
      assertThatThrownBy(() -> Backstage.run(admin, "PAUSE"))
          .isInstanceOfSatisfying(
              SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("55006"));
      assertThat(isPaused(gateway, "postgres")).isFalse();
      assertThat(isPaused(gateway, "shop")).isTrue();
      // Nor what was paused with all: only that one was resumed since.
      gateway.pause(null);
      Backstage.run(admin, "RESUME postgres");
      assertThatThrownBy(() -> Backstage.run(admin, "PAUSE")).hasMessageContaining("in use");
      assertThat(isPaused(gateway, "postgres")).isFalse();
      assertThat(isPaused(gateway, "shop")).isTrue();
      Backstage.run(admin, "RESUME");
      assertThat(isPaused(gateway, "shop")).isFalse();
    }
  }

  @Test
  void saysThatNobodyHasUsedSuchADatabase() throws SQLException {
    try (Gateway gateway = Backstage.gateway(1);
        Connection admin = admin(gateway)) {
      for (String command : List.of("PAUSE shpo", "RESUME shpo")) {
        assertThatThrownBy(() -> Backstage.run(admin, command))
            .hasMessageContaining("nobody has used a database 'shpo' here");
      }
      Backstage.run(admin, "PAUSE shop");
      Backstage.run(admin, "RESUME shop");
    }
  }

  /// Who mistypes it leaves nothing behind, and there is no end of what may be mistyped.
  @Test
  void forgetsADatabaseThatDoesNotExist() throws SQLException {
    try (Gateway gateway = Backstage.gateway(1);
        Connection known = connect(gateway)) {
      assertThat(one(known, "select 1")).isEqualTo("1");
      assertThatThrownBy(() -> open(gateway, "shpo", "app", Backstage.PASSWORD))
          .hasMessageContaining("shpo");
      Eventually.await(() -> gateway.snapshot().pools().size() == 1, "one pool to be left");
      assertThat(gateway.snapshot().pools().getFirst().database()).isEqualTo("shop");
    }
  }

  @Test
  void doesNotWaitForeverForAPinnedClient() throws SQLException {
    try (Gateway gateway = gateway(Duration.ofMillis(300));
        Connection pinned = connect(gateway);
        Connection other = connect(gateway);
        Connection admin = admin(gateway)) {
      Backstage.run(pinned, "listen news");
      assertThatThrownBy(() -> Backstage.run(admin, "PAUSE"))
          .isInstanceOfSatisfying(
              SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("55006"));
      // It may need a new connection, and that its time.
      gateway
          .prepare(
              Backstage.config(
                  Backstage.url(), Backstage.pool(2, PoolMode.TRANSACTION, Duration.ofMinutes(1))))
          .apply();
      assertThat(one(other, "select 'goes on'")).isEqualTo("goes on");
    }
  }

  @Test
  void pausesWhenTheLastTransactionHasEnded()
      throws ExecutionException, InterruptedException, SQLException {
    try (Gateway gateway = Backstage.gateway(2);
        Connection c = connect(gateway);
        Connection other = connect(gateway);
        Connection admin = admin(gateway);
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      c.setAutoCommit(false);
      assertThat(one(c, "select 1")).isEqualTo("1");
      assertThat(one(other, "select 2")).isEqualTo("2");
      Future<?> pausing =
          threads.submit(() -> {
            Backstage.run(admin, "PAUSE shop");
            return true;
          });
      while (!gateway.snapshot().pools().getFirst().paused()) {
        Thread.onSpinWait();
      }
      Future<String> waiting = threads.submit(() -> one(other, "select 'after'"));
      while (gateway.snapshot().pools().getFirst().waiting() == 0) {
        Thread.onSpinWait();
      }
      assertThat(pausing.isDone()).isFalse();
      assertThat(one(c, "select 'goes on'")).isEqualTo("goes on");
      c.commit();
      pausing.get();
      try (Connection server = Backstage.administrator()) {
        // Now it could be restarted: nobody is there.
        assertThat(
                one(
                    server,
                    "select count(*) from pg_stat_activity where application_name = 'freshet'"
                        + " and usename = 'app' and state <> 'idle'"))
            .isEqualTo("0");
      }
      assertThat(waiting.isDone()).isFalse();
      Backstage.run(admin, "RESUME shop");
      assertThat(waiting.get()).isEqualTo("after");
    }
  }

  @Test
  void reloadsWithoutDroppingAConnection() throws SQLException {
    AtomicInteger reloads = new AtomicInteger();
    GatewayConfig first =
        Backstage.config(
            Backstage.url(), Backstage.pool(3, PoolMode.TRANSACTION, Duration.ofSeconds(30)));
    try (Gateway gateway = Backstage.gateway(first);
        Connection a = connect(gateway);
        Connection b = connect(gateway);
        Connection admin = admin(gateway)) {
      gateway.onReload(() -> {
        reloads.incrementAndGet();
        GatewayConfig next =
            Backstage.with(
                Backstage.config(
                    Backstage.url(),
                    Backstage.pool(1, PoolMode.TRANSACTION, Duration.ofMillis(200))),
                Map.of("late", new PlainPassword("come in")));
        gateway.prepare(next).apply();
      });
      Backstage.user("late", "come in");
      assertThatThrownBy(() -> connect(gateway, "user", "late", "password", "come in"))
          .isInstanceOf(SQLException.class);
      a.setAutoCommit(false);
      b.setAutoCommit(false);
      String here = one(a, "select pg_backend_pid()");
      assertThat(one(b, "select pg_backend_pid()")).isNotEqualTo(here);
      Backstage.run(admin, "RELOAD");
      assertThat(reloads).hasValue(1);
      assertThat(one(a, "select pg_backend_pid()")).isEqualTo(here);
      b.commit();
      // One is held, and there may be no other any more.
      assertThatThrownBy(() -> one(b, "select 1"))
          .isInstanceOfSatisfying(
              SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("53300"));
      a.commit();
      assertThat(one(b, "select 'served'")).isEqualTo("served");
      try (Connection late = connect(gateway, "user", "late", "password", "come in")) {
        assertThat(one(late, "select current_user")).isEqualTo("late");
      }
    }
  }

  @Test
  void answersAsManyQuestionsAsComeAtOnce() throws Exception {
    int many = 5_000;
    byte[][] all = new byte[many][];
    Arrays.fill(all, Say.query("SHOW VERSION"));
    try (Gateway gateway = Backstage.gateway(1);
        RawPg client = RawPg.open(gateway, "database", "freshet")) {
      client.send(Say.all(all));
      List<RawPg.Said> answers = client.answers(many);
      assertThat(answers.stream().filter(said -> said.tag() == 'D')).hasSize(many);
    }
  }
}
