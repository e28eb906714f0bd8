package dev.freshet.integrations;

import java.io.StringReader;
import java.sql.CallableStatement;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/// Each way to ask with JDBC, with the request's number as a parameter: three connections for all
/// requests, so for three threads at most.
final class JdbcShop implements AutoCloseable {
  static final List<String> PATHS =
      List.of(
          "/statement", "/comments", "/prepared", "/kept", "/batch", "/keys", "/call", "/stream");
  static final int THREADS = 3;
  private final BlockingQueue<Link> free = new LinkedBlockingQueue<>();

  /// @param kept prepared once for all requests
  private record Link(Connection connection, PreparedStatement kept) {}

  JdbcShop(String url) throws SQLException {
    for (int i = 0; i < THREADS; i++) {
      Connection made = DriverManager.getConnection(url);
      free.add(
          new Link(
              made,
              made.prepareStatement("select id, ?::text as n from item where id = ? -- kept")));
    }
  }

  String answer(String path, String n) throws SQLException {
    Link link = free.remove();
    try {
      return answer(link, path, n);
    } finally {
      free.add(link);
    }
  }

  @Override
  public void close() throws SQLException {
    for (Link link : free) {
      link.connection.close();
    }
  }

  private static String answer(Link link, String path, String n) throws SQLException {
    Connection c = link.connection;
    return switch (path) {
      case "/statement" -> statement(c, n);
      case "/comments" -> comments(c, n);
      case "/prepared" -> prepared(c, n);
      case "/kept" -> kept(link.kept, n) + kept(link.kept, n);
      case "/batch" -> batch(c, n);
      case "/keys" -> keys(c, n);
      case "/call" -> call(c, n);
      case "/stream" -> stream(c, n);
      default -> throw new SQLException("no such path");
    };
  }

  private static String first(ResultSet r) throws SQLException {
    try (r) {
      return r.next() ? r.getString(1) + ' ' : "none ";
    }
  }

  private static String statement(Connection c, String n) throws SQLException {
    try (Statement s = c.createStatement()) {
      return first(s.executeQuery("select '" + n + "'::text")) + s.getConnection().equals(c);
    }
  }

  private static String comments(Connection c, String n) throws SQLException {
    try (Statement s = c.createStatement()) {
      String end = first(s.executeQuery("select '" + n + "'::text -- the end"));
      return end + first(s.executeQuery("/*+ SeqScan(item) */ select '" + n + "'::text"));
    }
  }

  private static String prepared(Connection c, String n) throws SQLException {
    try (PreparedStatement p = c.prepareStatement("select name, ? from item where id = ?")) {
      p.setFetchSize(3);
      p.setString(1, n);
      p.setInt(2, 7);
      return first(p.executeQuery()) + p.getFetchSize();
    }
  }

  private static String kept(PreparedStatement p, String n) throws SQLException {
    p.setString(1, n);
    p.setInt(2, 5);
    return first(p.executeQuery());
  }

  private static String batch(Connection c, String n) throws SQLException {
    c.setAutoCommit(false);
    try (PreparedStatement p = c.prepareStatement("insert into visit (n) values (?)");
        Statement s = c.createStatement()) {
      for (int i = 0; i < 3; i++) {
        p.setString(1, n);
        p.addBatch();
      }
      String counts = Arrays.toString(p.executeBatch());
      s.addBatch("insert into visit (n) values ('" + n + "')");
      s.addBatch("delete from visit where n = '" + n + "'");
      return counts + Arrays.toString(s.executeBatch());
    } finally {
      c.rollback();
      c.setAutoCommit(true);
    }
  }

  private static String keys(Connection c, String n) throws SQLException {
    c.setAutoCommit(false);
    String insert = "insert into visit (n) values (?)";
    try (PreparedStatement p = c.prepareStatement(insert, Statement.RETURN_GENERATED_KEYS)) {
      p.setString(1, n);
      return p.executeUpdate() + " " + first(p.getGeneratedKeys());
    } finally {
      c.rollback();
      c.setAutoCommit(true);
    }
  }

  /// A function's call goes without a comment, so it has no number.
  private static String call(Connection c, String n) throws SQLException {
    try (CallableStatement p = c.prepareCall("{? = call upper(?)}")) {
      p.registerOutParameter(1, java.sql.Types.VARCHAR);
      p.setString(2, "no number");
      p.execute();
      return p.getString(1) + statement(c, n);
    }
  }

  /// What comes from a stream goes without a comment, so that has no number.
  private static String stream(Connection c, String n) throws SQLException {
    try (PreparedStatement p = c.prepareStatement("select ?::text, ?::text")) {
      p.setString(1, "of " + n);
      p.setString(2, "no stream");
      String before = first(p.executeQuery());
      p.setCharacterStream(2, new StringReader("streamed"));
      p.setString(1, "no number");
      return before + first(p.executeQuery());
    }
  }
}
