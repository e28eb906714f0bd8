package dev.freshet.gateway;

import dev.freshet.pgwire.BackendMessages;
import dev.freshet.pgwire.ErrorReport;
import dev.freshet.pgwire.Frames;
import dev.freshet.pgwire.ProtocolFault;
import dev.freshet.pgwire.Tag;
import dev.freshet.sql.Verb;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.io.IOException;
import java.security.MessageDigest;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A client's session, logged in: reads its messages one by one, gets a server connection when the
/// first needs one, and passes them on with the names of statements changed.
final class ClientSession extends ChannelInboundHandlerAdapter {
  private final Pool pool;
  private final Gateway gateway;
  private final ClientStatements statements;
  private final Forwarder forwarder;
  private final SessionChanges changes;
  private final SessionWork work;
  private final Witness witness;
  private final Recall recall;
  private final Set<Pin> pins = EnumSet.noneOf(Pin.class);
  private final int pid;
  private final byte[] key;
  private final String name;

  private @Nullable ChannelHandlerContext context;
  private @Nullable ByteBuf pending;
  private @Nullable ServerLink link;
  private @Nullable ServerLink lastLink;
  private boolean sameAsBefore;
  private boolean waiting;
  private long waitingSince;
  private boolean adopting;
  private boolean adopted;
  private boolean discardToSync;
  private int discarding;
  private boolean processing;
  private boolean ended;
  private boolean draining;

  ClientSession(
      Gateway gateway, Pool pool, SessionSettings settings, int pid, byte[] key, String name) {
    this.gateway = gateway;
    this.pool = pool;
    this.statements = new ClientStatements(gateway.config().limits().maxStatements());
    this.forwarder =
        new Forwarder(this, gateway.statements(), statements, gateway.config().limits());
    this.changes = new SessionChanges(settings);
    this.work = new SessionWork(gateway.time(), gateway.workload());
    this.witness = new Witness(gateway, this);
    this.pid = pid;
    this.key = key.clone();
    this.name = name;
    this.recall = new Recall(this, gateway, statements);
  }

  // ---- what others ask ----

  int pid() {
    return pid;
  }

  boolean hasKey(byte[] given) {
    return MessageDigest.isEqual(key, given);
  }

  Pool pool() {
    return pool;
  }

  String name() {
    return name;
  }

  boolean isWaiting() {
    return waiting;
  }

  long waitingSince() {
    return waitingSince;
  }

  @Nullable ServerLink link() {
    return link;
  }

  /// The one it used last, which may still know its unnamed statement.
  @Nullable ServerLink lastLink() {
    return lastLink;
  }

  Set<Pin> pins() {
    return pins;
  }

  SessionChanges changes() {
    return changes;
  }

  SessionSettings settings() {
    return changes.settings();
  }

  SessionWork work() {
    return work;
  }

  Witness witness() {
    return witness;
  }

  Recall recall() {
    return recall;
  }

  // ---- the channel ----

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    context = ctx;
    gateway.opened(this);
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    ByteBuf data = (ByteBuf) message;
    if (ended) {
      data.release();
      return;
    }
    pending = Pieces.joined(pending, data, ctx.alloc());
    process();
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    ServerLink from = link;
    if (from != null) {
      from.pauseReading(!ctx.channel().isWritable());
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
    ended = true;
    gateway.closed(this);
    pool.leaveQueue(this);
    recall.lost();
    boolean isClean = forwarder.isEmpty() && !forwarder.isUnsynced() && !pins.contains(Pin.LOAD);
    drop();
    ServerLink held = link;
    link = null;
    if (held != null) {
      pool.abandoned(held, isClean);
    }
  }

  private void drop() {
    if (pending != null) {
      pending.release();
      pending = null;
    }
    forwarder.drop();
  }

  // ---- what the client says ----

  private void process() {
    if (processing) {
      return;
    }
    processing = true;
    try {
      boolean goOn = true;
      while (goOn && !ended && pending != null && pending.isReadable()) {
        goOn = step(pending);
      }
    } catch (ProtocolFault e) {
      end(ErrorReport.fatal(e.sqlState(), e.getMessage() + "", null));
    } finally {
      processing = false;
    }
    forwarder.hand();
    recall.flush();
    if (pending != null && !pending.isReadable()) {
      pending.release();
      pending = null;
    }
    boolean isStuck = waiting || adopting || recall.isWaiting();
    ServerLink to = link;
    boolean isFull = to != null && !to.isWritable();
    if (context != null && !ended) {
      context
          .channel()
          .config()
          .setAutoRead(
              !isFull
                  && !(isStuck && pending != null && pending.readableBytes() > Forwarder.STREAM));
    }
  }

  /// Takes one message, or as much of it as is there; false to wait.
  private boolean step(ByteBuf in) throws ProtocolFault {
    if (discarding > 0) {
      int n = Math.min(discarding, in.readableBytes());
      discarding -= n;
      in.skipBytes(n);
      return true;
    }
    if (forwarder.passLeft() > 0) {
      forwarder.passOn(in);
      return true;
    }
    if (in.readableBytes() < Frames.HEADER) {
      return false;
    }
    int at = in.readerIndex();
    byte tag = in.getByte(at);
    int size = Frames.size(in, at);
    boolean isWhole = in.readableBytes() >= size;
    if (!isWhole
        && tag != Tag.COPY_DATA
        && tag != Tag.FUNCTION_CALL
        && !Forwarder.mayStream(in, tag, size)) {
      return false;
    }
    if (discardToSync && tag != Tag.TERMINATE) {
      return discard(in, tag, size);
    }
    if (tag == Tag.TERMINATE) {
      ended = true;
      close();
      return false;
    }
    if (answersAlone(tag)) {
      discarding = size;
      return true;
    }
    Recall.Step step = !isIdle() ? Recall.Step.PASSES : recall.take(in);
    if (step != Recall.Step.PASSES) {
      return step == Recall.Step.ANSWERED;
    }
    boolean isAttached = attached();
    ServerLink to = link;
    if (to == null || !isAttached) {
      // Denied at once: what comes next is looked at in turn.
      return to == null && !waiting;
    }
    forwarder.take(in, tag, at, size, to);
    return true;
  }

  /// Nothing is under way, and no transaction is open.
  private boolean isIdle() {
    ServerLink to = link;
    return to == null
        ? !waiting
        : to.isIdle() && !adopting && !forwarder.isUnsynced() && forwarder.isEmpty();
  }

  /// What was waited for has come.
  void resume() {
    if (!ended) {
      process();
    }
  }

  private boolean discard(ByteBuf in, byte tag, int size) {
    if (tag == Tag.SYNC || tag == Tag.QUERY) {
      discardToSync = false;
      if (tag == Tag.SYNC) {
        in.skipBytes(size);
        answerReady();
      }
      return true;
    }
    discarding = size;
    return true;
  }

  /// What needs no server because there is nothing under way.
  private boolean answersAlone(byte tag) {
    if (link != null || waiting) {
      return false;
    }
    if (tag == Tag.SYNC) {
      answerReady();
      return true;
    }
    return tag == Tag.FLUSH || tag == Tag.COPY_DATA || tag == Tag.COPY_DONE || tag == Tag.COPY_FAIL;
  }

  private void answerReady() {
    ByteBuf answer = alloc(8);
    BackendMessages.readyForQuery(answer, (byte) 'I');
    fromServer(answer);
    flush();
  }

  /// Gets a server connection, with this session's settings on it; false to wait.
  private boolean attached() {
    if (link == null && !waiting) {
      waiting = true;
      waitingSince = gateway.time().nanos();
      pool.acquire(this);
    }
    ServerLink to = link;
    if (to == null || adopting) {
      return false;
    }
    if (!adopted) {
      adopted = true;
      if (!to.settings().equals(changes.settings())) {
        adopting = true;
        to.adopt(changes.settings());
        return false;
      }
    }
    return true;
  }

  /// Checks and books what a statement does to the session; false when it was refused.
  boolean allows(Traits traits, ServerLink to) {
    if (traits.asksSequence() && pool.mode() != PoolMode.SESSION && pins.isEmpty()) {
      boolean isKept = to.status() != 'I' || forwarder.isUnsynced() || sameAsBefore;
      if (!isKept) {
        refuse(Refusals.SEQUENCE);
        return false;
      }
    }
    if (traits.verb() == Verb.BEGIN && pool.mode() == PoolMode.STATEMENT) {
      refuse(Refusals.TRANSACTION);
      return false;
    }
    changes.booked(traits);
    for (Pin pin : traits.pins()) {
      if (pins.add(pin)) {
        pool.figures().pinned(pin);
      }
    }
    return true;
  }

  /// Answers with an error in place of the server, and skips what depends on it.
  private void refuse(ErrorReport why) {
    ServerLink to = link;
    if (to != null && (to.isBusy() || forwarder.isUnsynced() || to.status() != 'I')) {
      // In the middle of a pipeline or a transaction only the server can keep the order.
      end(ErrorReport.fatal(why.sqlState(), why.message(), why.hint()));
      return;
    }
    ByteBuf answer = alloc(256);
    why.write(answer);
    fromServer(answer);
    boolean isQuery = pending != null && pending.getByte(pending.readerIndex()) == Tag.QUERY;
    if (isQuery) {
      answerReady();
    } else {
      discardToSync = true;
      flush();
    }
    if (to != null) {
      ready();
    }
  }

  /// Answers a statement as the server would.
  void answer(String tag) {
    ByteBuf answer = alloc(32);
    BackendMessages.commandComplete(answer, tag);
    ServerLink to = link;
    BackendMessages.readyForQuery(answer, to == null ? (byte) 'I' : to.status());
    fromServer(answer);
    flush();
    if (to != null) {
      ready();
    }
  }

  boolean isPipelining() {
    ServerLink to = link;
    return to != null && to.isBusy();
  }

  ByteBuf alloc(int size) {
    ChannelHandlerContext ctx = context;
    if (ctx == null) {
      throw new IllegalStateException("not connected");
    }
    return ctx.alloc().directBuffer(size);
  }

  // ---- what the pool and the server say ----

  /// The pool's turn for this client has come.
  void granted(ServerLink granted, long now) {
    waiting = false;
    link = granted;
    sameAsBefore = granted.equals(lastLink) && granted.tenure().wasOf(this);
    lastLink = granted;
    adopted = false;
    adopting = false;
    granted.hold(this, now);
    if (context != null) {
      granted.pauseReading(!context.channel().isWritable());
    }
    process();
  }

  /// The pool has nothing for this client.
  void denied(ErrorReport why) {
    waiting = false;
    recall.denied();
    refuse(why);
    ByteBuf in = pending;
    if (in != null && !discardToSync && in.getByte(in.readerIndex()) == Tag.QUERY) {
      in.skipBytes(in.getInt(in.readerIndex() + 1) + 1);
    }
    process();
  }

  void serverWritable(boolean writable) {
    if (context != null && !ended) {
      context.channel().config().setAutoRead(writable);
    }
  }

  void fromServer(ByteBuf data) {
    recall.answered(data);
    if (context == null || !context.channel().isActive()) {
      data.release();
    } else {
      context.write(data, context.voidPromise());
    }
  }

  void flush() {
    if (context != null) {
      context.flush();
    }
  }

  void scriptEnded(Traits traits) {
    if (!changes.scriptEnded(traits)) {
      pins.add(Pin.SETTING);
    }
  }

  void failed(ErrorReport report) {
    changes.failed();
    pool.figures().error(report.sqlState());
  }

  void notAdopted(ErrorReport failure) {
    end(Refusals.notAdopted(failure));
  }

  /// ReadyForQuery has come, or what stands for it.
  void ready() {
    ServerLink from = link;
    if (from == null) {
      return;
    }
    if (adopting && !from.isBusy()) {
      adopting = false;
      process();
      return;
    }
    byte status = from.status();
    recall.ready(status);
    changes.clearFailure();
    if (changes.areOpen()) {
      settle(from, status);
    }
    boolean isOver = from.isAtRest() && !forwarder.isUnsynced();
    if (isOver) {
      changes.over();
      work.over();
      witness.over();
      statements.over();
    }
    boolean isFree = isOver && forwarder.isEmpty() && pool.mode() != PoolMode.SESSION;
    if (isFree && (pins.isEmpty() || draining)) {
      link = null;
      flush();
      pool.release(from);
    }
    if (draining && isOver) {
      end(Refusals.GOING);
      return;
    }
    if (!processing) {
      process();
    }
  }

  private void settle(ServerLink from, byte status) {
    SessionChanges.Settled now = changes.ready(status);
    if (now.unknown()) {
      pins.add(Pin.SETTING);
    }
    if (status == 'I') {
      from.settled(changes.settings(), now.forgetPrepared());
      if (now.forgetPrepared()) {
        statements.clear();
      }
      if (now.discarded()) {
        pins.clear();
      }
    }
  }

  /// Finishes what is under way, then closes.
  void drain() {
    draining = true;
    ServerLink held = link;
    if (held == null && isIdle() && !recall.isWaiting()) {
      end(Refusals.GOING);
    } else if (held != null && held.isAtRest() && !forwarder.isUnsynced()) {
      ready();
    }
  }

  /// True when it holds its server connection for more than a pin.
  boolean isInTransaction() {
    ServerLink held = link;
    return held != null && (held.status() != 'I' || forwarder.isUnsynced());
  }

  void timedOut(ErrorReport why) {
    end(why);
  }

  /// A cancel request came for this client.
  void cancel() {
    if (waiting || recall.isWaiting()) {
      pool.leaveQueue(this);
      denied(Refusals.CANCELLED);
      return;
    }
    ServerLink held = link;
    if (held != null && held.isBusy()) {
      held.cancels().send(held);
    }
  }

  /// The server connection is gone.
  void serverLost(@Nullable ErrorReport why) {
    link = null;
    recall.lost();
    if (adopting) {
      // Nothing of its own was sent yet: another will do.
      adopting = false;
      waiting = true;
      pool.acquireAgain(this);
    } else if (why == null) {
      ended = true;
      close();
    } else {
      end(why);
    }
  }

  /// Says why, and closes.
  private void end(ErrorReport why) {
    if (ended) {
      return;
    }
    ended = true;
    ByteBuf answer = alloc(256);
    why.write(answer);
    fromServer(answer);
    close();
  }

  private void close() {
    ChannelHandlerContext ctx = context;
    if (ctx != null) {
      ctx.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(done -> ctx.close());
    }
  }
}
