package dev.freshet.edge;

import java.util.concurrent.atomic.AtomicLong;

/// One fill's share of the octets that all fills together may hold; used on its trip's loop only.
final class Reservation {
  private final AtomicLong all;
  private final long most;
  private long mine;

  /// @param all what everybody holds
  /// @param most what everybody may hold
  Reservation(AtomicLong all, long most) {
    this.all = all;
    this.most = most;
  }

  /// Makes it as large as that, if there is room.
  boolean growTo(long total) {
    long more = total - mine;
    if (more <= 0) {
      return true;
    }
    if (all.addAndGet(more) > most) {
      all.addAndGet(-more);
      return false;
    }
    mine = total;
    return true;
  }

  void giveBack() {
    all.addAndGet(-mine);
    mine = 0;
  }
}
