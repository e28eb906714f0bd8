package dev.freshet.edge;

import dev.freshet.edge.UpstreamFailure.Kind;
import dev.freshet.http.FieldName;
import dev.freshet.http.Fields;
import dev.freshet.http.RequestHead;
import dev.freshet.http.ResponseHead;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/* One HTTP/1.1 connection to an origin, carrying one request at a time.
 *
 * It belongs to one event loop and one OriginPool. While `call` is set it is in use; between calls
 * it is idle in the pool. It goes back only when both messages are complete and not an octet came
 * behind the response, and it is closed when one comes while it is idle: what an origin sends too
 * much is not taken for the answer to somebody else's request. (Nobody can tell when it comes
 * after that request was sent; that we frame requests anew keeps clients from provoking it.) In
 * every other case it is closed.
 *
 * Time-outs cost one store per read: the pool looks at all its connections a few times a second
 * (checkTime).
 *
 * A request without content is written and flushed at once. Pieces of content are flushed together
 * at the end of the event loop's round.
 */

/// An HTTP/1.1 connection to an origin.
final class Http1Origin extends ChannelInboundHandlerAdapter implements Lane {
  private final OriginPool pool;
  private final Channel channel;
  private final ResponseReader reader;
  private final Runnable flush = this::flushNow;
  private final long bornNanos;
  private final boolean secure;
  private @Nullable OriginCall call;
  private long sinceNanos;
  private long idleLimitNanos;
  private long unsent;
  private int served;
  private boolean chunked;
  private boolean expecting;
  private boolean requestDone;
  private boolean askerEnded;
  private boolean headSeen;
  private boolean tunnel;
  private boolean longSilence;
  private boolean paused;
  private boolean flushing;
  private boolean nothingSent;
  private boolean closeNotified;
  private boolean idle;
  private @Nullable Throwable cause;

  Http1Origin(OriginPool pool, Channel channel, boolean secure) {
    this.pool = pool;
    this.channel = channel;
    this.secure = secure;
    this.reader =
        new ResponseReader(new Incoming(), pool.config().tries().fieldsMax(), pool.scratch());
    this.bornNanos = pool.now();
    this.sinceNanos = bornNanos;
    this.idleLimitNanos = pool.config().pool().idle().toNanos();
  }

  boolean isUsable() {
    return channel.isActive();
  }

  boolean isTooOld(long now) {
    return now - bornNanos >= pool.config().pool().age().toNanos();
  }

  boolean isIdle() {
    return idle;
  }

  /// Marks it as waiting in the pool, or taken out.
  void idle(boolean now) {
    idle = now;
    sinceNanos = pool.now();
  }

  void close() {
    channel.close();
  }

  /// Sends a request; the connection must not be in use.
  void begin(OriginCall begun) {
    RequestHead head = begun.head();
    long length = begun.length();
    call = begun;
    served++;
    reader.begin(head.method(), head.fields().combined(FieldName.UPGRADE));
    sinceNanos = pool.now();
    unsent = length;
    chunked = length < 0;
    expecting = length != 0 && head.fields().has(FieldName.EXPECT);
    requestDone = length == 0;
    askerEnded = false;
    headSeen = false;
    tunnel = false;
    longSilence = false;
    nothingSent = false;
    ByteBuf octets =
        RequestEncoder.head(head, pool.origin().hostFor(head), length, channel.alloc());
    writeHead(octets, begun.isIdempotent());
    begun.attached(this);
  }

  private void writeHead(ByteBuf octets, boolean idempotent) {
    if (idempotent || served == 1) {
      channel.write(octets, channel.voidPromise());
    } else {
      // A stale connection that refuses even the head has not begun to act on it, so that any
      // method may be sent again.
      channel
          .write(octets)
          .addListener(written -> {
            if (!written.isSuccess()) {
              nothingSent = true;
              channel.close();
            }
          });
    }
    if (requestDone) {
      channel.flush();
    } else {
      flushSoon();
    }
  }

  private void flushSoon() {
    if (!flushing) {
      flushing = true;
      channel.eventLoop().execute(flush);
    }
  }

  private void flushNow() {
    flushing = false;
    channel.flush();
  }

  @Override
  public void content(ByteBuf data) {
    int size = data.readableBytes();
    if (call == null || (requestDone && !tunnel) || size == 0) {
      data.release();
      return;
    }
    sinceNanos = pool.now();
    expecting = false;
    if (tunnel) {
      channel.write(data, channel.voidPromise());
    } else if (chunked) {
      channel.write(RequestEncoder.chunkStart(size, channel.alloc()), channel.voidPromise());
      channel.write(data, channel.voidPromise());
      channel.write(RequestEncoder.chunkEnd(channel.alloc()), channel.voidPromise());
    } else if (size > unsent) {
      data.release();
      misled("the request's content is longer than announced");
      return;
    } else {
      unsent -= size;
      channel.write(data, channel.voidPromise());
    }
    flushSoon();
  }

  @Override
  public void contentEnd(Fields trailers) {
    if (call == null) {
      return;
    }
    boolean isSecond = askerEnded;
    askerEnded = true;
    if (tunnel && isSecond) {
      closeOurHalf();
    }
    if (requestDone) {
      return;
    }
    if (chunked) {
      channel.write(RequestEncoder.lastChunk(trailers, channel.alloc()), channel.voidPromise());
      flushSoon();
    } else if (unsent > 0) {
      misled("the request's content is shorter than announced");
      return;
    }
    requestDone = true;
    if (!headSeen) {
      sinceNanos = pool.now();
    }
  }

  /// The origin may still have something to say.
  private void closeOurHalf() {
    SslHandler tls = channel.pipeline().get(SslHandler.class);
    if (tls != null) {
      tls.closeOutbound();
    } else {
      channel
          .writeAndFlush(Unpooled.EMPTY_BUFFER)
          .addListener(done -> ((DuplexChannel) channel).shutdownOutput());
    }
  }

  @Override
  public boolean isWritable() {
    return channel.isWritable();
  }

  @Override
  public void pauseContent(boolean pause) {
    if (paused != pause && call != null) {
      paused = pause;
      sinceNanos = pool.now();
      channel.config().setAutoRead(!pause);
    }
  }

  @Override
  public void cancel() {
    call = null;
    reader.stop();
    channel.close();
  }

  /// Ends what takes too long; called by the pool a few times a second.
  void checkTime(long now) {
    if (call == null) {
      if (idle && (now - sinceNanos >= idleLimitNanos || isTooOld(now))) {
        channel.close();
      }
      return;
    }
    long waited = now - sinceNanos;
    OriginConfig.Waits waits = pool.config().waits();
    if (headSeen) {
      long limit = (longSilence ? waits.tunnel() : waits.idle()).toNanos();
      if (!paused && waited >= limit) {
        fail(Kind.IDLE_TIMEOUT, "sent nothing for " + seconds(waited));
      }
    } else if (!channel.isWritable()) {
      if (waited >= waits.idle().toNanos()) {
        fail(Kind.IDLE_TIMEOUT, "took nothing for " + seconds(waited));
      }
    } else if ((requestDone || expecting) && waited >= waits.response().toNanos()) {
      fail(Kind.RESPONSE_TIMEOUT, "did not answer for " + seconds(waited));
    }
  }

  private static String seconds(long nanos) {
    return TimeUnit.NANOSECONDS.toMillis(nanos) / 1_000.0 + " s";
  }

  /// The asker broke its word: the connection can't be used on, which is not the origin's fault.
  private void misled(String what) {
    fail(pool.origin().failure(Kind.CONNECTION_LOST, what, false), true, true);
  }

  private void fail(Kind kind, String what) {
    fail(pool.origin().failure(kind, what, false), reader.hasBegun(), false);
  }

  private void fail(UpstreamFailure failure, boolean began, boolean stale) {
    OriginCall failing = call;
    call = null;
    reader.stop();
    channel.close();
    if (failing != null) {
      failing.lost(failure, began, stale);
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    if (!(message instanceof ByteBuf in)) {
      ReferenceCountUtil.release(message);
      return;
    }
    if (call == null) {
      // Nobody asked: whatever this is, it is not the answer to the next request.
      in.release();
      context.close();
      return;
    }
    if (headSeen) {
      sinceNanos = pool.now();
    }
    reader.read(in);
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) {
    closeNotified |= event == SslCloseCompletionEvent.SUCCESS;
    context.fireUserEventTriggered(event);
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext context) {
    if (call != null && channel.isWritable()) {
      sinceNanos = pool.now();
      call.laneWritable();
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable thrown) {
    cause = thrown;
    context.close();
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    pool.closed(this);
    if (call != null) {
      // Without TLS's close_notify an end may be an attacker's doing (RFC 9112, section 9.8).
      reader.ended(cause == null && (!secure || closeNotified));
    }
  }

  private void responseEnded(Fields trailers, boolean reusable) {
    OriginCall ending = call;
    call = null;
    if (paused) {
      paused = false;
      channel.config().setAutoRead(true);
    }
    idleLimitNanos = reader.idleNanos(pool.config().pool().idle().toNanos());
    if (reusable && requestDone && idleLimitNanos > 0 && channel.isActive()) {
      pool.release(this);
    } else {
      channel.close();
    }
    if (ending != null) {
      ending.ended(trailers);
    }
  }

  /// The response's side.
  private final class Incoming implements ResponseReader.Sink {
    @Override
    public void interim(ResponseHead head) {
      sinceNanos = pool.now();
      if (call != null) {
        call.interim(head);
      }
    }

    @Override
    public void head(ResponseHead head, long length) {
      headSeen = true;
      sinceNanos = pool.now();
      tunnel = head.status() == 101;
      String type = head.fields().first(FieldName.CONTENT_TYPE);
      longSilence = tunnel || (type != null && type.startsWith("text/event-stream"));
      if (call != null) {
        call.headed(head, length);
      }
    }

    @Override
    public void content(ByteBuf data) {
      if (call != null) {
        call.arrived(data);
      } else {
        data.release();
      }
    }

    @Override
    public void end(Fields trailers, boolean reusable) {
      responseEnded(trailers, reusable);
    }

    @Override
    public void broken(Kind kind, String what, boolean began) {
      String because = cause == null ? what : what + " (" + cause.getMessage() + ")";
      boolean stale = kind == Kind.CONNECTION_LOST && !began && served > 1;
      fail(pool.origin().failure(kind, because, nothingSent), began, stale);
    }
  }
}
