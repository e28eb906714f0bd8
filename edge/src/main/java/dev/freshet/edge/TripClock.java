package dev.freshet.edge;

import dev.freshet.base.Time;
import dev.freshet.freshness.TripTimes;

/// When the steps of one trip to the app were taken; each counts the first time only. On the trip's
/// event loop.
final class TripClock {
  private final Time time;
  private final long began;
  private long attached;
  private long headed;
  private long passedOn;
  private long ended;
  private long coding;

  TripClock(Time time) {
    this.time = time;
    this.began = time.nanos();
  }

  /// A connection was found and the head sent; the last try's counts.
  void attached() {
    attached = time.nanos();
  }

  /// The app's answer has begun.
  void headed() {
    headed = headed == 0 ? time.nanos() : headed;
  }

  /// The answer's head goes on to the client.
  void passedOn() {
    passedOn = passedOn == 0 ? time.nanos() : passedOn;
  }

  /// The app has said all.
  void ended() {
    ended = ended == 0 ? time.nanos() : ended;
  }

  /// Something was compressed since then.
  void codedSince(long nanos) {
    coding += time.nanos() - nanos;
  }

  boolean isAnswered() {
    return headed != 0;
  }

  /// When the trip began.
  long began() {
    return began;
  }

  /// @param asked when the client's request was complete
  TripTimes times(long asked, long octets) {
    long sent = attached == 0 ? began : attached;
    long before = Math.max(0, began - asked);
    long connection = sent - began;
    long answer = Math.max(0, headed - sent);
    long fence = passedOn == 0 ? 0 : Math.max(0, passedOn - (ended == 0 ? headed : ended));
    if (passedOn != 0 && ended > passedOn) {
      fence = passedOn - headed;
    }
    long total = time.nanos() - asked;
    long left = Math.max(0, total - before - connection - answer - fence - coding);
    return new TripTimes(before, connection, answer, fence, coding, left, octets);
  }
}
