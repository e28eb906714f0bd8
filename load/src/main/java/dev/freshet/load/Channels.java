package dev.freshet.load;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// The channels of one event loop: opens them for visits, and knows which are open.
///
/// A WebSocket has a connection of its own, and over HTTP/1.1 a stream of events has, too: it takes
/// none that other visitors share. Over HTTP/2 it is a stream on the visitor's connection.
final class Channels {
  private final Lane lane;
  private final Dialler dialler;
  private final Marks marks;
  private final Set<Conversation> open = new HashSet<>();
  private boolean isHurried;

  Channels(Lane lane, Dialler dialler, Marks marks) {
    this.lane = lane;
    this.dialler = dialler;
    this.marks = marks;
  }

  Marks marks() {
    return marks;
  }

  /// Opens one for a visit.
  void begin(Session session, Call call, Talk talk, long intended, boolean isPlanned) {
    session.begin(call, intended);
    Conversation conversation = new Conversation(lane, session, talk);
    open.add(conversation);
    if (isHurried) {
      // Due before the end, noticed after it.
      conversation.hurry();
    }
    boolean isHttp2 = lane.aim().manner().isHttp2();
    if (talk.kind() == Talk.Kind.EVENT_STREAM && isHttp2) {
      new EventStream(lane, conversation, session, session.pool, false).begin(intended, isPlanned);
      return;
    }
    if (isPlanned) {
      session.round.wasLate(intended, lane.now());
    }
    switch (talk.kind()) {
      case WEB_SOCKET -> new WebSocketWire(lane, conversation, session, call).dial(dialler);
      case EVENT_STREAM -> {
        Pool own = new Pool(lane, dialler, 1, 1);
        new EventStream(lane, conversation, session, own, true).begin(intended, false);
      }
    }
  }

  void over(Conversation conversation) {
    open.remove(conversation);
  }

  void start() {
    isHurried = false;
  }

  /// The phase is over.
  ///
  /// @return whether all channels are closed
  boolean end() {
    if (!isHurried) {
      isHurried = true;
      List.copyOf(open).forEach(Conversation::hurry);
    }
    return open.isEmpty();
  }
}
