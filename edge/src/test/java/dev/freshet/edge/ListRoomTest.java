package dev.freshet.edge;

import static dev.freshet.testkit.Eventually.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.base.ByteSize;
import dev.freshet.edge.RouteRule.Share;
import dev.freshet.testkit.RawClient;
import dev.freshet.testkit.RawClient.Response;
import java.time.Duration;
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
            3,
            100,
            new ByteSize(2_000),
            new ByteSize(1_000),
            "",
            "/id",
            Pagination.Names.USUAL);
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

  @Test
  void aListForWhichThereIsNoRoomIsRefusedAndNotSentWhole() {
    String large = list(8_000);
    assertThat(large.length()).isBetween(ROOM / 2, ROOM);
    CountDownLatch hold = new CountDownLatch(1);
    shop.act(
        "/list/first",
        (peer, head) -> {
          peer.send("HTTP/1.1 200 OK\r\nContent-Length: " + large.length() + "\r\n");
          peer.send(NO_STORE + JSON + "\r\n" + large.substring(0, 10));
          hold.await();
          peer.send(large.substring(10));
        });
    String terms = NO_STORE.strip();
    shop.page("/list/other", large, JSON.strip(), terms);
    RawClient first = shop.client();
    first.send("GET /list/first HTTP/1.1\r\nHost: shop.test\r\n\r\n");
    // All of what was announced, so that others do not take what it will need.
    await(() -> held() >= large.length(), "the first list to have its room");
    isBusy(shop.get("/list/other"));
    isBusy(shop.client().ask("GET", "/list/other?limit=1"));
    hold.countDown();
    assertThat(first.response().text()).isEqualTo("[{\"id\":0},{\"id\":1},{\"id\":2}]");
    await(() -> held() == 0, "what was held to be given back");
    assertThat(shop.get("/list/other").field("X-Total-Count")).isEqualTo("8000");
  }
}
