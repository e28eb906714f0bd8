package dev.freshet.load;

import dev.freshet.http.FieldName;
import dev.freshet.http.Fields;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.AbstractHttp2ConnectionHandlerBuilder;
import io.netty.handler.codec.http2.Http2ConnectionAdapter;
import io.netty.handler.codec.http2.Http2ConnectionDecoder;
import io.netty.handler.codec.http2.Http2ConnectionEncoder;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameAdapter;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2Stream;
import io.netty.util.collection.IntObjectHashMap;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// One HTTP/2 connection (RFC 9113): as many places for calls as the target allows streams, and no
/// more than are wanted. Frames and flow control are Netty's.
///
/// A stream that the target had not looked at when it said goodbye is asked for again, on another
/// connection; one that it refused or reset is an error by its kind.
final class Http2Wire implements Connection {
  private static final int STREAM_WINDOW = 1 << 20;
  private static final int CONNECTION_WINDOW = 16 << 20;
  private static final int WINDOW_AT_FIRST = 65_535;
  private static final int LARGEST_HEAD = 64 << 10;

  private final Pool pool;
  private final Lane lane;
  private final Channel channel;
  private final Codec codec;
  private final List<Http2Slot> slots = new ArrayList<>();
  private final IntObjectHashMap<Http2Slot> byStream = new IntObjectHashMap<>(16);
  private final List<Http2Slot> answered = new ArrayList<>();

  /// Told when the target has said what it allows; then null.
  private @Nullable Consumer<Connection> opened;

  private @Nullable Consumer<String> failed;
  private long allowed;
  private int lastTaken = Integer.MAX_VALUE;
  private String goodbye = "";
  private boolean isGone;
  private boolean isFlushing;
  private long octets;

  private Http2Wire(
      Pool pool, Channel channel, Consumer<Connection> opened, Consumer<String> failed) {
    this.pool = pool;
    this.lane = pool.lane();
    this.channel = channel;
    this.opened = opened;
    this.failed = failed;
    this.codec = new Builder(this).build();
    codec.connection().addListener(new Ends());
  }

  /// Says hello on a channel.
  ///
  /// @param opened given the connection when the target has answered that
  /// @param failed given the error kind where it doesn't
  static void begin(
      Pool pool, Channel channel, Consumer<Connection> opened, Consumer<String> failed) {
    Http2Wire wire = new Http2Wire(pool, channel, opened, failed);
    channel.pipeline().addLast(wire.codec);
    wire.widen();
    channel.flush();
  }

  private void widen() {
    try {
      codec
          .connection()
          .local()
          .flowController()
          .incrementWindowSize(
              codec.connection().connectionStream(), CONNECTION_WINDOW - WINDOW_AT_FIRST);
    } catch (Http2Exception e) {
      channel.close();
    }
  }

  Pool pool() {
    return pool;
  }

  boolean isOpen() {
    return !isGone && channel.isActive();
  }

  @Override
  public List<Slot> slots() {
    return List.copyOf(slots);
  }

  @Override
  public void close() {
    isGone = true;
    channel.close();
  }

  /// Sends a call on a stream of its own.
  ///
  /// @return the stream's number; 0 where it could not be opened
  int send(Http2Slot slot, Session whose) {
    ChannelHandlerContext context = context();
    int stream = codec.connection().local().incrementAndGetNextStreamId();
    if (context == null || stream < 0) {
      // Closed, or all numbers are used up.
      leave();
      return 0;
    }
    Call call = whose.call();
    byte[] content = call.content();
    Http2Headers headers = call.headers(lane.aim(), whose.cookies());
    byStream.put(stream, slot);
    Http2ConnectionEncoder encoder = codec.encoder();
    boolean isWhole = content.length == 0;
    encoder
        .writeHeaders(context, stream, headers, 0, isWhole, context.newPromise())
        .addListener(done -> {
          if (!done.isSuccess()) {
            // The stream was never made, so nobody tells of its end. Not before this call is over.
            channel.eventLoop().execute(() -> unmade(stream, slot));
          }
        });
    if (!isWhole) {
      ByteBuf data = Unpooled.wrappedBuffer(content);
      encoder.writeData(context, stream, data, 0, true, context.newPromise());
    }
    flushSoon();
    return stream;
  }

  /// Once for all that is sent in one round of the loop.
  private void flushSoon() {
    if (!isFlushing) {
      isFlushing = true;
      channel
          .eventLoop()
          .execute(() -> {
            isFlushing = false;
            ChannelHandlerContext context = context();
            // Closed meanwhile: nobody is left to take it.
            if (context != null) {
              codec.flush(context);
            }
          });
    }
  }

  private @Nullable ChannelHandlerContext context() {
    return channel.pipeline().context(codec);
  }

  /// Ends a stream before its time.
  void reset(int stream, Http2Error error) {
    ChannelHandlerContext context = context();
    if (context != null) {
      codec.resetStream(context, stream, error.code(), context.newPromise());
      flushSoon();
    }
  }

  /// Octets that came since the last answer was whole: of several that share a read the first has
  /// them all, and nothing counts twice.
  long takeOctets() {
    long all = octets;
    octets = 0;
    return all;
  }

  /// A slot has its whole answer; its visitor hears of it when this read is over.
  void whole(Http2Slot slot) {
    answered.add(slot);
  }

  private void deliver() {
    for (int i = 0; i < answered.size(); i++) {
      answered.get(i).deliver(lane);
    }
    answered.clear();
  }

  /// What the target allows now, in places for calls.
  private void allow(long streams) {
    allowed = Math.min(streams, pool.streams());
    while (slots.size() < allowed) {
      slots.add(new Http2Slot(this, slots.size()));
    }
    Consumer<Connection> first = opened;
    opened = null;
    failed = null;
    if (first != null) {
      first.accept(this);
      return;
    }
    offer();
  }

  private void offer() {
    for (Http2Slot slot : slots) {
      if (slot.isIdle()) {
        pool.retire(slot);
        pool.give(slot);
      }
    }
  }

  /// Streams from before it allowed less count, too.
  boolean allows(int place) {
    return place < allowed && byStream.size() < allowed;
  }

  /// No more calls; those that are out may still be answered.
  private void leave() {
    isGone = true;
    pool.gone(this);
    if (byStream.isEmpty()) {
      channel.close();
    }
  }

  private void ended(int stream) {
    Http2Slot slot = byStream.remove(stream);
    if (slot != null) {
      boolean isUntouched = stream > lastTaken;
      boolean wasTooMany = byStream.size() >= allowed;
      slot.closed(lane, isUntouched ? goodbye : "", isUntouched);
      if (wasTooMany || slots.size() > allowed) {
        // Others may have been found closed because of it.
        offer();
      }
    }
    if (isGone && byStream.isEmpty()) {
      channel.close();
    }
  }

  private void unmade(int stream, Http2Slot slot) {
    if (byStream.get(stream) == slot) {
      slot.because("not sent");
      ended(stream);
    }
  }

  private void inactive() {
    isGone = true;
    Consumer<String> refused = failed;
    opened = null;
    failed = null;
    if (refused != null) {
      refused.accept("closed");
    }
    pool.gone(this);
  }

  private void wrong(int stream, String kind) {
    Http2Slot slot = byStream.get(stream);
    if (slot != null) {
      slot.because(kind);
    }
  }

  /// What the target sends that isn't HTTP/2.
  private void wrong() {
    byStream.values().forEach(slot -> slot.because("protocol"));
    Consumer<String> refused = failed;
    failed = null;
    opened = null;
    if (refused != null) {
      refused.accept("no HTTP/2");
    }
  }

  static String name(String what, long code) {
    Http2Error error = Http2Error.valueOf(code);
    return what + " " + (error == null ? Long.toString(code) : error.name());
  }

  /// Without pseudo-fields.
  private static Fields fields(Http2Headers headers) {
    Fields out = new Fields(headers.size());
    for (Map.Entry<CharSequence, CharSequence> field : headers) {
      CharSequence name = field.getKey();
      if (name.isEmpty() || name.charAt(0) != ':') {
        out.add(FieldName.of(name.toString()), field.getValue().toString());
      }
    }
    return out;
  }

  private final class Frames extends Http2FrameAdapter {
    @Override
    public void onSettingsRead(ChannelHandlerContext context, Http2Settings settings) {
      Long most = settings.maxConcurrentStreams();
      boolean isFirst = opened != null;
      if (most != null || isFirst) {
        allow(most == null ? Integer.MAX_VALUE : most);
      }
    }

    @Override
    public void onHeadersRead(
        ChannelHandlerContext context,
        int stream,
        Http2Headers headers,
        int dependency,
        short weight,
        boolean exclusive,
        int padding,
        boolean isLast) {
      onHeadersRead(context, stream, headers, padding, isLast);
    }

    @Override
    public void onHeadersRead(
        ChannelHandlerContext context,
        int stream,
        Http2Headers headers,
        int padding,
        boolean isLast) {
      Http2Slot slot = byStream.get(stream);
      if (slot != null) {
        CharSequence status = headers.status();
        slot.head(status == null ? null : status.toString(), fields(headers), isLast);
      }
    }

    @Override
    public int onDataRead(
        ChannelHandlerContext context, int stream, ByteBuf data, int padding, boolean isLast) {
      int length = data.readableBytes();
      Http2Slot slot = byStream.get(stream);
      if (slot != null) {
        slot.data(data, isLast);
      }
      return length + padding;
    }

    @Override
    public void onRstStreamRead(ChannelHandlerContext context, int stream, long error) {
      wrong(stream, name("reset", error));
    }
  }

  private final class Ends extends Http2ConnectionAdapter {
    @Override
    public void onStreamClosed(Http2Stream stream) {
      ended(stream.id());
    }

    @Override
    public void onGoAwayReceived(int last, long error, ByteBuf data) {
      lastTaken = last;
      goodbye = name("goaway", error);
      leave();
    }
  }

  private static final class Codec extends Http2ConnectionHandler {
    private final Http2Wire wire;

    Codec(
        Http2Wire wire,
        Http2ConnectionDecoder decoder,
        Http2ConnectionEncoder encoder,
        Http2Settings settings) {
      super(decoder, encoder, settings);
      this.wire = wire;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) throws Exception {
      if (message instanceof ByteBuf in) {
        wire.octets += in.readableBytes();
      }
      super.channelRead(context, message);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) throws Exception {
      wire.deliver();
      super.channelReadComplete(context);
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) throws Exception {
      wire.deliver();
      wire.inactive();
      super.channelInactive(context);
    }

    @Override
    protected void onConnectionError(
        ChannelHandlerContext context,
        boolean isOutbound,
        Throwable cause,
        @Nullable Http2Exception thrown) {
      wire.wrong();
      super.onConnectionError(context, isOutbound, cause, thrown);
    }

    @Override
    protected void onStreamError(
        ChannelHandlerContext context,
        boolean isOutbound,
        Throwable cause,
        Http2Exception.StreamException thrown) {
      wire.wrong(thrown.streamId(), "protocol");
      super.onStreamError(context, isOutbound, cause, thrown);
    }
  }

  private static final class Builder extends AbstractHttp2ConnectionHandlerBuilder<Codec, Builder> {
    private final Http2Wire wire;

    Builder(Http2Wire wire) {
      this.wire = wire;
      server(false);
      initialSettings(
          Http2Settings.defaultSettings()
              .pushEnabled(false)
              .maxConcurrentStreams(0)
              .initialWindowSize(STREAM_WINDOW)
              .maxHeaderListSize(LARGEST_HEAD));
      frameListener(wire.new Frames());
      gracefulShutdownTimeoutMillis(0);
    }

    @Override
    protected Codec build(
        Http2ConnectionDecoder decoder, Http2ConnectionEncoder encoder, Http2Settings settings) {
      return new Codec(wire, decoder, encoder, settings);
    }

    @Override
    protected Codec build() {
      return super.build();
    }
  }
}
