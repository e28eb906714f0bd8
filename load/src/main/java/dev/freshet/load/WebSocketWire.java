package dev.freshet.load;

import dev.freshet.http.FieldLists;
import dev.freshet.http.FieldName;
import dev.freshet.http.Fields;
import dev.freshet.http.HeadReader;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CorruptedWebSocketFrameException;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.Utf8FrameValidator;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameDecoder;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameEncoder;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import io.netty.handler.codec.http.websocketx.WebSocketDecoderConfig;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrameAggregator;
import io.netty.util.ReferenceCountUtil;
import java.io.ByteArrayOutputStream;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/// A WebSocket (RFC 6455): a connection of its own, opened for one visitor. Frames are Netty's. No
/// extension is offered, so nothing is compressed.
final class WebSocketWire extends ChannelInboundHandlerAdapter implements Conversation.Peer {
  /// Error kind of an answer that opens no WebSocket.
  static final String NO_WEB_SOCKET = "no WebSocket";

  private static final HeadReader.Bounds BOUNDS = new HeadReader.Bounds(200, 8_192);
  private static final int LARGEST_HEAD = 64 << 10;

  /// The server closes the connection first (RFC 6455, 7.1.1), but isn't waited for for long.
  private static final long LINGER_NANOS = 1_000_000_000;

  private static final FieldName EXTENSIONS = FieldName.of("Sec-WebSocket-Extensions");
  private static final FieldName UPGRADE = FieldName.of("Upgrade");
  private final Lane lane;
  private final Conversation conversation;
  private final Session session;
  private final Call call;
  private final WebSocketKey key;
  private @Nullable Channel channel;
  private @Nullable Future<?> patience;
  private @Nullable ByteArrayOutputStream head = new ByteArrayOutputStream(256);
  private boolean isSent;
  private boolean isDone;

  /// Whether the other side has said that it ends.
  private boolean isEnded;

  WebSocketWire(Lane lane, Conversation conversation, Session session, Call call) {
    this.lane = lane;
    this.conversation = conversation;
    this.session = session;
    this.call = call;
    this.key = WebSocketKey.of(lane.rolls());
  }

  void dial(Dialler dialler) {
    limit();
    dialler.connect(lane.loop(), false, this::connected, this::lost);
  }

  /// It must be open before the visitor has lost patience.
  void limit() {
    long left = session.intended + lane.aim().timeout().toNanos() - lane.now();
    patience = lane.later(Math.max(0, left), this::late);
  }

  private void late() {
    if (!isDone) {
      session.round.late(session, lane.now(), isSent);
      refuse();
    }
  }

  private void lost(String kind) {
    if (!isDone) {
      session.round.lost(session, kind);
      refuse();
    }
  }

  void connected(Channel opened) {
    channel = opened;
    if (isDone) {
      opened.close();
      return;
    }
    opened.pipeline().addLast(this);
    Call asked = call.with(key.headers(conversation.talk().protocols()));
    byte[] request = asked.octets(lane.aim().authority(), session.cookies());
    session.sent = lane.now();
    isSent = true;
    opened.writeAndFlush(Unpooled.wrappedBuffer(request), opened.voidPromise());
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) throws Exception {
    try {
      switch (message) {
        case ByteBuf in when head != null -> head(context, in, head);
        case WebSocketFrame frame when !isDone -> frame(frame);
        default -> {}
      }
    } finally {
      ReferenceCountUtil.release(message);
    }
  }

  private void head(ChannelHandlerContext context, ByteBuf in, ByteArrayOutputStream before)
      throws Exception {
    int known = before.size();
    before.writeBytes(ByteBufUtil.getBytes(in));
    byte[] all = before.toByteArray();
    int end = HeadReader.endOfHead(all, Math.max(0, known - 3), all.length);
    if (end < 0) {
      if (all.length > LARGEST_HEAD) {
        answered(0, Fields.of(), all.length, "protocol");
      }
      return;
    }
    int[] next = new int[1];
    try {
      HeadReader.StatusLine line = HeadReader.statusLine(all, 0, end, next);
      Fields fields = HeadReader.fields(all, next[0], end, BOUNDS);
      if (line.status() < 200 && line.status() != 101) {
        before.reset();
        head(context, Unpooled.wrappedBuffer(all, end, all.length - end), before);
      } else {
        String wrong = wrong(line.status(), fields);
        answered(line.status(), fields, end, wrong);
        if (wrong.isEmpty() && line.status() == 101) {
          frames(context, Unpooled.copiedBuffer(all, end, all.length - end));
        }
      }
    } catch (HeadReader.Refused e) {
      answered(0, Fields.of(), end, "protocol");
    }
  }

  /// What makes an answer no WebSocket; empty for a failing status, which is an error by itself.
  private String wrong(int status, Fields fields) {
    if (status >= 400) {
      return "";
    }
    String upgrade = fields.combined(UPGRADE);
    String connection = fields.combined(FieldName.CONNECTION);
    boolean isSwitched =
        status == 101
            && "websocket".equalsIgnoreCase(upgrade)
            && connection != null
            && FieldLists.split(connection.toLowerCase(Locale.ROOT)).contains("upgrade")
            && !fields.has(EXTENSIONS)
            && key.isAnsweredBy(fields, conversation.talk().protocols());
    return isSwitched ? "" : NO_WEB_SOCKET;
  }

  /// The handshake is over.
  private void answered(int status, Fields fields, int octets, String wrong) {
    head = null;
    Future<?> due = patience;
    patience = null;
    if (due != null) {
      due.cancel(false);
    }
    if (status == 0) {
      lost(wrong);
      return;
    }
    Reply reply = new Reply(status, fields, octets, 0, null);
    List<String> kinds = wrong.isEmpty() ? List.of() : List.of(wrong);
    session.keep(fields);
    session.round.answered(session, reply, lane.now(), kinds);
    if (!wrong.isEmpty() || status != 101) {
      refuse();
    }
  }

  private void frames(ChannelHandlerContext context, ByteBuf behind) throws Exception {
    int most = conversation.talk().most();
    WebSocketDecoderConfig config =
        WebSocketDecoderConfig.newBuilder()
            .expectMaskedFrames(false)
            .maxFramePayloadLength(most)
            .allowExtensions(false)
            .closeOnProtocolViolation(false)
            .withUTF8Validator(false)
            .build();
    WebSocket13FrameDecoder decoder = new WebSocket13FrameDecoder(config);
    context
        .pipeline()
        .addBefore(context.name(), null, decoder)
        .addBefore(context.name(), null, new WebSocket13FrameEncoder(true))
        .addBefore(context.name(), null, new Utf8FrameValidator(false))
        .addBefore(context.name(), null, new WebSocketFrameAggregator(most));
    conversation.opened(this, new Reply(101, Fields.of(), 0, 0, null));
    if (behind.isReadable() && !isDone) {
      decoder.channelRead(context.pipeline().context(decoder), behind);
    } else {
      behind.release();
    }
  }

  private void frame(WebSocketFrame frame) {
    switch (frame) {
      case TextWebSocketFrame _, BinaryWebSocketFrame _ -> {
        byte[] content = ByteBufUtil.getBytes(frame.content());
        int around = content.length < 126 ? 2 : content.length < 65_536 ? 4 : 10;
        long wire = (long) content.length + around;
        conversation.heard(new Reply(200, Fields.of(), wire, content.length, content), wire);
      }
      case PingWebSocketFrame ping -> write(new PongWebSocketFrame(ping.content().retain()));
      case CloseWebSocketFrame close -> {
        int code = close.statusCode();
        isEnded = true;
        conversation.broke(code < 0 ? "closed" : "closed " + code, code);
      }
      default -> {}
    }
  }

  private void write(WebSocketFrame frame) {
    Channel open = channel;
    if (open == null) {
      frame.release();
    } else {
      open.writeAndFlush(frame, open.voidPromise());
    }
  }

  @Override
  public void send(String text) {
    write(new TextWebSocketFrame(text));
  }

  @Override
  public void close(int code) {
    Channel open = channel;
    isDone = true;
    if (open == null || !open.isActive()) {
      return;
    }
    boolean isSayable = code > 0 && WebSocketCloseStatus.isValidStatusCode(code);
    ChannelFuture told =
        open.writeAndFlush(
            isSayable ? new CloseWebSocketFrame(code, "") : new CloseWebSocketFrame());
    if (isEnded) {
      told.addListener(ChannelFutureListener.CLOSE);
    } else {
      var _ = lane.later(LINGER_NANOS, open::close);
    }
  }

  private void refuse() {
    isDone = true;
    head = null;
    Future<?> due = patience;
    if (due != null) {
      due.cancel(false);
    }
    if (channel != null) {
      channel.close();
    }
    conversation.refused();
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    gone("closed");
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    switch (cause) {
      case CorruptedWebSocketFrameException corrupted ->
          broke(
              corrupted.closeStatus().equals(WebSocketCloseStatus.MESSAGE_TOO_BIG)
                  ? Conversation.TOO_LARGE
                  : "protocol",
              corrupted.closeStatus().code());
      case TooLongFrameException _ ->
          broke(Conversation.TOO_LARGE, WebSocketCloseStatus.MESSAGE_TOO_BIG.code());
      default -> gone("connection");
    }
  }

  private void broke(String kind, int code) {
    if (!isDone) {
      conversation.broke(kind, code);
    }
  }

  private void gone(String kind) {
    if (isDone) {
      return;
    }
    if (head != null) {
      lost(kind);
    } else {
      conversation.broke(kind, WebSocketCloseStatus.NORMAL_CLOSURE.code());
    }
  }
}
