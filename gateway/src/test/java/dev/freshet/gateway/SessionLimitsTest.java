package dev.freshet.gateway;

import static dev.freshet.gateway.Backstage.connect;
import static dev.freshet.gateway.Backstage.one;
import static dev.freshet.gateway.Backstage.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.freshet.pgwire.LoginRefused;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// How long things may last, and what is left of a session that has ended.
@Timeout(60)
class SessionLimitsTest {

  private static GatewayConfig limited(Duration idleInTransaction, Duration statement) {
    return limited(GatewayConfig.Limits.defaults().login(), idleInTransaction, statement);
  }

  private static GatewayConfig limited(
      Duration login, Duration idleInTransaction, Duration statement) {
    GatewayConfig.Limits d = GatewayConfig.Limits.defaults();
    return Backstage.with(
        Backstage.config(
            Backstage.url(), Backstage.pool(1, PoolMode.TRANSACTION, Duration.ofSeconds(30))),
        new GatewayConfig.Limits(
            d.maxClients(),
            d.maxPrepared(),
            d.maxStatements(),
            d.statistics(),
            login,
            idleInTransaction,
            statement,
            d.keepalive(),
            d.maxMessage()));
  }

  private static void failsWith(String sqlState, Connection c, String sql) {
    assertThatThrownBy(() -> one(c, sql))
        .isInstanceOfSatisfying(
            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo(sqlState));
  }

  @Test
  void cancelsAStatementThatRunsForTooLong() throws SQLException {
    try (Gateway gateway = Backstage.gateway(limited(Duration.ZERO, Duration.ofMillis(300)));
        Connection c = connect(gateway)) {
      failsWith("57014", c, "select pg_sleep(60)");
      assertThat(one(c, "select 'goes on'")).isEqualTo("goes on");
    }
  }

  /// The server can't be cancelled while it is kept from sending what it has said already.
  @Test
  void servesOthersWhereAClientTakesNothingOfALongAnswer()
      throws SQLException, IOException, LoginRefused {
    GatewayConfig config = limited(Duration.ofSeconds(2), Duration.ZERO, Duration.ofMillis(300));
    try (Gateway gateway = Backstage.gateway(config);
        RawPg deaf = RawPg.open(gateway);
        Connection other = connect(gateway)) {
      deaf.send(Say.query("select repeat('x', 100000) from generate_series(1, 10000)"));
      deaf.await('D');
      assertThat(one(other, "select 'served'")).isEqualTo("served");
    }
  }

  @Test
  void endsATransactionThatIsIdleForTooLong() throws SQLException {
    try (Gateway gateway = Backstage.gateway(limited(Duration.ofMillis(300), Duration.ZERO));
        Connection holder = connect(gateway);
        Connection other = connect(gateway)) {
      run(other, "drop table if exists idle_one");
      run(other, "create table idle_one (n int)");
      holder.setAutoCommit(false);
      run(holder, "insert into idle_one values (1)");
      assertThat(one(other, "select count(*) from idle_one")).isEqualTo("0");
      failsWith("25P03", holder, "select 1");
    }
  }

  @Test
  void makesAConnectionAsNewWhenItsSessionHasEnded() throws SQLException {
    try (Gateway gateway = Backstage.gateway(1, PoolMode.SESSION, Duration.ofSeconds(30))) {
      String first;
      try (Connection a = connect(gateway)) {
        first = one(a, "select pg_backend_pid()");
        run(a, "create temp table mine (n int)");
        run(a, "select set_config('work_mem', '7MB', false), pg_advisory_lock(7)");
        run(a, "prepare p as select 1");
      }
      try (Connection b = connect(gateway)) {
        assertThat(one(b, "select pg_backend_pid()")).isEqualTo(first);
        assertThat(one(b, "show work_mem")).isEqualTo("4MB");
        assertThat(one(b, "select count(*) from pg_locks where locktype = 'advisory'"))
            .isEqualTo("0");
        assertThat(one(b, "select count(*) from pg_prepared_statements where name = 'p'"))
            .isEqualTo("0");
        failsWith("42P01", b, "select * from mine");
        b.setAutoCommit(false);
        run(b, "select 1");
      }
      // In the middle of a transaction nothing is certain: that one is closed.
      try (Connection c = connect(gateway)) {
        assertThat(one(c, "select pg_backend_pid()")).isNotEqualTo(first);
      }
    }
  }
}
