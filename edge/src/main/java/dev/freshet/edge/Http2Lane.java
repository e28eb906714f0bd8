package dev.freshet.edge;

import dev.freshet.edge.UpstreamFailure.Kind;
import dev.freshet.http.FieldName;
import dev.freshet.http.Fields;
import dev.freshet.http.RequestHead;
import dev.freshet.http.ResponseHead;
import dev.freshet.http.Trailers;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2GoAwayFrame;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2ResetFrame;
import io.netty.handler.codec.http2.Http2StreamChannel;
import io.netty.util.ReferenceCountUtil;
import org.jspecify.annotations.Nullable;

/// One stream of an [Http2Origin]: a call's way to the origin and back.
final class Http2Lane extends ChannelInboundHandlerAdapter implements Lane {
  private static final int INTERIMS_MAX = 32;

  private final Http2Origin connection;
  private @Nullable OriginCall call;
  private @Nullable Http2StreamChannel stream;
  private @Nullable Http2Inflow inflow;
  private long sinceNanos;
  private long announced;
  private long received;
  private int interims;
  private boolean expecting;
  private boolean requestDone;
  private boolean headSeen;
  private boolean headless;
  private boolean longSilence;
  private boolean paused;
  private boolean untouched;
  private String why = "the stream was closed";

  Http2Lane(Http2Origin connection, OriginCall call) {
    this.connection = connection;
    this.call = call;
  }

  /// The stream could not be opened.
  void notSent(@Nullable Throwable cause) {
    untouched = true;
    fail(Kind.CONNECTION_LOST, cause == null ? "no stream" : String.valueOf(cause.getMessage()));
  }

  /// Sends the head.
  void start(Http2StreamChannel opened) {
    stream = opened;
    inflow = new Http2Inflow(connection.windows(), opened, new Answer());
    OriginCall starting = call;
    if (starting == null) {
      opened.close();
      return;
    }
    RequestHead head = starting.head();
    sinceNanos = connection.pool().now();
    headless = head.method().equals("HEAD");
    requestDone = starting.length() == 0;
    expecting = !requestDone && head.fields().has(FieldName.EXPECT);
    Http2Headers headers =
        Http2OriginFields.request(head, connection.pool().origin(), starting.length());
    opened
        .writeAndFlush(new DefaultHttp2HeadersFrame(headers, requestDone))
        .addListener(done -> {
          if (!done.isSuccess()) {
            notSent(done.cause());
          }
        });
    if (call != null) {
      starting.attached(this);
    }
  }

  @Override
  public void content(ByteBuf data) {
    Http2StreamChannel to = stream;
    if (call == null || to == null || requestDone) {
      data.release();
      return;
    }
    sinceNanos = connection.pool().now();
    expecting = false;
    to.write(new DefaultHttp2DataFrame(data, false), to.voidPromise());
    connection.flushSoon();
  }

  @Override
  public void contentEnd(Fields trailers) {
    Http2StreamChannel to = stream;
    if (call == null || to == null || requestDone) {
      return;
    }
    requestDone = true;
    if (!headSeen) {
      sinceNanos = connection.pool().now();
    }
    Object last =
        trailers.isEmpty()
            ? new DefaultHttp2DataFrame(true)
            : new DefaultHttp2HeadersFrame(Http2OriginFields.trailers(trailers), true);
    to.write(last, to.voidPromise());
    connection.flushSoon();
  }

  void flush() {
    if (stream != null) {
      stream.flush();
    }
  }

  @Override
  public boolean isWritable() {
    return stream != null && stream.isWritable();
  }

  @Override
  public void pauseContent(boolean pause) {
    if (paused != pause && inflow != null) {
      paused = pause;
      sinceNanos = connection.pool().now();
      inflow.pause(pause);
    }
  }

  @Override
  public void cancel() {
    call = null;
    abandon();
  }

  private void abandon() {
    if (inflow != null) {
      inflow.discard();
    }
    if (stream != null) {
      stream.close();
    }
  }

  void checkTime(long now) {
    if (call == null) {
      return;
    }
    long waited = now - sinceNanos;
    OriginConfig.Waits waits = connection.pool().config().waits();
    if (headSeen) {
      long limit = (longSilence ? waits.tunnel() : waits.idle()).toNanos();
      if (!paused && waited >= limit) {
        fail(Kind.IDLE_TIMEOUT, "sent nothing for " + waited / 1_000_000 + " ms");
      }
    } else if (!requestDone && !isWritable()) {
      if (waited >= waits.idle().toNanos()) {
        fail(Kind.IDLE_TIMEOUT, "took nothing for " + waited / 1_000_000 + " ms");
      }
    } else if ((requestDone || expecting) && waited >= waits.response().toNanos()) {
      // The connection itself may be dead without knowing.
      connection.closeGracefully();
      fail(Kind.RESPONSE_TIMEOUT, "did not answer for " + waited / 1_000_000 + " ms");
    }
  }

  private void fail(Kind kind, String what) {
    OriginCall failing = call;
    call = null;
    abandon();
    if (failing != null) {
      UpstreamFailure failure = connection.pool().origin().failure(kind, what, untouched);
      failing.lost(failure, headSeen || interims > 0, false);
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    OriginCall to = call;
    if (to == null) {
      ReferenceCountUtil.release(message);
      return;
    }
    if (message instanceof Http2DataFrame data) {
      content(data);
    } else if (message instanceof Http2HeadersFrame frame) {
      headers(to, frame);
    } else {
      ReferenceCountUtil.release(message);
    }
  }

  private void content(Http2DataFrame data) {
    sinceNanos = connection.pool().now();
    Http2Inflow to = inflow;
    if (!headSeen || to == null) {
      data.release();
      fail(Kind.BAD_RESPONSE, "content without a head");
      return;
    }
    received += data.content().readableBytes();
    boolean isLast = data.isEndStream();
    if (isLast && isCutShort()) {
      data.release();
      failShort();
      return;
    }
    to.arrived(data);
    if (isLast) {
      to.ended(new Fields(0));
    }
  }

  /// The codec holds the announced length to what has come, but where nothing has come: it does not
  /// know what was asked with HEAD.
  private boolean isCutShort() {
    return received < announced;
  }

  private void failShort() {
    fail(Kind.BAD_RESPONSE, "announced " + announced + " octets and sent " + received);
  }

  private void headers(OriginCall to, Http2HeadersFrame frame) {
    sinceNanos = connection.pool().now();
    Fields fields = Http2OriginFields.of(frame.headers());
    if (fields == null) {
      fail(Kind.BAD_RESPONSE, "a field holds a character that none may hold");
      return;
    }
    if (headSeen) {
      if (frame.isEndStream() && isCutShort()) {
        failShort();
      } else if (frame.isEndStream() && inflow != null) {
        inflow.ended(Trailers.allowed(fields));
      } else {
        fail(Kind.BAD_RESPONSE, "a second head");
      }
      return;
    }
    int status = Http2OriginFields.status(frame.headers());
    if (status < 100 || status == 101 || status > 599) {
      fail(Kind.BAD_RESPONSE, "the status " + frame.headers().status() + " means nothing here");
    } else if (status < 200) {
      if (++interims > INTERIMS_MAX || frame.isEndStream()) {
        fail(Kind.BAD_RESPONSE, "too many interim responses, or nothing behind one");
      } else {
        to.interim(new ResponseHead(status, fields));
      }
    } else {
      finalHead(to, new ResponseHead(status, fields), frame.isEndStream());
    }
  }

  private void finalHead(OriginCall to, ResponseHead head, boolean isLast) {
    boolean mayHaveContent = !headless && head.status() != 204 && head.status() != 304;
    announced = mayHaveContent ? Http2OriginFields.length(head.fields()) : 0;
    if (isLast && isCutShort()) {
      failShort();
      return;
    }
    headSeen = true;
    String type = head.fields().first(FieldName.CONTENT_TYPE);
    longSilence = type != null && type.startsWith("text/event-stream");
    to.headed(head, isLast ? 0 : announced);
    if (isLast) {
      end(new Fields(0));
    }
  }

  private void end(Fields trailers) {
    OriginCall ending = call;
    call = null;
    if (ending != null) {
      if (stream != null && !requestDone) {
        stream.close();
      }
      ending.ended(trailers);
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) {
    if (event instanceof Http2ResetFrame reset) {
      untouched |= reset.errorCode() == Http2Error.REFUSED_STREAM.code();
      why = "it reset the stream with error " + reset.errorCode();
    } else if (event instanceof Http2GoAwayFrame goAway) {
      // Only streams it has not looked at get to hear this (RFC 9113, section 6.8).
      untouched = true;
      why = "it went away with error " + goAway.errorCode();
    }
    ReferenceCountUtil.release(event);
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext context) {
    if (call != null && isWritable()) {
      sinceNanos = connection.pool().now();
      call.laneWritable();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    connection.closed(this);
    if (inflow != null) {
      inflow.closed();
      if (inflow.isWhole()) {
        // All of the answer is here, and waits for a slow reader.
        return;
      }
    }
    fail(Kind.CONNECTION_LOST, why);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable thrown) {
    why = thrown.getMessage() == null ? thrown.getClass().getSimpleName() : thrown.getMessage();
    context.close();
  }

  /// The answer's content, as the asker reads it.
  private final class Answer implements Http2Inflow.Reader {
    @Override
    public void content(ByteBuf data) {
      if (call != null) {
        call.arrived(data);
      } else {
        data.release();
      }
    }

    @Override
    public void contentEnd(Fields trailers) {
      end(trailers);
    }
  }
}
