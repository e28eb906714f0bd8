package dev.freshet.gateway;

import dev.freshet.base.Time;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/// How far a server connection is with what it runs: rows and octets of the answer so far, and
/// since when.
final class Progress {
  private final Time time;
  private final Workload workload;
  private long octets;
  private long counted;
  private int from;
  private long rows;
  private long told;
  private long lastNanos;
  private @Nullable String failure;

  Progress(Time time, Workload workload) {
    this.time = time;
    this.workload = workload;
  }

  /// The buffer looked at next is read from that index on.
  void reads(int index) {
    from = index;
  }

  /// It has been read up to that index.
  void hasRead(int index) {
    octets += index - from;
    from = index;
  }

  void row() {
    rows++;
  }

  /// CommandComplete has come.
  ///
  /// @param to where its text ends
  void completed(ByteBuf in, int at, int to) {
    told += told(in, at, to);
    rows = 0;
  }

  /// How many rows there were, which CommandComplete says at the end of its text; zero where it
  /// does not count them.
  static long told(ByteBuf in, int at, int to) {
    long number = 0;
    long place = 1;
    int i = to - 1;
    for (; i >= at && in.getByte(i) >= '0' && in.getByte(i) <= '9'; i--) {
      number += place * (in.getByte(i) - '0');
      place *= 10;
    }
    boolean isNumber = i >= at && in.getByte(i) == ' ' && i < to - 1;
    return isNumber ? number : 0;
  }

  /// The server answered with an error.
  ///
  /// @param reading what it did not get as far as running, or null
  void failed(String sqlState, @Nullable Reading reading) {
    failure = sqlState;
    if (reading != null) {
      workload.refused(reading.statement(), sqlState);
    }
  }

  /// What is at the head has ended, with the message that ends there; whatever comes next belongs
  /// to something else.
  void ends(@Nullable Running running, int to) {
    long end = octets + (to - from);
    if (running != null && (workload.isOn() || running.trail() != null)) {
      long now = time.nanos();
      // What was sent in one go runs one after the other.
      long took = now - Math.max(running.sinceNanos(), lastNanos);
      running.took(took);
      if (workload.isOn()) {
        workload.ran(running, took, told + rows, end - counted, failure);
      }
      lastNanos = now;
    }
    counted = end;
    told = 0;
    rows = 0;
    failure = null;
  }
}
