package dev.freshet.live;

import dev.freshet.http.Caller;
import dev.freshet.http.RequestHead;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// One connected client. What it is told goes through here on its own loop, in order; what a slow
/// one can't take is skipped, and made good by whole states as soon as it can.
final class Subscriber {
  /// How it is spoken to.
  interface Line {
    void send(Event event);

    void close(int code, String why);
  }

  private final Hub hub;
  private final Caller caller;
  private final Line line;

  /// What every request in its name is made from.
  private final RequestHead head;

  private final Runnable ended;

  /// Of the hub's thread.
  final Map<String, Subscription> subscriptions = new LinkedHashMap<>();

  // ---- of its loop ----
  private final Set<String> skipped = new HashSet<>();
  private boolean resyncing;
  private boolean over;

  private volatile long saidAt;
  private volatile long heardAt;

  Subscriber(Hub hub, Caller caller, Line line, RequestHead head, Runnable ended) {
    this.hub = hub;
    this.caller = caller;
    this.line = line;
    this.head = head;
    this.ended = ended;
    this.saidAt = hub.nanos();
    this.heardAt = saidAt;
  }

  Caller caller() {
    return caller;
  }

  RequestHead head() {
    return head;
  }

  /// When it was last told anything, nanoseconds.
  long saidAt() {
    return saidAt;
  }

  /// When it last said anything, nanoseconds.
  long heardAt() {
    return heardAt;
  }

  void heard() {
    heardAt = hub.nanos();
  }

  /// Tells it; on its loop.
  void take(Event event) {
    if (over) {
      return;
    }
    boolean isRoom = caller.isWritable();
    String url = event.url();
    switch (event.kind()) {
      case WHOLE, NEXT -> {
        boolean isGap = url != null && skipped.contains(url) && event.kind() == Event.Kind.NEXT;
        if (isGap || !isRoom) {
          if (url != null) {
            skipped.add(url);
          }
          resyncing &= isRoom;
          hub.figures().skipped.increment();
          return;
        }
        skipped.remove(url);
      }
      case END -> skipped.remove(url);
      case CONTROL -> {}
      case BEAT -> {
        if (!isRoom) {
          return;
        }
      }
    }
    if (!isRoom) {
      // It can't be skipped: who takes nothing has to come again.
      close(WebSocketFrames.POLICY, "too slow");
      return;
    }
    resyncing &= !skipped.isEmpty();
    saidAt = hub.nanos();
    line.send(event);
  }

  /// It can take more; on its loop.
  void writable() {
    if (over || skipped.isEmpty() || resyncing || !caller.isWritable()) {
      return;
    }
    resyncing = true;
    List<String> urls = List.copyOf(skipped);
    hub.figures().resyncs.increment();
    line.send(Event.resync(urls));
    hub.repeat(this, urls);
  }

  /// Ends it from our side; on its loop.
  void close(int code, String why) {
    if (!over) {
      over = true;
      line.close(code, why);
      ended.run();
      hub.leave(this);
    }
  }

  /// It went away; on its loop.
  void gone() {
    if (!over) {
      over = true;
      ended.run();
      hub.leave(this);
    }
  }
}
