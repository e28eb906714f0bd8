package dev.freshet.recording;

import dev.freshet.base.Trouble;
import java.nio.file.Path;
import java.util.BitSet;

/// A file of recorded traffic, looked through once: which sessions of it are whole.
///
/// What is kept of it is a bit for each session, however large the file is.
public final class Recording {
  private final Path path;
  private final BitSet whole;
  private final double lastMillis;
  private final long requests;
  private final int leftOut;
  private final boolean isBroken;

  private Recording(
      Path path, BitSet whole, double lastMillis, long requests, int leftOut, boolean isBroken) {
    this.path = path;
    this.whole = whole;
    this.lastMillis = lastMillis;
    this.requests = requests;
    this.leftOut = leftOut;
    this.isBroken = isBroken;
  }

  /// Looks through a file; throws [Trouble.Found] for one that is no recording, or has no whole
  /// session.
  public static Recording open(Path path) {
    BitSet begun = new BitSet();
    BitSet whole = new BitSet();
    BitSet out = new BitSet();
    double last = 0;
    long requests = 0;
    boolean isBroken;
    try (Lines lines = Lines.open(path)) {
      boolean isOver = false;
      for (Line line = lines.next(); line != null; line = lines.next()) {
        switch (line) {
          case Line.Asked asked -> {
            begun.set(asked.session());
            last = Math.max(last, asked.atMillis());
            requests++;
          }
          case Line.Answered _ -> {}
          case Line.Ended(int session) -> whole.set(session);
          case Line.Out(int session) -> out.set(session);
          case Line.Over _ -> isOver = true;
        }
      }
      isBroken = lines.isBroken() || !isOver;
    }
    whole.andNot(out);
    whole.and(begun);
    if (whole.isEmpty()) {
      throw new Trouble.Found(
          new Trouble(
              path.toString(),
              begun.isEmpty()
                  ? "nobody asked for anything while it was recorded"
                  : "not one session of it is whole" + (isBroken ? ": it breaks off" : ""),
              "record for longer, or without a limit that ends it early"));
    }
    begun.andNot(whole);
    return new Recording(path, whole, last, requests, begun.cardinality(), isBroken);
  }

  public Path path() {
    return path;
  }

  /// Whether nothing of that session is missing.
  public boolean isWhole(int session) {
    return whole.get(session);
  }

  /// Sessions that are whole.
  public int sessions() {
    return whole.cardinality();
  }

  /// Sessions of which something is there, but not all.
  public int leftOut() {
    return leftOut;
  }

  /// Requests, of whole sessions or not.
  public long requests() {
    return requests;
  }

  /// When the last request was there, milliseconds since the recording began.
  public double lastMillis() {
    return lastMillis;
  }

  /// Whether the file breaks off before the recording's end, or is damaged.
  public boolean isBroken() {
    return isBroken;
  }

  /// Reads it from its beginning.
  public Lines lines() {
    return Lines.open(path);
  }
}
