package dev.freshet.load;

import dev.freshet.http.FieldName;
import dev.freshet.http.Fields;
import java.util.List;
import java.util.Locale;
import java.util.function.LongSupplier;

/// A stream of events that a visitor follows: a call of which the answer is read as it comes.
final class EventStream implements Conversation.Peer {
  private static final String TYPE = "text/event-stream";
  private final Lane lane;
  private final Conversation conversation;
  private final Session session;
  private final Pool pool;
  private final boolean isOwn;
  private final EventReader reader;
  private boolean isOpen;
  private long octets;

  /// @param visit whose it is
  /// @param isOwn whether the pool is for this stream only
  EventStream(Lane lane, Conversation conversation, Session visit, Pool pool, boolean isOwn) {
    this.lane = lane;
    this.conversation = conversation;
    this.pool = pool;
    this.isOwn = isOwn;
    this.session = new Session(visit, pool, this);
    this.session.call = visit.call();
    this.reader = new EventReader(conversation.talk().most());
  }

  void begin(long intended, boolean isPlanned) {
    lane.make(session, session.call(), intended, isPlanned);
  }

  /// The head of the answer has come.
  ///
  /// @param wire octets that it took
  void head(int status, Fields fields, long wire) {
    String type = fields.first(FieldName.CONTENT_TYPE);
    if (status != 200 || type == null || !type.toLowerCase(Locale.ROOT).startsWith(TYPE)) {
      return;
    }
    isOpen = true;
    Reply head = new Reply(status, fields, wire, 0, null);
    lane.opened(session, head);
    conversation.opened(this, head);
  }

  /// More of its content.
  ///
  /// @param wire gives the octets that it took; those of what is no event are left there
  void data(byte[] buffer, int from, int to, LongSupplier wire) {
    if (!isOpen || conversation.isOver()) {
      return;
    }
    octets += wire.getAsLong();
    try {
      reader.read(buffer, from, to, this::event);
    } catch (EventReader.TooLarge e) {
      conversation.broke(Conversation.TOO_LARGE, 0);
    }
  }

  private void event(Reply event) {
    long since = octets;
    octets = 0;
    conversation.heard(event, since);
  }

  boolean isOpen() {
    return isOpen;
  }

  /// The answer is whole: the stream has ended, or it was none.
  void ended(Reply reply) {
    if (isOpen) {
      conversation.broke("ended", 0);
    } else {
      List<String> wrong = reply.status() < 400 ? List.of("no event stream") : List.of();
      session.round.answered(session, reply, lane.now(), wrong);
      failed();
    }
    release();
  }

  /// The connection or the stream is gone.
  void broke(String kind) {
    conversation.broke(kind, 0);
    release();
  }

  /// No answer will come, which is counted already.
  void failed() {
    conversation.refused();
    release();
  }

  @Override
  public void send(String text) {
    throw new IllegalStateException("nothing can be sent on a stream of events");
  }

  @Override
  public void close(int code) {
    Slot slot = session.slot;
    session.slot = null;
    if (slot != null) {
      slot.abandon();
    }
    release();
  }

  private void release() {
    session.call = null;
    if (isOwn) {
      pool.close();
    }
  }
}
