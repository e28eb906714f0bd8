package dev.freshet.edge;

import java.util.concurrent.atomic.AtomicLong;

/// One's share of the octets that all together may hold, as one fill's of what all fills keep; used
/// on one loop only.
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

  /// Gives back what is beyond that.
  void shrinkTo(long total) {
    long less = Math.max(0, mine - total);
    all.addAndGet(-less);
    mine -= less;
  }

  void giveBack() {
    shrinkTo(0);
  }
}
