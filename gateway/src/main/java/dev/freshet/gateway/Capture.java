package dev.freshet.gateway;

import dev.freshet.pgwire.Frames;
import dev.freshet.pgwire.ProtocolFault;
import dev.freshet.pgwire.Tag;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// The octets of one answer on their way to the client, copied to be kept.
final class Capture {
  private final int most;
  private final byte status;
  private byte[] octets = new byte[1_024];
  private int length;
  private boolean spoiled;

  /// @param most octets to keep; larger answers are let go
  /// @param status of the transaction behind it
  Capture(int most, byte status) {
    this.most = most;
    this.status = status;
  }

  void add(ByteBuf data) {
    int size = data.readableBytes();
    if (spoiled || size > most - length) {
      spoiled = true;
      octets = new byte[0];
      length = 0;
      return;
    }
    if (length + size > octets.length) {
      octets = Arrays.copyOf(octets, Math.min(most, Math.max(2 * octets.length, length + size)));
    }
    data.getBytes(data.readerIndex(), octets, length, size);
    length += size;
  }

  /// How many are copied.
  int octets() {
    return length;
  }

  /// What to say again; null when the answer is anything but one complete result: an error, a
  /// notice, a row limit.
  @Nullable Parts parts() {
    if (spoiled) {
      return null;
    }
    try {
      return read(Unpooled.wrappedBuffer(octets, 0, length));
    } catch (ProtocolFault e) {
      return null;
    }
  }

  /// An answer in pieces, each of which may be asked for or not.
  ///
  /// @param statement its parameters and columns, empty where they were not asked for
  /// @param portal its columns in their formats, empty where they were not asked for
  /// @param rows and what ends them
  @SuppressWarnings("ArrayRecordComponent")
  record Parts(byte[] statement, byte[] portal, byte[] rows) {
    byte[][] octets() {
      return new byte[][] {statement, portal, rows};
    }
  }

  private @Nullable Parts read(ByteBuf in) throws ProtocolFault {
    int statementFrom = 0;
    int statementTo = 0;
    int portalFrom = 0;
    int rowsFrom = -1;
    int results = 0;
    for (int at = 0; at < length; ) {
      byte tag = in.getByte(at);
      int end = at + Frames.size(in, at);
      switch (tag) {
        case Tag.PARSE_COMPLETE, Tag.CLOSE_COMPLETE -> {}
        case Tag.PARAMETER_DESCRIPTION -> {
          statementFrom = at;
          statementTo = end;
        }
        case Tag.BIND_COMPLETE -> {
          portalFrom = end;
          rowsFrom = end;
        }
        case Tag.ROW_DESCRIPTION -> {
          if (statementTo == at && at > statementFrom) {
            statementTo = end;
          } else {
            portalFrom = at;
            rowsFrom = end;
          }
        }
        case Tag.DATA_ROW -> {
          if (results > 0) {
            return null;
          }
        }
        case Tag.COMMAND_COMPLETE -> results++;
        case Tag.READY_FOR_QUERY -> {
          boolean isGood = results == 1 && rowsFrom >= 0 && end == length && isStatus(in, at);
          return isGood
              ? new Parts(
                  Arrays.copyOfRange(octets, statementFrom, statementTo),
                  Arrays.copyOfRange(octets, portalFrom, rowsFrom),
                  Arrays.copyOfRange(octets, rowsFrom, at))
              : null;
        }
        default -> {
          return null;
        }
      }
      at = end;
    }
    return null;
  }

  private boolean isStatus(ByteBuf in, int at) {
    return in.getByte(at + Frames.HEADER) == status;
  }
}
