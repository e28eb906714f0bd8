package dev.freshet.edge;

import dev.freshet.http.FieldName;
import dev.freshet.http.Fields;
import dev.freshet.http.Framing;
import dev.freshet.http.HeadReader;
import dev.freshet.http.HeadReader.Refused;
import dev.freshet.http.RequestHead;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/* The server side of one HTTP/1.x connection (RFC 9112).
 *
 * A loop over what has arrived: read a head, hand it to the handler, pass content on, and
 * wait until the response is complete before looking at the next request; pipelined requests
 * wait in the socket, not in our memory, and so do those of a client that takes no responses.
 * Responses are written by Http1Stream. A response that is complete while its request is being
 * handled costs one parse and one write; the flush happens once for all requests that arrived
 * together. Anything that is not exactly framed is answered and the connection closed: after a
 * framing error nobody knows where the next request starts.
 */

/// One client's HTTP/1.x connection.
final class Http1Connection extends ChannelInboundHandlerAdapter
    implements LoopConnections.Watched {
  /// `PRI ` as a number: no HTTP/1 method begins so.
  private static final int PREFACE = 0x50524920;

  private static final int MAX_DISCARD = 262_144;

  /// How long a client may go on asking after the drain began: what was under way is served.
  static final long DRAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

  /// How long a client has to close its half after we closed ours.
  static final long LINGER_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final FrontConfig config;
  private final HeadReader.Bounds bounds;
  private final String scheme;
  private final Handler handler;
  private final LoopConnections loopConnections;
  private final FrontFigures figures;
  private final Consumer<ChannelPipeline> http2;
  private final Outflow outflow = new Outflow();

  private @Nullable ChannelHandlerContext context;
  private @Nullable ByteBuf pending;
  private State state = State.HEAD;
  private @Nullable Http1Stream current;
  private @Nullable Conversation conversation;
  private @Nullable Http1Content content;
  private @Nullable Pace pace;
  private @Nullable String accept;
  private int searched;
  private long deadline = Long.MAX_VALUE;
  private int discarded;
  private boolean reading;
  private boolean processing;
  private boolean draining;
  private boolean autoReads = true;
  private boolean flushDue;
  private boolean served;

  private enum State {
    /// Between requests or within a head.
    HEAD,
    /// Within content.
    CONTENT,
    /// The request is complete, the response is not.
    BUSY,
    /// After a protocol switch.
    TUNNEL,
    /// A last response was sent; what still comes is thrown away.
    CLOSING
  }

  Http1Connection(
      FrontConfig config,
      boolean secure,
      Handler handler,
      LoopConnections loopConnections,
      FrontFigures figures,
      Consumer<ChannelPipeline> http2) {
    this.http2 = http2;
    this.config = config;
    this.bounds = new HeadReader.Bounds(config.maxFields(), config.maxTarget());
    this.scheme = secure ? "https" : "http";
    this.handler = handler;
    this.loopConnections = loopConnections;
    this.figures = figures;
  }

  // ---- the channel ----

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    context = ctx;
    loopConnections.add(this);
    figures.opened();
    idle();
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    loopConnections.remove(this);
    figures.closed();
    release();
    Conversation open = conversation;
    conversation = null;
    current = null;
    if (open != null) {
      open.gone();
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    if (!(cause instanceof java.io.IOException)) {
      figures.fault(cause);
    }
    ctx.close();
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    ByteBuf data = (ByteBuf) message;
    reading = true;
    if (state == State.CLOSING) {
      discarded += data.readableBytes();
      data.release();
      if (discarded > MAX_DISCARD) {
        ctx.close();
      }
      return;
    }
    if (state == State.TUNNEL) {
      forwardTunnel(data);
      return;
    }
    ByteBuf before = pending;
    if (before == null) {
      pending = data;
    } else {
      ByteBuf joined = ctx.alloc().buffer(before.readableBytes() + data.readableBytes());
      joined.writeBytes(before).writeBytes(data);
      before.release();
      data.release();
      pending = joined;
    }
    if (!served && isPreface()) {
      becomeHttp2(ctx);
      return;
    }
    process();
  }

  /// True when the client speaks HTTP/2 without having asked (RFC 9113, section 3.3).
  private boolean isPreface() {
    ByteBuf in = pending;
    if (in == null || in.readableBytes() < 4) {
      return false;
    }
    return in.getInt(in.readerIndex()) == PREFACE;
  }

  private void becomeHttp2(ChannelHandlerContext ctx) {
    ByteBuf first = pending;
    pending = null;
    reading = false;
    loopConnections.remove(this);
    context = null;
    http2.accept(ctx.pipeline());
    figures.closed();
    var pipeline = ctx.pipeline();
    pipeline.remove(this);
    if (first != null) {
      pipeline.fireChannelRead(first);
      pipeline.fireChannelReadComplete();
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    reading = false;
    if (flushDue) {
      flushDue = false;
      ctx.flush();
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    if (!ctx.channel().isWritable()) {
      return;
    }
    if (current == null) {
      process();
      return;
    }
    current.resume();
    if (current != null && conversation != null && ctx.channel().isWritable()) {
      conversation.writable();
    }
  }

  // ---- requests ----

  /// Works through what has arrived as far as it can.
  void process() {
    if (processing) {
      return;
    }
    processing = true;
    try {
      boolean goOn = true;
      while (goOn && pending != null && pending.isReadable()) {
        goOn =
            switch (state) {
              case HEAD -> takesAnswers() && head(pending);
              case CONTENT -> content(pending);
              case BUSY, TUNNEL, CLOSING -> false;
            };
      }
    } catch (Refused e) {
      refuse(e);
    } finally {
      processing = false;
      settle();
    }
  }

  /// Who sends requests and takes no answers would have all of them wait in our memory.
  private boolean takesAnswers() {
    return context != null && context.channel().isWritable();
  }

  private void settle() {
    ByteBuf rest = pending;
    if (rest != null && !rest.isReadable()) {
      release();
    } else if (rest != null && state == State.TUNNEL) {
      pending = null;
      forwardTunnel(rest);
      return;
    } else if (rest != null && state == State.CLOSING) {
      release();
    }
    updateReading();
  }

  private void updateReading() {
    if (context == null) {
      return;
    }
    boolean isFull =
        (state == State.BUSY && pending != null) || (state == State.HEAD && !takesAnswers());
    boolean isPaused = current != null && current.isContentPaused();
    autoRead(context, !isFull && !isPaused);
  }

  /// Tells the channel only what changes: it is asked for each request.
  private void autoRead(ChannelHandlerContext ctx, boolean wanted) {
    if (autoReads != wanted) {
      autoReads = wanted;
      ctx.channel().config().setAutoRead(wanted);
    }
  }

  private boolean head(ByteBuf in) throws Refused {
    int start = in.readerIndex();
    int size = in.readableBytes();
    // A robust server skips an empty line before a request line (RFC 9112, section 2.2).
    if (searched == 0 && size >= 2 && in.getByte(start) == '\r' && in.getByte(start + 1) == '\n') {
      in.skipBytes(2);
      return true;
    }
    int length = Math.min(size, config.maxHead());
    byte[] octets = loopConnections.scratch(length);
    in.getBytes(start, octets, 0, length);
    int end = HeadReader.endOfHead(octets, Math.max(0, searched - 3), length);
    if (end < 0) {
      if (size >= config.maxHead()) {
        accept = ErrorPage.accept(octets, length);
        throw new Refused(431, "the head is too long");
      }
      if (searched == 0) {
        deadline = loopConnections.coarseNanos() + config.headTimeout().toNanos();
      }
      searched = length;
      return false;
    }
    searched = 0;
    in.skipBytes(end);
    int[] next = new int[1];
    try {
      HeadReader.RequestLine line = HeadReader.requestLine(octets, 0, end, bounds, next);
      begin(line, HeadReader.fields(octets, next[0], end, bounds));
    } catch (Refused e) {
      accept = ErrorPage.accept(octets, end);
      throw e;
    }
    return true;
  }

  private void begin(HeadReader.RequestLine line, Fields fields) throws Refused {
    long length = Framing.ofRequest(fields, line.version());
    if (line.method().equals("CONNECT") || line.method().equals("TRACE")) {
      throw new Refused(405, "this method is not served here");
    }
    if (length > config.maxContent().bytes()) {
      throw new Refused(413, "the content is too large");
    }
    RequestHead head = Authority.head(line, fields, scheme);
    fields.remove(FieldName.TRANSFER_ENCODING);
    boolean keepAlive = Framing.keepsAlive(fields, line.version());
    if (context == null) {
      return;
    }
    served = true;
    Http1Stream stream =
        new Http1Stream(this, context, line.version(), line.method().equals("HEAD"), keepAlive);
    current = stream;
    if (length == 0) {
      state = State.BUSY;
      deadline = Long.MAX_VALUE;
    } else {
      state = State.CONTENT;
      accept = head.fields().combined(FieldName.ACCEPT);
      content = new Http1Content(length, bounds, config.maxContent().bytes());
      pace = new Pace(config.contentTimeout(), config.contentRate(), loopConnections.coarseNanos());
      touchContent();
    }
    Conversation begun = handler.begin(head, length, stream);
    if (stream.equals(current)) {
      conversation = begun;
      if (length == 0) {
        begun.contentEnd(new Fields(0));
      }
    } else if (length == 0) {
      // Answered already: there is nothing to say to the conversation any more.
      conversation = null;
    }
  }

  private boolean content(ByteBuf in) throws Refused {
    Http1Content taking = content;
    if (taking == null) {
      return false;
    }
    touchContent();
    int before = in.readableBytes();
    taking.take(in, conversation);
    if (pace != null) {
      pace.came(before - in.readableBytes());
    }
    if (taking.isComplete()) {
      contentEnd(taking.trailers());
    }
    return current == null || !current.isContentPaused();
  }

  private void contentEnd(Fields trailers) {
    content = null;
    pace = null;
    deadline = Long.MAX_VALUE;
    if (state == State.CONTENT) {
      state = State.BUSY;
    }
    Conversation to = conversation;
    if (to != null) {
      to.contentEnd(trailers);
    }
  }

  private void touchContent() {
    deadline = loopConnections.coarseNanos() + config.contentTimeout().toNanos();
  }

  private void idle() {
    searched = 0;
    deadline =
        draining
            ? figures.nanos() + DRAIN_NANOS
            : loopConnections.coarseNanos() + config.idleTimeout().toNanos();
  }

  // ---- what the stream tells ----

  /// The response is complete.
  void responded(Http1Stream stream, boolean keepAlive) {
    if (!stream.equals(current) || context == null) {
      return;
    }
    current = null;
    conversation = null;
    boolean isContentDone = state == State.BUSY;
    if (state == State.TUNNEL) {
      closeAfterFlush();
      return;
    }
    if (!keepAlive || !isContentDone) {
      closeAfterFlush();
      return;
    }
    state = State.HEAD;
    idle();
    if (!processing) {
      process();
    }
  }

  /// The exchange gives up: the client must see that the response is not complete.
  void abort(Http1Stream stream) {
    if (stream.equals(current) && context != null) {
      conversation = null;
      current = null;
      context.close();
    }
  }

  void enterTunnel() {
    state = State.TUNNEL;
    deadline = Long.MAX_VALUE;
    if (!processing) {
      settle();
    }
  }

  /// Content flow was paused or resumed.
  void contentFlowChanged() {
    if (isReadingContent()) {
      touchContent();
    }
    updateReading();
    if (current != null && !current.isContentPaused() && !processing) {
      process();
    }
  }

  /// Whether the response that begins now should announce the end: while draining, unless the
  /// client has sent more already.
  boolean isLast() {
    return draining && (pending == null || !pending.isReadable());
  }

  /// Whether the request has not come in full.
  boolean isReadingContent() {
    return state == State.CONTENT;
  }

  /// The answers that this loop has at hand.
  Ready ready() {
    return loopConnections.ready();
  }

  /// Sends what was written: now, or once for everything that is being handled.
  void flush() {
    ChannelHandlerContext ctx = context;
    if (ctx == null || flushDue) {
      return;
    }
    flushDue = true;
    if (!reading) {
      ctx.channel().eventLoop().execute(() -> flushNow(ctx));
    }
  }

  private void flushNow(ChannelHandlerContext ctx) {
    if (flushDue && !reading) {
      flushDue = false;
      ctx.flush();
    }
  }

  private void forwardTunnel(ByteBuf data) {
    Conversation to = conversation;
    if (to != null) {
      to.content(data);
    } else {
      data.release();
    }
  }

  // ---- endings ----

  private void refuse(Refused e) {
    figures.refused(e.status());
    if (context == null) {
      return;
    }
    Conversation open = conversation;
    conversation = null;
    Http1Stream stream = current;
    current = null;
    boolean hasBegun = stream != null && stream.hasBegun();
    if (open != null) {
      open.gone();
    }
    if (hasBegun) {
      context.close();
      return;
    }
    ErrorPage page = ErrorPage.ofRefusal(e, accept, figures.id());
    page.head().fields().add(FieldName.CONNECTION, "close");
    context.write(
        Http1Stream.encodeHead(context.alloc(), page.head().status(), page.head().fields()));
    context.write(Unpooled.wrappedBuffer(page.content()));
    closeAfterFlush();
  }

  private void closeAfterFlush() {
    ChannelHandlerContext ctx = context;
    if (ctx == null) {
      return;
    }
    state = State.CLOSING;
    deadline = Long.MAX_VALUE;
    autoRead(ctx, true);
    Farewell.say(ctx, () -> deadline = figures.nanos() + LINGER_NANOS);
  }

  @Override
  public void check(long nanos) {
    ChannelHandlerContext ctx = context;
    if (ctx == null) {
      return;
    }
    boolean isTooSlow = isTooSlow(nanos);
    if (outflow.isStalled(ctx.channel(), nanos, config.writeTimeout())) {
      ctx.close();
    } else if (deadline != Long.MAX_VALUE && nanos - deadline > 0) {
      late(ctx);
    } else if (isTooSlow) {
      refuse(new Refused(408, "the content comes too slowly"));
    }
  }

  /// Where the answer has begun, app and client talk, and may take their time.
  private boolean isTooSlow(long nanos) {
    return pace != null
        && current != null
        && pace.isTooSlow(nanos, !current.isContentPaused())
        && !current.hasBegun();
  }

  private void late(ChannelHandlerContext ctx) {
    if (state == State.HEAD && !takesAnswers()) {
      // Its next request is left in the socket: that it does not come is not the client's fault.
      deadline = loopConnections.coarseNanos() + config.headTimeout().toNanos();
    } else if (isReadingContent() && current != null && current.isContentPaused()) {
      // Nor is it for content that we leave there.
      touchContent();
    } else if ((state == State.HEAD && searched > 0) || isReadingContent()) {
      deadline = Long.MAX_VALUE;
      refuse(new Refused(408, "the request took too long to arrive"));
    } else if (state == State.HEAD && outflow.isWaiting()) {
      // Not idle: it is still taking the last response.
      idle();
    } else if (state == State.HEAD && draining) {
      closeAfterFlush();
    } else {
      ctx.close();
    }
  }

  /// Nothing is closed at once: a request may be in the socket, or on its way.
  @Override
  public void drain() {
    draining = true;
    if (state == State.HEAD && searched == 0 && current == null) {
      idle();
    }
  }

  @Override
  public void kill() {
    if (context != null) {
      context.close();
    }
  }

  private void release() {
    ByteBuf rest = pending;
    pending = null;
    if (rest != null) {
      rest.release();
    }
  }
}
