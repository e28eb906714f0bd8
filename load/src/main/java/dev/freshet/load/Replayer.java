package dev.freshet.load;

import java.util.concurrent.BlockingQueue;
import org.jspecify.annotations.Nullable;

/// One lane's share of a replay: takes requests when they are due, and those of a session one after
/// the other where they were recorded so. Everything here happens on the lane's loop.
///
/// A request that has to wait for an answer before it counts from when it was due, like one that
/// waits for a connection: nobody who was recorded would have waited less.
final class Replayer {
  private static final long TICK_NANOS = 100_000;

  /// How soon a file that is read too slowly is looked at again.
  private static final long BEHIND_NANOS = 1_000_000;

  private final Lane lane;
  private final Entrance entrance;
  private final Round round;
  private final Replay replay;
  private final BlockingQueue<Due> queue;
  private final long timeout;

  Replayer(Lane lane, Entrance entrance, Round round, Replay replay) {
    this.lane = lane;
    this.entrance = entrance;
    this.round = round;
    this.replay = replay;
    this.queue = replay.queue(round.share);
    this.timeout = lane.aim().timeout().toNanos();
  }

  /// Takes what is due, and comes again when the next is.
  void take() {
    if (!lane.isAt(round)) {
      return;
    }
    // Before the queue is looked at: what is put into it comes first.
    boolean isRead = replay.isRead();
    Due due = queue.peek();
    while (due != null && isDue(due)) {
      queue.remove();
      arrive(due);
      due = queue.peek();
    }
    long now = lane.now();
    if (due != null) {
      long next = round.start + due.nanos();
      entrance.expect(next);
      if (next < round.until()) {
        lane.at(Math.max(next, now + TICK_NANOS), this::take);
      }
    } else if (isRead || now >= round.until()) {
      entrance.expect(Long.MAX_VALUE);
    } else {
      entrance.expect(now);
      lane.at(now + BEHIND_NANOS, this::take);
    }
  }

  private boolean isDue(Due due) {
    long at = round.start + due.nanos();
    return at <= lane.now() && at < round.until();
  }

  private void arrive(Due due) {
    Sitting sitting = due.sitting();
    boolean isFree = sitting.waiting.isEmpty() && sitting.mayBegin(due);
    if (isFree) {
      begin(due, true);
    } else {
      sitting.waiting.add(due);
    }
  }

  private void begin(Due due, boolean isPlanned) {
    Sitting sitting = due.sitting();
    long intended = round.start + due.nanos();
    long now = lane.now();
    Session session = lane.session(round, new OneCall(due.call()), sitting.jar);
    if (now - intended > timeout) {
      session.begin(due.call(), intended);
      round.late(session, now, false);
      return;
    }
    sitting.out.add(due.number());
    session.whenSettled = () -> settled(due);
    lane.next(session, intended, isPlanned);
  }

  /// A request is answered or given up: whoever waits for that may begin.
  private void settled(Due due) {
    Sitting sitting = due.sitting();
    sitting.out.remove(due.number());
    if (sitting.isAtWork) {
      return;
    }
    sitting.isAtWork = true;
    Due next = sitting.waiting.peek();
    while (next != null && sitting.mayBegin(next)) {
      sitting.waiting.remove();
      begin(next, false);
      next = sitting.waiting.peek();
    }
    sitting.isAtWork = false;
  }

  /// A visitor who makes that call and no other.
  private static final class OneCall implements Visits.Visitor {
    private @Nullable Call call;

    OneCall(Call call) {
      this.call = call;
    }

    @Override
    public @Nullable Call next() {
      Call only = call;
      call = null;
      return only;
    }
  }
}
