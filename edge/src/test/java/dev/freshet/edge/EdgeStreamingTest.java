package dev.freshet.edge;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.base.ByteSize;
import dev.freshet.base.HostPort;
import dev.freshet.edge.RouteRule.Share;
import dev.freshet.testkit.Eventually;
import dev.freshet.testkit.RawClient;
import dev.freshet.testkit.RawClient.Response;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Fills, followers, streams, tunnels, reload and drain.
// What goes over the wire ends its lines with CR LF; JUnit ends a test that is interrupted.
@SuppressWarnings({"StringConcatToTextBlock", "InterruptedExceptionSwallowed"})
@Timeout(60)
class EdgeStreamingTest {
  private static final long BIG = 200_000_000;

  private Shopfront shop = new Shopfront();

  @AfterEach
  void close() {
    shop.close();
  }

  @Test
  void manyMissesMakeOneTripAndReadAlong() throws Exception {
    CountDownLatch hold = new CountDownLatch(1);
    shop.page("/a", "x".repeat(200_000), hold, "Cache-Control: max-age=60");
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Response>> all = new ArrayList<>();
      for (int i = 0; i < 40; i++) {
        all.add(threads.submit(() -> shop.get("/a")));
      }
      awaitTrue(() -> shop.asked("/a") == 1);
      hold.countDown();
      int collapsed = 0;
      for (Future<Response> one : all) {
        Response response = one.get(20, TimeUnit.SECONDS);
        assertThat(response.text()).hasSize(200_000);
        String status = response.field("Cache-Status");
        collapsed += status.contains("collapsed") || status.contains("hit") ? 1 : 0;
      }
      assertThat(shop.asked("/a")).isEqualTo(1);
      assertThat(collapsed).isEqualTo(39);
    }
  }

  /// Each answer that nobody takes would be another buffer in memory.
  @Test
  void leavesRequestsOfAClientThatTakesNoAnswersInTheSocket() throws Exception {
    shop.page("/a", "x".repeat(10_000), "Cache-Control: max-age=60");
    takesNoAnswersTo("GET /a HTTP/1.1\r\nHost: shop.example\r\n\r\n");
  }

  /// Parts are cut out for each request: nothing that is at hand for everybody.
  @Test
  void leavesRequestsForPartsInTheSocketToo() throws Exception {
    shop.page("/a", "x".repeat(20_000), "Cache-Control: max-age=60");
    takesNoAnswersTo("GET /a HTTP/1.1\r\nHost: shop.example\r\nRange: bytes=5000-14999\r\n\r\n");
  }

  /// @param one request that 10,000 octets of what is in memory answer
  private void takesNoAnswersTo(String one) throws Exception {
    int many = 5_000;
    int whole = shop.get("/a").text().length();
    HostPort at = shop.edge.addresses().getFirst();
    try (Socket client = new Socket();
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      client.setReceiveBufferSize(65_536);
      client.connect(new InetSocketAddress(at.host(), at.port()));
      byte[] all = one.repeat(many).getBytes(US_ASCII);
      Future<?> sender =
          threads.submit(() -> {
            client.getOutputStream().write(all);
            return null;
          });
      // Others are served meanwhile, on both loops; each of them after much of what came before.
      for (int i = 0; i < 200; i++) {
        assertThat(shop.get("/a").text()).hasSize(whole);
      }
      assertThat(served() - 201).isLessThan(many / 2);
      byte[] piece = new byte[65_536];
      long octets = 0;
      while (served() - 201 < many || octets < many * 10_000L) {
        int n = client.getInputStream().read(piece);
        assertThat(n).isPositive();
        octets += n;
      }
      sender.get(20, TimeUnit.SECONDS);
    }
  }

  private long served() {
    return shop.edge.snapshot().routes().stream().mapToLong(EdgeSnapshot.RouteLine::requests).sum();
  }

  @Test
  void followersOfAPrivateResponseGoAloneAndLaterOnesDoNotWait() throws Exception {
    shop.page("/a", "mine", "Cache-Control: private");
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Response>> all = new ArrayList<>();
      for (int i = 0; i < 10; i++) {
        all.add(threads.submit(() -> shop.get("/a")));
      }
      for (Future<Response> one : all) {
        assertThat(one.get(20, TimeUnit.SECONDS).text()).isEqualTo("mine");
      }
    }
    assertThat(shop.asked("/a")).isEqualTo(10);
  }

  @Test
  void whatWasPrivateIsNotWaitedForUntilThatIsForgotten() {
    limit(new ByteSize(64L << 20), Duration.ofSeconds(50));
    AtomicInteger toHold = new AtomicInteger();
    CountDownLatch goOn = new CountDownLatch(1);
    shop.act(
        "/a",
        (peer, head) -> {
          if (toHold.getAndDecrement() <= 0 || goOn.await(20, TimeUnit.SECONDS)) {
            peer.send("HTTP/1.1 200 OK\r\nCache-Control: private\r\nContent-Length: 4\r\n\r\nmine");
          }
        });
    shop.page("/b", "b");
    assertThat(shop.get("/a").text()).isEqualTo("mine");
    int port = shop.edge.addresses().getFirst().port();
    toHold.set(1);
    try (RawHttp2 first = RawHttp2.to(port).get(1, "/a")) {
      Eventually.await(() -> shop.asked("/a") == 2, "the second trip to be held");
      assertThat(shop.get("/a").text()).isEqualTo("mine");
      assertThat(shop.asked("/a")).isEqualTo(3);
      first.reset(1);
    }
    shop.time.advance(shop.edge.config().limits().hitForMiss());
    toHold.set(1);
    try (RawHttp2 both = RawHttp2.to(port)) {
      // One loop takes all three in order: the third's answer says that the second was taken.
      both.get(1, "/a").get(3, "/a").get(5, "/b").answer(5);
      Eventually.await(() -> shop.asked("/a") >= 4, "the trip to be held");
      assertThat(shop.asked("/a")).isEqualTo(4);
      goOn.countDown();
      assertThat(both.answer(3).text()).isEqualTo("mine");
    }
  }

  @Test
  void aFillGoesOnWhenItsLeaderLeaves() throws Exception {
    CountDownLatch hold = new CountDownLatch(1);
    shop.page("/a", "hello", hold, "Cache-Control: max-age=60");
    RawClient leader = shop.client();
    leader.send("GET /a HTTP/1.1\r\nHost: shop.test\r\n\r\n");
    awaitTrue(() -> shop.asked("/a") == 1);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<Response> follower = threads.submit(() -> shop.get("/a"));
      leader.close();
      hold.countDown();
      assertThat(follower.get(20, TimeUnit.SECONDS).text()).isEqualTo("hello");
    }
    assertThat(shop.asked("/a")).isEqualTo(1);
  }

  @Test
  void aTruncatedResponseIsNeverCompleteNorStored() {
    shop.raw(
        "/a",
        "HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nConnection: close\r\n"
            + "Transfer-Encoding: chunked\r\n\r\n",
        "5\r\nhello\r\nZZ\r\n");
    assertThat(catching(() -> shop.get("/a"))).isTrue();
    shop.page("/a", "whole", "Cache-Control: max-age=60");
    assertThat(shop.get("/a").text()).isEqualTo("whole");
  }

  private static boolean catching(Runnable task) {
    try {
      task.run();
      return false;
    } catch (RuntimeException e) {
      return true;
    }
  }

  @Test
  void staleWhileRevalidateFetchesOnceInTheBackground() throws Exception {
    shop.page("/a", "old", "Cache-Control: max-age=5, stale-while-revalidate=60");
    shop.get("/a");
    shop.page("/a", "new", "Cache-Control: max-age=5, stale-while-revalidate=60");
    shop.time.advance(Duration.ofSeconds(10));
    assertThat(shop.get("/a").text()).isEqualTo("old");
    awaitTrue(() -> shop.get("/a").text().equals("new"));
    assertThat(shop.asked("/a")).isEqualTo(2);
  }

  /// What is stored is the whole content, whatever they want of it who find it stale.
  @ParameterizedTest
  @ValueSource(strings = {"HEAD /a HTTP/1.1\r\n", "GET /a HTTP/1.1\r\nRange: bytes=0-1\r\n"})
  void staleWhileRevalidateFetchesTheWholeForWhoWantsLess(String asked) throws Exception {
    shop.page("/a", "old", "Cache-Control: max-age=5, stale-while-revalidate=60");
    shop.get("/a");
    shop.page("/a", "newer", "Cache-Control: max-age=5, stale-while-revalidate=60");
    shop.time.advance(Duration.ofSeconds(10));
    RawClient client = shop.client();
    client.send(asked + "Host: shop.test\r\nConnection: close\r\n\r\n");
    awaitTrue(() -> shop.asked("/a") == 2);
    assertThat(shop.lastHead()).startsWith("GET /a ").doesNotContain("Range");
    awaitTrue(() -> shop.get("/a").text().equals("newer"));
    assertThat(shop.asked("/a")).isEqualTo(2);
  }

  @Test
  void codesTextOnceAndTellsTheFormsApart() throws Exception {
    String text = "<p>fresh water</p>".repeat(500);
    shop.page("/a", text, "Content-Type: text/html", "Cache-Control: max-age=60", "ETag: \"e\"");
    Response first = shop.get("/a", "Accept-Encoding: br");
    assertThat(first.field("Content-Encoding")).isEqualTo("br");
    assertThat(first.field("ETag")).isEqualTo("\"e-br\"");
    assertThat(first.field("Vary")).isEqualTo("Accept-Encoding");
    Response second = shop.get("/a", "Accept-Encoding: gzip, br");
    assertThat(second.field("Content-Encoding")).isEqualTo("br");
    assertThat(second.field("Cache-Status")).contains("hit");
    assertThat(second.text().length()).isLessThan(text.length() / 5);
    assertThat(shop.get("/a").text()).isEqualTo(text);
    assertThat(shop.get("/a", "Accept-Encoding: gzip").field("Content-Encoding")).isEqualTo("gzip");
    assertThat(shop.get("/a", "If-None-Match: \"e-br\"", "Accept-Encoding: br").status())
        .isEqualTo(304);
    assertThat(shop.get("/a", "If-None-Match: \"e-zstd\"").status()).isEqualTo(304);
    assertThat(shop.asked("/a")).isEqualTo(1);
  }

  @Test
  void leavesAloneWhatMustNotBeTransformed() {
    String text = "x".repeat(5_000);
    shop.page("/a", text, "Content-Type: text/plain", "Cache-Control: no-transform");
    assertThat(shop.get("/a", "Accept-Encoding: br").field("Content-Encoding")).isEmpty();
    shop.page("/b", text, "Content-Type: text/plain", "Content-Encoding: gzip");
    assertThat(shop.get("/b", "Accept-Encoding: br").field("Content-Encoding")).isEqualTo("gzip");
  }

  @Test
  void relaysInterimResponsesAndUploads() {
    shop.raw(
        "/a",
        "HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n"
            + "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n",
        "ok");
    Response hinted = shop.get("/a");
    assertThat(hinted.interims()).containsExactly(103);
    shop.raw("POST /up", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n", "ok");
    RawClient client = shop.client();
    client.send("POST /up HTTP/1.1\r\nHost: shop.test\r\nContent-Length: 5\r\n\r\nhello");
    assertThat(client.response("POST").text()).isEqualTo("ok");
  }

  @Test
  void aPurgeDuringAFillIsNotLost() throws Exception {
    CountDownLatch hold = new CountDownLatch(1);
    shop.page("/a", "old", hold, "Cache-Control: max-age=60");
    RawClient reader = shop.client();
    reader.send("GET /a HTTP/1.1\r\nHost: shop.test\r\n\r\n");
    awaitTrue(() -> shop.asked("/a") == 1);
    shop.edge.purgeUrl("http://shop.test/a", false);
    hold.countDown();
    assertThat(reader.response().text()).isEqualTo("old");
    shop.page("/a", "new", "Cache-Control: max-age=60");
    assertThat(shop.get("/a").text()).isEqualTo("new");
  }

  @Test
  void tunnelsAfterAProtocolSwitch() {
    shop.close();
    shop = new Shopfront(Shopfront.rule("/x", Share.BY_RESPONSE, null));
    shop.raw(
        "/socket",
        "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
        "from the server");
    RawClient client = shop.client();
    client.send(
        "GET /socket HTTP/1.1\r\nHost: shop.test\r\nConnection: Upgrade\r\n"
            + "Upgrade: websocket\r\n\r\n");
    Response switched = client.response();
    assertThat(switched.status()).isEqualTo(101);
    assertThat(switched.field("Upgrade")).isEqualTo("websocket");
    assertThat(client.octets(15)).isEqualTo("from the server");
  }

  /// What the app could send while nobody took it is what is held, here (what might be stored: up
  /// to 26 MB) and in four socket buffers (as large as the system lets them grow: 75 MB).
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "Cache-Control: no-store     | Content-Length: 200000000",
        "Cache-Control: max-age=600  | Content-Length: 200000000",
        "Cache-Control: max-age=600  | Connection: close"
      })
  void aBigBodyNeedsNoMoreMemoryThanASmallOne(String control, String framing) throws Exception {
    AtomicLong blockedAt = new AtomicLong(-1);
    byte[] piece = new byte[65_536];
    shop.act(
        "/big",
        (peer, head) -> {
          peer.send("HTTP/1.1 200 OK\r\n" + control + "\r\n" + framing + "\r\n\r\n");
          long sent = peer.sendUntilBlocked(piece, BIG, 300);
          blockedAt.set(sent);
          sent += peer.sendUntilBlocked(piece, BIG - sent, 10_000);
          assertThat(sent).isEqualTo(BIG);
        });
    HostPort at = shop.edge.addresses().getFirst();
    try (Socket client = new Socket(at.host(), at.port())) {
      client.getOutputStream().write("GET /big HTTP/1.0\r\nHost: a\r\n\r\n".getBytes(US_ASCII));
      Eventually.await(() -> blockedAt.get() >= 0, "the app to be held back");
      assertThat(blockedAt.get()).isLessThan(BIG / 4 * 3);
      // Others are served meanwhile.
      shop.page("/small", "s");
      assertThat(shop.get("/small").text()).isEqualTo("s");
      long seen = 0;
      for (int n = 0; n >= 0; n = client.getInputStream().read(piece)) {
        seen += n;
      }
      assertThat(seen).isBetween(BIG, BIG + 1_000);
    }
  }

  /// Each piece that comes by itself takes room beside its octets.
  @Test
  void whatComesInCrumbsCountsByTheRoomItTakes() {
    limit(new ByteSize(100_000), Duration.ofSeconds(5));
    String head = "HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nTransfer-Encoding: chunked";
    shop.raw("/crumbs", head + "\r\n\r\n", "1\r\nx\r\n".repeat(10_000) + "0\r\n\r\n");
    shop.raw("/loaf", head + "\r\n\r\n", "2710\r\n" + "x".repeat(10_000) + "\r\n0\r\n\r\n");
    for (String path : new String[] {"/crumbs", "/loaf"}) {
      assertThat(shop.get(path).text()).hasSize(10_000);
    }
    assertThat(shop.get("/crumbs").field("Cache-Status")).doesNotContain("hit");
    assertThat(shop.get("/loaf").field("Cache-Status")).contains("hit");
    twoShareOneTrip("/crumbs");
  }

  /// An app that is slow because it has much to do would have all the more to do if each of those
  /// who have waited long enough asked by himself.
  @Test
  void whoseTripTakesTooLongBeginAnewTogether() {
    limit(new ByteSize(64L << 20), Duration.ofMillis(300));
    CountDownLatch go = new CountDownLatch(1);
    AtomicBoolean isFirstAsked = new AtomicBoolean(true);
    String answer = "HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nContent-Length: 3\r\n\r\n";
    shop.act(
        "/slow",
        (peer, head) -> {
          boolean isFirst = isFirstAsked.getAndSet(false);
          if (!isFirst || go.await(20, TimeUnit.SECONDS)) {
            peer.send(answer + (isFirst ? "old" : "new"));
          }
        });
    try (RawHttp2 client = RawHttp2.to(shop.edge.addresses().getFirst().port())) {
      client.get(1, "/slow").get(3, "/slow").get(5, "/slow").get(7, "/slow");
      for (int follower : List.of(3, 5, 7)) {
        assertThat(client.answer(follower).text()).isEqualTo("new");
      }
      // Two trips, three where the second takes that long too: never one for each.
      assertThat(shop.asked("/slow")).isBetween(2L, 3L);
      go.countDown();
      assertThat(client.answer(1).text()).isEqualTo("old");
    }
  }

  private void limit(ByteSize fills, Duration coalesceWait) {
    shop.close();
    shop = Shopfront.told(c -> Shopfront.limited(c, fills, coalesceWait));
  }

  /// That there was no room for one answer is no reason not to share the next.
  private void twoShareOneTrip(String path) {
    CountDownLatch isAsked = new CountDownLatch(1);
    shop.act(
        path,
        (peer, head) -> {
          isAsked.await(20, TimeUnit.SECONDS);
          peer.send("HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nContent-Length: 1\r\n\r\nx");
        });
    long before = shop.asked(path);
    try (RawHttp2 client = RawHttp2.to(shop.edge.addresses().getFirst().port())) {
      // One loop takes all three in order: the third's answer says that the second was taken.
      client.get(1, path).get(3, path).get(5, "/loaf").answer(5);
      isAsked.countDown();
      assertThat(client.answer(1).text()).isEqualTo("x");
      assertThat(client.answer(3).text()).isEqualTo("x");
    }
    assertThat(shop.asked(path) - before).isEqualTo(1);
  }

  @Test
  void reloadLosesNoRequest() throws Exception {
    shop.page("/a", "a", "Cache-Control: max-age=60").page("/b", "b");
    int failed =
        underLoad(() -> {
          for (int i = 0; i < 20; i++) {
            shop.edge.reload(shop.edge.config());
          }
        });
    assertThat(failed).isZero();
  }

  /// Eight clients ask without pause while the task runs and for a moment after; returns how many
  /// requests failed.
  private int underLoad(Runnable task) throws Exception {
    AtomicBoolean on = new AtomicBoolean(true);
    AtomicInteger failed = new AtomicInteger();
    AtomicInteger done = new AtomicInteger();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> all = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        String path = i % 2 == 0 ? "/a" : "/b";
        all.add(
            threads.submit(() -> {
              RawClient client = shop.client();
              while (on.get()) {
                if (client.get(path).status() != 200) {
                  failed.incrementAndGet();
                }
                done.incrementAndGet();
              }
            }));
      }
      awaitTrue(() -> done.get() > 100);
      task.run();
      int before = done.get();
      awaitTrue(() -> done.get() > before + 100);
      on.set(false);
      for (Future<?> one : all) {
        one.get(20, TimeUnit.SECONDS);
      }
    }
    return failed.get();
  }

  @Test
  void drainFinishesWhatIsUnderWay() throws Exception {
    CountDownLatch hold = new CountDownLatch(1);
    shop.page("/slow", "done", hold);
    RawClient client = shop.client();
    client.send("GET /slow HTTP/1.1\r\nHost: shop.test\r\n\r\n");
    awaitTrue(() -> shop.asked("/slow") == 1);
    HostPort at = shop.edge.addresses().getFirst();
    Thread drain = Thread.ofVirtual().start(() -> shop.edge.drain(Duration.ofDays(1)));
    awaitTrue(() -> isRefused(at));
    hold.countDown();
    Response response = client.response();
    assertThat(response.text()).isEqualTo("done");
    // The head had left before the drain and announced no end, so the client may ask once more for
    // a moment; then our half is closed, and its silence ends the other half after a second.
    awaitTrue(() -> {
      shop.time.advance(Duration.ofSeconds(2));
      return drain.join(Duration.ofMillis(20));
    });
    assertThat(client.isClosed()).isTrue();
  }

  private static boolean isRefused(HostPort at) {
    // Let in is not refused: who came in before the listener closed is still served for a moment.
    try {
      RawClient.to(at.port()).close();
      return false;
    } catch (RuntimeException e) {
      return true;
    }
  }

  private interface Condition {
    boolean holds() throws Exception;
  }

  private static void awaitTrue(Condition condition) throws Exception {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (!condition.holds()) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError("it did not come true within 20 s");
      }
      Thread.onSpinWait();
    }
  }
}
