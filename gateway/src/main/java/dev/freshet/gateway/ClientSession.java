package dev.freshet.gateway;

import dev.freshet.pgwire.ErrorReport;
import dev.freshet.pgwire.ProtocolFault;
import dev.freshet.sql.Verb;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.io.IOException;
import java.security.MessageDigest;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A client's session, logged in: gets a server connection when the first message needs one, keeps
/// it as long as the transaction or a pin asks for, and says itself what no server need be asked
/// for.
final class ClientSession extends ChannelInboundHandlerAdapter {
  private final Pool pool;
  private final Gateway gateway;
  private final ClientStatements statements;
  private final Forwarder forwarder;
  private final SessionChanges changes;
  private final SessionWork work;
  private final Witness witness;
  private final Recall recall;
  private final Detour detour;
  private final ClientInbox inbox;
  private final Replies replies;
  private final Attachment server;
  private final Set<Pin> pins = EnumSet.noneOf(Pin.class);
  private final int pid;
  private final byte[] key;
  private final String name;

  private @Nullable ClientWire wire;
  private boolean ended;
  private boolean draining;

  ClientSession(
      Gateway gateway,
      Pool pool,
      SessionSettings settings,
      Reported reported,
      int pid,
      byte[] key,
      String name) {
    this.gateway = gateway;
    this.pool = pool;
    this.server = new Attachment(this, pool, gateway.time(), reported);
    this.statements = new ClientStatements(gateway.config().limits().maxStatements());
    this.forwarder =
        new Forwarder(this, gateway.statements(), statements, gateway.config().limits());
    this.changes = new SessionChanges(settings, gateway.statements()::forget);
    this.work = new SessionWork(gateway.time(), gateway.workload());
    this.witness = new Witness(gateway, this);
    this.pid = pid;
    this.key = key.clone();
    this.name = name;
    this.recall = new Recall(this, gateway, statements);
    this.detour = new Detour(this, gateway, statements);
    this.inbox = new ClientInbox(this, forwarder, recall, gateway.held());
    this.replies = new Replies(this, forwarder, inbox);
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

  /// Nothing it says is heeded any more.
  boolean isEnded() {
    return ended;
  }

  boolean isWaiting() {
    return server.isWaiting();
  }

  long waitingSince() {
    return server.waitingSince();
  }

  @Nullable ServerLink link() {
    return server.link();
  }

  /// The one it used last, which may still know its unnamed statement.
  @Nullable ServerLink lastLink() {
    return server.last();
  }

  Set<Pin> pins() {
    return pins;
  }

  SessionChanges changes() {
    return changes;
  }

  Reported reported() {
    return server.reported();
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

  Replies replies() {
    return replies;
  }

  ClientStatements statements() {
    return statements;
  }

  Detour detour() {
    return detour;
  }

  /// Whether it has nothing on a server connection of its own, and nothing in mind with the answer.
  boolean mayUseReplica() {
    return link() == null
        && !isWaiting()
        && !draining
        && pins.isEmpty()
        && pool.mode() == PoolMode.TRANSACTION
        && !recall.isFilling()
        && changes.scope() instanceof SessionSettings
        && changes.settings().sql("default_transaction_isolation") == null;
  }

  /// Whether what it prepares may be told to a server when it is run.
  boolean mayPrepareAlone() {
    return link() == null && !isWaiting() && pins.isEmpty() && pool.mode() == PoolMode.TRANSACTION;
  }

  // ---- the channel ----

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    wire = new ClientWire(ctx);
    gateway.opened(this);
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    ByteBuf data = (ByteBuf) message;
    if (ended) {
      data.release();
      return;
    }
    inbox.add(data, ctx.alloc());
    if (inbox.isLong()) {
      inbox.process();
    }
  }

  /// What arrived together is looked at together: a question that came in two pieces is still one.
  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    if (!ended) {
      inbox.process();
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    ServerLink from = link();
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
    witness.forget();
    if (wire != null) {
      wire.drop();
    }
    boolean isClean = forwarder.isEmpty() && !forwarder.isUnsynced() && !pins.contains(Pin.LOAD);
    inbox.drop();
    forwarder.drop();
    detour.drop();
    server.abandon(isClean);
  }

  // ---- what the client says ----

  /// The messages at hand have been taken.
  ///
  /// @param isLong much is left that can't be taken yet
  /// @param isHeldUp by what is not answered yet
  void processed(boolean isLong, boolean isHeldUp) {
    boolean isStuck =
        isHeldUp || isWaiting() || server.isAdopting() || recall.isWaiting() || detour.isOn();
    ServerLink to = link();
    boolean isFull = to != null && !to.isWritable();
    if (wire != null && !ended) {
      wire.read(!isFull && !(isStuck && isLong));
    }
  }

  /// The client has said that it goes.
  void leaves() {
    ended = true;
    close();
  }

  /// Nothing is under way, and no transaction is open.
  boolean isIdle() {
    ServerLink to = link();
    return to == null
        ? !isWaiting()
        : to.isIdle() && !server.isAdopting() && !forwarder.isUnsynced() && forwarder.isEmpty();
  }

  /// Nothing is under way in a transaction that is open.
  boolean isQuietInTransaction() {
    ServerLink to = link();
    return to != null
        && to.isQuietInTransaction()
        && !server.isAdopting()
        && !forwarder.isUnsynced()
        && forwarder.isEmpty();
  }

  /// Nothing is under way, in a transaction that has not failed or in none.
  boolean isQuiet() {
    return isIdle() || isQuietInTransaction();
  }

  /// What was waited for has come.
  void resume() {
    if (!ended) {
      inbox.process();
    }
  }

  /// Gets a server connection, with this session's settings on it; false to wait.
  boolean attached() {
    return server.isReady(changes.settings());
  }

  /// Checks and books what a statement does to the session; false when it was refused.
  boolean allows(Traits traits, ServerLink to) {
    if (traits.asksSequence() && pool.mode() != PoolMode.SESSION && pins.isEmpty()) {
      boolean isKept = to.status() != 'I' || forwarder.isUnsynced() || server.isSame();
      if (!isKept) {
        replies.refuse(Refusals.SEQUENCE);
        return false;
      }
    }
    if (traits.verb() == Verb.BEGIN && pool.mode() == PoolMode.STATEMENT) {
      replies.refuse(Refusals.TRANSACTION);
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

  boolean answersParse(ByteBuf in, int at, int size) throws ProtocolFault {
    return statements.answersParse(in, at, size, this, gateway.statements());
  }

  int maxMessage() {
    return gateway.config().limits().maxMessage();
  }

  boolean isPipelining() {
    ServerLink to = link();
    return to != null && to.isBusy();
  }

  ByteBuf alloc(int size) {
    ClientWire to = wire;
    if (to == null) {
      throw new IllegalStateException("not connected");
    }
    return to.alloc(size);
  }

  // ---- what the pool and the server say ----

  /// The pool's turn for this client has come.
  void granted(ServerLink granted, long now) {
    server.granted(granted, now);
    if (wire != null) {
      server.paceBy(wire);
    }
    inbox.process();
  }

  /// A replica's connection, for what is at hand.
  void lent(ServerLink replica) {
    server.lent(replica);
    if (wire != null) {
      server.paceBy(wire);
    }
  }

  /// The pool has nothing for this client.
  void denied(ErrorReport why) {
    server.waitsNoLonger();
    recall.denied();
    replies.refuse(why);
    inbox.skipQuery();
    inbox.process();
  }

  void serverWritable(boolean writable) {
    if (wire != null && !ended) {
      wire.read(writable);
    }
  }

  void fromServer(ByteBuf data) {
    if (detour.holds(data)) {
      return;
    }
    recall.answered(data);
    if (wire == null) {
      data.release();
      return;
    }
    wire.write(data);
    ServerLink from = link();
    if (wire.isFull() && from != null) {
      from.pauseReading(true);
    }
  }

  /// Where what the client is told may be held back; null before it is there.
  @Nullable Withheld held() {
    return wire == null ? null : wire.held();
  }

  /// Lets go what was held back.
  void lift(Withheld.Barrier barrier) {
    if (wire != null) {
      wire.lift(barrier);
      server.paceBy(wire);
    }
  }

  void flush() {
    if (wire != null) {
      wire.flush();
    }
  }

  void scriptEnded(Traits traits) {
    if (!changes.scriptEnded(traits)) {
      unknown(traits.changes().stream().anyMatch(Change::isOfIdentity));
    }
  }

  void failed(ErrorReport report) {
    detour.failed(report);
    changes.failed();
    if (!detour.canTurnBack() || !detour.hasFailed()) {
      pool.figures().error(report.sqlState());
    }
  }

  void notAdopted(ErrorReport failure) {
    ServerLink from = link();
    if (from != null && detour.canTurnBack()) {
      server.letGo();
      from.pool().abandoned(from, false);
      turnBack();
      return;
    }
    end(Refusals.notAdopted(failure));
  }

  /// ReadyForQuery has come, or what stands for it.
  void ready() {
    ServerLink from = link();
    if (from == null) {
      return;
    }
    if (server.hasAdopted()) {
      inbox.process();
      return;
    }
    if (detour.isOn()) {
      server.letGo();
      replicaReady(from);
      return;
    }
    byte status = from.status();
    recall.ready(status);
    detour.settle(status);
    if (changes.areOpen()) {
      settle(from, status);
    }
    changes.roundOver();
    boolean isOver = from.isAtRest() && !forwarder.isUnsynced();
    if (isOver) {
      settled();
    }
    boolean isFree = isOver && forwarder.isEmpty() && pool.mode() != PoolMode.SESSION;
    if (isFree && (pins.isEmpty() || draining)) {
      server.letGo();
      flush();
      from.pool().release(from);
    }
    if (draining && isOver) {
      end(Refusals.GOING);
      return;
    }
    if (!inbox.isProcessing()) {
      inbox.process();
    }
  }

  /// A replica is done with what it was asked.
  private void replicaReady(ServerLink from) {
    settled();
    boolean isAnswered = detour.isAnswered();
    flush();
    from.pool().release(from);
    if (!isAnswered) {
      turnBack();
    } else if (draining) {
      end(Refusals.GOING);
    } else if (!inbox.isProcessing()) {
      inbox.process();
    }
  }

  /// The replica is of no use: the primary is asked.
  private void turnBack() {
    server.forgetAdopting();
    forwarder.forget();
    settled();
    ByteBuf asked = detour.turnBack();
    if (wire == null) {
      asked.release();
      return;
    }
    inbox.putBack(asked, wire.alloc());
    inbox.process();
  }

  /// Nothing is under way.
  private void settled() {
    changes.roundOver();
    changes.over();
    work.over();
    witness.over();
    statements.over();
  }

  /// It has other settings than those that are known.
  private void unknown(boolean isIdentity) {
    pins.add(Pin.SETTING);
    if (isIdentity) {
      pins.add(Pin.IDENTITY);
    }
  }

  private void settle(ServerLink from, byte status) {
    SessionChanges.Settled now = changes.ready(status);
    if (now.unknown()) {
      unknown(now.identity());
    }
    if (!now.lost().isEmpty()) {
      server.loses(now.lost());
    }
    if (status == 'I') {
      from.settled(now.made(), changes.settings());
      if (now.discarded()) {
        pins.clear();
      }
    }
  }

  /// Finishes what is under way, then closes.
  void drain() {
    draining = true;
    ServerLink held = link();
    if (held == null && isIdle() && !recall.isWaiting()) {
      end(Refusals.GOING);
    } else if (held != null && held.isAtRest() && !forwarder.isUnsynced()) {
      ready();
    }
  }

  /// True when it holds its server connection for more than a pin.
  boolean isInTransaction() {
    ServerLink held = link();
    return held != null && (held.status() != 'I' || forwarder.isUnsynced());
  }

  /// Whether or not it takes what it is told, the server connection is wanted by others.
  void timedOut(ErrorReport why) {
    end(why);
    recall.lost();
    witness.forget();
    server.abandon(false);
  }

  /// A cancel request came for this client.
  void cancel() {
    if (isWaiting() || recall.isWaiting()) {
      pool.leaveQueue(this);
      denied(Refusals.CANCELLED);
      return;
    }
    ServerLink held = link();
    if (held != null && held.isBusy()) {
      held.cancels().send(held);
    }
  }

  /// The server connection is gone.
  void serverLost(@Nullable ErrorReport why) {
    server.letGo();
    if (detour.canTurnBack()) {
      turnBack();
      return;
    }
    detour.drop();
    recall.lost();
    witness.forget();
    if (server.isAgain()) {
      return;
    }
    if (why == null) {
      ended = true;
      close();
    } else {
      end(why);
    }
  }

  /// Says why, and closes.
  void end(ErrorReport why) {
    if (ended) {
      return;
    }
    ended = true;
    detour.drop();
    ByteBuf answer = alloc(256);
    why.write(answer);
    fromServer(answer);
    close();
  }

  private void close() {
    if (wire != null) {
      wire.close();
    }
  }
}
