package dev.freshet.gateway;

import dev.freshet.base.HostPort;
import dev.freshet.pgwire.ErrorReport;
import dev.freshet.pgwire.Frames;
import dev.freshet.pgwire.FrontendMessages;
import dev.freshet.pgwire.ProtocolFault;
import dev.freshet.pgwire.Tag;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The gateway's own questions to the server, one after the other on a connection of their own: a
/// statement with one parameter, answered by small rows of text.
final class ServerAsk extends ChannelInboundHandlerAdapter {
  private static final int MAX_ANSWER = 1 << 16;

  private final Deque<Question> asked = new ArrayDeque<>();
  private @Nullable ChannelHandlerContext context;
  private ByteBuf pending = Unpooled.EMPTY_BUFFER;
  private List<List<@Nullable String>> rows = new ArrayList<>();
  private @Nullable ErrorReport failure;

  /// Told once.
  interface Answer {
    void rows(List<List<@Nullable String>> rows);

    void failed(ErrorReport why);
  }

  private record Question(String sql, String parameter, Answer answer) {}

  /// Logs in as the user of the database URL; who is given it closes it.
  ///
  /// @param host of a replica; null for the primary
  static void open(
      Gateway gateway,
      @Nullable HostPort host,
      Consumer<ServerAsk> ready,
      Consumer<ErrorReport> failed) {
    DatabaseUrl at = gateway.config().database();
    ServerAsk made = new ServerAsk();
    gateway
        .dialler()
        .connect(
            host,
            new Pool.Who(at.user(), at.database()),
            new ServerCredentials(at.password()),
            new ServerLogin.Result() {
              @Override
              public ChannelInboundHandlerAdapter loggedIn(
                  ServerLogin.Told told, int pid, byte[] key) {
                return made;
              }

              @Override
              public void ready() {
                ready.accept(made);
              }

              @Override
              public void failed(ErrorReport why) {
                failed.accept(why);
              }
            });
  }

  /// Of use as long as the connection lives.
  boolean isOpen() {
    return context != null && context.channel().isActive();
  }

  boolean isIdle() {
    return asked.isEmpty();
  }

  void ask(String sql, String parameter, Answer answer) {
    asked.addLast(new Question(sql, parameter, answer));
    if (asked.size() == 1) {
      send();
    }
  }

  void close() {
    if (context != null) {
      context.close();
    }
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    context = ctx;
  }

  private void send() {
    ChannelHandlerContext ctx = context;
    Question next = asked.peekFirst();
    if (ctx == null || next == null) {
      return;
    }
    ByteBuf out = ctx.alloc().buffer(256);
    byte[] none = new byte[0];
    FrontendMessages.parse(out, none, next.sql().getBytes(StandardCharsets.UTF_8), none);
    FrontendMessages.bindText(out, next.parameter());
    FrontendMessages.execute(out);
    FrontendMessages.bare(out, Tag.SYNC);
    ctx.writeAndFlush(out);
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
      while (step()) {
        // One message after the other.
      }
      if (!pending.isReadable()) {
        pending.release();
        pending = Unpooled.EMPTY_BUFFER;
      }
    } catch (ProtocolFault e) {
      ctx.close();
    }
  }

  private boolean step() throws ProtocolFault {
    if (pending.readableBytes() < Frames.HEADER) {
      return false;
    }
    int at = pending.readerIndex();
    int size = Frames.size(pending, at);
    if (size > MAX_ANSWER || rows.size() > 1_000) {
      throw new ProtocolFault("an answer larger than was asked for");
    }
    if (pending.readableBytes() < size) {
      return false;
    }
    pending.skipBytes(size);
    switch (pending.getByte(at)) {
      case Tag.DATA_ROW -> rows.add(row(at + Frames.HEADER, at + size));
      case Tag.ERROR -> failure = ErrorReport.read(pending, at + Frames.HEADER, at + size);
      case Tag.READY_FOR_QUERY -> answered();
      default -> {}
    }
    return true;
  }

  private List<@Nullable String> row(int from, int to) throws ProtocolFault {
    List<@Nullable String> out = new ArrayList<>();
    int at = from + 2;
    while (at + 4 <= to) {
      int length = pending.getInt(at);
      at += 4;
      if (length > to - at) {
        throw new ProtocolFault("a value is longer than its row");
      }
      out.add(length < 0 ? null : pending.toString(at, length, StandardCharsets.UTF_8));
      at += Math.max(0, length);
    }
    return out;
  }

  private void answered() {
    Question done = asked.pollFirst();
    List<List<@Nullable String>> given = rows;
    ErrorReport failed = failure;
    rows = new ArrayList<>();
    failure = null;
    send();
    if (done == null) {
      return;
    }
    if (failed == null) {
      done.answer().rows(given);
    } else {
      done.answer().failed(failed);
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    context = null;
    pending.release();
    pending = Unpooled.EMPTY_BUFFER;
    List<Question> lost = List.copyOf(asked);
    asked.clear();
    ErrorReport why = ErrorReport.error("08006", "the server closed the connection", null);
    lost.forEach(question -> question.answer().failed(why));
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    ctx.close();
  }
}
