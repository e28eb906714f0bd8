package dev.freshet.edge;

import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.List;

/// Everybody who reads along with one [Fill], each on its own event loop.
final class Readers {
  private final List<Reader> all = new ArrayList<>();
  private int expected;

  private record Reader(EventLoop loop, TrackReader reader) {}

  /// Somebody is on the way to his own loop, to read there. He counts as one who reads: the stream
  /// must not end under him.
  synchronized void expect() {
    expected++;
  }

  /// He is there, and reads unless he has thought better of it.
  ///
  /// @return false when nobody reads, nor is on the way
  synchronized boolean came() {
    expected--;
    return expected > 0 || !all.isEmpty();
  }

  synchronized void add(EventLoop loop, TrackReader reader) {
    all.add(new Reader(loop, reader));
  }

  synchronized void remove(TrackReader reader) {
    all.removeIf(r -> r.reader().equals(reader));
  }

  /// How far the slowest is behind, or -1 when nobody reads any more, nor is about to.
  synchronized long lag() {
    long most = expected > 0 ? 0 : -1;
    for (Reader r : all) {
      if (!r.reader().isDone()) {
        most = Math.max(most, r.reader().lag());
      }
    }
    return most;
  }

  /// There is more to read.
  void wake() {
    List<Reader> now;
    synchronized (this) {
      if (all.isEmpty()) {
        return;
      }
      all.removeIf(r -> r.reader().isDone());
      now = List.copyOf(all);
    }
    for (Reader r : now) {
      if (r.loop().inEventLoop()) {
        r.reader().pump();
      } else {
        r.loop().execute(r.reader()::pump);
      }
    }
  }
}
