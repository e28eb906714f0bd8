package dev.freshet.pgwire;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.freshet.base.Rolls;
import dev.freshet.pgwire.ScramServer.Outcome.Denied;
import dev.freshet.pgwire.ScramServer.Outcome.Granted;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Logins that go as they should, client against server.
class ScramTest {
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final byte[] HASH = Scram.hash(new byte[] {1});
  private static final List<String> BOTH = List.of(Scram.PLUS, Scram.PLAIN);
  private static final List<String> UNBOUND = List.of(Scram.PLAIN);

  @Test
  void isTheExchangeOfRfc7677Section3() throws LoginRefused {
    String clientNonce = "rOprNGfwEbeRWgbNEkqO";
    String serverNonce = "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
    String first = "n,,n=user,r=" + clientNonce;
    String challenge = "r=" + clientNonce + serverNonce + ",s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";
    String last =
        "c=biws,r=" + clientNonce + serverNonce + ",p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=";
    String proof = "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=";
    byte[] salt = Base64.getDecoder().decode("W22ZaJ0SNY7soEsUEjb6gQ==");
    ScramKeys keys = ScramKeys.derive("pencil", salt, 4096);

    ScramClient client = ScramClient.withPassword("user", "pencil", UNBOUND, null, clientNonce);
    assertThat(client.mechanism()).isEqualTo("SCRAM-SHA-256");
    assertThat(client.first()).asString(UTF_8).isEqualTo(first);
    assertThat(client.last(challenge.getBytes(UTF_8))).asString(UTF_8).isEqualTo(last);
    assertThat(client.verify(proof.getBytes(UTF_8)).clientKey()).isEqualTo(keys.clientKey());

    ScramServer server = ScramServer.begin(Scram.PLAIN, keys.verifier(), null, serverNonce);
    assertThat(server.first(first.getBytes(UTF_8))).asString(UTF_8).isEqualTo(challenge);
    assertThat(server.userName()).isEqualTo("user");
    Granted granted = (Granted) server.last(last.getBytes(UTF_8));
    assertThat(granted.message()).asString(UTF_8).isEqualTo(proof);
    assertThat(granted.keys().clientKey()).isEqualTo(keys.clientKey());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"pencil", " ", "päss wörd", "IX\u00ad", "\u06271", "p,=s", "\ud83d\ude00"})
  void admitsWhoKnowsThePasswordAndNobodyElse(String password) throws LoginRefused {
    ScramVerifier verifier = ScramVerifier.of(password, RANDOM);
    assertThat(login(client(password, BOTH, HASH), verifier, HASH)).isNotNull();
    assertThat(login(client(password + "x", BOTH, HASH), verifier, HASH)).isNull();
  }

  @Test
  void preparesAPasswordSoThatItsSpellingDoesNotMatter() throws LoginRefused {
    ScramVerifier verifier = ScramVerifier.of("Caf\u00e9 IX", RANDOM);
    assertThat(login(client("Cafe\u0301\u00a0\u2168", UNBOUND, null), verifier, null)).isNotNull();
  }

  @Test
  void bindsToTheCertificateWhenBothCan() throws LoginRefused {
    assertThat(ScramServer.mechanisms(HASH)).isEqualTo(BOTH);
    assertThat(ScramServer.mechanisms(null)).isEqualTo(UNBOUND);
    assertThat(client("pencil", BOTH, HASH).mechanism()).isEqualTo("SCRAM-SHA-256-PLUS");
    assertThat(client("pencil", BOTH, null).mechanism()).isEqualTo("SCRAM-SHA-256");
    assertThat(client("pencil", UNBOUND, HASH).mechanism()).isEqualTo("SCRAM-SHA-256");
  }

  @Test
  void saysWhatItCouldHaveBoundTo() {
    assertThat(firstOf(BOTH, HASH)).startsWith("p=tls-server-end-point,,n=,r=");
    assertThat(firstOf(UNBOUND, HASH)).startsWith("y,,n=,r=");
    assertThat(firstOf(BOTH, null)).startsWith("n,,n=,r=");
  }

  @Test
  void aClientThatCanNotBindLogsInOverTlsAllTheSame() throws LoginRefused {
    ScramVerifier verifier = ScramVerifier.of("pencil", RANDOM);
    assertThat(login(client("pencil", BOTH, null), verifier, HASH)).isNotNull();
    assertThat(login(client("pencil", UNBOUND, HASH), verifier, null)).isNotNull();
  }

  @Test
  void keysOfACheckedClientLogInWhereTheVerifierIsTheSame() throws LoginRefused {
    ScramVerifier verifier = ScramVerifier.of("pencil", RANDOM);
    ScramKeys recovered =
        Objects.requireNonNull(login(client("pencil", UNBOUND, null), verifier, null));
    ScramKeys kept = ScramKeys.of(recovered.clientKey(), ScramVerifier.parse(verifier.format()));

    for (byte[] hash : new byte[][] {null, HASH}) {
      ScramClient pooler = ScramClient.withKeys("", kept, BOTH, hash, RANDOM);
      assertThat(login(pooler, verifier, hash)).isNotNull();
    }
  }

  @Test
  void keysAreNoGoodOnceTheVerifierIsAnother() throws LoginRefused {
    ScramKeys keys = ScramKeys.derive("pencil", new byte[] {1, 2, 3}, 5000);
    for (ScramVerifier other :
        List.of(
            ScramKeys.derive("pencil", new byte[] {1, 2, 4}, 5000).verifier(),
            ScramKeys.derive("pencil", new byte[] {1, 2, 3}, 5001).verifier())) {
      ScramClient pooler = ScramClient.withKeys("", keys, UNBOUND, null, RANDOM);
      assertThatThrownBy(() -> login(pooler, other, null))
          .isInstanceOfSatisfying(
              LoginRefused.class, e -> assertThat(e.sqlState()).isEqualTo("28P01"))
          .hasMessageContaining("another verifier");
    }
    assertThatThrownBy(() -> ScramKeys.of(HASH, keys.verifier()))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void anyNameSurvivesItsEscapes() throws LoginRefused {
    long seed = Long.getLong("seed", System.nanoTime());
    Rolls rolls = new Rolls(seed);
    ScramVerifier verifier = ScramVerifier.of("pencil", RANDOM);
    for (int i = 0; i < 500; i++) {
      String name = rolls.text(rolls.between(0, 20), ",=,=,=C2D3é ");
      ScramClient client = ScramClient.withPassword(name, "pencil", UNBOUND, null, RANDOM);
      ScramServer server = ScramServer.begin(Scram.PLAIN, verifier, null, RANDOM);
      server.first(client.first());
      assertThat(server.userName()).as("seed %d", seed).isEqualTo(name);
    }
  }

  @Test
  void ignoresExtensionsThatAreNotMandatory() throws LoginRefused {
    ScramVerifier verifier = ScramVerifier.of("pencil", RANDOM);
    ScramServer server = ScramServer.begin(Scram.PLAIN, verifier, null, "s");
    String challenge = new String(server.first("n,,n=,r=c,x=1,y=a=b".getBytes(UTF_8)), UTF_8);
    String withoutProof = "c=biws,r=cs,z=3";
    ScramKeys keys = ScramKeys.derive("pencil", verifier.salt(), verifier.iterations());
    String authMessage = "n=,r=c,x=1,y=a=b," + challenge + "," + withoutProof;
    String last = withoutProof + ",p=" + Scram.base64(keys.proof(authMessage));
    assertThat(server.last(last.getBytes(UTF_8))).isInstanceOf(Granted.class);
  }

  @Test
  void aLoginIsWalkedThroughOnce() throws LoginRefused {
    ScramVerifier verifier = ScramVerifier.of("pencil", RANDOM);
    ScramServer server = ScramServer.begin(Scram.PLAIN, verifier, null, RANDOM);
    ScramClient client = client("pencil", UNBOUND, null);
    assertThatThrownBy(() -> server.last(new byte[1])).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> client.last(new byte[1])).isInstanceOf(IllegalStateException.class);
    byte[] last = client.last(server.first(client.first()));
    assertThat(server.last(last)).isInstanceOf(Granted.class);
    assertThatThrownBy(() -> server.last(last)).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void nobodyLogsInWithADecoy() throws LoginRefused {
    ScramDecoys decoys = ScramDecoys.random(RANDOM);
    ScramVerifier decoy = decoys.verifier("mallory", null);
    assertThat(login(client("pencil", UNBOUND, null), decoy, null)).isNull();
    assertThat(login(client("mallory", UNBOUND, null), decoy, null)).isNull();
  }

  @Test
  void aDecoyLooksAsAVerifierDoes() {
    ScramDecoys decoys = new ScramDecoys(HASH, 4096);
    ScramVerifier decoy = decoys.verifier("mallory", null);
    ScramVerifier real = ScramVerifier.of("pencil", RANDOM);
    assertThat(decoy.salt()).hasSameSizeAs(real.salt());
    assertThat(decoy.iterations()).isEqualTo(real.iterations());
    assertThat(decoy).isEqualTo(new ScramDecoys(HASH, 4096).verifier("mallory", null));
    assertThat(decoy.salt()).isNotEqualTo(decoys.verifier("malory", null).salt());
    assertThat(decoy.salt())
        .isNotEqualTo(ScramDecoys.random(RANDOM).verifier("mallory", null).salt());
  }

  @Test
  void theSecretDecidesWhichVerifierALoginMeets() throws LoginRefused {
    ScramDecoys decoys = ScramDecoys.random(RANDOM);
    ScramVerifier own = ScramVerifier.of("pencil", RANDOM);
    assertThat(decoys.verifier("ann", own)).isSameAs(own);
    ScramVerifier derived = decoys.verifier("ann", new PlainPassword("pencil"));
    assertThat(login(client("pencil", UNBOUND, null), derived, null)).isNotNull();
    ScramVerifier decoy = decoys.verifier("ann", null);
    assertThat(derived.salt()).isEqualTo(decoy.salt());
    assertThat(decoys.verifier("ann", new PlainPassword(""))).isEqualTo(decoy);
    assertThat(decoys.verifier("ann", Md5Verifier.of("ann", "pencil"))).isEqualTo(decoy);
  }

  private static ScramClient client(String password, List<String> offered, byte @Nullable [] hash)
      throws LoginRefused {
    return ScramClient.withPassword("", password, offered, hash, RANDOM);
  }

  private static String firstOf(List<String> offered, byte @Nullable [] hash) {
    try {
      return new String(client("pencil", offered, hash).first(), UTF_8);
    } catch (LoginRefused e) {
      throw new AssertionError(e);
    }
  }

  /// What both sides agree on, or null when the server denies.
  private static @Nullable ScramKeys login(
      ScramClient client, ScramVerifier verifier, byte @Nullable [] hash) throws LoginRefused {
    ScramServer server = ScramServer.begin(client.mechanism(), verifier, hash, RANDOM);
    return switch (server.last(client.last(server.first(client.first())))) {
      case Granted granted -> {
        ScramKeys learned = client.verify(granted.message());
        assertThat(learned.clientKey()).isEqualTo(granted.keys().clientKey());
        yield learned;
      }
      case Denied denied -> null;
    };
  }
}
