package dev.freshet.edge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.base.FakeTime;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// Holds up an event loop in the moment in which it begins its next trip: whoever begins one asks
/// whether there is a database.
final class HeldLoop {
  private final CountDownLatch release = new CountDownLatch(1);
  private final AtomicReference<@Nullable Thread> chosen = new AtomicReference<>();
  private final AtomicReference<@Nullable Thread> last = new AtomicReference<>();
  private volatile boolean holds;

  /// For the edge whose loops are meant: none, but asked for.
  Database database() {
    Database none = Database.none(new FakeTime(0));
    return new Database(
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
  }

  private void beginsTrip() {
    Thread self = Thread.currentThread();
    last.set(self);
    if (chosen.compareAndSet(self, null)) {
      holds = true;
      await(release);
    }
  }

  /// The loop that began a trip last.
  @Nullable Thread last() {
    return last.get();
  }

  /// That loop is held up from its next trip on, until [#release].
  void holdLast() {
    chosen.set(last.get());
  }

  boolean holds() {
    return holds;
  }

  void release() {
    release.countDown();
  }

  /// A connection on another loop than that, which has got `/other`: an `x` that is not stored.
  RawHttp2 beside(@Nullable Thread loop, Shopfront shop) {
    while (true) {
      RawHttp2 client = RawHttp2.to(shop.edge.addresses().getFirst().port());
      assertThat(client.get(1, "/other").answer(1).text()).isEqualTo("x");
      if (!Objects.equals(last.get(), loop)) {
        return client;
      }
      client.close();
    }
  }

  static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
