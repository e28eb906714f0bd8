package dev.freshet.edge;

import java.util.concurrent.atomic.AtomicLong;

/// The room that content on its way takes in memory: counted once, however many hold that content,
/// and for as long as one of them does.
///
/// The trip that keeps it holds it, and so does each reader that collects what he reads along; what
/// the trip gives back is theirs until they let it go. One piece without room is enough: then none
/// of it is held any longer by anybody.
final class TrackRoom {
  private final Reservation reservation;
  private boolean isKept = true;
  private int collectors;
  private long wanted;
  private boolean isRefused;

  /// @param all what everybody holds
  /// @param most what everybody may hold
  TrackRoom(AtomicLong all, long most) {
    this.reservation = new Reservation(all, most);
  }

  /// Makes it as large as that, if there is room; only for the trip, while it keeps its content.
  synchronized boolean growTo(long octets) {
    wanted = Math.max(wanted, octets);
    isRefused |= !reservation.growTo(wanted);
    return !isRefused;
  }

  /// The trip keeps its content no longer.
  synchronized void giveBack() {
    isKept = false;
    freeIfUnused();
  }

  /// Holds it until [#letGo], whatever the trip does; false where there is no room any more.
  synchronized boolean hold() {
    if (isRefused || !reservation.growTo(wanted)) {
      return false;
    }
    collectors++;
    return true;
  }

  /// To be called once by each who holds it.
  synchronized void letGo() {
    collectors--;
    freeIfUnused();
  }

  private void freeIfUnused() {
    if (!isKept && collectors == 0) {
      reservation.giveBack();
    }
  }

  /// Whether there was no room for some of it: who holds it is to let it go.
  synchronized boolean isRefused() {
    return isRefused;
  }

  /// Octets that all of it takes, or would take, as far as that is known.
  synchronized long wanted() {
    return wanted;
  }
}
