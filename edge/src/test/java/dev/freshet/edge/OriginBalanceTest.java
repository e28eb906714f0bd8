package dev.freshet.edge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.base.FakeTime;
import dev.freshet.edge.OriginConfig.AllDown;
import dev.freshet.edge.UpstreamFailure.Kind;
import dev.freshet.testkit.ScriptedOrigin;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class OriginBalanceTest {
  private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
  private final OriginsFixture edge = new OriginsFixture();
  private final FakeTime time = new FakeTime(0);

  @AfterEach
  void close() {
    edge.close();
  }

  private static ScriptedOrigin good() {
    return ScriptedOrigin.answering(OK);
  }

  /// Breaks every connection while told so.
  private static ScriptedOrigin breakingWhile(AtomicBoolean broken) {
    return ScriptedOrigin.start(peer -> {
      while (!peer.head().isEmpty() && !broken.get()) {
        peer.send(OK);
      }
    });
  }

  private static OriginConfig.Health health(
      int failures, AllDown allDown, OriginConfig.@Nullable Check check) {
    return new OriginConfig.Health(
        failures, Duration.ofSeconds(10), Duration.ofSeconds(35), allDown, check);
  }

  private Origins open(OriginConfig.Health health, ScriptedOrigin... origins) {
    return edge.open(OriginsFixture.with(OriginsFixture.config(origins), health), time);
  }

  private Asker get(Origins origins) {
    return Asker.get(origins, edge.loop, "/");
  }

  @Test
  void takesTurnsAmongOriginsThatAreEquallyBusy() {
    try (ScriptedOrigin a = good();
        ScriptedOrigin b = good();
        ScriptedOrigin c = good()) {
      Origins origins = edge.open(a, b, c);
      for (int i = 0; i < 300; i++) {
        get(origins).whole();
      }
      assertThat(List.of(a.heads().size(), b.heads().size(), c.heads().size()))
          .containsExactly(100, 100, 100);
    }
  }

  @Test
  void asksTheOneWithTheFewestRequestsUnderWay() {
    Semaphore gate = new Semaphore(0);
    try (ScriptedOrigin slow =
            ScriptedOrigin.start(peer -> {
              peer.head();
              gate.acquire();
              peer.send(OK);
            });
        ScriptedOrigin quick = good()) {
      Origins origins = edge.open(slow, quick);
      List<Asker> stuck = new ArrayList<>();
      stuck.add(get(origins));
      stuck.add(get(origins));
      edge.awaitThat(() -> slow.heads().size() == 1 && quick.heads().size() == 1);
      edge.awaitThat(() -> edge.gauge("freshet_origin_requests_active") == 1);
      for (int i = 0; i < 20; i++) {
        assertThat(get(origins).whole()).isEqualTo("ok");
      }
      assertThat(slow.heads()).hasSize(1);
      gate.release();
      stuck.forEach(Asker::whole);
    }
  }

  @Test
  void ejectsAnOriginAfterFailuresInARowAndTakesItBackWhenAProbeSucceeds() {
    AtomicBoolean broken = new AtomicBoolean(true);
    try (ScriptedOrigin bad = breakingWhile(broken);
        ScriptedOrigin fine = good()) {
      Origins origins = open(health(3, AllDown.TRY, null), bad, fine);
      for (int i = 0; i < 40; i++) {
        assertThat(get(origins).whole()).isEqualTo("ok");
      }
      assertThat(bad.heads()).hasSize(3);
      assertThat(origins.describe().getFirst()).containsEntry("state", "ejected");
      assertThat(edge.gauge("freshet_origin_up")).isEqualTo(1);

      time.advance(Duration.ofSeconds(11));
      assertThat(get(origins).whole()).isEqualTo("ok");
      assertThat(bad.heads()).as("one probe").hasSize(4);
      time.advance(Duration.ofSeconds(11));
      assertThat(get(origins).whole()).isEqualTo("ok");
      assertThat(bad.heads()).as("ejected for twice as long").hasSize(4);

      broken.set(false);
      time.advance(Duration.ofSeconds(10));
      for (int i = 0; i < 10; i++) {
        assertThat(get(origins).whole()).isEqualTo("ok");
      }
      assertThat(bad.heads().size()).isBetween(8, 10);
      assertThat(origins.describe().getFirst()).containsEntry("state", "up");
    }
  }

  @Test
  void sendsAPostAsAProbeOnlyWhenNothingElseCame() {
    AtomicBoolean broken = new AtomicBoolean(true);
    try (ScriptedOrigin bad = breakingWhile(broken);
        ScriptedOrigin fine = good()) {
      Origins origins = open(health(1, AllDown.TRY, null), bad, fine);
      for (int i = 0; i < 4; i++) {
        get(origins).whole();
      }
      assertThat(bad.heads()).hasSize(1);
      time.advance(Duration.ofSeconds(11));
      for (int i = 0; i < 4; i++) {
        Asker post = Asker.ask(origins, edge.loop, Asker.request("POST", "/"), 0).contentEnd();
        assertThat(post.whole()).isEqualTo("ok");
      }
      assertThat(bad.heads()).hasSize(1);
      broken.set(false);
      time.advance(Duration.ofSeconds(10));
      Asker post = Asker.ask(origins, edge.loop, Asker.request("POST", "/"), 0).contentEnd();
      assertThat(post.whole()).isEqualTo("ok");
      assertThat(bad.heads()).hasSize(2);
    }
  }

  @Test
  void neverEjectsAnOnlyOrigin() {
    AtomicBoolean broken = new AtomicBoolean(true);
    try (ScriptedOrigin bad = breakingWhile(broken)) {
      Origins origins = open(health(1, AllDown.REFUSE, null), bad);
      for (int i = 0; i < 10; i++) {
        assertThat(get(origins).failure().kind()).isEqualTo(Kind.CONNECTION_LOST);
      }
      broken.set(false);
      assertThat(get(origins).whole()).isEqualTo("ok");
    }
  }

  @Test
  void asksTheLeastBadWhenAllAreDownOrRefusesAsTold() {
    AtomicBoolean broken = new AtomicBoolean(true);
    try (ScriptedOrigin a = breakingWhile(broken);
        ScriptedOrigin b = breakingWhile(broken)) {
      Origins trying = open(health(1, AllDown.TRY, null), a, b);
      Origins refusing = open(health(1, AllDown.REFUSE, null), a, b);
      assertThat(get(trying).failure().kind()).isEqualTo(Kind.CONNECTION_LOST);
      assertThat(get(refusing).failure().kind()).isEqualTo(Kind.CONNECTION_LOST);
      assertThat(get(refusing).failure().kind()).isEqualTo(Kind.NO_ORIGIN);
      broken.set(false);
      assertThat(get(trying).whole()).isEqualTo("ok");
    }
  }

  @Test
  void checksActivelyAndEjectsAndTakesBackByWhatItFinds() {
    AtomicBoolean sick = new AtomicBoolean();
    ScriptedOrigin.Script script =
        peer -> {
          String head = peer.head();
          while (!head.isEmpty()) {
            boolean unwell = sick.get() && head.startsWith("GET /health");
            peer.send(unwell ? "HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n" : OK);
            head = peer.head();
          }
        };
    OriginConfig.Check check =
        new OriginConfig.Check("/health", Duration.ofMillis(5), Duration.ofSeconds(5), 200);
    try (ScriptedOrigin a = ScriptedOrigin.start(script);
        ScriptedOrigin b = good()) {
      Origins origins = open(health(2, AllDown.TRY, check), a, b);
      edge.awaitThat(() -> !a.heads().isEmpty() && !b.heads().isEmpty());
      assertThat(origins.describe().getFirst()).containsEntry("state", "up");
      sick.set(true);
      edge.awaitThat(() -> "ejected".equals(origins.describe().getFirst().get("state")));
      long before = a.heads().stream().filter(h -> h.startsWith("GET / ")).count();
      for (int i = 0; i < 10; i++) {
        get(origins).whole();
      }
      assertThat(a.heads().stream().filter(h -> h.startsWith("GET / ")).count()).isEqualTo(before);
      sick.set(false);
      edge.awaitThat(() -> "up".equals(origins.describe().getFirst().get("state")));
      origins.closeGracefully();
      edge.awaitThat(() -> edge.gauge("freshet_origin_connections") == 0);
    }
  }
}
