package dev.freshet.gateway;

import static dev.freshet.gateway.Backstage.connect;
import static dev.freshet.gateway.Backstage.one;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.freshet.base.HostPort;
import dev.freshet.pgwire.Secret;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Ways to log in, seen by a real driver, with a real server behind.
@Timeout(60)
class ClientLoginTest {
  private static final String ASK = "select rolname, rolpassword from look_up($1)";

  private static GatewayConfig config(
      DatabaseUrl url, Map<String, Secret> users, boolean isTls, GatewayConfig.Login login) {
    GatewayConfig.@Nullable Tls tls =
        isTls
            ? new GatewayConfig.Tls(
                Backstage.CERTIFICATE.certificate(), Backstage.CERTIFICATE.key())
            : null;
    return new GatewayConfig(
        new HostPort("127.0.0.1", 0),
        url,
        users,
        Backstage.pool(2, PoolMode.TRANSACTION, Duration.ofSeconds(30)),
        GatewayConfig.Limits.defaults(),
        tls,
        ResultsConfig.off(),
        login,
        GatewayConfig.Standbys.none());
  }

  private static DatabaseUrl url(DatabaseUrl.SslMode mode, boolean isDirect) {
    DatabaseUrl plain = Backstage.url();
    return new DatabaseUrl(
        plain.server(), plain.database(), plain.user(), plain.password(), mode, isDirect);
  }

  private static void isRefused(String sqlState, Gateway gateway, String... options) {
    assertThatThrownBy(() -> connect(gateway, options))
        .isInstanceOfSatisfying(
            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo(sqlState));
  }

  @Test
  void looksUpUsersOnTheServer() throws SQLException {
    Backstage.user("looked_up", "found");
    try (Connection admin = Backstage.administrator();
        Statement s = admin.createStatement()) {
      s.execute(
          """
          create or replace function look_up(name text)
            returns table (rolname name, rolpassword text)
            language sql security definer set search_path = pg_catalog
            as 'select rolname, rolpassword from pg_authid where rolname = name and rolcanlogin'
          """);
    }
    GatewayConfig config =
        config(Backstage.url(), Map.of(), false, new GatewayConfig.Login(false, ASK));
    try (Gateway gateway = Backstage.gateway(config)) {
      try (Connection c = connect(gateway, "user", "looked_up", "password", "found")) {
        assertThat(one(c, "select session_user")).isEqualTo("looked_up");
      }
      isRefused("28P01", gateway, "user", "looked_up", "password", "wrong");
      isRefused("28P01", gateway, "user", "nobody at all", "password", "found");
    }
    GatewayConfig broken =
        config(
            Backstage.url(),
            Map.of(),
            false,
            new GatewayConfig.Login(false, "select secret from no_such_table where n = $1"));
    try (Gateway gateway = Backstage.gateway(broken)) {
      isRefused("42P01", gateway, "user", "looked_up", "password", "found");
      try (Connection c = connect(gateway)) {
        assertThat(one(c, "select session_user")).isEqualTo("app");
      }
    }
  }

  @Test
  void takesAnMd5HashForAUserWhoHasNothingBetter() throws SQLException {
    Backstage.user("old", "an old password", "password_encryption = 'md5'");
    Secret secret;
    try (Connection admin = Backstage.administrator()) {
      secret = Secret.parse(one(admin, "select rolpassword from pg_authid where rolname = 'old'"));
    }
    GatewayConfig config =
        config(Backstage.url(), Map.of("old", secret), false, GatewayConfig.Login.defaults());
    try (Gateway gateway = Backstage.gateway(config)) {
      try (Connection c = connect(gateway, "user", "old", "password", "an old password")) {
        assertThat(one(c, "select session_user")).isEqualTo("old");
      }
      isRefused("28P01", gateway, "user", "old", "password", "wrong");
    }
  }

  @Test
  void asksForThePasswordItselfOnlyUnderTls() throws SQLException {
    GatewayConfig config =
        config(Backstage.url(), Map.of(), true, new GatewayConfig.Login(true, ""));
    try (Gateway gateway = Backstage.gateway(config)) {
      isRefused("28000", gateway, "sslmode", "disable");
      try (Connection c = connect(gateway, "sslmode", "require")) {
        assertThat(one(c, "select session_user")).isEqualTo("app");
      }
      isRefused("28P01", gateway, "sslmode", "require", "password", "wrong");
    }
  }

  @Test
  void speaksTlsOnBothSides() throws SQLException {
    for (boolean isDirect : new boolean[] {false, true}) {
      GatewayConfig config =
          config(
              url(DatabaseUrl.SslMode.REQUIRE, isDirect),
              Map.of(),
              true,
              GatewayConfig.Login.defaults());
      String negotiation = isDirect ? "direct" : "postgres";
      try (Gateway gateway = Backstage.gateway(config);
          Connection c =
              connect(
                  gateway,
                  "sslmode",
                  "require",
                  "sslNegotiation",
                  negotiation,
                  "channelBinding",
                  "require");
          Statement sleeper = c.createStatement()) {
        assertThat(one(c, "select ssl from pg_stat_ssl where pid = pg_backend_pid()"))
            .isEqualTo("t");
        assertThat(one(c, "select repeat('x', 300000)")).hasSize(300_000);
        // Cancel requests go under TLS too.
        sleeper.setQueryTimeout(1);
        assertThatThrownBy(() -> sleeper.execute("select pg_sleep(50)"))
            .isInstanceOfSatisfying(
                SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("57014"));
      }
    }
  }

  @Test
  void refusesDirectTlsThatIsMeantForAnotherProtocol()
      throws IOException, GeneralSecurityException {
    GatewayConfig config = config(Backstage.url(), Map.of(), true, GatewayConfig.Login.defaults());
    try (Gateway gateway = Backstage.gateway(config)) {
      assertThat(DirectTls.firstAnswer(gateway.address().port(), "postgresql")).isEqualTo('R');
      assertThat(DirectTls.firstAnswer(gateway.address().port(), "http/1.1")).isEqualTo('!');
      assertThat(DirectTls.firstAnswer(gateway.address().port())).isIn('E', '!');
    }
  }
}
