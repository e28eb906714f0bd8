package dev.freshet.edge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.edge.UpstreamFailure.Kind;
import dev.freshet.http.RequestHead;
import dev.freshet.testkit.ScriptedOrigin;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class OriginRetryTest {
  private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n";
  private final OriginsFixture edge = new OriginsFixture();

  @AfterEach
  void close() {
    edge.close();
  }

  /// Answers the first request of its first connection, then closes at the sight of the second; all
  /// other connections answer everything.
  private static ScriptedOrigin closingAtTheSecondRequest() {
    return ScriptedOrigin.start(peer -> {
      int served = 0;
      while (!peer.head().isEmpty()) {
        if (peer.index() == 0 && served == 1) {
          return;
        }
        served++;
        peer.send(OK + "o" + peer.index());
      }
    });
  }

  private static ScriptedOrigin refusing() {
    return ScriptedOrigin.start(peer -> peer.close());
  }

  private static ScriptedOrigin breaking() {
    return ScriptedOrigin.start(peer -> peer.head());
  }

  /// A port at which nobody listens.
  private static String dead() {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return "http://127.0.0.1:" + socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Asker get(Origins origins) {
    return Asker.get(origins, edge.loop, "/");
  }

  @Test
  void sendsAnIdempotentRequestAgainWhenAKeptConnectionWasClosed() {
    try (ScriptedOrigin origin = closingAtTheSecondRequest()) {
      Origins origins = edge.open(origin);
      assertThat(get(origins).whole()).isEqualTo("o0");
      assertThat(get(origins).whole()).isEqualTo("o1");
      assertThat(edge.count("freshet_origin_retries_total")).isEqualTo(1);
    }
  }

  @Test
  void doesNotSendAPostAgainThatMayHaveBeenActedOn() {
    try (ScriptedOrigin origin = closingAtTheSecondRequest()) {
      Origins origins = edge.open(origin);
      assertThat(get(origins).whole()).isEqualTo("o0");
      Asker post = Asker.ask(origins, edge.loop, Asker.request("POST", "/"), 0).contentEnd();
      UpstreamFailure failure = post.failure();
      assertThat(failure.kind()).isEqualTo(Kind.CONNECTION_LOST);
      assertThat(failure.retryable()).isFalse();
      assertThat(origin.heads()).hasSize(2);
    }
  }

  /// Echoes content, but closes its first connection at the sight of the second request's content.
  private static ScriptedOrigin echoingButOnce(int size) {
    return ScriptedOrigin.start(peer -> {
      int served = 0;
      while (!peer.head().isEmpty()) {
        String content = peer.content(size);
        if (peer.index() == 0 && served == 1) {
          return;
        }
        served++;
        peer.send("HTTP/1.1 200 OK\r\nContent-Length: " + size + "\r\n\r\n" + content);
      }
    });
  }

  @Test
  void sendsTheLittleContentOfAnIdempotentRequestAgain() {
    try (ScriptedOrigin origin = echoingButOnce(5)) {
      Origins origins = edge.open(origin);
      RequestHead put = Asker.request("PUT", "/");
      assertThat(Asker.askWithContent(origins, edge.loop, put, "first").whole()).isEqualTo("first");
      assertThat(Asker.askWithContent(origins, edge.loop, put, "hello").whole()).isEqualTo("hello");
      assertThat(origin.connections()).isEqualTo(2);
      RequestHead post = Asker.request("POST", "/");
      assertThat(Asker.askWithContent(origins, edge.loop, post, "again").whole())
          .isEqualTo("again");
    }
  }

  @Test
  void doesNotSendTheContentOfAPostAgainThatMayHaveBeenActedOn() {
    try (ScriptedOrigin origin = echoingButOnce(5)) {
      Origins origins = edge.open(origin);
      RequestHead post = Asker.request("POST", "/");
      assertThat(Asker.askWithContent(origins, edge.loop, post, "first").whole())
          .isEqualTo("first");
      Asker second = Asker.askWithContent(origins, edge.loop, post, "hello");
      assertThat(second.failure().kind()).isEqualTo(Kind.CONNECTION_LOST);
      assertThat(origin.connections()).isEqualTo(1);
    }
  }

  @Test
  void keepsNoMoreContentForAnotherTryThanMayBeHeld() {
    int size = 100_000;
    try (ScriptedOrigin origin = echoingButOnce(size)) {
      Origins origins = edge.open(origin);
      RequestHead put = Asker.request("PUT", "/");
      String content = "x".repeat(size);
      assertThat(Asker.askWithContent(origins, edge.loop, put, content).whole()).hasSize(size);
      Asker second = Asker.askWithContent(origins, edge.loop, put, content);
      assertThat(second.failure().kind()).isEqualTo(Kind.CONNECTION_LOST);
    }
  }

  @Test
  void noticesAConnectionThatWasClosedWhileIdle() throws InterruptedException {
    CountDownLatch closed = new CountDownLatch(1);
    try (ScriptedOrigin origin =
        ScriptedOrigin.start(peer -> {
          peer.head();
          peer.send(OK + "o" + peer.index());
          peer.close();
          closed.countDown();
        })) {
      Origins origins = edge.open(origin);
      assertThat(get(origins).whole()).isEqualTo("o0");
      assertThat(closed.await(10, TimeUnit.SECONDS)).isTrue();
      edge.awaitThat(() -> edge.gauge("freshet_origin_connections") == 0);
      Asker post = Asker.ask(origins, edge.loop, Asker.request("POST", "/"), 0).contentEnd();
      assertThat(post.whole()).isEqualTo("o1");
      assertThat(edge.count("freshet_origin_retries_total")).isZero();
    }
  }

  @Test
  void neverTriesAgainAfterAnOctetOfAResponse() {
    try (ScriptedOrigin origin =
        ScriptedOrigin.start(peer -> {
          peer.head();
          peer.send("HTTP/1.1 2");
        })) {
      assertThat(get(edge.open(origin)).failure().kind()).isEqualTo(Kind.CONNECTION_LOST);
      assertThat(origin.connections()).isEqualTo(1);
    }
  }

  @Test
  void neverTriesAgainAfterAMalformedResponse() {
    try (ScriptedOrigin origin = ScriptedOrigin.answering("nonsense\r\n\r\n");
        ScriptedOrigin other = ScriptedOrigin.answering("nonsense\r\n\r\n")) {
      assertThat(get(edge.open(origin, other)).failure().kind()).isEqualTo(Kind.BAD_RESPONSE);
      assertThat(origin.connections() + other.connections()).isEqualTo(1);
    }
  }

  @Test
  void triesASingleOriginOnceMoreWhenItBreaksAndThenGivesUp() {
    try (ScriptedOrigin origin = breaking()) {
      UpstreamFailure failure = get(edge.open(origin)).failure();
      assertThat(failure.kind()).isEqualTo(Kind.CONNECTION_LOST);
      assertThat(failure.message()).contains(origin.url());
      assertThat(origin.heads()).hasSize(2);
    }
  }

  @Test
  void asksAnotherOriginWhenOneCannotBeReachedWhateverTheMethod() {
    try (ScriptedOrigin origin = ScriptedOrigin.answering(OK + "ok")) {
      Origins origins = edge.open(OriginsFixture.config(dead(), origin.url()));
      for (int i = 0; i < 6; i++) {
        RequestHead post = Asker.request("POST", "/");
        assertThat(Asker.ask(origins, edge.loop, post, 0).contentEnd().whole()).isEqualTo("ok");
      }
      assertThat(edge.count("freshet_origin_failures_total")).isPositive();
    }
  }

  @Test
  void sendsContentThatWasHeldToTheOriginThatIsThere() {
    try (ScriptedOrigin origin =
        ScriptedOrigin.start(peer -> {
          while (!peer.head().isEmpty()) {
            peer.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n" + peer.content(5));
          }
        })) {
      Origins origins = edge.open(OriginsFixture.config(dead(), origin.url()));
      for (int i = 0; i < 4; i++) {
        RequestHead post = Asker.request("POST", "/");
        Asker asker = Asker.askWithContent(origins, edge.loop, post, "hello");
        assertThat(asker.whole()).isEqualTo("hello");
      }
    }
  }

  @Test
  void asksAnotherOriginWhenOneBreaksButOnlyForIdempotentMethods() {
    try (ScriptedOrigin bad = breaking();
        ScriptedOrigin good = ScriptedOrigin.answering(OK + "ok")) {
      Origins origins = edge.open(bad, good);
      int lost = 0;
      for (int i = 0; i < 4; i++) {
        assertThat(get(origins).whole()).isEqualTo("ok");
        Asker post = Asker.ask(origins, edge.loop, Asker.request("POST", "/"), 0).contentEnd();
        lost += post.isLost() ? 1 : 0;
      }
      assertThat(lost).isPositive();
    }
  }

  @Test
  void givesUpAfterSoManyTries() {
    Origins origins = edge.open(OriginsFixture.config(dead(), dead(), dead(), dead(), dead()));
    UpstreamFailure failure = get(origins).failure();
    assertThat(failure.kind()).isEqualTo(Kind.CONNECT_REFUSED);
    assertThat(failure.retryable()).isTrue();
    assertThat(edge.count("freshet_origin_connects_total")).isEqualTo(3);
  }

  @Test
  void saysWhatWasRefusedWhere() {
    String url = dead();
    UpstreamFailure failure = get(edge.open(OriginsFixture.config(url))).failure();
    assertThat(failure.kind()).isEqualTo(Kind.CONNECT_REFUSED);
    assertThat(failure.message()).contains(url).contains("127.0.0.1");
  }

  @Test
  void failsWhenAnOriginClosesEveryConnectionAtOnce() {
    try (ScriptedOrigin origin = refusing()) {
      assertThat(get(edge.open(origin)).failure().kind()).isEqualTo(Kind.CONNECTION_LOST);
    }
  }

  @Test
  void resolvesANameAndFailsWhenThereIsNone() {
    try (ScriptedOrigin origin = ScriptedOrigin.answering(OK + "ok")) {
      String named = "http://localhost:" + origin.port();
      assertThat(get(edge.open(OriginsFixture.config(named))).whole()).isEqualTo("ok");
      Asker nowhere = get(edge.open(OriginsFixture.config("http://nowhere.invalid:80")));
      assertThat(nowhere.failure().kind()).isEqualTo(Kind.CONNECT_REFUSED);
    }
  }
}
