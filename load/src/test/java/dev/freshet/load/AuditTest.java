package dev.freshet.load;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.base.FakeTime;
import dev.freshet.testkit.Eventually;
import dev.freshet.testkit.ScriptedOrigin;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What is stale is told apart from what may be so.
@Timeout(60)
class AuditTest {
  private static final String PATH = "/api/products/4?full";
  private final FakeTime time = new FakeTime(0);

  /// Everything was written by second 100; whoever asks, asks after that.
  private Audited audited(String answer, Write... writes) throws InterruptedException {
    time.advance(Duration.ofSeconds(100));
    String head = "HTTP/1.1 200 OK\r\nContent-Length: " + answer.length() + "\r\n\r\n";
    try (ScriptedOrigin origin = ScriptedOrigin.answering(head + answer)) {
      URI target = URI.create("http://127.0.0.1:" + origin.port());
      Audit audit = Audit.start(target, Duration.ofSeconds(10), time);
      for (Write w : writes) {
        audit.wrote(
            new Figure(PATH, "stock", w.value),
            Duration.ofSeconds(w.began).toNanos(),
            Duration.ofSeconds(w.ended).toNanos(),
            w.isAcknowledged);
      }
      Audited audited = audit.finish();
      assertThat(origin.heads()).allMatch(request -> request.startsWith("GET " + PATH + " "));
      return audited;
    }
  }

  private record Write(long value, long began, long ended, boolean isAcknowledged) {}

  private static Write write(long value, long began, long ended) {
    return new Write(value, began, ended, true);
  }

  @Test
  void eachAcknowledgedWriteIsLookedAtTwice() throws InterruptedException {
    assertThat(audited("{\"id\":4,\"stock\": 7}", write(7, 10, 20))).isEqualTo(new Audited(2, 0));
    assertThat(audited("{\"stock\":7}")).isEqualTo(Audited.NOTHING);
  }

  @Test
  void whatWasOverwrittenBeforeIsStale() throws InterruptedException {
    Write[] writes = {write(7, 10, 20), write(8, 21, 30)};
    assertThat(audited("{\"stock\":7}", writes)).isEqualTo(new Audited(4, 4));
    assertThat(audited("{\"stock\":8}", writes)).isEqualTo(new Audited(4, 0));
  }

  @Test
  void whatNobodyWroteIsOlderThanAllWrites() throws InterruptedException {
    assertThat(audited("{\"stock\":500}", write(7, 10, 20))).isEqualTo(new Audited(2, 2));
  }

  @Test
  void writesThatOverlapMayEndEitherWay() throws InterruptedException {
    Write[] writes = {write(7, 10, 20), write(8, 15, 30)};
    assertThat(audited("{\"stock\":7}", writes).stale()).isZero();
    assertThat(audited("{\"stock\":8}", writes).stale()).isZero();
  }

  /// It is in the database before its own user is told so.
  @Test
  void aWriteThatIsStillToBeAnsweredMayShow() throws InterruptedException {
    time.advance(Duration.ofSeconds(100));
    String answer = "HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n{\"stock\":8}";
    try (ScriptedOrigin origin = ScriptedOrigin.answering(answer)) {
      URI target = URI.create("http://127.0.0.1:" + origin.port());
      Audit audit = Audit.start(target, Duration.ofSeconds(10), time);
      audit.wrote(new Figure(PATH, "stock", 6), 0, 1, true);
      audit.wrote(new Figure(PATH, "stock", 7), 2, 3, true);
      Eventually.await(() -> origin.heads().size() >= 2, "the second to be asked for");
      audit.wrote(new Figure(PATH, "stock", 8), 2, 9, true);
      assertThat(audit.finish()).isEqualTo(new Audited(6, 0));
    }
  }

  /// Nobody has written what is seen, and then so many write that the books of writes are full, one
  /// of them the same again: it was stale when it was seen, and so it is when it ends before its
  /// time, too.
  @Test
  void whatWasStaleWhenItWasSeenStaysSo() throws InterruptedException {
    for (boolean endsEarly : new boolean[] {false, true}) {
      FakeTime now = new FakeTime(0);
      now.advance(Duration.ofSeconds(100));
      AtomicInteger asked = new AtomicInteger();
      String answer = "HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\n{\"stock\":500}";
      try (ScriptedOrigin origin =
          ScriptedOrigin.start(peer -> {
            while (!peer.head().isEmpty()) {
              if (asked.incrementAndGet() > 1 && endsEarly) {
                peer.awaitEnd();
              }
              peer.send(answer);
            }
          })) {
        URI target = URI.create("http://127.0.0.1:" + origin.port());
        Audit audit = Audit.start(target, Duration.ofSeconds(10), now);
        audit.wrote(new Figure(PATH, "stock", 7), 0, 1, true);
        Eventually.await(
            () -> {
              now.advance(Duration.ofSeconds(1));
              return asked.get() == 2;
            },
            "it to be asked for twice");
        long later = now.nanos() + Duration.ofHours(1).toNanos();
        for (int i = 0; i < 300; i++) {
          audit.wrote(new Figure(PATH, "stock", 400 + i), later, later, false);
        }
        if (endsEarly) {
          audit.close();
        }
        assertThat(audit.finish())
            .as("ends early: %s", endsEarly)
            .isEqualTo(endsEarly ? new Audited(1, 1) : new Audited(2, 2));
      }
    }
  }

  @Test
  void aWriteOfUnknownEndMayShowAtAnyTimeAndOverwritesNothing() throws InterruptedException {
    Write lost = new Write(8, 21, 30, false);
    assertThat(audited("{\"stock\":7}", write(7, 10, 20), lost)).isEqualTo(new Audited(2, 0));
    assertThat(audited("{\"stock\":8}", lost, write(7, 40, 50))).isEqualTo(new Audited(2, 0));
    assertThat(audited("{\"stock\":7}", lost)).isEqualTo(Audited.NOTHING);
  }

  @Test
  void aWriteThatEndsAfterTheAnswerWasAskedForMakesNothingStale() throws InterruptedException {
    assertThat(audited("{\"stock\":7}", write(7, 10, 20), write(8, 30, 100_000)).stale()).isZero();
  }

  @Test
  void anAnswerWithoutTheFigureIsNotCounted() throws InterruptedException {
    for (String answer : List.of("{}", "{\"stock\":\"7\"}", "{\"restock\":7}", "oops")) {
      assertThat(audited(answer, write(7, 10, 20))).isEqualTo(Audited.NOTHING);
    }
  }
}
