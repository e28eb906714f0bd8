package dev.freshet.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.base.Rolls;
import dev.freshet.gateway.RawPg.Said;
import dev.freshet.pgwire.LoginRefused;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Each client reads only values with its own mark, while others beside it vanish in the middle of
/// things, cancel, fail, and have their server connections killed.
///
/// Run with `-Dfuzz.cases=100000` for the long run and `-Dfuzz.seed=N` to repeat one.
@Timeout(1_800)
class CrossTalkTest {
  private static final int HONEST = 8;
  private static final int HOSTILE = 6;

  @Test
  void givesNobodyAnAnswerThatIsNotItsOwn() throws ExecutionException, InterruptedException {
    int cases = Integer.getInteger("fuzz.cases", 3_000);
    long seed = Long.getLong("fuzz.seed", System.nanoTime());
    AtomicBoolean isOver = new AtomicBoolean();
    AtomicLong asked = new AtomicLong();
    try (Gateway gateway = Backstage.gateway(4);
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<String>> honest = new ArrayList<>();
      for (int i = 0; i < HONEST; i++) {
        Rolls rolls = new Rolls(seed + i);
        String mark = "mark" + i;
        honest.add(threads.submit(() -> askUntil(isOver, gateway, mark, rolls, asked)));
      }
      List<Future<?>> hostile = new ArrayList<>();
      for (int i = 0; i < HOSTILE; i++) {
        Rolls rolls = new Rolls(seed - 1 - i);
        hostile.add(
            threads.submit(() -> {
              for (int n = 0; n < cases / HOSTILE; n++) {
                misbehave(gateway, rolls);
              }
              return true;
            }));
      }
      Future<?> killer = threads.submit(() -> kill(isOver, new Rolls(seed - 100)));
      try {
        for (Future<?> one : hostile) {
          one.get();
        }
      } finally {
        isOver.set(true);
      }
      killer.get();
      for (Future<String> one : honest) {
        assertThat(one.get()).as("seed " + seed).isEmpty();
      }
      assertThat(asked.get()).as("seed " + seed).isGreaterThan(200);
      VanishingClientTest.isAtRest(gateway, 0, 4);
    }
    assertThat(Leaks.found()).as("seed " + seed).isEmpty();
  }

  /// What was wrong; empty when nothing was.
  private static String askUntil(
      AtomicBoolean isOver, Gateway gateway, String mark, Rolls rolls, AtomicLong asked)
      throws IOException, LoginRefused {
    int n = 0;
    while (!isOver.get()) {
      try (RawPg client = RawPg.open(gateway)) {
        boolean isAlive = true;
        while (isAlive && !isOver.get()) {
          String wanted = mark + "-" + n++;
          String quoted = "'" + wanted + "'";
          List<Said> answers =
              switch (rolls.between(0, 3)) {
                case 0 -> client.ask(Say.query("select " + quoted));
                case 1 -> client.ask(Say.run("select " + quoted), Say.sync());
                case 2 -> client.ask(Say.run("select $1", wanted), Say.sync());
                default ->
                    client.ask(Say.query("begin; select " + quoted + ", pg_sleep(0.0003); commit"));
              };
          asked.incrementAndGet();
          String got = wrong(answers, wanted);
          if (!got.isEmpty()) {
            return wanted + " got " + got;
          }
          isAlive = answers.getLast().tag() == 'Z';
        }
      }
    }
    return "";
  }

  /// A whole answer with the mark in it, or an honest end of the connection.
  private static String wrong(List<Said> answers, String wanted) {
    boolean isAnswered = false;
    for (Said said : answers) {
      if (said.tag() == 'D') {
        if (isAnswered || !said.values().getFirst().equals(wanted)) {
          return answers.toString();
        }
        isAnswered = true;
      }
    }
    char last = answers.getLast().tag();
    return isAnswered == (last == 'Z') || last == '!' ? "" : answers.toString();
  }

  private static void misbehave(Gateway gateway, Rolls rolls) throws IOException, LoginRefused {
    String evil = "evil" + rolls.between(0, 1_000_000);
    String slow = "select '" + evil + "', pg_sleep(0.002)";
    RawPg client = RawPg.open(gateway);
    switch (rolls.between(0, 7)) {
      case 0 -> client.send(Say.query(slow));
      case 1 -> client.send(Say.run(slow), Say.sync(), Say.run(slow), Say.sync());
      case 2 -> client.send(Say.run("select '" + evil + "'"), Say.flush());
      case 3 -> {
        client.ask(Say.query("begin"));
        client.send(Say.query("select '" + evil + "' from generate_series(1, 3000)"));
      }
      case 4 -> {
        client.send(Say.query("select '" + evil + "', pg_sleep(30)"));
        cancel(gateway, client);
        client.answers(rolls.between(0, 1));
      }
      case 5 -> {
        client.send(Say.query(slow));
        cancel(gateway, client);
      }
      case 6 -> {
        byte[] half = Say.all(Say.query(slow), Say.query(slow));
        client.send(java.util.Arrays.copyOf(half, rolls.between(1, half.length)));
      }
      default -> client.send(Say.run("select '" + evil + "' / 0"), Say.run(slow), Say.sync());
    }
    if (rolls.chance(0.5)) {
      client.vanish();
    } else {
      client.close();
    }
  }

  private static void cancel(Gateway gateway, RawPg client) throws IOException {
    try (RawPg other = RawPg.connect(gateway.address().port())) {
      other.send(Say.cancel(client.pid(), client.key()));
      other.answers(1);
    }
  }

  private static boolean kill(AtomicBoolean isOver, Rolls rolls) throws SQLException {
    try (Connection admin = Backstage.administrator()) {
      while (!isOver.get()) {
        Backstage.run(
            admin,
            "select pg_terminate_backend(pid), pg_sleep(0.05) from pg_stat_activity where usename ="
                + " 'app' and application_name = 'freshet' order by "
                + (rolls.chance(0.5) ? "pid" : "query_start")
                + " limit 1");
      }
    }
    return true;
  }
}
