package dev.freshet.edge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.base.FakeTime;
import dev.freshet.edge.UpstreamFailure.Kind;
import dev.freshet.http.RequestHead;
import dev.freshet.testkit.ScriptedOrigin;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class OriginWaitsTest {
  private static final String OK = "HTTP/1.1 200 OK\r\n";
  private final OriginsFixture edge = new OriginsFixture();
  private final FakeTime time = new FakeTime(0);
  private final CountDownLatch go = new CountDownLatch(1);

  @AfterEach
  void close() {
    edge.close();
  }

  private Origins impatient(ScriptedOrigin... origins) {
    return edge.open(
        OriginsFixture.with(
            OriginsFixture.config(origins), OriginsFixture.waits(Duration.ofMillis(50))),
        time);
  }

  /// Reads one head, says something, then nothing for good.
  private static ScriptedOrigin stuckAfter(String said) {
    return ScriptedOrigin.start(peer -> {
      peer.head();
      peer.send(said);
      peer.awaitEnd();
    });
  }

  /// Not before the loop has noted since when it waits: an origin may have read by then.
  private void pass() {
    edge.settle();
    time.advance(Duration.ofMillis(60));
  }

  @Test
  void waitsForAResponseOnlySoLong() {
    try (ScriptedOrigin origin = stuckAfter("")) {
      Asker asker = Asker.get(impatient(origin), edge.loop, "/");
      edge.awaitThat(() -> origin.heads().size() == 1);
      pass();
      assertThat(asker.failure().kind()).isEqualTo(Kind.RESPONSE_TIMEOUT);
      assertThat(origin.connections()).isEqualTo(1);
    }
  }

  @Test
  void waitsForAHeadNoLongerBecauseItTrickles() {
    try (ScriptedOrigin origin = stuckAfter(OK + "X-Begun: ")) {
      Asker asker = Asker.get(impatient(origin), edge.loop, "/");
      edge.awaitThat(() -> origin.heads().size() == 1);
      pass();
      assertThat(asker.failure().kind()).isEqualTo(Kind.RESPONSE_TIMEOUT);
    }
  }

  @Test
  void waitsForContentOnlySoLong() {
    try (ScriptedOrigin origin = stuckAfter(OK + "Content-Length: 10\r\n\r\nhalf")) {
      Asker asker = Asker.get(impatient(origin), edge.loop, "/");
      asker.awaitContent();
      pass();
      assertThat(asker.failure().kind()).isEqualTo(Kind.IDLE_TIMEOUT);
    }
  }

  @Test
  void blamesNoOriginForAnAskerThatPauses() throws InterruptedException {
    try (ScriptedOrigin origin =
        ScriptedOrigin.start(peer -> {
          peer.head();
          peer.send(OK + "Content-Length: 10\r\n\r\nhalf");
          assertThat(go.await(10, TimeUnit.SECONDS)).isTrue();
          peer.send("remain");
          peer.awaitEnd();
        })) {
      Asker asker = Asker.get(impatient(origin), edge.loop, "/");
      asker.awaitContent();
      asker.pause(true);
      pass();
      go.countDown();
      // The pool looks every 5 ms; the pause is what keeps it from giving up.
      for (int i = 0; i < 5; i++) {
        edge.nextTick();
      }
      assertThat(asker.isOver()).isFalse();
      asker.pause(false);
      assertThat(asker.whole()).isEqualTo("halfremain");
    }
  }

  @Test
  void blamesNoOriginForAnAskerWhoseContentIsSlow() {
    try (ScriptedOrigin origin =
        ScriptedOrigin.start(peer -> {
          peer.head();
          peer.send(OK + "Content-Length: 2\r\n\r\n" + peer.content(2));
          peer.awaitEnd();
        })) {
      RequestHead post = Asker.request("POST", "/");
      Asker asker = Asker.ask(impatient(origin), edge.loop, post, 2).content("a");
      pass();
      for (int i = 0; i < 5; i++) {
        edge.nextTick();
      }
      asker.content("b").contentEnd();
      assertThat(asker.whole()).isEqualTo("ab");
    }
  }

  @Test
  void waitsForTheAnswerToAnExpectationOnlySoLong() {
    try (ScriptedOrigin origin = stuckAfter("")) {
      RequestHead post = Asker.request("POST", "/", "Expect", "100-continue");
      Asker asker = Asker.ask(impatient(origin), edge.loop, post, 2);
      edge.awaitThat(() -> origin.heads().size() == 1);
      pass();
      assertThat(asker.failure().kind()).isEqualTo(Kind.RESPONSE_TIMEOUT);
    }
  }

  @Test
  void asksAnotherOriginWhenOneDoesNotAnswer() {
    try (ScriptedOrigin slow = stuckAfter("");
        ScriptedOrigin good = ScriptedOrigin.answering(OK + "Content-Length: 2\r\n\r\nok")) {
      Origins origins = impatient(slow, good);
      Asker first = Asker.get(origins, edge.loop, "/");
      Asker second = Asker.get(origins, edge.loop, "/");
      edge.awaitThat(() -> slow.heads().size() == 1);
      pass();
      assertThat(first.whole()).isEqualTo("ok");
      assertThat(second.whole()).isEqualTo("ok");
    }
  }

  @Test
  void givesUpConnectingInTime() {
    OriginConfig.Waits d = OriginConfig.Waits.defaults();
    OriginConfig.Waits waits =
        new OriginConfig.Waits(
            Duration.ofMillis(100), d.connection(), d.response(), d.idle(), d.tunnel());
    // A listener whose queue is full answers no SYN.
    try (FullListener full = new FullListener()) {
      OriginConfig config =
          OriginsFixture.with(OriginsFixture.config("http://127.0.0.1:" + full.port()), waits);
      Asker asker = Asker.get(edge.open(config), edge.loop, "/");
      assertThat(asker.failure().kind()).isEqualTo(Kind.CONNECT_TIMEOUT);
    }
  }
}
