package dev.freshet.freshness;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;

/// What the statements of one trip to the app have taken. Written by who sees them, read by who
/// serves the answer.
public final class DatabaseTime {
  /// Statements of one trip told apart.
  private static final int MAX_STATEMENTS = 64;

  private long[] fingerprints = new long[4];
  private Line[] lines = new Line[4];
  private int size;
  private long calls;
  private long nanos;
  private long waitedNanos;

  /// When the last statement had been answered.
  private long lastEnded;

  /// A statement as people read it, and as it was sent.
  public record Wording(String text, String sent) {}

  /// One statement.
  ///
  /// @param wording asked for when somebody looks
  /// @param leastGap the shortest time from the end of the statement before it, whichever that was,
  ///   until it came; [Long#MAX_VALUE] where there was none before
  record Line(long fingerprint, Supplier<Wording> wording, int calls, long nanos, long leastGap) {
    Line once(long more, long gap) {
      return new Line(fingerprint, wording, calls + 1, nanos + more, Math.min(leastGap, gap));
    }

    /// What came between its calls and would not, were they one: the way to the database and back.
    /// The shortest gap, once less than it was called: in longer ones the app had work to do, which
    /// would be left.
    long betweenNanos() {
      return calls < 2 || leastGap == Long.MAX_VALUE ? 0 : (calls - 1) * leastGap;
    }
  }

  /// A statement has run.
  ///
  /// @param fingerprint equal for statements that differ in constants only
  /// @param came when, by the clock of all of this trip's
  /// @param ended when it had been answered
  /// @param took without its wait for a connection
  public synchronized void ran(
      long fingerprint, Supplier<Wording> wording, long came, long ended, long took) {
    // Side by side, or in one go, there is none.
    long gap = calls == 0 ? Long.MAX_VALUE : Math.max(0, came - lastEnded);
    lastEnded = calls == 0 ? ended : Math.max(lastEnded, ended);
    calls++;
    nanos += took;
    for (int i = 0; i < size; i++) {
      if (fingerprints[i] == fingerprint) {
        lines[i] = lines[i].once(took, gap);
        return;
      }
    }
    if (size == MAX_STATEMENTS) {
      return;
    }
    if (size == lines.length) {
      fingerprints = Arrays.copyOf(fingerprints, 2 * size);
      lines = Arrays.copyOf(lines, 2 * size);
    }
    fingerprints[size] = fingerprint;
    lines[size++] = new Line(fingerprint, wording, 1, took, gap);
  }

  /// It had to wait for a server connection.
  public synchronized void waited(long took) {
    waitedNanos += took;
  }

  /// All of it up to now.
  ///
  /// @param calls of all statements, those beyond the limit too
  record Sum(long calls, long nanos, long waitedNanos, List<Line> lines) {
    static final Sum NOTHING = new Sum(0, 0, 0, List.of());
  }

  synchronized Sum sum() {
    List<Line> all = new ArrayList<>(Arrays.asList(lines).subList(0, size));
    return new Sum(calls, nanos, waitedNanos, all);
  }
}
