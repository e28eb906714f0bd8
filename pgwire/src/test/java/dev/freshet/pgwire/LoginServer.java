package dev.freshet.pgwire;

import dev.freshet.testkit.Scratch;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/// A real PostgreSQL 18 that wants passwords and speaks TLS, started once for all tests.
public final class LoginServer implements ParameterResolver {
  private static final String RULES =
      """
      local all all trust
      host all postgres 127.0.0.1/32 trust
      host all old 127.0.0.1/32 md5
      host all all 127.0.0.1/32 scram-sha-256
      """;

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == Open.class;
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    return context
        .getRoot()
        .getStore(ExtensionContext.Namespace.create(LoginServer.class))
        .computeIfAbsent(Open.class, key -> open(), Open.class);
  }

  private static Open open() {
    try {
      Path folder = Scratch.folder("login");
      LoginCertificate certificate =
          new LoginCertificate(folder, "-keyalg", "EC", "-groupname", "secp256r1");
      Path rules = Files.writeString(folder.resolve("pg_hba.conf"), RULES);
      EmbeddedPostgres postgres =
          EmbeddedPostgres.builder()
              .setServerConfig("hba_file", rules.toString())
              .setServerConfig("ssl", "on")
              .setServerConfig("ssl_cert_file", certificate.certificateFile(folder).toString())
              .setServerConfig("ssl_key_file", certificate.keyFile(folder).toString())
              .start();
      return new Open(postgres, certificate);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while PostgreSQL started", e);
    } catch (IOException e) {
      throw new IllegalStateException("PostgreSQL did not start", e);
    }
  }

  /// The running server.
  record Open(EmbeddedPostgres postgres, LoginCertificate certificate) implements AutoCloseable {

    int port() {
      return postgres.getPort();
    }

    /// Makes the user, or gives it another password, and returns what the server keeps of it.
    ///
    /// @param settings for example `scram_iterations = 1`
    String user(String name, String password, String... settings) throws SQLException {
      try (Connection connection = administrator()) {
        return user(connection, name, password, settings);
      }
    }

    static String user(Connection connection, String name, String password, String... settings)
        throws SQLException {
      try (Statement statement = connection.createStatement()) {
        for (String setting : settings) {
          statement.execute("SET " + setting);
        }
        boolean isNew =
            one(connection, "SELECT 'yes' FROM pg_roles WHERE rolname = ?", name).isEmpty();
        String verb = isNew ? "CREATE" : "ALTER";
        String sql = "SELECT format('" + verb + " ROLE %I LOGIN PASSWORD %L', ?, ?)";
        statement.execute(one(connection, sql, name, password));
        return one(connection, "SELECT rolpassword FROM pg_authid WHERE rolname = ?", name);
      }
    }

    Connection administrator() throws SQLException {
      return postgres.getPostgresDatabase().getConnection();
    }

    static String one(Connection connection, String sql, String... values) throws SQLException {
      try (PreparedStatement statement = connection.prepareStatement(sql)) {
        for (int i = 0; i < values.length; i++) {
          statement.setString(i + 1, values[i]);
        }
        try (ResultSet row = statement.executeQuery()) {
          return row.next() ? row.getString(1) : "";
        }
      }
    }

    @Override
    public void close() throws IOException {
      postgres.close();
    }
  }
}
