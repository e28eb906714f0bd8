package dev.freshet.changes;

import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.postgresql.copy.CopyDual;
import org.postgresql.copy.CopyManager;
import org.postgresql.core.BaseConnection;

/// The log as the server sends it (PostgreSQL documentation, "Streaming Replication Protocol"),
/// from a slot that is gone when the connection is.
///
/// The driver's own replication stream keeps the server's keepalives to itself. Here they are seen:
/// before the server goes to sleep it says how far it has read, as long as it was not told that we
/// know.
final class LogStream {
  private static final int STATUS_LENGTH = 34;

  /// From 1970 to 2000 in microseconds.
  private static final long EPOCH_MICROS = 946_684_800_000_000L;

  private static final int ROW_HEADER = 25;

  private final Connection session;
  private @Nullable CopyDual copy;

  /// What the server sends.
  sealed interface Sent {

    /// What pgoutput tells.
    record Data(LogMessage message) implements Sent {}

    /// Everything before the position that is to be sent has been sent.
    record Keepalive(long position, boolean isAnswerWanted) implements Sent {}
  }

  /// @param session opened by [Sessions#replication]
  LogStream(Connection session) {
    this.session = session;
  }

  /// @param system identifier of the cluster
  record Identity(String system, String timeline) {}

  Identity identify() throws SQLException {
    Survey.Row row = new Survey.Row(Sessions.rows(session, "IDENTIFY_SYSTEM").getFirst());
    return new Identity(row.text(0), row.text(1));
  }

  /// Makes the slot; gives the position from which on commits will be sent. Waits until all
  /// transactions that have written are over.
  long makeSlot(String name) throws SQLException {
    List<List<@Nullable String>> rows =
        Sessions.rows(
            session,
            "CREATE_REPLICATION_SLOT \""
                + name
                + "\" TEMPORARY LOGICAL pgoutput NOEXPORT_SNAPSHOT");
    return Lsn.parse(new Survey.Row(rows.getFirst()).text(1));
  }

  /// Lets the server send.
  void begin(String slot, String publication, int version) throws SQLException {
    String messages = version >= 140_000 ? ", messages 'true'" : "";
    copy =
        new CopyManager(session.unwrap(BaseConnection.class))
            .copyDual(
                "START_REPLICATION SLOT \""
                    + slot
                    + "\" LOGICAL 0/0 (proto_version '1', publication_names '"
                    + publication
                    + "'"
                    + messages
                    + ")");
  }

  /// Waits for the next; null when the server has ended it.
  @Nullable Sent next() throws SQLException, Decoder.Fault {
    byte[] octets = copy().readFromCopy();
    if (octets == null) {
      return null;
    }
    if (octets.length >= ROW_HEADER && octets[0] == 'w') {
      return new Sent.Data(Decoder.decode(octets, ROW_HEADER));
    }
    if (octets.length == 18 && octets[0] == 'k') {
      return new Sent.Keepalive(ByteBuffer.wrap(octets).getLong(1), octets[17] != 0);
    }
    throw new Decoder.Fault("a message of the stream of " + octets.length + " octets");
  }

  /// Tells the server that it need not keep what lies before the position.
  void confirm(long position, long epochMillis) throws SQLException {
    byte[] status =
        ByteBuffer.allocate(STATUS_LENGTH)
            .put((byte) 'r')
            .putLong(position)
            .putLong(position)
            .putLong(position)
            .putLong(epochMillis * 1_000 - EPOCH_MICROS)
            .put((byte) 0)
            .array();
    copy().writeToCopy(status, 0, status.length);
    copy().flushCopy();
  }

  private CopyDual copy() {
    CopyDual running = copy;
    if (running == null) {
      throw new IllegalStateException("the stream has not begun");
    }
    return running;
  }
}
