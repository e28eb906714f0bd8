package dev.freshet.pgwire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.freshet.base.Rolls;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Logins to a real PostgreSQL over a raw socket.
@ExtendWith(LoginServer.class)
class PostgresLoginTest {
  private static final SecureRandom RANDOM = new SecureRandom();
  private final LoginServer.Open server;

  PostgresLoginTest(LoginServer.Open server) {
    this.server = server;
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void logsInWithThePassword(boolean tls) throws IOException, LoginRefused, SQLException {
    server.user("ann", "pencil");
    try (LoginWire wire = wire(tls)) {
      wire.startup("ann");
      Logins.scram(wire, wire.read(), withPassword("pencil", tls));
      assertThat(wire.query("SELECT current_user")).isEqualTo("ann");
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void logsInWithKeysOnly(boolean tls) throws IOException, LoginRefused, SQLException {
    ScramVerifier kept = ScramVerifier.parse(server.user("ann", "pencil"));
    byte[] clientKey = ScramKeys.derive("pencil", kept.salt(), kept.iterations()).clientKey();
    ScramKeys keys = ScramKeys.of(clientKey, kept);
    try (LoginWire wire = wire(tls)) {
      wire.startup("ann");
      Logins.scram(
          wire,
          wire.read(),
          (offered, hash) -> ScramClient.withKeys("", keys, offered, hash, RANDOM));
      assertThat(wire.query("SELECT current_user")).isEqualTo("ann");
    }
  }

  @Test
  void theKeysOfOneLoginDoForTheNext() throws IOException, LoginRefused, SQLException {
    server.user("ann", "pencil", "scram_iterations = 9000");
    ScramKeys keys;
    try (LoginWire wire = wire(false)) {
      wire.startup("ann");
      keys = Logins.scram(wire, wire.read(), withPassword("pencil", false));
    }
    assertThat(keys.verifier().iterations()).isEqualTo(9000);
    try (LoginWire wire = wire(true)) {
      wire.startup("ann");
      Logins.scram(
          wire,
          wire.read(),
          (offered, hash) -> ScramClient.withKeys("", keys, offered, hash, RANDOM));
      assertThat(wire.query("SELECT current_user")).isEqualTo("ann");
    }
  }

  @Test
  void keysOfAnOldPasswordAreKnownToBeOld() throws IOException, SQLException {
    ScramVerifier kept = ScramVerifier.parse(server.user("ann", "pencil"));
    ScramKeys keys = ScramKeys.derive("pencil", kept.salt(), kept.iterations());
    server.user("ann", "pencil");
    try (LoginWire wire = wire(false)) {
      wire.startup("ann");
      assertThatThrownBy(() ->
              Logins.scram(
                  wire,
                  wire.read(),
                  (offered, hash) -> ScramClient.withKeys("", keys, offered, hash, RANDOM)))
          .isInstanceOf(LoginRefused.class)
          .hasMessageContaining("another verifier");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"ann", "nobody"})
  void aWrongPasswordIsRefusedByTheServer(String user) throws IOException, SQLException {
    server.user("ann", "pencil");
    try (LoginWire wire = wire(true)) {
      wire.startup(user);
      assertThatThrownBy(() -> Logins.scram(wire, wire.read(), withPassword("pen", true)))
          .isInstanceOfSatisfying(
              LoginWire.ServerRefused.class, e -> assertThat(e.sqlState()).isEqualTo("28P01"));
    }
  }

  @Test
  void theServerRefusesABindingToAnotherCertificate() throws IOException, SQLException {
    server.user("ann", "pencil");
    byte[] other = Scram.hash(new byte[] {1});
    try (LoginWire wire = wire(true)) {
      wire.startup("ann");
      assertThatThrownBy(() ->
              Logins.scram(
                  wire,
                  wire.read(),
                  (offered, hash) ->
                      ScramClient.withPassword("", "pencil", offered, other, RANDOM)))
          .isInstanceOfSatisfying(
              LoginWire.ServerRefused.class, e -> assertThat(e.sqlState()).isEqualTo("28000"));
    }
  }

  @Test
  void theServerNoticesThatItsOfferWasCut() throws IOException, SQLException {
    server.user("ann", "pencil");
    try (LoginWire wire = wire(true)) {
      wire.startup("ann");
      assertThatThrownBy(() ->
              Logins.scram(
                  wire,
                  wire.read(),
                  (offered, hash) ->
                      ScramClient.withPassword("", "pencil", List.of(Scram.PLAIN), hash, RANDOM)))
          .isInstanceOfSatisfying(
              LoginWire.ServerRefused.class, e -> assertThat(e.sqlState()).isEqualTo("28000"));
    }
  }

  @Test
  void logsInWithAnMd5Hash() throws IOException, SQLException {
    String kept = server.user("old", "pencil", "password_encryption = 'md5'");
    Md5Verifier verifier = (Md5Verifier) Secret.parse(kept);
    assertThat(verifier).isEqualTo(Md5Verifier.of("old", "pencil"));
    try (LoginWire wire = wire(false)) {
      wire.startup("old");
      LoginWire.Message salted = wire.read();
      Logins.expect(salted, LoginWire.MD5);
      ByteArrayOutputStream response = new ByteArrayOutputStream();
      response.writeBytes(Md5Auth.response(verifier, salted.rest()));
      response.write(0);
      wire.write('p', response.toByteArray());
      Logins.expect(wire.read(), LoginWire.OK);
      assertThat(wire.query("SELECT current_user")).isEqualTo("old");
    }
  }

  @Test
  void whatThisRoomMakesOfAPasswordTheServerTakes() throws IOException, LoginRefused, SQLException {
    String made = ScramVerifier.of("pencil", RANDOM).format();
    assertThat(server.user("ready", made)).isEqualTo(made);
    try (LoginWire wire = wire(false)) {
      wire.startup("ready");
      Logins.scram(wire, wire.read(), withPassword("pencil", false));
      assertThat(wire.query("SELECT current_user")).isEqualTo("ready");
    }
  }

  /// Where the server goes its own way: what it can't prepare it takes as it is, a zero width space
  /// becomes a space, and what is prohibited is looked for before the normalization.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "\u00ad",
        "a\u00ad",
        "a\u200bb",
        "\u200b",
        "a\u0340",
        "\u0221a",
        "a\u0627",
        "\u2126\b",
        "\u06271\u0628",
        "\u2168\ue000",
        "\ufdfa",
        "\u1100\u1161",
        "\ud834\udd5e",
        "\u0627\u200b"
      })
  void preparesWhatIsOddAsTheServerDoes(String password) throws SQLException {
    String kept = server.user("prep", password, "scram_iterations = 1");
    assertThat(Secret.parse(kept).admits("prep", password)).isTrue();
  }

  /// Half of them from what SASLprep treats specially, the rest from anywhere.
  @Test
  void preparesPasswordsAsTheServerDoes() throws SQLException {
    int cases = Integer.getInteger("saslprep.cases", 300);
    long seed = Long.getLong("seed", System.nanoTime());
    Rolls rolls = new Rolls(seed);
    try (Connection administrator = server.administrator()) {
      for (int i = 0; i < cases; i++) {
        StringBuilder password = new StringBuilder();
        for (int n = rolls.between(1, 4); n > 0; n--) {
          password.appendCodePoint(rolls.chance(0.5) ? special(rolls) : any(rolls));
        }
        String text = password.toString();
        String kept = LoginServer.Open.user(administrator, "prep", text, "scram_iterations = 1");
        assertThat(Secret.parse(kept).admits("prep", text))
            .as("seed %d: %s", seed, text.codePoints().mapToObj(Integer::toHexString).toList())
            .isTrue();
      }
    }
  }

  private static int special(Rolls rolls) {
    return rolls.oneOf(
        List.of(
            (int) 'a', (int) ' ', 0x07, 0x7f, 0x85, 0xa0, 0xaa, 0xad, 0xe9, 0x301, 0x340, 0x34f,
            0x221, 0x5d0, 0x627, 0x661, 0x1100, 0x1161, 0x180b, 0x200b, 0x200d, 0x200e, 0x2028,
            0x202e, 0x2060, 0x206a, 0x2168, 0x2126, 0x2ff0, 0x3000, 0x33a1, 0xac00, 0xe000, 0xf900,
            0xfb01, 0xfb1d, 0xfdfa, 0xfe00, 0xfeff, 0xfff9, 0xfffd, 0x1d15e, 0x1f600, 0xe0001,
            0x10fffd));
  }

  private static int any(Rolls rolls) {
    while (true) {
      int code = rolls.between(1, rolls.chance(0.5) ? 0x2fff : 0x10ffff);
      if (code < Character.MIN_SURROGATE || code > Character.MAX_SURROGATE) {
        return code;
      }
    }
  }

  private LoginWire wire(boolean tls) throws IOException {
    return tls ? LoginWire.openTls(server.port()) : LoginWire.open(server.port());
  }

  private static Logins.Begin withPassword(String password, boolean tls) {
    return (offered, hash) -> {
      ScramClient client = ScramClient.withPassword("", password, offered, hash, RANDOM);
      assertThat(client.mechanism()).isEqualTo(tls ? Scram.PLUS : Scram.PLAIN);
      return client;
    };
  }
}
