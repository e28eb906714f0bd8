package dev.freshet.edge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.edge.RawHttp2.Answer;
import dev.freshet.testkit.Eventually;
import java.io.ByteArrayOutputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Clients that use HTTP/2 as a weapon: they are shown the door, everybody else is served.
@Timeout(60)
class Http2AbuseTest {
  private final Shopfront shop = new Shopfront();
  private final CountDownLatch hold = new CountDownLatch(1);

  @AfterEach
  void close() {
    hold.countDown();
    shop.close();
  }

  private RawHttp2 attacker(int... settings) {
    return RawHttp2.to(shop.edge.addresses().getFirst().port(), settings);
  }

  /// Has asked for more than sockets hold and reads none of it: what is sent now must wait.
  private RawHttp2 deafAttacker() {
    shop.page("/large", "x".repeat(12_000_000), "Cache-Control: max-age=60");
    shop.get("/large");
    int port = shop.edge.addresses().getFirst().port();
    RawHttp2 client = RawHttp2.narrow(port, RawHttp2.INITIAL_WINDOW, Integer.MAX_VALUE);
    return client.allow(0, 1 << 30).get(1, "/large");
  }

  private void assertOthersAreServed() {
    shop.page("/other", "served", "Cache-Control: no-store");
    assertThat(shop.get("/other").text()).isEqualTo("served");
    try (RawHttp2 other = attacker()) {
      assertThat(other.get(1, "/other").answer(1).text()).isEqualTo("served");
    }
  }

  /// Waits, moving time, until no client is connected.
  private void awaitNobody() {
    long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    while (shop.edge.snapshot().connections() > 0) {
      assertThat(System.nanoTime()).as("somebody stays connected").isLessThan(deadline);
      shop.time.advance(Duration.ofSeconds(1));
      LockSupport.parkNanos(1_000_000);
    }
  }

  /// Sends the octets over and over; true when the edge stopped listening before the limit.
  private static boolean isStoppedAfter(RawHttp2 client, byte[] octets, int times) {
    try {
      for (int i = 0; i < times; i++) {
        client.octets(octets);
      }
      return false;
    } catch (UncheckedIOException e) {
      return true;
    }
  }

  private static byte[] repeated(byte[] octets, int times) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(octets.length * times);
    for (int i = 0; i < times; i++) {
      out.writeBytes(octets);
    }
    return out.toByteArray();
  }

  // Each of these waits for the end, and fails when none comes; the GOAWAY may be lost on the way,
  // because the edge closes with frames unread.

  /// CVE-2023-44487.
  @Test
  void endsAConnectionThatResetsStreamAfterStream() {
    shop.page("/held", "late", hold, "Cache-Control: private");
    try (RawHttp2 client = attacker()) {
      ByteArrayOutputStream all = new ByteArrayOutputStream();
      for (int i = 0; i < 2_000; i++) {
        byte[] head = RawHttp2.request("GET", "/held");
        int both = RawHttp2.END_STREAM | RawHttp2.END_HEADERS;
        all.writeBytes(RawHttp2.frame(RawHttp2.HEADERS, both, 1 + 2 * i, head));
        all.writeBytes(RawHttp2.frame(RawHttp2.RESET, 0, 1 + 2 * i, RawHttp2.number(8)));
      }
      isStoppedAfter(client, all.toByteArray(), 1);
      assertThat(client.awaitEnd()).isIn(-1, RawHttp2.ENHANCE_YOUR_CALM);
      assertThat(shop.asked("/held")).isLessThanOrEqualTo(201);
    }
    assertOthersAreServed();
    awaitNobody();
  }

  /// CVE-2025-8671: the client makes the server reset, which costs the client nothing.
  @Test
  void endsAConnectionThatMakesTheServerReset() {
    shop.page("/held", "late", hold, "Cache-Control: private");
    try (RawHttp2 client = attacker()) {
      ByteArrayOutputStream all = new ByteArrayOutputStream();
      for (int i = 0; i < 2_000; i++) {
        byte[] head = RawHttp2.request("GET", "/held");
        int stream = 1 + 2 * i;
        int both = RawHttp2.END_STREAM | RawHttp2.END_HEADERS;
        all.writeBytes(RawHttp2.frame(RawHttp2.HEADERS, both, stream, head));
        // An increment of nothing is an error of the stream (RFC 9113, section 6.9).
        all.writeBytes(RawHttp2.frame(RawHttp2.WINDOW_UPDATE, 0, stream, RawHttp2.number(0)));
      }
      isStoppedAfter(client, all.toByteArray(), 1);
      assertThat(client.awaitEnd()).isIn(-1, RawHttp2.ENHANCE_YOUR_CALM);
      assertThat(shop.asked("/held")).isLessThanOrEqualTo(201);
    }
    assertOthersAreServed();
    awaitNobody();
  }

  /// CVE-2024-27316.
  @Test
  void endsAHeadThatGoesOnInEndlessSmallPieces() {
    try (RawHttp2 client = attacker()) {
      client.send(RawHttp2.HEADERS, RawHttp2.END_STREAM, 1, RawHttp2.request("GET", "/a"));
      byte[] piece =
          RawHttp2.frame(RawHttp2.CONTINUATION, 0, 1, RawHttp2.block("x", "y".repeat(20)));
      isStoppedAfter(client, repeated(piece, 1_000), 20);
      assertThat(client.awaitEnd()).isIn(-1, RawHttp2.ENHANCE_YOUR_CALM);
    }
    assertThat(shop.origin.heads()).isEmpty();
    assertOthersAreServed();
    awaitNobody();
  }

  @Test
  void endsAHeadThatGoesOnInEmptyPieces() {
    try (RawHttp2 client = attacker()) {
      client.send(RawHttp2.HEADERS, RawHttp2.END_STREAM, 1, RawHttp2.request("GET", "/a"));
      byte[] piece = RawHttp2.frame(RawHttp2.CONTINUATION, 0, 1, new byte[0]);
      isStoppedAfter(client, repeated(piece, 1_000), 20);
      client.awaitEnd();
    }
    assertThat(shop.origin.heads()).isEmpty();
    assertOthersAreServed();
    awaitNobody();
  }

  @Test
  void endsAHeadThatGoesOnInLargePieces() {
    try (RawHttp2 client = attacker()) {
      client.send(RawHttp2.HEADERS, RawHttp2.END_STREAM, 1, RawHttp2.request("GET", "/a"));
      byte[] piece =
          RawHttp2.frame(RawHttp2.CONTINUATION, 0, 1, RawHttp2.block("x", "y".repeat(16_000)));
      assertThat(isStoppedAfter(client, repeated(piece, 100), 20)).isTrue();
    }
    assertThat(shop.origin.heads()).isEmpty();
    assertOthersAreServed();
    awaitNobody();
  }

  @Test
  void refusesAHeadBeyondItsBound() {
    String[] fields = new String[40];
    for (int i = 0; i < fields.length; i += 2) {
      fields[i] = "x-" + i;
      fields[i + 1] = "y".repeat(1_700);
    }
    try (RawHttp2 client = attacker()) {
      byte[] block = RawHttp2.request("GET", "/a", fields);
      inPieces(client, 1, block);
      Answer answer = client.answer(1);
      assertThat(answer.status).isIn(0, 431);
      assertThat(answer.isOver()).isTrue();
      // What came compressed was still read, so the connection is good for more.
      shop.page("/a", "a");
      assertThat(client.get(3, "/a").answer(3).text()).isEqualTo("a");
    }
    assertThat(shop.asked("/a")).isEqualTo(1);
  }

  private static void inPieces(RawHttp2 client, int stream, byte[] block) {
    int size = 16_000;
    for (int at = 0; at < block.length; at += size) {
      int end = Math.min(block.length, at + size);
      byte[] piece = Arrays.copyOfRange(block, at, end);
      int flags = end == block.length ? RawHttp2.END_HEADERS : 0;
      if (at == 0) {
        client.send(RawHttp2.HEADERS, flags | RawHttp2.END_STREAM, stream, piece);
      } else {
        client.send(RawHttp2.CONTINUATION, flags, stream, piece);
      }
    }
  }

  /// One field remembered and named ten thousand times: some 5 kB that mean 40 MB.
  @Test
  void refusesAFewOctetsThatUnfoldIntoMegabytes() {
    ByteArrayOutputStream block = new ByteArrayOutputStream();
    block.writeBytes(RawHttp2.request("GET", "/a"));
    byte[] remembered = RawHttp2.block("x", "y".repeat(4_000));
    remembered[0] = 0x40;
    block.writeBytes(remembered);
    for (int i = 0; i < 10_000; i++) {
      block.write(0x80 | 62);
    }
    try (RawHttp2 client = attacker()) {
      inPieces(client, 1, block.toByteArray());
      Answer answer = client.answer(1);
      assertThat(answer.status).isIn(0, 431);
    }
    assertThat(shop.origin.heads()).isEmpty();
    assertOthersAreServed();
  }

  /// CVE-2019-9512: every ping wants an answer that nobody fetches.
  @Test
  void endsAConnectionThatPingsAndDoesNotRead() {
    try (RawHttp2 client = deafAttacker()) {
      byte[] ping = RawHttp2.frame(RawHttp2.PING, 0, 0, new byte[8]);
      assertThat(isStoppedAfter(client, repeated(ping, 1_000), 1_000)).isTrue();
    }
    assertOthersAreServed();
    awaitNobody();
  }

  /// CVE-2019-9515.
  @Test
  void endsAConnectionThatSendsSettingsAndDoesNotRead() {
    try (RawHttp2 client = deafAttacker()) {
      byte[] settings = RawHttp2.frame(RawHttp2.SETTINGS, 0, 0, new byte[0]);
      assertThat(isStoppedAfter(client, repeated(settings, 1_000), 1_000)).isTrue();
    }
    assertOthersAreServed();
    awaitNobody();
  }

  /// CVE-2019-9518.
  @Test
  void endsAConnectionThatSendsContentWithoutOctets() {
    shop.page("/up", "ok");
    try (RawHttp2 client = attacker()) {
      client.post(1, "/up");
      byte[] empty = RawHttp2.frame(RawHttp2.DATA, 0, 1, new byte[0]);
      isStoppedAfter(client, repeated(empty, 1_000), 100);
      assertThat(client.awaitEnd()).isIn(-1, RawHttp2.ENHANCE_YOUR_CALM);
    }
    assertOthersAreServed();
    awaitNobody();
  }

  @Test
  void opensNoMoreStreamsThanItSaid() {
    shop.page("/held", "late", hold, "Cache-Control: private");
    try (RawHttp2 client = attacker()) {
      int refused = 0;
      for (int i = 0; i < 150; i++) {
        client.get(1 + 2 * i, "/held");
      }
      client.settled();
      for (int i = 0; i < 150; i++) {
        refused += client.of(1 + 2 * i).reset == 7 ? 1 : 0;
      }
      assertThat(refused).isEqualTo(150 - 128);
      assertOthersAreServed();
      hold.countDown();
      for (int i = 0; i < 128; i++) {
        assertThat(client.answer(1 + 2 * i).text()).isEqualTo("late");
      }
    }
  }

  /// CVE-2019-9517 and its kin: much is asked for and nothing is taken.
  @Test
  void givesUpStreamsWhoseClientTakesNothing() {
    shop.page("/stored", "x".repeat(1_000_000), "Cache-Control: max-age=60");
    shop.page("/passed", "y".repeat(1_000_000), "Cache-Control: no-store");
    shop.page("/short", "z", "Cache-Control: max-age=60");
    shop.get("/stored");
    shop.get("/short");
    try (RawHttp2 client = attacker(RawHttp2.INITIAL_WINDOW, 0)) {
      for (int i = 0; i < 126; i += 3) {
        client.get(1 + 2 * i, "/stored").get(3 + 2 * i, "/passed").get(5 + 2 * i, "/short");
      }
      client.settled();
      assertOthersAreServed();
      awaitNobody();
      assertThat(client.awaitEnd()).isEqualTo(RawHttp2.NO_ERROR);
      for (int i = 0; i < 126; i++) {
        assertThat(client.of(1 + 2 * i).reset).as("stream " + (1 + 2 * i)).isNotEqualTo(-1);
      }
    }
  }

  @Test
  void givesUpStreamsWhoseContentComesInDrops() {
    CountDownLatch isFree = new CountDownLatch(1);
    shop.act(
        "/up",
        (peer, head) -> {
          peer.awaitEnd();
          isFree.countDown();
        });
    try (RawHttp2 client = attacker()) {
      client.post(1, "/up");
      Eventually.await(
          () -> {
            shop.time.advance(Duration.ofSeconds(1));
            return client.data(1, "x", false).settled().of(1).isOver();
          },
          "the stream to be given up");
      assertThat(client.of(1).status).isEqualTo(408);
      Eventually.await(() -> isFree.getCount() == 0, "the app's connection to be free");
    }
    assertOthersAreServed();
  }

  @Test
  void givesUpStreamsWhoseContentDoesNotCome() {
    shop.page("/up", "ok");
    try (RawHttp2 client = attacker()) {
      client.post(1, "/up").post(3, "/up", "content-length", "5").data(3, "he", false);
      client.settled();
      awaitNobody();
      assertThat(client.awaitEnd()).isEqualTo(RawHttp2.NO_ERROR);
      assertThat(client.of(1).status).isEqualTo(408);
      assertThat(client.of(3).status).isEqualTo(408);
    }
    assertOthersAreServed();
  }

  @Test
  void givesUpAHeadThatDoesNotEnd() {
    try (RawHttp2 client = attacker()) {
      client.send(RawHttp2.HEADERS, RawHttp2.END_STREAM, 1, RawHttp2.request("GET", "/a"));
      awaitNobody();
      client.awaitEnd();
    }
    assertThat(shop.origin.heads()).isEmpty();
  }
}
