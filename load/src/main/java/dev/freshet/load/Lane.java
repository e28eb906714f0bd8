package dev.freshet.load;

import dev.freshet.base.Time;
import dev.freshet.load.Phase.Shape;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
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
  private static final int MOST_WAITING = 200_000;

  /// A server that takes kept connections back does so when they were idle for some time, and what
  /// was sent meanwhile meets a connection that is gone already.
  private static final long IDLE_NANOS = 1_000_000_000;

  private static final long AT_ONCE_NANOS = 100_000_000;

  /// Users begin over so long, or over the warm-up when that is longer, lest all connect at once.
  private static final long SPREAD_NANOS = 1_000_000_000;

  private final EventLoop loop;
  private final Dialler dialler;
  private final Visits visits;
  private final Time time;
  private final String authority;
  private final long timeout;
  private final int most;
  private final byte[] scratch = new byte[65_536];
  private final ArrayDeque<Wire> free = new ArrayDeque<>();
  private final ArrayDeque<Session> waiting = new ArrayDeque<>();
  private final Set<Wire> pool = new HashSet<>();
  private final List<Session> users = new ArrayList<>();
  private int opening;
  private int busy;
  private long arrivals;
  private long visitors;

  /// When the next arrival is due; [Long#MAX_VALUE] when there is none.
  private long nextDue;

  private @Nullable Round round;

  /// @param most connections of the open model
  Lane(EventLoop loop, Dialler dialler, Visits visits, Time time, Aim aim, int most) {
    this.loop = loop;
    this.dialler = dialler;
    this.visits = visits;
    this.time = time;
    this.authority = aim.authority();
    this.timeout = aim.timeout().toNanos();
    this.most = most;
  }

  EventLoop loop() {
    return loop;
  }

  long now() {
    return time.nanos();
  }

  /// Opens the connections of the open model.
  ///
  /// @param settled told of each, with the error kind or null
  void open(Consumer<@Nullable String> settled) {
    int missing = most - pool.size() - opening;
    for (int i = 0; i < missing; i++) {
      opening++;
      dialler.dial(
          loop,
          this::wire,
          opened -> {
            opening--;
            pool.add(opened);
            give(opened);
            settled.accept(null);
          },
          kind -> {
            opening--;
            settled.accept(kind);
          });
    }
    for (int i = Math.max(0, missing); i < most; i++) {
      settled.accept(null);
    }
  }

  private Wire wire(Channel channel) {
    return new Wire(this, channel, scratch);
  }

  void start(Round begun) {
    round = begun;
    arrivals = begun.share;
    visitors = begun.share;
    busy = 0;
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
      case Shape.Pause _ -> {}
    }
    beat(begun, begun.start);
    sweep(begun);
  }

  private void at(long due, Runnable work) {
    loop.schedule(work, Math.max(0, due - time.nanos()), TimeUnit.NANOSECONDS);
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
      Session session = new Session(of, false, visits.visitor(arrivals));
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
      Session session = new Session(of, true, visitor);
      users.add(session);
      next(session, due, false);
    }
  }

  private Visits.Visitor nextVisitor(Round of) {
    Visits.Visitor visitor = visits.visitor(visitors);
    visitors += of.shares;
    return visitor;
  }

  /// Makes the next call of a visit, or ends it.
  ///
  /// @param isPlanned whether it was planned for a certain time, so that it can be late
  private void next(Session session, long intended, boolean isPlanned) {
    if (session.round != round) {
      return;
    }
    Call call = call(session, intended);
    if (call == null) {
      return;
    }
    session.call = call;
    session.intended = intended;
    session.isAgain = false;
    busy++;
    Wire wire = session.isUser ? session.own : free.pollFirst();
    if (wire != null && wire.isOpen()) {
      if (isPlanned) {
        session.round.wasLate(intended, time.nanos());
      }
      send(wire, session);
    } else {
      queue(session);
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

  private void send(Wire wire, Session session) {
    session.sent = time.nanos();
    wire.send(session, session.call().octets(authority, session.cookies()));
  }

  private void queue(Session session) {
    if (session.isUser) {
      dial(session);
    } else if (waiting.size() >= MOST_WAITING) {
      lost(session, NO_CONNECTION);
    } else {
      waiting.addLast(session);
      grow();
    }
  }

  /// A user's own connection. By the time it is there he may have given up and be dialling again.
  private void dial(Session session) {
    int attempt = ++session.dials;
    dialler.dial(
        loop,
        this::wire,
        opened -> {
          if (session.round == round && session.call != null && attempt == session.dials) {
            session.own = opened;
            send(opened, session);
          } else {
            opened.close();
          }
        },
        kind -> {
          if (attempt == session.dials) {
            lost(session, kind);
          }
        });
  }

  private void grow() {
    if (pool.size() + opening < most && opening < waiting.size()) {
      opening++;
      dialler.dial(
          loop,
          this::wire,
          opened -> {
            opening--;
            pool.add(opened);
            give(opened);
          },
          kind -> {
            opening--;
            Session first = waiting.pollFirst();
            if (first != null) {
              lost(first, kind);
              grow();
            }
          });
    }
  }

  /// A connection of the pool has nothing to do.
  private void give(Wire wire) {
    Session first = waiting.pollFirst();
    if (first != null) {
      send(wire, first);
    } else {
      free.addLast(wire);
    }
  }

  void answered(Wire wire, Session session, Reply reply) {
    long now = time.nanos();
    if (!session.isUser && wire.isOpen()) {
      give(wire);
    }
    if (session.round != round) {
      return;
    }
    Call call = session.call();
    try {
      session.round.answered(session, reply, now, wrong(session, call, reply));
      var _ = goesOn(session, call, reply, now);
    } finally {
      busy--;
      session.call = null;
    }
    session.keep(reply.fields());
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

  /// A connection is gone.
  ///
  /// @param idle nanoseconds that it was idle before this call; 0 unless nothing has come since
  void broke(Wire wire, @Nullable Session session, String kind, long idle) {
    forget(wire);
    if (session == null || session.round != round) {
      return;
    }
    // As browsers do. A server that sheds load by closing busy connections must not hide behind it.
    boolean isStale = idle >= IDLE_NANOS && time.nanos() - session.sent <= AT_ONCE_NANOS;
    if (isStale && !session.isAgain && session.call().isIdempotent()) {
      session.isAgain = true;
      session.round.repeated(session);
      if (session.isUser) {
        queue(session);
      } else {
        waiting.addFirst(session);
        grow();
      }
    } else {
      lost(session, kind);
    }
  }

  void forget(Wire wire) {
    if (pool.remove(wire)) {
      free.remove(wire);
      if (!waiting.isEmpty()) {
        grow();
      }
    }
  }

  private void lost(Session session, String kind) {
    if (session.round == round && session.call != null) {
      session.round.lost(session, kind);
      abandon(session);
    }
  }

  /// The visit ends; a user begins another after a while, unless he goes on.
  private void abandon(Session session) {
    Call call = session.call();
    busy--;
    session.call = null;
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

  private void sweep(Round of) {
    long now = time.nanos();
    while (!waiting.isEmpty() && now - waiting.getFirst().intended > timeout) {
      Session session = waiting.removeFirst();
      of.late(session, now, false);
      abandon(session);
    }
    for (Wire wire : List.copyOf(pool)) {
      Session session = wire.session();
      if (session != null && session.round == of && now - session.intended > timeout) {
        wire.close();
        of.late(session, now, true);
        abandon(session);
      }
    }
    users.forEach(user -> expire(of, user, now));
    if (now >= of.until() && nextDue >= of.until() && busy == 0) {
      end(of);
    } else {
      loop.schedule(() -> sweep(of), SWEEP_MILLIS, TimeUnit.MILLISECONDS);
    }
  }

  private void expire(Round of, Session user, long now) {
    if (user.call == null || now - user.intended <= timeout) {
      return;
    }
    Wire own = user.own;
    boolean isSent = false;
    if (own != null && own.session() == user) {
      own.close();
      isSent = true;
    }
    user.dials++;
    of.late(user, now, isSent);
    abandon(user);
  }

  private void end(Round of) {
    round = null;
    waiting.clear();
    users.forEach(user -> {
      if (user.own != null) {
        user.own.close();
      }
    });
    users.clear();
    of.done.countDown();
  }

  void close() {
    List.copyOf(pool).forEach(Wire::close);
  }
}
