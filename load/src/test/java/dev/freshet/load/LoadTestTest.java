package dev.freshet.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.freshet.base.FakeTime;
import dev.freshet.base.HostPort;
import dev.freshet.base.Time;
import dev.freshet.base.Trouble;
import dev.freshet.load.LoadResult.Line;
import dev.freshet.load.Shot.Kind;
import dev.freshet.testkit.ScriptedOrigin;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What the figures say is what a server saw.
@Timeout(60)
class LoadTestTest {
  private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

  private static Line line(LoadResult result, Kind kind) {
    return Objects.requireNonNull(result.byKind().get(kind));
  }

  @Test
  void everyRequestIsCountedOnceAndUsersKeepTheirConnections() throws InterruptedException {
    try (ScriptedOrigin origin = ScriptedOrigin.answering(OK)) {
      LoadResult result = Turns.pages(8, 50).run(origin);
      assertThat(result.users()).isEqualTo(8);
      assertThat(result.total().count()).isEqualTo(400);
      assertThat(result.total().octets()).isEqualTo(400L * OK.length());
      assertThat(result.total().meanContent()).isEqualTo(5);
      assertThat(result.total().failures()).isZero();
      assertThat(origin.heads()).hasSize(400);
      assertThat(origin.connections()).isEqualTo(8);
    }
  }

  @Test
  void figuresAreKeptByKind() throws InterruptedException {
    Shot page = Shot.get(Kind.PAGE, "/");
    Shot api = Shot.get(Kind.API, "/api");
    Shot file = Shot.get(Kind.STATIC, "/file");
    try (ScriptedOrigin origin = ScriptedOrigin.answering(OK)) {
      LoadResult result = Turns.of(2, page, api, api, file, file, file).run(origin);
      assertThat(line(result, Kind.PAGE).count()).isEqualTo(2);
      assertThat(line(result, Kind.API).count()).isEqualTo(4);
      assertThat(line(result, Kind.STATIC).count()).isEqualTo(6);
      assertThat(line(result, Kind.WRITE).count()).isZero();
      assertThat(result.total().count()).isEqualTo(12);
    }
  }

  @Test
  void whatIsSentIsWhatTheShotSays() throws InterruptedException {
    Shot write = new Shot(Kind.WRITE, "PUT", "/api/a?b", "{\"n\":\"ü\"}", "Basic eA==", null);
    List<String> contents = new CopyOnWriteArrayList<>();
    try (ScriptedOrigin origin =
        ScriptedOrigin.start(peer -> {
          String head = peer.head();
          contents.add(peer.content(head.contains("Content-Length: 10\r\n") ? 10 : 0));
          peer.send(OK);
          peer.head();
          peer.send(OK);
          peer.awaitEnd();
        })) {
      Turns.of(1, write, Shot.get(Kind.PAGE, "/p")).run(origin);
      assertThat(origin.heads().get(0))
          .startsWith("PUT /api/a?b HTTP/1.1\r\nHost: 127.0.0.1:" + origin.port() + "\r\n")
          .contains("\r\nAuthorization: Basic eA==\r\n", "\r\nContent-Type: application/json\r\n");
      assertThat(contents).containsExactly("{\"n\":\"\u00c3\u00bc\"}");
      assertThat(origin.heads().get(1))
          .startsWith("GET /p HTTP/1.1\r\n")
          .contains("\r\nAccept: text/html\r\n")
          .doesNotContain("Authorization", "Content-Length", "Content-Type");
    }
  }

  /// `~` stands for CR LF. What comes before the closing bar is the whole answer.
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          HTTP/1.1 200 OK~Content-Length: 0~~                                       | 0
          HTTP/1.1 204 No Content~~                                                 | 0
          HTTP/1.1 304 Not Modified~Content-Length: 7~~                             | 0
          HTTP/1.1 200 OK~Transfer-Encoding: chunked~~3~abc~2;x=y~de~0~T: 1~~       | 5
          HTTP/1.1 200 ~Content-Length: 3~Content-Length: 3~~abc                    | 3
          HTTP/1.0 200 OK~Content-Length: 3~Connection: keep-alive~~abc             | 3
          """)
  void everyFramingIsReadToItsEnd(String answer, int content) throws InterruptedException {
    String octets = answer.replace("~", "\r\n");
    try (ScriptedOrigin origin = ScriptedOrigin.answering(octets)) {
      LoadResult result = Turns.pages(1, 20).run(origin);
      assertThat(result.total().errors()).isEmpty();
      assertThat(result.total().count()).isEqualTo(20);
      assertThat(result.total().octets()).isEqualTo(20L * octets.length());
      assertThat(result.total().meanContent()).isEqualTo(content);
      assertThat(origin.connections()).isEqualTo(1);
    }
  }

  @Test
  void interimResponsesAreNotAnswers() throws InterruptedException {
    try (ScriptedOrigin origin =
        ScriptedOrigin.answering("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + OK)) {
      LoadResult result = Turns.pages(1, 5).run(origin);
      assertThat(result.total().count()).isEqualTo(5);
      assertThat(result.total().errors()).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 3\r\n\r\nabc",
        "HTTP/1.1 200 OK\r\nConnection: x, Close\r\nContent-Length: 3\r\n\r\nabc",
        "HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\nabc",
        "HTTP/1.1 200 OK\r\n\r\nabc"
      })
  void aConnectionThatTheServerEndsIsFollowedByAnother(String answer) throws InterruptedException {
    try (ScriptedOrigin origin =
        ScriptedOrigin.start(peer -> {
          peer.head();
          peer.send(answer);
        })) {
      LoadResult result = Turns.pages(2, 10).run(origin);
      assertThat(result.total().errors()).isEmpty();
      assertThat(result.total().count()).isEqualTo(20);
      assertThat(result.total().meanContent()).isEqualTo(3);
      assertThat(origin.connections()).isEqualTo(20);
    }
  }

  @ParameterizedTest
  @CsvSource({"400", "404", "500", "503"})
  void answersThatAreErrorsAreBothAnswersAndErrors(int status) throws InterruptedException {
    try (ScriptedOrigin origin =
        ScriptedOrigin.answering("HTTP/1.1 " + status + " X\r\nContent-Length: 0\r\n\r\n")) {
      LoadResult result = Turns.pages(3, 4).run(origin);
      assertThat(result.total().count()).isEqualTo(12);
      assertThat(result.total().errors()).isEqualTo(Map.of("status " + status, 12L));
      assertThat(result.total().failures()).isEqualTo(12);
      assertThat(origin.connections()).isEqualTo(3);
    }
  }

  /// The first connection breaks as told, the next one answers: one error, then one answer.
  private static void breaks(String kind, ScriptedOrigin.Script first) throws InterruptedException {
    try (ScriptedOrigin origin =
        ScriptedOrigin.start(peer -> {
          if (peer.index() == 0) {
            peer.head();
            first.play(peer);
          } else {
            peer.head();
            peer.send(OK);
            peer.awaitEnd();
          }
        })) {
      LoadResult result = Turns.pages(1, 2).run(origin);
      assertThat(result.total().errors()).isEqualTo(Map.of(kind, 1L));
      assertThat(line(result, Kind.PAGE).errors()).isEqualTo(Map.of(kind, 1L));
      assertThat(line(result, Kind.API).errors()).isEmpty();
      assertThat(result.total().count()).isEqualTo(1);
      assertThat(origin.connections()).isEqualTo(2);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "HTTP/1.1 200 OK\r\nContent-Le",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"
      })
  void anAnswerThatEndsEarlyIsTruncated(String answer) throws InterruptedException {
    breaks("truncated", peer -> peer.send(answer));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "hello\r\n\r\n",
        "HTTP/1.1 20 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n"
      })
  void anAnswerThatIsNoneIsAgainstTheProtocol(String answer) throws InterruptedException {
    breaks(
        "protocol",
        peer -> {
          peer.send(answer);
          peer.awaitEnd();
        });
  }

  @Test
  void aHeadWithoutEndIsAgainstTheProtocol() throws InterruptedException {
    String lines = "X: " + "y".repeat(10_000) + "\r\n";
    breaks(
        "protocol",
        peer -> {
          peer.send("HTTP/1.1 200 OK\r\n" + lines.repeat(10));
          peer.awaitEnd();
        });
  }

  @Test
  void aResetIsAFailedConnection() throws InterruptedException {
    breaks("connection", ScriptedOrigin.Peer::reset);
  }

  @Test
  void aServerThatIsNotThereIsAFailedConnection() throws InterruptedException {
    ScriptedOrigin gone = ScriptedOrigin.answering(OK);
    gone.close();
    LoadResult result = Turns.pages(2, 3).run(gone.port(), Duration.ofSeconds(10));
    assertThat(result.total().errors()).isEqualTo(Map.of("connection", 6L));
    assertThat(result.total().count()).isZero();
    assertThat(result.total().mean()).isZero();
  }

  @Test
  void silenceEndsWithATimeout() throws InterruptedException {
    try (ScriptedOrigin origin = ScriptedOrigin.start(ScriptedOrigin.Peer::awaitEnd)) {
      LoadResult result = Turns.pages(1, 1).run(origin.port(), Duration.ofMillis(200));
      assertThat(result.total().errors()).isEqualTo(Map.of("timeout", 1L));
      assertThat(result.total().count()).isZero();
    }
  }

  /// Each octet comes soon enough, the answer never does.
  @Test
  void anAnswerThatDripsEndsWithATimeoutToo() throws InterruptedException {
    Ahead time = new Ahead();
    Mix once =
        (seed, user) ->
            () -> {
              time.ahead = Duration.ofHours(2).toNanos();
              return Shot.get(Kind.PAGE, "/");
            };
    CountDownLatch ended = new CountDownLatch(1);
    try (ScriptedOrigin origin =
        ScriptedOrigin.start(peer -> {
          peer.head();
          peer.send("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n");
          try {
            while (true) {
              peer.send("x");
              ended.await(20, TimeUnit.MILLISECONDS);
            }
          } finally {
            ended.countDown();
          }
        })) {
      HostPort target = new HostPort("127.0.0.1", origin.port());
      Duration hour = Duration.ofHours(1);
      LoadPlan plan = new LoadPlan(target, once, 1, Duration.ZERO, hour, Duration.ofMillis(400), 1);
      LoadResult result = LoadTest.run(plan, time, share -> {});
      assertThat(result.total().errors()).isEqualTo(Map.of("timeout", 1L));
      assertThat(result.total().count()).isZero();
    }
  }

  /// The machine's time, and a leap when a test wants one.
  private static final class Ahead implements Time {
    private volatile long ahead;

    @Override
    public long nanos() {
      return Time.system().nanos() + ahead;
    }

    @Override
    public long millis() {
      return Time.system().millis();
    }
  }

  @Test
  void theWaitIsFromTheFirstOctetSentToTheLastReceived() throws InterruptedException {
    Turns all = Turns.pages(1, 100);
    try (ScriptedOrigin origin =
        ScriptedOrigin.start(peer -> {
          for (int i = 0; i < 100; i++) {
            peer.head();
            all.time().advance(Duration.ofMillis(i < 95 ? 2 : 300));
            peer.send(OK);
          }
          peer.awaitEnd();
        })) {
      Line total = all.run(origin).total();
      assertThat(total.count()).isEqualTo(100);
      assertThat(total.p50()).isCloseTo(2, Offset.offset(0.01));
      assertThat(total.p95()).isCloseTo(2, Offset.offset(0.01));
      assertThat(total.p99()).isCloseTo(300, Offset.offset(0.5));
      assertThat(total.max()).isCloseTo(300, Offset.offset(0.5));
      assertThat(total.mean()).isCloseTo((95 * 2 + 5 * 300) / 100.0, Offset.offset(0.1));
    }
  }

  /// A user whose every request takes a tenth of a second, by a clock that only it moves.
  private static Mix steps(FakeTime time, Mix of) {
    return (seed, user) -> {
      Mix.Script script = of.of(seed, user);
      return () -> {
        time.advance(Duration.ofMillis(100));
        return script.next();
      };
    };
  }

  @Test
  void countsWhatBeginsInItsTimeAndStopsAtItsEnd() throws InterruptedException {
    FakeTime time = new FakeTime(0);
    List<Double> progress = Collections.synchronizedList(new ArrayList<>());
    try (ScriptedOrigin origin = ScriptedOrigin.answering(OK)) {
      LoadPlan plan =
          new LoadPlan(
              new HostPort("127.0.0.1", origin.port()),
              steps(time, (seed, user) -> () -> Shot.get(Kind.PAGE, "/")),
              1,
              Duration.ofSeconds(1),
              Duration.ofSeconds(3),
              Duration.ofSeconds(10),
              1);
      LoadResult result = LoadTest.run(plan, time, progress::add);
      assertThat(result.total().count()).isEqualTo(30);
      assertThat(result.seconds()).isEqualTo(3);
      assertThat(result.total().perSecond()).isEqualTo(10);
      assertThat(origin.heads()).hasSize(40);
      assertThat(progress).isSorted().allMatch(share -> share >= 0 && share <= 1);
    }
  }

  @Test
  void theSameSeedAsksTheSame() throws InterruptedException {
    assertThat(asked(7)).isEqualTo(asked(7)).hasSize(200).isNotEqualTo(asked(8));
  }

  private static List<String> asked(long seed) throws InterruptedException {
    FakeTime time = new FakeTime(0);
    try (ScriptedOrigin origin =
        ScriptedOrigin.start(peer -> {
          String head = peer.head();
          while (!head.isEmpty()) {
            int length = head.indexOf("Content-Length: ");
            if (length >= 0) {
              int end = head.indexOf("\r\n", length);
              peer.content(Integer.parseInt(head.substring(length + 16, end)));
            }
            peer.send(OK);
            head = peer.head();
          }
        })) {
      LoadPlan plan =
          new LoadPlan(
              new HostPort("127.0.0.1", origin.port()),
              steps(time, new ShopMix(1_000, List.of())),
              1,
              Duration.ZERO,
              Duration.ofSeconds(20),
              Duration.ofSeconds(10),
              seed);
      LoadTest.run(plan, time, share -> {});
      return origin.heads().stream()
          .filter(head -> !head.contains(Audit.NAME))
          .map(head -> head.substring(0, head.indexOf(" HTTP")))
          .toList();
    }
  }

  @Test
  void everyUserHasCookiesOfItsOwn() throws InterruptedException {
    List<String> wrong = new CopyOnWriteArrayList<>();
    try (ScriptedOrigin origin =
        ScriptedOrigin.start(peer -> {
          String mine = "Cookie: id=" + peer.index() + "; lang=en\r\n";
          String set = "Set-Cookie: id=" + peer.index() + "; Path=/\r\nSet-Cookie: lang=en\r\n";
          String head = peer.head();
          for (int i = 0; !head.isEmpty(); i++) {
            if (head.contains(mine) != i > 0 || head.contains("Cookie:") != i > 0) {
              wrong.add(head);
            }
            peer.send("HTTP/1.1 200 OK\r\n" + set + "Content-Length: 0\r\n\r\n");
            head = peer.head();
          }
        })) {
      Turns.pages(4, 5).run(origin);
      assertThat(origin.heads()).hasSize(20);
      assertThat(wrong).isEmpty();
    }
  }

  /// An answer that says nothing counts as none from a cache: two of five. Three of the five are
  /// kept, and after the first of them the other two had been asked for before.
  @Test
  void theHitRatioIsOfAllAnswersByWhatCacheStatusSays() throws InterruptedException {
    List<String> told =
        List.of(
            "Cache-Status: freshet; hit; ttl=9\r\n",
            "Cache-Status: freshet; fwd=uri-miss; stored\r\n",
            "Cache-Status: freshet; fwd=uri-miss; collapsed\r\n",
            "Cache-Status: freshet; fwd=bypass\r\n",
            "");
    try (ScriptedOrigin origin =
        ScriptedOrigin.start(peer -> {
          for (String line : told) {
            peer.head();
            peer.send("HTTP/1.1 200 OK\r\n" + line + "Content-Length: 0\r\n\r\n");
          }
          peer.awaitEnd();
        })) {
      Line total = Turns.pages(1, 5).run(origin).total();
      assertThat(total.hitRatio()).isEqualTo(0.4);
      assertThat(total.cacheableHitRatio()).isEqualTo(2 / 3.0);
      assertThat(total.repeatHitRatio()).isEqualTo(0.5);
    }
  }

  @Test
  void whereNobodySaysThereIsNoHitRatio() throws InterruptedException {
    try (ScriptedOrigin origin = ScriptedOrigin.answering(OK)) {
      assertThat(Turns.pages(1, 2).run(origin).total().hitRatio()).isEqualTo(-1);
    }
  }

  @Test
  void anInterruptEndsTheLoad() throws InterruptedException {
    int users = 3;
    CountDownLatch begun = new CountDownLatch(users);
    CountDownLatch ended = new CountDownLatch(users);
    try (ScriptedOrigin origin =
        ScriptedOrigin.start(peer -> {
          try {
            peer.head();
            begun.countDown();
            peer.send(OK);
            while (!peer.head().isEmpty()) {
              peer.send(OK);
            }
          } finally {
            ended.countDown();
          }
        })) {
      Duration day = Duration.ofDays(1);
      Mix pages = (seed, user) -> () -> Shot.get(Kind.PAGE, "/");
      HostPort target = new HostPort("127.0.0.1", origin.port());
      LoadPlan plan = new LoadPlan(target, pages, users, day, day, Duration.ofSeconds(10), 1);
      AtomicReference<Throwable> thrown = new AtomicReference<>();
      Thread runner =
          Thread.ofPlatform()
              .start(() -> {
                try {
                  LoadTest.run(plan, Time.system(), share -> {});
                } catch (InterruptedException e) {
                  thrown.set(e);
                }
              });
      begun.await();
      runner.interrupt();
      runner.join();
      assertThat(thrown.get()).isInstanceOf(InterruptedException.class);
      ended.await();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"shop.example", "10.0.0.1", "0.0.0.0", "127.0.0.1.shop.example"})
  void loadIsPutOnThisMachineOnly(String host) {
    Mix none =
        (seed, user) -> {
          throw new AssertionError("a user began");
        };
    Duration second = Duration.ofSeconds(1);
    LoadPlan plan = new LoadPlan(new HostPort(host, 80), none, 1, second, second, second, 1);
    assertThatThrownBy(() -> LoadTest.run(plan, Time.system(), share -> {}))
        .isInstanceOf(Trouble.Found.class)
        .hasMessageContaining("load " + host + ":80")
        .hasMessageContaining("127.0.0.1");
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 0, 10_001})
  void usersAreOneToTenThousand(int users) {
    HostPort target = new HostPort("127.0.0.1", 80);
    Mix mix = new ShopMix(1, List.of());
    Duration second = Duration.ofSeconds(1);
    assertThatThrownBy(() -> new LoadPlan(target, mix, users, second, second, second, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("10000");
  }
}
