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

  /// A statement as people read it, and as it was sent.
  public record Wording(String text, String sent) {}

  /// One statement.
  ///
  /// @param wording asked for when somebody looks
  record Line(long fingerprint, Supplier<Wording> wording, int calls, long nanos) {
    Line once(long more) {
      return new Line(fingerprint, wording, calls + 1, nanos + more);
    }
  }

  /// A statement has run.
  ///
  /// @param fingerprint equal for statements that differ in constants only
  public synchronized void ran(long fingerprint, Supplier<Wording> wording, long took) {
    calls++;
    nanos += took;
    for (int i = 0; i < size; i++) {
      if (fingerprints[i] == fingerprint) {
        lines[i] = lines[i].once(took);
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
    lines[size++] = new Line(fingerprint, wording, 1, took);
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
