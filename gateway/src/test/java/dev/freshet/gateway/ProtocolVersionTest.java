package dev.freshet.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.gateway.RawPg.Said;
import dev.freshet.pgwire.LoginRefused;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Protocol 3.2 and its longer keys for cancel requests, and what is said to those who ask for
/// more: as PostgreSQL itself says it.
@Timeout(120)
class ProtocolVersionTest {
  private static final byte[] LONG_KEY = new byte[32];

  static {
    Arrays.fill(LONG_KEY, (byte) 9);
  }

  @Test
  void keysAreAsLongAsTheServersOwn() throws IOException, LoginRefused {
    try (Gateway gateway = Backstage.gateway(1)) {
      for (int minor : new int[] {0, 2}) {
        try (RawPg through = RawPg.open(gateway.address().port(), minor);
            RawPg direct = RawPg.open(Backstage.serverPort(), minor)) {
          assertThat(through.key()).hasSameSizeAs(direct.key()).hasSize(minor == 2 ? 32 : 4);
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 2})
  void cancelsByKeysOfEitherLength(int minor) throws IOException, LoginRefused {
    try (Gateway gateway = Backstage.gateway(1);
        RawPg client = RawPg.open(gateway.address().port(), minor)) {
      client.send(Say.query("select pg_sleep(50)"));
      byte[] wrong = client.key();
      wrong[wrong.length - 1] ^= 1;
      for (byte[] key : List.of(wrong, Arrays.copyOf(client.key(), 3 + minor), client.key())) {
        try (RawPg canceller = RawPg.connect(gateway.address().port())) {
          canceller.send(Say.cancel(client.pid(), key));
          // Whoever is not the right one is not told so.
          assertThat(canceller.answers(1).toString()).isEqualTo("[! ]");
        }
        if (!Arrays.equals(key, client.key())) {
          try (RawPg witness = RawPg.open(Backstage.serverPort())) {
            String asked = "select count(*) from pg_stat_activity where query ~ '^select pg_sl'";
            List<Said> seen = witness.ask(Say.query(asked + " and state = 'active'"));
            while (!seen.get(1).values().equals(List.of("1"))) {
              seen = witness.ask(Say.query(asked + " and state = 'active'"));
            }
          }
        }
      }
      assertThat(client.answers(1).toString()).contains("57014");
      assertThat(client.ask(Say.query("select 1")).toString()).contains("D [1]");
    }
  }

  /// What is said first to somebody who asks for this.
  private static Said first(int port, int minor, String... more) throws IOException {
    String[] all = Arrays.copyOf(new String[] {"user", "app", "database", "shop"}, 4 + more.length);
    System.arraycopy(more, 0, all, 4, more.length);
    try (RawPg client = RawPg.connect(port)) {
      client.send(Say.startup(minor, all));
      return client.read();
    }
  }

  @Test
  void offersWhatItSpeaksAsTheServerDoes() throws IOException {
    try (Gateway gateway = Backstage.gateway(1)) {
      String[][] options = {{}, {"_pq_.trace", "on"}, {"_pq_.a", "1", "_pq_.b", "2"}};
      for (int minor : new int[] {0, 2, 3, 9}) {
        for (String[] more : options) {
          Said told = first(gateway.address().port(), minor, more);
          assertThat(told).hasToString(first(Backstage.serverPort(), minor, more).toString());
          assertThat(told.tag()).isEqualTo(minor > 2 || more.length > 0 ? 'v' : 'R');
        }
      }
    }
  }

  @Test
  void whoAskedForMoreGoesOnWithWhatThereIs() throws IOException, LoginRefused {
    try (Gateway gateway = Backstage.gateway(1);
        RawPg client = RawPg.open(gateway.address().port(), 9, "_pq_.trace", "on")) {
      assertThat(client.key()).hasSize(32);
      assertThat(client.ask(Say.query("select 1")).toString()).contains("D [1]");
    }
  }

  private static Gateway gateway(ScriptedServer server) {
    return Backstage.gateway(
        Backstage.config(
            server.url(), Backstage.pool(1, PoolMode.TRANSACTION, Duration.ofSeconds(30))));
  }

  private static int minor(byte[] greeting) {
    return ByteBuffer.wrap(greeting).getInt() & 0xffff;
  }

  /// The server is asked for 3.2, and its long key is what it is sent back.
  @Test
  void asksTheServerForLongKeysAndUsesThem() throws IOException, LoginRefused {
    try (ScriptedServer server =
            new ScriptedServer((number, sql) ->
                sql.equals("hang")
                    ? new ScriptedServer.Answer(ScriptedServer.description(), false)
                    : ScriptedServer.echo(sql))
                .withKey(LONG_KEY);
        Gateway gateway = gateway(server);
        RawPg client = RawPg.open(gateway)) {
      client.send(Say.query("hang"));
      client.await('T');
      assertThat(minor(server.greetings.getFirst())).isEqualTo(2);
      try (RawPg canceller = RawPg.connect(gateway.address().port())) {
        canceller.send(Say.cancel(client.pid(), client.key()));
        canceller.answers(1);
      }
      while (server.greetings.size() < 2) {
        Thread.onSpinWait();
      }
      byte[] request = server.greetings.get(1);
      assertThat(Arrays.copyOfRange(request, 8, request.length)).isEqualTo(LONG_KEY);
    }
  }

  @Test
  void goesOnWithAServerThatSpeaksLess() throws IOException, LoginRefused {
    byte[] offer = Say.message('v', new byte[] {0, 3, 0, 0, 0, 0, 0, 0});
    byte[] refusal =
        Say.message(
            "E".charAt(0), "SFATAL\0VFATAL\0C0A000\0Munsupported frontend protocol 3.2\0\0");
    for (byte[] objection : List.of(offer, refusal)) {
      try (ScriptedServer server =
              new ScriptedServer((number, sql) -> ScriptedServer.echo(sql))
                  .objecting(greeting -> minor(greeting) == 2 ? objection : new byte[0]);
          Gateway gateway = gateway(server);
          RawPg client = RawPg.open(gateway)) {
        assertThat(client.ask(Say.query("here")).toString()).contains("D [here]");
        List<Integer> asked = server.greetings.stream().map(ProtocolVersionTest::minor).toList();
        assertThat(asked).isEqualTo(Arrays.equals(objection, offer) ? List.of(2) : List.of(2, 0));
      }
    }
  }
}
