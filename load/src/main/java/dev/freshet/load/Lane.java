package dev.freshet.load;

import dev.freshet.base.Time;
import dev.freshet.load.Phase.Shape;
import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// One event loop's work: starts visitors when they are due, sends their calls as connections are
/// free, takes the answers. Everything here happens on the loop.
///
/// Nothing is dropped silently: an arrival without a free connection waits in a queue and counts
/// from when it was due, until its visitor gives up.
final class Lane {
  /// Error kind where too many wait already.
  static final String NO_CONNECTION = "no connection";

  /// Arrivals that are due this soon start together.
  private static final long TICK_NANOS = 100_000;

  private static final long BEAT_NANOS = 10_000_000;
  private static final long SWEEP_MILLIS = 20;
  private static final long BACK_OFF_NANOS = 100_000_000;

  /// Users begin over so long, or over the warm-up when that is longer, lest all connect at once.
  private static final long SPREAD_NANOS = 1_000_000_000;

  private final EventLoop loop;
  private final Dialler dialler;
  private final Visits visits;
  private final Time time;
  private final Aim aim;
  private final long timeout;
  private final byte[] scratch = new byte[65_536];
  private final Pool shared;

  /// Calls that are out or wait for a connection, by when they were made.
  private final Set<Session> out = new LinkedHashSet<>();

  private final List<Pool> own = new ArrayList<>();
  private long arrivals;
  private long visitors;

  /// When the next arrival is due; [Long#MAX_VALUE] when there is none.
  private long nextDue;

  private @Nullable Round round;

  /// @param most connections that visitors share
  Lane(EventLoop loop, Dialler dialler, Visits visits, Time time, Aim aim, int most) {
    this.loop = loop;
    this.dialler = dialler;
    this.visits = visits;
    this.time = time;
    this.aim = aim;
    this.timeout = aim.timeout().toNanos();
    this.shared = new Pool(this, dialler, most, aim.manner().perConnection());
  }

  EventLoop loop() {
    return loop;
  }

  long now() {
    return time.nanos();
  }

  Aim aim() {
    return aim;
  }

  /// For the length of one read only.
  byte[] scratch() {
    return scratch;
  }

  /// Opens the connections that visitors share.
  ///
  /// @param settled told of each, with the error kind or null
  void open(Consumer<@Nullable String> settled) {
    shared.open(settled);
  }

  void start(Round begun) {
    round = begun;
    arrivals = begun.share;
    visitors = begun.share;
    out.clear();
    nextDue = Long.MAX_VALUE;
    switch (begun.phase.shape()) {
      case Shape.Users(int count) -> {
        long spread = Math.max(SPREAD_NANOS, begun.phase.warmUp().toNanos());
        for (int i = begun.share; i < count; i += begun.shares) {
          Visits.Visitor visitor = nextVisitor(begun);
          long pause = visitor.pauseNanos();
          long due = begun.start + (pause > 0 ? pause : spread / count * i);
          at(due, () -> beginUser(begun, visitor, due));
        }
      }
      case Shape.ConstantRate _, Shape.RampRate _ -> arrive(begun, Arrivals.of(begun.phase));
      case Shape.Recorded(Replay replay) -> new Replayer(this, begun, replay).take();
      case Shape.Pause _ -> {}
    }
    beat(begun, begun.start);
    sweep(begun);
  }

  void at(long due, Runnable work) {
    loop.schedule(work, Math.max(0, due - time.nanos()), TimeUnit.NANOSECONDS);
  }

  /// Whether that round is under way.
  boolean isAt(Round of) {
    return of == round;
  }

  /// The round does not end before that moment.
  void expect(long due) {
    nextDue = due;
  }

  /// A visit whose cookies others have, too.
  Session session(Round of, Visits.Visitor visitor, Jar jar) {
    return new Session(of, shared, false, visitor, jar);
  }

  private boolean isOver(Round of) {
    return of != round || time.nanos() >= of.until();
  }

  /// Tells a loop that has too much to do, also where no connection is free and requests can't be
  /// late. A beat due before the end counts also when it comes after it.
  private void beat(Round of, long due) {
    at(
        due,
        () -> {
          if (of == round && due < of.until()) {
            of.beat(due, time.nanos());
            beat(of, due + BEAT_NANOS);
          }
        });
  }

  /// Starts who is due. Those due before the end come also when that is noticed after it.
  private void arrive(Round of, Arrivals plan) {
    if (of != round) {
      return;
    }
    long now = time.nanos();
    nextDue = due(of, plan);
    while (nextDue <= now && nextDue < of.until()) {
      Session session = new Session(of, shared, false, visits.visitor(arrivals));
      long due = nextDue;
      arrivals += of.shares;
      nextDue = due(of, plan);
      next(session, due, true);
    }
    if (nextDue < of.until()) {
      at(Math.max(nextDue, time.nanos() + TICK_NANOS), () -> arrive(of, plan));
    }
  }

  private long due(Round of, Arrivals plan) {
    long due = plan.due(arrivals);
    return due == Long.MAX_VALUE ? due : of.start + due;
  }

  private void beginUser(Round of, Visits.Visitor visitor, long due) {
    if (!isOver(of)) {
      next(new Session(of, pool(), true, visitor), due, false);
    }
  }

  /// Where a user's calls go: his own connection, unless users share them.
  private Pool pool() {
    if (aim.manner().isShared()) {
      return shared;
    }
    Pool pool = new Pool(this, dialler, 1, 1);
    own.add(pool);
    return pool;
  }

  private Visits.Visitor nextVisitor(Round of) {
    Visits.Visitor visitor = visits.visitor(visitors);
    visitors += of.shares;
    return visitor;
  }

  /// Makes the next call of a visit, or ends it.
  ///
  /// @param isPlanned whether it was planned for a certain time, so that it can be late
  void next(Session session, long intended, boolean isPlanned) {
    if (session.round != round) {
      return;
    }
    Call call = call(session, intended);
    if (call == null) {
      return;
    }
    session.begin(call, intended);
    out.add(session);
    Line line = session.pool.take();
    if (line != null) {
      if (isPlanned) {
        session.round.wasLate(intended, time.nanos());
      }
      send(line, session);
    } else if (!session.pool.await(session)) {
      lost(session, NO_CONNECTION);
    }
  }

  /// The next call; null when the visit is over, for a user when none is to be had at all. What a
  /// visitor throws must not take the loop along.
  private @Nullable Call call(Session session, long intended) {
    try {
      Call call = session.visitor.next();
      if (call == null && session.isUser) {
        session.restart(nextVisitor(session.round));
        call = session.visitor.next();
      }
      return call;
    } catch (RuntimeException | StackOverflowError e) {
      session.round.impossible(intended, why(e));
      if (session.isUser) {
        session.restart(nextVisitor(session.round));
        later(session, BACK_OFF_NANOS);
      }
      return null;
    }
  }

  private void later(Session session, long nanos) {
    at(
        time.nanos() + nanos,
        () -> {
          if (!isOver(session.round)) {
            next(session, time.nanos(), false);
          }
        });
  }

  private static List<String> wrong(Session session, Call call, Reply reply) {
    try {
      return session.visitor.answered(call, reply);
    } catch (RuntimeException | StackOverflowError e) {
      return List.of("scenario: " + why(e));
    }
  }

  /// A regular expression that goes too deep ends the stack.
  private static String why(Throwable thrown) {
    return thrown instanceof StackOverflowError
        ? "an expression goes too deep for this answer"
        : String.valueOf(thrown.getMessage());
  }

  void send(Line line, Session session) {
    session.sent = time.nanos();
    session.line = line;
    line.send(session);
  }

  /// A line has the whole answer to its call.
  void answered(Line line, Session session, Reply reply) {
    long now = time.nanos();
    session.line = null;
    line.pool().give(line);
    if (session.round != round) {
      return;
    }
    Call call = session.call();
    try {
      session.round.answered(session, reply, now, wrong(session, call, reply));
      var _ = goesOn(session, call, reply, now);
    } finally {
      out.remove(session);
      session.call = null;
    }
    session.keep(reply.fields());
    session.settle();
    if (isOver(session.round)) {
      return;
    }
    long think = call.thinkNanos();
    if (think == 0) {
      next(session, now, false);
    } else {
      at(
          now + think,
          () -> {
            if (!isOver(session.round)) {
              next(session, now + think, true);
            }
          });
    }
  }

  /// A call has not been answered, since its connection or stream is gone.
  ///
  /// @param mayAgain whether it is sure that sending it once more does no harm and hides nothing
  void broke(@Nullable Session session, String kind, boolean mayAgain) {
    if (session == null || session.round != round) {
      return;
    }
    session.line = null;
    if (mayAgain && !session.isAgain) {
      session.isAgain = true;
      session.round.repeated(session);
      session.pool.again(session);
    } else {
      lost(session, kind);
    }
  }

  /// Something came that nobody had asked for, behind the answer to a step.
  void unasked(String step) {
    Round of = round;
    if (of != null) {
      of.unasked(step, time.nanos());
    }
  }

  void lost(Session session, String kind) {
    if (session.round == round && session.call != null) {
      session.round.lost(session, kind);
      abandon(session);
    }
  }

  /// The visit ends; a user begins another after a while, unless he goes on.
  private void abandon(Session session) {
    Call call = session.call();
    out.remove(session);
    session.call = null;
    session.line = null;
    session.settle();
    boolean goesOn = goesOn(session, call, null, time.nanos());
    if (session.isUser) {
      if (!goesOn) {
        session.restart(nextVisitor(session.round));
      }
      later(session, goesOn ? Math.max(BACK_OFF_NANOS, call.thinkNanos()) : BACK_OFF_NANOS);
    }
  }

  private static boolean goesOn(Session session, Call call, @Nullable Reply reply, long now) {
    boolean isCounted = session.round.isCounted(session.intended);
    Outcome outcome = new Outcome(call, reply, session.intended, now, isCounted);
    try {
      return session.visitor.ended(outcome);
    } catch (RuntimeException e) {
      session.round.impossible(session.intended, why(e));
      return false;
    }
  }

  /// Gives up who has waited too long. They stand in the order in which they began, but for those
  /// that began late: these are found when it is their forerunner's turn.
  private void sweep(Round of) {
    long now = time.nanos();
    while (!out.isEmpty()) {
      Session session = out.iterator().next();
      if (now - session.intended <= timeout) {
        break;
      }
      Line line = session.line;
      if (line != null) {
        line.abandon();
      } else {
        session.pool.forget(session);
      }
      of.late(session, now, line != null);
      abandon(session);
    }
    if (now >= of.until() && nextDue >= of.until() && out.isEmpty()) {
      end(of);
    } else {
      loop.schedule(() -> sweep(of), SWEEP_MILLIS, TimeUnit.MILLISECONDS);
    }
  }

  private void end(Round of) {
    round = null;
    shared.clear();
    own.forEach(Pool::close);
    own.clear();
    of.done.countDown();
  }

  void close() {
    shared.close();
  }
}
