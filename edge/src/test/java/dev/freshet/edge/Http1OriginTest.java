package dev.freshet.edge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.edge.UpstreamFailure.Kind;
import dev.freshet.http.FieldName;
import dev.freshet.http.Fields;
import dev.freshet.http.RequestHead;
import dev.freshet.http.Version;
import dev.freshet.testkit.ScriptedOrigin;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class Http1OriginTest {
  private static final String OK = "HTTP/1.1 200 OK\r\n";
  private final OriginsFixture edge = new OriginsFixture();

  @AfterEach
  void close() {
    edge.close();
  }

  private static String lines(String... each) {
    return String.join("\r\n", each) + "\r\n";
  }

  private Asker answer(String method, String response) {
    try (ScriptedOrigin origin =
        ScriptedOrigin.start(peer -> {
          peer.head();
          peer.send(response);
        })) {
      Asker asker =
          Asker.ask(edge.open(origin), edge.loop, Asker.request(method, "/"), 0).contentEnd();
      try {
        asker.head();
        asker.trailers();
      } catch (AssertionError e) {
        asker.failure();
      }
      return asker;
    }
  }

  private Asker get(String response) {
    return answer("GET", response);
  }

  @Test
  void readsContentWithALength() {
    Asker asker = get(OK + "Content-Length: 5\r\nX-A: b\r\n\r\nhello");
    assertThat(asker.whole()).isEqualTo("hello");
    assertThat(asker.length()).isEqualTo(5);
    assertThat(asker.head().fields().first(FieldName.of("x-a"))).isEqualTo("b");
  }

  @Test
  void readsChunksAndTrailers() {
    Asker asker =
        get(
            OK
                + "Transfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n"
                + "5;name=\"v\"\r\nhello\r\n1\r\n!\r\n0\r\nX-Sum: 6\r\n\r\n");
    assertThat(asker.whole()).isEqualTo("hello!");
    assertThat(asker.length()).isEqualTo(-1);
    assertThat(asker.trailers().first(FieldName.of("X-Sum"))).isEqualTo("6");
  }

  @Test
  void readsContentThatTheConnectionsEndDelimits() {
    Asker asker = get("HTTP/1.0 200 OK\r\n\r\nall of it");
    assertThat(asker.whole()).isEqualTo("all of it");
    assertThat(asker.length()).isEqualTo(-1);
  }

  @Test
  void readsNoContentAfterHeadAnd204And304() {
    assertThat(answer("HEAD", OK + "Content-Length: 5\r\n\r\n").length()).isZero();
    assertThat(get("HTTP/1.1 204 No Content\r\n\r\n").length()).isZero();
    Asker unchanged = get("HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n");
    assertThat(unchanged.whole()).isEmpty();
  }

  @Test
  void relaysSeveralInterimResponses() {
    Asker asker =
        get(
            "HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n"
                + "HTTP/1.1 102 Processing\r\n\r\n"
                + OK
                + "Content-Length: 2\r\n\r\nok");
    assertThat(asker.whole()).isEqualTo("ok");
    assertThat(asker.interims()).containsExactly(103, 102);
  }

  @Test
  void readsAResponseThatComesOctetByOctet() {
    String response =
        OK + "Transfer-Encoding: chunked\r\n\r\n" + "a\r\n0123456789\r\n0\r\nX-T: 1\r\n\r\n";
    try (ScriptedOrigin origin =
        ScriptedOrigin.start(peer -> {
          peer.head();
          for (int i = 0; i < response.length(); i++) {
            peer.send(response.substring(i, i + 1));
          }
          peer.awaitEnd();
        })) {
      Asker asker = Asker.get(edge.open(origin), edge.loop, "/");
      assertThat(asker.whole()).isEqualTo("0123456789");
      assertThat(asker.trailers().size()).isEqualTo(1);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        OK + "Content-Length: 10\r\n\r\nhalf",
        OK + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
        OK + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n",
        OK + "Transfer-Encoding: chunked\r\n\r\n5\r\nhel",
        OK + "Content-Length: 10\r\n",
        "HTTP/1.1 103 Early Hints\r\n\r\n"
      })
  void neverTakesATruncatedResponseForComplete(String response) {
    assertThat(get(response).failure().kind()).isEqualTo(Kind.CONNECTION_LOST);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        OK + "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
        OK + "Content-Length: 5, 6\r\n\r\nhello!",
        OK + "Content-Length: +5\r\n\r\nhello",
        OK + "Content-Length: -1\r\n\r\n",
        OK + "Content-Length: 0x5\r\n\r\nhello",
        OK + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        OK + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        OK + "Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
        OK + "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n",
        OK + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
        "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        OK + "Content-Length : 5\r\n\r\nhello",
        OK + "X-A: b\r\n folded: c\r\nContent-Length: 0\r\n\r\n",
        OK + "X-A: b\rX-B: c\r\n\r\n",
        OK + "X-A: b\nX-B: c\r\n\r\n",
        OK + "X-A: \0\r\n\r\n",
        OK + "no colon here\r\n\r\n",
        OK + ": nameless\r\n\r\n",
        "HTTP/2 200 OK\r\n\r\n",
        "HTTP/1.1 20 OK\r\n\r\n",
        "HTTP/1.1 2000 OK\r\n\r\n",
        "HTTP/1.1 600 What\r\n\r\n",
        "HTTP/1.1 099 What\r\n\r\n",
        "ICY 200 OK\r\n\r\n",
        "\r\nHTTP/1.1 200 OK\r\n\r\n",
        "HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
        OK + "Transfer-Encoding: chunked\r\n\r\n5\nhello\r\n0\r\n\r\n",
        OK + "Transfer-Encoding: chunked\r\n\r\n-5\r\nhello\r\n0\r\n\r\n",
        OK + "Transfer-Encoding: chunked\r\n\r\n0x5\r\nhello\r\n0\r\n\r\n",
        OK + "Transfer-Encoding: chunked\r\n\r\n 5\r\nhello\r\n0\r\n\r\n",
        OK + "Transfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\nhello\r\n",
        OK + "Transfer-Encoding: chunked\r\n\r\n5\r\nhelloworld\r\n0\r\n\r\n",
      })
  void refusesWhatTwoReadersMightReadDifferently(String response) {
    assertThat(get(response).failure().kind()).isEqualTo(Kind.BAD_RESPONSE);
  }

  @Test
  void refusesAHeadThatIsTooLong() {
    String long1 = "X-Long: " + "x".repeat(70_000) + "\r\n\r\n";
    assertThat(get(OK + long1).failure().kind()).isEqualTo(Kind.RESPONSE_TOO_LARGE);
    StringBuilder many = new StringBuilder(OK);
    for (int i = 0; i < 300; i++) {
      many.append("X-").append(i).append(": y\r\n");
    }
    assertThat(get(many + "\r\n").failure().kind()).isEqualTo(Kind.BAD_RESPONSE);
  }

  @Test
  void refusesEndlessInterimResponses() {
    String endless = "HTTP/1.1 102 Processing\r\n\r\n".repeat(100);
    assertThat(get(endless).failure().kind()).isEqualTo(Kind.BAD_RESPONSE);
  }

  @Test
  void closesAConnectionOnWhichSomethingCameUnasked() {
    try (ScriptedOrigin origin =
        ScriptedOrigin.start(peer -> {
          peer.head();
          peer.send(OK + "Content-Length: 1\r\n\r\n" + peer.index());
          peer.send(OK + "Content-Length: 5\r\n\r\nother");
          peer.awaitEnd();
        })) {
      Origins origins = edge.open(origin);
      for (int i = 0; i < 5; i++) {
        assertThat(Asker.get(origins, edge.loop, "/").whole()).isEqualTo("" + i);
        edge.awaitThat(() -> edge.gauge("freshet_origin_connections") == 0);
      }
    }
  }

  @Test
  void neverReusesAConnectionWhenTheResponseHasATail() {
    try (ScriptedOrigin origin =
        ScriptedOrigin.start(peer -> {
          peer.head();
          peer.send(OK + "Content-Length: 1\r\n\r\n" + peer.index() + "tail");
          peer.awaitEnd();
        })) {
      Origins origins = edge.open(origin);
      assertThat(Asker.get(origins, edge.loop, "/").whole()).isEqualTo("0");
      assertThat(Asker.get(origins, edge.loop, "/").whole()).isEqualTo("1");
    }
  }

  @Test
  void writesARequestInOriginFormWithHost() {
    try (ScriptedOrigin origin = ScriptedOrigin.answering(OK + "Content-Length: 0\r\n\r\n")) {
      RequestHead head = Asker.request("GET", "/a/b?c=d", "Accept", "text/html", "X-Odd", "a\r\nb");
      Asker.ask(edge.open(origin), edge.loop, head, 0).whole();
      assertThat(origin.heads())
          .containsExactly(
              lines(
                      "GET /a/b?c=d HTTP/1.1",
                      "Host: shop.example",
                      "Accept: text/html",
                      "X-Odd: a  b")
                  + "\r\n");
    }
  }

  @Test
  void writesTheOriginsOwnNameWhenToldSo() {
    try (ScriptedOrigin origin = ScriptedOrigin.answering(OK + "Content-Length: 0\r\n\r\n")) {
      OriginConfig c = OriginsFixture.config(origin);
      OriginConfig own =
          new OriginConfig(
              c.origins(),
              c.protocol(),
              OriginConfig.HostHeader.ORIGIN,
              c.pool(),
              c.waits(),
              c.tries(),
              c.admission(),
              c.health(),
              c.tls());
      Asker.get(edge.open(own), edge.loop, "/").whole();
      assertThat(origin.heads().getFirst()).contains("Host: 127.0.0.1:" + origin.port() + "\r\n");
    }
  }

  @Test
  void writesContentWithItsLength() {
    LinkedBlockingQueue<String> seen = new LinkedBlockingQueue<>();
    try (ScriptedOrigin origin =
        ScriptedOrigin.start(peer -> {
          String head = peer.head();
          seen.add(head + peer.content(10));
          peer.send(OK + "Content-Length: 2\r\n\r\nok");
          peer.awaitEnd();
        })) {
      Asker asker =
          Asker.ask(edge.open(origin), edge.loop, Asker.request("POST", "/p"), 10)
              .content("hello")
              .content("world")
              .contentEnd();
      assertThat(asker.whole()).isEqualTo("ok");
      assertThat(seen.poll())
          .isEqualTo(
              "POST /p HTTP/1.1\r\nHost: shop.example\r\nContent-Length: 10\r\n\r\nhelloworld");
    }
  }

  @Test
  void writesContentOfUnknownLengthInChunksWithTrailers() {
    LinkedBlockingQueue<String> seen = new LinkedBlockingQueue<>();
    try (ScriptedOrigin origin =
        ScriptedOrigin.start(peer -> {
          String head = peer.head();
          seen.add(head + peer.until("\r\n\r\n"));
          peer.send(OK + "Content-Length: 2\r\n\r\nok");
          peer.awaitEnd();
        })) {
      Asker asker =
          Asker.ask(edge.open(origin), edge.loop, Asker.request("POST", "/p"), -1)
              .content("hello world, ")
              .content("you")
              .contentEnd("X-Sum", "16");
      assertThat(asker.whole()).isEqualTo("ok");
      assertThat(seen.poll())
          .isEqualTo(
              lines("POST /p HTTP/1.1", "Host: shop.example", "Transfer-Encoding: chunked", "")
                  + lines("d", "hello world, ", "3", "you", "0", "X-Sum: 16", ""));
    }
  }

  @Test
  void refusesToSendMoreOrLessContentThanAnnounced() {
    try (ScriptedOrigin origin =
        ScriptedOrigin.start(peer -> {
          peer.head();
          peer.awaitEnd();
        })) {
      Origins origins = edge.open(origin);
      RequestHead post = Asker.request("POST", "/");
      Asker more = Asker.ask(origins, edge.loop, post, 3).content("hello");
      assertThat(more.failure().kind()).isEqualTo(Kind.CONNECTION_LOST);
      Asker less = Asker.ask(origins, edge.loop, post, 9).content("hello").contentEnd();
      assertThat(less.failure().kind()).isEqualTo(Kind.CONNECTION_LOST);
    }
  }

  @Test
  void passesExpectThroughAndSendsContentOnlyAsTheAskerDoes() throws InterruptedException {
    CountDownLatch headSeen = new CountDownLatch(1);
    try (ScriptedOrigin origin =
        ScriptedOrigin.start(peer -> {
          assertThat(peer.head()).contains("Expect: 100-continue\r\n");
          headSeen.countDown();
          peer.send("HTTP/1.1 100 Continue\r\n\r\n");
          peer.send(OK + "Content-Length: 5\r\n\r\n" + peer.content(5));
          peer.awaitEnd();
        })) {
      RequestHead head = Asker.request("PUT", "/", "Expect", "100-continue");
      Asker asker = Asker.ask(edge.open(origin), edge.loop, head, 5);
      assertThat(headSeen.await(10, TimeUnit.SECONDS)).isTrue();
      asker.content("hello").contentEnd();
      assertThat(asker.whole()).isEqualTo("hello");
      assertThat(asker.interims()).containsExactly(100);
    }
  }

  @Test
  void deliversAnEarlyAnswerButDoesNotReuseTheConnection() {
    try (ScriptedOrigin origin =
        ScriptedOrigin.start(peer -> {
          peer.head();
          peer.send("HTTP/1.1 413 Too Large\r\nContent-Length: 1\r\n\r\n" + peer.index());
          peer.awaitEnd();
        })) {
      Origins origins = edge.open(origin);
      RequestHead post = Asker.request("POST", "/");
      Asker asker = Asker.ask(origins, edge.loop, post, 1_000).content("begun");
      assertThat(asker.whole()).isEqualTo("0");
      asker.content("more").contentEnd();
      assertThat(Asker.ask(origins, edge.loop, post, 1).content("x").contentEnd().whole())
          .isEqualTo("1");
    }
  }

  @Test
  void tunnelsAfterSwitchingProtocols() {
    try (ScriptedOrigin origin =
        ScriptedOrigin.start(peer -> {
          assertThat(peer.head()).contains("Upgrade: websocket\r\nConnection: Upgrade\r\n");
          peer.send(
              "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                  + "Connection: Upgrade\r\n\r\nhi:");
          peer.send(peer.content(4));
          peer.awaitEnd();
          peer.send("rest");
        })) {
      RequestHead head =
          Asker.request("GET", "/ws", "Upgrade", "websocket", "Connection", "Upgrade");
      Asker asker = Asker.ask(edge.open(origin), edge.loop, head, 0).contentEnd();
      assertThat(asker.head().status()).isEqualTo(101);
      asker.content("ping");
      asker.contentEnd();
      assertThat(asker.whole()).isEqualTo("hi:pingrest");
    }
  }

  @Test
  void saysNothingMoreAfterACancel() {
    CountDownLatch ended = new CountDownLatch(1);
    try (ScriptedOrigin origin =
        ScriptedOrigin.start(peer -> {
          peer.head();
          peer.send(OK + "Content-Length: 100\r\n\r\nbegun");
          peer.awaitEnd();
          ended.countDown();
        })) {
      Asker asker = Asker.get(edge.open(origin), edge.loop, "/");
      asker.awaitContent();
      asker.cancel();
      assertThat(ended.await(10, TimeUnit.SECONDS)).isTrue();
      edge.settle();
      assertThat(asker.isOver()).isFalse();
      assertThat(edge.gauge("freshet_origin_requests_active")).isZero();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  @Test
  void acceptsOptionsStarWithoutHost() {
    try (ScriptedOrigin origin = ScriptedOrigin.answering(OK + "Content-Length: 0\r\n\r\n")) {
      RequestHead head =
          new RequestHead("OPTIONS", "http", "", "*", new Fields(), Version.HTTP_1_1);
      Asker.ask(edge.open(origin), edge.loop, head, 0).whole();
      assertThat(origin.heads().getFirst())
          .startsWith("OPTIONS * HTTP/1.1\r\nHost: 127.0.0.1:" + origin.port());
    }
  }
}
