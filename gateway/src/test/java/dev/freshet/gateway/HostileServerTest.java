package dev.freshet.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.base.Rolls;
import dev.freshet.gateway.RawPg.Said;
import dev.freshet.gateway.ScriptedServer.Answer;
import dev.freshet.pgwire.LoginRefused;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// A server that does not keep to the protocol: its connection is closed, and what it said too much
/// reaches nobody.
///
/// Run with `-Dfuzz.cases=100000` for the long run and `-Dfuzz.seed=N` to repeat one.
@Timeout(1_800)
class HostileServerTest {

  private static Gateway gateway(ScriptedServer server) {
    return Backstage.gateway(
        Backstage.config(
            server.url(), Backstage.pool(1, PoolMode.TRANSACTION, Duration.ofSeconds(30))));
  }

  @Test
  void neverHandsOnWhatWasSaidBehindTheEnd() throws IOException, LoginRefused {
    List<byte[]> extras =
        List.of(
            ScriptedServer.data("ghost"),
            ScriptedServer.row("ghost"),
            ScriptedServer.ready(),
            Say.message('C', "SELECT 1\0"),
            Arrays.copyOf(ScriptedServer.row("ghost"), 3),
            Say.message('1', ""),
            Say.message('?', "?"));
    for (byte[] extra : extras) {
      try (ScriptedServer server =
              new ScriptedServer((number, sql) ->
                  number == 0
                      ? new Answer(Say.all(ScriptedServer.row(sql), extra), false)
                      : ScriptedServer.echo(sql));
          Gateway gateway = gateway(server);
          RawPg first = RawPg.open(gateway);
          RawPg second = RawPg.open(gateway)) {
        // Both have asked before the first answer comes, so that the second waits for its turn.
        first.send(Say.query("first"));
        second.send(Say.query("second"));
        List<Said> answers = second.answers(1);
        assertThat(answers.toString()).doesNotContain("ghost");
        assertThat(answers.toString()).contains("D [second], C SELECT 1, Z I");
        assertThat(second.ask(Say.query("again")).toString()).contains("D [again], C SELECT 1, Z");
        assertThat(first.answers(1).toString()).contains("first").doesNotContain("second");
      }
    }
    assertThat(Leaks.found()).isEmpty();
  }

  @Test
  void triesAgainWhereItsFirstConnectionIsEndedAtOnce() throws IOException, LoginRefused {
    byte[] ended = Say.message('E', "SFATAL\0VFATAL\0C57P01\0Mterminated by an administrator\0\0");
    try (ScriptedServer server =
            new ScriptedServer((number, sql) -> ScriptedServer.echo(sql)).endingTheFirst(ended);
        Gateway gateway = gateway(server);
        RawPg client = RawPg.open(gateway)) {
      assertThat(client.ask(Say.query("here")).toString()).contains("D [here]");
    }
  }

  @Test
  void survivesWhateverAServerSays() throws IOException, LoginRefused {
    int cases = Integer.getInteger("fuzz.cases", 3_000);
    long seed = Long.getLong("fuzz.seed", System.nanoTime());
    Rolls rolls = new Rolls(seed);
    try (ScriptedServer server =
            new ScriptedServer((number, sql) ->
                sql.startsWith("spoil") ? spoilt(rolls, sql) : ScriptedServer.echo(sql));
        Gateway gateway = gateway(server)) {
      RawPg client = RawPg.open(gateway);
      RawPg other = RawPg.open(gateway);
      for (int i = 0; i < cases; i++) {
        client.send(Say.query("spoil-" + i), Say.query("after-" + i));
        client = alive(client, client.answers(2), gateway);
        String where = "seed " + seed + ", case " + i;
        List<Said> others = other.ask(Say.query("other-" + i));
        isHonest(others, "other-" + i, where);
        other = alive(other, others, gateway);
        List<Said> answers = client.ask(Say.query("honest-" + i));
        isHonest(answers, "honest-" + i, where);
        client = alive(client, answers, gateway);
      }
      client.close();
      other.close();
      VanishingClientTest.isAtRest(gateway, 0, 1);
    }
    assertThat(Leaks.found()).as("seed " + seed).isEmpty();
  }

  /// The same client, or a new one where its connection has ended.
  private static RawPg alive(RawPg client, List<Said> answers, Gateway gateway)
      throws IOException, LoginRefused {
    if (answers.getLast().tag() != '!') {
      return client;
    }
    client.close();
    return RawPg.open(gateway);
  }

  /// Its own row, or the end of the connection: what comes when it was promised to nobody yet can't
  /// be told from an honest end.
  private static void isHonest(List<Said> answers, String wanted, String where) {
    List<Said> rows = answers.stream().filter(said -> said.tag() == 'D').toList();
    assertThat(rows).as(where).allMatch(row -> row.values().equals(List.of(wanted)));
    boolean isOver = answers.getLast().tag() == '!';
    assertThat(isOver || rows.size() == 1).as(where + ": " + answers).isTrue();
  }

  private static Answer spoilt(Rolls rolls, String sql) {
    synchronized (rolls) {
      byte[] out = ScriptedServer.row(sql);
      return switch (rolls.between(0, 6)) {
        case 0 -> new Answer(new byte[0], true);
        case 1 -> new Answer(Arrays.copyOf(out, rolls.between(1, out.length)), true);
        case 2 -> new Answer(Say.all(out, ScriptedServer.data("ghost")), false);
        case 3 -> new Answer(Say.all(out, ScriptedServer.ready()), false);
        case 4 -> new Answer(Say.all(rolls.bytes(rolls.between(1, 40)), out), true);
        default -> {
          for (int n = rolls.between(1, 4); n > 0; n--) {
            out[rolls.between(0, out.length - 1)] = (byte) rolls.between(0, 255);
          }
          yield new Answer(out, true);
        }
      };
    }
  }
}
