package dev.freshet.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.freshet.base.Time;
import dev.freshet.base.Trouble;
import dev.freshet.testkit.ScriptedOrigin;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What is told about a server is what it did, and what its visitors felt.
@Timeout(60)
class GeneratorTest {
  private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
  private static final Duration NONE = Duration.ZERO;

  private static Aim aim(ScriptedOrigin origin, int connections) {
    return Aim.at(URI.create("http://127.0.0.1:" + origin.port()))
        .with(1, connections, Duration.ofSeconds(20));
  }

  private static Measured run(Aim aim, Visits visits, Phase phase) throws InterruptedException {
    try (Generator generator = Generator.open(aim, visits, Time.system())) {
      return generator.run(phase, Watch.none());
    }
  }

  private static long above(Histogram nanos, Duration bound) {
    return nanos.getCountBetweenValues(bound.toNanos(), Long.MAX_VALUE / 2);
  }

  @Test
  void everyArrivalIsMadeOnceAndInTime() throws InterruptedException {
    try (ScriptedOrigin origin = ScriptedOrigin.answering(OK)) {
      Phase phase = Phase.constantRate(500, NONE, Duration.ofMillis(400));
      Measured measured = run(aim(origin, 4), Visits.of(Call.get("/a")), phase);
      assertThat(measured.total().count()).isEqualTo(200);
      assertThat(measured.total().failures()).isZero();
      assertThat(measured.total().statuses()).isEqualTo(Map.of(200, 200L));
      assertThat(measured.total().octets()).isEqualTo(200L * OK.length());
      assertThat(measured.total().hitRatio()).isEqualTo(-1);
      assertThat(measured.steps()).containsOnlyKeys("/a");
      assertThat(measured.isStopped()).isFalse();
      assertThat(origin.heads()).hasSize(200).allMatch(head -> head.startsWith("GET /a HTTP/1.1"));
      assertThat(origin.connections()).isEqualTo(4);
    }
  }

  /// The server goes silent at the hundredth request and speaks again when the arrival is due that
  /// comes half a second behind it: however fast the machine, those in between have waited so long
  /// as their place in the row says, and none but one had been sent.
  @Test
  void aStallIsFeltByAllWhoArriveMeanwhile() throws InterruptedException {
    CountDownLatch goOn = new CountDownLatch(1);
    AtomicInteger asked = new AtomicInteger();
    Visits visits =
        number -> {
          if (number == 350) {
            goOn.countDown();
          }
          return Visits.of(Call.get("/")).visitor(number);
        };
    try (ScriptedOrigin origin =
        ScriptedOrigin.start(peer -> {
          while (!peer.head().isEmpty()) {
            if (asked.incrementAndGet() == 101) {
              goOn.await();
            }
            peer.send(OK);
          }
        })) {
      Phase phase = Phase.constantRate(500, NONE, Duration.ofSeconds(1));
      Measured measured = run(aim(origin, 1), visits, phase);
      Duration half = Duration.ofMillis(250);
      assertThat(measured.total().failures()).isZero();
      assertThat(measured.total().count()).isEqualTo(500);
      long felt = above(measured.total().intended(), half);
      assertThat(felt).isGreaterThanOrEqualTo(124);
      assertThat(above(measured.total().service(), half)).isBetween(1L, felt / 10);
    }
  }

  /// Runs until a visitor has made so many calls; how long that takes doesn't matter.
  private static Measured runUntil(
      Aim aim, long visitor, int calls, IntFunction<@Nullable Call> call, Phase.Shape shape)
      throws InterruptedException {
    Generator[] running = new Generator[1];
    Visits visits =
        number -> {
          AtomicInteger made = new AtomicInteger();
          return () -> {
            int n = made.incrementAndGet();
            if (number == visitor && n == calls) {
              running[0].stop();
            }
            return call.apply(n);
          };
        };
    try (Generator generator = Generator.open(aim, visits, Time.system())) {
      running[0] = generator;
      return generator.run(new Phase("p", shape, NONE, Duration.ofDays(1)), Watch.none());
    }
  }

  @Test
  void usersWaitForTheirAnswersAndKeepTheirConnections() throws InterruptedException {
    try (ScriptedOrigin origin = ScriptedOrigin.answering(OK)) {
      Measured measured =
          runUntil(aim(origin, 1), 2, 5, n -> Call.get("/"), new Phase.Shape.Users(3));
      assertThat(measured.total().failures()).isZero();
      assertThat(origin.connections()).isEqualTo(3);
      assertThat(origin.heads()).hasSizeGreaterThanOrEqualTo(7);
    }
  }

  /// Who came in one phase has been known to caches since: the next one is somebody else.
  @Test
  void nobodyComesTwiceHoweverManyPhasesThereAre() throws InterruptedException {
    List<Long> came = Collections.synchronizedList(new ArrayList<>());
    Visits visits =
        number -> {
          came.add(number);
          return Visits.of(Call.get("/")).visitor(number);
        };
    try (ScriptedOrigin origin = ScriptedOrigin.answering(OK);
        Generator generator =
            Generator.open(
                aim(origin, 3).with(3, 3, Duration.ofSeconds(20)), visits, Time.system())) {
      Phase open = Phase.constantRate(100, NONE, Duration.ofMillis(100));
      var _ = generator.run(open, Watch.none());
      assertThat(came).containsExactlyInAnyOrder(0L, 1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L, 9L);
      var _ = generator.run(Phase.users(4, NONE, Duration.ofMillis(50)), Watch.none());
      var _ = generator.run(open, Watch.none());
      assertThat(came).doesNotHaveDuplicates().hasSizeGreaterThan(20);
    }
  }

  @Test
  void aVisitTakesItsCookiesAlongAndTheNextBeginsWithout() throws InterruptedException {
    String answer = "HTTP/1.1 200 OK\r\nSet-Cookie: s=1; Path=/\r\nContent-Length: 0\r\n\r\n";
    try (ScriptedOrigin origin = ScriptedOrigin.answering(answer)) {
      runUntil(
          aim(origin, 1),
          3,
          2,
          n -> n <= 2 ? Call.get("/" + n) : null,
          new Phase.Shape.ConstantRate(50));
      List<String> heads = origin.heads();
      assertThat(heads.stream().filter(head -> head.startsWith("GET /1 ")))
          .hasSizeGreaterThanOrEqualTo(4)
          .noneMatch(head -> head.contains("Cookie:"));
      assertThat(heads.stream().filter(head -> head.startsWith("GET /2 ")))
          .isNotEmpty()
          .allMatch(head -> head.contains("\r\nCookie: s=1\r\n"));
    }
  }

  @Test
  void failingStatusesAndChecksAreErrorsByKind() throws InterruptedException {
    Visits checked =
        number ->
            new Visits.Visitor() {
              private boolean isMade;

              @Override
              public @Nullable Call next() {
                boolean was = isMade;
                isMade = true;
                return was ? null : Call.get("/");
              }

              @Override
              public List<String> answered(Call call, Reply reply) {
                return number % 2 == 0 ? List.of("check even") : List.of();
              }
            };
    AtomicInteger asked = new AtomicInteger();
    try (ScriptedOrigin origin =
        ScriptedOrigin.start(peer -> {
          while (!peer.head().isEmpty()) {
            boolean isBad = asked.getAndIncrement() == 1;
            peer.send(isBad ? "HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n" : OK);
          }
        })) {
      Measured measured =
          run(aim(origin, 1), checked, Phase.constantRate(100, NONE, Duration.ofMillis(40)));
      assertThat(measured.total().errors()).isEqualTo(Map.of("status 503", 1L, "check even", 2L));
      assertThat(measured.total().failures()).isEqualTo(3);
      assertThat(measured.total().errorRatio()).isEqualTo(0.75);
    }
  }

  /// `~` stands for CR LF; `$` for the end of the connection.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "HTTP/1.1 200 OK~Content-Length: 9~~hello$ truncated",
        "HTTP/1.1 200 OK~Transfer-Encoding: chunked~~3~abc~$ truncated",
        "HTTP/1.1 200 OK~Transfer-Encoding: chunked~~x~~ protocol",
        "HTTP/1.1 200 OK~Conte$ truncated",
        "oops~~ protocol",
        "HTTP/1.1 200 OK~Content-Length: 2~~okHTTP/1.1 200 OK~Content-Length: 2~~no protocol",
        "HTTP/1.1 204 No~~HTTP/1.1 204 No~~ protocol",
        "$ closed"
      })
  void brokenAnswersAreErrorsByKind(String told) throws InterruptedException {
    int space = told.lastIndexOf(' ');
    String answer = told.substring(0, space).replace("~", "\r\n");
    boolean ends = answer.endsWith("$");
    try (ScriptedOrigin origin =
        ScriptedOrigin.start(peer -> {
          peer.head();
          peer.send(ends ? answer.substring(0, answer.length() - 1) : answer);
          if (!ends) {
            peer.awaitEnd();
          }
        })) {
      Measured measured =
          run(
              aim(origin, 1),
              Visits.of(Call.get("/")),
              Phase.constantRate(10, NONE, Duration.ofMillis(100)));
      assertThat(measured.total().errors()).isEqualTo(Map.of(told.substring(space + 1), 1L));
      assertThat(measured.total().count()).isEqualTo(1);
    }
  }

  /// They come while nothing is out.
  @Test
  void octetsThatNobodyAskedForAreAnErrorOfTheConnection() throws InterruptedException {
    CountDownLatch goOn = new CountDownLatch(1);
    Visits visits =
        number ->
            new Visits.Visitor() {
              private final Visits.Visitor once = Visits.of(Call.get("/")).visitor(number);

              @Override
              public @Nullable Call next() {
                return once.next();
              }

              @Override
              public List<String> answered(Call call, Reply reply) {
                goOn.countDown();
                return List.of();
              }
            };
    try (ScriptedOrigin origin =
        ScriptedOrigin.start(peer -> {
          peer.head();
          peer.send(OK);
          goOn.await();
          peer.send(OK);
          peer.awaitEnd();
        })) {
      // The second arrival comes long behind the first.
      Phase phase = Phase.constantRate(1, NONE, Duration.ofMillis(1_500));
      Figures total = run(aim(origin, 1), visits, phase).total();
      assertThat(total.errors()).containsEntry("protocol", 2L);
      assertThat(total.count()).isEqualTo(2);
      assertThat(origin.connections()).isEqualTo(2);
    }
  }

  @Test
  void whatIsNotAnsweredInTimeIsATimeoutAndInTheHistograms() throws InterruptedException {
    try (ScriptedOrigin origin =
        ScriptedOrigin.start(peer -> {
          peer.head();
          peer.awaitEnd();
        })) {
      Aim aim = aim(origin, 1).with(1, 1, Duration.ofMillis(300));
      Measured measured =
          run(aim, Visits.of(Call.get("/")), Phase.constantRate(20, NONE, Duration.ofMillis(100)));
      assertThat(measured.total().errors()).isEqualTo(Map.of("timeout", 2L));
      assertThat(measured.total().intended().getMinValue())
          .isGreaterThanOrEqualTo(Duration.ofMillis(290).toNanos());
    }
  }

  /// Each step of a search would go on for its time, and those who wait make all others slower.
  @Test
  void whatIsSettledEndsAlsoWhereNobodyAnswers() throws InterruptedException {
    try (ScriptedOrigin origin =
            ScriptedOrigin.start(peer -> {
              peer.head();
              peer.awaitEnd();
            });
        Generator generator =
            Generator.open(
                aim(origin, 1).with(2, 2, Duration.ofMillis(400)),
                Visits.of(Call.get("/")),
                Time.system())) {
      Phase phase = Phase.constantRate(200, NONE, Duration.ofDays(1));
      Measured measured =
          generator.runUntilSettled(phase, Watch.none(), new StressStep.Target(50, 0.01), 1_000);
      assertThat(measured.total().count()).isGreaterThan(50);
      assertThat(measured.seconds()).isPositive();
      assertThat(
              StressBench.step(200, 1, measured, Map.of()).verdict(new StressStep.Target(50, 0.01)))
          .isNotEqualTo(StressStep.Verdict.GOOD);
    }
  }

  /// What a scenario can't make is counted, and the others go on.
  @Test
  void aVisitorWhoThrowsIsAnError() throws InterruptedException {
    Visits visits =
        number -> {
          if (number == 1) {
            return () -> {
              throw new IllegalArgumentException("no such thing");
            };
          }
          return Visits.of(Call.get("/")).visitor(number);
        };
    try (ScriptedOrigin origin = ScriptedOrigin.answering(OK)) {
      Measured measured =
          run(aim(origin, 1), visits, Phase.constantRate(100, NONE, Duration.ofMillis(40)));
      assertThat(measured.total().errors()).isEqualTo(Map.of("scenario: no such thing", 1L));
      assertThat(measured.total().count()).isEqualTo(4);
    }
  }

  /// As a regular expression does that goes too deep.
  @Test
  void aVisitorWhoEndsTheStackIsAnError() throws InterruptedException {
    Visits visits =
        number ->
            new Visits.Visitor() {
              private final Visits.Visitor once = Visits.of(Call.get("/")).visitor(number);

              @Override
              public @Nullable Call next() {
                return once.next();
              }

              @Override
              public List<String> answered(Call call, Reply reply) {
                throw new StackOverflowError();
              }
            };
    try (ScriptedOrigin origin = ScriptedOrigin.answering(OK)) {
      Measured measured =
          run(aim(origin, 1), visits, Phase.constantRate(100, NONE, Duration.ofMillis(20)));
      assertThat(measured.total().errors())
          .isEqualTo(Map.of("scenario: an expression goes too deep for this answer", 2L));
    }
  }

  /// No connection is free, so no request can be late; the loop is.
  @Test
  void aGeneratorWithTooMuchToDoIsLateAlsoWhereNoConnectionIsFree() throws InterruptedException {
    Visits visits =
        number -> {
          long until = System.nanoTime() + Duration.ofMillis(20).toNanos();
          while (System.nanoTime() < until) {
            Thread.onSpinWait();
          }
          return Visits.of(Call.get("/")).visitor(number);
        };
    try (ScriptedOrigin origin = ScriptedOrigin.start(ScriptedOrigin.Peer::awaitEnd)) {
      Aim aim = aim(origin, 1).with(1, 1, Duration.ofMillis(100));
      Measured measured = run(aim, visits, Phase.constantRate(100, NONE, Duration.ofMillis(200)));
      assertThat(measured.validity()).isEqualTo(Measured.Validity.LATE);
      assertThat(measured.total().unsent()).isPositive();
    }
  }

  /// A busy connection that ends is the server's doing: asking again would hide it.
  @Test
  void aServerThatClosesBusyConnectionsIsNotAskedAgain() throws InterruptedException {
    try (ScriptedOrigin origin =
        ScriptedOrigin.start(peer -> {
          peer.head();
          peer.send(OK);
          peer.head();
        })) {
      Measured measured =
          runUntil(aim(origin, 1), 1, 2, n -> Call.get("/"), new Phase.Shape.Users(1));
      assertThat(measured.total().repeats()).isZero();
      assertThat(measured.total().failures()).isPositive();
    }
  }

  @Test
  void whatEndsBetweenPhasesIsCountedAndTheEarlierOnesAreKept() throws InterruptedException {
    ScriptedOrigin origin = ScriptedOrigin.answering(OK);
    Phase phase = Phase.constantRate(50, NONE, Duration.ofMillis(40));
    try (Generator generator =
        Generator.open(aim(origin, 1), Visits.of(Call.get("/")), Time.system())) {
      assertThat(generator.run(phase, Watch.none()).total().failures()).isZero();
      origin.close();
      Figures after = generator.run(phase, Watch.none()).total();
      assertThat(after.count()).isEqualTo(2);
      assertThat(after.failures()).isEqualTo(2);
    }
  }

  @Test
  void everyConnectionAskedForIsOpened() throws InterruptedException {
    try (ScriptedOrigin origin = ScriptedOrigin.answering(OK)) {
      Aim aim = aim(origin, 3).with(2, 3, Duration.ofSeconds(20));
      run(aim, Visits.of(Call.get("/")), Phase.constantRate(50, NONE, Duration.ofMillis(20)));
      assertThat(origin.connections()).isEqualTo(3);
    }
  }

  @Test
  void asManyConnectionsAreOpenedAtOnceAsWait() throws InterruptedException {
    CountDownLatch together = new CountDownLatch(3);
    ScriptedOrigin.Script script =
        peer -> {
          while (!peer.head().isEmpty()) {
            together.countDown();
            together.await();
            peer.send(OK);
          }
        };
    try (ScriptedOrigin origin = ScriptedOrigin.start(script)) {
      Generator[] running = new Generator[1];
      // All three come at once; none is answered before each has a connection.
      Visits visits =
          number ->
              new Visits.Visitor() {
                private int made;

                @Override
                public @Nullable Call next() {
                  if (++made == 2) {
                    running[0].stop();
                  }
                  return Call.get("/");
                }

                @Override
                public long pauseNanos() {
                  return 1;
                }
              };
      Aim aim = aim(origin, 3).with(new Manner(Manner.Protocol.HTTP1, 100, true, null));
      try (Generator generator = Generator.open(aim, visits, Time.system())) {
        running[0] = generator;
        Phase phase = new Phase("p", new Phase.Shape.Users(3), NONE, Duration.ofDays(1));
        assertThat(generator.run(phase, Watch.none()).total().failures()).isZero();
      }
    }
  }

  @Test
  void whereNobodyListensIsSaid() {
    Aim aim = Aim.at(URI.create("http://127.0.0.1:1")).with(1, 2, Duration.ofSeconds(5));
    assertThatThrownBy(() ->
            run(aim, Visits.of(Call.get("/")), Phase.constantRate(1, NONE, Duration.ofSeconds(1))))
        .isInstanceOf(Trouble.Found.class)
        .hasMessageContaining("refused");
  }

  @Test
  void aStopEndsThePhaseAndReportsWhatThereIs() throws InterruptedException {
    try (ScriptedOrigin origin = ScriptedOrigin.answering(OK)) {
      Measured measured =
          runUntil(
              aim(origin, 2),
              49,
              1,
              n -> n == 1 ? Call.get("/") : null,
              new Phase.Shape.ConstantRate(1_000));
      assertThat(measured.isStopped()).isTrue();
      assertThat(measured.total().count()).isGreaterThanOrEqualTo(49);
      assertThat(measured.seconds()).isLessThan(3_600);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"8.8.8.8", "[2001:4860:4860::8888]", "172.32.0.1"})
  void hostsOutsideAreRefusedUnlessOwned(String host) {
    URI target = URI.create("http://" + host + "/");
    assertThatThrownBy(() -> Aim.at(target).address())
        .isInstanceOf(Trouble.Found.class)
        .hasMessageContaining("--i-own-this-host");
    Duration second = Duration.ofSeconds(1);
    assertThat(new Aim(target, 1, 1, second, true, false).address().getPort()).isEqualTo(80);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"127.0.0.1", "10.1.2.3", "192.168.0.9", "172.31.255.1", "[::1]", "[fd00::1]"})
  void thisMachineAndPrivateNetworksAreNot(String host) {
    URI target = URI.create("https://" + host + "/");
    assertThat(Aim.at(target).address().getPort()).isEqualTo(443);
  }
}
