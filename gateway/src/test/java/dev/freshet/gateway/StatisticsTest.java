package dev.freshet.gateway;

import static dev.freshet.gateway.Backstage.connect;
import static dev.freshet.gateway.Backstage.one;
import static dev.freshet.gateway.Backstage.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.freshet.base.Meters;
import dev.freshet.base.Time;
import dev.freshet.sql.Statement;
import dev.freshet.testkit.Eventually;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What is told of statements that real sessions ran.
@Timeout(60)
class StatisticsTest {
  private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";

  /// @param like a statement of the same fingerprint
  private static Optional<StatementsSnapshot.Line> find(Gateway gateway, String like) {
    String fingerprint = String.format(Locale.ROOT, "%016x", Statement.read(like).fingerprint());
    return gateway.statements(StatementOrder.TIME, 1_000).statements().stream()
        .filter(line -> line.fingerprint().equals(fingerprint))
        .findFirst();
  }

  private static StatementsSnapshot.Line line(Gateway gateway, String like) {
    return find(gateway, like)
        .orElseThrow(() ->
            new AssertionError(
                "no '" + like + "' in " + gateway.statements(StatementOrder.TIME, 1_000)));
  }

  private static String traced(String trace, String sql) {
    return sql + " /*traceparent='00-" + trace + "-b7ad6b7169203331-01'*/";
  }

  @Test
  void addsUpStatementsThatDifferInConstantsOnly() throws Exception {
    try (Gateway gateway = Backstage.gateway(2);
        Connection c = connect(gateway);
        Connection simple = connect(gateway, "preferQueryMode", "simple")) {
      for (int i = 1; i <= 10; i++) {
        one(c, "select n from generate_series(1, " + i + ") as n");
        one(simple, "SELECT  n FROM generate_series(7," + (6 + i) + ") as n -- another");
      }
      StatementsSnapshot.Line line = line(gateway, "select n from generate_series(1,1) as n");
      assertThat(line.calls()).isEqualTo(20);
      assertThat(line.rows()).isEqualTo(110);
      assertThat(line.bytes()).isBetween(110L * 12, 110L * 12 + 20 * 200);
      assertThat(line.totalMillis()).isPositive();
      assertThat(line.meanMillis()).isCloseTo(line.totalMillis() / 20, within(1e-9));
      assertThat(line.p50Millis()).isLessThanOrEqualTo(line.p99Millis());
      assertThat(line.missedMillisAtMost()).isZero();
      assertThat(line.errors()).isEmpty();
    }
  }

  @Test
  void countsRowsThatWereChangedFetchedOrCopied() throws Exception {
    try (Gateway gateway = Backstage.gateway(2);
        Connection c = connect(gateway)) {
      run(c, "drop table if exists counted; create table counted (n int)");
      run(c, "insert into counted select generate_series(1, 500)");
      run(c, "update counted set n = n + 1 where n > 100");
      c.setAutoCommit(false);
      try (PreparedStatement p = c.prepareStatement("select n from counted where n > ?")) {
        p.setFetchSize(100);
        p.setInt(1, 0);
        try (ResultSet r = p.executeQuery()) {
          while (r.next()) {
            assertThat(r.getInt(1)).isPositive();
          }
        }
      }
      c.commit();
      assertThat(line(gateway, "insert into counted select generate_series(1,1)").rows())
          .isEqualTo(500);
      assertThat(line(gateway, "update counted set n = n + 1 where n > 1").rows()).isEqualTo(400);
      StatementsSnapshot.Line fetched = line(gateway, "select n from counted where n > 1");
      assertThat(fetched.rows()).isEqualTo(500);
      assertThat(fetched.calls()).isGreaterThanOrEqualTo(5);
    }
  }

  @Test
  void pipelinedStatementsAreTimedOneAfterTheOther() throws Exception {
    try (Gateway gateway = Backstage.gateway(1);
        RawPg client = RawPg.open(gateway)) {
      long began = System.nanoTime();
      client.send(
          Say.run("select pg_sleep($1) as slow", "0.2"),
          Say.run("select 1 as quick"),
          Say.run("select 2 as other, 3"),
          Say.sync());
      client.answers(1);
      double all = (System.nanoTime() - began) / 1e6;
      double slow = line(gateway, "select pg_sleep($1) as slow").totalMillis();
      double quick = line(gateway, "select 1 as quick").totalMillis();
      assertThat(slow).isGreaterThan(190);
      // Counted from when it was sent, the second would have taken as long as the first as well.
      assertThat(slow + quick).isLessThan(all);
      assertThat(line(gateway, "select 1 as other,1").rows()).isEqualTo(1);
    }
  }

  @Test
  void countsErrorsWhereverTheyAreFound() throws Exception {
    try (Gateway gateway = Backstage.gateway(2);
        Connection c = connect(gateway);
        Connection simple = connect(gateway, "preferQueryMode", "simple");
        RawPg raw = RawPg.open(gateway)) {
      assertThatThrownBy(() -> one(c, "select 1 / (2 - 2)")).isInstanceOf(SQLException.class);
      assertThatThrownBy(() -> one(simple, "select 7 / (3 - 3)")).isInstanceOf(SQLException.class);
      // Found when it is prepared, and when values are bound.
      assertThatThrownBy(() -> one(c, "select nothing")).isInstanceOf(SQLException.class);
      raw.ask(Say.run("select $1::int as bound", "not a number"), Say.sync());
      StatementsSnapshot.Line divided = line(gateway, "select 1 / (1 - 1)");
      assertThat(divided.errors()).isEqualTo(Map.of("22012", 2L));
      // The planner found one of them while it bound: that one never ran.
      assertThat(divided.calls()).isEqualTo(1);
      assertThat(line(gateway, "select nothing").errors()).isEqualTo(Map.of("42703", 1L));
      StatementsSnapshot.Line bound = line(gateway, "select 1::int as bound");
      assertThat(bound.errors()).isEqualTo(Map.of("22P02", 1L));
      assertThat(bound.calls()).isZero();
    }
  }

  @Test
  void tellsWaitingForAConnectionFromRunning() throws Exception {
    try (Gateway gateway = Backstage.gateway(1);
        RawPg first = RawPg.open(gateway);
        RawPg second = RawPg.open(gateway)) {
      first.ask(Say.query("begin"));
      long began = System.nanoTime();
      second.send(Say.query("select 'waits' as waiting"));
      Eventually.await(
          () -> gateway.snapshot().pools().getFirst().waiting() == 1, "the second to wait");
      first.ask(Say.query("select pg_sleep(0.2)"));
      first.ask(Say.query("commit"));
      second.answers(1);
      double all = (System.nanoTime() - began) / 1e6;
      StatementsSnapshot.Line line = line(gateway, "select 1 as waiting");
      assertThat(line.waitMillis()).isGreaterThan(190);
      assertThat(line.totalMillis() + line.waitMillis()).isLessThan(all);
    }
  }

  @Test
  void saysWhichRoutesCausedAStatementAndWhichRequestsRepeatIt() throws Exception {
    GatewayConfig config = GatewayConfig.of(Backstage.anywhere(), Backstage.url());
    try (Gateway gateway =
            Gateway.start(
                config,
                Time.system(),
                new Meters(),
                trace -> trace.equals(TRACE) ? "/orders" : null);
        Connection c = connect(gateway);
        Connection simple = connect(gateway, "preferQueryMode", "simple")) {
      for (int i = 0; i < 4; i++) {
        one(simple, traced(TRACE, "select " + i + " as item"));
        one(c, traced(TRACE, "select " + i + " as item"));
      }
      for (int i = 0; i < 4; i++) {
        one(c, traced("11111111111111111111111111111111", "select " + i + " as item"));
      }
      one(c, "select 9 as item");
      StatementsSnapshot.Line line = line(gateway, "select 1 as item");
      assertThat(line.calls()).isEqualTo(13);
      assertThat(line.routes()).isEqualTo(Map.of("/orders", 8L));
      assertThat(line.repeated()).isEqualTo(new StatementsSnapshot.Repeated(1, 8, 8));
    }
  }

  @Test
  void aStatementPreparedBeforeItsRequestCountsForTheOneOfItsTransaction() throws Exception {
    GatewayConfig config = GatewayConfig.of(Backstage.anywhere(), Backstage.url());
    try (Gateway gateway =
            Gateway.start(config, Time.system(), new Meters(), trace -> "/" + trace.charAt(0));
        RawPg client = RawPg.open(gateway)) {
      client.ask(Say.parse("kept", "select 1 as kept"), Say.sync());
      byte[] runs = Say.all(Say.bind("", "kept"), Say.execute("", 0), Say.sync());
      client.ask(Say.query(traced(TRACE, "begin")));
      client.ask(runs);
      client.ask(Say.query("commit"));
      client.ask(runs);
      assertThat(line(gateway, "select 1 as kept").routes()).isEqualTo(Map.of("/0", 1L));
    }
  }

  @Test
  void saysWhetherAnAnswerCouldBeKept() throws Exception {
    try (Gateway gateway = Backstage.gateway(2);
        Connection c = connect(gateway)) {
      run(c, "create table if not exists kept (n int)");
      String[] texts = {
        "select n from kept order by n", "yes",
        "select n from kept limit 1", "yes, one right answer of several",
        "select random()", "volatile function",
        "select current_user", "session",
        "update kept set n = 0", "changes rows",
      };
      for (int i = 0; i < texts.length; i += 2) {
        for (int n = 0; n < 2; n++) {
          run(c, texts[i]);
        }
      }
      for (int i = 0; i < texts.length; i += 2) {
        while (line(gateway, texts[i]).cacheable().equals("not known yet")) {
          Thread.onSpinWait();
        }
        assertThat(line(gateway, texts[i]).cacheable()).as(texts[i]).isEqualTo(texts[i + 1]);
      }
    }
  }

  @Test
  void showsThemOnTheAdminDatabaseAndKeepsNoneWhenToldSo() throws Exception {
    try (Gateway gateway = Backstage.gateway(2);
        Connection c = connect(gateway);
        RawPg admin = RawPg.open(gateway.address().port(), "database", "freshet")) {
      one(c, "select 'x' as shown");
      assertThat(admin.ask(Say.query("SHOW STATEMENTS")))
          .anySatisfy(said -> {
            assertThat(said.tag()).isEqualTo('D');
            assertThat(said.values()).contains("select ? as shown").contains("1");
          });
    }
    GatewayConfig.Limits d = GatewayConfig.Limits.defaults();
    GatewayConfig off =
        new GatewayConfig(
            Backstage.anywhere(),
            Backstage.url(),
            Map.of(),
            GatewayConfig.PoolConfig.defaults(),
            new GatewayConfig.Limits(
                d.maxClients(),
                d.maxPrepared(),
                d.maxStatements(),
                0,
                d.login(),
                Duration.ZERO,
                Duration.ZERO,
                Duration.ZERO,
                d.maxMessage()),
            null);
    try (Gateway gateway = Gateway.start(off, Time.system(), new Meters());
        Connection c = connect(gateway)) {
      assertThat(one(c, "select 'y' as shown")).isEqualTo("y");
      assertThatThrownBy(() -> one(c, "select nothing")).isInstanceOf(SQLException.class);
      assertThat(gateway.statements(StatementOrder.CALLS, 10).statements()).isEmpty();
    }
  }

  @Test
  void textsOfAnyLengthAndKindAreFollowed() throws Exception {
    try (Gateway gateway = Backstage.gateway(2);
        RawPg raw = RawPg.open(gateway)) {
      StringBuilder long1 = new StringBuilder("select 1");
      for (int i = 0; i < 1_500; i++) {
        long1.append(", 2 as a").append(i);
      }
      raw.ask(Say.query(long1.toString()));
      raw.ask(Say.query(""));
      raw.ask(Say.query("select 1 as a; select 2 as b; select 3 as c"));
      raw.ask(Say.query("a\u00e4\ud83d\ude00$$ '"));
      StatementsSnapshot.Line cut = line(gateway, long1.toString());
      assertThat(cut.text()).hasSizeLessThan(4_100).endsWith(" ...");
      assertThat(cut.rows()).isEqualTo(1);
      StatementsSnapshot.Line three = line(gateway, "select 1 as a; select 2 as b; select 3 as c");
      assertThat(three.rows()).isEqualTo(3);
      assertThat(three.calls()).isEqualTo(1);
      assertThat(line(gateway, "a\u00e4\ud83d\ude00$$ '").errors()).containsKey("42601");
    }
  }
}
