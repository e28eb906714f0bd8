package dev.freshet.gateway;

import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/// How far the primary's log reached, and when: what replicas are measured by. Every round has a
/// number, and begins before the primary is asked.
final class Rounds {
  private static final int MAX = 64;

  /// @param position of the end of the log when the primary was asked
  record Round(long number, long position, long timeline, long nanos) {}

  private final Deque<Round> known = new ArrayDeque<>();
  private long count;

  /// One begins; its number.
  long begin() {
    return ++count;
  }

  /// The number of the round that began last.
  long count() {
    return count;
  }

  /// The primary has answered.
  ///
  /// @param lagNanos so far back a replica may be
  void ended(Round round, long lagNanos) {
    known.addLast(round);
    thin(lagNanos);
  }

  /// Whether anything is known of later ones than that.
  boolean areBehind(long number) {
    Round last = known.peekLast();
    return last != null && last.number() > number;
  }

  /// The last one whose end of the log a server has passed; what it had passed before where there
  /// is none later.
  @Nullable Round passed(@Nullable Round before, long position, long timeline) {
    Round out = before;
    for (Round round : known) {
      boolean isNewer = out == null || round.number() > out.number();
      if (isNewer
          && round.timeline() == timeline
          && Long.compareUnsigned(round.position(), position) <= 0) {
        out = round;
      }
    }
    return out;
  }

  void forget() {
    known.clear();
  }

  /// Rounds that follow each other closely make room for those that reach as far back as a replica
  /// may be behind.
  private void thin(long lagNanos) {
    if (known.size() <= MAX) {
      return;
    }
    Round last = known.removeLast();
    Round between = known.removeLast();
    Round before = known.getLast();
    if (last.nanos() - before.nanos() > lagNanos / (MAX / 2)) {
      known.removeFirst();
      known.addLast(between);
    }
    known.addLast(last);
  }
}
