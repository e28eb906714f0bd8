package dev.freshet.edge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.base.FakeTime;
import dev.freshet.edge.UpstreamFailure.Kind;
import dev.freshet.testkit.ScriptedOrigin;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class OriginPoolTest {
  private static final Duration LONG = Duration.ofHours(1);
  private final OriginsFixture edge = new OriginsFixture();
  private final FakeTime time = new FakeTime(0);
  private final CountDownLatch ended = new CountDownLatch(1);

  @AfterEach
  void close() {
    edge.close();
  }

  /// Answers with the connection's index; counts down when a connection ends.
  private ScriptedOrigin indexing(String fields) {
    return ScriptedOrigin.start(peer -> {
      while (!peer.head().isEmpty()) {
        String index = String.valueOf(peer.index());
        peer.send(
            "HTTP/1.1 200 OK\r\n" + fields + "Content-Length: " + index.length() + "\r\n\r\n");
        peer.send(index);
      }
      ended.countDown();
    });
  }

  /// Answers each request once the test lets it.
  private static ScriptedOrigin gated(Semaphore gate) {
    return ScriptedOrigin.start(peer -> {
      String head = peer.head();
      while (!head.isEmpty()) {
        gate.acquire();
        String path = head.split(" ", 3)[1];
        peer.send("HTTP/1.1 200 OK\r\nContent-Length: " + path.length() + "\r\n\r\n" + path);
        head = peer.head();
      }
    });
  }

  private static OriginConfig.Pool pool(int connections, int waiting) {
    return new OriginConfig.Pool(connections, waiting, LONG, LONG, 1);
  }

  private static OriginConfig.Pool kept(Duration idle, Duration age) {
    return new OriginConfig.Pool(8, 8, idle, age, 1);
  }

  private Asker get(Origins origins) {
    return Asker.get(origins, edge.loop, "/");
  }

  @Test
  void usesAConnectionAgain() {
    try (ScriptedOrigin origin = indexing("")) {
      Origins origins = edge.open(origin);
      for (int i = 0; i < 50; i++) {
        assertThat(get(origins).whole()).isEqualTo("0");
      }
      assertThat(origin.connections()).isEqualTo(1);
      assertThat(edge.count("freshet_origin_connects_total")).isEqualTo(1);
      assertThat(edge.gauge("freshet_origin_connections")).isEqualTo(1);
    }
  }

  @Test
  void keepsConnectionsPerEventLoop() {
    try (ScriptedOrigin origin = indexing("")) {
      Origins origins = edge.open(origin);
      assertThat(Asker.get(origins, edge.loop, "/").whole()).isEqualTo("0");
      assertThat(Asker.get(origins, edge.otherLoop, "/").whole()).isEqualTo("1");
      assertThat(Asker.get(origins, edge.loop, "/").whole()).isEqualTo("0");
    }
  }

  @Test
  void takesTheConnectionThatWasUsedLast() {
    Semaphore gate = new Semaphore(0);
    try (ScriptedOrigin origin =
        ScriptedOrigin.start(peer -> {
          String head = peer.head();
          while (!head.isEmpty()) {
            if (head.startsWith("GET /slow")) {
              gate.acquire();
            }
            peer.send("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n" + peer.index());
            head = peer.head();
          }
        })) {
      Origins origins = edge.open(origin);
      Asker slow = Asker.get(origins, edge.loop, "/slow");
      String quick = get(origins).whole();
      gate.release();
      String last = slow.whole();
      assertThat(last).isNotEqualTo(quick);
      assertThat(get(origins).whole()).isEqualTo(last);
      assertThat(get(origins).whole()).isEqualTo(last);
    }
  }

  @Test
  void closesAConnectionThatWasIdleForTooLong() throws InterruptedException {
    try (ScriptedOrigin origin = indexing("")) {
      OriginConfig config =
          OriginsFixture.with(OriginsFixture.config(origin), kept(Duration.ofMillis(50), LONG));
      Origins origins = edge.open(config, time);
      assertThat(get(origins).whole()).isEqualTo("0");
      time.advance(Duration.ofMillis(60));
      assertThat(ended.await(10, TimeUnit.SECONDS)).isTrue();
      assertThat(get(origins).whole()).isEqualTo("1");
    }
  }

  @Test
  void closesAnIdleConnectionBeforeTheOriginSaidItWould() throws InterruptedException {
    try (ScriptedOrigin origin = indexing("Keep-Alive: timeout=5, max=100\r\n")) {
      OriginConfig config =
          OriginsFixture.with(OriginsFixture.config(origin), OriginsFixture.waits(SHORT));
      Origins origins = edge.open(config, time);
      assertThat(get(origins).whole()).isEqualTo("0");
      time.advance(Duration.ofSeconds(4));
      assertThat(ended.await(10, TimeUnit.SECONDS)).isTrue();
    }
  }

  private static final Duration SHORT = Duration.ofMillis(50);

  @Test
  void doesNotKeepAConnectionThatIsTooOld() {
    try (ScriptedOrigin origin = indexing("")) {
      Duration age = Duration.ofMinutes(1);
      OriginConfig config = OriginsFixture.with(OriginsFixture.config(origin), kept(age, age));
      Origins origins = edge.open(config, time);
      assertThat(get(origins).whole()).isEqualTo("0");
      time.advance(Duration.ofSeconds(40));
      assertThat(get(origins).whole()).isEqualTo("0");
      time.advance(Duration.ofSeconds(40));
      assertThat(get(origins).whole()).isEqualTo("0");
      assertThat(get(origins).whole()).isEqualTo("1");
    }
  }

  @Test
  void doesNotKeepAConnectionTheOriginMeansToClose() {
    try (ScriptedOrigin origin = indexing("Connection: close\r\n")) {
      Origins origins = edge.open(origin);
      assertThat(get(origins).whole()).isEqualTo("0");
      assertThat(get(origins).whole()).isEqualTo("1");
    }
  }

  @Test
  void lets10RequestsShare2ConnectionsFirstComeFirstServed() {
    Semaphore gate = new Semaphore(0);
    try (ScriptedOrigin origin = gated(gate)) {
      Origins origins = edge.open(OriginsFixture.with(OriginsFixture.config(origin), pool(1, 100)));
      List<Asker> askers = new ArrayList<>();
      for (int i = 0; i < 10; i++) {
        askers.add(Asker.get(origins, edge.loop, "/" + i));
      }
      gate.release(10);
      for (int i = 0; i < 10; i++) {
        assertThat(askers.get(i).whole()).isEqualTo("/" + i);
      }
      assertThat(origin.connections()).isEqualTo(1);
      List<String> asked = origin.heads().stream().map(h -> h.split(" ", 3)[1]).toList();
      assertThat(asked).containsExactly("/0", "/1", "/2", "/3", "/4", "/5", "/6", "/7", "/8", "/9");
    }
  }

  @Test
  void refusesMoreThanMayWait() {
    Semaphore gate = new Semaphore(0);
    try (ScriptedOrigin origin = gated(gate)) {
      Origins origins = edge.open(OriginsFixture.with(OriginsFixture.config(origin), pool(1, 2)));
      Asker first = get(origins);
      edge.awaitThat(() -> !origin.heads().isEmpty());
      Asker second = get(origins);
      Asker third = get(origins);
      assertThat(get(origins).failure().kind()).isEqualTo(Kind.OVERLOADED);
      gate.release(3);
      first.whole();
      second.whole();
      third.whole();
    }
  }

  @Test
  void letsARequestWaitOnlySoLong() {
    Semaphore gate = new Semaphore(0);
    try (ScriptedOrigin origin = gated(gate)) {
      OriginConfig.Waits d = OriginConfig.Waits.defaults();
      OriginConfig.Waits waits =
          new OriginConfig.Waits(d.connect(), SHORT, d.response(), d.idle(), d.tunnel());
      OriginConfig config = OriginsFixture.with(OriginsFixture.config(origin), pool(1, 9));
      Origins origins = edge.open(OriginsFixture.with(config, waits), time);
      Asker first = get(origins);
      Asker second = get(origins);
      time.advance(Duration.ofMillis(60));
      assertThat(second.failure().kind()).isEqualTo(Kind.OVERLOADED);
      gate.release();
      first.whole();
    }
  }

  @Test
  void forgetsAWaitingRequestThatIsCancelled() {
    Semaphore gate = new Semaphore(0);
    try (ScriptedOrigin origin = gated(gate)) {
      Origins origins = edge.open(OriginsFixture.with(OriginsFixture.config(origin), pool(1, 9)));
      Asker first = Asker.get(origins, edge.loop, "/a");
      Asker second = Asker.get(origins, edge.loop, "/b");
      Asker third = Asker.get(origins, edge.loop, "/c");
      second.cancel();
      gate.release(3);
      assertThat(first.whole()).isEqualTo("/a");
      assertThat(third.whole()).isEqualTo("/c");
      assertThat(second.isOver()).isFalse();
      assertThat(origin.heads()).hasSize(2);
    }
  }

  @Test
  void givesRoomToAnotherEventLoopThatHasNoConnection() {
    try (ScriptedOrigin origin = indexing("")) {
      Origins origins = edge.open(OriginsFixture.with(OriginsFixture.config(origin), pool(1, 9)));
      assertThat(Asker.get(origins, edge.loop, "/").whole()).isEqualTo("0");
      assertThat(Asker.get(origins, edge.otherLoop, "/").whole()).isEqualTo("1");
      assertThat(Asker.get(origins, edge.loop, "/").whole()).isEqualTo("2");
    }
  }

  @Test
  void givesRoomToAnotherEventLoopWhenARequestEnds() {
    Semaphore gate = new Semaphore(0);
    try (ScriptedOrigin origin = gated(gate)) {
      Origins origins = edge.open(OriginsFixture.with(OriginsFixture.config(origin), pool(1, 9)));
      Asker first = Asker.get(origins, edge.loop, "/a");
      Asker second = Asker.get(origins, edge.otherLoop, "/b");
      gate.release(2);
      assertThat(first.whole()).isEqualTo("/a");
      assertThat(second.whole()).isEqualTo("/b");
    }
  }

  @Test
  void finishesWhatIsUnderWayWhenClosedGracefully() {
    Semaphore gate = new Semaphore(0);
    try (ScriptedOrigin origin = gated(gate)) {
      Origins origins = edge.open(origin);
      Asker first = Asker.get(origins, edge.loop, "/a");
      origins.closeGracefully();
      Asker late = Asker.get(origins, edge.loop, "/late");
      gate.release(2);
      assertThat(first.whole()).isEqualTo("/a");
      assertThat(late.whole()).isEqualTo("/late");
      edge.awaitThat(() -> edge.gauge("freshet_origin_connections") == 0);
    }
  }

  @Test
  void closesIdleConnectionsAtOnceWhenClosedGracefully() throws InterruptedException {
    try (ScriptedOrigin origin = indexing("")) {
      Origins origins = edge.open(origin);
      get(origins).whole();
      origins.closeGracefully();
      assertThat(ended.await(10, TimeUnit.SECONDS)).isTrue();
    }
  }
}
