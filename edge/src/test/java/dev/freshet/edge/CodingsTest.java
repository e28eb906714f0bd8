package dev.freshet.edge;

import static dev.freshet.edge.RawHttp2.END_HEADERS;
import static dev.freshet.edge.RawHttp2.END_STREAM;
import static dev.freshet.edge.RawHttp2.HEADERS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.base.ByteSize;
import dev.freshet.edge.RouteRule.Share;
import dev.freshet.http.Fields;
import dev.freshet.testkit.Eventually;
import dev.freshet.testkit.RawClient.Response;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Who waits for a coded form is answered, though it can't be made.
class CodingsTest {
  private static final String FRESH = "Cache-Control: max-age=60";
  private static final String STEADY = "Cache-Control: max-age=600";
  private static final String PAGE = "Content-Type: text/html";
  private static final String GZIP = "Accept-Encoding: gzip";
  private static final String HTML = "<p>" + "words and words ".repeat(60);

  /// Does that with a whole page.
  private record Whole(Consumer<String> act) implements Polish {
    @Override
    public Level level(String match) {
      return Level.FULL;
    }

    @Override
    public @Nullable Polished stored(
        String key, String url, Fields response, Level level, Names names, byte[][] content) {
      act.accept(key);
      return null;
    }
  }

  @Test
  void aFaultInThePageLeavesThePlainForm() {
    Polish broken =
        new Whole(key -> {
          throw new StackOverflowError();
        });
    try (Shopfront shop = Shopfront.polished(broken, RouteRule.plain("/**"))) {
      shop.page("/p", HTML, "Content-Type: text/html", FRESH);
      assertThat(shop.get("/p").text()).isEqualTo(HTML);
      Response plain = shop.get("/p", GZIP);
      assertThat(plain.status()).isEqualTo(200);
      assertThat(plain.field("Content-Encoding")).isEmpty();
      assertThat(plain.text()).isEqualTo(HTML);
    }
  }

  @Test
  void aPageOfAListLeavesUncodedWhereThereIsNoRoomForMoreWork() throws InterruptedException {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch gate = new CountDownLatch(1);
    Polish slow =
        new Whole(key -> {
          begun.countDown();
          await(gate);
        });
    Pagination pages =
        new Pagination(
            3, 100, new ByteSize(2_000), new ByteSize(1_000), "", "/id", Pagination.Names.USUAL);
    RouteRule lists =
        Shopfront.rule("/list/**", Share.BY_RESPONSE, Duration.ofMinutes(1)).withPages(pages);
    try (Shopfront shop =
        Shopfront.polished(
            slow,
            c -> Shopfront.with(c, new CompressionConfig(true, 500, new ByteSize(10L << 20), 1, 1)),
            lists,
            RouteRule.plain("/**"))) {
      shop.page("/p", HTML, "Content-Type: text/html", FRESH);
      String words = "\"" + "words and words ".repeat(60) + "\"";
      String json = "Content-Type: application/json";
      shop.page("/list/a", "[" + words + "," + words + "," + words + "]", json, FRESH);
      String large =
          IntStream.range(0, 20_000).mapToObj(String::valueOf).collect(Collectors.joining(","));
      shop.page("/list/large", "[" + large + "]", json, FRESH);
      shop.get("/p");
      shop.get("/list/a");
      CompletableFuture<Response> page = beside(() -> shop.get("/p", GZIP));
      assertThat(begun.await(10, TimeUnit.SECONDS)).isTrue();
      // One of them finds a place in the queue.
      var one = beside(() -> shop.get("/list/a?limit=1", GZIP));
      var two = beside(() -> shop.get("/list/a?limit=2", GZIP));
      Response uncoded = (Response) CompletableFuture.anyOf(one, two).join();
      assertThat(uncoded.status()).isEqualTo(200);
      assertThat(uncoded.field("Content-Encoding")).isEmpty();
      assertThat(uncoded.field("Vary")).isEqualTo("Accept-Encoding");
      assertThat(uncoded.text()).startsWith("[" + words);
      Response busy = shop.get("/list/large");
      assertThat(busy.status()).isEqualTo(503);
      assertThat(busy.text()).contains("urn:freshet:problem:busy");
      gate.countDown();
      assertThat(page.join().status()).isEqualTo(200);
      // Nothing waits any more, so there is room.
      CompletableFuture.allOf(one, two).join();
      for (int limit = 1; limit <= 2; limit++) {
        assertThat(shop.get("/list/a?limit=" + limit, GZIP).field("Content-Encoding"))
            .isEqualTo("gzip");
      }
      assertThat(shop.get("/list/large").status()).isEqualTo(200);
    }
  }

  @Test
  void nobodyWaitsBehindAFormThatNobodyWaitsFor() throws InterruptedException {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch gate = new CountDownLatch(1);
    Polish slow =
        new Whole(key -> {
          if (key.endsWith("/slow")) {
            begun.countDown();
            await(gate);
          }
        });
    try (Shopfront shop = Shopfront.polished(slow, RouteRule.plain("/**"));
        OpenAtLast _ = gate::countDown) {
      shop.page("/slow", HTML, PAGE, STEADY);
      shop.page("/p", HTML, PAGE, FRESH);
      // Coded while it passed, and to be made again, better, as it lives long.
      assertThat(shop.get("/slow", GZIP).field("Content-Encoding")).isEqualTo("gzip");
      assertThat(begun.await(10, TimeUnit.SECONDS)).isTrue();
      assertThat(shop.get("/p").text()).isEqualTo(HTML);
      assertThat(shop.get("/p", GZIP).field("Content-Encoding")).isEqualTo("gzip");
    }
  }

  @Test
  void whatIsShortIsMadeOnce() throws InterruptedException {
    Queue<String> made = new ConcurrentLinkedQueue<>();
    CountDownLatch last = new CountDownLatch(1);
    Polish telling =
        new Whole(key -> {
          made.add(key.substring(key.lastIndexOf('/')));
          if (key.endsWith("/last")) {
            last.countDown();
          }
        });
    try (Shopfront shop = Shopfront.polished(telling, RouteRule.plain("/**"))) {
      shop.page("/p", HTML, PAGE, STEADY);
      shop.page("/last", HTML, PAGE, STEADY);
      assertThat(shop.get("/p").text()).isEqualTo(HTML);
      assertThat(shop.get("/p", GZIP).field("Content-Encoding")).isEqualTo("gzip");
      // Made again in the background, behind whatever else is to be done there.
      assertThat(shop.get("/last", GZIP).field("Content-Encoding")).isEqualTo("gzip");
      assertThat(last.await(10, TimeUnit.SECONDS)).isTrue();
      assertThat(made).containsExactly("/p", "/last");
    }
  }

  @Test
  void whatManyWaitForIsMadeOnce() {
    Queue<String> made = new ConcurrentLinkedQueue<>();
    CountDownLatch gate = new CountDownLatch(1);
    Polish slow =
        new Whole(key -> {
          made.add(key.substring(key.lastIndexOf('/')));
          await(gate);
        });
    try (Shopfront shop = Shopfront.polished(slow, RouteRule.plain("/**"));
        OpenAtLast _ = gate::countDown) {
      shop.page("/p", HTML, PAGE, FRESH).page("/other", "x");
      Eventually.await(() -> isHit(shop.get("/p")), "the page in memory");
      try (RawHttp2 many = RawHttp2.to(shop.edge.addresses().getFirst().port())) {
        for (int stream = 1; stream < 20; stream += 2) {
          many.get(stream, "/p", "accept-encoding", "gzip");
        }
        // Its loop takes them in order: all of them wait by now.
        assertThat(many.get(21, "/other").answer(21).text()).isEqualTo("x");
        gate.countDown();
        for (int stream = 1; stream < 20; stream += 2) {
          assertThat(many.answer(stream).fields).containsEntry("content-encoding", "gzip");
        }
      }
      assertThat(made).containsExactly("/p");
    }
  }

  /// Who reads German may hold the same dictionary as who reads English.
  @Test
  void whoWaitsForOneVariantIsNotGivenAnother() {
    CountDownLatch gate = new CountDownLatch(1);
    String held = ".d{color:red}".repeat(100);
    try (Shopfront shop =
            Shopfront.polished(new Whole(key -> await(gate)), RouteRule.plain("/**"));
        OpenAtLast _ = gate::countDown) {
      shop.page("/d.css", held, "Content-Type: text/css", "Cache-Control: max-age=3600");
      stored(shop, "/d.css");
      shop.page("/other", "x");
      for (String language : List.of("en", "de")) {
        shop.page("/p", language + held, PAGE, FRESH, "Vary: Accept-Language");
        stored(shop, "/p", "Accept-Language: " + language);
      }
      try (RawHttp2 both = RawHttp2.to(shop.edge.addresses().getFirst().port())) {
        both.send(HEADERS, END_STREAM | END_HEADERS, 1, holding(held, "en"));
        both.send(HEADERS, END_STREAM | END_HEADERS, 3, holding(held, "de"));
        // Its loop takes them in order: both wait by now.
        assertThat(both.get(5, "/other").answer(5).text()).isEqualTo("x");
        gate.countDown();
        assertThat(both.answer(1).fields).containsEntry("content-encoding", "dcz");
        assertThat(both.answer(3).fields).containsEntry("content-encoding", "dcz");
        assertThat(both.answer(1).text()).isNotEqualTo(both.answer(3).text());
      }
    }
  }

  /// Asks for it until it is in memory.
  private static void stored(Shopfront shop, String path, String... lines) {
    Eventually.await(() -> isHit(shop.getFrom("localhost", path, lines)), path + " in memory");
  }

  private static boolean isHit(Response response) {
    return response.field("Cache-Status").startsWith("freshet; hit");
  }

  /// A request for the page by somebody who holds that content.
  private static byte[] holding(String content, String language) {
    String name = Dictionary.of(new byte[][] {content.getBytes(StandardCharsets.US_ASCII)}).name();
    return RawHttp2.block(
        ":method",
        "GET",
        ":scheme",
        "http",
        ":authority",
        "localhost",
        ":path",
        "/p",
        "accept-encoding",
        "gzip, dcz",
        "available-dictionary",
        ":" + name + ":",
        "accept-language",
        language);
  }

  @Test
  void aFileThatStaysIsMadeAsSmallAsItGetsWhileTheFormAtHandIsSent() {
    String words =
        IntStream.range(0, 9_000)
            .mapToObj(i -> "line " + i * 7 % 1_003 + " of " + i % 37)
            .collect(Collectors.joining("; "));
    byte[] octets = words.getBytes(StandardCharsets.US_ASCII);
    int well = WholeCoding.of(octets, Coding.ZSTD, Effort.WELL).length;
    int utmost = WholeCoding.of(octets, Coding.ZSTD, Effort.UTMOST).length;
    assertThat(utmost).isLessThan(well);
    try (Shopfront shop = new Shopfront(RouteRule.plain("/**"))) {
      String json = "Content-Type: application/json";
      String zstd = "Accept-Encoding: zstd";
      shop.page("/other", words, json, STEADY);
      shop.page("/file", words, json, "Cache-Control: max-age=86400");
      for (String path : List.of("/other", "/file")) {
        assertThat(shop.get(path).text()).isEqualTo(words);
        assertThat(shop.get(path, zstd).field("Content-Encoding")).isEqualTo("zstd");
      }
      Eventually.await(() -> shop.get("/file", zstd).text().length() == utmost, "the smallest");
      // That came behind what is done soon, as the other was.
      assertThat(shop.get("/other", zstd).text()).hasSize(well);
    }
  }

  /// Lets go whatever came of it, so that what hangs ends.
  private interface OpenAtLast extends AutoCloseable {
    @Override
    void close();
  }

  private static void await(CountDownLatch gate) {
    try {
      gate.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static CompletableFuture<Response> beside(Supplier<Response> ask) {
    return CompletableFuture.supplyAsync(ask, Thread::startVirtualThread);
  }
}
