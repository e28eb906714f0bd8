package dev.freshet.edge;

import dev.freshet.http.Fields;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2StreamChannel;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/// What a peer sends on one stream, held while the reader pauses.
///
/// The window bounds its octets, so that they are given back only when they were read. It does not
/// bound what octets are kept in: a frame of one octet costs a hundred, and pins the buffer that it
/// came in. So small ones are put together.
final class Http2Inflow {
  /// Content below it is copied where it has to wait.
  private static final int SMALL = 8_192;

  private static final int ROOM = 16_384;

  private final Http2Windows.Window window;
  private final Http2StreamChannel channel;
  private final Reader reader;
  private @Nullable ArrayDeque<ByteBuf> held;
  private @Nullable ByteBuf filling;
  private @Nullable Fields trailers;
  private boolean paused;
  private boolean pumping;
  private boolean discarding;

  /// Hears what has come as soon as it does not pause.
  interface Reader {
    /// Takes the buffer over.
    void content(ByteBuf data);

    /// There is no more.
    void contentEnd(Fields trailers);
  }

  Http2Inflow(Http2Windows windows, Http2StreamChannel channel, Reader reader) {
    this.window = windows.of(channel);
    this.channel = channel;
    this.reader = reader;
  }

  /// Takes over a frame; whether it was the last is for the caller to see.
  void arrived(Http2DataFrame frame) {
    ByteBuf data = frame.content();
    int octets = data.readableBytes();
    // Nobody reads the padding.
    window.read(frame.initialFlowControlledBytes() - octets);
    if (discarding || octets == 0) {
      data.release();
      window.read(octets);
    } else if (paused || pumping || isHolding()) {
      hold(data);
    } else {
      hand(data);
    }
  }

  /// All content has arrived.
  void ended(Fields behind) {
    trailers = behind;
    pump();
  }

  boolean isPaused() {
    return paused;
  }

  void pause(boolean wanted) {
    paused = wanted;
    pump();
  }

  /// All of it is here, though not read.
  boolean isWhole() {
    return trailers != null;
  }

  private boolean isHolding() {
    return held != null && !held.isEmpty();
  }

  /// Octets of memory that what is not read takes.
  int room() {
    return held == null ? 0 : held.stream().mapToInt(ByteBuf::capacity).sum();
  }

  private void hold(ByteBuf data) {
    ArrayDeque<ByteBuf> waiting = held;
    if (waiting == null) {
      waiting = new ArrayDeque<>(4);
      held = waiting;
    }
    if (data.readableBytes() >= SMALL) {
      filling = null;
      waiting.add(data);
      return;
    }
    ByteBuf last = filling;
    if (last == null || last.writableBytes() < data.readableBytes()) {
      last = channel.alloc().buffer(ROOM, ROOM);
      filling = last;
      waiting.add(last);
    }
    last.writeBytes(data);
    data.release();
  }

  private void hand(ByteBuf data) {
    int octets = data.readableBytes();
    reader.content(data);
    window.read(octets);
  }

  private void pump() {
    if (pumping) {
      return;
    }
    pumping = true;
    try {
      while (!paused && isHolding() && held != null) {
        ByteBuf next = held.removeFirst();
        filling = held.isEmpty() ? null : filling;
        hand(next);
      }
    } finally {
      pumping = false;
    }
    Fields end = trailers;
    if (end != null && !paused && !isHolding()) {
      trailers = null;
      reader.contentEnd(end);
    }
  }

  /// Nobody will read what is here, or comes.
  void discard() {
    discarding = true;
    trailers = null;
    ArrayDeque<ByteBuf> waiting = held;
    held = null;
    filling = null;
    int octets = 0;
    while (waiting != null && !waiting.isEmpty()) {
      ByteBuf next = waiting.removeFirst();
      octets += next.readableBytes();
      next.release();
    }
    window.read(octets);
  }

  /// The stream is over; what it has brought can still be read.
  void closed() {
    window.close();
  }
}
