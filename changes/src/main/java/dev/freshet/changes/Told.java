package dev.freshet.changes;

import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/// A position up to which everything is folded, and what has to come true before it is published.
///
/// @param xid of the transaction that ended there, without its epoch; null for a place between two
/// @param after has to be done first; null for nothing
record Told(long position, @Nullable Integer xid, @Nullable CompletableFuture<Void> after) {

  static Told place(long position) {
    return new Told(position, null, null);
  }

  boolean isPlace() {
    return xid == null && after == null;
  }
}
