package dev.freshet.edge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.base.ByteSize;
import dev.freshet.edge.RouteRule.Share;
import dev.freshet.http.Fields;
import dev.freshet.testkit.RawClient.Response;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Who waits for a coded form is answered, though it can't be made.
class CodingsTest {
  private static final String FRESH = "Cache-Control: max-age=60";
  private static final String GZIP = "Accept-Encoding: gzip";
  private static final String HTML = "<p>" + "words and words ".repeat(60);

  /// Does that with a whole page.
  private record Whole(Runnable act) implements Polish {
    @Override
    public Level level(String match) {
      return Level.FULL;
    }

    @Override
    public @Nullable Polished stored(
        String key, String url, Fields response, Level level, Names names, byte[][] content) {
      act.run();
      return null;
    }
  }

  @Test
  void aFaultInThePageLeavesThePlainForm() {
    Polish broken =
        new Whole(() -> {
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
        new Whole(() -> {
          begun.countDown();
          try {
            gate.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
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

  private static CompletableFuture<Response> beside(Supplier<Response> ask) {
    return CompletableFuture.supplyAsync(ask, Thread::startVirtualThread);
  }
}
