package dev.freshet.load;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.base.Time;
import dev.freshet.load.LoadResult.Line;
import dev.freshet.load.Shot.Kind;
import dev.freshet.testkit.ScriptedOrigin;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What is told of users of a mix is what a server saw of them.
@Timeout(60)
class UserLoadTest {
  private static final Duration DAY = Duration.ofDays(1);
  private static final Figure FIGURE = new Figure("/api/products/4", "stock", 7);
  private final AtomicReference<@Nullable Generator> running = new AtomicReference<>();
  private final AtomicInteger left = new AtomicInteger();

  /// What a server does with the nth request of a connection; nothing more when it returns false.
  private interface Answering {
    boolean answer(ScriptedOrigin.Peer peer, String head, int n) throws IOException;
  }

  private ScriptedOrigin origin(Answering answering) {
    return ScriptedOrigin.start(peer -> {
      String head = peer.head();
      for (int n = 0; !head.isEmpty(); n++) {
        if (head.contains(Audit.NAME)) {
          peer.send(with("", "{\"stock\":7}"));
        } else {
          peer.content(length(head));
          boolean goesOn = answering.answer(peer, head, n);
          if (left.decrementAndGet() == 0) {
            Objects.requireNonNull(running.get()).stop();
          }
          if (!goesOn) {
            return;
          }
        }
        head = peer.head();
      }
    });
  }

  private static int length(String head) {
    int at = head.indexOf("Content-Length: ");
    return at < 0 ? 0 : Integer.parseInt(head.substring(at + 16, head.indexOf("\r\n", at)));
  }

  private static String with(String fields, String content) {
    return "HTTP/1.1 200 OK\r\n"
        + fields
        + "Content-Length: "
        + content.length()
        + "\r\n\r\n"
        + content;
  }

  /// Each user makes these requests and then thinks for a day; the load ends with the last answer,
  /// however long that took.
  private LoadResult load(ScriptedOrigin origin, int users, Shot... shots)
      throws InterruptedException {
    Mix mix =
        (seed, user) ->
            new Mix.Script() {
              private int made;

              @Override
              public Shot next() {
                return shots[made++];
              }

              @Override
              public long thinkNanos() {
                return made < shots.length ? 0 : DAY.toNanos();
              }
            };
    left.set(users * shots.length);
    return run(origin, mix, users);
  }

  private LoadResult run(ScriptedOrigin origin, Mix mix, int users) throws InterruptedException {
    Aim aim = Aim.at(URI.create(origin.url())).with(1, 1, Duration.ofSeconds(20));
    return new UserLoad(aim, mix, users, Duration.ZERO, DAY, 1).run(Time.system(), running::set);
  }

  private static Line line(LoadResult result, Kind kind) {
    return Objects.requireNonNull(result.byKind().get(kind));
  }

  @Test
  void everyRequestIsCountedOnceByItsKindAndUsersKeepTheirConnections()
      throws InterruptedException {
    Shot api = Shot.get(Kind.API, "/api");
    try (ScriptedOrigin origin =
        origin((peer, head, n) -> {
          peer.send(with("", "hello"));
          return true;
        })) {
      LoadResult result = load(origin, 8, Shot.get(Kind.PAGE, "/"), api, api);
      assertThat(result.users()).isEqualTo(8);
      assertThat(result.total().count()).isEqualTo(24);
      assertThat(result.total().octets()).isEqualTo(24L * with("", "hello").length());
      assertThat(result.total().meanContent()).isEqualTo(5);
      assertThat(result.total().errors()).isEmpty();
      assertThat(result.total().hitRatio()).isEqualTo(-1);
      assertThat(line(result, Kind.PAGE).count()).isEqualTo(8);
      assertThat(line(result, Kind.API).count()).isEqualTo(16);
      assertThat(line(result, Kind.WRITE).count()).isZero();
      assertThat(origin.heads()).hasSize(24);
      assertThat(origin.connections()).isEqualTo(8);
    }
  }

  /// As people do, who load a page again.
  @Test
  void whoGotNoAnswerGoesOnWithTheSameCookies() throws InterruptedException {
    Shot page = Shot.get(Kind.PAGE, "/");
    try (ScriptedOrigin origin =
        origin((peer, head, n) -> {
          boolean isBroken = peer.index() == 0 && n == 1;
          peer.send(isBroken ? "HTTP/1.1 200 OK\r\n" : with("Set-Cookie: id=4\r\n", ""));
          return !isBroken;
        })) {
      LoadResult result = load(origin, 1, page, page, page);
      assertThat(result.total().errors()).isEqualTo(Map.of("truncated", 1L));
      assertThat(result.total().failures()).isEqualTo(1);
      assertThat(result.total().count()).isEqualTo(2);
      assertThat(origin.connections()).isEqualTo(2);
      assertThat(origin.heads().get(2)).contains("\r\nCookie: id=4\r\n");
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
    Shot page = Shot.get(Kind.PAGE, "/");
    try (ScriptedOrigin origin =
        origin((peer, head, n) -> {
          peer.send(with(told.get(n), ""));
          return true;
        })) {
      LoadResult result = load(origin, 1, page, page, page, page, page);
      Line total = result.total();
      assertThat(total.hitRatio()).isEqualTo(0.4);
      assertThat(total.cacheableHitRatio()).isEqualTo(2 / 3.0);
      assertThat(total.repeatHitRatio()).isEqualTo(0.5);
      assertThat(result.caching().counted()).isEqualTo(new Caching.Answers(5, 3, 2, 0, 0));
    }
  }

  @Test
  void whatIsNoHitWasNeverAskedForOrNoLongerGood() throws InterruptedException {
    List<String> told = List.of("uri-miss", "stale", "uri-miss", "uri-miss");
    try (ScriptedOrigin origin =
        origin((peer, head, n) -> {
          peer.send(with("Cache-Status: freshet; fwd=" + told.get(n) + "; stored\r\n", ""));
          return true;
        })) {
      Shot page = Shot.get(Kind.PAGE, "/");
      LoadResult result = load(origin, 1, page, page, page, Shot.get(Kind.PAGE, "/new"));
      assertThat(result.caching().counted()).isEqualTo(new Caching.Answers(4, 4, 0, 2, 1));
      assertThat(result.caching().warming().all()).isZero();
    }
  }

  @Test
  void whoThinksFirstAsksAfterThat() throws InterruptedException {
    left.set(1);
    Mix mix =
        (seed, user) ->
            new Mix.Script() {
              private boolean isBegun = user > 0;

              @Override
              public Shot next() {
                return Shot.get(Kind.PAGE, "/" + user);
              }

              @Override
              public long thinkNanos() {
                long pause = isBegun ? DAY.toNanos() : 0;
                isBegun = true;
                return pause;
              }
            };
    try (ScriptedOrigin origin =
        origin((peer, head, n) -> {
          peer.send(with("", ""));
          return true;
        })) {
      assertThat(run(origin, mix, 5).total().count()).isEqualTo(1);
      assertThat(origin.heads()).singleElement().asString().startsWith("GET /0 ");
    }
  }

  private LoadResult written(boolean isAcknowledged) throws InterruptedException {
    Figure later = new Figure(FIGURE.shownAt(), FIGURE.name(), 8);
    try (ScriptedOrigin origin =
        origin((peer, head, n) -> {
          boolean isLost = n == 1 && !isAcknowledged;
          peer.send(isLost ? "HTTP/1.1 200 OK\r\n" : with("", ""));
          return !isLost;
        })) {
      return load(origin, 1, write(FIGURE), write(later));
    }
  }

  private static Shot write(Figure figure) {
    return new Shot(Kind.WRITE, "PUT", "/api/products/4", "{}", "Basic eA==", figure);
  }

  /// The server shows 7 for ever: that is stale once 8 was acknowledged, and not while nobody knows
  /// whether it was written.
  @Test
  void aWriteCountsAsDoneOnlyWhenThatWasSaid() throws InterruptedException {
    Audited sure = written(true).audited();
    assertThat(sure.answers()).isEqualTo(4);
    assertThat(sure.stale()).isBetween(2L, 4L);
    assertThat(written(false).audited()).isEqualTo(new Audited(2, 0));
  }

  @Test
  void anInterruptEndsTheLoad() throws InterruptedException {
    CountDownLatch begun = new CountDownLatch(3);
    try (ScriptedOrigin origin =
        origin((peer, head, n) -> {
          begun.countDown();
          peer.send(with("", ""));
          return true;
        })) {
      AtomicReference<Throwable> thrown = new AtomicReference<>();
      Thread runner =
          Thread.ofPlatform()
              .start(() -> {
                try {
                  run(origin, (seed, user) -> () -> Shot.get(Kind.PAGE, "/"), 3);
                } catch (InterruptedException e) {
                  thrown.set(e);
                }
              });
      begun.await();
      runner.interrupt();
      runner.join();
      assertThat(thrown.get()).isInstanceOf(InterruptedException.class);
    }
  }
}
