package dev.freshet.edge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.base.HostPort;
import dev.freshet.edge.RawHttp2.Frame;
import dev.freshet.testkit.RawClient;
import dev.freshet.testkit.RawClient.Response;
import dev.freshet.testkit.ScriptedOrigin;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// The last moments of an edge: what was asked is answered in whole, and everybody is told.
// What goes over the wire ends its lines with CR LF; JUnit ends a test that is interrupted.
@SuppressWarnings({"StringConcatToTextBlock", "InterruptedExceptionSwallowed"})
@Timeout(60)
class DrainTest {
  private final Shopfront shop = new Shopfront();
  private final CountDownLatch hold = new CountDownLatch(1);

  @AfterEach
  void close() {
    hold.countDown();
    shop.close();
  }

  private int port() {
    return shop.edge.addresses().getFirst().port();
  }

  /// Begins to drain and returns when nobody is let in any more and every loop knows.
  private Thread drain() throws Exception {
    HostPort at = shop.edge.addresses().getFirst();
    shop.page("/witness", "here");
    // Connections go to the two loops in turn.
    List<RawClient> witnesses = List.of(shop.client(), shop.client(), shop.client(), shop.client());
    witnesses.forEach(witness -> witness.get("/witness"));
    Thread draining = Thread.ofVirtual().start(() -> shop.edge.drain(Duration.ofDays(1)));
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (!isRefused(at)) {
      assertThat(System.nanoTime()).as("somebody is still let in").isLessThan(deadline);
    }
    for (RawClient witness : witnesses) {
      while (!witness.get("/witness").field("Connection").equals("close")) {
        assertThat(System.nanoTime()).as("a loop goes on").isLessThan(deadline);
      }
      witness.close();
    }
    return draining;
  }

  private static boolean isRefused(HostPort at) {
    try (Socket probe = new Socket(InetAddress.getLoopbackAddress(), at.port())) {
      return !probe.isConnected();
    } catch (IOException e) {
      return true;
    }
  }

  private void awaitDrained(Thread draining) throws Exception {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (!draining.join(Duration.ofMillis(20))) {
      assertThat(System.nanoTime()).as("somebody stays connected").isLessThan(deadline);
      shop.time.advance(Duration.ofSeconds(1));
    }
  }

  @Test
  void answersARequestThatWasOnItsWay() throws Exception {
    shop.page("/a", "a", "Cache-Control: max-age=60");
    RawClient client = shop.client();
    assertThat(client.get("/a").field("Connection")).isEmpty();
    Thread draining = drain();
    Response last = client.get("/a");
    assertThat(last.text()).isEqualTo("a");
    assertThat(last.field("Connection")).isEqualTo("close");
    assertThat(client.isClosed()).isTrue();
    client.close();
    awaitDrained(draining);
  }

  @Test
  void answersEveryRequestThatWasSentAhead() throws Exception {
    shop.page("/slow", "first", hold).page("/b", "b").page("/c", "c");
    RawClient client = shop.client();
    client.send(
        "GET /slow HTTP/1.1\r\nHost: shop.test\r\n\r\n"
            + "POST /b HTTP/1.1\r\nHost: shop.test\r\nContent-Length: 2\r\n\r\nhi"
            + "GET /c HTTP/1.1\r\nHost: shop.test\r\n\r\n");
    Thread draining = drain();
    hold.countDown();
    assertThat(client.response().text()).isEqualTo("first");
    Response second = client.response("POST");
    assertThat(second.text()).isEqualTo("b");
    assertThat(second.field("Connection")).isEmpty();
    Response third = client.response();
    assertThat(third.text()).isEqualTo("c");
    assertThat(third.field("Connection")).isEqualTo("close");
    assertThat(client.isClosed()).isTrue();
    client.close();
    awaitDrained(draining);
  }

  @Test
  void closesIdleConnectionsAfterAMoment() throws Exception {
    shop.page("/a", "a");
    RawClient used = shop.client();
    used.get("/a");
    RawClient unused = shop.client();
    try (RawHttp2 second = RawHttp2.to(port()).settled()) {
      Thread draining = drain();
      awaitDrained(draining);
      assertThat(used.isClosed()).isTrue();
      assertThat(unused.isClosed()).isTrue();
      assertThat(second.awaitEnd()).isEqualTo(RawHttp2.NO_ERROR);
    }
  }

  /// RFC 9113, section 6.8: a client learns that it should stop before its streams are counted.
  @Test
  void saysGoodbyeTwiceOverHttp2() throws Exception {
    shop.page("/slow", "slow", hold, "Cache-Control: no-store").page("/b", "b");
    Thread draining;
    try (RawHttp2 client = RawHttp2.to(port()).leavingPings()) {
      client.get(1, "/slow").settled();
      draining = drain();
      Frame notice = client.await(RawHttp2.GO_AWAY);
      assertThat(notice).isNotNull();
      assertThat(client.goneAt()).isEqualTo(Integer.MAX_VALUE);
      Frame ping = Objects.requireNonNull(client.await(RawHttp2.PING));
      // These were on their way when the notice came.
      client.get(3, "/b").post(5, "/b").data(5, "hi", true);
      client.send(RawHttp2.PING, RawHttp2.ACK, 0, ping.octets());
      assertThat(client.await(RawHttp2.GO_AWAY)).isNotNull();
      assertThat(client.goneAt()).isEqualTo(5);
      // Too late, and the client can tell: it may ask somebody else.
      client.get(7, "/b");
      hold.countDown();
      assertThat(client.awaitEnd()).isEqualTo(RawHttp2.NO_ERROR);
      assertThat(client.of(1).text()).isEqualTo("slow");
      assertThat(client.of(3).text()).isEqualTo("b");
      assertThat(client.of(5).text()).isEqualTo("b");
      assertThat(client.of(7).status).isZero();
    }
    awaitDrained(draining);
    assertThat(shop.asked("/b")).isEqualTo(2);
  }

  @Test
  void waitsNoLongerThanAMomentForAClientThatHearsNothing() throws Exception {
    try (RawHttp2 client = RawHttp2.to(port()).leavingPings()) {
      client.settled();
      awaitDrained(drain());
      assertThat(client.awaitEnd()).isEqualTo(RawHttp2.NO_ERROR);
    }
  }

  /// What no socket holds waits in the edge, and the connection must not close on it. How much the
  /// sockets hold is known only roughly, so there is a client for each likely amount.
  @Test
  void givesSlowClientsTheirLastResponseInWhole() throws Exception {
    int held = (int) socketsHold();
    shop.page("/large", "x".repeat(held + 300_000), "Cache-Control: max-age=60");
    shop.get("/large");
    List<Socket> clients = new ArrayList<>();
    try {
      for (int more = -900_000; more <= 300_000; more += 100_000) {
        Socket client = narrow(port());
        clients.add(client);
        String request =
            "GET /large HTTP/1.1\r\nHost: shop.test\r\nConnection: close\r\nRange: bytes=0-"
                + (held + more - 1)
                + "\r\n\r\n";
        client.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
        assertThat(client.getInputStream().read()).isEqualTo('H');
      }
      awaitSweeps();
      int length = held - 900_000;
      for (Socket client : clients) {
        byte[] rest = client.getInputStream().readAllBytes();
        String all = new String(rest, StandardCharsets.ISO_8859_1);
        assertThat(all).startsWith("TTP/1.1 206 ");
        assertThat(all.length() - all.indexOf("\r\n\r\n") - 4).isEqualTo(length);
        length += 100_000;
      }
    } finally {
      for (Socket client : clients) {
        client.close();
      }
    }
  }

  private static Socket narrow(int port) throws IOException {
    Socket socket = new Socket();
    socket.setReceiveBufferSize(4_096);
    socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    socket.setSoTimeout(10_000);
    return socket;
  }

  /// How much one can send to somebody narrow who does not read.
  private static long socketsHold() throws Exception {
    CompletableFuture<Long> held = new CompletableFuture<>();
    try (ScriptedOrigin server =
            ScriptedOrigin.start(
                peer -> held.complete(peer.sendUntilBlocked(new byte[16_384], 16L << 20, 100)));
        Socket client = narrow(server.port())) {
      return held.get(20, TimeUnit.SECONDS) + (client.isConnected() ? 0 : 1);
    }
  }

  /// Lets eleven seconds pass, and every loop look at its connections.
  private void awaitSweeps() {
    // Connections go to the two loops in turn.
    RawClient one = shop.client().send("GET / HTTP/1.1\r\nHo");
    RawClient two = shop.client().send("GET / HTTP/1.1\r\nHo");
    shop.client().get("/large", "Range: bytes=0-0");
    shop.client().get("/large", "Range: bytes=0-0");
    shop.time.advance(Duration.ofSeconds(11));
    assertThat(one.response().status()).isEqualTo(408);
    assertThat(two.response().status()).isEqualTo(408);
  }

  @Test
  void endsATunnelWhoseOtherSideHasGone() throws Exception {
    shop.raw(
        "/socket",
        "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n",
        "bye");
    RawClient client = shop.client();
    client.send("GET /socket HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n");
    assertThat(client.response().status()).isEqualTo(101);
    assertThat(client.octets(3)).isEqualTo("bye");
    shop.origin.close();
    // The client says nothing more and does not close: it is not waited for.
    awaitDrained(drain());
    assertThat(client.isClosed()).isTrue();
  }
}
