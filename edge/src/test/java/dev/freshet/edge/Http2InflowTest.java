package dev.freshet.edge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.http.Fields;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2PingFrame;
import io.netty.handler.codec.http2.Http2StreamChannel;
import io.netty.handler.codec.http2.Http2StreamChannelOption;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// What a peer may send before it was read, frame by frame.
final class Http2InflowTest {
  private static final int STREAMS = 16;
  private static final int FRAME = 16_384;

  /// On a channel that no server has accepted Netty takes 1 for that of an upgrade.
  private static final int FIRST = 3;

  private final AtomicLong grownByAll = new AtomicLong();
  private final Http2FrameCodec codec = Http2FrameCodecBuilder.forServer().build();
  private final Http2Windows windows =
      new Http2Windows(codec, STREAMS, Http2Windows.MOST, grownByAll);
  private final Map<Integer, Stream> streams = new HashMap<>();
  private final Map<Integer, Integer> mayBeSent = new HashMap<>();
  private final EmbeddedChannel channel =
      new EmbeddedChannel(
          codec,
          new Http2MultiplexHandler(
              new ChannelInitializer<Http2StreamChannel>() {
                @Override
                protected void initChannel(Http2StreamChannel opened) {
                  opened
                      .config()
                      .setOption(Http2StreamChannelOption.AUTO_STREAM_FLOW_CONTROL, false);
                  opened.pipeline().addLast(new Stream(opened));
                }
              }),
          new ChannelInboundHandlerAdapter() {
            @Override
            public void channelRead(ChannelHandlerContext ctx, Object message) {
              if (message instanceof Http2PingFrame ping && ping.ack()) {
                windows.answered(ping.content());
              }
              ReferenceCountUtil.release(message);
            }
          });
  private byte @Nullable [] probe;

  /// One stream's reader.
  private final class Stream extends ChannelInboundHandlerAdapter implements Http2Inflow.Reader {
    private final Http2Inflow inflow;
    private final StringBuilder text = new StringBuilder();
    private int octets;
    private boolean ended;

    Stream(Http2StreamChannel opened) {
      inflow = new Http2Inflow(windows, opened, this);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      if (message instanceof Http2DataFrame data) {
        boolean isLast = data.isEndStream();
        inflow.arrived(data);
        if (isLast) {
          inflow.ended(new Fields(0));
        }
      } else {
        streams.put(((Http2StreamChannel) ctx.channel()).stream().id(), this);
      }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
      inflow.closed();
    }

    @Override
    public void content(ByteBuf data) {
      octets += data.readableBytes();
      if (octets < 10_000) {
        text.append(data.toString(StandardCharsets.US_ASCII));
      }
      data.release();
    }

    @Override
    public void contentEnd(Fields trailers) {
      ended = true;
    }
  }

  Http2InflowTest() {
    windows.open(channel.pipeline().lastContext());
    write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
    write(RawHttp2.frame(RawHttp2.SETTINGS, 0, 0, new byte[0]));
    mayBeSent.put(0, Http2Windows.FIRST);
    hear();
  }

  @AfterEach
  void close() {
    streams.values().forEach(stream -> stream.inflow.discard());
    windows.close();
    channel.finishAndReleaseAll();
    assertThat(grownByAll).hasValue(0);
  }

  private void write(byte[] octets) {
    channel.writeInbound(Unpooled.wrappedBuffer(octets));
  }

  private Stream open(int id) {
    write(
        RawHttp2.frame(RawHttp2.HEADERS, RawHttp2.END_HEADERS, id, RawHttp2.request("POST", "/")));
    mayBeSent.put(id, Http2Windows.FIRST);
    return stream(id);
  }

  private Stream stream(int id) {
    return Objects.requireNonNull(streams.get(id), "a stream of that number");
  }

  private int mayBeSent(int id) {
    return mayBeSent.getOrDefault(id, 0);
  }

  private void send(int id, int octets) {
    mayBeSent.merge(id, -octets, Integer::sum);
    mayBeSent.merge(0, -octets, Integer::sum);
    write(RawHttp2.frame(RawHttp2.DATA, 0, id, new byte[octets]));
    hear();
  }

  /// All that the windows allow, once; what is allowed meanwhile is for the next time.
  private int sendAllThatMayBe(int id) {
    int most = Math.min(mayBeSent(id), mayBeSent(0));
    for (int left = most; left > 0; left -= FRAME) {
      send(id, Math.min(FRAME, left));
    }
    return most;
  }

  private void hear() {
    ByteBuf all = Unpooled.buffer();
    ByteBuf piece = channel.readOutbound();
    while (piece != null) {
      all.writeBytes(piece);
      piece.release();
      piece = channel.readOutbound();
    }
    while (all.readableBytes() >= 9) {
      int length = all.readUnsignedMedium();
      int type = all.readByte();
      boolean isAck = (all.readByte() & RawHttp2.ACK) != 0;
      int id = all.readInt();
      byte[] payload = new byte[length];
      all.readBytes(payload);
      if (type == RawHttp2.WINDOW_UPDATE) {
        mayBeSent.merge(id, Unpooled.wrappedBuffer(payload).readInt(), Integer::sum);
      } else if (type == RawHttp2.PING && !isAck) {
        probe = payload;
      }
    }
    assertThat(all.isReadable()).as("half a frame").isFalse();
  }

  /// The ping came back from the other end of the line.
  private void endRound() {
    byte[] sent = Objects.requireNonNull(probe, "a ping under way");
    probe = null;
    write(RawHttp2.frame(RawHttp2.PING, RawHttp2.ACK, 0, sent));
    hear();
  }

  @Test
  void whatIsNotReadIsNotFollowedByMore() {
    Stream stream = open(FIRST);
    stream.inflow.pause(true);
    assertThat(sendAllThatMayBe(FIRST)).isEqualTo(Http2Windows.FIRST);
    assertThat(mayBeSent(FIRST)).isZero();
    assertThat(stream.octets).isZero();
    stream.inflow.pause(false);
    hear();
    assertThat(stream.octets).isEqualTo(Http2Windows.FIRST);
    assertThat(mayBeSent(FIRST)).isGreaterThan(Http2Windows.FIRST / 2);
  }

  @Test
  void streamsThatNobodyReadsHoldUpNoOther() {
    Stream read = open(FIRST);
    for (int i = 0; i < 100; i++) {
      sendAllThatMayBe(FIRST);
    }
    for (int i = 1; i < STREAMS; i++) {
      open(FIRST + 2 * i).inflow.pause(true);
      assertThat(sendAllThatMayBe(FIRST + 2 * i)).isEqualTo(Http2Windows.FIRST);
    }
    int before = read.octets;
    for (int i = 0; i < 100; i++) {
      assertThat(sendAllThatMayBe(FIRST)).isPositive();
    }
    assertThat(read.octets - before).isGreaterThan(100 * FRAME);
  }

  @Test
  void tenThousandFramesOfAnOctetAreHeldInLittleMoreThanTheirOctets() {
    Stream stream = open(FIRST);
    stream.inflow.pause(true);
    StringBuilder sent = new StringBuilder();
    for (int i = 0; i < 10_000; i++) {
      String octet = String.valueOf((char) ('a' + i % 26));
      sent.append(octet);
      write(RawHttp2.frame(RawHttp2.DATA, 0, FIRST, octet.getBytes(StandardCharsets.US_ASCII)));
    }
    assertThat(stream.inflow.room()).isLessThanOrEqualTo(16_384);
    write(RawHttp2.frame(RawHttp2.DATA, RawHttp2.END_STREAM, FIRST, new byte[0]));
    assertThat(stream.inflow.isWhole()).isTrue();
    assertThat(stream.ended).isFalse();
    stream.inflow.pause(false);
    assertThat(stream.octets).isEqualTo(10_000);
    assertThat(sent.toString()).startsWith(stream.text.toString());
    assertThat(stream.ended).isTrue();
  }

  @Test
  void paddingIsGivenBackAtOnce() {
    open(FIRST).inflow.pause(true);
    for (int i = 0; i < 1_000; i++) {
      byte[] payload = new byte[202];
      payload[0] = (byte) 200;
      write(RawHttp2.frame(RawHttp2.DATA, 8, FIRST, payload));
    }
    hear();
    assertThat(stream(FIRST).inflow.room()).isLessThanOrEqualTo(16_384);
    assertThat(mayBeSent(FIRST)).as("beyond the first window").isGreaterThan(202_000 - 65_535);
  }

  @Test
  void onAShortLineAWindowStaysAsItIs() {
    open(FIRST);
    for (int i = 0; i < 100; i++) {
      sendAllThatMayBe(FIRST);
      if (probe != null) {
        endRound();
      }
      assertThat(mayBeSent(FIRST)).isLessThanOrEqualTo(Http2Windows.FIRST);
    }
    assertThat(grownByAll).hasValue(0);
  }

  @Test
  void onALongLineAWindowGrowsToItsMostAndIsGivenBackWithItsStream() {
    Stream stream = open(FIRST);
    for (int i = 0; i < 30; i++) {
      sendAllThatMayBe(FIRST);
      sendAllThatMayBe(FIRST);
      if (probe != null) {
        endRound();
      }
    }
    assertThat(grownByAll).hasValue(Http2Windows.MOST - Http2Windows.FIRST);
    assertThat(stream.octets).isGreaterThan(Http2Windows.MOST);
    write(RawHttp2.frame(RawHttp2.RESET, 0, FIRST, RawHttp2.number(8)));
    channel.runPendingTasks();
    assertThat(grownByAll).hasValue(0);
    open(FIRST + 2);
    for (int i = 0; i < 200; i++) {
      sendAllThatMayBe(FIRST + 2);
    }
    assertThat(mayBeSent(0)).isLessThanOrEqualTo(STREAMS * Http2Windows.FIRST * 9 / 8);
  }

  @Test
  void whatAllGrowByIsBounded() {
    grownByAll.set(Http2Windows.MOST_GROWTH - Http2Windows.FIRST);
    open(FIRST);
    for (int i = 0; i < 10; i++) {
      sendAllThatMayBe(FIRST);
      sendAllThatMayBe(FIRST);
      if (probe != null) {
        endRound();
      }
    }
    assertThat(mayBeSent(FIRST)).isLessThanOrEqualTo(2 * Http2Windows.FIRST);
    assertThat(grownByAll).hasValue(Http2Windows.MOST_GROWTH);
    grownByAll.set(Http2Windows.FIRST);
  }

  @Test
  void whatComesFasterThanItIsReadMakesNoWindowGrow() {
    Stream stream = open(FIRST);
    for (int i = 0; i < 30; i++) {
      stream.inflow.pause(true);
      sendAllThatMayBe(FIRST);
      sendAllThatMayBe(FIRST);
      if (probe != null) {
        endRound();
      }
      stream.inflow.pause(false);
      hear();
    }
    assertThat(grownByAll).hasValue(0);
  }
}
