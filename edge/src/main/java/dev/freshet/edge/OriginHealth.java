package dev.freshet.edge;

import dev.freshet.base.Time;

/// What is believed about one origin.
///
/// Failures in a row eject it for a while, each time twice as long. When the while is over one
/// request goes there (half open): its answer, whatever its status, brings the origin back. Checks,
/// when configured, do the same from outside. An only origin is never ejected: there is nobody else
/// to ask.
final class OriginHealth {
  /// As the console shows it.
  enum State {
    UP,
    EJECTED,
    PROBING
  }

  private final OriginConfig.Health config;
  private final boolean only;
  private final Time time;
  private int failures;
  private int ejections;
  private long untilNanos;
  private long probeNanos;
  private int checkFailures;
  private boolean checkFailed;
  private volatile State state = State.UP;

  OriginHealth(OriginConfig.Health config, boolean only, Time time) {
    this.config = config;
    this.only = only;
    this.time = time;
  }

  boolean isUp() {
    return state == State.UP;
  }

  State state() {
    return state;
  }

  /// It answered. One volatile read and a plain one when all is well.
  void succeeded() {
    if (state != State.UP || failures != 0) {
      healed();
    }
  }

  private synchronized void healed() {
    failures = 0;
    if (state != State.UP && !checkFailed) {
      state = State.UP;
      ejections = 0;
    }
  }

  /// It did not.
  synchronized void failed() {
    failures++;
    if (only) {
      return;
    }
    if (state == State.PROBING || (state == State.UP && failures >= config.failuresMax())) {
      eject();
    }
  }

  private void eject() {
    int doublings = Math.min(ejections++, 20);
    long first = config.ejection().toNanos();
    long max = config.ejectionMax().toNanos();
    long length = first > max >> doublings ? max : first << doublings;
    untilNanos = time.nanos() + length;
    failures = 0;
    state = State.EJECTED;
  }

  /// True for the one request that may find out whether it is back.
  ///
  /// @param harmless whether the request can be tried elsewhere; the others wait for another
  ///   ejection's length for such a one to come
  boolean claimProbe(boolean harmless) {
    return state != State.UP && claimProbeSlowly(harmless);
  }

  private synchronized boolean claimProbeSlowly(boolean harmless) {
    long now = time.nanos();
    long patience = harmless ? 0 : config.ejection().toNanos();
    if (checkFailed) {
      return false;
    }
    if (state == State.EJECTED && now - untilNanos >= patience) {
      state = State.PROBING;
      probeNanos = now;
      return true;
    }
    // A probe whose asker went away tells nothing: let another one try.
    if (state == State.PROBING && now - probeNanos >= config.ejection().toNanos()) {
      probeNanos = now;
      return true;
    }
    return false;
  }

  /// Monotonic nanoseconds at which its ejection ends; for choosing the least bad one.
  synchronized long untilNanos() {
    return untilNanos;
  }

  /// An active check found it well: it is asked again at once.
  synchronized void checkSucceeded() {
    checkFailures = 0;
    checkFailed = false;
    if (state != State.UP) {
      state = State.UP;
      ejections = 0;
      failures = 0;
    }
  }

  /// An active check failed. Counted apart from requests, whose successes don't make up for it;
  /// from the limit on only a check brings the origin back.
  synchronized void checkFailed() {
    if (++checkFailures >= config.failuresMax() && !only) {
      checkFailed = true;
      if (state != State.EJECTED) {
        eject();
      }
    }
  }
}
