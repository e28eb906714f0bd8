package dev.freshet.edge;

import dev.freshet.http.FieldName;
import dev.freshet.http.Fields;
import dev.freshet.http.HeadReader.Refused;
import dev.freshet.http.RequestHead;
import dev.freshet.http.ResponseHead;
import dev.freshet.http.Trailers;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.DefaultHttp2ResetFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2ResetFrame;
import io.netty.handler.codec.http2.Http2StreamChannel;
import io.netty.util.ReferenceCountUtil;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/// One exchange on an HTTP/2 connection (RFC 9113, section 8.1).
final class Http2Stream extends ChannelInboundHandlerAdapter implements Client, Http2Inflow.Reader {
  /// What is written at once: the frame size that every client takes, so that how much of a
  /// response has gone out shows in small steps.
  private static final int FRAME = 16_384;

  private final Http2Connection connection;
  private final FrontConfig config;
  private final String scheme;
  private final Handler handler;
  private final FrontFigures figures;
  private @Nullable ChannelHandlerContext context;
  private @Nullable Conversation conversation;
  private @Nullable Http2Inflow inflow;
  private @Nullable Pace pace;
  private byte @Nullable [][] stored;
  private @Nullable String accept;
  private int storedAt;
  private int pieceAt;
  private long announced = -1;
  private long received;
  private long contentSince;
  private long stalledSince;
  private long waitingBefore;
  private long windowBefore;
  private boolean headRead;
  private boolean contentArrived;
  private boolean isHead;
  private boolean headSent;
  private boolean bodiless;
  private boolean ended;
  private boolean flushDue;

  Http2Stream(
      Http2Connection connection,
      FrontConfig config,
      boolean secure,
      Handler handler,
      FrontFigures figures) {
    this.connection = connection;
    this.config = config;
    this.scheme = secure ? "https" : "http";
    this.handler = handler;
    this.figures = figures;
  }

  // ---- the request ----

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    context = ctx;
    inflow = new Http2Inflow(connection.windows(), (Http2StreamChannel) ctx.channel(), this);
    contentSince = figures.nanos();
    pace = new Pace(config.contentTimeout(), config.contentRate(), contentSince);
    connection.opened(this);
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    connection.closed(this);
    leave();
    inflow().closed();
  }

  private Http2Inflow inflow() {
    Http2Inflow known = inflow;
    if (known == null) {
      throw new IllegalStateException("used before it was added");
    }
    return known;
  }

  private Pace pace() {
    Pace known = pace;
    if (known == null) {
      throw new IllegalStateException("used before it was added");
    }
    return known;
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof Http2ResetFrame) {
      leave();
    }
    ReferenceCountUtil.release(event);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    if (cause instanceof Http2Exception.StreamException) {
      // The codec resets the stream with the error's own code, by which it counts the resets that
      // a client provokes; closing here would make each a mere CANCEL.
      leave();
    } else {
      ctx.close();
    }
  }

  private void leave() {
    Conversation open = conversation;
    conversation = null;
    boolean isOver = ended;
    ended = true;
    inflow().discard();
    if (open != null && !isOver) {
      open.gone();
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    try {
      switch (message) {
        case Http2HeadersFrame headers when !headRead -> begin(headers);
        case Http2HeadersFrame trailers -> {
          if (!trailers.isEndStream()) {
            throw new Refused(400, "a second head in the middle of a request");
          }
          allArrived(Trailers.allowed(Http2Fields.fields(trailers.headers(), config.maxFields())));
        }
        case Http2DataFrame data -> content(data);
        default -> ReferenceCountUtil.release(message);
      }
    } catch (Refused e) {
      refuse(e);
    }
  }

  private void begin(Http2HeadersFrame frame) throws Refused {
    headRead = true;
    Http2Headers headers = frame.headers();
    CharSequence asked = headers.get("accept");
    accept = asked == null ? null : asked.toString();
    isHead = "HEAD".contentEquals(headers.method() == null ? "" : headers.method());
    RequestHead head = Http2Fields.request(headers, scheme, config);
    announced = announcedLength(head.fields());
    if (announced > config.maxContent().bytes()) {
      throw new Refused(413, "the content is too large");
    }
    if (frame.isEndStream() && announced > 0) {
      throw new Refused(400, "the content is shorter than announced");
    }
    long length = frame.isEndStream() ? 0 : announced;
    Conversation begun = handler.begin(head, length, this);
    if (!ended) {
      conversation = begun;
    }
    if (frame.isEndStream()) {
      contentArrived = true;
      begun.contentEnd(new Fields(0));
    }
  }

  private static long announcedLength(Fields fields) throws Refused {
    String value = fields.combined(FieldName.CONTENT_LENGTH);
    if (value == null) {
      return -1;
    }
    boolean isNumber =
        !value.isEmpty()
            && value.length() <= 18
            && value.chars().allMatch(c -> c >= '0' && c <= '9');
    if (!isNumber) {
      throw new Refused(400, "Content-Length is not a number of octets");
    }
    return Long.parseLong(value);
  }

  private void content(Http2DataFrame frame) throws Refused {
    int octets = frame.content().readableBytes();
    received += octets;
    if (octets > 0) {
      contentSince = figures.nanos();
      pace().came(octets);
    }
    boolean isTooMuch = announced >= 0 && received > announced;
    if (isTooMuch || received > config.maxContent().bytes()) {
      frame.release();
      throw new Refused(isTooMuch ? 400 : 413, "the content is longer than it may be");
    }
    boolean isLast = frame.isEndStream();
    inflow().arrived(frame);
    if (isLast) {
      allArrived(new Fields(0));
    }
  }

  private void allArrived(Fields trailers) throws Refused {
    if (announced >= 0 && received != announced) {
      throw new Refused(400, "the content is shorter than announced");
    }
    contentArrived = true;
    inflow().ended(trailers);
  }

  @Override
  public void content(ByteBuf data) {
    Conversation to = conversation;
    if (to != null) {
      to.content(data);
    } else {
      data.release();
    }
  }

  @Override
  public void contentEnd(Fields trailers) {
    Conversation to = conversation;
    if (to != null) {
      to.contentEnd(trailers);
    }
  }

  private void refuse(Refused e) {
    figures.refused(e.status());
    Conversation open = conversation;
    conversation = null;
    inflow().discard();
    if (open != null) {
      open.gone();
    }
    if (headSent || (open != null && e.status() == 400)) {
      // Malformed behind its head: the origin was troubled for nothing.
      ended = true;
      reset(e.status() == 400 ? Http2Error.PROTOCOL_ERROR : Http2Error.CANCEL);
      return;
    }
    ErrorPage page = ErrorPage.ofRefusal(e, accept, figures.id());
    head(page.head(), page.content().length);
    write(Unpooled.wrappedBuffer(page.content()));
    end(new Fields(0));
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    if (!ctx.channel().isWritable()) {
      return;
    }
    if (stored != null) {
      resume();
    } else if (conversation != null && !ended) {
      conversation.writable();
    }
  }

  /// Gives up content that does not come and a response that is not taken.
  void check(long nanos) {
    boolean isReading = headRead && !inflow().isPaused();
    // Where the answer has begun, app and client talk, and may take their time.
    boolean isTooSlow = pace().isTooSlow(nanos, isReading) && !headSent;
    if (!contentArrived && !ended && isReading) {
      if (nanos - contentSince > config.contentTimeout().toNanos()) {
        refuse(new Refused(408, "the content took too long to arrive"));
      } else if (isTooSlow) {
        refuse(new Refused(408, "the content comes too slowly"));
      }
    } else {
      contentSince = nanos;
    }
    if (isStalled(nanos)) {
      leave();
      reset(Http2Error.CANCEL);
    }
  }

  /// True when the client has allowed none of what waits for so long that it won't. What waits for
  /// a slow line is the connection's matter.
  private boolean isStalled(long nanos) {
    Http2StreamChannel channel = (Http2StreamChannel) stream().channel();
    long waiting = waiting(channel);
    int window = connection.window(channel.stream().id());
    boolean hasMoved = waiting != waitingBefore || window != windowBefore;
    waitingBefore = waiting;
    windowBefore = window;
    if (hasMoved) {
      connection.moved(nanos);
    }
    boolean isHeldBack = waiting > 0 && (window <= 0 || connection.window() <= 0);
    if (hasMoved || !isHeldBack) {
      stalledSince = nanos;
    }
    long since = window <= 0 ? stalledSince : Math.max(stalledSince, connection.movedAt());
    return nanos - since > config.writeTimeout().toNanos();
  }

  /// Octets written and not sent yet.
  private static long waiting(Http2StreamChannel channel) {
    WriteBufferWaterMark marks = channel.config().getWriteBufferWaterMark();
    return channel.isWritable()
        ? marks.high() + 1 - channel.bytesBeforeUnwritable()
        : marks.low() - 1 + channel.bytesBeforeWritable();
  }

  private void reset(Http2Error error) {
    var _ = stream().writeAndFlush(new DefaultHttp2ResetFrame(error));
  }

  // ---- the response ----

  private ChannelHandlerContext stream() {
    ChannelHandlerContext ctx = context;
    if (ctx == null) {
      throw new IllegalStateException("used before it was added");
    }
    return ctx;
  }

  @Override
  public EventLoop loop() {
    return stream().channel().eventLoop();
  }

  @Override
  public InetSocketAddress peer() {
    return (InetSocketAddress) stream().channel().parent().remoteAddress();
  }

  @Override
  public void interim(ResponseHead head) {
    if (!headSent && !ended && head.status() != 101) {
      stream()
          .write(
              new DefaultHttp2HeadersFrame(
                  Http2Fields.response(head.status(), head.fields()), false));
      flushSoon();
    }
  }

  @Override
  public void head(ResponseHead head, long length) {
    if (headSent || ended) {
      return;
    }
    if (head.status() == 101) {
      abort();
      return;
    }
    int status = head.status();
    Fields fields = head.fields();
    bodiless = isHead || status == 204 || status == 304;
    if (!bodiless && length >= 0) {
      fields.set(FieldName.CONTENT_LENGTH, Long.toString(length));
    } else if (!bodiless || status == 204) {
      fields.remove(FieldName.CONTENT_LENGTH);
    }
    headSent = true;
    stream().write(new DefaultHttp2HeadersFrame(Http2Fields.response(status, fields), bodiless));
    flushSoon();
  }

  @Override
  public void write(ByteBuf data) {
    if (ended || bodiless || !headSent) {
      data.release();
      return;
    }
    while (data.readableBytes() > FRAME) {
      stream().write(new DefaultHttp2DataFrame(data.readRetainedSlice(FRAME), false));
    }
    stream().write(new DefaultHttp2DataFrame(data, false));
    flushSoon();
  }

  @Override
  public void end(Fields trailers) {
    if (ended || !headSent) {
      return;
    }
    ended = true;
    conversation = null;
    inflow().discard();
    if (!bodiless) {
      if (trailers.isEmpty()) {
        stream().write(new DefaultHttp2DataFrame(Unpooled.EMPTY_BUFFER, true));
      } else {
        stream().write(new DefaultHttp2HeadersFrame(Http2Fields.trailers(trailers), true));
      }
    }
    stream().flush();
    if (!contentArrived) {
      // The rest of the request is of no interest (RFC 9113, section 8.1).
      reset(Http2Error.NO_ERROR);
    }
  }

  @Override
  public void send(Stored head, Dynamic dynamic, byte[][] content) {
    if (headSent || ended) {
      return;
    }
    Fields fields = head.fields().copy();
    if (dynamic.ageSeconds() >= 0) {
      fields.set(FieldName.AGE, Long.toString(dynamic.ageSeconds()));
    }
    fields.add(FieldName.CACHE_STATUS, dynamic.status());
    head(new ResponseHead(head.status(), fields), bodyLength(head, content));
    if (bodiless || ended) {
      end(new Fields(0));
      return;
    }
    stored = content;
    resume();
  }

  private static long bodyLength(Stored head, byte[][] content) {
    return head.status() == 204 || head.status() == 304 ? 0 : Form.length(content);
  }

  /// Goes on with stored content as far as the stream's window and the socket allow.
  private void resume() {
    byte[][] pieces = stored;
    if (pieces == null) {
      return;
    }
    while (storedAt < pieces.length && stream().channel().isWritable() && !ended) {
      byte[] piece = pieces[storedAt];
      int size = Math.min(FRAME, piece.length - pieceAt);
      ByteBuf data = Unpooled.wrappedBuffer(piece, pieceAt, size);
      pieceAt += size;
      if (pieceAt == piece.length) {
        storedAt++;
        pieceAt = 0;
      }
      boolean isLast = storedAt == pieces.length;
      var _ = stream().writeAndFlush(new DefaultHttp2DataFrame(data, isLast));
      if (isLast) {
        stored = null;
        ended = true;
        conversation = null;
        inflow().discard();
      }
    }
    if (pieces.length == 0) {
      stored = null;
      end(new Fields(0));
    }
  }

  private void flushSoon() {
    if (!flushDue) {
      flushDue = true;
      loop()
          .execute(() -> {
            flushDue = false;
            stream().flush();
          });
    }
  }

  @Override
  public boolean isWritable() {
    return stream().channel().isWritable();
  }

  @Override
  public void pauseContent(boolean paused) {
    inflow().pause(paused);
  }

  @Override
  public void abort() {
    ended = true;
    conversation = null;
    inflow().discard();
    reset(Http2Error.INTERNAL_ERROR);
  }

  @Override
  public void tunnel() {
    abort();
  }
}
