package dev.freshet.load;

import dev.freshet.base.Rolls;
import dev.freshet.base.Time;
import io.netty.channel.EventLoop;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// One event loop's work: sends the calls of those who come in by its [Entrance] as connections are
/// free, takes the answers, goes on. Everything here happens on the loop.
///
/// Nothing is dropped silently: an arrival without a free connection waits in a queue and counts
/// from when it was due, until its visitor gives up.
final class Lane {
  /// Error kind where too many wait already.
  static final String NO_CONNECTION = "no connection";

  private static final long BEAT_NANOS = 10_000_000;
  private static final long SWEEP_MILLIS = 20;
  private static final long BACK_OFF_NANOS = 100_000_000;

  private final EventLoop loop;
  private final Dialler dialler;
  private final Marks marks;
  private final Visits visits;
  private final Time time;
  private final Aim aim;
  private final long timeout;
  private final byte[] scratch = new byte[65_536];
  private final Channels channels;
  private final Rolls rolls;
  private final long wallAhead;
  private final Pool shared;
  private final Alarms alarms;

  /// Calls that are out or wait for a connection, by when they were made.
  private final Set<Session> out = new LinkedHashSet<>();

  private final Set<Pool> own = new HashSet<>();
  private final @Nullable Browsers browsers;
  private @Nullable Round round;
  private @Nullable Entrance entrance;

  /// @param marks what steps have set, on all loops
  /// @param most connections that visitors share
  Lane(
      EventLoop loop,
      Dialler dialler,
      Visits visits,
      Marks marks,
      Time time,
      Aim aim,
      int most,
      long seed) {
    this.loop = loop;
    this.dialler = dialler;
    this.marks = marks;
    this.channels = new Channels(this, dialler, marks);
    this.rolls = new Rolls(seed);
    this.wallAhead = time.wallNanos() - time.nanos();
    this.visits = visits;
    this.time = time;
    this.alarms = new Alarms(loop, time::nanos);
    this.aim = aim;
    this.timeout = aim.timeout().toNanos();
    this.shared = new Pool(this, dialler, most, aim.manner().atOnce());
    Browsing browsing = aim.manner().browsing();
    this.browsers = browsing == null ? null : new Browsers(this, browsing);
  }

  EventLoop loop() {
    return loop;
  }

  long now() {
    return time.nanos();
  }

  /// Wall clock.
  long millis() {
    return time.millis();
  }

  /// Wall clock at a moment that [#now] told, nanoseconds since 1970.
  long wallNanos(long moment) {
    return wallAhead + moment;
  }

  Aim aim() {
    return aim;
  }

  Channels channels() {
    return channels;
  }

  Rolls rolls() {
    return rolls;
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
    out.clear();
    channels.start();
    Entrance door = new Entrance(this, begun, visits, browsers);
    entrance = door;
    door.open();
    beat(begun, begun.start);
    sweep(begun, door);
  }

  void at(long due, Runnable work) {
    alarms.set(due, work);
  }

  /// Behind some time, unless it is called off.
  Future<?> later(long nanos, Runnable work) {
    return loop.schedule(work, nanos, TimeUnit.NANOSECONDS);
  }

  /// Whether that round is under way.
  boolean isAt(Round of) {
    return of == round;
  }

  /// A visit whose cookies others have, too.
  Session session(Round of, Visits.Visitor visitor, Jar jar) {
    return new Session(of, shared, false, visitor, jar);
  }

  /// Whether nobody begins anything any longer.
  boolean isOver(Round of) {
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

  /// Where a visitor's calls go: a user has a connection of his own, unless users share them; a
  /// browser has as many as browsers have.
  Pool pool(boolean isUser) {
    boolean isHttp2 = aim.manner().isHttp2();
    if (browsers == null && (!isUser || aim.manner().isShared())) {
      return shared;
    }
    Pool pool =
        browsers == null
            ? new Pool(this, dialler, 1, 1)
            : new Pool(this, dialler, isHttp2 ? 1 : Browsers.CONNECTIONS, aim.manner().atOnce());
    own.add(pool);
    return pool;
  }

  /// Somebody's visit is over; he may come back.
  private void leaves(Session session) {
    PrivateCache cache = session.cache;
    if (browsers != null && cache != null) {
      session.pool.close();
      own.remove(session.pool);
      browsers.left(cache);
    }
  }

  private void restart(Session session) {
    if (entrance != null) {
      entrance.restart(session);
    }
  }

  /// Makes the next call of a visit, or ends it.
  ///
  /// @param isPlanned whether it was planned for a certain time, so that it can be late
  void next(Session session, long intended, boolean isPlanned) {
    if (session.round != round) {
      return;
    }
    Call call = call(session, intended);
    PrivateCache cache = session.cache;
    if (call == null) {
      return;
    }
    Talk talk = call.talk();
    if (talk != null) {
      channels.begin(session, call, talk, intended, isPlanned);
      return;
    }
    if (cache == null || browsers == null) {
      make(session, call, intended, isPlanned);
      return;
    }
    if (!browsers.knows(session, cache, call, intended)) {
      session.isFirst = cache.isEmpty();
      make(session, cache.conditional(call, session.cookies()), intended, isPlanned);
    }
  }

  /// Makes a call as soon as a connection is free.
  void make(Session session, Call call, long intended, boolean isPlanned) {
    session.begin(call, intended);
    String mark = call.mark();
    if (mark != null) {
      marks.sent(mark, time.nanos());
    }
    out.add(session);
    Slot slot = session.pool.take();
    if (slot != null) {
      if (isPlanned) {
        session.round.wasLate(intended, time.nanos());
      }
      send(slot, session);
    } else if (!session.pool.await(session)) {
      lost(session, NO_CONNECTION);
    }
  }

  /// Asks for a file of a page that has come.
  void fetch(Session file, Call call) {
    make(file, call, time.nanos(), false);
  }

  /// The next call; null when the visit is over, for a user when none is to be had at all. What a
  /// visitor throws must not take the loop along.
  private @Nullable Call call(Session session, long intended) {
    try {
      Call call = session.visitor.next();
      if (call == null && session.isUser) {
        restart(session);
        call = session.visitor.next();
      } else if (call == null) {
        leaves(session);
      }
      return call;
    } catch (RuntimeException | StackOverflowError e) {
      session.round.impossible(intended, why(e));
      ends(session);
      return null;
    }
  }

  /// The visit ends before its time; a user begins another after a while.
  private void ends(Session session) {
    if (session.isUser) {
      restart(session);
      later(session, BACK_OFF_NANOS);
    } else {
      leaves(session);
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

  /// The visitor sees an answer.
  ///
  /// @return what was wrong with it
  List<String> tell(Session session, Call call, Reply reply) {
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

  void send(Slot slot, Session session) {
    session.sent = time.nanos();
    session.headed = 0;
    session.slot = slot;
    slot.send(session);
  }

  /// A slot has the whole answer to its call.
  void answered(Slot slot, Session session, Reply reply) {
    take(slot, session, reply);
    alarms.ring();
  }

  private void take(Slot slot, Session session, Reply reply) {
    long now = time.nanos();
    session.slot = null;
    slot.pool().give(slot);
    if (session.round != round) {
      return;
    }
    if (session.stream != null) {
      out.remove(session);
      session.stream.ended(reply);
      return;
    }
    Call call = session.call().original();
    set(call, reply, now);
    try {
      Reply seen = Browsers.seen(session, call, reply);
      session.round.answered(session, reply, now, tell(session, call, seen));
      boolean isCounted = session.round.isCounted(session.intended);
      var _ = goesOn(session, new Outcome(call, seen, session.intended, now, isCounted));
    } finally {
      out.remove(session);
      session.call = null;
    }
    String cookies = session.cookies();
    session.keep(reply.fields());
    session.settle();
    PrivateCache cache = session.cache;
    if (session.view != null) {
      session.view.fetched(call, reply, now - session.sent);
    } else if (cache != null && browsers != null) {
      browsers.answered(session, cache, call, cookies, reply, now);
    } else {
      goOn(session, call, now);
    }
  }

  /// What a call was to set is set now, or not.
  private void set(Call call, @Nullable Reply reply, long now) {
    String mark = call.mark();
    if (mark != null && reply != null && reply.status() < 400) {
      marks.answered(mark, now);
    } else if (mark != null) {
      marks.forget(mark);
    }
  }

  /// The head of an answer that is read as it comes: nobody waits for its end.
  void opened(Session session, Reply head) {
    out.remove(session);
    session.round.answered(session, head, time.nanos(), List.of());
    session.keep(head.fields());
  }

  /// A visitor has closed his channel, and goes on.
  void finished(Session session, @Nullable Reply handshake) {
    long now = time.nanos();
    Call call = session.call().original();
    session.call = null;
    boolean isCounted = session.round.isCounted(session.intended);
    var _ = goesOn(session, new Outcome(call, handshake, session.intended, now, isCounted));
    session.settle();
    goOn(session, call, now);
  }

  /// What comes behind an answer, and all that belongs to it.
  void goOn(Session session, Call call, long now) {
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
    session.slot = null;
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
    if (session.round != round || session.call == null) {
      return;
    }
    if (session.stream != null && session.stream.isOpen()) {
      session.stream.broke(kind);
    } else {
      session.round.lost(session, kind);
      abandon(session);
    }
  }

  /// A file is missing in its page. Else the visit ends, and a user begins another after a while,
  /// unless he goes on.
  void abandon(Session session) {
    Call call = session.call().original();
    out.remove(session);
    set(call, null, time.nanos());
    session.call = null;
    session.slot = null;
    session.settle();
    if (session.view != null) {
      session.view.failed();
      return;
    }
    if (session.stream != null) {
      session.stream.failed();
      return;
    }
    boolean isCounted = session.round.isCounted(session.intended);
    Outcome outcome = new Outcome(call, null, session.intended, time.nanos(), isCounted);
    if (goesOn(session, outcome) && session.isUser) {
      later(session, Math.max(BACK_OFF_NANOS, call.thinkNanos()));
    } else {
      ends(session);
    }
  }

  /// Tells the visitor that a call is over.
  ///
  /// @return whether a user goes on where there was no answer
  boolean goesOn(Session session, Outcome outcome) {
    try {
      return session.visitor.ended(outcome);
    } catch (RuntimeException e) {
      session.round.impossible(outcome.began(), why(e));
      return false;
    }
  }

  /// Gives up who has waited too long. They stand in the order in which they began, but for those
  /// that began late: these are found when it is their forerunner's turn.
  private void sweep(Round of, Entrance door) {
    long now = time.nanos();
    while (!out.isEmpty()) {
      Session session = out.iterator().next();
      if (now - session.intended <= timeout) {
        break;
      }
      Slot slot = session.slot;
      if (slot != null) {
        slot.abandon();
      } else {
        session.pool.forget(session);
      }
      of.late(session, now, slot != null);
      abandon(session);
    }
    of.endIfSettled(out, now);
    boolean isQuiet = now >= of.until() && channels.end();
    if (isQuiet && !door.isAwaited() && out.isEmpty()) {
      end(of);
    } else {
      loop.schedule(() -> sweep(of, door), SWEEP_MILLIS, TimeUnit.MILLISECONDS);
    }
  }

  private void end(Round of) {
    round = null;
    entrance = null;
    shared.clear();
    List.copyOf(own).forEach(Pool::close);
    own.clear();
    of.done.countDown();
  }

  void close() {
    shared.close();
  }
}
