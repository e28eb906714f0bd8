package dev.freshet.changes;

import dev.freshet.base.Time;

/// How far behind the feed is, measured from end to end: a note is written to the log now and then,
/// and what counts is when the position behind it is published.
final class Lag {
  private final Time time;
  private long heardOf;
  private long last;
  private long published;
  private boolean isPending;
  private long pendingSince;
  private long pendingPosition;

  Lag(Time time) {
    this.time = time;
    this.heardOf = time.nanos();
  }

  /// A note was written.
  ///
  /// @param since when it was begun
  /// @param position of the note
  synchronized void noted(long since, long position) {
    if (Long.compareUnsigned(published, position) > 0) {
      heard(since);
    } else if (!isPending) {
      isPending = true;
      pendingSince = since;
      pendingPosition = position;
    }
  }

  synchronized void published(long position) {
    published = position;
    if (isPending && Long.compareUnsigned(position, pendingPosition) > 0) {
      isPending = false;
      heard(pendingSince);
    }
  }

  /// Everything that was committed at this moment is published, or not vouched for.
  synchronized void begun(long since) {
    heardOf = Math.max(heardOf, since);
  }

  /// Everything that was committed at this moment is published.
  synchronized long heardOf() {
    return heardOf;
  }

  private void heard(long since) {
    heardOf = Math.max(heardOf, since);
    last = time.nanos() - since;
  }

  /// How long ago everything was published that is published now, at most.
  synchronized long stalenessNanos() {
    return time.nanos() - heardOf;
  }

  /// How long the last note took from its writing to its publication.
  synchronized long lastNanos() {
    return isPending ? Math.max(last, time.nanos() - pendingSince) : last;
  }
}
