package dev.freshet.edge;

import static dev.freshet.testkit.Eventually.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.base.ByteSize;
import dev.freshet.edge.RouteRule.Share;
import dev.freshet.testkit.RawClient;
import dev.freshet.testkit.RawClient.Response;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// However many lists are on their way, and however large: what is held of them has its room, and
/// what has none is refused.
class ListRoomTest {
  private static final String JSON = "Content-Type: application/json\r\n";
  private static final String NO_STORE = "Cache-Control: no-store\r\n";
  private static final int ROOM = 100_000;
  private final Shopfront shop = open(ROOM);

  private static Shopfront open(long room) {
    Pagination pages =
        new Pagination(
            3, 100, new ByteSize(2_000), new ByteSize(1_000), "", "/id", Pagination.Names.USUAL);
    return Shopfront.told(
        c -> Shopfront.limited(c, new ByteSize(room), c.limits().coalesceWait()),
        Shopfront.rule("/list/**", Share.BY_RESPONSE, Duration.ofMinutes(1)).withPages(pages));
  }

  @AfterEach
  void close() {
    shop.close();
  }

  private static String list(int elements) {
    return IntStream.range(0, elements)
        .mapToObj(id -> "{\"id\":" + id + "}")
        .collect(Collectors.joining(",", "[", "]"));
  }

  /// Octets that are held of what is on its way.
  private double held() {
    return shop.gauge("freshet_edge_fill_bytes");
  }

  private static void isBusy(Response answer) {
    assertThat(answer.status()).isEqualTo(503);
    assertThat(answer.field("Content-Type")).isEqualTo("application/problem+json");
    assertThat(answer.text()).contains("urn:freshet:problem:busy");
    assertThat(answer.field("Retry-After")).isEqualTo("1");
  }

  private static String chunk(String text) {
    return Integer.toHexString(text.length()) + "\r\n" + text + "\r\n";
  }

  /// An app that says what comes, sends so much of it and stops until it is told to go on.
  private RawClient halting(String target, String content, int first, CountDownLatch hold) {
    shop.act(
        target,
        (peer, head) -> {
          peer.send("HTTP/1.1 200 OK\r\nContent-Length: " + content.length() + "\r\n");
          peer.send(NO_STORE + JSON + "\r\n" + content.substring(0, first));
          hold.await();
          peer.send(content.substring(first));
        });
    RawClient client = shop.client();
    client.send("GET " + target + " HTTP/1.1\r\nHost: shop.test\r\n\r\n");
    await(() -> held() >= first, "so much of " + target + " to be held");
    return client;
  }

  /// Else others that come at the same time take what it will need, and none has enough.
  @Test
  void aListOfKnownLengthHasAllItsRoomFromTheFirst() {
    String large = list(8_000);
    CountDownLatch hold = new CountDownLatch(1);
    RawClient client = halting("/list/a", large, 1, hold);
    assertThat(held()).isEqualTo(large.length());
    hold.countDown();
    assertThat(client.response().field("X-Total-Count")).isEqualTo("8000");
  }

  @Test
  void aListForWhichThereIsNoRoomIsRefusedAndNotSentWhole() {
    String large = list(8_000);
    assertThat(large.length()).isBetween(ROOM / 2, ROOM);
    CountDownLatch hold = new CountDownLatch(1);
    shop.page("/list/other", large, JSON.strip(), NO_STORE.strip());
    RawClient first = halting("/list/first", large, large.length() - 9, hold);
    isBusy(shop.get("/list/other"));
    isBusy(shop.get("/list/other?limit=1"));
    hold.countDown();
    assertThat(first.response().text()).isEqualTo("[{\"id\":0},{\"id\":1},{\"id\":2}]");
    await(() -> held() == 0, "what was held to be given back");
    assertThat(shop.get("/list/other").field("X-Total-Count")).isEqualTo("8000");
  }

  /// Of unknown length, so that it shows only on the way: nobody then collects it uncounted.
  @Test
  void aListThatIsNotKeptAnyLongerIsNotCollectedEither() {
    CountDownLatch hold = new CountDownLatch(1);
    CountDownLatch ended = new CountDownLatch(1);
    String first = list(7_000);
    RawClient other = halting("/list/first", first, first.length() - 9, hold);
    shop.act(
        "/list/endless",
        (peer, head) -> {
          peer.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n");
          peer.send("Cache-Control: max-age=60\r\n" + JSON + "\r\n");
          peer.send(chunk("[" + "1,".repeat(20_000)));
          peer.awaitEnd();
          ended.countDown();
        });
    isBusy(shop.get("/list/endless"));
    // Nor is the app asked for more of it.
    await(() -> ended.getCount() == 0, "the app to be left");
    await(() -> held() <= ROOM - 10_000, "only the first to be held");
    hold.countDown();
    assertThat(other.response().field("X-Total-Count")).isEqualTo("7000");
    await(() -> held() == 0, "what was held to be given back");
  }

  /// Trying again would bring nothing.
  @Test
  void aListThatAloneIsLargerThanAllRoomIsNotCalledBusy() {
    String large = list(10_000);
    assertThat(large.length()).isGreaterThan(ROOM);
    shop.page("/list/a", large, JSON.strip(), NO_STORE.strip());
    String kept = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nCache-Control: max-age=60\r\n";
    shop.raw("/list/b", kept + JSON + "\r\n", chunk(large) + "0\r\n\r\n");
    for (String target : List.of("/list/a", "/list/b")) {
      Response refused = shop.get(target);
      assertThat(refused.status()).isEqualTo(502);
      assertThat(refused.text())
          .contains("urn:freshet:problem:list-too-large", "the most by store.max-fills");
    }
    await(() -> held() == 0, "what was held to be given back");
  }

  @Test
  void whatSeveralReadAlongIsCountedOnce() {
    String large = list(6_000);
    assertThat(large.length()).isGreaterThan(ROOM / 2);
    CountDownLatch hold = new CountDownLatch(1);
    shop.act(
        "/list/a",
        (peer, head) -> {
          peer.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n");
          peer.send("Cache-Control: max-age=60\r\n" + JSON + "\r\n");
          peer.send(chunk(large.substring(0, ROOM / 2)));
          hold.await();
          peer.send(chunk(large.substring(ROOM / 2)) + "0\r\n\r\n");
        });
    int port = shop.edge.addresses().getFirst().port();
    try (RawHttp2 first = RawHttp2.to(port);
        RawHttp2 second = RawHttp2.to(port)) {
      first.get(1, "/list/a");
      await(() -> held() >= ROOM / 2, "half of the list to have come");
      first.get(3, "/list/a?limit=1").settled();
      second.get(1, "/list/a").get(3, "/list/a?limit=1").settled();
      hold.countDown();
      List<RawHttp2.Answer> along =
          List.of(first.answer(3), second.answer(1), second.answer(3), first.answer(1));
      for (RawHttp2.Answer page : along) {
        assertThat(page.fields).containsEntry("x-total-count", "6000");
      }
      for (RawHttp2.Answer page : along.subList(0, 3)) {
        assertThat(page.fields.get("cache-status")).endsWith("collapsed");
      }
    }
    assertThat(shop.asked("/list/a")).isEqualTo(1);
    await(() -> held() == 0, "what was held to be given back");
  }
}
