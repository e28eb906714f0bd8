package dev.freshet.load;

import dev.freshet.base.Rolls;
import java.util.ArrayDeque;
import java.util.List;

/// The browsers of visitors on one event loop: each with connections and a cache of its own. Who
/// comes back has what he has kept.
final class Browsers {
  /// Connections that a browser opens to one host, over HTTP/1.1.
  static final int CONNECTIONS = 6;

  private static final int MOST_LEFT = 1_000;
  private static final long SPREAD = 0x9e3779b97f4a7c15L;
  private final Lane lane;
  private final double returning;
  private final PageFiles files;
  private final ArrayDeque<PrivateCache> left = new ArrayDeque<>();

  Browsers(Lane lane, Browsing browsing) {
    this.lane = lane;
    this.returning = browsing.returning();
    this.files = new PageFiles(lane.aim().origin());
  }

  /// Of a visitor who was not there before on these connections: what somebody has left, or an
  /// empty one. Equal numbers do the same as long as somebody has left one.
  PrivateCache of(long visitor) {
    PrivateCache again = isBack(visitor) ? left.pollFirst() : null;
    return again == null ? new PrivateCache() : again;
  }

  /// Of a user who begins another visit: his own, or an empty one.
  PrivateCache of(long visitor, PrivateCache own) {
    return isBack(visitor) ? own : new PrivateCache();
  }

  private boolean isBack(long visitor) {
    return new Rolls(visitor * SPREAD).chance(returning);
  }

  /// A visit is over.
  void left(PrivateCache cache) {
    if (left.size() < MOST_LEFT && !cache.isEmpty()) {
      left.addLast(cache);
    }
  }

  /// Goes on with what the browser has kept, if it may be used without asking.
  ///
  /// @return false when somebody must be asked
  boolean knows(Session session, PrivateCache cache, Call call, long intended) {
    PrivateCache.Kept kept = cache.fresh(call, session.cookies(), lane.now());
    if (kept == null) {
      return false;
    }
    Reply known = Reply.of(kept.status());
    var _ = lane.tell(session, call, known);
    // No request was made, so it is in no figure of requests.
    var _ = lane.goesOn(session, new Outcome(call, known, intended, lane.now(), false));
    if (kept.isPage()) {
      new PageView(lane, session, cache, call, intended, false).kept(kept.files());
    } else {
      lane.goOn(session, call, lane.now());
    }
    return true;
  }

  /// What the visitor sees of an answer: what was kept, where that is said to be still so.
  static Reply seen(Session session, Call call, Reply reply) {
    PrivateCache cache = session.cache;
    PrivateCache.Kept kept =
        cache == null || reply.status() != 304 ? null : cache.of(call, session.cookies());
    return kept == null ? reply : reply.as(kept.status());
  }

  /// Keeps an answer, and loads what the page names if it is one.
  ///
  /// @param cookies that were sent
  void answered(
      Session session, PrivateCache cache, Call call, String cookies, Reply reply, long now) {
    PrivateCache.Kept before = cache.of(call, cookies);
    boolean isKnown = reply.status() == 304 && before != null && before.isPage();
    List<String> found = reply.isPage() ? files.of(call.target(), reply) : List.of();
    long took = now - session.sent;
    List<String> loads = cache.keep(call, cookies, reply, found, took, now, lane.millis());
    if (call.method().equals("GET") && (reply.isPage() || isKnown)) {
      new PageView(lane, session, cache, call, session.intended, session.isFirst)
          .came(reply, loads);
    } else {
      lane.goOn(session, call, now);
    }
  }
}
