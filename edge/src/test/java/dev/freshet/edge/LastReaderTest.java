package dev.freshet.edge;

import static dev.freshet.testkit.Eventually.await;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.base.ByteSize;
import dev.freshet.testkit.RawClient;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// A trip whose answer turns out too large to keep goes on for who reads it, or is about to, and
/// for nobody else.
// JUnit ends a test that is interrupted.
@SuppressWarnings("InterruptedExceptionSwallowed")
@Timeout(60)
class LastReaderTest {
  /// More than is kept.
  private static final int MUCH = 20_000;

  /// More than is on the way before who sends is held back.
  private static final long ENDLESS = 400_000_000;

  private static final String HEAD =
      "HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nTransfer-Encoding: chunked\r\n\r\n";

  private static final String CHUNK = Integer.toHexString(MUCH) + "\r\n" + "x".repeat(MUCH);

  private final CountDownLatch headComes = new CountDownLatch(1);
  private final CountDownLatch goOn = new CountDownLatch(1);
  private final HeldLoop loop = new HeldLoop();
  private final AtomicReference<@Nullable Throwable> brokenOff = new AtomicReference<>();
  private final Shopfront shop =
      Shopfront.told(
          loop.database(),
          c -> Shopfront.limited(c, new ByteSize(MUCH / 2), Duration.ofSeconds(50)));

  @AfterEach
  void close() {
    headComes.countDown();
    goOn.countDown();
    loop.release();
    shop.close();
  }

  @Test
  void whatNobodyReadsEndsOnceItIsTooLargeToKeep() {
    shop.act(
        "/endless",
        (peer, head) -> {
          // Its end is the connection's: what is sent over and over may be cut anywhere.
          peer.send("HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\n\r\nx");
          HeldLoop.await(goOn);
          try {
            peer.sendUntilBlocked("x".repeat(MUCH).getBytes(US_ASCII), ENDLESS, 10_000);
            brokenOff.set(new AssertionError("all of it was taken, though nobody reads"));
          } catch (IOException e) {
            brokenOff.set(e);
          }
        });
    RawClient reader = shop.client().send("GET /endless HTTP/1.1\r\nHost: shop.test\r\n\r\n");
    assertThat(reader.octets(15)).isEqualTo("HTTP/1.1 200 OK");
    reader.close();
    await(() -> answered() == 1, "the reader's leave to be noticed");
    goOn.countDown();
    await(() -> brokenOff.get() != null, "the app to be told");
    assertThat(brokenOff.get()).isInstanceOf(IOException.class);
  }

  @Test
  void whoIsOnTheWayToTheStreamFindsItRunning() {
    shop.act(
        "/large",
        (peer, head) -> {
          HeldLoop.await(headComes);
          peer.send(HEAD + CHUNK + "\r\n");
          HeldLoop.await(goOn);
          peer.send("3\r\nend\r\n0\r\n\r\n");
        });
    shop.page("/other", "x", "Cache-Control: no-store");
    try (RawHttp2 leader = loop.beside(null, shop)) {
      Thread leaders = loop.last();
      leader.get(3, "/large");
      await(() -> shop.asked("/large") == 1, "the trip to begin");
      try (RawHttp2 follower = loop.beside(leaders, shop)) {
        // His loop takes them in order: he waits for the trip before it is held up.
        loop.holdLast();
        follower.get(3, "/large").get(5, "/other");
        await(loop::holds, "the follower's loop to be held up");
        headComes.countDown();
        assertThat(leader.text(3, MUCH)).hasSize(MUCH);
        long before = answered();
        leader.reset(3);
        await(() -> answered() == before + 1, "the leader's leave to be noticed");
        loop.release();
        goOn.countDown();
        assertThat(follower.answer(3).text()).hasSize(MUCH + 3).endsWith("end");
        assertThat(shop.asked("/large")).isEqualTo(1);
      }
    }
  }

  private long answered() {
    return shop.edge.snapshot().routes().stream().mapToLong(EdgeSnapshot.RouteLine::requests).sum();
  }
}
