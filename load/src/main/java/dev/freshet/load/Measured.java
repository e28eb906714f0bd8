package dev.freshet.load;

import java.util.List;
import java.util.Map;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/// What one phase measured.
///
/// @param seconds counted; fewer than planned when it was stopped
/// @param steps figures by step, in the order of their names
/// @param lateness nanoseconds between when the generator meant to send, having a connection free,
///   and when it did
/// @param beats how late its loops' ten-millisecond beat came, nanoseconds: that they have too much
///   to do shows there also when no connection is free
/// @param waited largest share of the time that an event loop was ready to run but had no
///   processor; -1 where the system doesn't tell
/// @param worked largest share of the time that an event loop had one; -1 as above
/// @param over the phase, second by second, warm-up included
/// @param isStopped whether it ended before its time
public record Measured(
    Phase phase,
    double seconds,
    Figures total,
    Map<String, Figures> steps,
    Histogram lateness,
    Histogram beats,
    double waited,
    double worked,
    List<Second> over,
    boolean isStopped) {

  /// Later than this at p99, and it is the generator that is measured.
  public static final double LATE_MILLIS = 5;

  /// More of its time than this without a processor, and so it is too.
  public static final double STARVED = 0.2;

  /// One second of a phase.
  ///
  /// @param at seconds since the phase began
  /// @param p50 milliseconds from the intended start of what was answered; 0 when nothing was
  /// @param hitRatio as in [Figures#hitRatio]
  /// @param live of channels; null where there were none
  public record Second(
      double at,
      boolean isWarmUp,
      double perSecond,
      double errorsPerSecond,
      double p50,
      double p95,
      double p99,
      double hitRatio,
      @Nullable Live live) {}

  /// What channels were like in one second.
  ///
  /// @param open at its end
  /// @param messages received a second
  /// @param delayP95 milliseconds from what a message tells to its arrival; 0 when none told
  public record Live(long open, double messages, double delayP95) {}

  /// How far these figures may be believed.
  public enum Validity {
    VALID("valid"),
    LATE("invalid: the generator was late"),
    STARVED("invalid: the generator was short of processor time");

    private final String text;

    Validity(String text) {
      this.text = text;
    }

    /// As reports call it.
    public String text() {
      return text;
    }
  }

  public Validity validity() {
    if (latenessMillis() > LATE_MILLIS) {
      return Validity.LATE;
    }
    return waited > STARVED ? Validity.STARVED : Validity.VALID;
  }

  /// p99 of the lateness, of requests or of the beat, whichever is worse.
  public double latenessMillis() {
    return Math.max(lateness.getValueAtPercentile(99), beats.getValueAtPercentile(99)) / 1e6;
  }

  /// Answers without an error a second.
  public double goodPerSecond() {
    return seconds <= 0 ? 0 : total.goodInTime() / seconds;
  }

  /// Answers a second.
  public double perSecond() {
    return seconds <= 0 ? 0 : total.inTime() / seconds;
  }
}
