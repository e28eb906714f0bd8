package dev.freshet.load;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.base.Time;
import dev.freshet.testkit.Http2TestOrigin;
import dev.freshet.testkit.ScriptedOrigin;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Visitors who do as browsers do.
@Timeout(60)
class BrowsingTest {
  private static final String PAGE =
      """
      <!doctype html><link rel=stylesheet href="/a.css"><script src='b.js'></script>
      <img src="/c.png"><img src="/d.png"><img src="/e.png"><img src="/f.png"><img src="/g.png">
      <img src="/lazy.png" loading="lazy"><img src="https://elsewhere.example/x.png">
      <!-- <img src="/comment.png"> --><script>document.write('<img src="/script.png">')</script>
      """;
  private static final String OLD =
      "Cache-Control: max-age=0\r\nLast-Modified: Tue, 01 Jan 2019 00:00:00 GMT\r\n";
  private static final List<String> FILES =
      List.of("/a.css", "/shop/b.js", "/c.png", "/d.png", "/e.png", "/f.png", "/g.png");

  private final List<Outcome> outcomes = new CopyOnWriteArrayList<>();

  /// Calls one after the other, each a visit's only one or all of one visit; then it is over.
  private Figures run(int port, Manner manner, int visits, Call... calls)
      throws InterruptedException {
    Aim aim =
        Aim.at(URI.create("http://127.0.0.1:" + port))
            .with(1, 1, Duration.ofSeconds(20))
            .with(manner);
    Generator[] running = new Generator[1];
    Visits all =
        number ->
            new Visits.Visitor() {
              private int at;

              @Override
              public @Nullable Call next() {
                if (number == visits) {
                  running[0].stop();
                  return null;
                }
                return at == calls.length ? null : calls[at++];
              }

              @Override
              public boolean ended(Outcome outcome) {
                outcomes.add(outcome);
                return false;
              }
            };
    try (Generator generator = Generator.open(aim, all, Time.system())) {
      running[0] = generator;
      Phase phase = new Phase("p", new Phase.Shape.Users(1), Duration.ZERO, Duration.ofDays(1));
      return generator.run(phase, Watch.none()).total();
    }
  }

  private static Manner browsers(double returning) {
    return Manner.PLAIN.with(new Browsing(returning));
  }

  private static String path(String head) {
    return head.split(" ", -1)[1];
  }

  private static String answer(String fields, String content) {
    return "HTTP/1.1 200 OK\r\n"
        + fields
        + "Content-Length: "
        + content.length()
        + "\r\n\r\n"
        + content;
  }

  private static String page(String fields) {
    return answer("Content-Type: text/html\r\n" + fields, PAGE);
  }

  /// Six files must be asked for before any is answered; the seventh waits.
  @Test
  void theFilesOfAPageAreLoadedSixAtATime() throws InterruptedException {
    CyclicBarrier six = new CyclicBarrier(6);
    AtomicInteger files = new AtomicInteger();
    try (ScriptedOrigin origin =
        ScriptedOrigin.start(peer -> {
          for (String head = peer.head(); !head.isEmpty(); head = peer.head()) {
            if (path(head).equals("/shop/")) {
              peer.send(page(""));
            } else {
              if (files.incrementAndGet() <= 6) {
                six.await();
              }
              peer.send(answer("", "x"));
            }
          }
        })) {
      Figures total = run(origin.port(), browsers(0), 1, Call.get("/shop/"));
      assertThat(origin.heads().stream().map(BrowsingTest::path).skip(1))
          .containsExactlyInAnyOrderElementsOf(FILES);
      assertThat(origin.connections()).isEqualTo(6);
      PageFigures.Views first = total.pages().first();
      assertThat(first.count()).isEqualTo(1);
      assertThat(first.requests()).isEqualTo(8);
      assertThat(first.octets()).isEqualTo(total.octets());
      assertThat(first.failures()).isZero();
      assertThat(total.pages().repeat().count()).isZero();
      assertThat(total.statuses()).isEqualTo(Map.of(200, 8L));
    }
  }

  /// What is fresh is not asked for, what is stale is on conditions, what may not be kept as ever.
  @Test
  void whoComesBackAsksOnlyForWhatMayHaveChanged() throws InterruptedException {
    try (ScriptedOrigin origin =
        ScriptedOrigin.start(peer -> {
          for (String head = peer.head(); !head.isEmpty(); head = peer.head()) {
            peer.send(
                switch (path(head)) {
                  case "/shop/" ->
                      head.contains("If-None-Match: \"p1\"")
                          ? "HTTP/1.1 304 Not Modified\r\nETag: \"p1\"\r\n\r\n"
                          : page("Cache-Control: no-cache\r\nETag: \"p1\"\r\n");
                  case "/a.css" -> answer("Cache-Control: max-age=3600\r\n", "a");
                  case "/shop/b.js" ->
                      head.contains("If-Modified-Since: Tue, 01 Jan 2019 00:00:00 GMT")
                          ? "HTTP/1.1 304 Not Modified\r\n\r\n"
                          : answer(OLD, "b");
                  case "/c.png" -> answer("Cache-Control: no-store\r\nETag: \"c\"\r\n", "c");
                  default -> answer("Cache-Control: max-age=60\r\nAge: 5\r\n", "x");
                });
          }
        })) {
      Figures total = run(origin.port(), browsers(1), 2, Call.get("/shop/"));
      assertThat(origin.heads().stream().map(BrowsingTest::path).skip(8))
          .containsExactlyInAnyOrder("/shop/", "/shop/b.js", "/c.png");
      PageFigures.Views repeat = total.pages().repeat();
      assertThat(total.pages().first().count()).isEqualTo(1);
      assertThat(repeat.count()).isEqualTo(1);
      assertThat(repeat.requests()).isEqualTo(3);
      assertThat(repeat.notModified()).isEqualTo(2);
      assertThat(repeat.unasked()).isEqualTo(5);
      assertThat(repeat.octets()).isLessThan(total.pages().first().octets());
      assertThat(total.statuses()).isEqualTo(Map.of(200, 9L, 304, 2L));
      assertThat(total.failures()).isZero();
    }
  }

  /// One that was not made is over, too, but in no figure.
  @Test
  void aVisitorIsToldOfEachCallWhateverItsBrowserHadKept() throws InterruptedException {
    try (ScriptedOrigin origin =
        ScriptedOrigin.start(peer -> {
          for (String head = peer.head(); !head.isEmpty(); head = peer.head()) {
            boolean isKnown = head.contains("If-None-Match: \"b\"");
            peer.send(
                path(head).equals("/a")
                    ? answer("Cache-Control: max-age=3600\r\n", "a")
                    : isKnown
                        ? "HTTP/1.1 304 Not Modified\r\n\r\n"
                        : answer("Cache-Control: no-cache\r\nETag: \"b\"\r\n", "b"));
          }
        })) {
      Call fresh = Call.get("/a");
      Call stale = Call.get("/b");
      Figures total = run(origin.port(), browsers(1), 1, fresh, fresh, stale, stale);
      assertThat(outcomes).extracting(Outcome::call).containsExactly(fresh, fresh, stale, stale);
      assertThat(outcomes).extracting(Outcome::isCounted).containsExactly(true, false, true, true);
      assertThat(outcomes)
          .allSatisfy(outcome ->
              assertThat(outcome.reply()).isNotNull().extracting(Reply::status).isEqualTo(200));
      assertThat(total.statuses()).isEqualTo(Map.of(200, 2L, 304, 1L));
    }
  }

  @Test
  void whoIsNewHasAnEmptyCache() throws InterruptedException {
    try (ScriptedOrigin origin =
        ScriptedOrigin.answering(page("Cache-Control: max-age=3600\r\n"))) {
      Figures total = run(origin.port(), browsers(0), 3, Call.get("/shop/"));
      assertThat(total.pages().first().count()).isEqualTo(3);
      assertThat(total.pages().repeat().count()).isZero();
      assertThat(origin.heads()).hasSize(3 * 8);
    }
  }

  @Test
  void aPageOfWhichAFileFailsHasFailed() throws InterruptedException {
    try (ScriptedOrigin origin =
        ScriptedOrigin.start(peer -> {
          for (String head = peer.head(); !head.isEmpty(); head = peer.head()) {
            if (path(head).equals("/d.png")) {
              return;
            }
            peer.send(
                path(head).equals("/e.png")
                    ? "HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n"
                    : path(head).equals("/shop/") ? page("") : answer("", "x"));
          }
        })) {
      Figures total = run(origin.port(), browsers(0), 1, Call.get("/shop/"));
      assertThat(total.pages().first().failures()).isEqualTo(1);
      assertThat(total.errors()).isEqualTo(Map.of("closed", 1L, "status 404", 1L));
    }
  }

  /// A page in a coding is read all the same; what is no page loads nothing.
  @Test
  void overHttp2EverythingGoesOverOneConnection() throws InterruptedException {
    List<String> asked = new CopyOnWriteArrayList<>();
    List<Http2TestOrigin.Stream> held = new ArrayList<>();
    try (Http2TestOrigin origin =
        new Http2TestOrigin(
            null,
            100,
            (stream, frame) -> {
              if (!(frame instanceof Http2HeadersFrame head)) {
                return;
              }
              asked.add(head.headers().path().toString());
              if (asked.size() == 1) {
                stream.head("200", false, "content-type", "text/html; charset=utf-8");
                stream.data(PAGE, true);
              } else {
                // None is answered before all have been asked for.
                held.add(stream);
                if (held.size() == FILES.size()) {
                  held.forEach(one -> one.head("204", true));
                }
              }
            })) {
      Manner manner = browsers(0).with(Manner.Protocol.HTTP2);
      Figures total = run(origin.port(), manner, 1, Call.get("/shop/"));
      assertThat(asked.subList(1, asked.size())).containsExactlyInAnyOrderElementsOf(FILES);
      assertThat(origin.connections()).isEqualTo(1);
      assertThat(total.pages().first().requests()).isEqualTo(8);
    }
  }

  @Test
  void visitorsOfTheOpenModelComeBackToo() throws InterruptedException {
    try (ScriptedOrigin origin =
        ScriptedOrigin.answering(page("Cache-Control: max-age=3600\r\n"))) {
      Aim aim =
          Aim.at(URI.create(origin.url())).with(1, 1, Duration.ofSeconds(20)).with(browsers(1));
      Generator[] running = new Generator[1];
      Visits visits =
          number -> {
            if (number == 20) {
              running[0].stop();
            }
            return Visits.of(Call.get("/shop/")).visitor(number);
          };
      try (Generator generator = Generator.open(aim, visits, Time.system())) {
        running[0] = generator;
        Phase phase = Phase.constantRate(20, Duration.ZERO, Duration.ofHours(1));
        PageFigures pages = generator.run(phase, Watch.none()).total().pages();
        assertThat(pages.count()).isGreaterThanOrEqualTo(19);
        assertThat(pages.first().count()).isPositive();
        assertThat(pages.repeat().count()).isPositive();
        assertThat(pages.repeat().requests()).isZero();
      }
    }
  }
}
