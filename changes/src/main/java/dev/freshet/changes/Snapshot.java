package dev.freshet.changes;

import java.util.Arrays;

/// What `pg_current_snapshot()` said: which transactions were still in progress, as every snapshot
/// taken at that moment saw it. From `xmax` on they were in progress, or had not begun.
final class Snapshot {
  private final long xmin;
  private final long xmax;
  private final long[] running;

  private Snapshot(long xmin, long xmax, long[] running) {
    this.xmin = xmin;
    this.xmax = xmax;
    this.running = running;
  }

  /// Reads `xmin:xmax:xid,xid`.
  static Snapshot parse(String text) {
    int first = text.indexOf(':');
    int second = text.indexOf(':', first + 1);
    String list = text.substring(second + 1);
    long[] running =
        list.isEmpty()
            ? new long[0]
            : Arrays.stream(list.split(",", -1)).mapToLong(Long::parseLong).toArray();
    Arrays.sort(running);
    return new Snapshot(
        Long.parseLong(text.substring(0, first)),
        Long.parseLong(text.substring(first + 1, second)),
        running);
  }

  /// Those below [#xmax] that were in progress.
  long[] running() {
    return running.clone();
  }

  /// Every transaction below it had ended.
  long xmin() {
    return xmin;
  }

  long xmax() {
    return xmax;
  }

  /// @param xid with its epoch
  boolean isOver(long xid) {
    return xid < xmax && Arrays.binarySearch(running, xid) < 0;
  }

  /// @param xid without its epoch: taken for the transaction of that number that is nearest
  boolean isOver(int xid) {
    return isOver(whole(xid));
  }

  private long whole(int xid) {
    // The distance in the ring of 2^32 is read as a signed number, as PostgreSQL does it.
    return xmax + (xid - (int) xmax);
  }
}
