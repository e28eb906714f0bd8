package dev.freshet.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.gateway.RawPg.Said;
import dev.freshet.pgwire.LoginRefused;
import dev.freshet.pgwire.PlainPassword;
import dev.freshet.testkit.Eventually;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What clients may send without waiting for answers: each octet of the answers is the server's
/// own.
@Timeout(120)
class PipeliningTest {
  private final Gateway gateway = Backstage.gateway(2);

  @AfterEach
  void close() {
    gateway.close();
  }

  /// One write, and how many ReadyForQuery it is worth.
  @SuppressWarnings("ArrayRecordComponent")
  private record Step(int ready, byte[] octets) {}

  private static Step step(int ready, byte[]... messages) {
    return new Step(ready, Say.all(messages));
  }

  private static List<String> play(RawPg client, List<Step> steps) throws IOException {
    List<String> out = new ArrayList<>();
    for (Step step : steps) {
      client.send(step.octets());
      out.add("--");
      for (Said said : client.answers(step.ready())) {
        out.add(said + " " + java.util.HexFormat.of().formatHex(said.body()));
      }
    }
    return out;
  }

  /// Plays the steps with and without the gateway; through it once on one server connection, and
  /// once on another for each step.
  private void sameAsDirect(Step... steps) throws IOException, LoginRefused {
    List<Step> all = List.of(steps);
    List<String> wanted;
    try (RawPg direct = RawPg.direct()) {
      wanted = play(direct, all);
    }
    try (RawPg through = RawPg.open(gateway)) {
      assertThat(play(through, all)).isEqualTo(wanted);
    }
    List<String> wandering = new ArrayList<>();
    try (RawPg through = RawPg.open(gateway);
        RawPg other = RawPg.open(gateway)) {
      for (Step step : all) {
        // Takes the connection that was used last, so that the next step gets the other one.
        other.ask(Say.query("begin"));
        List<String> said = play(through, List.of(step));
        wandering.addAll(said);
        other.ask(Say.query("commit"));
      }
    }
    assertThat(wandering).isEqualTo(wanted);
  }

  /// Also not what was prepared before, of which the server need not be told.
  @Test
  void nothingIsPreparedInATransactionThatHasFailed() throws IOException, LoginRefused {
    byte[][] asks = {
      Say.parse("s", "select 7 + 1"), Say.bind("", "s"), Say.execute("", 0), Say.sync()
    };
    byte[][] ends = {Say.parse("e", "rollback"), Say.bind("", "e"), Say.execute("", 0), Say.sync()};
    sameAsDirect(
        step(1, asks),
        step(1, Say.close('S', "s"), Say.sync()),
        step(1, Say.query("begin")),
        step(1, Say.query("select 1 / 0")),
        step(1, asks),
        step(1, Say.bind("", "s"), Say.execute("", 0), Say.sync()),
        step(1, ends),
        step(1, asks),
        step(1, Say.close('S', "e"), Say.query("begin"), Say.sync()),
        step(1, ends));
  }

  /// Behind what may end or fail a transaction, only the server knows what it will say.
  @Test
  void preparesBehindWhatEndsOrFailsATransaction() throws IOException, LoginRefused {
    byte[] prepares = Say.all(Say.parse("s", "select 7 + 3"), Say.sync());
    byte[] runs = Say.all(Say.bind("", "s"), Say.execute("", 0), Say.sync());
    byte[] closes = Say.all(Say.close('S', "s"), Say.sync());
    byte[] begins = Say.query("begin");
    byte[] fails = Say.query("select 1 / 0");
    byte[] endsUnasked = Say.run("rollback");
    sameAsDirect(
        step(2, prepares, closes),
        step(2, begins, fails),
        step(3, Say.query("rollback"), prepares, runs),
        step(1, closes),
        step(2, begins, fails),
        step(3, endsUnasked, Say.sync(), prepares, runs),
        step(1, closes),
        step(2, begins, fails),
        step(2, endsUnasked, prepares, runs),
        step(1, closes),
        // The failure itself is still to come.
        step(1, begins),
        step(3, fails, prepares, Say.query("rollback")),
        step(4, begins, fails, prepares, Say.query("rollback")),
        step(2, prepares, runs));
  }

  /// Refused once, and asked for again before that is known.
  @Test
  void preparesInASecondAttemptWhatIsNewAndWasRefused() throws IOException, LoginRefused {
    byte[] first = Say.all(Say.parse("first", "select 7 + 4"), Say.sync());
    byte[] second = Say.all(Say.parse("second", "select 7 + 4"), Say.sync());
    byte[] runs = Say.all(Say.bind("", "second"), Say.execute("", 0), Say.sync());
    sameAsDirect(
        step(2, Say.query("begin"), Say.query("select 1 / 0")),
        step(4, first, Say.query("rollback"), second, runs),
        step(2, runs, first));
  }

  @Test
  void preparesNothingAtAllInATransactionThatHasFailed() throws IOException, LoginRefused {
    byte[][] prepares = {Say.parse("n", ""), Say.sync()};
    byte[][] runs = {Say.bind("", "n"), Say.execute("", 0), Say.sync()};
    sameAsDirect(
        step(1, prepares),
        step(1, runs),
        step(1, Say.close('S', "n"), Say.sync()),
        step(2, Say.query("begin"), Say.query("select 1 / 0")),
        step(1, prepares),
        step(1, runs),
        step(1, Say.query("rollback")),
        step(1, runs));
  }

  /// A Parse that is on its way may yet be refused.
  @Test
  void believesNothingThatTheServerHasNotSaid() throws Exception {
    String text = "select count(*) from menu_of_two";
    PlainPassword secret = new PlainPassword(Backstage.PASSWORD);
    Backstage.user("proves", Backstage.PASSWORD);
    Backstage.user("doubts", Backstage.PASSWORD);
    GatewayConfig config =
        Backstage.with(
            Backstage.config(
                Backstage.url(), Backstage.pool(1, PoolMode.TRANSACTION, Duration.ofSeconds(30))),
            Map.of("proves", secret, "doubts", secret));
    byte[] prepares = Say.all(Say.parse("it", text), Say.sync());
    try (Gateway two = Backstage.gateway(config);
        Connection owner = Backstage.administrator();
        RawPg proves = RawPg.open(two.address().port(), "user", "proves");
        RawPg first = RawPg.open(two.address().port(), "user", "doubts");
        RawPg second = RawPg.open(two.address().port(), "user", "doubts")) {
      Backstage.run(owner, "create schema proves authorization proves");
      Backstage.run(owner, "create table proves.menu_of_two (n int)");
      Backstage.run(owner, "create table public.menu_of_two (n int)");
      assertThat(proves.ask(prepares).toString()).isEqualTo("[1 , Z I]");
      owner.setAutoCommit(false);
      Backstage.run(owner, "drop schema proves cascade");
      Backstage.run(owner, "drop table public.menu_of_two");
      first.send(prepares);
      Eventually.await(() -> isAnyLockWaitedFor(owner), "the Parse to wait");
      second.send(prepares);
      Eventually.await(
          () -> two.snapshot().pools().stream().anyMatch(pool -> pool.waiting() == 1),
          "the second to wait for the connection");
      owner.commit();
      assertThat(first.answers(1).toString()).startsWith("[E 42P01");
      assertThat(second.answers(1).toString()).startsWith("[E 42P01");
    }
  }

  private static boolean isAnyLockWaitedFor(Connection c) {
    try {
      String waiting = "select exists (select from pg_locks where not granted)";
      return Backstage.one(c, waiting).equals("t");
    } catch (SQLException e) {
      throw new AssertionError(e);
    }
  }

  /// Who waits for that, as pgbench does, may be the one who keeps others from going on.
  @Test
  void whoOnlyPreparesWhatIsKnownWaitsForNobody() throws IOException, LoginRefused {
    byte[] asks = Say.all(Say.bind("", "mine"), Say.execute("", 0), Say.sync());
    byte[][] prepares = {Say.parse("mine", "select 7 + 2"), Say.sync()};
    try (Gateway one = Backstage.gateway(1);
        RawPg first = RawPg.open(one);
        RawPg second = RawPg.open(one);
        RawPg holder = RawPg.open(one)) {
      assertThat(first.ask(prepares).toString()).isEqualTo("[1 , Z I]");
      holder.ask(Say.query("begin"));
      assertThat(second.ask(prepares).toString()).isEqualTo("[1 , Z I]");
      assertThat(second.ask(Say.sync()).toString()).isEqualTo("[Z I]");
      holder.ask(Say.query("commit"));
      assertThat(second.ask(asks).toString()).isEqualTo(first.ask(asks).toString());
      // Nobody is told what others' servers know.
      try (RawPg elsewhere = RawPg.open(one, "database", "postgres")) {
        String there = "select count(*) from here_only";
        second.ask(Say.query("create table if not exists here_only (n int)"));
        assertThat(second.ask(Say.parse("it", there), Say.sync()).toString())
            .isEqualTo("[1 , Z I]");
        assertThat(elsewhere.ask(Say.parse("it", there), Say.sync()).toString())
            .startsWith("[E 42P01");
      }
      // What it means is for the server to say, and a name is taken once.
      assertThat(second.ask(prepares).toString()).startsWith("[E 42P05");
      assertThat(second.ask(Say.parse("other", "select wrong"), Say.sync()).toString())
          .startsWith("[E 42703");
      assertThat(first.ask(Say.parse("other", "select wrong"), Say.sync()).toString())
          .startsWith("[E 42703");
    }
  }

  @Test
  void saysAtFlushThatSomethingIsPrepared() throws IOException, LoginRefused {
    try (RawPg client = RawPg.open(gateway)) {
      for (int i = 0; i < 3; i++) {
        // From the second time on the server is not asked any more.
        client.send(Say.parse("s" + i, "select 7"), Say.flush());
        client.await('1');
        assertThat(client.ask(Say.sync()).toString()).isEqualTo("[Z I]");
      }
    }
  }

  @Test
  void skipsToSyncAfterAnError() throws Exception {
    sameAsDirect(
        step(
            2,
            Say.run("select 1"),
            Say.run("select 1 / 0"),
            Say.run("select 2"),
            Say.parse("never", "select 3"),
            Say.sync(),
            Say.run("select 4"),
            Say.sync()),
        step(1, Say.bind("", "never"), Say.execute("", 0), Say.sync()),
        step(1, Say.parse("never", "select 5"), Say.describe('S', "never"), Say.sync()),
        step(1, Say.bind("", "never"), Say.execute("", 0), Say.sync()));
  }

  /// Only the gateway knows what is prepared by the name that the client has for it, and only the
  /// server what comes of saying so in the middle of others.
  @Test
  void deallocatesInItsTurn() throws Exception {
    byte[] gone = Say.query("deallocate s");
    byte[] prepares = Say.parse("s", "select 7 + 9");
    byte[] runs = Say.all(Say.bind("", "s"), Say.execute("", 0), Say.sync());
    byte[] begins = Say.query("begin");
    byte[] fails = Say.query("select 1 / 0");
    byte[] back = Say.query("rollback");
    sameAsDirect(
        step(3, prepares, Say.sync(), gone, runs),
        step(2, prepares, gone, runs),
        step(2, prepares, Say.run("deallocate s"), Say.sync(), runs),
        step(3, prepares, Say.sync(), Say.run("deallocate prepare \"s\""), Say.sync(), runs),
        // What never was there.
        step(3, Say.parse("s", "select nothing"), Say.sync(), gone, runs),
        // In what has failed, or is skipped, it stays.
        step(1, prepares, Say.sync()),
        step(3, begins, fails, gone),
        step(2, gone, back),
        step(1, runs),
        step(4, begins, fails, Say.all(Say.run("deallocate s"), Say.sync()), back),
        step(1, Say.bind("", "no such"), gone, Say.sync()),
        step(1, runs),
        step(2, gone, Say.query("deallocate s")));
  }

  /// Whatever follows, whatever becomes of the transaction.
  @Test
  void forgetsAllNamesAtOnce() throws Exception {
    byte[] all = Say.query("deallocate all");
    byte[] prepares = Say.parse("s", "select 7 + 10");
    byte[] runs = Say.all(Say.bind("", "s"), Say.execute("", 0), Say.sync());
    byte[] runsAll = Say.run("deallocate all");
    byte[] begins = Say.query("begin");
    byte[] back = Say.query("rollback");
    byte[] copies = Say.all(Say.copyData("1\n"), Say.copyDone());
    sameAsDirect(
        step(2, prepares, runs, runs),
        step(2, all, runs),
        step(2, all, prepares, runs),
        step(1, runs),
        step(1, runsAll, prepares, runs),
        step(1, runs),
        step(3, begins, all, prepares, runs),
        step(2, Say.query("commit"), runs),
        step(4, begins, all, back, runs),
        step(3, prepares, Say.sync(), begins, Say.query("select 1 / 0")),
        step(1, runsAll, prepares, Say.sync()),
        step(3, all, back, runs),
        step(1, Say.query("create table raw_all (n int)")),
        step(2, Say.query("copy raw_all from stdin; deallocate all"), copies, runs),
        step(2, Say.query("drop table raw_all"), Say.query("discard all")),
        step(1, runs));
  }

  /// Nobody shall wait for a Sync that a server in COPY does not heed.
  @Test
  void namesAStatementBehindACopyThatIsNotOver() throws Exception {
    try (RawPg client = RawPg.open(gateway)) {
      client.ask(Say.query("drop table if exists raw_held"));
      client.ask(Say.query("create table raw_held (n int)"));
      byte[] copies = Say.parse("n", "copy raw_held from stdin");
      client.send(copies, Say.bind("", "n"), Say.execute("", 0), Say.sync());
      client.send(Say.describe('S', "n"), Say.sync());
      // The end of the connection, as without a gateway.
      assertThat(client.answers(1).toString())
          .contains("unexpected message type 0x44 during COPY", "synchronization was lost");
    }
  }

  @Test
  void saysNothingOfItsOwnWhileTheServerSkips() throws Exception {
    byte[] known = Say.parse("known", "select 'known before'");
    Step[] steps = {
      step(1, known, Say.sync()),
      step(1, Say.run("select 1 / 0"), Say.close('S', "known"), Say.sync()),
      step(1, Say.bind("", "known"), Say.execute("", 0), Say.sync())
    };
    sameAsDirect(steps);
    try (RawPg client = RawPg.open(gateway)) {
      client.ask(known, Say.sync());
      client.send(Say.run("select 1 / 0"), Say.flush());
      client.await('E');
      // Closing what only the gateway knows by that name is not the server's to answer.
      assertThat(client.ask(Say.close('S', "known"), Say.parse("more", "select 1"), Say.sync()))
          .extracting(Said::toString)
          .containsExactly("Z I");
      client.send(Say.run("select 1 / 0"), Say.flush());
      client.await('E');
      assertThat(client.ask(Say.query("deallocate known"), Say.sync()))
          .extracting(Said::toString)
          .containsExactly("Z I");
      assertThat(client.ask(Say.bind("", "known"), Say.execute("", 0), Say.sync()))
          .extracting(Said::toString)
          .containsExactly("2 ", "D [known before]", "C SELECT 1", "Z I");
    }
  }

  /// What another client left without a name on the server connection is not this one's, whatever
  /// became of the Parse that was to take its place.
  @Test
  void runsNobodyElsesUnnamedStatement() throws Exception {
    byte[] runs = Say.all(Say.bind("", ""), Say.execute("", 0), Say.sync());
    byte[] fails = Say.bind("", "no such");
    try (Gateway one = Backstage.gateway(1);
        RawPg before = RawPg.open(one);
        RawPg client = RawPg.open(one)) {
      before.ask(Say.parse("", "select 'another client''s'"), Say.sync());
      client.send(fails, Say.parse("", "select 'mine'"), Say.sync(), runs);
      assertThat(client.answers(2).toString()).contains("E 26000").doesNotContain("another");
    }
  }

  /// A Parse that is skipped leaves what was prepared before under no name, and one that fails
  /// leaves nothing; a simple query removes it.
  @Test
  void keepsTheUnnamedStatementAsTheServerDoes() throws Exception {
    byte[] fails = Say.bind("", "no such");
    byte[] runs = Say.all(Say.bind("", ""), Say.execute("", 0), Say.sync());
    sameAsDirect(
        step(1, Say.parse("", "select 'old'"), Say.sync()),
        step(1, fails, Say.parse("", "select 'new'"), Say.sync()),
        step(1, runs),
        step(2, fails, Say.parse("", "select 'new'"), Say.sync(), runs),
        step(1, Say.parse("", "selec"), Say.sync()),
        step(1, runs),
        step(1, Say.parse("", "select 'old'"), Say.sync()),
        step(1, Say.query("select 1")),
        step(1, runs));
  }

  /// Nobody can tell whether a name is taken before the answer to its Parse is there.
  @Test
  void knowsWhatANameMeansWhenThatIsAnswered() throws Exception {
    byte[] first = Say.all(Say.parse("n", "select nothing"), Say.sync());
    byte[] second = Say.all(Say.parse("n", "select 'second'"), Say.sync());
    byte[] runs = Say.all(Say.bind("", "n"), Say.execute("", 0), Say.sync());
    byte[] fails = Say.bind("", "no such");
    sameAsDirect(
        step(3, first, second, runs),
        step(3, fails, Say.close('S', "n"), Say.sync(), second, runs),
        step(
            2, fails, Say.parse("m", "select 'second'"), Say.sync(), Say.bind("", "m"), Say.sync()),
        // A query in what is skipped is skipped too.
        step(
            1,
            fails,
            Say.parse("m", "select 7"),
            Say.query("select 8"),
            Say.describe('S', "m"),
            Say.sync()),
        step(2, runs, Say.bind("", "n", "too many"), Say.sync()));
  }

  @Test
  void refusesANameThatIsTaken() throws Exception {
    byte[] first = Say.parse("taken", "select 'first'");
    byte[] use = Say.all(Say.bind("", "taken"), Say.execute("", 0));
    sameAsDirect(
        step(1, first, Say.sync()),
        step(1, Say.parse("taken", "select 'second'"), use, Say.sync()),
        step(1, first, Say.sync()),
        step(1, use, Say.sync()),
        // What is wrong with the text comes first, and in a failed transaction that.
        step(1, Say.parse("taken", "selec 'third'"), Say.sync()),
        step(1, Say.parse("taken", "select nothing"), Say.sync()),
        step(1, Say.query("begin")),
        step(1, Say.parse("taken", "select 'fourth'"), Say.sync()),
        step(1, Say.parse("taken", "select 'fifth'"), Say.sync()),
        step(1, Say.query("rollback")),
        step(
            1,
            Say.close('S', "taken"),
            Say.parse("taken", "select 'sixth'"),
            use,
            Say.parse("taken", "select 'seventh'"),
            Say.sync()),
        step(1, use, Say.sync()),
        step(1, Say.query("deallocate all")),
        step(1, Say.parse("taken", "select 'eighth'"), use, Say.sync()),
        step(2, Say.query("discard all"), first, use, Say.sync()),
        step(1, Say.query("begin; deallocate all")),
        step(1, Say.parse("taken", "select 'ninth'"), use, Say.sync()),
        step(1, Say.query("commit")));
  }

  @Test
  void keepsNamesThroughTransactionsOnOtherServerConnections() throws Exception {
    sameAsDirect(
        step(1, Say.parse("a", "select $1::int + 1"), Say.parse("b", "select 'b'"), Say.sync()),
        step(1, Say.describe('S', "a"), Say.bind("", "a", "41"), Say.execute("", 0), Say.sync()),
        step(
            1,
            Say.bind("p", "b"),
            Say.describe('P', "p"),
            Say.execute("p", 0),
            Say.close('P', "p"),
            Say.close('S', "b"),
            Say.sync()),
        step(1, Say.bind("", "b"), Say.execute("", 0), Say.sync()),
        step(1, Say.close('S', "b"), Say.close('S', "nothing"), Say.close('P', "no"), Say.sync()),
        step(1, Say.parse("b", "select 'another b'"), Say.sync()),
        step(1, Say.bind("", "b"), Say.describe('P', ""), Say.execute("", 0), Say.sync()));
  }

  @Test
  void keepsTheUnnamedStatementBetweenTransactions() throws Exception {
    String sql = "select 'unnamed ' || $1::text";
    sameAsDirect(
        step(1, Say.parse("", sql), Say.sync()),
        step(1, Say.bind("", "", "1"), Say.execute("", 0), Say.sync()),
        step(1, Say.parse("", "select 'other'"), Say.sync()),
        step(1, Say.bind("", ""), Say.execute("", 0), Say.sync()),
        step(1, Say.parse("", sql), Say.sync()),
        step(1, Say.bind("", "", "2"), Say.execute("", 0), Say.sync()));
  }

  @Test
  void suspendsAndGoesOnWithPortals() throws Exception {
    String rows = "select n from generate_series(1, 7) n";
    sameAsDirect(
        step(1, Say.query("begin")),
        step(1, Say.parse("", rows), Say.bind("p", ""), Say.execute("p", 3), Say.sync()),
        step(1, Say.execute("p", 3), Say.flush(), Say.execute("p", 3), Say.sync()),
        step(1, Say.execute("p", 3), Say.close('P', "p"), Say.execute("p", 1), Say.sync()),
        step(1, Say.query("rollback")));
  }

  @Test
  void queriesBetweenBatches() throws Exception {
    sameAsDirect(
        step(
            4,
            Say.query("select 1; select 2"),
            Say.run("select 3"),
            Say.query("select 4; select 1/0; select 5"),
            Say.run("select 6"),
            Say.sync(),
            Say.query("")),
        step(3, Say.query("begin"), Say.query("select nonsense"), Say.query("select 1")),
        step(2, Say.run("select 7"), Say.sync(), Say.query("commit")),
        step(2, Say.query("begin; select 8; commit"), Say.query("select 9")));
  }

  @Test
  void preparesInSql() throws Exception {
    sameAsDirect(
        step(1, Say.query("prepare one as select 'one'")),
        step(1, Say.query("execute one")),
        step(1, Say.run("execute one"), Say.sync()),
        step(1, Say.query("deallocate one")),
        step(1, Say.query("execute one")),
        step(1, Say.query("discard all")),
        step(1, Say.parse("two", "select 'two'"), Say.sync()),
        step(1, Say.query("deallocate two")),
        step(1, Say.bind("", "two"), Say.execute("", 0), Say.sync()),
        step(1, Say.parse("two", "select 'two again'"), Say.sync()),
        step(1, Say.query("discard all")),
        step(1, Say.bind("", "two"), Say.execute("", 0), Say.sync()));
  }

  @Test
  void copiesByTheExtendedProtocolWithSyncSentEarly() throws Exception {
    byte[] copy = Say.all(Say.run("copy raw_copied from stdin"), Say.sync());
    sameAsDirect(
        step(1, Say.query("create table raw_copied (n int)")),
        step(1, copy, Say.copyData("1\n2\n"), Say.copyDone(), Say.sync()),
        step(1, copy, Say.copyData("3\nx\n"), Say.copyDone(), Say.sync()),
        step(1, copy, Say.copyData("4\n"), Say.copyFail("changed my mind"), Say.sync()),
        step(
            2,
            copy,
            Say.copyData("5\n"),
            Say.copyDone(),
            Say.sync(),
            Say.query("select n + 0 from raw_copied")),
        step(1, Say.run("copy raw_copied to stdout"), Say.sync()),
        step(1, Say.query("copy raw_copied to stdout; select 6")),
        step(
            3,
            Say.query("copy raw_copied from stdin"),
            Say.copyData("7\n"),
            Say.copyDone(),
            Say.query("copy no_such_table from stdin"),
            Say.copyData("8\n"),
            Say.copyDone(),
            Say.query("select count(*) from raw_copied")),
        step(1, Say.query("drop table raw_copied")));
  }

  @Test
  void readsALiteralByTheClientsOwnSettings() throws Exception {
    byte[] ask = Say.parse("", "select extract(epoch from timestamptz '2020-01-01 00:00')::int");
    byte[] run = Say.all(ask, Say.bind("", ""), Say.execute("", 0), Say.sync());
    byte[] local = Say.query("set local time zone 'America/New_York'");
    try (RawPg tokyo = RawPg.open(gateway);
        RawPg utc = RawPg.open(gateway);
        RawPg local1 = RawPg.open(gateway)) {
      tokyo.ask(Say.query("set time zone 'Asia/Tokyo'"));
      utc.ask(Say.query("set time zone 'UTC'"));
      for (int n = 0; n < 4; n++) {
        assertThat(rows(tokyo.ask(run))).containsExactly("D [1577804400]");
        local1.ask(Say.query("begin"));
        local1.ask(local);
        assertThat(rows(local1.ask(run))).containsExactly("D [1577854800]");
        local1.ask(Say.query("commit"));
        assertThat(rows(utc.ask(run))).containsExactly("D [1577836800]");
      }
    }
  }

  private static List<String> rows(List<Said> answers) {
    return answers.stream().filter(s -> s.tag() == 'D').map(Said::toString).toList();
  }

  @Test
  void readsOnPastTheRestOfAFailedCopy() throws Exception {
    String bad = "x\n".repeat(40_000);
    byte[] rest = Say.copyData(bad.repeat(4));
    try (RawPg client = RawPg.open(gateway)) {
      client.ask(Say.query("drop table if exists raw_failed"));
      client.ask(Say.query("create table raw_failed (n int)"));
      List<Said> failed = client.ask(Say.query("copy raw_failed from stdin"), Say.copyData(bad));
      assertThat(failed.stream().map(Said::tag).map(String::valueOf).collect(Collectors.joining()))
          .isEqualTo("GEZ");
      client.send(rest, Say.copyDone());
      assertThat(client.ask(Say.query("select 'after'")))
          .extracting(Said::toString)
          .contains("D [after]");
    }
  }
}
