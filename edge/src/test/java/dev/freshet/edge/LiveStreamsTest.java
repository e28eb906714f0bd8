package dev.freshet.edge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.edge.RouteRule.Share;
import dev.freshet.testkit.RawClient;
import dev.freshet.testkit.RawClient.Response;
import dev.freshet.testkit.ScriptedOrigin;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What is said piece by piece arrives piece by piece. Each side here says the next thing only when
/// the other has heard the last, so whatever is held back stops everything.
// What goes over the wire ends its lines with CR LF; JUnit ends a test that is interrupted.
@SuppressWarnings({"StringConcatToTextBlock", "InterruptedExceptionSwallowed"})
@Timeout(60)
class LiveStreamsTest {
  private static final String EVENTS =
      "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";
  private static final String SWITCH =
      "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";

  private final Shopfront shop =
      new Shopfront(Shopfront.rule("/ruled", Share.PUBLIC, Duration.ofMinutes(1)));
  private final Semaphore heard = new Semaphore(0);
  private final BlockingQueue<String> seen = new LinkedBlockingQueue<>();

  @AfterEach
  void close() {
    shop.close();
  }

  private RawHttp2 second() {
    return RawHttp2.to(shop.edge.addresses().getFirst().port());
  }

  private String seen() throws InterruptedException {
    return String.valueOf(seen.poll(10, TimeUnit.SECONDS));
  }

  private void chunks(ScriptedOrigin.Peer peer, String head) throws Exception {
    peer.send(head);
    for (int i = 1; i <= 5; i++) {
      String event = "data: " + i + "\n\n";
      peer.send(Integer.toHexString(event.length()) + "\r\n" + event + "\r\n");
      if (!heard.tryAcquire(10, TimeUnit.SECONDS)) {
        return;
      }
    }
    peer.send("0\r\n\r\n");
  }

  private static String readTo(RawClient client, String end) {
    StringBuilder out = new StringBuilder();
    while (out.indexOf(end) < 0) {
      out.append(client.octets(1));
    }
    return out.toString();
  }

  @Test
  void eventsArriveOneByOneAndPlain() {
    shop.act("/events", (peer, head) -> chunks(peer, EVENTS));
    RawClient client = shop.client();
    client.send("GET /events HTTP/1.1\r\nHost: a\r\nAccept-Encoding: gzip, br\r\n\r\n");
    assertThat(readTo(client, "\r\n\r\n")).doesNotContain("Content-Encoding");
    for (int i = 1; i <= 5; i++) {
      assertThat(readTo(client, "\n\n\r\n")).contains("data: " + i + "\n\n");
      heard.release();
    }
    assertThat(readTo(client, "0\r\n\r\n")).isEqualTo("0\r\n\r\n");
  }

  @Test
  void eventsArriveOneByOneOverHttp2() {
    shop.act("/events", (peer, head) -> chunks(peer, EVENTS));
    try (RawHttp2 client = second()) {
      client.get(1, "/events", "accept-encoding", "gzip, br");
      for (int i = 1; i <= 5; i++) {
        assertThat(client.text(1, 9 * i)).endsWith("data: " + i + "\n\n");
        heard.release();
      }
      assertThat(client.answer(1).ended).isTrue();
      assertThat(client.of(1).fields).doesNotContainKey("content-encoding");
    }
  }

  @Test
  void aCodedStreamIsFlushedPieceByPiece() throws DataFormatException {
    String head =
        "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nCache-Control: no-store\r\n"
            + "Transfer-Encoding: chunked\r\n\r\n";
    shop.act("/lines", (peer, request) -> chunks(peer, head));
    readsPieceByPiece("/lines", Duration.ZERO);
  }

  /// @param between how much later each piece comes than the one before it
  private void readsPieceByPiece(String target, Duration between) throws DataFormatException {
    Inflater inflater = new Inflater(true);
    try (RawHttp2 client = second()) {
      client.get(1, target, "accept-encoding", "gzip");
      StringBuilder text = new StringBuilder();
      int used = 10;
      for (int i = 1; i <= 5; i++) {
        while (text.indexOf("data: " + i + "\n\n") < 0) {
          String coded = client.text(1, used + 1);
          inflater.setInput(coded.substring(used).getBytes(StandardCharsets.ISO_8859_1));
          used = coded.length();
          byte[] plain = new byte[1_000];
          text.append(new String(plain, 0, inflater.inflate(plain), StandardCharsets.ISO_8859_1));
        }
        shop.time.advance(between);
        heard.release();
      }
      assertThat(client.answer(1).ended).isTrue();
      assertThat(client.of(1).fields).containsEntry("content-encoding", "gzip");
    } finally {
      inflater.end();
    }
  }

  /// Also of what is stored as it comes: the first piece goes at once, and then whatever has waited
  /// for a while.
  @Test
  void aCodedMissIsNotHeldBackUntilItsEnd() throws DataFormatException {
    String head =
        "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nCache-Control: max-age=60\r\n"
            + "Transfer-Encoding: chunked\r\n\r\n";
    shop.act("/stored", (peer, request) -> chunks(peer, head));
    readsPieceByPiece("/stored", Duration.ofMillis(20));
    assertThat(shop.get("/stored").field("Cache-Status")).contains("hit");
  }

  /// A stream of events has no end and is nobody else's past.
  @Test
  void anEventStreamIsNeverSharedWhateverTheRule() throws InterruptedException {
    shop.act("/ruled", (peer, head) -> chunks(peer, EVENTS));
    try (RawHttp2 first = second();
        RawHttp2 later = second()) {
      assertThat(first.get(1, "/ruled").text(1, 9)).isEqualTo("data: 1\n\n");
      assertThat(later.get(1, "/ruled").text(1, 9)).isEqualTo("data: 1\n\n");
      assertThat(shop.asked("/ruled")).isEqualTo(2);
      heard.release(10);
      assertThat(first.answer(1).ended).isTrue();
      assertThat(later.answer(1).ended).isTrue();
    }
    heard.release(10);
    assertThat(shop.get("/ruled").field("Cache-Status")).doesNotContain("hit");
  }

  // ---- uploads ----

  /// Reads three chunks, telling of each, then what ends them.
  private void upload(ScriptedOrigin.Peer peer, String head) throws Exception {
    seen.add(head);
    for (int i = 0; i < 3; i++) {
      seen.add(peer.until("\r\n") + peer.until("\r\n"));
    }
    seen.add(peer.until("\r\n\r\n"));
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
  }

  @Test
  void uploadsFlowChunkByChunkWithTheirTrailers() throws InterruptedException {
    shop.act("/up", this::upload);
    RawClient client = shop.client();
    client.send("POST /up HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
    assertThat(seen()).contains("\r\nTransfer-Encoding: chunked\r\n");
    for (String piece : new String[] {"one", "two", "three"}) {
      String size = Integer.toHexString(piece.length());
      client.send(size + ";note=x\r\n" + piece + "\r\n");
      assertThat(seen()).isEqualTo(size + "\r\n" + piece + "\r\n");
    }
    client.send("0\r\nX-Sum: 42\r\nX-Sum: 43\r\n\r\n");
    assertThat(seen()).isEqualTo("0\r\nX-Sum: 42\r\nX-Sum: 43\r\n\r\n");
    assertThat(client.response("POST").text()).isEqualTo("ok");
    shop.page("/next", "next");
    assertThat(client.get("/next").text()).isEqualTo("next");
  }

  @Test
  void uploadsFlowFrameByFrameWithTheirTrailers() throws InterruptedException {
    shop.act("/up", this::upload);
    try (RawHttp2 client = second()) {
      client.post(1, "/up");
      assertThat(seen()).contains("\r\nTransfer-Encoding: chunked\r\n");
      for (String piece : new String[] {"one", "two", "three"}) {
        client.data(1, piece, false);
        String size = Integer.toHexString(piece.length());
        assertThat(seen()).isEqualTo(size + "\r\n" + piece + "\r\n");
      }
      int both = RawHttp2.END_STREAM | RawHttp2.END_HEADERS;
      client.send(RawHttp2.HEADERS, both, 1, RawHttp2.block("x-sum", "42"));
      assertThat(seen()).isEqualTo("0\r\nx-sum: 42\r\n\r\n");
      assertThat(client.answer(1).text()).isEqualTo("ok");
    }
  }

  // ---- hints ----

  @Test
  void hintsArriveBeforeTheAnswerIsThere() {
    for (String target : new String[] {"/hinted", "/ruled"}) {
      shop.act(
          target,
          (peer, head) -> {
            peer.send("HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n");
            peer.send("HTTP/1.1 103 Early Hints\r\nLink: </b.js>; rel=preload\r\n\r\n");
            if (heard.tryAcquire(10, TimeUnit.SECONDS)) {
              peer.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
            }
          });
      RawClient client = shop.client();
      client.send("GET " + target + " HTTP/1.1\r\nHost: shop.test\r\n\r\n");
      assertThat(readTo(client, "\r\n\r\n")).isEqualTo(hint("</a.css>"));
      assertThat(readTo(client, "\r\n\r\n")).isEqualTo(hint("</b.js>"));
      heard.release();
      assertThat(client.response().text()).isEqualTo("ok");
      shop.edge.purgeAll(false);
      try (RawHttp2 second = second()) {
        second.get(1, target);
        while (second.of(1).interims.size() < 2) {
          assertThat(second.next()).isNotNull();
        }
        assertThat(second.of(1).interims).containsExactly(103, 103);
        heard.release();
        assertThat(second.answer(1).text()).isEqualTo("ok");
      }
    }
  }

  private static String hint(String link) {
    return "HTTP/1.1 103 Early Hints\r\nLink: " + link + "; rel=preload\r\n\r\n";
  }

  // ---- tunnels ----

  private RawClient upgraded() {
    RawClient client = shop.client();
    client.send(
        "GET /socket HTTP/1.1\r\nHost: shop.test\r\nConnection: keep-alive, Upgrade\r\n"
            + "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
            + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
    Response switched = client.response();
    assertThat(switched.status()).isEqualTo(101);
    assertThat(switched.field("Upgrade")).isEqualTo("websocket");
    assertThat(switched.field("Connection")).isEqualTo("Upgrade");
    return client;
  }

  @Test
  void aWebSocketTalksBothWaysInTurns() throws InterruptedException {
    shop.act(
        "/socket",
        (peer, head) -> {
          seen.add(head);
          peer.send(SWITCH);
          String said = peer.content(6);
          while (!said.isEmpty()) {
            peer.send("re:" + said);
            said = peer.content(6);
          }
          seen.add("gone");
        });
    RawClient client = upgraded();
    assertThat(seen())
        .contains("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==")
        .contains("Upgrade: websocket")
        .contains("Connection: Upgrade");
    for (int i = 10; i < 60; i++) {
      client.send("\u0000\u00ff\r\n" + i);
      assertThat(client.octets(9)).isEqualTo("re:\u0000\u00ff\r\n" + i);
    }
    client.close();
    assertThat(seen()).isEqualTo("gone");
  }

  @Test
  void aWebSocketCarriesMuchBothWaysAtOnce() throws Exception {
    int size = 3_000_000;
    shop.act(
        "/socket",
        (peer, head) -> {
          peer.send(SWITCH);
          Thread speaking =
              Thread.ofVirtual()
                  .start(() -> {
                    try {
                      peer.send("s".repeat(size));
                    } catch (IOException e) {
                      seen.add("broken");
                    }
                  });
          seen.add(String.valueOf(peer.content(size).equals("c".repeat(size))));
          speaking.join();
        });
    RawClient client = upgraded();
    Thread speaking = Thread.ofVirtual().start(() -> client.send("c".repeat(size)));
    for (int i = 0; i < size; i += 100_000) {
      assertThat(client.octets(100_000)).isEqualTo("s".repeat(100_000));
    }
    speaking.join();
    assertThat(seen()).isEqualTo("true");
  }

  @Test
  void whatAClientSaysBeforeTheSwitchIsNotLost() throws InterruptedException {
    shop.act(
        "/socket",
        (peer, head) -> {
          seen.add(head);
          if (heard.tryAcquire(10, TimeUnit.SECONDS)) {
            peer.send(SWITCH + "now");
            seen.add(peer.content(5));
            peer.send("bye");
          }
        });
    RawClient client = shop.client();
    client.send(
        "GET /socket HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\n"
            + "Upgrade: websocket\r\n\r\nearly");
    assertThat(seen()).contains("Upgrade: websocket");
    heard.release();
    assertThat(client.response().status()).isEqualTo(101);
    assertThat(client.octets(3)).isEqualTo("now");
    assertThat(seen()).isEqualTo("early");
    assertThat(client.octets(3)).isEqualTo("bye");
    assertThat(client.isClosed()).isTrue();
  }

  /// Else an app could lead a client into HTTP/2, in which its requests would pass unseen.
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "websocket    | h2c",
        "websocket    | websocket, h2c",
        "websocket    | websocket/13",
        "websocket    | ''",
        "websocket    |",
        "h2c          | h2c",
        "             | websocket",
      })
  void noProtocolIsTakenUpThatTheClientDidNotOffer(
      @Nullable String offered, @Nullable String chosen) throws InterruptedException {
    shop.act(
        "/socket",
        (peer, head) -> {
          String upgrade = chosen == null ? "" : "Upgrade: " + chosen + "\r\n";
          peer.send(
              "HTTP/1.1 101 Switching Protocols\r\n" + upgrade + "Connection: Upgrade\r\n\r\n");
          peer.send("PRI");
          peer.awaitEnd();
          seen.add("closed");
        });
    RawClient client = shop.client();
    String upgrade = offered == null ? "" : "Connection: Upgrade\r\nUpgrade: " + offered + "\r\n";
    client.send("GET /socket HTTP/1.1\r\nHost: a\r\n" + upgrade + "\r\n");
    assertThat(client.response().status()).isEqualTo(502);
    assertThat(seen()).as("the app's connection").isEqualTo("closed");
    shop.page("/a", "a");
    assertThat(client.get("/a").text()).as("the client's next request").isEqualTo("a");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {"websocket | WebSocket", "a/1, b | B", "a/1, b | a/1, b", "b, h2c | b"})
  void theAppChoosesAmongWhatTheClientOffered(String offered, String chosen) {
    shop.act(
        "/socket",
        (peer, head) -> {
          peer.send("HTTP/1.1 101 Switching Protocols\r\nUpgrade: " + chosen + "\r\n");
          peer.send("Connection: Upgrade\r\n\r\nhello");
          peer.awaitEnd();
        });
    RawClient client = shop.client();
    client.send(
        "GET /socket HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: "
            + offered
            + "\r\n\r\n");
    Response switched = client.response();
    assertThat(switched.status()).isEqualTo(101);
    assertThat(switched.field("Upgrade")).isEqualTo(chosen);
    assertThat(client.octets(5)).isEqualTo("hello");
  }
}
