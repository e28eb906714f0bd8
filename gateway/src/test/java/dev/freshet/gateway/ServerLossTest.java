package dev.freshet.gateway;

import static dev.freshet.gateway.Backstage.connect;
import static dev.freshet.gateway.Backstage.one;
import static dev.freshet.gateway.Backstage.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.freshet.base.FakeTime;
import dev.freshet.base.Meters;
import dev.freshet.pgwire.Secret;
import dev.freshet.testkit.Scratch;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;
import org.postgresql.copy.CopyManager;

/// What clients notice when the server, or the way to it, goes away and comes back.
@Timeout(60)
class ServerLossTest {
  private static final int POOL = 6;
  private static final byte[] ROW = "1\n".getBytes(StandardCharsets.US_ASCII);

  private static EmbeddedPostgres server(Path data, int port) throws IOException {
    EmbeddedPostgres.Builder builder =
        EmbeddedPostgres.builder().setDataDirectory(data).setCleanDataDirectory(false);
    return (port == 0 ? builder : builder.setPort(port)).start();
  }

  @Test
  void feelsARestartAsOneErrorForEachOpenTransaction()
      throws ExecutionException, IOException, InterruptedException, SQLException {
    Path data = Scratch.folder("restarted");
    EmbeddedPostgres first = server(data, 0);
    int port = first.getPort();
    try (Connection c = first.getPostgresDatabase().getConnection();
        Statement s = c.createStatement()) {
      Backstage.prepare(s);
    }
    GatewayConfig config =
        Backstage.config(
            Backstage.url(port),
            Backstage.pool(POOL, PoolMode.TRANSACTION, Duration.ofSeconds(30)));
    try (Gateway gateway = Backstage.gateway(config);
        ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
      AtomicBoolean isOver = new AtomicBoolean();
      CountDownLatch atWork = new CountDownLatch(40);
      AtomicInteger asked = new AtomicInteger();
      List<Future<List<String>>> all = new ArrayList<>();
      for (int i = 0; i < 40; i++) {
        all.add(clients.submit(() -> work(gateway, isOver, atWork, asked)));
      }
      List<Connection> open = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        Connection c = connect(gateway);
        c.setAutoCommit(false);
        assertThat(one(c, "select 'open'")).isEqualTo("open");
        open.add(c);
      }
      CopyIn copy = copyOpened(connect(gateway));
      atWork.await();
      first.close();
      try (EmbeddedPostgres second = server(data, port)) {
        int before = asked.get();
        while (asked.get() < before + 400) {
          Thread.onSpinWait();
        }
        isOver.set(true);
        List<String> errors = new ArrayList<>();
        for (Future<List<String>> one : all) {
          assertThat(one.get()).hasSizeLessThanOrEqualTo(1);
          errors.addAll(one.get());
        }
        // A statement under way is a transaction too, and no more of them than connections are.
        assertThat(errors).hasSizeLessThanOrEqualTo(POOL - 3);
        assertThat(errors).allMatch(e -> e.startsWith("57P01") || e.startsWith("08006"));
        for (Connection c : open) {
          assertThatThrownBy(() -> one(c, "select 1")).isInstanceOf(SQLException.class);
          c.close();
        }
        copyWasUndone(gateway, copy);
        assertThat(second.getPort()).isEqualTo(port);
      }
    }
  }

  private static CopyIn copyOpened(Connection c) throws SQLException {
    run(c, "create table half_copied (n int)");
    CopyIn copy = c.unwrap(PGConnection.class).getCopyAPI().copyIn("copy half_copied from stdin");
    copy.writeToCopy(ROW, 0, ROW.length);
    copy.flushCopy();
    return copy;
  }

  /// It failed once, nothing of it is there, and the next one goes well.
  private static void copyWasUndone(Gateway gateway, CopyIn copy) throws IOException, SQLException {
    assertThatThrownBy(
            () -> {
              copy.writeToCopy(ROW, 0, ROW.length);
              copy.endCopy();
            })
        .isInstanceOf(SQLException.class);
    try (Connection c = connect(gateway)) {
      assertThat(one(c, "select count(*) from half_copied")).isEqualTo("0");
      CopyManager again = c.unwrap(PGConnection.class).getCopyAPI();
      assertThat(again.copyIn("copy half_copied from stdin", new ByteArrayInputStream(ROW)))
          .isEqualTo(1);
    }
  }

  private static List<String> work(
      Gateway gateway, AtomicBoolean isOver, CountDownLatch atWork, AtomicInteger asked) {
    List<String> errors = new ArrayList<>();
    while (!isOver.get() && errors.size() < 10) {
      try (Connection c = connect(gateway)) {
        while (!isOver.get()) {
          one(c, "select 1");
          atWork.countDown();
          asked.incrementAndGet();
        }
      } catch (SQLException e) {
        errors.add(e.getSQLState() + " " + e.getMessage());
      }
    }
    return errors;
  }

  @Test
  void looksWhetherAConnectionLivesThatLayIdleForLong()
      throws ExecutionException, IOException, InterruptedException, SQLException {
    FakeTime time = new FakeTime(0);
    try (Relay relay = new Relay(Backstage.serverPort());
        Gateway gateway =
            Gateway.start(
                Backstage.config(
                    Backstage.url(relay.port()),
                    Backstage.pool(2, PoolMode.TRANSACTION, Duration.ofMinutes(2))),
                time,
                new Meters());
        Connection c = connect(gateway);
        ExecutorService other = Executors.newVirtualThreadPerTaskExecutor()) {
      String first = one(c, "select pg_backend_pid()");
      while (gateway.snapshot().pools().getFirst().idle() == 0) {
        Thread.onSpinWait();
      }
      time.advance(Duration.ofSeconds(31));
      assertThat(one(c, "select pg_backend_pid()")).isEqualTo(first);
      // The answer is on its way before the connection is back in the pool.
      while (gateway.snapshot().pools().getFirst().idle() == 0) {
        Thread.onSpinWait();
      }
      relay.goDead();
      time.advance(Duration.ofSeconds(31));
      Future<String> answer = other.submit(() -> one(c, "select pg_backend_pid()"));
      while (relay.swallowed() == 0) {
        Thread.onSpinWait();
      }
      time.advance(Duration.ofSeconds(6));
      assertThat(answer.get()).isNotEqualTo(first);
    }
  }

  @Test
  void givesAnotherConnectionToWhoHasSentNothingYet()
      throws ExecutionException, IOException, InterruptedException, SQLException {
    try (Relay relay = new Relay(Backstage.serverPort());
        Gateway gateway =
            Backstage.gateway(
                Backstage.config(
                    Backstage.url(relay.port()),
                    Backstage.pool(1, PoolMode.TRANSACTION, Duration.ofSeconds(30))));
        Connection plain = connect(gateway);
        Connection c = connect(gateway);
        ExecutorService other = Executors.newVirtualThreadPerTaskExecutor()) {
      run(c, "set statement_timeout = '7s'");
      assertThat(one(plain, "select 1")).isEqualTo("1");
      relay.goDead();
      // Its settings go first: they are what gets lost.
      Future<String> answer = other.submit(() -> one(c, "show statement_timeout"));
      while (relay.swallowed() == 0) {
        Thread.onSpinWait();
      }
      relay.cut();
      assertThat(answer.get()).isEqualTo("7s");
    }
  }

  @Test
  void logsInAgainWithKeysThatOnceWereRefusedForOtherReasons()
      throws ExecutionException, InterruptedException, SQLException {
    Backstage.user("passer", "a password");
    Map<String, Secret> users;
    try (Connection admin = Backstage.administrator()) {
      users =
          Map.of(
              "passer",
              Secret.parse(
                  one(admin, "select rolpassword from pg_authid where rolname = 'passer'")));
      GatewayConfig config =
          Backstage.with(
              Backstage.config(
                  Backstage.url(), Backstage.pool(1, PoolMode.TRANSACTION, Duration.ofSeconds(30))),
              users);
      try (Gateway gateway = Backstage.gateway(config);
          Connection c = connect(gateway, "user", "passer", "password", "a password");
          ExecutorService other = Executors.newVirtualThreadPerTaskExecutor()) {
        String first = one(c, "select pg_backend_pid()");
        run(admin, "alter role passer connection limit 0");
        run(admin, "select pg_terminate_backend(" + first + ")");
        while (gateway.snapshot().pools().getFirst().idle() > 0) {
          Thread.onSpinWait();
        }
        Future<String> answer = other.submit(() -> one(c, "select pg_backend_pid()"));
        while (gateway.snapshot().pools().getFirst().waiting() == 0) {
          Thread.onSpinWait();
        }
        run(admin, "alter role passer connection limit -1");
        assertThat(answer.get()).isNotEqualTo(first);
      }
    }
  }
}
