package dev.freshet.load;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.base.FakeTime;
import dev.freshet.base.Rolls;
import dev.freshet.http.WebSocketAccept;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameDecoder;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import org.assertj.core.data.Offset;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// A WebSocket, read by read, with clocks that stand still until they are told to move.
class WebSocketWireTest {
  private static final int TEXT = 0x1;
  private static final int MORE = 0x0;
  private static final int CLOSE = 0x8;
  private static final int PING = 0x9;
  private static final int FIN = 0x80;
  private static final int MOST = 200;

  /// One visitor on one channel.
  private static final class Stage implements AutoCloseable {
    final EmbeddedChannel channel = new EmbeddedChannel();
    final FakeTime time = new FakeTime(1_700_000_000_000L);
    final Map<String, String> known = new HashMap<>();
    final Marks marks = new Marks();
    final Round round =
        new Round(
            new Phase("p", new Phase.Shape.Pause(), Duration.ZERO, Duration.ofDays(1)),
            0,
            1,
            0,
            0,
            new CountDownLatch(1));
    final Aim aim = Aim.at(URI.create("http://127.0.0.1:1"));
    final Lane lane;
    final Conversation conversation;
    final WebSocketWire wire;
    int nextCalls;

    Stage(List<String> protocols, @Nullable Delay delay, Turn... turns) {
      channel.freezeTime();
      Dialler dialler =
          new Dialler(aim, new InetSocketAddress(InetAddress.getLoopbackAddress(), 1), false);
      Visits nobody = number -> () -> null;
      lane = new Lane(channel.eventLoop(), dialler, nobody, marks, time, aim, 1, 7);
      lane.start(round);
      Talk talk = new Talk(Talk.Kind.WEB_SOCKET, protocols, List.of(turns), delay, MOST);
      Call call =
          new Call(
              "chat", "GET", "/chat", List.of(), new byte[0], false, false, 0, null, null, talk);
      Session session = new Session(round, new Pool(lane, dialler, 1, 1), false, new Visitor(this));
      session.begin(call, lane.now());
      conversation = new Conversation(lane, session, talk);
      wire = new WebSocketWire(lane, conversation, session, call);
    }

    /// The connection is there.
    String asked() {
      wire.limit();
      wire.connected(channel);
      ByteBuf out = channel.readOutbound();
      String head = out.toString(StandardCharsets.ISO_8859_1);
      out.release();
      return head;
    }

    void shaken() {
      read(handshake(asked(), ""));
    }

    void read(byte[] octets) {
      channel.writeInbound(Unpooled.copiedBuffer(octets));
    }

    void pass(Duration by) {
      time.advance(by);
      channel.advanceTimeBy(by.toNanos(), TimeUnit.NANOSECONDS);
      channel.runScheduledPendingTasks();
    }

    /// What the visitor has sent, behind the handshake.
    List<String> sent() {
      EmbeddedChannel server =
          new EmbeddedChannel(new WebSocket13FrameDecoder(true, false, 65_536, false));
      ByteBuf out = channel.readOutbound();
      while (out != null) {
        server.writeInbound(out);
        out = channel.readOutbound();
      }
      List<String> frames = new ArrayList<>();
      WebSocketFrame frame = server.readInbound();
      while (frame != null) {
        String content = frame.content().toString(StandardCharsets.UTF_8);
        frames.add(
            switch (frame) {
              case CloseWebSocketFrame close -> "close " + close.statusCode();
              case PongWebSocketFrame _ -> "pong " + content;
              default -> content;
            });
        frame.release();
        frame = server.readInbound();
      }
      server.finishAndReleaseAll();
      return frames;
    }

    Figures figures() {
      return round.of("chat");
    }

    ChannelFigures channels() {
      return figures().channels();
    }

    @Override
    public void close() {
      channel.finishAndReleaseAll();
    }
  }

  private record Visitor(Stage stage) implements Visits.Visitor {
    @Override
    public @Nullable Call next() {
      stage.nextCalls++;
      return null;
    }

    @Override
    public @Nullable String text(Template template) {
      return template.text(stage.known);
    }

    @Override
    public void keep(String name, String value) {
      stage.known.put(name, value);
    }
  }

  private static byte[] handshake(String asked, String more) {
    String key = asked.replaceAll("(?s).*Sec-WebSocket-Key: ([^\r]+).*", "$1");
    return ("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            + more
            + "Sec-WebSocket-Accept: "
            + WebSocketAccept.of(key)
            + "\r\n\r\n")
        .getBytes(StandardCharsets.ISO_8859_1);
  }

  private static byte[] frame(int first, byte[] content) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(first);
    if (content.length < 126) {
      out.write(content.length);
    } else {
      out.write(126);
      out.write(content.length >> 8);
      out.write(content.length);
    }
    out.writeBytes(content);
    return out.toByteArray();
  }

  private static byte[] frame(int first, String content) {
    return frame(first, content.getBytes(StandardCharsets.UTF_8));
  }

  private static byte[] close(int code) {
    return frame(FIN | CLOSE, new byte[] {(byte) (code >> 8), (byte) code});
  }

  private static byte[] all(byte[]... parts) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      out.writeBytes(part);
    }
    return out.toByteArray();
  }

  private static Turn.Send send(String text) {
    return new Turn.Send(Template.of(text));
  }

  private static Turn.Expect expect(int count, String pointer, String value) {
    List<Check> matching = List.of(new Check.Equal(pointer, Extraction.json(pointer), value));
    return new Turn.Expect(
        count,
        matching,
        Duration.ofSeconds(2),
        Map.of("n", Extraction.json("/n")),
        List.of(new Check.Contains("yes")));
  }

  private static Turn.Expect any() {
    return new Turn.Expect(1, List.of(), Duration.ofSeconds(2), Map.of(), List.of());
  }

  private static double millis(Histogram one) {
    assertThat(one.getTotalCount()).isEqualTo(1);
    return one.getMean() / 1e6;
  }

  @Test
  void aVisitorTakesHisTurnsAndTheNextStepKnowsWhatHeHeard() {
    Turn[] turns = {
      any(), send("{\"ask\":\"${n}\"}"), expect(2, "/re", "ask"), send("${n}"), new Turn.Close(1001)
    };
    try (Stage stage = new Stage(List.of("v2", "v1"), null, turns)) {
      stage.known.put("n", "7");
      String asked = stage.asked();
      assertThat(asked)
          .startsWith("GET /chat HTTP/1.1\r\nHost: 127.0.0.1:1\r\n")
          .contains("\r\nConnection: Upgrade\r\n", "\r\nUpgrade: websocket\r\n")
          .contains("\r\nSec-WebSocket-Version: 13\r\n", "\r\nSec-WebSocket-Protocol: v2, v1\r\n")
          .doesNotContain("Accept-Encoding", "Extensions");
      stage.read(handshake(asked, "Sec-WebSocket-Protocol: v1\r\n"));
      assertThat(stage.round.open.sum()).isEqualTo(1);
      assertThat(stage.sent()).isEmpty();
      stage.read(frame(FIN | TEXT, "welcome"));
      assertThat(stage.sent()).containsExactly("{\"ask\":\"7\"}");
      stage.read(frame(FIN | TEXT, "{\"re\":\"ask\",\"n\":1}"));
      stage.read(frame(FIN | TEXT, "{\"re\":\"other\",\"n\":2}"));
      assertThat(stage.sent()).isEmpty();
      stage.read(frame(FIN | TEXT, "{\"re\":\"ask\",\"n\":3,\"ok\":\"yes\"}"));
      assertThat(stage.sent()).containsExactly("3", "close 1001");
      assertThat(stage.figures().statuses()).isEqualTo(Map.of(101, 1L));
      assertThat(stage.figures().failures()).isZero();
      assertThat(stage.channels().received()).isEqualTo(4);
      assertThat(stage.channels().sent()).isEqualTo(2);
      assertThat(stage.round.open.sum()).isZero();
      assertThat(stage.nextCalls).isEqualTo(1);
      assertThat(stage.channel.isOpen()).as("the server closes first").isTrue();
      stage.pass(Duration.ofSeconds(1));
      assertThat(stage.channel.isOpen()).as("but is not waited for for long").isFalse();
    }
  }

  @Test
  void timesRunFromWhereTheyAreSaidTo() {
    Delay delay = new Delay.Carried(Extraction.json("/at"), Delay.Unit.MILLIS);
    try (Stage stage = new Stage(List.of(), delay, send("x"), any(), send("y"), any())) {
      stage.pass(Duration.ofMillis(40));
      String asked = stage.asked();
      stage.pass(Duration.ofMillis(20));
      stage.read(handshake(asked, ""));
      stage.pass(Duration.ofMillis(300));
      long at = stage.time.millis() - 250;
      stage.read(frame(FIN | TEXT, "{\"at\":" + at + "}"));
      stage.pass(Duration.ofMillis(7));
      // Of before this channel: whoever sent it did not send it here.
      stage.read(frame(FIN | TEXT, "{\"at\":" + (at - 100_000) + "}"));
      assertThat(millis(stage.figures().intended())).isEqualTo(60, within());
      assertThat(millis(stage.figures().service())).isEqualTo(20, within());
      assertThat(millis(stage.channels().connect())).isEqualTo(60, within());
      assertThat(millis(stage.channels().firstMessage())).isEqualTo(300, within());
      assertThat(millis(stage.channels().delay())).isEqualTo(250, within());
      assertThat(stage.channels().roundTrip().getMaxValue() / 1e6).isEqualTo(300, within());
      assertThat(stage.channels().roundTrip().getMinValue() / 1e6).isEqualTo(7, within());
      assertThat(stage.channels().ahead()).isZero();
    }
  }

  /// Histograms keep three digits.
  private static Offset<Double> within() {
    return Offset.offset(0.5);
  }

  @Test
  void aMessageThatShowsWhatAStepHasSetIsTimedFromItsAnswer() {
    Delay delay = new Delay.Marked(Extraction.json("/stock"));
    Turn listen = new Turn.Listen(Duration.ofMinutes(1), Duration.ofMinutes(1));
    try (Stage stage = new Stage(List.of(), delay, listen)) {
      stage.marks.sent("before", stage.lane.now());
      stage.marks.answered("before", stage.lane.now());
      stage.pass(Duration.ofMillis(1));
      stage.shaken();
      stage.read(frame(FIN | TEXT, "{\"stock\":\"before\"}"));
      stage.read(frame(FIN | TEXT, "{\"stock\":\"nobody's\"}"));
      assertThat(stage.channels().delay().getTotalCount()).isZero();
      stage.marks.sent("8", stage.lane.now());
      stage.pass(Duration.ofMillis(5));
      stage.marks.answered("8", stage.lane.now());
      stage.pass(Duration.ofMillis(12));
      stage.read(frame(FIN | TEXT, "{\"stock\":8}"));
      assertThat(millis(stage.channels().delay())).isEqualTo(12, within());
      stage.marks.sent("9", stage.lane.now());
      stage.read(frame(FIN | TEXT, "{\"stock\":9}"));
      assertThat(stage.channels().delay().getTotalCount()).isEqualTo(2);
      assertThat(stage.channels().delay().getMinValue()).isZero();
      assertThat(stage.channels().ahead()).isEqualTo(1);
      stage.pass(Duration.ofMinutes(1));
      assertThat(stage.figures().failures()).isZero();
      assertThat(stage.nextCalls).isEqualTo(1);
    }
  }

  /// Frames of all kinds in one stream, cut in two at each octet and octet by octet.
  @Test
  void framesMayBeCutAnywhere() {
    byte[] frames =
        all(
            frame(FIN | PING, "a"),
            frame(TEXT, "{\"n\":"),
            frame(FIN | PING, "b"),
            frame(MORE, "1,\"t\":\"ü"),
            frame(FIN | MORE, "yes\"}"),
            frame(FIN | TEXT, "x".repeat(150)),
            frame(FIN | 0x2, "octets"));
    Turn hear =
        new Turn.Expect(3, List.of(), null, Map.of(), List.of(new Check.Contains("octets")));
    for (int cut = -1; cut < frames.length; cut++) {
      try (Stage stage = new Stage(List.of(), null, hear)) {
        byte[] opened = handshake(stage.asked(), "");
        byte[] whole = all(opened, frames);
        int at = cut + opened.length;
        if (cut < 0) {
          for (byte octet : whole) {
            stage.read(new byte[] {octet});
          }
        } else {
          stage.read(Arrays.copyOf(whole, at));
          stage.read(Arrays.copyOfRange(whole, at, whole.length));
        }
        assertThat(stage.figures().errors()).as("cut at %s", cut).isEmpty();
        assertThat(stage.channels().received()).as("cut at %s", cut).isEqualTo(3);
        assertThat(stage.nextCalls).isEqualTo(1);
        assertThat(stage.sent()).containsExactly("pong a", "pong b", "close 1000");
      }
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void messagesComeWholeHoweverTheyAreFragmentedAndCut(long seed) {
    Rolls rolls = new Rolls(seed);
    for (int i = 0; i < 100; i++) {
      List<String> messages = new ArrayList<>();
      ByteArrayOutputStream frames = new ByteArrayOutputStream();
      for (int n = rolls.between(1, 6); n > 0; n--) {
        String text = "{\"n\":" + n + ",\"t\":\"" + rolls.text(rolls.between(0, 20), "é€") + "\"}";
        messages.add(text);
        fragments(text.getBytes(StandardCharsets.UTF_8), rolls, frames);
      }
      Turn[] turns =
          messages.stream()
              .map(text -> new Turn.Expect(1, List.of(), null, Map.of(), List.of()))
              .toArray(Turn[]::new);
      try (Stage stage = new Stage(List.of(), null, turns)) {
        byte[] whole = all(handshake(stage.asked(), ""), frames.toByteArray());
        int at = 0;
        while (at < whole.length) {
          int end = Math.min(whole.length, at + rolls.between(1, 40));
          stage.read(Arrays.copyOfRange(whole, at, end));
          at = end;
        }
        assertThat(stage.figures().errors()).as("seed %s, case %s", seed, i).isEmpty();
        assertThat(stage.channels().received()).as("seed %s", seed).isEqualTo(messages.size());
        assertThat(stage.nextCalls).isEqualTo(1);
      }
    }
  }

  private static void fragments(byte[] text, Rolls rolls, ByteArrayOutputStream out) {
    int at = 0;
    int first = TEXT;
    while (true) {
      int end = Math.min(text.length, at + rolls.between(0, text.length));
      boolean isLast = end == text.length && rolls.chance(0.5);
      out.writeBytes(frame((isLast ? FIN : 0) | first, Arrays.copyOfRange(text, at, end)));
      if (rolls.chance(0.3)) {
        out.writeBytes(frame(FIN | PING, rolls.text(rolls.between(0, 5), "")));
      }
      if (isLast) {
        return;
      }
      at = end;
      first = MORE;
    }
  }

  @ParameterizedTest
  @CsvSource({
    "HTTP/1.1 403 Forbidden, status 403",
    "HTTP/1.1 200 OK, no WebSocket",
    "HTTP/1.1 302 Found, no WebSocket",
    "nonsense, protocol"
  })
  void aRefusedHandshakeIsAnErrorByItsKind(String line, String kind) {
    try (Stage stage = new Stage(List.of(), null, any())) {
      var _ = stage.asked();
      stage.read((line + "\r\nContent-Length: 0\r\n\r\n").getBytes(StandardCharsets.ISO_8859_1));
      assertThat(stage.figures().errors()).isEqualTo(Map.of(kind, 1L));
      assertThat(stage.figures().failures()).isEqualTo(1);
      assertThat(stage.figures().count()).isEqualTo(1);
      assertThat(stage.channel.isOpen()).isFalse();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Sec-WebSocket-Extensions: permessage-deflate\r\n",
        "Sec-WebSocket-Protocol: other\r\n",
        "Sec-WebSocket-Accept: AAAA\r\n"
      })
  void aHandshakeThatIsNotWhatWasAskedForOpensNothing(String field) {
    try (Stage stage = new Stage(List.of("chat"), null, any())) {
      stage.read(handshake(stage.asked(), field));
      assertThat(stage.figures().errors()).isEqualTo(Map.of("no WebSocket", 1L));
      assertThat(stage.round.open.sum()).isZero();
    }
  }

  @Test
  void aServerThatSaysNothingIsTimedOut() {
    try (Stage stage = new Stage(List.of(), null, any())) {
      var _ = stage.asked();
      stage.pass(Duration.ofSeconds(10));
      assertThat(stage.figures().errors()).isEqualTo(Map.of("timeout", 1L));
      assertThat(stage.channel.isOpen()).isFalse();
    }
    try (Stage stage = new Stage(List.of(), null, any())) {
      stage.shaken();
      stage.pass(Duration.ofMillis(1_999));
      assertThat(stage.figures().errors()).isEmpty();
      stage.pass(Duration.ofMillis(1));
      assertThat(stage.figures().errors()).isEqualTo(Map.of("no message in time", 1L));
      assertThat(stage.figures().count()).isEqualTo(1);
      assertThat(stage.figures().failures()).isEqualTo(1);
    }
  }

  @Test
  void anEndBeforeTheLastTurnIsAnErrorByItsCode() {
    assertThat(broken(close(1008), 1008)).isEqualTo(Map.of("closed 1008", 1L));
    assertThat(broken(frame(FIN | CLOSE, ""), -1)).isEqualTo(Map.of("closed", 1L));
  }

  @Test
  void whatIsNoFrameIsAnErrorAndTheServerIsTold() {
    assertThat(broken(frame(FIN | 0x3, "?"), 1002)).isEqualTo(Map.of("protocol", 1L));
    assertThat(broken(frame(FIN | MORE, "?"), 1002)).isEqualTo(Map.of("protocol", 1L));
    assertThat(broken(new byte[] {(byte) (FIN | TEXT), (byte) 0x81, 1, 2, 3, 4, 5}, 1002))
        .isEqualTo(Map.of("protocol", 1L));
    assertThat(broken(frame(FIN | TEXT, new byte[] {(byte) 0xc3, 0x28}), 1007))
        .isEqualTo(Map.of("protocol", 1L));
  }

  @Test
  void aMessageMayNotBeLargerThanIsAllowed() {
    Map<String, Long> tooLarge = Map.of("too large", 1L);
    assertThat(broken(frame(FIN | TEXT, "x".repeat(MOST + 1)), 1009)).isEqualTo(tooLarge);
    byte[] inParts = all(frame(TEXT, "x".repeat(MOST - 10)), frame(FIN | MORE, "x".repeat(20)));
    assertThat(broken(inParts, 1009)).isEqualTo(tooLarge);
  }

  /// Errors where that comes instead of a message.
  ///
  /// @param code that is said in turn
  private static Map<String, Long> broken(byte[] octets, int code) {
    try (Stage stage = new Stage(List.of(), null, any())) {
      stage.shaken();
      stage.read(octets);
      assertThat(stage.figures().failures()).isEqualTo(1);
      assertThat(stage.figures().count()).isEqualTo(1);
      assertThat(stage.round.open.sum()).isZero();
      assertThat(stage.sent()).containsExactly("close " + code);
      return stage.figures().errors();
    }
  }

  @Test
  void aConnectionThatIsGoneIsAnError() {
    try (Stage stage = new Stage(List.of(), null, any())) {
      stage.shaken();
      stage.channel.close();
      assertThat(stage.figures().errors()).isEqualTo(Map.of("closed", 1L));
    }
  }

  @Test
  void theEndOfThePhaseEndsListeningButNotWaiting() {
    Turn listen = new Turn.Listen(Duration.ofHours(1), Duration.ofHours(1));
    try (Stage stage = new Stage(List.of(), null, listen, any(), listen)) {
      stage.shaken();
      stage.round.endAt(stage.lane.now());
      assertThat(stage.round.open.sum()).isEqualTo(1);
      stage.conversation.hurry();
      assertThat(stage.round.open.sum()).as("a message is waited for").isEqualTo(1);
      stage.read(frame(FIN | TEXT, "x"));
      assertThat(stage.round.open.sum()).isZero();
      assertThat(stage.figures().failures()).isZero();
    }
  }
}
