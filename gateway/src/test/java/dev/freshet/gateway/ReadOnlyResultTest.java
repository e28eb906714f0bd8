package dev.freshet.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Results within explicit transactions: only where each statement is shown a state of its own and
/// nothing can be written, and where the session itself has said both.
@Timeout(60)
class ReadOnlyResultTest {
  private static final String PRICE = "select price from menu where id = 1";
  private static final String BEGIN = "begin isolation level read committed read only";

  /// What was asked is known to read, and its answer is in memory.
  private static void warm(Kitchen kitchen) throws Exception {
    try (RawPg client = RawPg.open(kitchen.gateway)) {
      while (!isFromMemory(kitchen, client, Say.query(PRICE))
          || !isFromMemory(kitchen, client, Say.run(PRICE), Say.sync())) {
        Thread.onSpinWait();
      }
    }
  }

  private static boolean isFromMemory(Kitchen kitchen, RawPg client, byte[]... question)
      throws Exception {
    long before = kitchen.count("hit");
    client.ask(question);
    return kitchen.count("hit") > before;
  }

  private static List<byte[][]> transaction() {
    byte[][] extended = {Say.run(PRICE), Say.sync()};
    return List.of(
        new byte[][] {Say.query(BEGIN)},
        new byte[][] {Say.query(PRICE)},
        extended,
        new byte[][] {Say.query(PRICE)},
        new byte[][] {Say.query("select 1 / 0")},
        new byte[][] {Say.query(PRICE)},
        new byte[][] {Say.query("rollback")},
        new byte[][] {Say.run(BEGIN), Say.sync()},
        extended,
        extended,
        new byte[][] {Say.run("commit"), Say.sync()},
        extended);
  }

  /// Octet for octet, and told of the transaction that is open or has failed.
  @Test
  void answersAsTheServerDoes() throws Exception {
    FollowedMenu menu = new FollowedMenu();
    try (Kitchen kitchen = menu.kitchen(null);
        RawPg through = RawPg.open(kitchen.gateway);
        RawPg direct = RawPg.open(Backstage.serverPort())) {
      warm(kitchen);
      long before = kitchen.count("hit");
      List<String> seen = new ArrayList<>();
      List<String> wanted = new ArrayList<>();
      for (byte[][] question : transaction()) {
        seen.add(through.ask(question).toString());
        wanted.add(direct.ask(question).toString());
      }
      assertThat(seen).isEqualTo(wanted);
      assertThat(kitchen.count("hit")).isEqualTo(before + 6);
    }
  }

  private static final List<String> BY_THEMSELVES =
      List.of(
          "begin isolation level read committed read only",
          "start transaction read only, isolation level read uncommitted",
          "set default_transaction_isolation = 'read committed'; begin read only",
          "set session characteristics as transaction isolation level read committed;"
              + " begin read only",
          "set default_transaction_isolation to 'read committed';"
              + " set default_transaction_read_only to on; begin",
          "set default_transaction_isolation to 'read committed';"
              + " set session characteristics as transaction read only; begin");

  @Test
  void whereEachStatementIsByItself() throws Exception {
    FollowedMenu menu = new FollowedMenu();
    try (Kitchen kitchen = menu.kitchen(null)) {
      warm(kitchen);
      int price = 100;
      for (String begin : BY_THEMSELVES) {
        price++;
        try (RawPg client = RawPg.open(kitchen.gateway)) {
          say(client, begin);
          // What the session has set may make another question of it.
          client.ask(Say.query(PRICE));
          client.ask(Say.query(PRICE));
          assertThat(isFromMemory(kitchen, client, Say.query(PRICE))).as(begin).isTrue();
          long position = menu.committed();
          FollowedMenu.changes(1, price);
          menu.told(1, position);
          menu.published(position);
          assertThat(client.ask(Say.query(PRICE)).toString())
              .as(begin)
              .contains("D [" + price + "]")
              .contains("Z T");
          // It was kept, with what was published when it was asked for.
          assertThat(isFromMemory(kitchen, client, Say.query(PRICE))).as(begin).isTrue();
          client.ask(Say.query("commit"));
          assertThat(isFromMemory(kitchen, client, Say.query(PRICE))).as(begin).isTrue();
        }
      }
      assertThat(kitchen.gateway.snapshot().pins().values()).allMatch(n -> n == 0);
    }
  }

  private static void say(RawPg client, String statements) throws Exception {
    for (String each : statements.split(";", -1)) {
      assertThat(client.ask(Say.query(each.strip())).toString()).doesNotContain("E ");
    }
  }

  private static final List<String> OTHERS =
      List.of(
          "begin",
          "begin read only",
          "begin isolation level read committed",
          "begin isolation level read committed read write",
          "begin isolation level read committed read only, isolation level repeatable read",
          "begin isolation level read committed read only, read write",
          "begin isolation level repeatable read read only",
          "begin isolation level serializable read only deferrable",
          "set default_transaction_isolation to 'read committed';"
              + " begin isolation level repeatable read, read only",
          "set default_transaction_isolation to 'read committed';"
              + " set default_transaction_read_only to on; begin read write",
          "set default_transaction_isolation to 'repeatable read'; begin read only",
          "begin isolation level read committed read only; savepoint s",
          "begin isolation level read committed read only; set local work_mem to '1MB'",
          "begin isolation level read committed; set transaction read only",
          "begin isolation level read committed read only; select txid_current_if_assigned()");

  @Test
  void nowhereElse() throws Exception {
    FollowedMenu menu = new FollowedMenu();
    try (Kitchen kitchen = menu.kitchen(null)) {
      warm(kitchen);
      for (String begin : OTHERS) {
        try (RawPg client = RawPg.open(kitchen.gateway)) {
          say(client, begin);
          for (int i = 0; i < 3; i++) {
            assertThat(isFromMemory(kitchen, client, Say.query(PRICE))).as(begin).isFalse();
          }
          client.ask(Say.query("rollback"));
          client.ask(Say.query(PRICE));
          client.ask(Say.query(PRICE));
          assertThat(isFromMemory(kitchen, client, Say.query(PRICE))).as(begin).isTrue();
        }
      }
    }
  }

  /// PostgreSQL lets a transaction that has written become one that only reads.
  @Test
  void whatWasWrittenBeforeTheBeginningIsSeen() throws Exception {
    FollowedMenu menu = new FollowedMenu();
    String write = "update menu set price = 7 where id = 1";
    try (Kitchen kitchen = menu.kitchen(null);
        RawPg client = RawPg.open(kitchen.gateway)) {
      warm(kitchen);
      client.send(Say.run("begin"), Say.sync(), Say.run(write), Say.sync());
      client.send(Say.run(BEGIN), Say.sync());
      client.answers(3);
      assertThat(client.ask(Say.query(PRICE)).toString()).contains("D [7]").contains("Z T");
      client.ask(Say.query("rollback"));
      client.send(Say.run(write), Say.run(BEGIN), Say.sync());
      client.answers(1);
      assertThat(client.ask(Say.query(PRICE)).toString()).contains("D [7]").contains("Z T");
      client.ask(Say.query("rollback"));
      assertThat(client.ask(Say.query(PRICE)).toString()).contains("D [1]").contains("Z I");
    }
  }

  /// The portal without a name that the server has is that of an earlier statement.
  @Test
  void nobodyRunsAnotherPortalThanHisOwn() throws Exception {
    FollowedMenu menu = new FollowedMenu();
    String two = "select id from menu where id > 17 order by id";
    try (Kitchen kitchen = menu.kitchen(null);
        RawPg client = RawPg.open(kitchen.gateway)) {
      warm(kitchen);
      try (Connection c = kitchen.connect()) {
        kitchen.known(c, two);
      }
      client.ask(Say.query(BEGIN));
      byte[] first = Say.all(Say.parse("", two), Say.bind("", ""), Say.execute("", 1));
      assertThat(client.ask(first, Say.sync()).toString()).contains("D [18]");
      assertThat(isFromMemory(kitchen, client, Say.run(PRICE), Say.sync())).isTrue();
      assertThat(client.ask(Say.execute("", 0), Say.sync()).toString())
          .contains("34000")
          .doesNotContain("D [19]");
    }
  }

  /// The server would take the transaction for idle.
  @Test
  void theServerHearsOfItNowAndThen() throws Exception {
    FollowedMenu menu = new FollowedMenu();
    try (Kitchen kitchen = menu.kitchen(null);
        RawPg client = RawPg.open(kitchen.gateway)) {
      warm(kitchen);
      client.ask(Say.query(BEGIN));
      assertThat(isFromMemory(kitchen, client, Say.query(PRICE))).isTrue();
      kitchen.time.advance(Duration.ofSeconds(2));
      assertThat(isFromMemory(kitchen, client, Say.query(PRICE))).isFalse();
      assertThat(isFromMemory(kitchen, client, Say.query(PRICE))).isTrue();
    }
  }
}
