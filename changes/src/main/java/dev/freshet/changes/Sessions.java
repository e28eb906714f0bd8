package dev.freshet.changes;

import dev.freshet.base.HostPort;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/// Opens sessions of the feed's own, and asks in them.
final class Sessions {
  /// Every server that has `pg_current_snapshot`.
  static final int OLDEST = 130_000;

  private static final int CONNECT_SECONDS = 5;

  /// A question is answered within this time, or the session counts as lost.
  private static final int SOCKET_SECONDS = 30;

  /// An operator's habits for users must not stop the feed; nobody waits for a standby on its
  /// account.
  private static final String SETTINGS =
      "-c default_transaction_read_only=off -c search_path=pg_catalog"
          + " -c statement_timeout=20s -c lock_timeout=2s"
          + " -c idle_in_transaction_session_timeout=0 -c bytea_output=hex"
          + " -c client_min_messages=error";

  private Sessions() {}

  /// On the one of several servers that is no standby.
  static ChangesConfig primary(ChangesConfig config) throws SQLException {
    if (config.servers().size() == 1) {
      return config;
    }
    List<String> why = new ArrayList<>();
    for (HostPort server : config.servers()) {
      ChangesConfig at = config.at(server);
      try (Connection session = plain(at, "upkeep")) {
        if (one(session, "select pg_is_in_recovery()::text").equals("false")) {
          return at;
        }
        why.add(server + " is a standby");
      } catch (SQLException e) {
        why.add(Readiness.firstLine(e));
      }
    }
    throw new SQLException("there is no primary: " + String.join("; ", why));
  }

  static Connection plain(ChangesConfig config, String purpose) throws SQLException {
    Properties properties = properties(config, purpose);
    properties.put("options", SETTINGS);
    properties.put("socketTimeout", Integer.toString(SOCKET_SECONDS));
    properties.put("prepareThreshold", "1");
    Connection opened = DriverManager.getConnection(url(config), properties);
    try {
      // Not as an option, so that the server's own choice can still be read.
      run(opened, "set synchronous_commit = local");
      if (version(opened) >= 140_000) {
        run(opened, "set idle_session_timeout = 0");
      }
      return opened;
    } catch (SQLException e) {
      opened.close();
      throw e;
    }
  }

  static Connection replication(ChangesConfig config, String purpose) throws SQLException {
    Properties properties = properties(config, purpose);
    properties.put("replication", "database");
    properties.put("preferQueryMode", "simple");
    properties.put("assumeMinServerVersion", "13");
    properties.put(
        "options", "-c statement_timeout=0 -c IntervalStyle=postgres -c extra_float_digits=1");
    return DriverManager.getConnection(url(config), properties);
  }

  /// Ends it, whatever it is doing.
  static void abort(Connection session) {
    try {
      session.abort(Runnable::run);
    } catch (SQLException e) {
      System.getLogger("freshet.changes").log(System.Logger.Level.DEBUG, "abort failed", e);
    }
  }

  private static String url(ChangesConfig config) {
    return "jdbc:postgresql://" + config.server() + "/";
  }

  private static Properties properties(ChangesConfig config, String purpose) {
    Properties properties = new Properties();
    properties.put("PGDBNAME", config.database());
    properties.put("user", config.user());
    properties.put("password", config.password());
    properties.put("sslmode", config.sslMode());
    properties.put("ApplicationName", "freshet " + purpose);
    properties.put("connectTimeout", Integer.toString(CONNECT_SECONDS));
    properties.put("loginTimeout", Integer.toString(2 * CONNECT_SECONDS));
    properties.put("tcpKeepAlive", "true");
    return properties;
  }

  /// As `server_version_num`.
  static int version(Connection session) throws SQLException {
    return Integer.parseInt(one(session, "select current_setting('server_version_num')"));
  }

  static void run(Connection session, String sql) throws SQLException {
    try (Statement statement = session.createStatement()) {
      statement.execute(sql);
    }
  }

  /// The only column of the only row.
  static String one(Connection session, String sql) throws SQLException {
    List<List<@Nullable String>> rows = rows(session, sql);
    String value = rows.isEmpty() ? null : rows.getFirst().getFirst();
    if (value == null) {
      throw new SQLException("nothing came back for: " + sql);
    }
    return value;
  }

  /// Every row, its columns as text.
  static List<List<@Nullable String>> rows(Connection session, String sql, String... parameters)
      throws SQLException {
    try (PreparedStatement statement = session.prepareStatement(sql)) {
      for (int i = 0; i < parameters.length; i++) {
        statement.setString(i + 1, parameters[i]);
      }
      try (ResultSet answer = statement.executeQuery()) {
        int columns = answer.getMetaData().getColumnCount();
        List<List<@Nullable String>> out = new ArrayList<>();
        while (answer.next()) {
          List<@Nullable String> row = new ArrayList<>(columns);
          for (int i = 1; i <= columns; i++) {
            row.add(answer.getString(i));
          }
          out.add(row);
        }
        return out;
      }
    }
  }
}
