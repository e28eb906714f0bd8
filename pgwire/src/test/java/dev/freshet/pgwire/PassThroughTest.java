package dev.freshet.pgwire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Real clients that log in to a [LoginGate], which has nothing but what `pg_authid` holds, and
/// through it to a real PostgreSQL.
@ExtendWith(LoginServer.class)
class PassThroughTest {
  private static final Path PSQL = Path.of("/usr/bin/psql");
  private final LoginGate gate;

  PassThroughTest(LoginServer.Open server) throws IOException, SQLException {
    Map<String, Secret> users =
        Map.of(
            "ann", Secret.parse(server.user("ann", "pencil")),
            "ünï", Secret.parse(server.user("ünï", "pass,wörd=\u2168")),
            "old", Md5Verifier.of("old", "pencil"));
    gate = new LoginGate(server.port(), server.certificate(), users::get);
  }

  @AfterEach
  void close() throws IOException {
    gate.close();
  }

  @Test
  void pgjdbcLogsInThroughTheGate() throws SQLException {
    assertThat(whoPgjdbcIs("ann", "pencil", Map.of("sslmode", "disable"))).isEqualTo("ann");
    assertThat(whoPgjdbcIs("ünï", "pass,wörd=IX", Map.of())).isEqualTo("ünï");
    assertThat(gate.mechanisms()).first().isEqualTo("SCRAM-SHA-256");
  }

  @Test
  void pgjdbcBindsToTheCertificateOfTheGate() throws SQLException {
    Map<String, String> bound = Map.of("sslmode", "require", "channelBinding", "require");
    assertThat(whoPgjdbcIs("ann", "pencil", bound)).isEqualTo("ann");
    assertThat(gate.mechanisms()).containsExactly("SCRAM-SHA-256-PLUS");
  }

  @Test
  void pgjdbcIsDeniedAlikeWithAWrongPasswordAndAsNobody() {
    for (String user : List.of("ann", "nobody")) {
      assertThatThrownBy(() -> whoPgjdbcIs(user, "pen", Map.of()))
          .isInstanceOfSatisfying(
              SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("28P01"))
          .hasMessageContaining("password authentication failed");
    }
  }

  @Test
  void pgjdbcAnswersAnMd5SaltAsExpected() {
    assertThatThrownBy(() -> whoPgjdbcIs("old", "pencil", Map.of()))
        .hasMessageContaining("the right password");
    assertThatThrownBy(() -> whoPgjdbcIs("old", "pen", Map.of()))
        .hasMessageContaining("password authentication failed");
  }

  @Test
  void psqlLogsInThroughTheGate() throws IOException, InterruptedException {
    assumeTrue(Files.isExecutable(PSQL), "no psql here: it was not tried");
    assertThat(psql("ann", "pencil", "sslmode=disable")).isEqualTo("0 ann");
    assertThat(psql("ann", "pencil", "sslmode=require channel_binding=require")).isEqualTo("0 ann");
    assertThat(psql("ann", "pencil", "sslmode=require channel_binding=disable")).isEqualTo("0 ann");
    assertThat(gate.mechanisms())
        .containsExactly("SCRAM-SHA-256", "SCRAM-SHA-256-PLUS", "SCRAM-SHA-256");
    assertThat(psql("ann", "pen", "sslmode=require"))
        .startsWith("2 ")
        .contains("password authentication failed");
    assertThat(psql("old", "pencil", "sslmode=disable")).contains("the right password");
  }

  private String whoPgjdbcIs(String user, String password, Map<String, String> more)
      throws SQLException {
    Properties properties = new Properties();
    properties.setProperty("user", user);
    properties.setProperty("password", password);
    properties.setProperty("socketTimeout", "20");
    properties.putAll(more);
    String url = "jdbc:postgresql://127.0.0.1:" + gate.port() + "/postgres";
    try (Connection connection = DriverManager.getConnection(url, properties);
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT current_user")) {
      return row.next() ? row.getString(1) : "";
    }
  }

  /// The exit code and what it wrote.
  private String psql(String user, String password, String more)
      throws IOException, InterruptedException {
    String to = "host=127.0.0.1 port=" + gate.port() + " dbname=postgres user=" + user;
    ProcessBuilder builder =
        new ProcessBuilder(PSQL.toString(), "-XAtc", "SELECT current_user", to + " " + more)
            .redirectErrorStream(true);
    builder.environment().put("PGPASSWORD", password);
    Process process = builder.start();
    process.getOutputStream().close();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
    return process.exitValue() + " " + said.strip();
  }
}
