package dev.freshet.edge;

import dev.freshet.base.Time;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.SequencedSet;
import java.util.concurrent.TimeUnit;

/* Admission of requests to one origin, over all event loops.
 *
 * A request counts while it is the app's turn: from when it is complete until its answer begins. So
 * neither a client that sends slowly nor one that reads slowly, nor a stream of events or a
 * WebSocket, takes a place from others. Beyond the limit requests wait, first come first served;
 * one that can't have its turn in time is refused when it comes, and not after it has waited.
 *
 * What is answered from memory never comes here.
 */

/// Lets as many requests through to an origin as it works on well.
final class Gate {
  private static final long MOST_KEPT_NANOS = TimeUnit.SECONDS.toNanos(5);

  /// So many go ahead at a time, waiting or beyond the limit the app's turn: who guesses such a
  /// path can neither give the app more than it works on well nor keep others from it. More than
  /// that wait as all do.
  private static final int ROOM_AHEAD = 4;

  private final OriginConfig.Admission config;
  private final Time time;
  private final AdaptiveLimit limit;
  private final SequencedSet<Turn> waitingFirst = new LinkedHashSet<>();
  private final SequencedSet<Turn> waiting = new LinkedHashSet<>();
  private int ahead;
  private int taken;
  private int atLeisure;
  private int lent;

  Gate(OriginConfig.Admission config, Time time) {
    this.config = config;
    this.time = time;
    this.limit = new AdaptiveLimit(config.most(), time.nanos());
  }

  /// What becomes of a request that asks.
  enum Entry {
    NOW,
    LATER,
    REFUSED
  }

  /// Asks for a turn.
  ///
  /// @param isFirst true to let it through in any case, since it had its turn already
  Entry ask(Turn turn, boolean isFirst) {
    synchronized (this) {
      limit.at(time.nanos());
      turn.isFirst = turn.isAhead() && ahead < ROOM_AHEAD;
      boolean isNext = queue(turn).isEmpty();
      if (isFirst || !config.limited() || (isNext && hasRoom(turn))) {
        ahead += turn.isFirst ? 1 : 0;
        take(turn);
        return Entry.NOW;
      }
      limit.seen(taken, true);
      int before = waitingFirst.size() + (turn.isFirst ? 0 : waiting.size());
      boolean isTooLate = limit.waitNanos(before + 1) > config.patience().toNanos();
      if (isTooLate || waiting() >= config.waitingMax()) {
        turn.state = Turn.State.OVER;
        return Entry.REFUSED;
      }
      ahead += turn.isFirst ? 1 : 0;
      queue(turn).add(turn);
      return Entry.LATER;
    }
  }

  /// Asks for a turn for what nobody waits for, which there is at once or not at all.
  ///
  /// @param isSought as in [#hasLeisure]
  /// @return whether it is its turn
  synchronized boolean askAtLeisure(Turn turn, boolean isSought) {
    if (!hasLeisure(isSought)) {
      return false;
    }
    turn.isAtLeisure = true;
    atLeisure++;
    take(turn);
    return true;
  }

  private SequencedSet<Turn> queue(Turn turn) {
    return turn.isFirst ? waitingFirst : waiting;
  }

  private boolean hasRoom(Turn turn) {
    return taken < limit.now() + (turn.isFirst ? ROOM_AHEAD : 0);
  }

  private void take(Turn turn) {
    turn.state = Turn.State.TAKEN;
    turn.beganNanos = time.nanos();
    turn.generation = limit.generation();
    taken++;
    limit.seen(taken, false);
  }

  /// The client is still sending: the turn is another's meanwhile, unless so many send already that
  /// the app would be given twice its limit when they are done.
  void lend(Turn turn) {
    end(turn, Turn.State.LENT);
  }

  /// The client has sent everything: it is the app's turn, whether there is room or not.
  synchronized void takeBack(Turn turn) {
    if (turn.state == Turn.State.LENT) {
      lent--;
      take(turn);
    } else if (turn.state == Turn.State.TAKEN) {
      turn.beganNanos = time.nanos();
    }
  }

  /// The answer has begun.
  ///
  /// @param tells whether the time it took says something about the app's work
  void answered(Turn turn, boolean tells) {
    synchronized (this) {
      if (turn.state == Turn.State.TAKEN && tells) {
        long now = time.nanos();
        limit.answered(now - turn.beganNanos, turn.generation, now);
      }
    }
    leave(turn);
  }

  /// The request is over, or nobody waits for it any more. Does nothing the second time.
  void leave(Turn turn) {
    end(turn, Turn.State.OVER);
  }

  /// No answer came in time. That tells more of how long answers take than any that came, and the
  /// app is most likely at it still.
  void late(Turn turn) {
    synchronized (this) {
      if (turn.state == Turn.State.TAKEN) {
        long now = time.nanos();
        limit.answered(now - turn.beganNanos, turn.generation, now);
      }
    }
    abandon(turn);
  }

  /// The client went away while the app is at its request. Most apps don't notice and work on, so
  /// its place is kept for as long as an answer takes.
  void abandon(Turn turn) {
    long left;
    synchronized (this) {
      left = turn.state == Turn.State.TAKEN ? limit.answerNanos() : 0;
    }
    if (left > 0) {
      turn.later(() -> leave(turn), Math.min(left, MOST_KEPT_NANOS));
    } else {
      leave(turn);
    }
  }

  /// It has waited long enough; false when its turn came just then.
  synchronized boolean giveUp(Turn turn) {
    if (!queue(turn).remove(turn)) {
      return false;
    }
    over(turn);
    return true;
  }

  private void over(Turn turn) {
    turn.state = Turn.State.OVER;
    ahead -= turn.isFirst ? 1 : 0;
  }

  private void end(Turn turn, Turn.State next) {
    List<Turn> come = new ArrayList<>(1);
    synchronized (this) {
      boolean isTooMuch = next == Turn.State.LENT && lent >= limit.now();
      if (turn.state == Turn.State.OVER || isTooMuch) {
        return;
      }
      switch (turn.state) {
        case WAITING -> queue(turn).remove(turn);
        case TAKEN -> {
          taken--;
          atLeisure -= turn.isAtLeisure ? 1 : 0;
        }
        case LENT -> lent--;
        case OVER -> {}
      }
      if (next == Turn.State.OVER) {
        over(turn);
      } else {
        lent++;
        turn.state = next;
      }
      limit.at(time.nanos());
      letIn(waitingFirst, come);
      letIn(waiting, come);
      if (waiting() > 0) {
        limit.seen(taken, true);
      }
    }
    come.forEach(Turn::call);
  }

  private void letIn(SequencedSet<Turn> queue, List<Turn> come) {
    while (!queue.isEmpty() && hasRoom(queue.getFirst())) {
      Turn first = queue.removeFirst();
      take(first);
      come.add(first);
    }
  }

  /// Whether the app may be given one more that nobody waits for: only while none has to wait for
  /// its turn and another place is left for who comes next, and never more than a quarter of what
  /// it works on well, or one.
  ///
  /// @param isSought whether some visitor will most likely want it: then he would take the turn
  ///   later, and it may be taken now although others wait, in that quarter. An app that is given
  ///   little at a time gives none
  synchronized boolean hasLeisure(boolean isSought) {
    limit.at(time.nanos());
    int now = limit.now();
    boolean isFew = (atLeisure + 1) * 4 <= Math.max(4, now);
    boolean isFree = waiting() == 0 && taken + 1 < now;
    boolean hasShare = isSought && now >= AdaptiveLimit.LEAST;
    return !config.limited() || (isFew && (isFree || hasShare));
  }

  /// Requests that may be the app's turn at a time.
  synchronized int limit() {
    return config.limited() ? limit.now() : Integer.MAX_VALUE;
  }

  synchronized int taken() {
    return taken;
  }

  synchronized int waiting() {
    return waitingFirst.size() + waiting.size();
  }
}
