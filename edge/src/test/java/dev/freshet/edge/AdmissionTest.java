package dev.freshet.edge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.base.FakeTime;
import dev.freshet.edge.UpstreamFailure.Kind;
import dev.freshet.testkit.RawClient;
import dev.freshet.testkit.ScriptedOrigin;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// What becomes of requests beyond what the app is given at a time.
final class AdmissionTest {
  private static final Duration LONG = Duration.ofMinutes(1);
  private final OriginsFixture edge = new OriginsFixture();
  private final Semaphore gate = new Semaphore(0);
  private final AtomicInteger atOnce = new AtomicInteger();
  private final AtomicInteger most = new AtomicInteger();
  private final List<Asker> askers = new ArrayList<>();

  @AfterEach
  void close() {
    edge.close();
  }

  /// Answers each request, when its content is there, once the test lets it.
  private ScriptedOrigin gated() {
    return ScriptedOrigin.start(peer -> {
      String head = peer.head();
      while (!head.isEmpty()) {
        if (head.startsWith("POST")) {
          peer.content(2);
        }
        most.accumulateAndGet(atOnce.incrementAndGet(), Math::max);
        gate.acquire();
        atOnce.decrementAndGet();
        peer.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        head = peer.head();
      }
    });
  }

  private Origins open(ScriptedOrigin origin, int most, Duration patience, int waiting) {
    return edge.open(
        OriginsFixture.with(
            OriginsFixture.config(origin),
            new OriginConfig.Admission(true, most, patience, waiting, List.of())));
  }

  private Asker get(Origins origins, String path) {
    Asker out = Asker.get(origins, edge.loop, path);
    askers.add(out);
    return out;
  }

  private Asker get(Origins origins, boolean otherLoop) {
    Asker out = Asker.get(origins, otherLoop ? edge.otherLoop : edge.loop, "/");
    askers.add(out);
    return out;
  }

  private double waiting() {
    return edge.gauge("freshet_origin_requests_waiting");
  }

  @Test
  void whatNobodyWaitsForIsOneAtATimeAndOnlyWhereThereIsRoom() {
    try (ScriptedOrigin origin = gated()) {
      Origins origins = open(origin, 2, LONG, 100);
      assertThat(origins.hasLeisure(false)).isTrue();
      get(origins, false);
      edge.awaitThat(() -> origin.heads().size() == 1);
      assertThat(origins.hasLeisure(false)).as("the last place is a visitor's").isFalse();
      get(origins, true);
      edge.awaitThat(() -> origin.heads().size() == 2);
      get(origins, true);
      edge.awaitThat(() -> waiting() == 1);
      gate.release(1);
      edge.awaitThat(() -> origin.heads().size() == 3);
      assertThat(origins.hasLeisure(false)).isFalse();
      gate.release(2);
      edge.awaitThat(() -> origins.hasLeisure(false));
    }
  }

  @Test
  void whatNobodyWaitsForNeverQueues() {
    try (ScriptedOrigin origin = gated()) {
      Origins origins = open(origin, 2, LONG, 100);
      get(origins, false);
      edge.awaitThat(() -> origin.heads().size() == 1);
      Asker none = Asker.atLeisure(origins, edge.loop, "/none");
      assertThat(none.isSent()).isFalse();
      assertThat(waiting()).isZero();
      gate.release(1);
      askers.getFirst().whole();
      Asker sent = Asker.atLeisure(origins, edge.loop, "/sent");
      assertThat(sent.isSent()).isTrue();
      gate.release(1);
      assertThat(sent.whole()).isEqualTo("ok");
      assertThat(origin.heads()).hasSize(2);
      assertThat(turnsTaken(origins)).isEqualTo("0");
    }
  }

  @Test
  void whatNobodyWaitsForIsAQuarterAtMost() {
    Gate gate =
        new Gate(new OriginConfig.Admission(true, 8, LONG, 100, List.of()), new FakeTime(0));
    List<Turn> taken = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      Turn turn = new Turn(edge.loop, false, () -> {});
      assertThat(gate.askAtLeisure(turn, false)).isTrue();
      taken.add(turn);
    }
    Turn third = new Turn(edge.loop, false, () -> {});
    assertThat(gate.askAtLeisure(third, false)).isFalse();
    gate.leave(taken.getFirst());
    gate.leave(taken.getFirst());
    assertThat(gate.askAtLeisure(third, false)).isTrue();
    assertThat(gate.hasLeisure(false)).isFalse();
    assertThat(gate.taken()).isEqualTo(2);
  }

  /// He would take the turn a little later himself.
  @Test
  void whatSomeVisitorWillWantHasAQuarterOfTheTurnsAlsoWhileOthersWait() {
    Gate busy = busy(4);
    assertThat(busy.askAtLeisure(new Turn(edge.loop, false, () -> {}), false)).isFalse();
    assertThat(busy.askAtLeisure(new Turn(edge.loop, false, () -> {}), true)).isTrue();
    assertThat(busy.hasLeisure(true)).as("a second").isFalse();
    assertThat(busy(3).hasLeisure(true)).as("of an app that is given little").isFalse();
  }

  /// All turns are taken, and one waits.
  private Gate busy(int most) {
    Gate full =
        new Gate(new OriginConfig.Admission(true, most, LONG, 100, List.of()), new FakeTime(0));
    for (int i = 0; i <= most; i++) {
      full.ask(new Turn(edge.loop, false, () -> {}), false);
    }
    assertThat(full.waiting()).isEqualTo(1);
    return full;
  }

  @Test
  void givesAnAppNoMoreAtATimeThanTheLimitOverAllEventLoops() {
    try (ScriptedOrigin origin = gated()) {
      Origins origins = open(origin, 2, LONG, 100);
      for (int i = 0; i < 10; i++) {
        get(origins, i % 2 == 0);
      }
      edge.awaitThat(() -> origin.heads().size() == 2);
      assertThat(waiting()).isEqualTo(8);
      gate.release(10);
      askers.forEach(asker -> assertThat(asker.whole()).isEqualTo("ok"));
      assertThat(waiting()).isZero();
      assertThat(most).hasValue(2);
    }
  }

  @Test
  void refusesARequestWhoseTurnDoesNotComeInTime() {
    try (ScriptedOrigin origin = gated()) {
      Origins origins = open(origin, 1, Duration.ofMillis(30), 100);
      Asker first = get(origins, false);
      edge.awaitThat(() -> origin.heads().size() == 1);
      Asker second = get(origins, true);
      assertThat(second.failure().kind()).isEqualTo(Kind.OVERLOADED);
      assertThat(origin.heads()).hasSize(1);
      gate.release();
      assertThat(first.whole()).isEqualTo("ok");
      gate.release();
      assertThat(get(origins, true).whole()).isEqualTo("ok");
    }
  }

  @Test
  void refusesAtOnceWhenTooManyWait() {
    try (ScriptedOrigin origin = gated()) {
      Origins origins = open(origin, 1, LONG, 2);
      for (int i = 0; i < 3; i++) {
        get(origins, i % 2 == 0);
      }
      Asker last = Asker.get(origins, edge.loop, "/");
      assertThat(last.failure().kind()).isEqualTo(Kind.OVERLOADED);
      gate.release(3);
      askers.forEach(asker -> assertThat(asker.whole()).isEqualTo("ok"));
    }
  }

  @Test
  void keepsNothingOfClientsThatVanish() {
    try (ScriptedOrigin origin = gated()) {
      Origins origins = open(origin, 2, LONG, 100);
      for (int i = 0; i < 40; i++) {
        get(origins, i % 2 == 0);
      }
      edge.awaitThat(() -> origin.heads().size() == 2);
      for (int i = 39; i >= 0; i -= 3) {
        askers.get(i).cancel();
      }
      askers.getFirst().cancel();
      gate.release(40);
      for (int i = 1; i < 39; i++) {
        if (i % 3 != 0) {
          assertThat(askers.get(i).whole()).isEqualTo("ok");
        }
      }
      edge.settle();
      assertThat(waiting()).isZero();
      edge.awaitThat(() -> edge.gauge("freshet_origin_requests_active") == 0);
      assertThat(turnsTaken(origins)).isEqualTo("0");
    }
  }

  private static String turnsTaken(Origins origins) {
    return String.valueOf(origins.describe().getFirst().get("taken"));
  }

  @Test
  void noMoreThanAFewGoAheadAtATimeFirstComeFirstServed() {
    Gate gate =
        new Gate(new OriginConfig.Admission(true, 4, LONG, 100, List.of()), new FakeTime(0));
    List<String> come = new ArrayList<>();
    List<Turn> taken = new ArrayList<>();
    for (String name : List.of("a", "b", "c", "d", "1", "2", "A", "B", "C", "D", "E", "3")) {
      boolean isAhead = Character.isUpperCase(name.charAt(0));
      Turn turn = new Turn(edge.loop, isAhead, () -> come.add(name));
      Gate.Entry entry = gate.ask(turn, name.equals("2"));
      boolean isNow = entry == Gate.Entry.NOW;
      assertThat(isNow).as(name).isEqualTo("abcd2ABC".contains(name));
      if (isNow) {
        taken.add(turn);
      }
    }
    taken.forEach(gate::leave);
    edge.settle();
    assertThat(come).containsExactly("D", "1", "E", "3");
    assertThat(gate.waiting()).isZero();
  }

  /// The app works on for who has gone; else it would be given more than it works on well.
  @Test
  void keepsThePlaceOfAClientThatVanishesWhileTheAppIsAtItsRequest() {
    FakeTime time = new FakeTime(0);
    Gate gate = new Gate(new OriginConfig.Admission(true, 100, LONG, 100, List.of()), time);
    for (int i = 0; i < 20; i++) {
      Turn turn = turn(gate);
      time.advance(Duration.ofSeconds(20));
      gate.answered(turn, true);
    }
    assertThat(gate.taken()).isZero();
    Turn gone = turn(gate);
    gate.abandon(gone);
    assertThat(gate.taken()).isEqualTo(1);
    gate.leave(gone);
    assertThat(gate.taken()).isZero();
  }

  @Test
  void anAnswerThatNeverCameTellsAndKeepsItsPlace() {
    FakeTime time = new FakeTime(0);
    Gate gate = new Gate(new OriginConfig.Admission(true, 16, LONG, 100, List.of()), time);
    for (int i = 0; i < 16; i++) {
      Turn turn = turn(gate);
      time.advance(Duration.ofMillis(20));
      gate.answered(turn, true);
    }
    List<Turn> hung = new ArrayList<>();
    for (int i = 0; i < 16; i++) {
      hung.add(turn(gate));
    }
    time.advance(Duration.ofSeconds(30));
    hung.forEach(gate::late);
    assertThat(gate.taken()).as("the app is at them still").isEqualTo(16);
    assertThat(gate.limit()).isLessThan(16);
    hung.forEach(gate::leave);
    assertThat(gate.taken()).isZero();
  }

  @Test
  void noMoreSendAtATimeBesideTheOthersThanTheLimit() {
    Gate gate =
        new Gate(new OriginConfig.Admission(true, 4, LONG, 100, List.of()), new FakeTime(0));
    List<Turn> sending = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      Turn turn = turn(gate);
      gate.lend(turn);
      sending.add(turn);
    }
    assertThat(gate.taken()).isEqualTo(4);
    Turn next = new Turn(edge.loop, false, () -> {});
    assertThat(gate.ask(next, false)).isEqualTo(Gate.Entry.LATER);
    sending.forEach(gate::takeBack);
    assertThat(gate.taken()).isEqualTo(8);
    sending.forEach(gate::leave);
    assertThat(gate.taken()).as("the one that waited").isEqualTo(1);
  }

  private Turn turn(Gate gate) {
    Turn turn = new Turn(edge.loop, false, () -> {});
    assertThat(gate.ask(turn, false)).isEqualTo(Gate.Entry.NOW);
    return turn;
  }

  @Test
  void takesNoTurnForAClientThatIsStillSending() {
    try (ScriptedOrigin origin = gated()) {
      Origins origins = open(origin, 1, LONG, 100);
      Asker slow = Asker.ask(origins, edge.loop, Asker.request("POST", "/up"), 2);
      slow.content("a");
      edge.awaitThat(() -> origin.heads().size() == 1);
      gate.release();
      assertThat(get(origins, true).whole()).isEqualTo("ok");
      slow.content("b").contentEnd();
      edge.settle();
      Asker behind = get(origins, true);
      assertThat(turnsTaken(origins)).isEqualTo("1");
      assertThat(waiting()).isEqualTo(1);
      gate.release(2);
      assertThat(slow.whole()).isEqualTo("ok");
      assertThat(behind.whole()).isEqualTo("ok");
    }
  }

  @Test
  void takesNoTurnForAStreamThatGoesOn() {
    CountDownLatch over = new CountDownLatch(1);
    try (ScriptedOrigin origin =
        ScriptedOrigin.start(peer -> {
          if (peer.head().startsWith("GET /events")) {
            peer.send("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: 1\n\n");
            over.await();
          } else {
            peer.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
          }
        })) {
      Origins origins = open(origin, 1, LONG, 100);
      Asker events = Asker.get(origins, edge.loop, "/events");
      events.awaitContent();
      assertThat(get(origins, false).whole()).isEqualTo("ok");
      over.countDown();
    }
  }

  @Test
  void letsHealthChecksBy() {
    try (ScriptedOrigin origin =
        ScriptedOrigin.start(peer -> {
          if (peer.head().startsWith("GET /health")) {
            peer.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
          } else {
            gate.acquire();
            peer.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
          }
        })) {
      OriginConfig config =
          OriginsFixture.with(
              OriginsFixture.config(origin),
              new OriginConfig.Admission(true, 1, LONG, 100, List.of()));
      OriginConfig.Health health = config.health();
      Origins origins =
          edge.open(
              OriginsFixture.with(
                  config,
                  new OriginConfig.Health(
                      health.failuresMax(),
                      health.ejection(),
                      health.ejectionMax(),
                      health.allDown(),
                      new OriginConfig.Check(
                          "/health", Duration.ofMillis(5), Duration.ofSeconds(10), 0))));
      Asker first = get(origins, false);
      Asker second = get(origins, false);
      edge.awaitThat(
          () -> origin.heads().stream().filter(h -> h.startsWith("GET /health")).count() > 3);
      assertThat(waiting()).isEqualTo(1);
      gate.release(2);
      first.whole();
      second.whole();
      origins.closeGracefully();
    }
  }

  @Test
  void letsWhatGoesAheadByButNotMoreThanAFew() {
    try (ScriptedOrigin origin = gated()) {
      Origins origins =
          edge.open(
              OriginsFixture.with(
                  OriginsFixture.config(origin),
                  new OriginConfig.Admission(true, 1, LONG, 100, List.of("/healthz", "/up/*"))));
      get(origins, "/first");
      edge.awaitThat(() -> origin.heads().size() == 1);
      get(origins, "/second");
      get(origins, "/up/../healthz");
      assertThat(waiting()).isEqualTo(2);
      for (String path : List.of("/healthz", "/up/a", "/up/b?c", "/healthz")) {
        get(origins, path);
      }
      edge.awaitThat(() -> origin.heads().size() == 5);
      get(origins, "/up/last");
      assertThat(waiting()).isEqualTo(3);
      gate.release(10);
      askers.forEach(asker -> assertThat(asker.whole()).isEqualTo("ok"));
      assertThat(origin.heads().get(5)).startsWith("GET /second ");
      assertThat(origin.heads().getLast()).startsWith("GET /up/last ");
    }
  }

  @Test
  void letsEverythingThroughWhenTurnedOff() {
    try (ScriptedOrigin origin = gated()) {
      Origins origins =
          edge.open(
              OriginsFixture.with(
                  OriginsFixture.config(origin),
                  new OriginConfig.Admission(false, 1, LONG, 1, List.of())));
      for (int i = 0; i < 5; i++) {
        get(origins, false);
      }
      edge.awaitThat(() -> origin.heads().size() == 5);
      gate.release(5);
      askers.forEach(Asker::whole);
    }
  }

  @Test
  void answersFromMemoryAtOnceWhileTheAppIsFull() {
    try (Shopfront shop = Shopfront.told(AdmissionTest::oneAtATime)) {
      CountDownLatch hold = new CountDownLatch(1);
      shop.page("/kept", "kept", "Cache-Control: max-age=60");
      shop.act(
          "/slow",
          (peer, head) -> {
            hold.await();
            peer.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
          });
      shop.page("/other", "other", "Cache-Control: no-store");
      assertThat(shop.get("/kept").text()).isEqualTo("kept");
      RawClient slow = shop.client().send("GET /slow HTTP/1.1\r\nHost: shop.example\r\n\r\n");
      edge.awaitThat(() -> shop.origin.heads().size() == 2);
      RawClient.Response refused = shop.get("/other");
      assertThat(refused.status()).isEqualTo(503);
      assertThat(refused.field("Retry-After")).isNotNull();
      assertThat(refused.field("Cache-Status")).isEqualTo("freshet; detail=overloaded");
      assertThat(shop.get("/kept").text()).isEqualTo("kept");
      hold.countDown();
      assertThat(slow.response().text()).isEqualTo("ok");
    }
  }

  private static EdgeConfig oneAtATime(EdgeConfig c) {
    OriginConfig.Admission one =
        new OriginConfig.Admission(true, 1, Duration.ofMillis(20), 100, List.of());
    return Shopfront.with(c, OriginsFixture.with(c.origin(), one));
  }
}
