package dev.freshet.gateway;

import dev.freshet.pgwire.ErrorReport;
import dev.freshet.pgwire.Frames;
import dev.freshet.pgwire.ProtocolFault;
import dev.freshet.pgwire.Tag;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import org.jspecify.annotations.Nullable;

/// What a client has said and nobody has taken yet: cut into messages, each of which goes to the
/// one who has to do with it.
final class ClientInbox {
  private final ClientSession session;
  private final Forwarder forwarder;
  private final Recall recall;

  private @Nullable ByteBuf pending;
  private boolean discardToSync;
  private int discarding;
  private boolean processing;

  /// The message at hand is the server's, as far as memory goes.
  private boolean isPassing;

  /// What it names depends on what is not answered yet.
  private boolean isHeldUp;

  private final Held held;
  private int holding;

  ClientInbox(ClientSession session, Forwarder forwarder, Recall recall, Held held) {
    this.session = session;
    this.held = held;
    this.forwarder = forwarder;
    this.recall = recall;
  }

  /// Takes over what has arrived.
  void add(ByteBuf data, ByteBufAllocator alloc) {
    pending = Pieces.joined(pending, data, alloc);
  }

  /// Whether so much is there that more need not be waited for.
  boolean isLong() {
    ByteBuf in = pending;
    return in != null && in.readableBytes() > Forwarder.STREAM;
  }

  /// What had been taken has to be taken again, before the rest.
  void putBack(ByteBuf taken, ByteBufAllocator alloc) {
    ByteBuf rest = pending;
    pending = rest == null ? taken : Pieces.joined(taken, rest, alloc);
    // It does not come again: it was on its way.
    isPassing = true;
  }

  void drop() {
    giveBack();
    if (pending != null) {
      pending.release();
      pending = null;
    }
  }

  /// True while messages are being taken: who is called then need not ask for it.
  boolean isProcessing() {
    return processing;
  }

  /// Whether the message at hand is a simple query.
  boolean isAtQuery() {
    ByteBuf in = pending;
    return in != null && in.isReadable() && in.getByte(in.readerIndex()) == Tag.QUERY;
  }

  /// What comes before the next Sync depends on what failed, and is not heeded.
  void discardToSync() {
    discardToSync = true;
  }

  /// The query at hand has been answered.
  void skipQuery() {
    ByteBuf in = pending;
    if (in != null && !discardToSync && isAtQuery()) {
      isOver();
      in.skipBytes(in.getInt(in.readerIndex() + 1) + 1);
    }
  }

  /// Takes as many messages as can be taken now.
  void process() {
    if (processing) {
      return;
    }
    processing = true;
    isHeldUp = false;
    try {
      boolean goOn = true;
      while (goOn && !session.isEnded() && pending != null && pending.isReadable()) {
        int at = pending.readerIndex();
        goOn = step(pending);
        if (pending.readerIndex() != at) {
          isOver();
        }
      }
    } catch (ProtocolFault e) {
      session.end(ErrorReport.fatal(e.sqlState(), e.getMessage() + "", null));
    } finally {
      processing = false;
    }
    forwarder.hand();
    recall.flush();
    if (pending != null && !pending.isReadable()) {
      pending.release();
      pending = null;
    }
    session.processed(isLong(), isHeldUp);
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
    if (tag != Tag.TERMINATE && !session.detour().maySend()) {
      return false;
    }
    if (discardToSync && tag != Tag.SYNC && tag != Tag.QUERY && tag != Tag.TERMINATE) {
      discarding = size;
      return true;
    }
    if (size > Forwarder.STREAM && holding == 0 && isRead(tag) && !hold(tag, size)) {
      discarding = size;
      return true;
    }
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
      session.leaves();
      return false;
    }
    if (answersAlone(tag)) {
      discarding = size;
      return true;
    }
    boolean isOurs = (session.isIdle() || recall.isReadOnly()) && !session.detour().isOn();
    Recall.Step step = isOurs ? recall.take(in, isPassing) : Recall.Step.PASSES;
    if (step != Recall.Step.PASSES) {
      return step == Recall.Step.ANSWERED;
    }
    if (tag == Tag.PARSE && !isPassing && session.answersParse(in, at, size)) {
      return true;
    }
    isPassing = true;
    session.detour().begin(in);
    boolean isAttached = session.attached();
    ServerLink to = session.link();
    if (to == null || !isAttached) {
      // Denied at once: what comes next is looked at in turn.
      return to == null && !session.isWaiting();
    }
    isHeldUp = forwarder.mustWait(in, tag, at, size, to);
    if (isHeldUp) {
      return false;
    }
    forwarder.take(in, tag, at, size, to);
    session.detour().sent(size);
    return true;
  }

  /// What comes here is Sync or a simple query.
  private boolean discard(ByteBuf in, byte tag, int size) {
    discardToSync = false;
    if (tag == Tag.SYNC) {
      in.skipBytes(size);
      session.replies().ready();
    }
    return true;
  }

  /// Whether it has to be whole before it can go on.
  private static boolean isRead(byte tag) {
    return tag != Tag.BIND && tag != Tag.COPY_DATA && tag != Tag.FUNCTION_CALL;
  }

  /// Room for a long message; false when it was refused.
  private boolean hold(byte tag, int size) throws ProtocolFault {
    int most = session.maxMessage();
    boolean isTooLong = size > most;
    if (!isTooLong && held.take(size, most)) {
      holding = size;
      return true;
    }
    if (tag != Tag.QUERY && tag != Tag.PARSE) {
      throw new ProtocolFault("a message '" + (char) tag + "' of " + size + " octets");
    }
    session
        .replies()
        .refuse(tag, isTooLong ? Refusals.tooLong(size, most) : Refusals.tooMuchHeld(size));
    return false;
  }

  /// The message at hand has been taken.
  private void isOver() {
    isPassing = false;
    giveBack();
  }

  private void giveBack() {
    held.giveBack(holding);
    holding = 0;
  }

  /// What needs no server because there is nothing under way.
  private boolean answersAlone(byte tag) {
    if (session.link() != null || session.isWaiting()) {
      return false;
    }
    if (tag == Tag.SYNC) {
      session.replies().ready();
      return true;
    }
    return tag == Tag.FLUSH || tag == Tag.COPY_DATA || tag == Tag.COPY_DONE || tag == Tag.COPY_FAIL;
  }
}
