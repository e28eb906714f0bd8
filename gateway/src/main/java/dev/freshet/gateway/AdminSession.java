package dev.freshet.gateway;

import dev.freshet.pgwire.BackendMessages;
import dev.freshet.pgwire.ErrorReport;
import dev.freshet.pgwire.Frames;
import dev.freshet.pgwire.ProtocolFault;
import dev.freshet.pgwire.Tag;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.Locale;

/// A client of the database `freshet`: asks the gateway about itself, by simple queries.
final class AdminSession extends ChannelInboundHandlerAdapter {
  private static final String HELP =
      "SHOW POOLS | CLIENTS | SERVERS | STATS | STATEMENTS | PINS | CONFIG | VERSION; "
          + "PAUSE; RESUME; RECONNECT";
  private final Gateway gateway;
  private ByteBuf pending = Unpooled.EMPTY_BUFFER;

  AdminSession(Gateway gateway) {
    this.gateway = gateway;
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    ByteBuf data = (ByteBuf) message;
    ByteBuf before = pending;
    pending = ctx.alloc().buffer(before.readableBytes() + data.readableBytes() + 16);
    pending.writeBytes(before).writeBytes(data);
    before.release();
    data.release();
    try {
      while (pending.readableBytes() >= Frames.HEADER) {
        int at = pending.readerIndex();
        int size = Frames.size(pending, at);
        if (size > 1 << 16) {
          throw new ProtocolFault("a message too long for the admin database");
        }
        if (pending.readableBytes() < size) {
          return;
        }
        pending.skipBytes(size);
        take(ctx, at, size);
      }
    } catch (ProtocolFault e) {
      ByteBuf out = ctx.alloc().buffer(128);
      ErrorReport.fatal(e.sqlState(), e.getMessage() + "", null).write(out);
      ctx.writeAndFlush(out).addListener(ChannelFutureListener.CLOSE);
    }
  }

  private void take(ChannelHandlerContext ctx, int at, int size) throws ProtocolFault {
    byte tag = pending.getByte(at);
    ByteBuf out = ctx.alloc().buffer(1_024);
    switch (tag) {
      case Tag.QUERY -> {
        answer(Frames.string(pending, at + Frames.HEADER, at + size), out);
        BackendMessages.readyForQuery(out, (byte) 'I');
      }
      case Tag.TERMINATE -> ctx.close();
      case Tag.SYNC -> BackendMessages.readyForQuery(out, (byte) 'I');
      case Tag.PARSE ->
          ErrorReport.error(
                  "0A000",
                  "the admin database takes simple queries only",
                  "with psql all are; with pgjdbc set preferQueryMode=simple")
              .write(out);
      default -> {}
    }
    ctx.writeAndFlush(out);
  }

  private void answer(String sql, ByteBuf out) {
    String words =
        sql.strip().replaceAll(";+\\s*$", "").replaceAll("\\s+", " ").toUpperCase(Locale.ROOT);
    switch (words) {
      case "SHOW POOLS" -> table(out, AdminTables.pools(gateway));
      case "SHOW CLIENTS" -> table(out, AdminTables.clients(gateway));
      case "SHOW SERVERS" -> table(out, AdminTables.servers(gateway));
      case "SHOW STATS" -> table(out, AdminTables.stats(gateway));
      case "SHOW STATEMENTS" -> table(out, AdminTables.statements(gateway));
      case "SHOW PINS" -> table(out, AdminTables.pins(gateway));
      case "SHOW CONFIG" -> table(out, AdminTables.config(gateway));
      case "SHOW VERSION" -> table(out, AdminTables.version());
      case "SHOW HELP" -> table(out, AdminTables.help(HELP));
      case "PAUSE" -> {
        gateway.pauseHere();
        BackendMessages.commandComplete(out, "PAUSE");
      }
      case "RESUME" -> {
        gateway.resumeHere();
        BackendMessages.commandComplete(out, "RESUME");
      }
      case "RECONNECT" -> {
        gateway.recycleHere();
        BackendMessages.commandComplete(out, "RECONNECT");
      }
      case "" -> BackendMessages.bare(out, Tag.EMPTY_QUERY);
      default ->
          ErrorReport.error("42601", "'" + words + "' is not known here", "say one of " + HELP)
              .write(out);
    }
  }

  private static void table(ByteBuf out, AdminTables.Table table) {
    BackendMessages.rowDescription(out, table.columns());
    table.rows().forEach(row -> BackendMessages.dataRow(out, row));
    BackendMessages.commandComplete(out, "SHOW");
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    pending.release();
    pending = Unpooled.EMPTY_BUFFER;
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    ctx.close();
  }
}
