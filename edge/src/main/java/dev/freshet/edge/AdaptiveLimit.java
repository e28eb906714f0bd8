package dev.freshet.edge;

import java.util.concurrent.TimeUnit;

/* How many requests an app works on at a time best.
 *
 * An app that is asked more than it can work on answers no more for it, only later. So the time to
 * its answers, seen against what it takes when little is asked (the pace), tells a queue within it:
 * beyond twice the pace the limit falls, below it grows again where it is what holds requests back.
 *
 * The pace is measured, now and then and whenever answers have become slow, by asking little for a
 * moment (a probe): if they are quick then, there was a queue; if not, the app itself has become
 * slower, and that is the pace from now on. Without it a limit either stays low for good once an
 * app has slowed, or creeps up under lasting overload until it limits nothing.
 *
 * Times are averaged by their logarithms, so that one report of ten seconds among a hundred quick
 * answers moves the average by 7 %. Where the limit is far from what is asked nothing moves.
 *
 * Not safe for threads: the Gate's lock guards it.
 */

/// A limit of requests under way that follows the time to their answers.
final class AdaptiveLimit {
  /// Never fewer, however slow: an app of one thread is kept busy by two.
  static final int LEAST = 4;

  private static final long WINDOW_NANOS = TimeUnit.MILLISECONDS.toNanos(200);
  private static final int SAMPLES = 16;
  private static final int PROBE_SAMPLES = 8;
  private static final double TOLERANCE = 2;
  private static final double CUT = 0.7;
  private static final double FAR = 6;
  private static final double FAR_CUT = 0.35;
  private static final int BETWEEN_PROBES = 20;
  private static final int SOON = 3;
  private static final int PROBE_PART = 4;
  private static final double PACE_SHARE = 0.2;
  private static final double TELLING = 1.25;

  /// How long a probe may take: a second, or as much more as its answers should.
  private static final long PROBE_NANOS = TimeUnit.SECONDS.toNanos(1);

  private static final long MOST_PROBE_NANOS = TimeUnit.MINUTES.toNanos(1);

  private final int most;
  private double limit;
  private double paceLog = Double.NaN;
  private int untilProbe = SOON;
  private int slowWindows;
  private boolean probing;
  private int generation;

  private long windowSince;
  private int samples;
  private double sumLog;
  private int peak;
  private boolean wasFull;
  private double lastNanos;

  /// @param most where it begins and never exceeds
  AdaptiveLimit(int most, long nowNanos) {
    this.most = most;
    this.limit = most;
    this.windowSince = nowNanos;
  }

  /// Requests that may be under way now.
  int now() {
    return probing ? probeLimit() : (int) limit;
  }

  private int probeLimit() {
    return Math.max(1, (int) limit / PROBE_PART);
  }

  /// What to hand back with the request's answer: answers to what began before the limit fell tell
  /// nothing about it.
  int generation() {
    return generation;
  }

  /// Notes how many are under way.
  ///
  /// @param full whether one more has to wait
  void seen(int underWay, boolean full) {
    peak = Math.max(peak, underWay);
    wasFull |= full;
  }

  /// Time has gone on: a probe to which nobody answers ends, or an app that only fails would be
  /// kept at it for as long as it does.
  void at(long nowNanos) {
    long patience = Math.clamp((long) (2 * SAMPLES * lastNanos), PROBE_NANOS, MOST_PROBE_NANOS);
    if (probing && nowNanos - windowSince > patience) {
      probing = false;
      generation++;
      slowWindows = 0;
      untilProbe = BETWEEN_PROBES;
      begin(nowNanos);
    }
  }

  /// An answer began.
  ///
  /// @param began the generation when it was asked
  void answered(long tookNanos, int began, long nowNanos) {
    if (began != generation) {
      return;
    }
    samples++;
    sumLog += Math.log((double) Math.max(1, tookNanos));
    if (isEnough(nowNanos)) {
      double mean = sumLog / samples;
      lastNanos = Math.exp(mean);
      if (probing) {
        probed(mean);
      } else {
        judge(mean);
      }
      begin(nowNanos);
    }
  }

  private void begin(long nowNanos) {
    samples = 0;
    sumLog = 0;
    peak = 0;
    wasFull = false;
    windowSince = nowNanos;
  }

  private boolean isEnough(long nowNanos) {
    return probing
        ? samples >= Math.clamp(2L * probeLimit(), PROBE_SAMPLES, SAMPLES)
        : samples >= SAMPLES && nowNanos - windowSince >= WINDOW_NANOS;
  }

  private void probed(double mean) {
    probing = false;
    generation++;
    boolean isTelling = Double.isNaN(paceLog) || mean < paceLog - Math.log(TELLING);
    paceLog = mean;
    slowWindows = 0;
    untilProbe = isTelling ? SOON : BETWEEN_PROBES;
  }

  private void judge(double mean) {
    if (Double.isNaN(paceLog)) {
      paceLog = mean;
    } else if (mean < paceLog) {
      // Bit by bit: the quickest of many windows is quick by chance.
      paceLog += (mean - paceLog) * PACE_SHARE;
    }
    boolean isSlow = mean > paceLog + Math.log(TOLERANCE) && (wasFull || peak * 2L >= limit);
    if (isSlow) {
      boolean isFar = mean > paceLog + Math.log(FAR);
      limit = Math.max(Math.min(LEAST, most), limit * (isFar ? FAR_CUT : CUT));
      generation++;
      slowWindows++;
    } else {
      slowWindows = 0;
      limit = wasFull ? Math.min(most, limit + Math.sqrt(limit)) : limit;
    }
    if (slowWindows >= SOON) {
      untilProbe = 0;
    }
    // Where nothing is held back and nothing slow, nobody shall be held back for the sake of
    // knowing more.
    if ((isSlow || wasFull) && --untilProbe <= 0) {
      probing = true;
      generation++;
    }
  }

  /// How long an answer takes at present; 0 when that isn't known.
  long answerNanos() {
    return (long) lastNanos;
  }

  /// How long until so many more have been answered, as far as can be told; 0 when it can't.
  long waitNanos(int ahead) {
    return (long) (ahead * lastNanos / Math.max(1, limit));
  }
}
