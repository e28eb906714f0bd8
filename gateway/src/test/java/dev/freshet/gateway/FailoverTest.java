package dev.freshet.gateway;

import static dev.freshet.gateway.Backstage.connect;
import static dev.freshet.gateway.Backstage.one;
import static dev.freshet.gateway.Backstage.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.freshet.base.HostPort;
import dev.freshet.base.Meters;
import dev.freshet.base.Time;
import dev.freshet.freshness.Freshness;
import dev.freshet.freshness.Trails;
import dev.freshet.testkit.PrimaryAndStandby;
import java.io.IOException;
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
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Several hosts in the database URL: clients work on the primary, and go on with the next one.
@Timeout(120)
class FailoverTest {
  private static final int POOL = 4;
  private static final int CLIENTS = 12;

  @TempDir private Path folder;
  private PrimaryAndStandby pair;
  private final List<HostPort> told = new CopyOnWriteArrayList<>();

  @BeforeEach
  void start() throws IOException, SQLException {
    pair =
        PrimaryAndStandby.start(
            folder,
            List.of(
                "create role app login",
                "create database shop owner app",
                "create table public.unused (id int)"));
    try (Connection c = pair.onPrimary("shop")) {
      run(c, "set role app");
      run(c, "create schema work; create table work.marks (client int, n int)");
    }
  }

  private DatabaseUrl url(DatabaseUrl.Target target) {
    return new DatabaseUrl(
        List.of(pair.standby(), pair.primary()),
        "shop",
        "app",
        Backstage.PASSWORD,
        DatabaseUrl.SslMode.DISABLE,
        false,
        target);
  }

  private Gateway gateway(DatabaseUrl url) {
    Trails trails = new Trails(new Freshness(1), Time.system());
    return Gateway.start(
        Backstage.config(url, Backstage.pool(POOL, PoolMode.TRANSACTION, Duration.ofSeconds(60))),
        Time.system(),
        new Meters(),
        trace -> null,
        new Watch(
            () -> false, trails, () -> "", () -> null, t -> false, () -> {}, told::add, Set::of));
  }

  private static List<String> ports(Gateway gateway) throws SQLException {
    List<String> out = new ArrayList<>();
    String url = "jdbc:postgresql://127.0.0.1:" + gateway.address().port() + "/freshet";
    String options = "?user=app&sslmode=disable&preferQueryMode=simple&password=";
    try (Connection c =
            DriverManager.getConnection(url + options + Backstage.PASSWORD.replace(" ", "%20"));
        Statement s = c.createStatement();
        ResultSet rows = s.executeQuery("SHOW SERVERS")) {
      while (rows.next()) {
        out.add(rows.getString("port"));
      }
    }
    return out;
  }

  @Test
  void clientsGoOnWithTheStandbyThatWasPromoted()
      throws ExecutionException, IOException, InterruptedException, SQLException {
    String next = Integer.toString(pair.standby().port());
    try (PrimaryAndStandby servers = pair;
        Gateway gateway = gateway(url(DatabaseUrl.Target.READ_WRITE));
        ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
      AtomicBoolean isOver = new AtomicBoolean();
      AtomicInteger written = new AtomicInteger();
      CountDownLatch atWork = new CountDownLatch(CLIENTS);
      List<Future<Written>> all = new ArrayList<>();
      for (int i = 0; i < CLIENTS; i++) {
        int mark = i;
        all.add(clients.submit(() -> write(gateway, mark, isOver, atWork, written)));
      }
      Connection open = connect(gateway);
      open.setAutoCommit(false);
      run(open, "insert into work.marks values (-1, 1)");
      atWork.await();
      assertThat(ports(gateway)).isNotEmpty().doesNotContain(next);
      assertThat(told).containsExactly(servers.primary());

      servers.stopPrimary();
      servers.promote();
      int before = written.get();
      while (written.get() < before + 40 * CLIENTS) {
        Thread.onSpinWait();
      }
      isOver.set(true);

      int errors = 0;
      for (Future<Written> each : all) {
        Written one = each.get();
        assertThat(one.errors()).hasSizeLessThanOrEqualTo(1);
        errors += one.errors().size();
      }
      // One transaction was open beside those that wrote.
      assertThat(errors).isLessThanOrEqualTo(POOL - 1);
      assertThatThrownBy(() -> run(open, "insert into work.marks values (-1, 2)"))
          .isInstanceOf(SQLException.class);
      open.close();
      assertThat(ports(gateway)).isNotEmpty().containsOnly(next);
      assertThat(told).containsExactly(servers.primary(), servers.standby());
      try (Connection c = servers.onStandby("shop")) {
        for (Future<Written> each : all) {
          Written one = each.get();
          String count = "select count(distinct n) from work.marks where client = " + one.mark();
          // What failed may have been committed all the same; nothing that was acknowledged is
          // gone.
          assertThat(Integer.parseInt(one(c, count)))
              .isBetween(one.acknowledged(), one.acknowledged() + one.errors().size());
        }
        assertThat(one(c, "select count(*) from work.marks where client = -1")).isEqualTo("0");
      }
    }
  }

  private record Written(int mark, int acknowledged, List<String> errors) {}

  private static Written write(
      Gateway gateway,
      int mark,
      AtomicBoolean isOver,
      CountDownLatch atWork,
      AtomicInteger written) {
    List<String> errors = new ArrayList<>();
    int n = 0;
    int acknowledged = 0;
    while (!isOver.get() && errors.size() < 10) {
      try (Connection c = connect(gateway)) {
        while (!isOver.get()) {
          n++;
          run(c, "insert into work.marks values (" + mark + ", " + n + ")");
          acknowledged++;
          atWork.countDown();
          written.incrementAndGet();
        }
      } catch (SQLException e) {
        errors.add(e.getSQLState() + " " + e.getMessage());
      }
    }
    return new Written(mark, acknowledged, errors);
  }

  /// Nothing breaks here: the old one only begins to refuse writes.
  @Test
  void leavesAPrimaryThatIsReadOnlyForOneThatIsNot() throws IOException, SQLException {
    try (PrimaryAndStandby servers = pair;
        Gateway gateway = gateway(url(DatabaseUrl.Target.READ_WRITE));
        Connection old = servers.onPrimary("postgres");
        Connection inSession = connect(gateway)) {
      run(inSession, "listen news");
      servers.promote();
      assertThat(one(inSession, "show port")).isEqualTo("" + servers.primary().port());
      run(old, "alter system set default_transaction_read_only = on");
      run(old, "select pg_reload_conf()");
      List<String> errors = errorsUntilOn(servers.standby(), gateway);
      // Refused by the old one, or under way there when the new one was found.
      assertThat(errors).isSubsetOf("25006", "57P01");
      // Also who had a connection to itself is not left behind on the old one.
      assertThatThrownBy(() -> one(inSession, "show port"))
          .hasMessageContaining("the database has moved from " + servers.primary());
      assertThat(told).containsExactly(servers.primary(), servers.standby());
    }
  }

  /// The states of the statements that failed, of a client that connects again when it is cut off.
  private static List<String> errorsUntilOn(HostPort wanted, Gateway gateway) {
    List<String> errors = new ArrayList<>();
    boolean isThere = false;
    while (!isThere && errors.size() < 100_000) {
      try (Connection client = connect(gateway)) {
        isThere = isWrittenOn(wanted, client, errors);
      } catch (SQLException e) {
        errors.add(String.valueOf(e.getSQLState()));
      }
    }
    return errors;
  }

  private static boolean isWrittenOn(HostPort wanted, Connection client, List<String> errors)
      throws SQLException {
    while (errors.size() < 100_000) {
      try {
        run(client, "insert into work.marks values (0, 0)");
        if (one(client, "show port").equals("" + wanted.port())) {
          return true;
        }
      } catch (SQLException e) {
        if (client.isClosed()) {
          throw e;
        }
        errors.add(String.valueOf(e.getSQLState()));
      }
    }
    return false;
  }

  @Test
  void saysOfEachHostWhyItWillNotDo() throws IOException, SQLException {
    try (PrimaryAndStandby servers = pair) {
      servers.stopPrimary();
      ServerProbe probe =
          ServerProbe.of(
              Backstage.config(
                  url(DatabaseUrl.Target.PRIMARY), GatewayConfig.PoolConfig.defaults()));
      assertThat(probe.isReachable()).isFalse();
      assertThat(probe.said())
          .contains(servers.standby() + " is not used: it is a standby")
          .contains(servers.primary() + " can't be reached");
    }
  }
}
