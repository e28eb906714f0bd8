package dev.freshet.load;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/// A visitor on a channel: takes the turns of his step one after the other, and counts what comes
/// meanwhile. Everything here happens on the lane's loop.
final class Conversation {
  /// Error kinds.
  static final String NO_MESSAGE = "no message in time";

  static final String TOO_LARGE = "too large";
  private static final int NORMAL = 1000;

  /// The way to the other side.
  interface Peer {

    /// Says something.
    void send(String text);

    /// Ends the channel; nothing is told of it any longer.
    void close(int code);
  }

  private final Lane lane;
  private final Session session;
  private final Round round;
  private final Talk talk;
  private final String step;
  private final long patience;
  private final long began;
  private @Nullable Peer peer;
  private @Nullable Reply handshake;
  private @Nullable Future<?> timer;
  private int at;
  private Turn.@Nullable Expect awaited;
  private int missing;
  private boolean isListening;
  private boolean isOver;

  /// Whether it is among the failures already.
  private boolean hasFailed;

  private boolean hasHeard;
  private long opened;
  private long said = -1;

  Conversation(Lane lane, Session session, Talk talk) {
    this.lane = lane;
    this.session = session;
    this.round = session.round;
    this.talk = talk;
    this.step = session.call().step();
    this.patience = lane.aim().timeout().toNanos();
    this.began = lane.now();
  }

  Talk talk() {
    return talk;
  }

  boolean isOver() {
    return isOver;
  }

  /// The channel is open.
  void opened(Peer way, Reply answer) {
    if (isOver) {
      way.close(NORMAL);
      return;
    }
    long now = lane.now();
    peer = way;
    handshake = answer;
    opened = now;
    round.open.increment();
    if (round.isCounted(now)) {
      figures().connected(now - began);
    }
    take();
  }

  private ChannelFigures figures() {
    return round.of(step).channels();
  }

  /// Takes the next turns, until one has to wait.
  private void take() {
    while (!isOver) {
      if (at == talk.turns().size()) {
        finish(NORMAL);
        return;
      }
      switch (talk.turns().get(at++)) {
        case Turn.Send(Template text) -> say(text);
        case Turn.Close(int code) -> finish(code);
        case Turn.Expect expect -> {
          awaited = expect;
          missing = expect.count();
          Duration within = expect.within();
          long nanos = within == null ? patience : within.toNanos();
          timer = lane.later(nanos, this::unheard);
          return;
        }
        case Turn.Listen(Duration least, Duration most) -> {
          if (!lane.isOver(round)) {
            isListening = true;
            long more = most.toNanos() - least.toNanos();
            long nanos = least.toNanos() + (long) (more * lane.rolls().nextDouble());
            timer = lane.later(nanos, this::listened);
            return;
          }
        }
      }
    }
  }

  private void say(Template template) {
    String text = session.visitor.text(template);
    Peer way = peer;
    if (text == null || way == null) {
      fail("scenario: what is to be sent has a variable that nothing has set", NORMAL);
      return;
    }
    long now = lane.now();
    said = now;
    if (round.isCounted(now)) {
      figures().said();
    }
    way.send(text);
  }

  private void listened() {
    isListening = false;
    take();
  }

  /// The phase is over: who only listens does so no longer, and who waits for messages has no more
  /// than a visitor's patience, whatever the step says.
  void hurry() {
    if (isListening) {
      cancel();
      listened();
    }
    if (!isOver) {
      var _ = lane.later(patience, this::give);
    }
  }

  private void give() {
    if (isOver) {
      return;
    }
    if (peer == null) {
      // How long opening may take is limited elsewhere.
      var _ = lane.later(patience, this::give);
    } else {
      // Nobody listens any longer: a message is waited for.
      unheard();
    }
  }

  /// What was waited for has not come. A round trip that was given up is one of at least so long.
  private void unheard() {
    long now = lane.now();
    if (said >= 0 && round.isCounted(now)) {
      figures().answered(now - said);
    }
    fail(NO_MESSAGE, NORMAL);
  }

  /// A message has come.
  ///
  /// @param octets that it took on the wire
  void heard(Reply message, long octets) {
    long now = lane.now();
    if (isOver) {
      return;
    }
    round.messages.increment();
    if (round.isCounted(now)) {
      Figures all = round.of(step);
      all.received(octets);
      all.channels().heard();
      if (!hasHeard) {
        all.channels().first(now - opened);
      }
      delay(message, now);
    }
    hasHeard = true;
    Turn.Expect expect = awaited;
    if (expect != null && expect.isMetBy(message) && --missing == 0) {
      met(expect, message, now);
    }
  }

  private void delay(Reply message, long now) {
    Delay delay = talk.delay();
    if (delay == null) {
      return;
    }
    String told = delay.place().from(message);
    if (told == null) {
      return;
    }
    switch (delay) {
      case Delay.Carried(Extraction _, Delay.Unit unit) -> {
        Long then = unit.nanos(told);
        if (then == null) {
          wrong(List.of("extract delay"));
        } else if (unit.isFrom(then, lane.wallNanos(opened))) {
          delayed(lane.wallNanos(now) - then);
        }
      }
      case Delay.Marked _ -> {
        long since = lane.channels().marks().since(told, opened, now);
        if (since != Marks.UNKNOWN) {
          delayed(since == Marks.AHEAD ? -1 : since);
        }
      }
    }
  }

  private void delayed(long nanos) {
    figures().delayed(nanos);
    round.delays.recordValue(Math.max(1, nanos));
  }

  private void met(Turn.Expect expect, Reply message, long now) {
    awaited = null;
    cancel();
    if (said >= 0 && round.isCounted(now)) {
      figures().answered(now - said);
    }
    said = -1;
    List<String> wrong = new ArrayList<>();
    expect.checks().stream()
        .filter(check -> !check.holds(message))
        .forEach(check -> wrong.add(check.kind()));
    boolean[] isWhole = {true};
    expect
        .extract()
        .forEach((name, extraction) -> {
          String value = extraction.from(message, lane.rolls());
          if (value == null) {
            isWhole[0] = false;
            wrong.add("extract " + name);
          } else {
            session.visitor.keep(name, value);
          }
        });
    wrong(wrong);
    if (isWhole[0]) {
      take();
    } else {
      leave(NORMAL);
      lane.abandon(session);
    }
  }

  /// Counted as one failure of the step, however much is wrong.
  private void wrong(List<String> kinds) {
    if (kinds.isEmpty()) {
      return;
    }
    round.failures.increment();
    if (round.hasCounted(lane.now())) {
      round.of(step).broke(kinds, !hasFailed);
      hasFailed = true;
    }
  }

  /// It could not be opened, which is counted already.
  void refused() {
    if (!isOver) {
      isOver = true;
      lane.channels().over(this);
      lane.abandon(session);
    }
  }

  /// The other side has ended it, or the way is gone.
  void broke(String kind, int code) {
    if (!isOver) {
      fail(kind, code);
    }
  }

  private void fail(String kind, int code) {
    wrong(List.of(kind));
    leave(code);
    lane.abandon(session);
  }

  private void finish(int code) {
    Reply answer = handshake;
    leave(code);
    lane.finished(session, answer);
  }

  private void leave(int code) {
    isOver = true;
    awaited = null;
    isListening = false;
    cancel();
    lane.channels().over(this);
    Peer way = peer;
    if (way == null) {
      return;
    }
    round.open.decrement();
    if (session.intended < round.from && round.hasCounted(lane.now())) {
      figures().early(opened < round.from);
    }
    way.close(code);
  }

  private void cancel() {
    Future<?> due = timer;
    timer = null;
    if (due != null) {
      due.cancel(false);
    }
  }
}
