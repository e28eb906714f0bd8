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
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// A client of the database `freshet`: asks the gateway about itself, by simple queries.
final class AdminSession extends ChannelInboundHandlerAdapter {
  private static final String HELP =
      "SHOW POOLS | CLIENTS | SERVERS | REPLICAS | STATS | STATEMENTS | WAITS | SIZING | LISTS"
          + " | DATABASES | PINS | RESULTS | CONFIG | VERSION; PAUSE [db]; RESUME [db]; RECONNECT;"
          + " RELOAD";
  private static final String STILL_IN_USE =
      "it waited for queue-timeout, and everything goes on; SHOW CLIENTS tells who holds one, by a"
          + " transaction or a pin";
  private static final String KNOWN = "SHOW DATABASES names those that have been used";
  private final Gateway gateway;
  private final boolean mayRule;
  private ByteBuf pending = Unpooled.EMPTY_BUFFER;

  /// While an answer is being worked out, what comes next waits.
  private boolean isBusy;

  /// While questions are being taken; who is answered meanwhile need not ask for the next.
  private boolean isReading;

  /// @param mayRule whether it may do more than look
  AdminSession(Gateway gateway, boolean mayRule) {
    this.gateway = gateway;
    this.mayRule = mayRule;
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    ByteBuf data = (ByteBuf) message;
    ByteBuf before = pending;
    pending = ctx.alloc().buffer(before.readableBytes() + data.readableBytes() + 16);
    pending.writeBytes(before).writeBytes(data);
    before.release();
    data.release();
    read(ctx);
  }

  /// Who takes no answers is asked no more: each would wait in our memory.
  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    if (ctx.channel().isWritable()) {
      read(ctx);
    }
  }

  private void read(ChannelHandlerContext ctx) {
    if (isReading) {
      return;
    }
    isReading = true;
    try {
      while (!isBusy && ctx.channel().isWritable() && pending.readableBytes() >= Frames.HEADER) {
        int at = pending.readerIndex();
        int size = Frames.size(pending, at);
        if (size > 1 << 16) {
          throw new ProtocolFault("a message too long for the admin database");
        }
        if (pending.readableBytes() < size) {
          break;
        }
        pending.skipBytes(size);
        take(ctx, at, size);
      }
      if (!pending.isReadable()) {
        pending.release();
        pending = Unpooled.EMPTY_BUFFER;
      }
      ctx.channel().config().setAutoRead(!isBusy && ctx.channel().isWritable());
    } catch (ProtocolFault e) {
      ByteBuf out = ctx.alloc().buffer(128);
      ErrorReport.fatal(e.sqlState(), e.getMessage() + "", null).write(out);
      ctx.writeAndFlush(out).addListener(ChannelFutureListener.CLOSE);
    } finally {
      isReading = false;
    }
  }

  private void take(ChannelHandlerContext ctx, int at, int size) throws ProtocolFault {
    switch (pending.getByte(at)) {
      case Tag.QUERY -> {
        String sql = Frames.string(pending, at + Frames.HEADER, at + size);
        isBusy = true;
        answer(ctx, sql.strip().replaceAll(";+\\s*$", "").strip().replaceAll("\\s+", " "));
      }
      case Tag.TERMINATE -> ctx.close();
      case Tag.SYNC -> ready(ctx, ctx.alloc().buffer(8));
      case Tag.PARSE -> {
        ByteBuf out = ctx.alloc().buffer(256);
        ErrorReport.error(
                "0A000",
                "the admin database takes simple queries only",
                "with psql all are; with pgjdbc set preferQueryMode=simple")
            .write(out);
        ctx.writeAndFlush(out);
      }
      default -> {}
    }
  }

  private static void ready(ChannelHandlerContext ctx, ByteBuf out) {
    BackendMessages.readyForQuery(out, (byte) 'I');
    ctx.writeAndFlush(out);
  }

  /// The answer to the query under way; once, on the loop.
  private void say(ChannelHandlerContext ctx, Consumer<ByteBuf> content) {
    ByteBuf out = ctx.alloc().buffer(1_024);
    content.accept(out);
    isBusy = false;
    ready(ctx, out);
    read(ctx);
  }

  private void answer(ChannelHandlerContext ctx, String text) {
    String words = text.toUpperCase(Locale.ROOT);
    AdminTables.Table shown = shown(words);
    if (shown != null) {
      say(ctx, out -> table(out, shown));
    } else if (words.equals("SHOW SIZING")) {
      GatewaySnapshot.Taken taken = GatewaySnapshot.of(gateway);
      // Playing arrivals again takes milliseconds, which the loop does not have.
      Thread.ofVirtual()
          .start(() -> {
            AdminTables.Table sizing = AdminTables.sizing(taken.withAdvice());
            ctx.executor().execute(() -> say(ctx, out -> table(out, sizing)));
          });
    } else if (words.isEmpty()) {
      say(ctx, out -> BackendMessages.bare(out, Tag.EMPTY_QUERY));
    } else if (words.startsWith("SET ")) {
      // Drivers do that by themselves; there is nothing here that it could change.
      done(ctx, "SET");
    } else {
      rule(ctx, words, text);
    }
  }

  private AdminTables.@Nullable Table shown(String words) {
    return switch (words) {
      case "SHOW POOLS" -> AdminTables.pools(gateway);
      case "SHOW CLIENTS" -> AdminTables.clients(gateway);
      case "SHOW SERVERS" -> AdminTables.servers(gateway);
      case "SHOW REPLICAS" -> AdminTables.replicas(gateway);
      case "SHOW STATS" -> AdminTables.stats(gateway);
      case "SHOW STATEMENTS" -> AdminTables.statements(gateway);
      case "SHOW WAITS" -> AdminTables.waits(gateway);
      case "SHOW LISTS" -> AdminTables.lists(gateway);
      case "SHOW DATABASES" -> AdminTables.databases(gateway);
      case "SHOW PINS" -> AdminTables.pins(gateway);
      case "SHOW RESULTS" -> AdminTables.results(gateway.results().snapshot(gateway.fences()));
      case "SHOW CONFIG" -> AdminTables.config(gateway);
      case "SHOW VERSION" -> AdminTables.version();
      case "SHOW HELP" -> AdminTables.help(HELP);
      default -> null;
    };
  }

  private void rule(ChannelHandlerContext ctx, String words, String text) {
    int space = words.indexOf(' ');
    String verb = space < 0 ? words : words.substring(0, space);
    String database = space < 0 ? null : text.substring(space + 1);
    boolean takesDatabase = verb.equals("PAUSE") || verb.equals("RESUME");
    boolean isKnown =
        takesDatabase || (space < 0 && (verb.equals("RECONNECT") || verb.equals("RELOAD")));
    if (!isKnown) {
      refuse(ctx, "42601", "'" + text + "' is not known here", "say one of " + HELP);
    } else if (!mayRule) {
      refuse(ctx, "42501", "only the user of the database URL may do that", null);
    } else if (database != null && !gateway.pauses().know(database)) {
      refuse(ctx, "3D000", "nobody has used a database '" + database + "' here", KNOWN);
    } else {
      switch (verb) {
        case "PAUSE" ->
            gateway
                .pauses()
                .pause(
                    database,
                    isQuiet -> {
                      if (isQuiet) {
                        done(ctx, verb);
                      } else {
                        refuse(ctx, "55006", "server connections are still in use", STILL_IN_USE);
                      }
                    });
        case "RESUME" -> {
          gateway.pauses().resume(database);
          done(ctx, verb);
        }
        case "RECONNECT" -> {
          gateway.recycleHere();
          done(ctx, verb);
        }
        default ->
            gateway.reloadHere(trouble -> {
              if (trouble == null) {
                done(ctx, verb);
              } else {
                refuse(ctx, "F0000", trouble, "everything stays as it was");
              }
            });
      }
    }
  }

  private void done(ChannelHandlerContext ctx, String verb) {
    say(ctx, out -> BackendMessages.commandComplete(out, verb));
  }

  private void refuse(
      ChannelHandlerContext ctx, String sqlState, String message, @Nullable String hint) {
    say(ctx, out -> ErrorReport.error(sqlState, message, hint).write(out));
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
