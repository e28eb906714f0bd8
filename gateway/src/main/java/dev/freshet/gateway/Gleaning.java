package dev.freshet.gateway;

import dev.freshet.freshness.Trail;
import dev.freshet.sql.ShownRows;
import dev.freshet.sql.Statement;
import io.netty.buffer.ByteBuf;

/// An answer whose rows are looked at as they pass, for a trail that waits to be told what it was
/// made from. Told that it is over, whatever became of it; what can't be told of an answer that did
/// not come whole is made up for by depending on more.
final class Gleaning {
  /// A longer row is not waited for.
  private static final int MAX_ROW = 1 << 16;

  private final Footprints footprints;
  private final Trail trail;
  private final Statement statement;
  private final ShownRows rows;
  private final long since;
  private boolean isOver;

  /// The trail has been told that something awaits.
  ///
  /// @param since as in [Trail#reads]
  Gleaning(Footprints footprints, Trail trail, Statement statement, ShownRows rows, long since) {
    this.since = since;
    this.footprints = footprints;
    this.trail = trail;
    this.statement = statement;
    this.rows = rows;
  }

  /// Whether a row of so many octets has to be there as a whole before it passes.
  boolean wants(int size) {
    if (!isOver && size > MAX_ROW) {
      rows.spoil();
    }
    return !isOver && rows.isOpen();
  }

  /// @param from where the count of its values stands
  void row(ByteBuf in, int from, int size) {
    rows.row(in.nioBuffer(from, size));
  }

  /// All rows have come.
  void complete() {
    if (!isOver) {
      isOver = true;
      try {
        footprints.reads(trail, statement, rows::dependencies, since);
      } finally {
        trail.settled();
      }
    }
  }

  /// No more will come.
  void over() {
    if (!isOver) {
      rows.spoil();
      complete();
    }
  }
}
