package dev.freshet.gateway;

import dev.freshet.base.HostPort;
import dev.freshet.gateway.Expected.Kind;
import dev.freshet.pgwire.ErrorReport;
import dev.freshet.pgwire.FrontendMessages;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A server connection and how far it is.
final class ServerLink extends ChannelInboundHandlerAdapter {
  private final Pool pool;
  private final ServerLogin.Told told;
  private final Map<String, String> began;
  private final ServerAnswers answers;
  private final Prepared prepared = new Prepared();
  private final Cancels cancels;
  private final Tenure tenure;
  private final Stopwatch stopwatch = new Stopwatch();

  private @Nullable ChannelHandlerContext context;
  private @Nullable ClientSession holder;
  private SessionSettings settings = SessionSettings.NONE;
  private boolean isDoubtful;
  private boolean closed;

  /// Something went to its client that is not flushed yet. What it was told by ourselves goes out
  /// with that, or when it asks: each write of its own would cost as much as a statement.
  private boolean hasPassedOn;

  ServerLink(Pool pool, ServerLogin.Told told, int pid, byte[] key, long now) {
    this.pool = pool;
    this.told = told;
    this.began = began(told);
    this.cancels = new Cancels(pool, pid, key);
    this.tenure = new Tenure(pool, now);
    this.answers = new ServerAnswers(this, pool);
  }

  // ---- what the pool and its client ask ----

  /// Where it looked for tables when it was new; null where the server reports that by itself.
  @Nullable String searchPath() {
    return told.searchPath();
  }

  Pool pool() {
    return pool;
  }

  /// What bore on its answers when it was new.
  Map<String, String> began() {
    return began;
  }

  private static Map<String, String> began(ServerLogin.Told told) {
    Map<String, String> out = new LinkedHashMap<>(told.parameters());
    String path = told.searchPath();
    if (path != null) {
      out.put("search_path", path);
    }
    return Map.copyOf(out);
  }

  HostPort host() {
    return told.host();
  }

  Map<String, String> parameters() {
    return told.parameters();
  }

  byte status() {
    return answers.status();
  }

  @Nullable ClientSession holder() {
    return holder;
  }

  Tenure tenure() {
    return tenure;
  }

  boolean isClosed() {
    return closed;
  }

  /// True when nothing is owed and no transaction is open: its client has all it asked for.
  boolean isAtRest() {
    return answers.isAtRest() && !closed;
  }

  /// True when it is at rest for certain, so that another client may have it.
  boolean isIdle() {
    return answers.isIdle() && !closed;
  }

  /// True when its client has all it asked for in a transaction that is open.
  boolean isQuietInTransaction() {
    return answers.isQuietInTransaction() && !closed;
  }

  boolean isBusy() {
    return answers.isBusy();
  }

  SessionSettings settings() {
    return settings;
  }

  void hold(ClientSession client, long now) {
    if (!tenure.wasOf(client)) {
      prepared.unnamed(null);
    }
    holder = client;
    hasPassedOn = false;
    tenure.begins(client, client.waitingSince(), now);
  }

  /// Back from its client; the pool decides what becomes of it.
  void letGo(long now) {
    tenure.ends(now);
    holder = null;
  }

  /// Brings the connection's settings to those; the client goes on when that has succeeded.
  void adopt(SessionSettings wanted) {
    ByteBuf out = alloc(256);
    // A query removes it.
    prepared.unnamed(null);
    FrontendMessages.query(out, wanted.from(settings));
    answers.expectOurs(wanted);
    send(out);
    flush();
  }

  /// Asks for a sign of life; the pool is told when it has come.
  void check() {
    ByteBuf out = alloc(8);
    FrontendMessages.query(out, "");
    upkeep(out);
  }

  /// Makes it as new, after a client that left state in it; the pool is told when that is done.
  void reset() {
    ByteBuf out = alloc(32);
    FrontendMessages.query(out, "DISCARD ALL");
    prepared.forgetNamed();
    settings = SessionSettings.NONE;
    tenure.forget();
    upkeep(out);
  }

  private void upkeep(ByteBuf out) {
    prepared.unnamed(null);
    answers.expectOurs(null);
    send(out);
    flush();
  }

  /// The client's transaction has ended well, and these count.
  ///
  /// @param likely settings that they come to, mostly
  void settled(List<Change> made, SessionSettings likely) {
    SessionSettings now = settings;
    for (Change change : made) {
      now = now.with(change);
    }
    settings = now.equals(likely) ? likely : now;
  }

  /// Makes settings again that the client's own words have undone.
  ///
  /// @param then all that are made then; null in a transaction, whose end tells
  void restore(List<Change> lost, @Nullable SessionSettings then) {
    ByteBuf out = alloc(256);
    prepared.unnamed(null);
    FrontendMessages.query(out, SessionSettings.sql(lost));
    answers.expectOurs(then);
    send(out);
    flush();
  }

  /// What is sent next will be answered so.
  ServerAnswers answers() {
    return answers;
  }

  /// Makes sure that a statement is prepared here before what is appended next.
  ///
  /// @return what the Parse is known by that is to be sent, or null when there has been one
  Prepared.@Nullable Asked prepare(SharedStatement statement, ByteBuf out, int most) {
    if (prepared.asked(statement) != null) {
      return null;
    }
    if (prepared.size() >= most && !answers.isSkipping()) {
      close(prepared.eldest(), out);
    }
    return prepared.remember(statement, answers.round());
  }

  /// As [#prepare], once more: a Parse of it is on its way and may yet be refused.
  Prepared.Asked prepareAgain(SharedStatement statement, ByteBuf out) {
    close(statement, out);
    return prepared.remember(statement, answers.round());
  }

  private void close(SharedStatement statement, ByteBuf out) {
    FrontendMessages.closeStatement(out, statement.name());
    answers.expect(Kind.CLOSE_OURS, prepared.evict(statement));
  }

  /// A query came before the Sync of what was sent before it. PostgreSQL may then say that it is
  /// idle while it is not, and what is asked next fails (XX000): that shall be nobody else's.
  void doubts() {
    isDoubtful = true;
  }

  boolean isDoubtful() {
    return isDoubtful;
  }

  Prepared prepared() {
    return prepared;
  }

  ByteBuf alloc(int size) {
    return channel().alloc().directBuffer(size);
  }

  Channel channel() {
    ChannelHandlerContext ctx = context;
    if (ctx == null) {
      throw new IllegalStateException("not connected");
    }
    return ctx.channel();
  }

  void send(ByteBuf data) {
    if (closed || context == null) {
      data.release();
    } else {
      pool.stats().toServer(data.readableBytes());
      context.write(data, context.voidPromise());
    }
  }

  void flush() {
    if (context != null) {
      context.flush();
    }
  }

  boolean isWritable() {
    return context != null && context.channel().isWritable();
  }

  void pauseReading(boolean paused) {
    if (context != null) {
      context.channel().config().setAutoRead(!paused);
    }
  }

  Cancels cancels() {
    return cancels;
  }

  Stopwatch stopwatch() {
    return stopwatch;
  }

  /// Its client is gone, or it is not certain what state it is in.
  void discard() {
    if (!closed && isBusy()) {
      cancels.send(this);
    }
    holder = null;
    close();
  }

  void close() {
    if (context != null) {
      context.close();
    }
  }

  // ---- the channel ----

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    context = ctx;
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    answers.read((ByteBuf) message);
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    ClientSession client = holder;
    if (hasPassedOn && client != null) {
      client.flush();
    }
    hasPassedOn = false;
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    ClientSession client = holder;
    if (client != null) {
      client.serverWritable(ctx.channel().isWritable());
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    if (!(cause instanceof IOException)) {
      pool.figures().fault(cause);
    }
    ctx.close();
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    lost(
        ErrorReport.fatal(
            "08006",
            "the server closed the connection in the middle of your work",
            "connect again; what was not committed is gone"));
  }

  /// The connection is of no more use, for that reason.
  void lost(ErrorReport why) {
    if (closed) {
      return;
    }
    closed = true;
    answers.drop();
    ClientSession client = holder;
    holder = null;
    pool.lost(this);
    if (client != null) {
      client.serverLost(answers.isToldFatal() ? null : why);
    }
    close();
  }

  // ---- what its answers come to ----

  /// A part of its client's answer; taken over.
  void passOn(ByteBuf data) {
    ClientSession client = holder;
    if (client == null) {
      data.release();
    } else {
      hasPassedOn = true;
      client.fromServer(data);
    }
  }

  /// The server has taken over these settings.
  void adopted(SessionSettings now) {
    settings = now;
  }

  /// ReadyForQuery has come, and nothing is behind it that anybody asked for.
  ///
  /// @param failure of what was asked for our own sake, or null
  void ready(@Nullable ErrorReport failure) {
    ClientSession client = holder;
    if (client == null) {
      pool.upkept(this, failure == null);
    } else if (failure != null) {
      client.notAdopted(failure);
    } else {
      client.ready();
    }
  }
}
