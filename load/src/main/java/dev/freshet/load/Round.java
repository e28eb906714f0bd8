package dev.freshet.load;

import dev.freshet.http.FieldName;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.LongAdder;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.SingleWriterRecorder;
import org.jspecify.annotations.Nullable;

/// One event loop's share of a phase, and what it counted: written by the loop, read by others when
/// it is over, but for what is made for that.
final class Round {
  private static final long LONGEST = 3_600_000_000_000L;
  private static final int MOST_STEPS = 1_000;
  final Phase phase;

  /// Which share, from 0, of how many.
  final int share;

  final int shares;

  /// Number of its first visitor, of all shares.
  final long first;

  /// Behind the last of this share's visitors, counted from `first`.
  long visitors;

  final long start;
  final long from;
  final CountDownLatch done;
  private final @Nullable Allowance allowance;
  final Map<String, Figures> steps = new TreeMap<>();
  final Histogram lateness = new Histogram(3);
  final Histogram beats = new Histogram(3);

  // For whoever watches meanwhile.
  final SingleWriterRecorder recent = new SingleWriterRecorder(1, LONGEST, 2);
  final LongAdder answers = new LongAdder();
  final LongAdder failures = new LongAdder();
  final LongAdder hits = new LongAdder();
  final LongAdder told = new LongAdder();
  final LongAdder messages = new LongAdder();
  final SingleWriterRecorder delays = new SingleWriterRecorder(1, LONGEST, 2);

  /// Channels that are open at the moment.
  final LongAdder open = new LongAdder();

  private volatile long until;

  Round(Phase phase, int share, int shares, long first, long start, CountDownLatch done) {
    this(phase, share, shares, first, start, done, null);
  }

  /// @param allowance of requests that may be slow or fail before it ends; null to go on anyway
  Round(
      Phase phase,
      int share,
      int shares,
      long first,
      long start,
      CountDownLatch done,
      @Nullable Allowance allowance) {
    this.allowance = allowance;
    this.first = first;
    this.phase = phase;
    this.share = share;
    this.shares = shares;
    this.start = start;
    this.from = start + phase.warmUp().toNanos();
    this.until = from + phase.lasting().toNanos();
    this.done = done;
  }

  long until() {
    return until;
  }

  void endAt(long now) {
    if (now < until) {
      until = now;
    }
  }

  boolean isCounted(long intended) {
    return intended >= from && intended < until;
  }

  /// Whether counting has begun, and perhaps ended: what is over at that moment was there
  /// meanwhile.
  boolean hasCounted(long now) {
    return from < until && now >= from;
  }

  /// Figures of a step. A scenario names its steps; a crawl of a thousand addresses has a common
  /// line for the rest.
  Figures of(String step) {
    Figures known = steps.get(step);
    if (known == null) {
      String name = steps.size() < MOST_STEPS ? step : "other";
      known = steps.computeIfAbsent(name, key -> new Figures());
    }
    return known;
  }

  void answered(Session session, Reply reply, long now, List<String> wrong) {
    Figures figures = of(session.call().step());
    long felt = now - session.intended;
    boolean isWrong = !wrong.isEmpty() || reply.status() >= 400;
    recent.recordValue(Math.clamp(felt, 1, LONGEST));
    answers.increment();
    if (isWrong) {
      failures.increment();
    }
    String cache = reply.fields().combined(FieldName.CACHE_STATUS);
    if (cache != null) {
      told.increment();
      if (Figures.isHit(cache)) {
        hits.increment();
      }
    }
    if (now >= from && now < until) {
      figures.arrived(!isWrong);
    }
    if (isCounted(session.intended)) {
      figures.answered(felt, now - session.sent, reply, isWrong);
      figures.handed(session.headed == 0 ? 0 : now - session.headed);
      wrong.forEach(figures::wrong);
      spend(felt, isWrong);
    }
  }

  /// Nobody waits any longer.
  void late(Session session, long now, boolean isSent) {
    failures.increment();
    if (isCounted(session.intended)) {
      Figures figures = of(session.call().step());
      figures.late(now - session.intended, isSent ? now - session.sent : -1);
      figures.handed(isSent && session.headed != 0 ? now - session.headed : 0);
      // What could not even be sent is no error of the target.
      spend(now - session.intended, isSent);
    }
  }

  void lost(Session session, String kind) {
    failures.increment();
    if (isCounted(session.intended)) {
      of(session.call().step()).lost(kind);
      spend(0, true);
    }
  }

  private void spend(long felt, boolean isFailure) {
    if (allowance != null) {
      allowance.took(share, felt);
      if (isFailure) {
        allowance.failed();
      }
    }
  }

  /// Ends it where it is settled that it does not keep what is asked of it.
  ///
  /// @param out who waits for an answer, those that wait for longest first
  void endIfSettled(Iterable<Session> out, long now) {
    Allowance allowed = allowance;
    if (allowed != null && now >= from && now < until) {
      allowed.areOut(share, overdue(allowed, out, now));
      if (allowed.isSpent()) {
        endAt(now);
      }
    }
  }

  /// No further than it matters.
  private long overdue(Allowance allowed, Iterable<Session> out, long now) {
    long old = 0;
    for (Session session : out) {
      if (!allowed.isLate(now - session.intended) || allowed.isTooMany(old)) {
        break;
      }
      old += isCounted(session.intended) ? 1 : 0;
    }
    return old;
  }

  /// A call that could not even be made.
  void impossible(long intended, String why) {
    failures.increment();
    if (isCounted(intended)) {
      of("scenario").lost("scenario: " + why);
    }
  }

  /// Octets came that nobody had asked for: whatever came next would have been taken for an answer.
  void unasked(String step, long now) {
    failures.increment();
    if (isCounted(now)) {
      of(step).unasked();
    }
  }

  /// It is asked for again, since the connection had ended before.
  void repeated(Session session) {
    if (isCounted(session.intended)) {
      of(session.call().step()).repeated();
    }
  }

  void wasLate(long planned, long now) {
    if (isCounted(planned)) {
      lateness.recordValue(Math.clamp(now - planned, 0, LONGEST));
    }
  }

  /// The loop's own beat.
  void beat(long planned, long now) {
    if (isCounted(planned)) {
      beats.recordValue(Math.clamp(now - planned, 0, LONGEST));
    }
  }
}
