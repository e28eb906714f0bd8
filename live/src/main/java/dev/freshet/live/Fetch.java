package dev.freshet.live;

import dev.freshet.http.RequestHead;
import java.net.InetSocketAddress;
import java.util.concurrent.CompletableFuture;

/// Asks for an answer as if the client had sent the request: through the cache, with the client's
/// own fields, so that it shows what the app would give that client and nothing else.
@FunctionalInterface
public interface Fetch {

  /// @param peer the client's address
  /// @return may come on any thread; fails when no answer could be had
  CompletableFuture<Fetched> fetch(RequestHead head, InetSocketAddress peer);
}
