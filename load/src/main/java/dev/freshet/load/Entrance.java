package dev.freshet.load;

import dev.freshet.load.Phase.Shape;
import org.jspecify.annotations.Nullable;

/// Where the visitors of one round come in on one event loop: users, who begin anew when a visit is
/// over, or arrivals at times that are fixed before the round begins.
final class Entrance {
  /// Arrivals that are due this soon start together.
  private static final long TICK_NANOS = 100_000;

  /// Users begin over so long, or over the warm-up when that is longer, lest all connect at once.
  private static final long SPREAD_NANOS = 1_000_000_000;

  private final Lane lane;
  private final Round round;
  private final Visits visits;
  private final @Nullable Browsers browsers;
  private long arrivals;
  private long visitors;

  /// When the next arrival is due; [Long#MAX_VALUE] when there is none.
  private long nextDue = Long.MAX_VALUE;

  Entrance(Lane lane, Round round, Visits visits, @Nullable Browsers browsers) {
    this.lane = lane;
    this.round = round;
    this.visits = visits;
    this.browsers = browsers;
    this.arrivals = round.share;
    this.visitors = round.share;
  }

  void open() {
    switch (round.phase.shape()) {
      case Shape.Users(int count) -> users(count);
      case Shape.ConstantRate _, Shape.RampRate _ -> arrive(Arrivals.of(round.phase));
      case Shape.Recorded(Replay replay) -> new Replayer(lane, this, round, replay).take();
      case Shape.Pause _ -> {}
    }
  }

  /// Whether somebody is to come yet, so that the round does not end.
  boolean isAwaited() {
    return nextDue < round.until();
  }

  /// Somebody is to come at that moment.
  void expect(long due) {
    nextDue = due;
  }

  private void users(int count) {
    long spread = Math.max(SPREAD_NANOS, round.phase.warmUp().toNanos());
    for (int i = round.share; i < count; i += round.shares) {
      long number = round.first + visitors;
      Visits.Visitor visitor = nextVisitor();
      long pause = visitor.pauseNanos();
      long due = round.start + (pause > 0 ? pause : spread / count * i);
      lane.at(due, () -> begin(visitor, number, due));
    }
  }

  private void begin(Visits.Visitor visitor, long number, long due) {
    if (!lane.isOver(round)) {
      Session session = new Session(round, lane.pool(true), true, visitor);
      session.cache = browsers == null ? null : browsers.of(number);
      lane.next(session, due, false);
    }
  }

  /// Starts who is due. Those due before the end come also when that is noticed after it.
  private void arrive(Arrivals plan) {
    if (!lane.isAt(round)) {
      return;
    }
    long now = lane.now();
    nextDue = due(plan);
    while (nextDue <= now && isAwaited()) {
      Session session = arrival();
      long due = nextDue;
      arrivals += round.shares;
      nextDue = due(plan);
      lane.next(session, due, true);
    }
    if (isAwaited()) {
      lane.at(Math.max(nextDue, lane.now() + TICK_NANOS), () -> arrive(plan));
    }
  }

  private long due(Arrivals plan) {
    long due = plan.due(arrivals);
    return due == Long.MAX_VALUE ? due : round.start + due;
  }

  private Session arrival() {
    long number = round.first + arrivals;
    Session session = new Session(round, lane.pool(false), false, visits.visitor(number));
    session.cache = browsers == null ? null : browsers.of(number);
    round.visitors = arrivals + 1;
    return session;
  }

  /// A user begins another visit.
  void restart(Session session) {
    long number = round.first + visitors;
    session.restart(nextVisitor());
    if (browsers != null && session.cache != null) {
      session.cache = browsers.of(number, session.cache);
    }
  }

  private Visits.Visitor nextVisitor() {
    Visits.Visitor visitor = visits.visitor(round.first + visitors);
    round.visitors = visitors + 1;
    visitors += round.shares;
    return visitor;
  }
}
