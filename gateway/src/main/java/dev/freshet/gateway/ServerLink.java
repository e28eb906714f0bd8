package dev.freshet.gateway;

import dev.freshet.gateway.Expected.Kind;
import dev.freshet.pgwire.BackendMessages;
import dev.freshet.pgwire.ErrorReport;
import dev.freshet.pgwire.Frames;
import dev.freshet.pgwire.FrontendMessages;
import dev.freshet.pgwire.ProtocolFault;
import dev.freshet.pgwire.Tag;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/* One connection to the server, logged in.
 *
 * What arrives is passed on as it came, in as large slices as possible; only the frames
 * between results are looked at, to know how far the server is. The queue of what is
 * expected says whose answer each one is: the client's, ours (swallowed), or one that we
 * say ourselves in its turn. When anything arrives that does not fit the queue, nobody
 * knows any more whose answer it is: the connection is closed, and the client told.
 */

/// A server connection and how far it is.
final class ServerLink extends ChannelInboundHandlerAdapter {
  private static final int KEEP_FRAME = 1 << 24;

  private final Pool pool;
  private final Expected expected = new Expected();
  private final Progress progress;
  private final ServerLogin.Told told;
  private final Prepared prepared = new Prepared();
  private final Cancels cancels;
  private final Tenure tenure;

  private @Nullable ChannelHandlerContext context;
  private @Nullable ByteBuf partial;
  private @Nullable ClientSession holder;
  private SessionSettings settings = SessionSettings.NONE;
  private byte status = 'I';
  private int left;
  private boolean leftIsOurs;
  private boolean copyIn;
  private boolean skipping;
  private boolean closed;
  private boolean toldFatal;
  private boolean isReadyDue;
  private @Nullable ErrorReport end;
  private @Nullable ErrorReport ourFailure;
  private final Stopwatch stopwatch = new Stopwatch();

  ServerLink(Pool pool, ServerLogin.Told told, int pid, byte[] key, long now) {
    this.pool = pool;
    this.told = told;
    this.cancels = new Cancels(pool, pid, key);
    this.tenure = new Tenure(pool, now);
    this.progress = pool.progress();
  }

  // ---- what the pool and its client ask ----

  /// Where it looked for tables when it was new; null where the server reports that by itself.
  @Nullable String searchPath() {
    return told.searchPath();
  }

  Map<String, String> parameters() {
    return told.parameters();
  }

  byte status() {
    return status;
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
    boolean isQuiet = expected.isEmpty() && left == 0 && !copyIn && !skipping;
    return isQuiet && !closed && status == 'I';
  }

  /// True when it is at rest for certain, so that another client may have it.
  boolean isIdle() {
    return isAtRest() && partial == null && end == null;
  }

  boolean isBusy() {
    return !expected.isEmpty();
  }

  SessionSettings settings() {
    return settings;
  }

  void hold(ClientSession client, long now) {
    if (!tenure.wasOf(client)) {
      prepared.unnamed(null);
    }
    holder = client;
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
    FrontendMessages.query(out, wanted.from(settings));
    expected.add(Kind.QUERY_OURS, wanted, null);
    ourFailure = null;
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
    prepared.unnamed(null);
    settings = SessionSettings.NONE;
    tenure.forget();
    upkeep(out);
  }

  private void upkeep(ByteBuf out) {
    expected.add(Kind.QUERY_OURS, null, null);
    ourFailure = null;
    send(out);
    flush();
  }

  /// The client's transaction has ended well with these.
  void settled(SessionSettings now, boolean forgetPrepared) {
    settings = now;
    if (forgetPrepared) {
      prepared.forgetNamed();
    }
  }

  void expect(Kind kind, @Nullable Object about) {
    expect(kind, about, null);
  }

  void expect(Kind kind, @Nullable Object about, @Nullable Running running) {
    if (skipping && kind != Kind.SYNC) {
      if (about instanceof Skipped skipped) {
        skipped.takeBack(this);
      }
      return;
    }
    boolean isFake = kind == Kind.FAKE_PARSE || kind == Kind.FAKE_CLOSE;
    if (isFake && expected.isEmpty()) {
      say(kind);
      return;
    }
    if (kind == Kind.SYNC) {
      if (copyIn) {
        // A server in COPY ignores Sync.
        return;
      }
      skipping = false;
    }
    expected.add(kind, about, running);
  }

  /// The client says that its COPY is over.
  void copyEnds() {
    if (copyIn) {
      copyIn = false;
    } else if (!expected.isEmpty()) {
      expected.add(Kind.COPY_END, null, null);
    }
  }

  /// Makes sure that a statement is prepared here before what is appended next.
  ///
  /// @return false when it had been before
  boolean prepare(SharedStatement statement, ByteBuf out, int most) {
    if (prepared.has(statement)) {
      return false;
    }
    if (prepared.size() >= most && !skipping) {
      SharedStatement eldest = prepared.evict();
      FrontendMessages.closeStatement(out, eldest.name());
      expect(Kind.CLOSE_OURS, new Skipped.Evicting(eldest));
    }
    prepared.remember(statement);
    return true;
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
    ByteBuf in = Pieces.joined(partial, (ByteBuf) message, ctx.alloc());
    partial = null;
    try {
      scan(in);
    } catch (ProtocolFault e) {
      pool.figures().fault(e);
      end = ErrorReport.fatal("08P01", "the server connection broke: " + e.getMessage(), null);
    } finally {
      in.release();
    }
    // Whose answer is whole has no part in what came behind it, and nobody else shall have.
    if (isReadyDue) {
      isReadyDue = false;
      ready();
    }
    ErrorReport why = end;
    if (why != null) {
      lost(why);
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    ClientSession client = holder;
    if (client != null) {
      client.flush();
    }
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

  private void lost(ErrorReport why) {
    if (closed) {
      return;
    }
    closed = true;
    if (partial != null) {
      partial.release();
      partial = null;
    }
    expected.clear();
    ClientSession client = holder;
    holder = null;
    pool.lost(this);
    if (client != null) {
      client.serverLost(toldFatal ? null : why);
    }
    close();
  }

  // ---- what the server says ----

  private void scan(ByteBuf in) throws ProtocolFault {
    int at = in.readerIndex();
    int from = at;
    int end = in.writerIndex();
    progress.reads(at);
    while (at < end) {
      if (left > 0) {
        int n = Math.min(left, end - at);
        left -= n;
        at += n;
        from = leftIsOurs ? at : from;
        continue;
      }
      if (end - at < Frames.HEADER) {
        break;
      }
      byte tag = in.getByte(at);
      int size = Frames.size(in, at);
      if (tag == Tag.DATA_ROW || tag == Tag.COPY_DATA || tag == Tag.FUNCTION_RESULT) {
        need(expected.accepts(tag), tag);
        progress.row();
        left = size;
        leftIsOurs = isOurs();
        continue;
      }
      if (end - at < size) {
        if (size > KEEP_FRAME) {
          throw new ProtocolFault("a message '" + (char) tag + "' of " + size + " octets");
        }
        break;
      }
      boolean isForClient = take(in, tag, at, size);
      at += size;
      if (!isForClient) {
        pass(in, from, at - size);
        from = at;
      }
      if (expected.isFakeNext()) {
        pass(in, from, at);
        from = at;
        sayFakes();
      }
      if (tag == Tag.READY_FOR_QUERY) {
        pass(in, from, at);
        from = at;
        isReadyDue = expected.isEmpty();
        if (!isReadyDue) {
          ready();
        }
        if (closed) {
          return;
        }
      }
    }
    pass(in, from, at);
    progress.hasRead(at);
    if (at < end) {
      int rest = end - at;
      ByteBuf kept = alloc(Math.max(8_192, rest * 2));
      kept.writeBytes(in, at, rest);
      partial = kept;
    }
  }

  private boolean isOurs() {
    return holder == null || expected.head() == Kind.QUERY_OURS;
  }

  private void pass(ByteBuf in, int from, int to) {
    ClientSession client = holder;
    if (to > from && client != null) {
      pool.stats().toClients(to - from);
      client.fromServer(in.retainedSlice(from, to - from));
    }
  }

  private void sayFakes() {
    while (expected.isFakeNext()) {
      Kind kind = expected.head();
      expected.poll();
      if (kind != null && kind != Kind.COPY_END) {
        say(kind);
      }
    }
  }

  private void say(Kind fake) {
    ClientSession client = holder;
    if (client != null) {
      ByteBuf out = alloc(8);
      BackendMessages.bare(out, fake == Kind.FAKE_PARSE ? Tag.PARSE_COMPLETE : Tag.CLOSE_COMPLETE);
      client.fromServer(out);
    }
  }

  /// Looks at one frame; false when the client is not to see it.
  private boolean take(ByteBuf in, byte tag, int at, int size) throws ProtocolFault {
    need(expected.accepts(tag), tag);
    Kind head = expected.head();
    switch (tag) {
      case Tag.PARSE_COMPLETE, Tag.CLOSE_COMPLETE -> {
        expected.poll();
        return head == Kind.PARSE || head == Kind.CLOSE;
      }
      case Tag.BIND_COMPLETE -> expected.poll();
      case Tag.ROW_DESCRIPTION, Tag.NO_DATA -> {
        if (head == Kind.DESCRIBE) {
          expected.poll();
        }
      }
      case Tag.COMMAND_COMPLETE -> completed(in, at, size);
      case Tag.EMPTY_QUERY, Tag.PORTAL_SUSPENDED -> {
        if (head == Kind.EXECUTE) {
          progress.ends(expected.headRunning(), at + size);
          expected.poll();
        }
      }
      case Tag.READY_FOR_QUERY -> {
        need(size == Frames.HEADER + 1, tag);
        progress.ends(expected.headRunning(), at + size);
        return synced(in.getByte(at + Frames.HEADER));
      }
      case Tag.ERROR -> {
        return failed(ErrorReport.read(in, at + Frames.HEADER, at + size), at + size);
      }
      case Tag.COPY_IN -> copyIn = !expected.dropSyncsOfCopy();
      case Tag.PARAMETER_STATUS -> {
        String name = Frames.string(in, at + Frames.HEADER, at + size);
        int value = Frames.endOfString(in, at + Frames.HEADER, at + size) + 1;
        parameters().put(name, Frames.string(in, value, at + size));
        return holder != null;
      }
      default -> {}
    }
    return !isOurs();
  }

  private static void need(boolean isExpected, byte tag) throws ProtocolFault {
    if (!isExpected) {
      throw new ProtocolFault("the server said '" + (char) tag + "' unasked");
    }
  }

  private void completed(ByteBuf in, int at, int size) {
    copyIn = false;
    Kind head = expected.head();
    Object about = expected.headAbout();
    progress.completed(in, at + Frames.HEADER, at + size - 1);
    if (head == Kind.EXECUTE) {
      progress.ends(expected.headRunning(), at + size);
      expected.poll();
    }
    ClientSession client = holder;
    if (client == null) {
      return;
    }
    if (status == 'I' || in.getByte(at + Frames.HEADER + 2) == 'M') {
      // Without a transaction, or with COMMIT, what was written is there.
      client.recall().committed();
    }
    SessionChanges changes = client.changes();
    if (changes.areOpen() || about != null) {
      int length = size - Frames.HEADER - 1;
      String tag = in.toString(at + Frames.HEADER, length, StandardCharsets.US_ASCII);
      Traits made = head == Kind.EXECUTE && about instanceof Traits t ? t : null;
      changes.completed(tag, made == null ? List.of() : made.changes());
    }
  }

  private boolean synced(byte now) {
    Kind head = expected.head();
    Object about = expected.headAbout();
    expected.poll();
    stopwatch.step();
    pool.stats().answered();
    status = now;
    copyIn = false;
    if (head == Kind.QUERY_OURS) {
      if (ourFailure == null && about instanceof SessionSettings adopted) {
        settings = adopted;
      }
      return false;
    }
    ClientSession client = holder;
    if (client != null && head == Kind.QUERY && about instanceof Traits traits) {
      client.scriptEnded(traits);
    }
    return true;
  }

  private boolean failed(ErrorReport report, int to) throws ProtocolFault {
    copyIn = false;
    Kind head = expected.head();
    if (report.isFatal()) {
      // Who has sent nothing yet gets another connection; where nothing is owed it is not certain
      // yet who is to be told.
      toldFatal = holder != null && head != null && head != Kind.QUERY_OURS;
      end = head == null ? report : null;
      return toldFatal;
    }
    need(head != null || skipping, Tag.ERROR);
    if (head == Kind.QUERY_OURS) {
      ourFailure = report;
      return false;
    }
    ClientSession client = holder;
    progress.failed(report.sqlState(), expected.headReading());
    if (head != null && head != Kind.QUERY && head != Kind.SYNC) {
      progress.ends(expected.headRunning(), to);
      skipping = !expected.skipToSync(skipped -> skipped.takeBack(this));
    }
    if (client != null) {
      client.failed(report);
    }
    return true;
  }

  private void ready() {
    ClientSession client = holder;
    if (client == null) {
      pool.upkept(this, ourFailure == null);
      return;
    }
    ErrorReport failure = ourFailure;
    if (failure != null) {
      ourFailure = null;
      client.notAdopted(failure);
      return;
    }
    client.ready();
  }
}
