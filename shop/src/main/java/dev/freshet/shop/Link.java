package dev.freshet.shop;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// One request's own connection to the database: opened at its first statement, closed at its end.
/// Each statement carries the request's trace as a sqlcommenter comment. For one thread.
final class Link implements AutoCloseable {

  /// Makes a value of the current row.
  interface Row<T> {
    T read(ResultSet row) throws SQLException;
  }

  private final Database database;
  private final String comment;
  private @Nullable Connection connection;

  /// @param comment appended to each statement, from [Trace#comment]; may be empty
  Link(Database database, String comment) {
    this.database = database;
    this.comment = comment;
  }

  /// Every row of a query, in its order.
  ///
  /// @throws Lost when the database can't be reached or refuses
  <T> List<T> list(Row<T> row, String sql, Object... values) {
    try (PreparedStatement statement = prepare(sql, values);
        ResultSet rows = statement.executeQuery()) {
      List<T> all = new ArrayList<>();
      while (rows.next()) {
        all.add(row.read(rows));
      }
      return all;
    } catch (SQLException e) {
      throw new Lost(e);
    }
  }

  /// The first row, if there is one.
  <T> Optional<T> one(Row<T> row, String sql, Object... values) {
    return list(row, sql, values).stream().findFirst();
  }

  /// The first column of the first row as a number, 0 without a row.
  long number(String sql, Object... values) {
    return one(row -> row.getLong(1), sql, values).orElse(0L);
  }

  /// Runs a statement that writes.
  ///
  /// @return how many rows it touched
  int write(String sql, Object... values) {
    try (PreparedStatement statement = prepare(sql, values)) {
      return statement.executeUpdate();
    } catch (SQLException e) {
      throw new Lost(e);
    }
  }

  /// Runs the work in one transaction, undone when it throws.
  <T> T together(Supplier<T> work) {
    write("BEGIN");
    boolean done = false;
    try {
      T result = work.get();
      write("COMMIT");
      done = true;
      return result;
    } finally {
      if (!done) {
        write("ROLLBACK");
      }
    }
  }

  @Override
  public void close() {
    if (connection != null) {
      try {
        connection.close();
      } catch (SQLException e) {
        throw new Lost(e);
      }
    }
  }

  private PreparedStatement prepare(String sql, Object... values) throws SQLException {
    if (connection == null) {
      connection = database.connect();
    }
    PreparedStatement statement = connection.prepareStatement(sql + comment);
    for (int i = 0; i < values.length; i++) {
      if (values[i] instanceof String text && text.indexOf('\0') >= 0) {
        statement.close();
        throw Refusal.bad("A text may not contain a zero character.");
      }
      statement.setObject(i + 1, values[i]);
    }
    return statement;
  }

  /// The database could not answer; a 503 for the visitor.
  static final class Lost extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Lost(SQLException cause) {
      super(cause.getMessage(), cause);
    }
  }
}
