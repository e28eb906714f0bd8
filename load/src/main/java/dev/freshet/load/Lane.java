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
  /// Arrivals that are due this soon start together.
  private static final long TICK_NANOS = 100_000;

  private static final long BEAT_NANOS = 10_000_000;
  private static final long SWEEP_MILLIS = 20;
  private static final long BACK_OFF_NANOS = 100_000_000;
  private static final int MOST_WAITING = 200_000;

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
          long due = begun.start + spread / count * i;
          at(due, () -> beginUser(begun, due));
        }
        beat(begun, begun.start);
      }
      case Shape.ConstantRate _, Shape.RampRate _ -> arrive(begun, Arrivals.of(begun.phase));
      case Shape.Pause _ -> {}
    }
    sweep(begun);
  }

  private void at(long due, Runnable work) {
    loop.schedule(work, Math.max(0, due - time.nanos()), TimeUnit.NANOSECONDS);
  }

  private boolean isOver(Round of) {
    return of != round || time.nanos() >= of.until();
  }

  private void beat(Round of, long due) {
    at(
        due,
        () -> {
          if (!isOver(of)) {
            of.wasLate(due, time.nanos());
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

  private void beginUser(Round of, long due) {
    if (!isOver(of)) {
      Session session = new Session(of, true, nextVisitor(of));
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
    } catch (RuntimeException e) {
      session.round.impossible(intended, String.valueOf(e.getMessage()));
      if (session.isUser) {
        session.restart(nextVisitor(session.round));
        later(session);
      }
      return null;
    }
  }

  private void later(Session session) {
    at(
        time.nanos() + BACK_OFF_NANOS,
        () -> {
          if (!isOver(session.round)) {
            next(session, time.nanos(), false);
          }
        });
  }

  private static List<String> wrong(Session session, Call call, Reply reply) {
    try {
      return session.visitor.answered(call, reply);
    } catch (RuntimeException e) {
      return List.of("scenario: " + e.getMessage());
    }
  }

  private void send(Wire wire, Session session) {
    session.sent = time.nanos();
    wire.send(session, session.call().octets(authority, session.cookies()));
  }

  private void queue(Session session) {
    if (session.isUser) {
      dial(session);
    } else if (waiting.size() >= MOST_WAITING) {
      lost(session, "no connection");
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
    busy--;
    Call call = session.call();
    List<String> wrong = wrong(session, call, reply);
    session.round.answered(session, reply, now, wrong);
    session.call = null;
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
  /// @param isStale whether it was kept, and ended before anything of an answer came: as browsers
  ///   do, what may be asked twice is asked again on another
  void broke(Wire wire, @Nullable Session session, String kind, boolean isStale) {
    forget(wire);
    if (session == null || session.round != round) {
      return;
    }
    if (isStale && !session.isAgain && session.call().isIdempotent()) {
      session.isAgain = true;
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

  /// The visit ends; a user begins another after a while.
  private void abandon(Session session) {
    busy--;
    session.call = null;
    if (session.isUser) {
      session.restart(nextVisitor(session.round));
      later(session);
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
