package dev.freshet.gateway;

import dev.freshet.pgwire.ErrorReport;
import dev.freshet.pgwire.Frames;
import dev.freshet.pgwire.ProtocolFault;
import dev.freshet.pgwire.Tag;
import dev.freshet.sql.Shape;
import dev.freshet.sql.Statement;
import dev.freshet.sql.TableName;
import io.netty.buffer.ByteBuf;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/* What may be asked of a replica.
 *
 * Only what has arrived whole up to its ReadyForQuery, outside a transaction, of a session that has
 * nothing on a server connection of its own, and consists of statements that are known to read rows
 * and nothing else. Only where the replica shows what [Replicas] demands. Never what is to be kept
 * as a statement's own result.
 *
 * What the replica says is held back until it is whole, as far as there is room. Where it fails in
 * any way before, the primary is asked instead, and the client notices nothing.
 */

/// One session's way to a replica and back.
final class Detour {
  /// So much of an answer is held back.
  private static final int ROOM = 1 << 16;

  /// The client, or a time limit, has ended it: that is the answer.
  private static final String CANCELLED = "57014";

  /// What a standby says to whatever writes: a view or an operator may.
  private static final String READ_ONLY = "25006";

  private final ClientSession client;
  private final Gateway gateway;
  private final Replicas replicas;
  private final ClientStatements statements;
  private final Deque<ByteBuf> held = new ArrayDeque<>();
  private long wroteIn;
  private boolean isWriting;
  private @Nullable ByteBuf unit;

  /// Statements that the replica is asked, and the one where there is but one.
  private int running;

  private @Nullable Statement only;

  private int taken;
  private int heldOctets;
  private boolean isPassing;
  private boolean hasFailed;
  private boolean isBack;

  Detour(ClientSession client, Gateway gateway, ClientStatements statements) {
    this.client = client;
    this.gateway = gateway;
    this.replicas = gateway.replicas();
    this.statements = statements;
  }

  /// True while a replica is asked.
  boolean isOn() {
    return unit != null;
  }

  // ---- what the session writes ----

  /// A statement is sent; null for one of which nothing is known.
  void runs(@Nullable Statement statement) {
    if (unit != null) {
      only = running++ == 0 ? statement : null;
    }
    if (unit == null && replicas.isOn() && !isWriting) {
      Set<TableName> changed = statement == null ? null : gateway.results().changes(statement);
      isWriting = changed == null || !changed.isEmpty();
    }
  }

  /// ReadyForQuery has come, and the client has not been told yet.
  void settle(byte status) {
    if (isWriting) {
      wroteIn = replicas.count();
      // What was sent behind it may write as well.
      isWriting = status != 'I' || client.isPipelining();
    }
  }

  private boolean isRead(@Nullable Statement statement) {
    return statement != null
        && statement.count() == 1
        && !replicas.refuses(statement)
        && gateway.shapes().of(statement) instanceof Shape.Reads;
  }

  // ---- there ----

  /// Nothing is under way; a message is there.
  void begin(ByteBuf in) throws ProtocolFault {
    boolean wasBack = isBack;
    isBack = false;
    if (wasBack || !replicas.isOn() || !client.mayUseReplica() || !replicas.mayServe(wroteIn)) {
      return;
    }
    int octets = unit(in);
    ServerLink link = octets == 0 ? null : replicas.lend(client, wroteIn);
    if (link != null) {
      unit = in.copy(in.readerIndex(), octets);
      taken = 0;
      running = 0;
      only = null;
      isPassing = false;
      hasFailed = false;
      client.lent(link);
    }
  }

  /// Whether the message at hand may go where the session is just now.
  boolean maySend() {
    ByteBuf asked = unit;
    return asked == null || taken < asked.readableBytes();
  }

  void sent(int octets) {
    taken += unit == null ? 0 : octets;
  }

  /// Octets of what is asked, when it is whole and may be asked of a replica; else 0.
  private int unit(ByteBuf in) throws ProtocolFault {
    int begin = in.readerIndex();
    int at = begin;
    Statement parsed = null;
    while (true) {
      int size = whole(in, at);
      if (size == 0 || at + size - begin > ROOM) {
        return 0;
      }
      int from = at + Frames.HEADER;
      int to = at + size;
      boolean isFit =
          switch (in.getByte(at)) {
            case Tag.QUERY -> at == begin && isRead(heard(in, from, to));
            case Tag.PARSE -> {
              parsed = in.getByte(from) == 0 ? heard(in, from + 1, to) : null;
              yield isRead(parsed);
            }
            case Tag.BIND -> in.getByte(from) == 0 && isKnown(in, from + 1, to, parsed);
            case Tag.DESCRIBE -> in.getByte(from) == 'P' || isKnown(in, from + 1, to, parsed);
            case Tag.EXECUTE -> in.getByte(from) == 0;
            case Tag.SYNC -> true;
            default -> false;
          };
      if (!isFit) {
        return 0;
      }
      if (in.getByte(at) == Tag.QUERY || in.getByte(at) == Tag.SYNC) {
        return at == begin && in.getByte(at) == Tag.SYNC ? 0 : to - begin;
      }
      at = to;
    }
  }

  private static int whole(ByteBuf in, int at) throws ProtocolFault {
    int there = in.writerIndex() - at;
    if (there < Frames.HEADER) {
      return 0;
    }
    int size = Frames.size(in, at);
    return there < size ? 0 : size;
  }

  private Statement heard(ByteBuf in, int from, int to) throws ProtocolFault {
    byte[] sql = Frames.octets(in, from, Frames.endOfString(in, from, to));
    return gateway.statements().read(sql).statement();
  }

  private boolean isKnown(ByteBuf in, int from, int to, @Nullable Statement parsed)
      throws ProtocolFault {
    String name = Frames.string(in, from, to);
    return (name.isEmpty() && parsed != null) || isRead(statements.statement(name));
  }

  // ---- and back ----

  /// True when it keeps the octets for the time being.
  boolean holds(ByteBuf answer) {
    if (unit == null || isPassing) {
      return false;
    }
    held.addLast(answer);
    heldOctets += answer.readableBytes();
    if (heldOctets > ROOM && !hasFailed) {
      pass();
    }
    return true;
  }

  private void pass() {
    isPassing = true;
    for (ByteBuf answer = held.pollFirst(); answer != null; answer = held.pollFirst()) {
      client.fromServer(answer);
    }
    heldOctets = 0;
  }

  boolean hasFailed() {
    return hasFailed;
  }

  void failed(ErrorReport why) {
    hasFailed |= unit != null && !isPassing && !why.sqlState().equals(CANCELLED);
    Statement sent = only;
    if (unit != null && sent != null && why.sqlState().equals(READ_ONLY)) {
      replicas.refused(sent);
    }
  }

  /// The replica has answered; false where the primary is to be asked.
  boolean isAnswered() {
    if (hasFailed) {
      return false;
    }
    gateway.figures().readReplica(true);
    if (!isPassing) {
      pass();
    }
    drop();
    return true;
  }

  /// True where the client has been told nothing yet.
  boolean canTurnBack() {
    return unit != null && !isPassing;
  }

  /// What was sent to the replica, to be asked of the primary; the caller's.
  ByteBuf turnBack() {
    ByteBuf asked = unit;
    if (asked == null) {
      throw new IllegalStateException("nothing was asked of a replica");
    }
    gateway.figures().readReplica(false);
    ByteBuf sent = asked.readRetainedSlice(taken);
    drop();
    isBack = true;
    // Whatever a replica can't do may be a write in disguise.
    isWriting = true;
    return sent;
  }

  /// Nothing of it is wanted any more.
  void drop() {
    for (ByteBuf answer = held.pollFirst(); answer != null; answer = held.pollFirst()) {
      answer.release();
    }
    heldOctets = 0;
    if (unit != null) {
      unit.release();
      unit = null;
    }
  }
}
