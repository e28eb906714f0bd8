package dev.freshet.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.freshet.base.Time;
import dev.freshet.base.Trouble;
import dev.freshet.testkit.Http2TestOrigin;
import dev.freshet.testkit.ScriptedOrigin;
import dev.freshet.testkit.SelfSigned;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.SslContextBuilder;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// HTTP/2: many calls on few connections, and what a server may do to them.
@Timeout(60)
class Http2WireTest {
  private static final Phase TEN = phase(10);

  private static Phase phase(int arrivals) {
    return Phase.constantRate(arrivals * 20, Duration.ZERO, Duration.ofMillis(50));
  }

  private static Aim aim(String url, int streams, @Nullable Path authorities) {
    Manner manner = new Manner(Manner.Protocol.HTTP2, streams, false, authorities);
    return Aim.at(URI.create(url)).with(1, 1, Duration.ofSeconds(20)).with(manner);
  }

  private static Measured run(Aim aim, Visits visits, Phase phase) throws InterruptedException {
    try (Generator generator = Generator.open(aim, visits, Time.system())) {
      return generator.run(phase, Watch.none());
    }
  }

  private static Figures run(Http2TestOrigin origin, int streams, Phase phase)
      throws InterruptedException {
    Aim aim = aim("http://127.0.0.1:" + origin.port(), streams, null);
    return run(aim, Visits.of(Call.get("/a?b=1")), phase).total();
  }

  /// Answers what has been asked whole.
  private static void answer(Http2TestOrigin.Stream stream, Object frame) {
    boolean isLast =
        (frame instanceof Http2HeadersFrame head && head.isEndStream())
            || (frame instanceof Http2DataFrame data && data.isEndStream());
    if (isLast) {
      stream.head("200", false, "cache-status", "freshet; hit");
      stream.data("hello", true);
    }
  }

  @Test
  void callsAreStreamsOfOneConnection() throws InterruptedException {
    try (Http2TestOrigin origin = new Http2TestOrigin(null, 100, Http2WireTest::answer)) {
      Figures total = run(origin, 100, TEN);
      assertThat(total.statuses()).isEqualTo(Map.of(200, 10L));
      assertThat(total.failures()).isZero();
      assertThat(total.content()).isEqualTo(50);
      // Nine octets a frame and what is in them, and the settings at the beginning.
      assertThat(total.octets()).isBetween(10 * (9 + 9 + 5 + 1L), 10 * 200L);
      assertThat(total.hitRatio()).isEqualTo(1);
      assertThat(origin.connections()).isEqualTo(1);
      Http2Headers head = origin.heads().getFirst();
      assertThat(head.path()).hasToString("/a?b=1");
      assertThat(head.scheme()).hasToString("http");
      assertThat(head.authority()).hasToString("127.0.0.1:" + origin.port());
    }
  }

  /// The server holds streams back until as many are open as it allows: more never are.
  @Test
  void noMoreStreamsAreOpenThanTheServerAllows() throws InterruptedException {
    List<Http2TestOrigin.Stream> held = new ArrayList<>();
    AtomicInteger most = new AtomicInteger();
    AtomicInteger answered = new AtomicInteger();
    try (Http2TestOrigin origin =
        new Http2TestOrigin(
            null,
            2,
            (stream, frame) -> {
              held.add(stream);
              most.accumulateAndGet(held.size(), Math::max);
              if (held.size() == 2 || answered.get() >= 8) {
                answered.addAndGet(held.size());
                held.forEach(one -> one.head("204", true));
                held.clear();
              }
            })) {
      Figures total = run(origin, 100, TEN);
      assertThat(total.statuses()).isEqualTo(Map.of(204, 10L));
      assertThat(most).hasValue(2);
      assertThat(origin.connections()).isEqualTo(1);
    }
  }

  /// One of three streams is answered behind word that one may be open: the two that are left come
  /// first.
  @Test
  void aServerMayAllowLessWhileStreamsAreOpen() throws InterruptedException {
    List<Http2TestOrigin.Stream> held = new ArrayList<>();
    AtomicInteger open = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    try (Http2TestOrigin origin =
        new Http2TestOrigin(
            null,
            3,
            (stream, frame) -> {
              if (held.size() == 3) {
                most.accumulateAndGet(open.incrementAndGet(), Math::max);
                stream.head("204", true);
                open.decrementAndGet();
                return;
              }
              held.add(stream);
              if (held.size() == 3) {
                open.set(2);
                stream.allow(1);
                held.getFirst().head("204", true);
                stream.whenRead(() -> {
                  held.get(1).head("204", true);
                  held.get(2).head("204", true);
                  open.set(0);
                });
              }
            })) {
      Figures total = run(origin, 100, TEN);
      assertThat(total.statuses()).isEqualTo(Map.of(204, 10L));
      assertThat(total.failures()).isZero();
      assertThat(most).hasValue(1);
      assertThat(origin.connections()).isEqualTo(1);
    }
  }

  @Test
  void noMoreStreamsAreOpenThanWasAskedFor() throws InterruptedException {
    AtomicInteger open = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    try (Http2TestOrigin origin =
        new Http2TestOrigin(
            null,
            100,
            (stream, frame) -> {
              most.accumulateAndGet(open.incrementAndGet(), Math::max);
              // Later, so that those that are on their way come meanwhile.
              stream
                  .channel()
                  .eventLoop()
                  .execute(() -> {
                    open.decrementAndGet();
                    stream.head("204", true);
                  });
            })) {
      assertThat(run(origin, 1, phase(30)).statuses()).isEqualTo(Map.of(204, 30L));
      assertThat(most).hasValue(1);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"REFUSED_STREAM", "INTERNAL_ERROR", "ENHANCE_YOUR_CALM"})
  void aResetStreamIsAnErrorByItsKindAndTheOthersGoOn(Http2Error error)
      throws InterruptedException {
    AtomicInteger asked = new AtomicInteger();
    try (Http2TestOrigin origin =
        new Http2TestOrigin(
            null,
            100,
            (stream, frame) -> {
              if (asked.incrementAndGet() == 3) {
                stream.reset(error);
              } else {
                stream.head("204", true);
              }
            })) {
      Figures total = run(origin, 100, TEN);
      assertThat(total.errors()).isEqualTo(Map.of("reset " + error.name(), 1L));
      assertThat(total.statuses()).isEqualTo(Map.of(204, 9L));
      assertThat(total.count()).isEqualTo(10);
      assertThat(origin.connections()).isEqualTo(1);
    }
  }

  @Test
  void anAnswerThatIsCutOffIsTruncated() throws InterruptedException {
    try (Http2TestOrigin origin =
        new Http2TestOrigin(
            null,
            100,
            (stream, frame) -> {
              stream.head("200", false);
              stream.data("hal", false);
              stream.channel().parent().close();
            })) {
      assertThat(run(origin, 1, phase(2)).errors()).isEqualTo(Map.of("truncated", 2L));
    }
  }

  /// What it had not looked at is asked for on another connection, once, and said.
  @Test
  void aServerThatGoesAwayIsAskedAgainOnAnotherConnection() throws InterruptedException {
    try (Http2TestOrigin origin =
        new Http2TestOrigin(
            null,
            100,
            (stream, frame) -> {
              if (stream.connection() == 0) {
                stream.goAway();
              } else {
                stream.head("204", true);
              }
            })) {
      Figures total = run(origin, 100, TEN);
      assertThat(total.statuses()).isEqualTo(Map.of(204, 10L));
      assertThat(total.failures()).isZero();
      assertThat(total.repeats()).isPositive();
      assertThat(origin.connections()).isEqualTo(2);
    }
  }

  @Test
  void aServerThatAlwaysGoesAwayIsAnError() throws InterruptedException {
    try (Http2TestOrigin origin =
        new Http2TestOrigin(null, 100, (stream, frame) -> stream.goAway())) {
      Figures total = run(origin, 1, phase(3));
      assertThat(total.errors()).isEqualTo(Map.of("goaway NO_ERROR", 3L));
    }
  }

  /// A stream that is given up is cancelled; the connection goes on.
  @Test
  void whatIsNotAnsweredInTimeIsCancelledAndItsPlaceUsedAgain() throws InterruptedException {
    AtomicInteger asked = new AtomicInteger();
    try (Http2TestOrigin origin =
        new Http2TestOrigin(
            null,
            100,
            (stream, frame) -> {
              if (frame instanceof Http2HeadersFrame && asked.incrementAndGet() > 1) {
                stream.head("204", true);
              }
            })) {
      Aim aim =
          aim("http://127.0.0.1:" + origin.port(), 1, null).with(1, 1, Duration.ofMillis(300));
      Generator[] running = new Generator[1];
      Visits visits =
          number -> {
            if (number == 1) {
              running[0].stop();
            }
            return Visits.of(Call.get("/")).visitor(number);
          };
      // Fewer than three a second: the second comes when the first has given up.
      Phase phase = Phase.constantRate(2.5, Duration.ZERO, Duration.ofHours(1));
      try (Generator generator = Generator.open(aim, visits, Time.system())) {
        running[0] = generator;
        Figures total = generator.run(phase, Watch.none()).total();
        assertThat(total.errors()).containsEntry("timeout", 1L);
        assertThat(origin.connections()).isEqualTo(1);
      }
    }
  }

  /// Larger than what may be under way at once, in both directions.
  @Test
  void bodiesLargerThanTheWindowsComeAcross() throws InterruptedException {
    byte[] content = new byte[300_000];
    String answer = "x".repeat(3 << 20);
    AtomicInteger received = new AtomicInteger();
    try (Http2TestOrigin origin =
        new Http2TestOrigin(
            null,
            100,
            (stream, frame) -> {
              if (frame instanceof Http2DataFrame data) {
                received.addAndGet(data.content().readableBytes());
                if (data.isEndStream()) {
                  stream.head("200", false);
                  stream.data(answer, true);
                }
              }
            })) {
      Call call = new Call("put", "PUT", "/", List.of(), content, false, 0);
      Aim aim = aim("http://127.0.0.1:" + origin.port(), 10, null);
      Figures total = run(aim, Visits.of(call), phase(2)).total();
      assertThat(total.statuses()).isEqualTo(Map.of(200, 2L));
      assertThat(total.content()).isEqualTo(2L * answer.length());
      assertThat(received).hasValue(2 * content.length);
    }
  }

  @Test
  void usersMayShareAConnection() throws InterruptedException {
    try (Http2TestOrigin origin = new Http2TestOrigin(null, 100, Http2WireTest::answer)) {
      Manner manner = new Manner(Manner.Protocol.HTTP2, 10, true, null);
      Aim aim = aim("http://127.0.0.1:" + origin.port(), 10, null).with(manner);
      Phase phase = new Phase("p", new Phase.Shape.Users(4), Duration.ZERO, Duration.ofDays(1));
      Generator[] running = new Generator[1];
      // Until the last of them has had an answer.
      Visits visits =
          number ->
              new Visits.Visitor() {
                private int made;

                @Override
                public @Nullable Call next() {
                  if (number == 3 && ++made == 2) {
                    running[0].stop();
                  }
                  return Call.get("/");
                }
              };
      try (Generator generator = Generator.open(aim, visits, Time.system())) {
        running[0] = generator;
        assertThat(generator.run(phase, Watch.none()).total().failures()).isZero();
      }
      assertThat(origin.connections()).isEqualTo(1);
    }
  }

  @Test
  void whoSpeaksNoHttp2IsSaid() {
    try (ScriptedOrigin origin =
        ScriptedOrigin.answering("HTTP/1.1 400 No\r\nContent-Length: 0\r\n\r\n")) {
      assertThatThrownBy(() -> run(aim(origin.url(), 1, null), Visits.of(Call.get("/")), TEN))
          .isInstanceOf(Trouble.Found.class)
          .hasMessageContaining("no HTTP/2");
    }
  }

  @Test
  void overTlsItIsAgreedByAlpnAndTheCertificateHeldAgainstTheAuthorities(@TempDir Path folder)
      throws InterruptedException, SSLException {
    SelfSigned self = SelfSigned.in(folder);
    ApplicationProtocolConfig alpn =
        new ApplicationProtocolConfig(
            Protocol.ALPN,
            SelectorFailureBehavior.NO_ADVERTISE,
            SelectedListenerFailureBehavior.ACCEPT,
            ApplicationProtocolNames.HTTP_2);
    SslContextBuilder server =
        SslContextBuilder.forServer(self.certificate().toFile(), self.key().toFile());
    try (Http2TestOrigin origin =
            new Http2TestOrigin(
                server.applicationProtocolConfig(alpn).build(), 100, Http2WireTest::answer);
        Http2TestOrigin other =
            new Http2TestOrigin(
                server.applicationProtocolConfig(null).build(), 100, Http2WireTest::answer)) {
      Visits visits = Visits.of(Call.get("/"));
      String url = "https://127.0.0.1:" + origin.port();
      Figures total = run(aim(url, 10, self.certificate()), visits, TEN).total();
      assertThat(total.statuses()).isEqualTo(Map.of(200, 10L));
      assertThat(origin.heads().getFirst().scheme()).hasToString("https");
      assertThatThrownBy(() -> run(aim(url, 10, null), visits, TEN)).hasMessageContaining("(TLS)");
      String without = "https://127.0.0.1:" + other.port();
      assertThatThrownBy(() -> run(aim(without, 10, self.certificate()), visits, TEN))
          .hasMessageContaining("no HTTP/2");
      assertThatThrownBy(() -> run(aim(url, 10, folder.resolve("none.pem")), visits, TEN))
          .isInstanceOf(Trouble.Found.class)
          .hasMessageContaining("--ca");
    }
  }
}
