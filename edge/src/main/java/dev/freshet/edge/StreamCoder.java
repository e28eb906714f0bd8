package dev.freshet.edge;

import com.aayushatharva.brotli4j.encoder.BrotliOutputStream;
import com.aayushatharva.brotli4j.encoder.Encoder;
import com.github.luben.zstd.RecyclingBufferPool;
import com.github.luben.zstd.ZstdOutputStream;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Codes content piece by piece while it passes, for one response: quickly, since event loops do
/// it. Used by one thread.
final class StreamCoder {
  private static final long FLUSH_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  private final ByteArrayOutputStream sink = new ByteArrayOutputStream(8_192);
  private final OutputStream out;
  private final Polish.@Nullable Passing passing;
  private boolean closed;
  private boolean hasBegun;

  /// When everything so far was last given out, or the first piece came.
  private long since;

  /// @param passing what content goes through first, or null
  StreamCoder(Coding coding, Polish.@Nullable Passing passing) {
    this.passing = passing;
    try {
      out =
          switch (coding) {
            case BR ->
                new BrotliOutputStream(sink, new Encoder.Parameters().setQuality(4).setWindow(20));
            // Its buffer has 128 kB, more than most contents.
            case ZSTD -> new ZstdOutputStream(sink, RecyclingBufferPool.INSTANCE, 3);
            case GZIP -> new Gzip(sink, 4);
          };
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Takes over the buffer's reference; gives what is ready, with `flush` everything so far.
  ByteBuf encode(ByteBuf data, boolean flush) {
    try {
      if (passing == null) {
        data.readBytes(out, data.readableBytes());
      } else {
        out.write(passing.feed(ByteBufUtil.getBytes(data)));
      }
      if (flush) {
        out.flush();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      data.release();
    }
    return take();
  }

  /// As [#encode(ByteBuf, boolean)], with everything so far where that was not so for a while: a
  /// client is not to wait for the end of what an app makes bit by bit.
  ///
  /// @param isOpen nobody knows how much there will be: then also the first piece goes at once
  ByteBuf encode(ByteBuf data, boolean isOpen, long now) {
    boolean isDue = hasBegun ? now - since >= FLUSH_NANOS : isOpen;
    if (isDue || !hasBegun) {
      hasBegun = true;
      since = now;
    }
    return encode(data, isDue);
  }

  /// The rest.
  ByteBuf finish() {
    if (passing != null) {
      try {
        out.write(passing.end());
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    discard();
    return take();
  }

  /// Frees what the coder holds outside the heap; for a response that breaks off.
  void discard() {
    if (!closed) {
      closed = true;
      try {
        out.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private ByteBuf take() {
    if (sink.size() == 0) {
      return Unpooled.EMPTY_BUFFER;
    }
    ByteBuf ready = Unpooled.wrappedBuffer(sink.toByteArray());
    sink.reset();
    return ready;
  }
}
