package dev.freshet.edge;

import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.List;

/// Everybody who reads along with one [Fill], each on its own event loop.
final class Readers {
  private final List<Reader> all = new ArrayList<>();

  private record Reader(EventLoop loop, TrackReader reader) {}

  synchronized void add(EventLoop loop, TrackReader reader) {
    all.add(new Reader(loop, reader));
  }

  synchronized void remove(TrackReader reader) {
    all.removeIf(r -> r.reader().equals(reader));
  }

  /// How far the slowest is behind, or -1 when nobody reads any more.
  synchronized long lag() {
    long most = -1;
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
