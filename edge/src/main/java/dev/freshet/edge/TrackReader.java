package dev.freshet.edge;

import io.netty.buffer.Unpooled;

/// Hands a [Track]'s content to one client as fast as the client takes it; lives on the client's
/// event loop.
final class TrackReader {
  private final Client client;
  private final Track track;
  private final Finish finish;
  private final Runnable progress;
  private Track.Piece at;
  private long read;
  private volatile long passed;
  private volatile boolean done;

  /// Told once, when the client has been handed everything or the content broke off.
  @FunctionalInterface
  interface Finish {
    void finished(boolean complete, long octets);
  }

  /// @param progress run after pieces were handed on, so that the producer may resume
  TrackReader(Client client, Track track, Track.Piece from, Runnable progress, Finish finish) {
    this.client = client;
    this.track = track;
    this.at = from;
    this.progress = progress;
    this.finish = finish;
  }

  /// Heap octets of what is written but not handed on yet; zero when the reader is done.
  long lag() {
    return done ? 0 : track.weight() - passed;
  }

  /// Hands on what is there; call again when more was written or the client became writable.
  void pump() {
    boolean moved = false;
    while (!done && client.isWritable()) {
      Track.Piece next = at.next();
      if (next == null) {
        break;
      }
      at = next;
      moved = true;
      if (next.isEnd()) {
        done = true;
        if (next.isFailure()) {
          client.abort();
        } else {
          client.end(next.trailers());
        }
        finish.finished(!next.isFailure(), read);
      } else {
        count(next);
        client.write(Unpooled.wrappedBuffer(next.octets()));
      }
    }
    if (moved) {
      progress.run();
    }
  }

  private void count(Track.Piece piece) {
    read += piece.octets().length;
    // Only this thread writes it; others read it to see the lag.
    long before = passed;
    passed = before + piece.weight();
  }

  /// The client is gone: read no further.
  void stop() {
    done = true;
  }

  boolean isDone() {
    return done;
  }
}
