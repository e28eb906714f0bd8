package dev.freshet.app;

import dev.freshet.base.Rolls;
import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.postgresql.PGConnection;
import org.postgresql.PGProperty;
import org.postgresql.replication.LogSequenceNumber;
import org.postgresql.replication.PGReplicationStream;

/// A synchronous standby that confirms late: while a commit waits for it, the commit is in the log
/// and in the change feed, and no reader can see it yet.
final class SlowStandby implements AutoCloseable {
  static final String NAME = "slowpoke";
  private final String url;
  private final Rolls rolls;
  private final Thread thread;
  private volatile boolean over;

  /// @param url JDBC, of a user that may replicate
  SlowStandby(String url, long seed) {
    this.url = url;
    this.rolls = new Rolls(seed);
    this.thread = Thread.ofPlatform().daemon().name("slow-standby").start(this::run);
  }

  private void run() {
    while (!over) {
      try {
        follow();
      } catch (SQLException e) {
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
      }
    }
  }

  private void follow() throws SQLException {
    Properties properties = new Properties();
    PGProperty.REPLICATION.set(properties, "true");
    PGProperty.PREFER_QUERY_MODE.set(properties, "simple");
    PGProperty.ASSUME_MIN_SERVER_VERSION.set(properties, "10");
    PGProperty.APPLICATION_NAME.set(properties, NAME);
    try (Connection connection = DriverManager.getConnection(url, properties);
        PGReplicationStream stream =
            connection
                .unwrap(PGConnection.class)
                .getReplicationAPI()
                .replicationStream()
                .physical()
                .withStartPosition(LogSequenceNumber.valueOf(start(connection)))
                .start()) {
      while (!over) {
        ByteBuffer some = stream.readPending();
        LogSequenceNumber seen = stream.getLastReceiveLSN();
        if (some != null) {
          continue;
        }
        if (rolls.chance(0.4)) {
          LockSupport.parkNanos(TimeUnit.MICROSECONDS.toNanos(rolls.between(100, 8_000)));
        }
        stream.setFlushedLSN(seen);
        stream.setAppliedLSN(seen);
        stream.forceUpdateStatus();
        LockSupport.parkNanos(TimeUnit.MICROSECONDS.toNanos(500));
      }
    }
  }

  private static String start(Connection connection) throws SQLException {
    try (var statement = connection.createStatement();
        var row = statement.executeQuery("IDENTIFY_SYSTEM")) {
      row.next();
      return row.getString("xlogpos");
    }
  }

  @Override
  public void close() {
    over = true;
    thread.interrupt();
  }
}
