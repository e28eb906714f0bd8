package dev.freshet.load;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.base.Time;
import dev.freshet.http.WebSocketAccept;
import dev.freshet.testkit.Http2TestOrigin;
import dev.freshet.testkit.ScriptedOrigin;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Channels over real connections, beside requests.
@Timeout(60)
class ChannelTest {
  private static final Duration NONE = Duration.ZERO;
  private static final Turn.Expect ANY = new Turn.Expect(1, List.of(), null, Map.of(), List.of());
  private static final Turn FOR_EVER = new Turn.Listen(Duration.ofDays(1), Duration.ofDays(1));
  private static final String STREAM =
      "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\n";

  private final AtomicReference<@Nullable Generator> running = new AtomicReference<>();

  private static Step channel(Talk.Kind kind, String path, @Nullable Delay delay, Turn... turns) {
    return new Step(
        "channel",
        "GET",
        Template.of(path),
        List.of(),
        null,
        Map.of(),
        List.of(),
        NONE,
        NONE,
        null,
        new Talk(kind, List.of(), List.of(turns), delay, 1_000));
  }

  private static Visits visits(Step... steps) {
    List<Visit> visits = List.of(new Visit("v", 1, List.of(steps)));
    return new Scenario("s", List.of(), visits, Map.of(), List.of(), List.of()).acts(1);
  }

  private static Measured run(Aim aim, Visits visits, Phase phase) throws InterruptedException {
    try (Generator generator = Generator.open(aim, visits, Time.system())) {
      return generator.run(phase, Watch.none());
    }
  }

  /// So many visits, over when [#stop] is called: how long that takes does not matter.
  private Measured runUntilStopped(Aim aim, Visits visits, int count) throws InterruptedException {
    Visits some = number -> number < count ? visits.visitor(number) : () -> null;
    try (Generator generator = Generator.open(aim, some, Time.system())) {
      running.set(generator);
      return generator.run(Phase.constantRate(50, NONE, Duration.ofDays(1)), Watch.none());
    }
  }

  private void stop() {
    Objects.requireNonNull(running.get()).stop();
  }

  private static ChannelFigures channels(Measured measured) {
    return Objects.requireNonNull(measured.steps().get("channel")).channels();
  }

  private static Aim aim(ScriptedOrigin origin) {
    return Aim.at(URI.create(origin.url())).with(1, 1, Duration.ofSeconds(20));
  }

  private static Phase arrivals(int count) {
    return Phase.constantRate(count * 20, NONE, Duration.ofMillis(50));
  }

  private static String upgraded(String head) {
    String key = head.replaceAll("(?s).*Sec-WebSocket-Key: ([^\r]+).*", "$1");
    return "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        + "Sec-WebSocket-Accept: "
        + WebSocketAccept.of(key)
        + "\r\n\r\n";
  }

  private static String text(String message) {
    return "\u0081" + (char) message.length() + message;
  }

  private static boolean isWebSocket(String head) {
    return head.contains("\r\nUpgrade: websocket\r\n");
  }

  /// Nobody's channel takes the one connection that requests share, and the phase's end is theirs.
  @Test
  void visitorsHoldChannelsOfTheirOwnUntilThePhaseIsOver() throws InterruptedException {
    AtomicInteger channels = new AtomicInteger();
    try (ScriptedOrigin origin =
        ScriptedOrigin.start(peer -> {
          String head = peer.head();
          while (!head.isEmpty()) {
            if (isWebSocket(head)) {
              peer.send(upgraded(head) + text("hello"));
              if (channels.incrementAndGet() == 10) {
                stop();
              }
              peer.awaitEnd();
              return;
            }
            peer.send("HTTP/1.1 204 No Content\r\n\r\n");
            head = peer.head();
          }
        })) {
      Step first = Step.get("first", "/first");
      Step held = channel(Talk.Kind.WEB_SOCKET, "/chat", null, ANY, FOR_EVER);
      Measured measured = runUntilStopped(aim(origin), visits(first, held), 10);
      assertThat(measured.total().statuses()).isEqualTo(Map.of(101, 10L, 204, 10L));
      assertThat(measured.total().failures()).isZero();
      assertThat(origin.connections()).isEqualTo(11);
    }
  }

  @Test
  void aUserOpensTheNextChannelWhenHisLastIsClosed() throws InterruptedException {
    Set<Integer> open = ConcurrentHashMap.newKeySet();
    try (ScriptedOrigin origin =
        ScriptedOrigin.start(peer -> {
          peer.send(upgraded(peer.head()) + text("x"));
          // His close, masked: six octets and the code.
          if (peer.content(8).startsWith("\u0088\u0082")) {
            open.add(peer.index());
          }
          if (open.size() == 7) {
            stop();
          }
        })) {
      Visits visits = visits(channel(Talk.Kind.WEB_SOCKET, "/chat", null, ANY));
      try (Generator generator = Generator.open(aim(origin), visits, Time.system())) {
        running.set(generator);
        Measured measured = generator.run(Phase.users(1, NONE, Duration.ofDays(1)), Watch.none());
        assertThat(measured.total().failures()).isZero();
        assertThat(measured.total().channels().received()).isGreaterThanOrEqualTo(7);
        assertThat(channels(measured).connect().getTotalCount()).isGreaterThanOrEqualTo(7);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"chunked", "until the end"})
  void eventsAreReadAsTheyComeAndTheNextStepKnowsThem(String framing) throws InterruptedException {
    String event = "id: 5\nevent: change\ndata: {\"n\":1}\n\n";
    String other = ": beat\n\ndata: other\n\n";
    try (ScriptedOrigin origin =
        ScriptedOrigin.start(peer -> {
          String head = peer.head();
          if (head.startsWith("GET /live ")) {
            boolean isChunked = framing.equals("chunked");
            peer.send(STREAM + (isChunked ? "Transfer-Encoding: chunked\r\n\r\n" : "\r\n"));
            for (String one : List.of(event, other, event)) {
              peer.send(
                  isChunked ? Integer.toHexString(one.length()) + "\r\n" + one + "\r\n" : one);
            }
            peer.awaitEnd();
          } else if (!head.isEmpty()) {
            stop();
            peer.send("HTTP/1.1 204 No Content\r\n\r\n");
            peer.awaitEnd();
          }
        })) {
      Step live = channel(Talk.Kind.EVENT_STREAM, "/live", null, changes());
      Measured measured =
          runUntilStopped(aim(origin), visits(live, Step.get("next", "/next/${last}")), 1);
      assertThat(measured.total().errors()).isEmpty();
      assertThat(measured.total().channels().received()).isEqualTo(3);
      assertThat(origin.heads()).hasSize(2);
      assertThat(origin.heads().get(0)).doesNotContain("Accept-Encoding");
      assertThat(origin.heads().get(1)).startsWith("GET /next/5 ");
    }
  }

  private static Turn changes() {
    Check isChange = new Check.Equal("event", Extraction.header("event"), "change");
    Map<String, Extraction> extract = Map.of("last", Extraction.header("id"));
    return new Turn.Expect(2, List.of(isChange), null, extract, List.of(new Check.Contains("1")));
  }

  /// The stream is ended, and its place on the connection taken by the next request.
  @Test
  void overHttp2EventsComeOnTheVisitorsConnection() throws InterruptedException {
    AtomicInteger last = new AtomicInteger();
    String long1 = "1".repeat(900);
    try (Http2TestOrigin origin =
        new Http2TestOrigin(
            null,
            1,
            (stream, frame) -> {
              if (frame instanceof Http2HeadersFrame head
                  && String.valueOf(head.headers().path()).equals("/live")) {
                stream.head("200", false, "content-type", "text/event-stream");
                stream.data("id: 5\nevent: change\nda", false);
                stream.data("ta: " + long1 + "\n\nevent: change\ndata: " + long1 + "\n\n", false);
              } else if (frame instanceof Http2HeadersFrame) {
                if (last.incrementAndGet() == 3) {
                  stop();
                }
                stream.head("204", true);
              }
            })) {
      Manner manner = new Manner(Manner.Protocol.HTTP2, 1, false, null);
      Aim aim =
          Aim.at(URI.create("http://127.0.0.1:" + origin.port()))
              .with(1, 1, Duration.ofSeconds(20))
              .with(manner);
      Step live = channel(Talk.Kind.EVENT_STREAM, "/live", null, changes());
      Measured measured = runUntilStopped(aim, visits(live, Step.get("next", "/next/${last}")), 3);
      assertThat(measured.total().errors()).isEmpty();
      assertThat(measured.total().statuses()).isEqualTo(Map.of(200, 3L, 204, 3L));
      assertThat(measured.total().channels().received()).isEqualTo(6);
      // Each octet once, with some for heads and frames.
      assertThat(measured.total().octets()).isBetween(6 * 900L, 6 * 900L + 2_000);
      assertThat(origin.connections()).isEqualTo(1);
      assertThat(origin.heads())
          .extracting(head -> String.valueOf(head.path()))
          .containsOnly("/live", "/next/5");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "'HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n', status 404",
    "'HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 2\r\n\r\nhi', no event stream",
    "'EVENTS\r\nContent-Length: 2\r\n\r\n\n\n', ended",
    "'EVENTS\r\nContent-Length: 9\r\n\r\n\n\n', truncated",
    "'EVENTS\r\n\r\ndata: 1', ended"
  })
  void aStreamThatIsNoneOrBreaksOffIsAnErrorByItsKind(String answer, String kind)
      throws InterruptedException {
    try (ScriptedOrigin origin =
        ScriptedOrigin.start(peer -> {
          if (!peer.head().isEmpty()) {
            peer.send(answer.replace("EVENTS\r\n", STREAM));
          }
        })) {
      Step live = channel(Talk.Kind.EVENT_STREAM, "/live", null, ANY);
      Figures total = run(aim(origin), visits(live), arrivals(1)).total();
      assertThat(total.errors()).isEqualTo(Map.of(kind, 1L));
      assertThat(total.failures()).isEqualTo(1);
      assertThat(total.count()).isEqualTo(1);
    }
  }

  @Test
  void anEventThatIsTooLargeEndsTheStream() throws InterruptedException {
    try (ScriptedOrigin origin =
        ScriptedOrigin.start(peer -> {
          if (!peer.head().isEmpty()) {
            peer.send(STREAM + "\r\ndata: " + "x".repeat(2_000));
            peer.awaitEnd();
          }
        })) {
      Step live = channel(Talk.Kind.EVENT_STREAM, "/live", null, ANY);
      Figures total = run(aim(origin), visits(live), arrivals(1)).total();
      assertThat(total.errors()).isEqualTo(Map.of("too large", 1L));
    }
  }

  /// One visitor changes something, and all who listen are told: each once, whatever else they are
  /// told.
  @Test
  void theDelayFromAChangeToEachListenerIsMeasured() throws InterruptedException {
    Set<ScriptedOrigin.Peer> listeners = ConcurrentHashMap.newKeySet();
    AtomicInteger heard = new AtomicInteger();
    try (ScriptedOrigin origin =
        ScriptedOrigin.start(peer -> {
          String head = peer.head();
          while (!head.isEmpty()) {
            if (isWebSocket(head)) {
              peer.send(upgraded(head) + text("{\"stock\":-1}"));
              // What he says when he has heard that: six octets and the word.
              peer.content(8);
              listeners.add(peer);
              if (listeners.size() == 3) {
                tell(listeners, "{\"ready\":1}");
              }
              // Six octets and "heard".
              if (peer.content(11).length() == 11 && heard.incrementAndGet() == 2) {
                stop();
              }
              peer.awaitEnd();
              return;
            }
            String stock = head.replaceAll("(?s)PUT /stock/([0-9]+) .*", "$1");
            peer.send("HTTP/1.1 204 No Content\r\n\r\n");
            tell(listeners, "{\"stock\":" + stock + "}");
            head = peer.head();
          }
        })) {
      Delay delay = new Delay.Marked(Extraction.json("/stock"));
      Check ready = new Check.Equal("ready", Extraction.json("/ready"), "1");
      Turn all = new Turn.Expect(1, List.of(ready), null, Map.of(), List.of());
      Turn said = new Turn.Send(Template.of("ok"));
      Turn told =
          new Turn.Expect(1, List.of(new Check.Contains("stock")), null, Map.of(), List.of());
      Turn heardIt = new Turn.Send(Template.of("heard"));
      Step listen =
          channel(Talk.Kind.WEB_SOCKET, "/chat", delay, ANY, said, all, told, heardIt, FOR_EVER);
      Step write =
          new Step(
              "write",
              "PUT",
              Template.of("/stock/${visit}"),
              List.of(),
              null,
              Map.of(),
              List.of(),
              NONE,
              NONE,
              Template.of("${visit}"),
              null);
      Step wait = channel(Talk.Kind.WEB_SOCKET, "/chat", null, ANY, said, all);
      Visits listening = visits(listen);
      Visits writing = visits(wait, write, channel(Talk.Kind.WEB_SOCKET, "/", null, FOR_EVER));
      Visits both = number -> (number == 2 ? writing : listening).visitor(number);
      try (Generator generator = Generator.open(aim(origin), both, Time.system())) {
        running.set(generator);
        Measured measured = generator.run(Phase.users(3, NONE, Duration.ofDays(1)), Watch.none());
        assertThat(measured.total().errors()).isEmpty();
        assertThat(channels(measured).delay().getTotalCount()).isEqualTo(2);
      }
    }
  }

  private static void tell(Set<ScriptedOrigin.Peer> listeners, String message) {
    for (ScriptedOrigin.Peer listener : listeners) {
      try {
        listener.send(text(message));
      } catch (IOException e) {
        // The writer, who listens no longer.
      }
    }
  }
}
