package dev.freshet.edge;

import static dev.freshet.testkit.Eventually.await;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.base.ByteSize;
import dev.freshet.base.FakeTime;
import dev.freshet.testkit.RawClient;
import java.io.IOException;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
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
  private final CountDownLatch releaseLoop = new CountDownLatch(1);

  /// The loop whose next trip waits for `releaseLoop` before anything else happens there.
  private final AtomicReference<@Nullable Thread> held = new AtomicReference<>();

  private final AtomicReference<@Nullable Thread> holding = new AtomicReference<>();
  private final AtomicReference<@Nullable Thread> lastTrip = new AtomicReference<>();
  private final AtomicReference<@Nullable Throwable> brokenOff = new AtomicReference<>();
  private final Shopfront shop = open();

  /// Whoever begins a trip asks whether there is a database.
  private Shopfront open() {
    Database none = Database.none(new FakeTime(0));
    Database asked =
        new Database(
            () -> {
              beginsTrip();
              return false;
            },
            none.freshness(),
            none.trails(),
            none.patience(),
            none.relation(),
            none.name(),
            none.column(),
            none.number());
    return Shopfront.told(
        asked, c -> Shopfront.limited(c, new ByteSize(MUCH / 2), Duration.ofSeconds(50)));
  }

  private void beginsTrip() {
    Thread self = Thread.currentThread();
    lastTrip.set(self);
    if (held.compareAndSet(self, null)) {
      holding.set(self);
      awaitLatch(releaseLoop);
    }
  }

  private static void awaitLatch(CountDownLatch latch) {
    try {
      assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @AfterEach
  void close() {
    headComes.countDown();
    goOn.countDown();
    releaseLoop.countDown();
    shop.close();
  }

  @Test
  void whatNobodyReadsEndsOnceItIsTooLargeToKeep() {
    shop.act(
        "/endless",
        (peer, head) -> {
          // Its end is the connection's: what is sent over and over may be cut anywhere.
          peer.send("HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\n\r\nx");
          awaitLatch(goOn);
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
          awaitLatch(headComes);
          peer.send(HEAD + CHUNK + "\r\n");
          awaitLatch(goOn);
          peer.send("3\r\nend\r\n0\r\n\r\n");
        });
    shop.page("/other", "x", "Cache-Control: no-store");
    try (RawHttp2 leader = beside(null)) {
      Thread loop = lastTrip.get();
      leader.get(3, "/large");
      await(() -> shop.asked("/large") == 1, "the trip to begin");
      try (RawHttp2 follower = beside(loop)) {
        // His loop takes them in order: he waits for the trip before it is held up.
        held.set(lastTrip.get());
        follower.get(3, "/large").get(5, "/other");
        await(() -> holding.get() != null, "the follower's loop to be held up");
        headComes.countDown();
        assertThat(leader.text(3, MUCH)).hasSize(MUCH);
        long before = answered();
        leader.reset(3);
        await(() -> answered() == before + 1, "the leader's leave to be noticed");
        releaseLoop.countDown();
        goOn.countDown();
        assertThat(follower.answer(3).text()).hasSize(MUCH + 3).endsWith("end");
        assertThat(shop.asked("/large")).isEqualTo(1);
      }
    }
  }

  private long answered() {
    return shop.edge.snapshot().routes().stream().mapToLong(EdgeSnapshot.RouteLine::requests).sum();
  }

  /// A connection on another loop than that.
  private RawHttp2 beside(@Nullable Thread loop) {
    while (true) {
      RawHttp2 client = RawHttp2.to(shop.edge.addresses().getFirst().port());
      assertThat(client.get(1, "/other").answer(1).text()).isEqualTo("x");
      if (!Objects.equals(lastTrip.get(), loop)) {
        return client;
      }
      client.close();
    }
  }
}
