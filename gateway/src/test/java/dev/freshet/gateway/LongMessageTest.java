package dev.freshet.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.gateway.RawPg.Said;
import dev.freshet.pgwire.LoginRefused;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Messages that have to be whole before they can be read have a limit; what may pass in pieces has
/// none.
@Timeout(60)
class LongMessageTest {
  private static final int MOST = 1 << 17;
  private final Gateway gateway = Backstage.gateway(limited());

  private static GatewayConfig limited() {
    GatewayConfig.Limits d = GatewayConfig.Limits.defaults();
    return Backstage.with(
        Backstage.config(
            Backstage.url(), Backstage.pool(2, PoolMode.TRANSACTION, Duration.ofSeconds(30))),
        new GatewayConfig.Limits(
            d.maxClients(),
            d.maxPrepared(),
            d.maxStatements(),
            d.statistics(),
            d.login(),
            Duration.ZERO,
            Duration.ZERO,
            d.keepalive(),
            MOST));
  }

  @AfterEach
  void close() {
    gateway.close();
  }

  private static byte[] longQuery(int octets) {
    return Say.query("select '" + "x".repeat(octets) + "'");
  }

  private static byte[] longParse(String name, int octets) {
    return Say.parse(name, "select '" + "x".repeat(octets) + "'");
  }

  private static List<String> shown(List<Said> said) {
    return said.stream()
        .map(one -> one.tag() == 'E' ? "E " + one.field('S') + " " + one.field('C') : "" + one)
        .filter(one -> !one.startsWith("T "))
        .toList();
  }

  @Test
  void refusesWhatIsTooLongAndGoesOn() throws IOException, LoginRefused {
    try (RawPg client = RawPg.open(gateway)) {
      List<Said> refused = client.ask(longQuery(MOST));
      assertThat(shown(refused)).containsExactly("E ERROR 54000", "Z I");
      assertThat(refused.getFirst().field('M')).contains("gateway.max-message (131072)");
      assertThat(shown(client.ask(Say.query("select 1"))))
          .containsExactly("D [1]", "C SELECT 1", "Z I");
      assertThat(
              shown(
                  client.ask(
                      longParse("", MOST), Say.bind("", ""), Say.execute("", 0), Say.sync())))
          .containsExactly("E ERROR 54000", "Z I");
      assertThat(client.ask(longQuery(MOST - 100)).getLast()).hasToString("Z I");
      // Values pass in pieces.
      assertThat(
              shown(
                  client.ask(
                      Say.parse("", "select length($1)"),
                      Say.bind("", "", "y".repeat(3 * MOST)),
                      Say.execute("", 0),
                      Say.sync())))
          .contains("D [" + 3 * MOST + "]");
    }
  }

  /// In its turn: behind what was asked before, and with all that follows from an error.
  @Test
  void refusesInTheMiddleOfAPipelineAndOfATransaction() throws IOException, LoginRefused {
    try (RawPg client = RawPg.open(gateway)) {
      client.send(Say.query("select 1"), longQuery(MOST), Say.query("select 2"));
      assertThat(shown(client.answers(3)))
          .containsExactly(
              "D [1]", "C SELECT 1", "Z I", "E ERROR 54000", "Z I", "D [2]", "C SELECT 1", "Z I");
      client.send(
          Say.query("begin"), longQuery(MOST), Say.query("select 3"), Say.query("rollback"));
      assertThat(shown(client.answers(4)))
          .containsExactly(
              "C BEGIN",
              "Z T",
              "E ERROR 54000",
              "Z E",
              "E ERROR 25P02",
              "Z E",
              "C ROLLBACK",
              "Z I");
      client.send(
          Say.parse("a", "select 4"),
          longParse("b", MOST),
          Say.parse("c", "select 5"),
          Say.sync(),
          Say.run("select 6"),
          Say.sync());
      assertThat(shown(client.answers(2)))
          .startsWith("1 ", "E ERROR 54000", "Z I")
          .endsWith("D [6]", "C SELECT 1", "Z I");
      assertThat(shown(client.ask(Say.bind("", "a"), Say.execute("", 0), Say.sync())))
          .contains("D [4]");
      assertThat(shown(client.ask(Say.bind("", "c"), Say.sync())))
          .containsExactly("E ERROR 26000", "Z I");
    }
  }

  @Test
  void allTogetherHoldNoMoreThanFourTimesThat() throws IOException, LoginRefused {
    byte[] query = longQuery(MOST - 100);
    byte[] half = Arrays.copyOf(query, query.length - 10);
    byte[] rest = Arrays.copyOfRange(query, query.length - 10, query.length);
    RawPg[] holders = new RawPg[4];
    try (RawPg other = RawPg.open(gateway)) {
      for (int i = 0; i < holders.length; i++) {
        holders[i] = RawPg.open(gateway);
        holders[i].send(half);
      }
      while (gateway.held().octets() < 4L * query.length) {
        Thread.onSpinWait();
      }
      assertThat(shown(other.ask(query))).containsExactly("E ERROR 53200", "Z I");
      assertThat(holders[0].ask(rest).getLast()).hasToString("Z I");
      assertThat(other.ask(query).getLast()).hasToString("Z I");
      for (RawPg holder : holders) {
        holder.close();
      }
      while (gateway.held().octets() > 0) {
        Thread.onSpinWait();
      }
    }
  }
}
