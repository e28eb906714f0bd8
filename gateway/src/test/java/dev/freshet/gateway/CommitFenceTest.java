package dev.freshet.gateway;

import static dev.freshet.gateway.Kitchen.one;
import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.base.FakeTime;
import dev.freshet.freshness.Nodes;
import java.io.IOException;
import java.sql.Connection;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Who is told that his transaction is over can rely on everybody seeing it.
@Timeout(60)
class CommitFenceTest {
  private static final Duration LONG = Duration.ofMinutes(10);
  private static final String PRICE = "select price from menu where id = 1";
  private static final String CHANGE = "update menu set price = 9 where id = 1";

  /// Asks, and notes whether the answer came only after it was published.
  private static CompletableFuture<List<RawPg.Said>> ask(
      RawPg client, int answers, AtomicBoolean published, byte[]... said) {
    return CompletableFuture.supplyAsync(() -> {
      try {
        client.send(Say.all(said));
        List<RawPg.Said> all = client.answers(answers);
        assertThat(published).as("the answer came late enough").isTrue();
        return all;
      } catch (IOException e) {
        throw new IllegalStateException(e);
      }
    });
  }

  @ParameterizedTest
  @ValueSource(strings = {"simple", "extended", "block"})
  void theAnswerToAWriteWaitsUntilItIsPublished(String how) throws Exception {
    FollowedMenu menu = new FollowedMenu();
    try (Kitchen kitchen = menu.kitchen(LONG);
        Connection reader = kitchen.connect();
        RawPg writer = RawPg.open(kitchen.gateway)) {
      kitchen.warm(reader, PRICE);
      if (how.equals("block")) {
        writer.ask(Say.query("begin"));
        writer.ask(Say.query(CHANGE));
      }
      byte[] said =
          switch (how) {
            case "simple" -> Say.query(CHANGE);
            case "extended" ->
                Say.all(Say.parse("", CHANGE), Say.bind("", ""), Say.execute("", 0), Say.sync());
            default -> Say.query("commit");
          };
      long position = menu.committed();
      int before = menu.asked.get();
      AtomicBoolean published = new AtomicBoolean();
      CompletableFuture<List<RawPg.Said>> answer = ask(writer, 1, published, said);
      while (menu.asked.get() == before) {
        Thread.onSpinWait();
      }
      for (int i = 0; i < 20; i++) {
        assertThat(one(reader, PRICE)).isEqualTo("1");
      }
      assertThat(answer).isNotDone();
      published.set(true);
      menu.told(1, position);
      menu.published(position);
      assertThat(answer.join().toString()).endsWith("Z I]");
      assertThat(one(reader, PRICE)).isEqualTo("9");
      assertThat(kitchen.gateway.fences().waits().count()).isEqualTo(1);
    }
  }

  @Test
  void whatCameInOneGoIsAnsweredInItsOrder() throws Exception {
    FollowedMenu menu = new FollowedMenu();
    try (Kitchen kitchen = menu.kitchen(LONG);
        Connection reader = kitchen.connect();
        RawPg writer = RawPg.open(kitchen.gateway);
        RawPg direct = RawPg.open(Backstage.url().server().port())) {
      kitchen.warm(reader, PRICE);
      writer.ask(Say.query("select 1"));
      byte[][] all = {
        Say.query(CHANGE + " returning price"),
        Say.query(PRICE),
        Say.query("select nobody"),
        Say.query("update menu set price = 10 where id = 1"),
        Say.query(PRICE),
        Say.query("select dish from menu order by id")
      };
      long position = menu.committed();
      int before = menu.asked.get();
      AtomicBoolean published = new AtomicBoolean();
      CompletableFuture<List<RawPg.Said>> answer = ask(writer, all.length, published, all);
      while (menu.asked.get() == before) {
        Thread.onSpinWait();
      }
      published.set(true);
      menu.told(1, position);
      menu.published(position);
      String said = answer.join().toString();
      direct.send(Say.all(all));
      assertThat(said).isEqualTo(direct.answers(all.length).toString());
    }
  }

  @Test
  void whoWaitsForAStatementBeforeHeEndsTheBatchIsTold() throws Exception {
    FollowedMenu menu = new FollowedMenu();
    try (Kitchen kitchen = menu.kitchen(LONG);
        RawPg writer = RawPg.open(kitchen.gateway)) {
      long position = menu.committed();
      writer.send(Say.parse("", CHANGE), Say.bind("", ""), Say.execute("", 0), Say.flush());
      assertThat(writer.await('C').toString()).isEqualTo("C UPDATE 1");
      writer.send(Say.sync());
      menu.published(position);
      writer.await('Z');
      long next = menu.committed();
      writer.send(Say.query("insert into orders values (1, 1); copy orders from stdin"));
      writer.await('G');
      writer.send(Say.copyData("2\t2\n"), Say.copyDone());
      menu.published(next);
      assertThat(writer.await('Z').toString()).isEqualTo("Z I");
    }
  }

  @Test
  void aWaitThatTakesTooLongEndsWithEverythingTouchedTakenForChanged() throws Exception {
    FollowedMenu menu = new FollowedMenu();
    try (Kitchen kitchen = menu.kitchen(Duration.ofMillis(5));
        Connection reader = kitchen.connect();
        Connection writer = kitchen.connect()) {
      kitchen.warm(reader, PRICE);
      menu.committed();
      Backstage.run(writer, CHANGE);
      assertThat(kitchen.gateway.fences().late().sum()).isEqualTo(1);
      assertThat(one(reader, PRICE)).isEqualTo("9");
    }
  }

  /// What is written through a node is shown by the others, whether or not it shows anything
  /// itself.
  @Test
  void aNodeThatFollowsNothingHoldsWhatIsWrittenThroughItForTheOthers() throws Exception {
    FollowedMenu menu = new FollowedMenu();
    Nodes nodes = new Nodes("this", LONG.toNanos(), new FakeTime(0));
    menu.freshness.feed().meets(nodes);
    menu.freshness.feed().detach();
    try (Kitchen kitchen = menu.kitchen(LONG);
        RawPg writer = RawPg.open(kitchen.gateway)) {
      AtomicBoolean published = new AtomicBoolean();
      CompletableFuture<List<RawPg.Said>> answer = ask(writer, 1, published, Say.query(CHANGE));
      while (!nodes.isAwaited() && !answer.isDone()) {
        Thread.onSpinWait();
      }
      nodes.seen(nodes.look(), 200, List.of(new Nodes.Entry(10, "other", 100L, LONG.toNanos())));
      assertThat(answer).isNotDone();
      published.set(true);
      nodes.seen(nodes.look(), 200, List.of(new Nodes.Entry(10, "other", 201L, LONG.toNanos())));
      assertThat(answer.join().toString()).endsWith("Z I]");
    }
  }

  @Test
  void whoOnlyReadsNeverWaits() throws Exception {
    FollowedMenu menu = new FollowedMenu();
    try (Kitchen kitchen = menu.kitchen(LONG);
        Connection c = kitchen.connect()) {
      kitchen.warm(c, PRICE);
      kitchen.known(c, "select now()");
      int before = menu.asked.get();
      menu.committed();
      c.setAutoCommit(false);
      assertThat(one(c, PRICE)).isEqualTo("1");
      c.commit();
      c.setAutoCommit(true);
      Backstage.run(c, "select now()");
      assertThat(menu.asked.get()).isEqualTo(before);
    }
  }

  @Test
  void aClientThatGoesWithItsAnswerHeldLeavesNothingBehind() throws Exception {
    FollowedMenu menu = new FollowedMenu();
    try (Kitchen kitchen = menu.kitchen(LONG);
        RawPg writer = RawPg.open(kitchen.gateway);
        RawPg polite = RawPg.open(kitchen.gateway)) {
      long position = menu.committed();
      for (RawPg client : List.of(writer, polite)) {
        int before = menu.asked.get();
        client.send(Say.query(CHANGE));
        while (menu.asked.get() == before) {
          Thread.onSpinWait();
        }
      }
      writer.vanish();
      polite.send(Say.bare('X'));
      menu.published(position);
      assertThat(polite.answers(1).toString()).endsWith("Z I]");
      while (kitchen.gateway.snapshot().clients() > 0) {
        Thread.onSpinWait();
      }
    }
  }
}
