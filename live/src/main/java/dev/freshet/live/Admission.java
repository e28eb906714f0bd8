package dev.freshet.live;

import dev.freshet.http.FieldName;
import dev.freshet.http.RequestHead;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// Who may open a channel.
///
/// A browser sends the user's cookies with a channel that any page opens, and no rule of the
/// browser's keeps that page from reading a WebSocket (cross-site WebSocket hijacking): so where a
/// browser says which page it is, that must be one of this site, or named in the configuration.
final class Admission {
  private static final FieldName FETCH_SITE = FieldName.of("Sec-Fetch-Site");

  private final LiveConfig config;
  private final Map<String, Integer> byAddress = new ConcurrentHashMap<>();
  private final AtomicInteger clients = new AtomicInteger();

  Admission(LiveConfig config) {
    this.config = config;
  }

  /// Why a channel is refused.
  record Refused(int status, String reason, String text) {}

  /// Null when it may be opened: then [#leave] when it ends.
  @Nullable Refused enter(RequestHead head, String address) {
    if (!isAtHome(head)) {
      return new Refused(
          403,
          "origin",
          "This page is not one of this site. Pages of other sites need to be named in"
              + " live.origins.");
    }
    if (clients.incrementAndGet() > config.maxClients()) {
      clients.decrementAndGet();
      return new Refused(503, "full", "Too many clients are connected.");
    }
    int own = byAddress.merge(address, 1, Integer::sum);
    if (own > config.maxPerAddress()) {
      leave(address);
      return new Refused(429, "address", "Too many clients are connected from this address.");
    }
    return null;
  }

  void leave(String address) {
    clients.decrementAndGet();
    byAddress.computeIfPresent(address, (a, count) -> count == 1 ? null : count - 1);
  }

  /// Where the client is, as far as that may be believed.
  String address(RequestHead head, InetSocketAddress peer) {
    List<String> told = head.fields().all(FieldName.X_FORWARDED_FOR);
    if (config.trustForwarded() && !told.isEmpty()) {
      String last = told.getLast();
      return last.substring(last.lastIndexOf(',') + 1).strip();
    }
    return peer.getAddress().getHostAddress();
  }

  /// True when the page that opens the channel is on another site, but named.
  boolean isNamedOrigin(RequestHead head) {
    String origin = head.fields().first(FieldName.ORIGIN);
    return origin != null && config.origins().contains(origin.toLowerCase(Locale.ROOT));
  }

  private boolean isAtHome(RequestHead head) {
    List<String> origins = head.fields().all(FieldName.ORIGIN);
    if (origins.size() > 1) {
      return false;
    }
    if (origins.isEmpty()) {
      // No browser opens a WebSocket without it, nor an event stream of another site's.
      String site = head.fields().first(FETCH_SITE);
      return site == null || site.equals("same-origin") || site.equals("none");
    }
    String origin = origins.getFirst().toLowerCase(Locale.ROOT);
    String home = "://" + head.authority();
    boolean isOwn =
        origin.equals(head.scheme() + home)
            // TLS may end in front of Freshet; the other way round nobody would do it.
            || (head.scheme().equals("http") && origin.equals("https" + home));
    return isOwn || config.origins().contains(origin);
  }
}
