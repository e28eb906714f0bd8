package dev.freshet.edge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.base.FakeTime;
import dev.freshet.base.Time;
import dev.freshet.edge.OriginConfig.Protocol;
import dev.freshet.edge.OriginConfig.Tls;
import dev.freshet.edge.UpstreamFailure.Kind;
import dev.freshet.http.FieldName;
import dev.freshet.http.RequestHead;
import dev.freshet.testkit.Http2TestOrigin;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class Http2OriginTest {
  private final OriginsFixture edge = new OriginsFixture();

  @AfterEach
  void close() {
    edge.close();
  }

  private static Http2TestOrigin serving(Http2TestOrigin.Script script) {
    return new Http2TestOrigin(null, 100, script);
  }

  private static OriginConfig config(Http2TestOrigin origin) {
    OriginConfig plain = OriginsFixture.config("http://127.0.0.1:" + origin.port());
    return OriginsFixture.with(plain, Protocol.H2, Tls.defaults());
  }

  private Origins open(Http2TestOrigin origin) {
    return edge.open(config(origin), Time.system());
  }

  private static boolean isHead(Object frame) {
    return frame instanceof Http2HeadersFrame;
  }

  @Test
  void sendsARequestAndReadsTheAnswerWithTrailers() {
    try (Http2TestOrigin origin =
        serving((stream, frame) -> {
          stream.head("200", false, "x-a", "b");
          stream.data("hello", false);
          stream.trailers("x-sum", "5");
        })) {
      RequestHead head = Asker.request("GET", "/a?b", "Accept", "text/html", "Keep-Alive", "x");
      Asker asker = Asker.ask(open(origin), edge.loop, head, 0).contentEnd();
      assertThat(asker.whole()).isEqualTo("hello");
      assertThat(asker.length()).isEqualTo(-1);
      assertThat(asker.head().fields().first(FieldName.of("X-A"))).isEqualTo("b");
      assertThat(asker.trailers().first(FieldName.of("X-Sum"))).isEqualTo("5");
      Http2Headers sent = origin.heads().getFirst();
      assertThat(sent.method()).hasToString("GET");
      assertThat(sent.scheme()).hasToString("http");
      assertThat(sent.authority()).hasToString("shop.example");
      assertThat(sent.path()).hasToString("/a?b");
      assertThat(sent.get("accept")).hasToString("text/html");
      assertThat(sent.contains("keep-alive")).isFalse();
    }
  }

  @Test
  void sendsContentAndTrailers() {
    StringBuilder seen = new StringBuilder();
    try (Http2TestOrigin origin =
        serving((stream, frame) -> {
          if (frame instanceof Http2DataFrame data) {
            seen.append(data.content().toString(StandardCharsets.ISO_8859_1));
          } else if (frame instanceof Http2HeadersFrame head && head.isEndStream()) {
            stream.head("200", true, "x-seen", seen + "/" + head.headers().get("x-sum"));
          }
        })) {
      RequestHead head = Asker.request("POST", "/");
      Asker asker =
          Asker.ask(open(origin), edge.loop, head, -1)
              .content("hello ")
              .content("world")
              .contentEnd("X-Sum", "11");
      assertThat(asker.head().fields().first(FieldName.of("X-Seen"))).isEqualTo("hello world/11");
      assertThat(asker.length()).isZero();
    }
  }

  @Test
  void passesOnNoTrailersThatFrameOrAuthenticate() {
    try (Http2TestOrigin origin =
        serving((stream, frame) -> {
          stream.head("200", false);
          stream.data("hello", false);
          Http2Headers trailers = new DefaultHttp2Headers(false).add("x-sum", "5");
          trailers.add("content-length", "5").add("set-cookie", "a=b").add("cache-control", "x");
          stream.channel().writeAndFlush(new DefaultHttp2HeadersFrame(trailers, true));
        })) {
      Asker asker = Asker.get(open(origin), edge.loop, "/");
      assertThat(asker.whole()).isEqualTo("hello");
      assertThat(asker.trailers().size()).isEqualTo(1);
    }
  }

  @Test
  void aFieldThatWouldBeTwoInHttp1IsRefused() {
    for (String odd : new String[] {"a\r\nx-more: b", "a\nb", "a\0b"}) {
      try (Http2TestOrigin origin =
          serving((stream, frame) -> {
            Http2Headers head = new DefaultHttp2Headers(false).status("200").add("x-a", odd);
            stream.channel().writeAndFlush(new DefaultHttp2HeadersFrame(head, true));
          })) {
        Asker asker = Asker.get(open(origin), edge.loop, "/");
        assertThat(asker.failure().kind()).isIn(Kind.BAD_RESPONSE, Kind.CONNECTION_LOST);
      }
    }
  }

  @Test
  void contentWithoutAHeadIsNoAnswer() {
    for (boolean isLast : new boolean[] {true, false}) {
      try (Http2TestOrigin origin = serving((stream, frame) -> stream.data("hello", isLast))) {
        Asker asker = Asker.get(open(origin), edge.loop, "/");
        assertThat(asker.failure().kind()).isEqualTo(Kind.BAD_RESPONSE);
      }
    }
  }

  /// So the stream is over before its answer was read.
  @Test
  void whatHasComeInFullIsReadToItsEndByASlowReader() {
    Queue<Http2TestOrigin.Stream> streams = new ConcurrentLinkedQueue<>();
    try (Http2TestOrigin origin =
        serving((stream, frame) -> {
          streams.add(stream);
          stream.head("200", false);
          stream.data("x".repeat(10_000), false);
          stream.data("y".repeat(10), false);
          stream.trailers("x-sum", "5");
        })) {
      Asker asker = Asker.ask(open(origin), edge.loop, Asker.request("GET", "/"), 0);
      asker.pause(true);
      asker.contentEnd();
      edge.awaitThat(() -> streams.size() == 1 && !streams.element().channel().isActive());
      edge.settle();
      assertThat(asker.isOver()).isFalse();
      asker.pause(false);
      assertThat(asker.whole()).isEqualTo("x".repeat(10_000) + "y".repeat(10));
      assertThat(asker.trailers().first(FieldName.of("X-Sum"))).isEqualTo("5");
    }
  }

  @Test
  void relaysInterimResponses() {
    try (Http2TestOrigin origin =
        serving((stream, frame) -> {
          stream.head("103", false, "link", "</a.css>");
          stream.head("200", true);
        })) {
      Asker asker = Asker.get(open(origin), edge.loop, "/");
      asker.trailers();
      assertThat(asker.interims()).containsExactly(103);
    }
  }

  @Test
  void carriesManyCallsOnOneConnection() {
    Queue<Http2TestOrigin.Stream> streams = new ConcurrentLinkedQueue<>();
    try (Http2TestOrigin origin = serving((stream, frame) -> streams.add(stream))) {
      Origins origins = open(origin);
      List<Asker> askers = new ArrayList<>();
      for (int i = 0; i < 50; i++) {
        askers.add(Asker.get(origins, edge.loop, "/"));
      }
      edge.awaitThat(() -> streams.size() == 50);
      streams.forEach(stream -> stream.head("204", true));
      askers.forEach(Asker::trailers);
      assertThat(origin.connections()).isEqualTo(1);
    }
  }

  @Test
  void opensASecondConnectionAndThenWaitsWhenStreamsAreAllTaken() {
    Queue<Http2TestOrigin.Stream> streams = new ConcurrentLinkedQueue<>();
    try (Http2TestOrigin origin =
        new Http2TestOrigin(null, 2, (stream, frame) -> streams.add(stream))) {
      Origins origins = open(origin);
      Asker first = Asker.get(origins, edge.loop, "/");
      edge.awaitThat(() -> streams.size() == 1);
      List<Asker> askers = new ArrayList<>(List.of(first));
      for (int i = 0; i < 9; i++) {
        askers.add(Asker.get(origins, edge.loop, "/"));
      }
      edge.awaitThat(() -> streams.size() == 4);
      assertThat(origin.connections()).isEqualTo(2);
      AtomicInteger answered = new AtomicInteger();
      edge.awaitThat(() -> {
        Http2TestOrigin.Stream stream = streams.poll();
        if (stream != null) {
          stream.head("204", true);
          answered.incrementAndGet();
        }
        return answered.get() == 10;
      });
      askers.forEach(Asker::trailers);
    }
  }

  @Test
  void neverTakesAResetResponseForComplete() {
    try (Http2TestOrigin origin =
        serving((stream, frame) -> {
          stream.head("200", false);
          stream.data("half", false);
          stream.reset(Http2Error.INTERNAL_ERROR);
        })) {
      Asker asker = Asker.get(open(origin), edge.loop, "/");
      assertThat(asker.failure().kind()).isEqualTo(Kind.CONNECTION_LOST);
    }
  }

  @Test
  void neverTakesLessThanTheAnnouncedLengthForComplete() {
    try (Http2TestOrigin origin =
        serving((stream, frame) -> {
          stream.head("200", false, "content-length", "10");
          stream.data("half", true);
        })) {
      Asker asker = Asker.get(open(origin), edge.loop, "/");
      assertThat(asker.failure().kind()).isEqualTo(Kind.CONNECTION_LOST);
    }
  }

  /// The codec lets nothing pass for any length.
  @ParameterizedTest
  @ValueSource(strings = {"head", "data", "trailers"})
  void neverTakesNothingForTheAnnouncedLength(String endsWith) {
    try (Http2TestOrigin origin =
        serving((stream, frame) -> {
          stream.head("200", endsWith.equals("head"), "content-length", "10");
          if (endsWith.equals("data")) {
            stream.data("", true);
          } else if (endsWith.equals("trailers")) {
            stream.trailers("x-sum", "5");
          }
        })) {
      Asker asker = Asker.get(open(origin), edge.loop, "/");
      assertThat(asker.failure().kind()).isEqualTo(Kind.BAD_RESPONSE);
    }
  }

  @ParameterizedTest
  @CsvSource({"HEAD, 200", "GET, 304", "GET, 204"})
  void aLengthOfWhatIsNotSentIsNoneToWaitFor(String method, String status) {
    try (Http2TestOrigin origin =
        serving((stream, frame) -> stream.head(status, true, "content-length", "10"))) {
      Asker asker = Asker.ask(open(origin), edge.loop, Asker.request(method, "/"), 0).contentEnd();
      assertThat(asker.whole()).isEmpty();
    }
  }

  @Test
  void triesARefusedStreamAgainWhateverTheMethod() {
    AtomicInteger asked = new AtomicInteger();
    try (Http2TestOrigin origin =
        serving((stream, frame) -> {
          if (asked.getAndIncrement() == 0) {
            stream.reset(Http2Error.REFUSED_STREAM);
          } else {
            stream.head("204", true);
          }
        })) {
      Asker asker = Asker.ask(open(origin), edge.loop, Asker.request("POST", "/"), 0).contentEnd();
      assertThat(asker.head().status()).isEqualTo(204);
      assertThat(asked).hasValue(2);
    }
  }

  @Test
  void sendsContentAgainWhenAStreamIsRefused() {
    AtomicInteger asked = new AtomicInteger();
    try (Http2TestOrigin origin =
        serving((stream, frame) -> {
          if (frame instanceof Http2DataFrame data && data.content().isReadable()) {
            if (asked.getAndIncrement() == 0) {
              stream.reset(Http2Error.REFUSED_STREAM);
            } else {
              stream.head("200", false);
              stream.data(data.content().toString(StandardCharsets.ISO_8859_1), true);
            }
          }
        })) {
      RequestHead post = Asker.request("POST", "/");
      Asker asker = Asker.askWithContent(open(origin), edge.loop, post, "hello");
      assertThat(asker.whole()).isEqualTo("hello");
      assertThat(asked).hasValue(2);
    }
  }

  @Test
  void triesAgainOnAnotherConnectionWhatAGoAwayLeftOut() {
    try (Http2TestOrigin origin =
        serving((stream, frame) -> {
          if (stream.connection() == 0) {
            stream.goAway();
            stream.channel().parent().close();
          } else {
            stream.head("204", true);
          }
        })) {
      Asker asker = Asker.get(open(origin), edge.loop, "/");
      assertThat(asker.head().status()).isEqualTo(204);
      assertThat(origin.connections()).isEqualTo(2);
    }
  }

  @Test
  void deliversAnEarlyAnswerAndGoesOn() {
    try (Http2TestOrigin origin =
        serving((stream, frame) -> {
          if (isHead(frame)) {
            stream.head("413", true);
          }
        })) {
      Origins origins = open(origin);
      RequestHead post = Asker.request("POST", "/");
      Asker asker = Asker.ask(origins, edge.loop, post, -1).content("begun");
      assertThat(asker.head().status()).isEqualTo(413);
      asker.content("more").contentEnd();
      assertThat(Asker.get(origins, edge.loop, "/").head().status()).isEqualTo(413);
      assertThat(origin.connections()).isEqualTo(1);
    }
  }

  @Test
  void aPausedAskerStopsOneStreamAtItsWindowAndNoOther() {
    AtomicLong written = new AtomicLong();
    String piece = "x".repeat(16 << 10);
    int pieces = 256;
    try (Http2TestOrigin origin =
        serving((stream, frame) -> {
          stream.head("200", false);
          for (int i = 1; i <= pieces; i++) {
            stream
                .channel()
                .writeAndFlush(
                    new io.netty.handler.codec.http2.DefaultHttp2DataFrame(
                        io.netty.buffer.Unpooled.copiedBuffer(piece, StandardCharsets.ISO_8859_1),
                        i == pieces))
                .addListener(done -> written.addAndGet(piece.length()));
          }
        })) {
      Origins origins = open(origin);
      Asker asker = Asker.getForgetting(origins, edge.loop, "/");
      asker.pause(true);
      Asker other = Asker.getForgetting(origins, edge.loop, "/");
      other.trailers();
      long whole = (long) pieces * piece.length();
      assertThat(other.octets()).isEqualTo(whole);
      assertThat(asker.isOver()).isFalse();
      assertThat(written.get()).isLessThan(2 * whole);
      asker.pause(false);
      asker.trailers();
      assertThat(asker.octets()).isEqualTo(whole);
    }
  }

  @Test
  void aStreamThatIsNotReadMakesTheAskerPause() {
    Queue<Http2TestOrigin.Stream> streams = new ConcurrentLinkedQueue<>();
    try (Http2TestOrigin origin =
        serving((stream, frame) -> {
          if (isHead(frame)) {
            stream.channel().config().setAutoRead(false);
            streams.add(stream);
          } else if (frame instanceof Http2DataFrame data && data.isEndStream()) {
            stream.head("204", true);
          }
        })) {
      Asker asker = Asker.ask(open(origin), edge.loop, Asker.request("POST", "/"), -1);
      String piece = "x".repeat(32 << 10);
      edge.awaitThat(() -> streams.size() == 1);
      int sent = 0;
      while (asker.isWritable()) {
        asker.content(piece);
        edge.settle();
        sent += piece.length();
        assertThat(sent).isLessThan(4 << 20);
      }
      streams.element().channel().config().setAutoRead(true);
      asker.awaitWritable();
      asker.contentEnd();
      assertThat(asker.head().status()).isEqualTo(204);
    }
  }

  @Test
  void waitsForAnAnswerOnlySoLong() {
    FakeTime time = new FakeTime(0);
    try (Http2TestOrigin origin = serving((stream, frame) -> {})) {
      OriginConfig config =
          OriginsFixture.with(config(origin), OriginsFixture.waits(Duration.ofMillis(50)));
      Asker asker = Asker.get(edge.open(config, time), edge.loop, "/");
      edge.awaitThat(() -> origin.heads().size() == 1);
      time.advance(Duration.ofMillis(60));
      assertThat(asker.failure().kind()).isEqualTo(Kind.RESPONSE_TIMEOUT);
      edge.awaitThat(() -> edge.gauge("freshet_origin_connections") == 0);
    }
  }

  @Test
  void resetsACancelledStreamAndKeepsTheConnection() {
    Queue<Http2TestOrigin.Stream> streams = new ConcurrentLinkedQueue<>();
    try (Http2TestOrigin origin = serving((stream, frame) -> streams.add(stream))) {
      Origins origins = open(origin);
      Asker asker = Asker.get(origins, edge.loop, "/");
      edge.awaitThat(() -> streams.size() == 1);
      asker.cancel();
      edge.awaitThat(() -> !streams.element().channel().isActive());
      Asker other = Asker.get(origins, edge.loop, "/");
      edge.awaitThat(() -> streams.size() == 2);
      streams.forEach(stream -> stream.head("204", true));
      assertThat(other.head().status()).isEqualTo(204);
      assertThat(origin.connections()).isEqualTo(1);
    }
  }

  @Test
  void finishesStreamsWhenClosedGracefully() {
    Queue<Http2TestOrigin.Stream> streams = new ConcurrentLinkedQueue<>();
    try (Http2TestOrigin origin = serving((stream, frame) -> streams.add(stream))) {
      Origins origins = open(origin);
      Asker asker = Asker.get(origins, edge.loop, "/");
      edge.awaitThat(() -> streams.size() == 1);
      origins.closeGracefully();
      edge.settle();
      streams.element().head("204", true);
      asker.trailers();
      edge.awaitThat(() -> edge.gauge("freshet_origin_connections") == 0);
    }
  }
}
