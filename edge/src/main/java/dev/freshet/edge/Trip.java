package dev.freshet.edge;

import dev.freshet.cache.Entry;
import dev.freshet.http.RequestHead;
import io.netty.channel.EventLoop;
import org.jspecify.annotations.Nullable;

/// What to fetch, for whom.
///
/// @param asked the client's request, for keys and for `Vary`
/// @param sent the request as the origin gets it
/// @param validating the entry whose validators were sent, or null
/// @param fallback a stale entry that may stand in for an error, or null
/// @param coding the leader's preferred coding, or null for none
/// @param shared false when nobody may join
/// @param learning begun before the request is sent
record Trip(
    String key,
    RequestHead asked,
    RequestHead sent,
    Routes.Route route,
    boolean hasSession,
    @Nullable Entry<StoredResponse> validating,
    @Nullable Entry<StoredResponse> fallback,
    @Nullable Coding coding,
    boolean shared,
    Learning learning,
    EventLoop loop) {

  /// Books what it spent its time on, where nobody waited for it.
  void book(Site site) {
    learning.book(site, route.rule(), asked, learning.clock().began(), 0, true);
  }
}
