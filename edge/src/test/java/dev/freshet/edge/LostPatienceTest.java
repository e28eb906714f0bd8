package dev.freshet.edge;

import static dev.freshet.testkit.Eventually.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.base.FakeTime;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Who is about to be given another's answer when his patience ends, is given that and no other
/// behind it.
// JUnit ends a test that is interrupted.
@SuppressWarnings("InterruptedExceptionSwallowed")
@Timeout(60)
class LostPatienceTest {
  private static final String HEAD =
      "HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nTransfer-Encoding: chunked\r\n\r\n";

  private final CountDownLatch firstAnswers = new CountDownLatch(1);
  private final CountDownLatch firstEnds = new CountDownLatch(1);
  private final CountDownLatch goOn = new CountDownLatch(1);

  /// The loop whose next trip waits for `goOn` before anything else happens there.
  private final AtomicReference<@Nullable Thread> held = new AtomicReference<>();

  private final AtomicReference<@Nullable Thread> holding = new AtomicReference<>();
  private final AtomicReference<@Nullable Thread> lastTrip = new AtomicReference<>();
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
    return Shopfront.told(asked, c -> Shopfront.waiting(c, Duration.ZERO));
  }

  private void beginsTrip() {
    Thread self = Thread.currentThread();
    lastTrip.set(self);
    if (held.compareAndSet(self, null)) {
      holding.set(self);
      awaitLatch(goOn);
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
    firstAnswers.countDown();
    firstEnds.countDown();
    goOn.countDown();
    shop.close();
  }

  @Test
  void nobodyIsGivenTwoAnswersInOne() {
    shop.act(
        "/slow",
        (peer, head) -> {
          if (shop.asked("/slow") == 1) {
            awaitLatch(firstAnswers);
            peer.send(HEAD + "2\r\nol\r\n");
            awaitLatch(firstEnds);
            peer.send("1\r\nd\r\n0\r\n\r\n");
          } else {
            peer.send(HEAD + "3\r\nnew\r\n0\r\n\r\n");
          }
        });
    shop.page("/other", "x", "Cache-Control: no-store");
    try (RawHttp2 first = beside(null)) {
      Thread loop = lastTrip.get();
      first.get(3, "/slow");
      await(() -> shop.asked("/slow") == 1, "the first trip to begin");
      try (RawHttp2 others = beside(loop)) {
        held.set(lastTrip.get());
        // Both wait for the first trip before the loop looks for whom it is time. The one whose
        // patience ends first holds it up, while the other has been given the answer already.
        ByteArrayOutputStream both = new ByteArrayOutputStream();
        both.writeBytes(get(3));
        both.writeBytes(get(5));
        others.octets(both.toByteArray());
        await(() -> holding.get() != null, "the first to lose patience");
        firstAnswers.countDown();
        assertThat(first.text(3, 2)).isEqualTo("ol");
        goOn.countDown();
        assertThat(others.answer(3).text()).isEqualTo("new");
        firstEnds.countDown();
        assertThat(others.answer(5).text()).isEqualTo("old");
        assertThat(first.answer(3).text()).isEqualTo("old");
      }
    }
  }

  private static byte[] get(int stream) {
    int flags = RawHttp2.END_STREAM | RawHttp2.END_HEADERS;
    return RawHttp2.frame(RawHttp2.HEADERS, flags, stream, RawHttp2.request("GET", "/slow"));
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
