package dev.freshet.edge;

import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.DefaultHttp2LocalFlowController;
import io.netty.handler.codec.http2.DefaultHttp2PingFrame;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2LocalFlowController;
import io.netty.handler.codec.http2.Http2Stream;
import io.netty.handler.codec.http2.Http2StreamChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/* How much the peer of one HTTP/2 connection may send before it was read (RFC 9113, section 5.2).
 *
 * A stream begins with 64 kB. That is enough on a short line, and where the reader is slow it is
 * all that has to be held. On a long line it would be the limit: a window is sent, and the sender
 * waits for a round trip. So while content comes, a ping tells the length of a round. A stream of
 * which a window's worth was read within one could have been sent more, and gets twice the window.
 * What nobody reads makes no window grow, however quickly it came; what needs no larger one gets
 * none.
 *
 * The connection's window has room for all its streams, unread, and for what each grows by: so
 * those that nobody reads hold up no other. What they grow by is bounded, for the connection and
 * for all of them together.
 */

/// The receiving windows of one HTTP/2 connection; lives on its event loop.
final class Http2Windows {
  /// Of a stream at first: what RFC 9113, section 6.9.2, takes for granted.
  static final int FIRST = 65_535;

  /// Of a stream at most: 80 MB/s at 50 ms.
  static final int MOST = 4 << 20;

  /// What the windows of all connections to one address, or to one origin, grow by at most.
  static final long MOST_GROWTH = 64 << 20;

  /// More is given back as soon as the peer may send less than this part of the connection's
  /// window, so that what is beyond may be missing while nobody has it.
  private static final float RATIO = 0.9f;

  /// Less content is not worth a ping.
  private static final long FIRST_PROBE = FIRST / 2;

  private static final long RAREST_PROBE = 16 << 20;

  /// What our ping carries.
  private static final long PROBE = 0x77696e646f7773L;

  private final Http2FrameCodec codec;
  private final int streams;
  private final int mostGrown;
  private final Reservation growth;
  private final List<Window> round = new ArrayList<>();
  private @Nullable ChannelHandlerContext context;
  private int grown;
  private long unprobed;
  private long probeAfter = FIRST_PROBE;
  private boolean probing;

  /// @param streams how many there may be at a time
  /// @param mostGrown what they may grow by together
  /// @param grownByAll what those grow by that share the bound
  Http2Windows(Http2FrameCodec codec, int streams, int mostGrown, AtomicLong grownByAll) {
    this.codec = codec;
    this.streams = streams;
    this.mostGrown = mostGrown;
    this.growth = new Reservation(grownByAll, MOST_GROWTH);
  }

  /// Opens the connection's window; the codec must have sent its settings.
  void open(ChannelHandlerContext on) {
    context = on;
    try {
      Http2Stream all = codec.connection().connectionStream();
      int whole = roomFor(streams * (long) FIRST);
      if (local() instanceof DefaultHttp2LocalFlowController ours) {
        ours.windowUpdateRatio(all, RATIO);
      }
      local().incrementWindowSize(all, whole - local().initialWindowSize(all));
      on.flush();
    } catch (Http2Exception e) {
      on.close();
    }
  }

  /// The connection's window for so much on its streams, of which [#RATIO] is there at any time.
  private static int roomFor(long octets) {
    return (int) Math.min(Integer.MAX_VALUE / 2, octets + octets / 8);
  }

  private Http2LocalFlowController local() {
    return codec.connection().local().flowController();
  }

  /// The connection is over.
  void close() {
    context = null;
    grown = 0;
    growth.giveBack();
  }

  /// The window of one stream.
  Window of(Http2StreamChannel stream) {
    return new Window(stream);
  }

  private void probe() {
    ChannelHandlerContext ctx = context;
    if (ctx != null) {
      probing = true;
      unprobed = 0;
      ctx.writeAndFlush(new DefaultHttp2PingFrame(PROBE));
    }
  }

  /// A ping came back.
  void answered(long ping) {
    if (!probing || ping != PROBE) {
      return;
    }
    probing = false;
    boolean hasGrown = false;
    for (Window window : round) {
      hasGrown |= window.endRound();
    }
    round.clear();
    probeAfter = hasGrown ? FIRST_PROBE : Math.min(RAREST_PROBE, probeAfter * 2);
  }

  /// That of one stream.
  final class Window {
    private final Http2StreamChannel channel;
    private int size = FIRST;
    private long readInRound;
    private boolean closed;

    private Window(Http2StreamChannel channel) {
      this.channel = channel;
    }

    /// So many octets were read, and may be followed by as many.
    void read(int octets) {
      ChannelHandlerContext ctx = context;
      if (closed || octets == 0 || ctx == null) {
        return;
      }
      try {
        Http2Stream stream = stream();
        if (stream != null && local().consumeBytes(stream, octets)) {
          ctx.flush();
        }
      } catch (Http2Exception e) {
        ctx.close();
        return;
      }
      if (probing) {
        if (readInRound == 0) {
          round.add(this);
        }
        readInRound += octets;
      } else {
        unprobed += octets;
        if (unprobed >= probeAfter && mayGrowBy() > 0) {
          probe();
        }
      }
    }

    private @Nullable Http2Stream stream() {
      return codec.connection().stream(channel.stream().id());
    }

    private int mayGrowBy() {
      return closed ? 0 : Math.min(size, Math.min(MOST - size, mostGrown - grown));
    }

    private boolean endRound() {
      boolean isFilled = readInRound >= size * 2L / 3;
      readInRound = 0;
      int more = mayGrowBy();
      return isFilled && more > 0 && growth.growTo((long) grown + more) && growBy(more);
    }

    private boolean growBy(int octets) {
      ChannelHandlerContext ctx = context;
      Http2Stream stream = stream();
      if (ctx == null || stream == null) {
        return false;
      }
      grown += octets;
      size += octets;
      try {
        local().incrementWindowSize(codec.connection().connectionStream(), roomFor(octets));
        local().incrementWindowSize(stream, octets);
        ctx.flush();
        return true;
      } catch (Http2Exception e) {
        ctx.close();
        return false;
      }
    }

    /// The stream is over: what it has grown by is the next one's.
    void close() {
      int back = size - FIRST;
      boolean isOver = closed || context == null;
      closed = true;
      if (isOver || back == 0) {
        return;
      }
      grown -= back;
      growth.shrinkTo(grown);
      try {
        local().incrementWindowSize(codec.connection().connectionStream(), -roomFor(back));
      } catch (Http2Exception e) {
        throw new IllegalStateException("a smaller window is no error of anybody's", e);
      }
    }
  }
}
