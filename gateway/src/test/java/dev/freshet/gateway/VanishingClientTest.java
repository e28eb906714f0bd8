package dev.freshet.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.gateway.RawPg.Said;
import dev.freshet.pgwire.LoginRefused;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// A client that is gone without a word, at each state of the protocol; and a server connection
/// that is killed at some. Nothing is left behind, and the next client is served.
@Timeout(120)
class VanishingClientTest {
  private static final byte[] HALF = Arrays.copyOf(Say.query("select 'never sent whole'"), 12);

  /// Does something, after which the client is gone.
  private interface Deed {
    void by(RawPg client) throws IOException;
  }

  private static Map<String, Deed> deeds() {
    Map<String, Deed> all = new LinkedHashMap<>();
    all.put("idle", client -> {});
    all.put("half a message", client -> client.send(HALF));
    all.put("parse without sync", client -> client.send(Say.parse("", "select 1"), Say.flush()));
    all.put(
        "executed without sync",
        client -> {
          client.send(Say.run("insert into vanished values (1)"), Say.flush());
          client.await('C');
        });
    // For longer than any test: only who is cancelled ends.
    all.put("running", client -> client.send(Say.query("select pg_sleep(1000)")));
    all.put(
        "two running", client -> client.send(Say.run("select pg_sleep(1000)"), Say.sync(), HALF));
    all.put(
        "in a transaction",
        client -> client.ask(Say.query("begin; insert into vanished values (2)")));
    all.put("in a failed one", client -> client.ask(Say.query("begin; select 1 / 0")));
    all.put(
        "copying in",
        client -> {
          client.send(Say.query("copy vanished from stdin"));
          client.await('G');
          client.send(Say.copyData("3\n"), Arrays.copyOf(Say.copyData("4\n5\n"), 6));
        });
    all.put(
        "copying out",
        client -> {
          client.send(Say.query("copy (select generate_series(1, 3000000)) to stdout"));
          client.await('d');
        });
    all.put(
        "reading rows",
        client -> {
          client.send(Say.query("select repeat('x', 1000) from generate_series(1, 300000)"));
          client.await('D');
        });
    all.put("listening", client -> client.ask(Say.query("listen vanished_news")));
    all.put("with settings", client -> client.ask(Say.query("set statement_timeout = '7s'")));
    all.put(
        "suspended",
        client -> {
          client.ask(Say.query("begin"));
          client.send(Say.parse("", "select generate_series(1, 9)"), Say.bind("p", ""));
          client.send(Say.execute("p", 2), Say.flush());
          client.await('s');
        });
    return all;
  }

  /// Waits until no connection is held, and sees that there are no more than there may be.
  static void isAtRest(Gateway gateway, int clients, int size) {
    GatewaySnapshot now = gateway.snapshot();
    while (now.clients() > clients || now.pools().stream().anyMatch(p -> p.active() > 0)) {
      Thread.onSpinWait();
      now = gateway.snapshot();
    }
    assertThat(now.pools()).allMatch(pool -> pool.idle() <= size && pool.waiting() == 0);
  }

  @Test
  void leavesNothingBehind() throws IOException, LoginRefused, SQLException {
    try (Gateway gateway = Backstage.gateway(2);
        Connection c = Backstage.connect(gateway)) {
      Backstage.run(c, "drop table if exists vanished");
      Backstage.run(c, "create table vanished (n int)");
      for (Map.Entry<String, Deed> deed : deeds().entrySet()) {
        for (boolean isRude : new boolean[] {true, false}) {
          RawPg client = RawPg.open(gateway);
          deed.getValue().by(client);
          if (isRude) {
            client.vanish();
          } else {
            client.close();
          }
          isAtRest(gateway, 1, 2);
          assertThat(Backstage.one(c, "select '" + deed.getKey() + "'")).isEqualTo(deed.getKey());
          assertThat(Backstage.one(c, "show statement_timeout")).as(deed.getKey()).isEqualTo("0");
        }
      }
      assertThat(Backstage.one(c, "select count(*) from vanished")).isEqualTo("0");
      isGoneFromTheServer();
    }
    assertThat(Leaks.found()).isEmpty();
  }

  /// Statements end some time after their connection, not before the server looks.
  private static void isGoneFromTheServer() throws SQLException {
    try (Connection admin = Backstage.administrator()) {
      String busy =
          "select count(*) from pg_stat_activity where usename = 'app'"
              + " and state <> 'idle' and query not like '%pg_stat_activity%'";
      while (!Backstage.one(admin, busy).equals("0")) {
        Thread.onSpinWait();
      }
    }
  }

  @Test
  void leavesNothingOfWhoWaitsOrLogsIn() throws IOException, LoginRefused, SQLException {
    try (Gateway gateway = Backstage.gateway(1);
        Connection c = Backstage.connect(gateway)) {
      c.setAutoCommit(false);
      assertThat(Backstage.one(c, "select 1")).isEqualTo("1");
      RawPg waiting = RawPg.open(gateway);
      waiting.send(Say.query("select 'waited'"));
      while (gateway.snapshot().pools().getFirst().waiting() == 0) {
        Thread.onSpinWait();
      }
      waiting.vanish();
      while (gateway.snapshot().pools().getFirst().waiting() > 0) {
        Thread.onSpinWait();
      }
      byte[] startup = Say.startup("user", "app", "database", "shop");
      for (int i = 1; i < startup.length; i += 7) {
        RawPg half = RawPg.connect(gateway.address().port());
        half.send(Arrays.copyOf(startup, i));
        half.vanish();
      }
      for (int i = 0; i < 5; i++) {
        RawPg asked = RawPg.connect(gateway.address().port());
        asked.send(startup);
        asked.await('R');
        asked.vanish();
      }
      c.commit();
      isAtRest(gateway, 1, 1);
    }
    assertThat(Leaks.found()).isEmpty();
  }

  /// Ends the server connection on which something is under way with the table.
  private static final String KILL =
      "select count(pg_terminate_backend(pid, 10000)) from pg_stat_activity"
          + " where query like '%killed%' and state <> 'idle' and pid <> pg_backend_pid()";

  @Test
  void tellsOnlyItsClientThatAServerConnectionWasKilled()
      throws IOException, LoginRefused, SQLException {
    try (Gateway gateway = Backstage.gateway(2);
        RawPg other = RawPg.open(gateway);
        Connection admin = Backstage.administrator()) {
      other.ask(Say.query("drop table if exists killed"));
      other.ask(Say.query("create table killed (n int)"));
      List<Deed> deeds = new ArrayList<>();
      deeds.add(client -> client.send(Say.query("select pg_sleep(30), 'killed'")));
      deeds.add(client -> client.ask(Say.query("begin; insert into killed values (1)")));
      deeds.add(client -> {
        client.send(Say.query("copy killed from stdin"));
        client.await('G');
        client.send(Say.copyData("3\n"));
      });
      for (Deed deed : deeds) {
        try (RawPg client = RawPg.open(gateway)) {
          deed.by(client);
          String killed = "";
          while (!killed.equals("1")) {
            killed = Backstage.one(admin, KILL);
          }
          List<Said> end = client.answers(9);
          assertThat(end.toString()).contains("E 57P01").endsWith("! ]");
        }
        assertThat(other.ask(Say.query("select count(*) from killed")).toString())
            .contains("D [0]", "Z I");
      }
      isAtRest(gateway, 1, 2);
    }
    assertThat(Leaks.found()).isEmpty();
  }
}
