package dev.freshet.app;

import dev.freshet.base.Trouble;
import dev.freshet.gateway.DatabaseUrl;
import dev.freshet.gateway.GatewaySnapshot;
import dev.freshet.load.Scorecard.Row;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Locale;

/// What PostgreSQL has done in one database, by its own count (`pg_stat_database`, version 14 and
/// newer): whoever asked, Freshet's change feed too.
///
/// @param transactions each statement outside a transaction is one
/// @param busyMillis at work on statements, of all connections together
/// @param connections opened
/// @param seconds at which it was read, by the server's clock
record DatabaseWork(long transactions, double busyMillis, long connections, double seconds) {
  private static final String QUESTION =
      "select xact_commit + xact_rollback, active_time, sessions,"
          + " extract(epoch from clock_timestamp()) from pg_stat_database"
          + " where datname = current_database()";

  /// So far.
  ///
  /// @param url as libpq writes it, with a password
  static DatabaseWork of(String url) {
    DatabaseUrl at = DatabaseUrl.parse(url);
    String jdbc = "jdbc:postgresql://" + at.server() + "/" + at.database();
    try (Connection connection = DriverManager.getConnection(jdbc, at.user(), at.password());
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(QUESTION)) {
      row.next();
      return new DatabaseWork(row.getLong(1), row.getDouble(2), row.getLong(3), row.getDouble(4));
    } catch (SQLException e) {
      throw new Trouble.Found(
          new Trouble(
              "database " + at,
              String.valueOf(e.getMessage()),
              "correct the URL, or start PostgreSQL (for a demo: start it again)"));
    }
  }

  DatabaseWork since(DatabaseWork before) {
    return new DatabaseWork(
        transactions - before.transactions,
        busyMillis - before.busyMillis,
        connections - before.connections,
        seconds - before.seconds);
  }

  /// Side by side.
  static List<Row> rows(DatabaseWork bare, DatabaseWork through) {
    return List.of(
        row("queries/s", bare.transactions / bare.seconds, through.transactions / through.seconds),
        row(
            "query mean ms",
            bare.busyMillis / Math.max(1, bare.transactions),
            through.busyMillis / Math.max(1, through.transactions)),
        row(
            "queries/connection",
            (double) bare.transactions / Math.max(1, bare.connections),
            (double) through.transactions / Math.max(1, through.connections)));
  }

  /// How long statements waited for one of a pool's connections.
  static List<Row> rows(GatewaySnapshot.PoolLine pool) {
    return List.of(
        new Row("pool wait p50 ms", "-", number(pool.waitP50Millis()), "", ""),
        new Row("pool wait p99 ms", "-", number(pool.waitP99Millis()), "", ""));
  }

  private static Row row(String name, double bare, double through) {
    return new Row(name, number(bare), number(through), "", "");
  }

  private static String number(double value) {
    return String.format(
        Locale.ROOT, "%,." + (value >= 100 ? 0 : value >= 10 ? 1 : 2) + "f", value);
  }
}
