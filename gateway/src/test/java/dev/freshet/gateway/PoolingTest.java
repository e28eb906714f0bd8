package dev.freshet.gateway;

import static dev.freshet.gateway.Backstage.connect;
import static dev.freshet.gateway.Backstage.one;
import static dev.freshet.gateway.Backstage.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.StringReader;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyManager;

/// Many sessions on few server connections, seen by a real driver.
@Timeout(60)
class PoolingTest {

  @Test
  void answersAsTheServerDoes() throws Exception {
    try (Gateway gateway = Backstage.gateway(2);
        Connection c = connect(gateway)) {
      assertThat(one(c, "select 40 + 2")).isEqualTo("42");
      assertThat(c.getMetaData().getDatabaseProductVersion()).startsWith("18");
      assertThatThrownBy(() -> one(c, "select 1 / 0"))
          .isInstanceOfSatisfying(
              SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("22012"));
      assertThat(one(c, "select 'still here'")).isEqualTo("still here");
    }
  }

  @Test
  void refusesAWrongPassword() {
    try (Gateway gateway = Backstage.gateway(2)) {
      assertThatThrownBy(() -> connect(gateway, "password", "wrong"))
          .isInstanceOfSatisfying(
              SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("28P01"));
      assertThatThrownBy(() -> connect(gateway, "user", "nobody"))
          .isInstanceOfSatisfying(
              SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("28P01"));
    }
  }

  @Test
  void servesManyClientsOnFewConnections() throws ExecutionException, InterruptedException {
    try (Gateway gateway = Backstage.gateway(3);
        ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Integer>> all = new ArrayList<>();
      for (int i = 0; i < 40; i++) {
        int mine = i;
        all.add(
            clients.submit(() -> {
              try (Connection c = connect(gateway);
                  PreparedStatement p = c.prepareStatement("select ?::int, pg_backend_pid()")) {
                int wrong = 0;
                for (int n = 0; n < 25; n++) {
                  p.setInt(1, mine * 1_000 + n);
                  try (ResultSet r = p.executeQuery()) {
                    r.next();
                    wrong += r.getInt(1) == mine * 1_000 + n ? 0 : 1;
                  }
                }
                return wrong;
              }
            }));
      }
      for (Future<Integer> one : all) {
        assertThat(one.get()).isZero();
      }
      GatewaySnapshot.PoolLine pool = gateway.snapshot().pools().getFirst();
      assertThat(pool.active() + pool.idle()).isLessThanOrEqualTo(3);
      assertThat(pool.reuse()).isGreaterThan(100);
    }
  }

  @Test
  void keepsAPreparedStatementAcrossServerConnections() throws Exception {
    try (Gateway gateway = Backstage.gateway(2);
        Connection a = connect(gateway, "prepareThreshold", "1");
        Connection b = connect(gateway, "prepareThreshold", "1");
        PreparedStatement pa = a.prepareStatement("select ? || 'x', pg_backend_pid()");
        PreparedStatement pb = b.prepareStatement("select ? || 'x', pg_backend_pid()")) {
      List<String> servers = new ArrayList<>();
      for (int n = 0; n < 20; n++) {
        a.setAutoCommit(n % 4 != 0);
        servers.add(ask(pa, "a" + n));
        servers.add(ask(pb, "b" + n));
        if (n % 4 == 0) {
          a.commit();
        }
      }
      assertThat(servers.stream().distinct().count()).isEqualTo(2);
    }
  }

  private static String ask(PreparedStatement p, String value) throws SQLException {
    p.setString(1, value);
    try (ResultSet r = p.executeQuery()) {
      r.next();
      assertThat(r.getString(1)).isEqualTo(value + "x");
      return r.getString(2);
    }
  }

  @Test
  void carriesSettingsFromOneServerConnectionToAnother() throws Exception {
    try (Gateway gateway = Backstage.gateway(2);
        Connection a = connect(gateway);
        Connection b = connect(gateway)) {
      run(a, "set statement_timeout = '7s'");
      run(a, "set time zone 'Asia/Tokyo'");
      b.setAutoCommit(false);
      assertThat(one(b, "show statement_timeout")).isEqualTo("0");
      assertThat(one(a, "show statement_timeout")).isEqualTo("7s");
      assertThat(one(a, "show timezone")).isEqualTo("Asia/Tokyo");
      b.commit();
      a.setAutoCommit(false);
      assertThat(one(b, "show statement_timeout")).isEqualTo("0");
      run(a, "set statement_timeout = '9s'");
      a.rollback();
      a.setAutoCommit(true);
      assertThat(one(a, "show statement_timeout")).isEqualTo("7s");
      run(a, "reset all");
      assertThat(one(a, "show statement_timeout")).isEqualTo("0");
    }
  }

  @Test
  void copiesBothWays() throws Exception {
    try (Gateway gateway = Backstage.gateway(1);
        Connection c = connect(gateway)) {
      run(c, "drop table if exists copied");
      run(c, "create table copied (n int, t text)");
      CopyManager copy = c.unwrap(PGConnection.class).getCopyAPI();
      StringBuilder rows = new StringBuilder();
      for (int i = 0; i < 20_000; i++) {
        rows.append(i).append("\trow ").append(i).append('\n');
      }
      assertThat(copy.copyIn("copy copied from stdin", new StringReader(rows.toString())))
          .isEqualTo(20_000);
      assertThatThrownBy(
              () -> copy.copyIn("copy copied from stdin", new StringReader("not a number\n")))
          .isInstanceOf(SQLException.class);
      java.io.StringWriter back = new java.io.StringWriter();
      assertThat(copy.copyOut("copy copied to stdout", back)).isEqualTo(20_000);
      assertThat(back.toString()).isEqualTo(rows.toString());
      assertThat(one(c, "select count(*) from copied")).isEqualTo("20000");
    }
  }

  @Test
  void pinsWhatLivesInOneServerConnection() throws Exception {
    try (Gateway gateway = Backstage.gateway(2);
        Connection a = connect(gateway);
        Connection b = connect(gateway)) {
      run(a, "listen news");
      run(a, "create temp table mine (n int)");
      for (int i = 0; i < 5; i++) {
        run(b, "notify news, 'number " + i + "'");
        run(a, "insert into mine values (" + i + ")");
      }
      assertThat(one(a, "select count(*) from mine")).isEqualTo("5");
      var heard = a.unwrap(PGConnection.class).getNotifications(2_000);
      assertThat(heard).isNotEmpty();
      assertThat(heard[0].getParameter()).isEqualTo("number 0");
      assertThat(gateway.snapshot().pins()).containsKeys("listen", "temporary");
      run(a, "discard all");
      assertThat(gateway.snapshot().pools().getFirst().active()).isZero();
    }
  }

  @Test
  void cancelsTheRightQuery() throws InterruptedException, SQLException {
    try (Gateway gateway = Backstage.gateway(2);
        Connection a = connect(gateway);
        Connection b = connect(gateway);
        Statement sleeper = a.createStatement();
        ExecutorService other = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<?> running = other.submit(() -> sleeper.execute("select pg_sleep(30)"));
      String asleep =
          "select count(*) from pg_stat_activity"
              + " where query like 'select pg_sleep(30)%' and wait_event = 'PgSleep'";
      while (one(b, asleep).equals("0")) {
        Thread.onSpinWait();
      }
      sleeper.cancel();
      assertThatThrownBy(running::get).hasMessageContaining("cancel");
      for (int i = 0; i < 50; i++) {
        assertThat(one(b, "select " + i)).isEqualTo("" + i);
        assertThat(one(a, "select " + i)).isEqualTo("" + i);
      }
    }
  }

  @Test
  void tellsAClientThatWaitedInVain() throws Exception {
    try (Gateway gateway = Backstage.gateway(1, PoolMode.TRANSACTION, Duration.ofMillis(300));
        Connection a = connect(gateway);
        Connection b = connect(gateway)) {
      a.setAutoCommit(false);
      assertThat(one(a, "select 1")).isEqualTo("1");
      assertThatThrownBy(() -> one(b, "select 2"))
          .isInstanceOfSatisfying(
              SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("53300"));
      a.commit();
      assertThat(one(b, "select 3")).isEqualTo("3");
    }
  }

  @Test
  void closesWhatAVanishedClientLeftOpen() throws Exception {
    try (Gateway gateway = Backstage.gateway(1);
        Connection b = connect(gateway)) {
      run(b, "drop table if exists half");
      run(b, "create table half (n int)");
      Connection a = connect(gateway);
      a.setAutoCommit(false);
      run(a, "insert into half values (1)");
      a.unwrap(PGConnection.class);
      a.abort(Runnable::run);
      assertThat(one(b, "select count(*) from half")).isEqualTo("0");
    }
  }

  @Test
  void pausesAndResumes() throws ExecutionException, InterruptedException, SQLException {
    try (Gateway gateway = Backstage.gateway(1);
        Connection a = connect(gateway);
        ExecutorService other = Executors.newVirtualThreadPerTaskExecutor()) {
      assertThat(one(a, "select 1")).isEqualTo("1");
      assertThat(gateway.pause(null)).isLessThanOrEqualTo(1);
      Future<String> waiting = other.submit(() -> one(a, "select 'after'"));
      while (gateway.snapshot().pools().getFirst().waiting() == 0) {
        Thread.onSpinWait();
      }
      assertThat(waiting.isDone()).isFalse();
      gateway.resume(null);
      assertThat(waiting.get()).isEqualTo("after");
    }
  }
}
