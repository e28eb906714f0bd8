package dev.freshet.gateway;

import org.jspecify.annotations.Nullable;

/// Since when a server connection exists, who had it last, and for how long.
final class Tenure {
  private final PoolStats stats;
  private final long createdNanos;
  private final int generation;
  private @Nullable ClientSession last;
  private long askedAt;
  private long gotAt;
  private long idleSince;
  private boolean isHeld;

  Tenure(Pool pool, long now) {
    this.stats = pool.stats();
    this.generation = pool.generation();
    this.createdNanos = now;
    this.idleSince = now;
  }

  /// Given to a client.
  ///
  /// @param asked when it began to wait for one
  void begins(ClientSession client, long asked, long now) {
    last = client;
    askedAt = asked;
    gotAt = now;
    isHeld = true;
  }

  void ends(long now) {
    if (isHeld) {
      stats.gaveBack(askedAt, gotAt, now);
    }
    isHeld = false;
    idleSince = now;
  }

  /// Nothing that anybody left is there any more.
  void forget() {
    last = null;
  }

  boolean wasOf(ClientSession client) {
    return client.equals(last);
  }

  long createdNanos() {
    return createdNanos;
  }

  /// The pool's when it was opened.
  int generation() {
    return generation;
  }

  long idleSince() {
    return idleSince;
  }
}
