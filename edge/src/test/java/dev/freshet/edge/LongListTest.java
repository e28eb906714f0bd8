package dev.freshet.edge;

import static dev.freshet.testkit.Eventually.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.base.ByteSize;
import dev.freshet.cache.CacheConfig;
import dev.freshet.edge.RouteRule.Share;
import dev.freshet.testkit.RawClient.Response;
import dev.freshet.testkit.ScriptedOrigin;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Lists of many megabytes, made while they are sent: memory takes what is reserved for them and no
/// more, and they are walked through like short ones.
///
/// Run with `-Dlist.octets=52428800` for the largest that leave in pages unless told otherwise.
class LongListTest {
  private static final int OCTETS = Integer.getInteger("list.octets", 16_000_000);
  private static final int MANY = 20;

  /// What else comes and goes in memory meanwhile.
  private static final long SLACK = 8_000_000;

  private static final int ELEMENT = 1_000;
  private static final String HEAD =
      """
      HTTP/1.1 200 OK\r
      Transfer-Encoding: chunked\r
      Content-Type: application/json\r
      Cache-Control: max-age=60\r
      Connection: close\r
      \r
      """;

  private final CountDownLatch hold = new CountDownLatch(1);

  /// Lists of which only the end is still to be sent.
  private final Set<String> sent = ConcurrentHashMap.newKeySet();

  private Shopfront shop = open(OCTETS / 10 * 11L, 5L * OCTETS);

  /// @param room for what is on its way
  /// @param memory for what is stored, of which one entry takes a quarter at most
  private static Shopfront open(long room, long memory) {
    RouteRule rule =
        Shopfront.rule("/list/**", Share.BY_RESPONSE, Duration.ofMinutes(1))
            .withPages(
                new Pagination(
                    50,
                    1_000,
                    Pagination.MAX_PAGE,
                    Pagination.MAX_LIST,
                    "",
                    "/id",
                    Pagination.Names.USUAL));
    return Shopfront.told(
        c ->
            Shopfront.limited(
                stored(c, new CacheConfig(new ByteSize(memory), 32, null)),
                new ByteSize(room),
                // Nobody who waits for a list that is held back goes by himself.
                Duration.ofMinutes(5)),
        rule);
  }

  private static EdgeConfig stored(EdgeConfig c, CacheConfig cache) {
    return new EdgeConfig(
        c.fronts(),
        c.origin(),
        cache,
        c.compression(),
        c.routes(),
        c.ignoredParameters(),
        c.sessionCookies(),
        c.trustForwarded(),
        c.limits(),
        c.loops());
  }

  /// What is loaded and pooled when something is asked for the first time is none of a list's.
  @BeforeEach
  void askForSomethingSmall() {
    shop.page("/list/small", "[{\"id\":1}]", "Content-Type: application/json");
    assertThat(shop.get("/list/small").status()).isEqualTo(200);
  }

  @AfterEach
  void close() {
    hold.countDown();
    shop.close();
  }

  private void reopen(long room, long memory) {
    shop.close();
    shop = open(room, memory);
    askForSomethingSmall();
  }

  private static String element(int id) {
    String begin = "{\"id\":" + id + ",\"text\":\"";
    return begin + "x".repeat(ELEMENT - begin.length() - 2) + "\"}";
  }

  /// Sends so many elements, waits before the end, and sends that.
  private void send(ScriptedOrigin.Peer peer, String target, int elements)
      throws IOException, InterruptedException {
    peer.send(HEAD);
    StringBuilder some = new StringBuilder("[");
    for (int id = 0; id < elements; id++) {
      some.append(id == 0 ? "" : ",").append(element(id));
      if (some.length() > 50 * ELEMENT || id == elements - 1) {
        peer.send(Integer.toHexString(some.length()) + "\r\n" + some + "\r\n");
        some.setLength(0);
      }
    }
    sent.add(target);
    hold.await();
    peer.send("1\r\n]\r\n0\r\n\r\n");
  }

  private void program(String target, int elements) {
    shop.act(target, (peer, head) -> send(peer, target, elements));
  }

  /// Octets reserved for what is on its way.
  private long held() {
    return (long) shop.gauge("freshet_edge_fill_bytes");
  }

  /// Octets of heap that somebody holds.
  private static long live() {
    System.gc();
    Runtime memory = Runtime.getRuntime();
    return memory.totalMemory() - memory.freeMemory();
  }

  private static List<Integer> ids(String text) {
    List<Integer> out = new ArrayList<>();
    Matcher id = Pattern.compile("\"id\":(\\d+)").matcher(text);
    while (id.find()) {
      out.add(Integer.parseInt(id.group(1)));
    }
    return out;
  }

  private static String next(String links) {
    Matcher found = Pattern.compile("<([^>]*)>; rel=\"next\"").matcher(links);
    return found.find() ? found.group(1) : "";
  }

  @Test
  void isHeldOnceForAllWhoWaitForItAndWalkedThroughToItsEnd() {
    int elements = OCTETS / ELEMENT;
    program("/list/a", elements);
    long before = live();
    String first = "/list/a?limit=1000&fields=id";
    String page;
    int port = shop.edge.addresses().getFirst().port();
    try (RawHttp2 one = RawHttp2.to(port);
        RawHttp2 other = RawHttp2.to(port)) {
      one.get(1, first).get(3, first).settled();
      other.get(1, first).get(3, first).settled();
      await(() -> held() >= OCTETS, "all but the end to have come");
      assertThat(held()).isLessThan(OCTETS / 10 * 11L);
      assertThat(live() - before).isLessThan(held() + SLACK);
      hold.countDown();
      page = one.answer(1).text();
      assertThat(one.answer(3).text()).isEqualTo(page);
      assertThat(other.answer(1).text()).isEqualTo(page);
      assertThat(other.answer(3).text()).isEqualTo(page);
    }
    await(() -> held() == 0, "what was reserved to be given back");
    List<Integer> all = new ArrayList<>(ids(page));
    Response at = shop.get(first);
    assertThat(at.text()).isEqualTo(page);
    assertThat(at.field("X-Total-Count")).isEqualTo(Integer.toString(elements));
    for (String on = next(at.field("Link")); !on.isEmpty(); on = next(at.field("Link"))) {
      at = shop.get(on);
      all.addAll(ids(at.text()));
    }
    assertThat(all).isEqualTo(IntStream.range(0, elements).boxed().toList());
    assertThat(shop.asked("/list/a")).isEqualTo(1);
  }

  @Test
  void ofManyAtOnceThoseThatHaveRoomAreHeldAndTheOthersRefused()
      throws ExecutionException, InterruptedException {
    int elements = OCTETS / 8 / ELEMENT;
    long room = OCTETS / 4L;
    reopen(room, 32 << 20);
    long before = live();
    Set<String> refused = ConcurrentHashMap.newKeySet();
    List<String> targets = IntStream.range(0, MANY).mapToObj(i -> "/list/" + i).toList();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Response>> answers = new ArrayList<>();
      for (String target : targets) {
        program(target, elements);
        answers.add(
            threads.submit(() -> {
              Response answer = shop.get(target);
              if (answer.status() == 503) {
                refused.add(target);
              }
              return answer;
            }));
      }
      await(
          () -> targets.stream().allMatch(each -> sent.contains(each) || refused.contains(each)),
          "each list to have come or to be refused");
      assertThat(live() - before).isLessThan(room + SLACK);
      hold.countDown();
      for (Future<Response> answer : answers) {
        isPageOrBusy(answer.get(), elements);
      }
    }
    assertThat(refused).hasSizeGreaterThanOrEqualTo(MANY - 2);
    await(() -> held() == 0, "what was reserved to be given back");
    for (String target : targets) {
      assertThat(shop.get(target).field("X-Total-Count")).isEqualTo(Integer.toString(elements));
      await(() -> held() == 0, "what was reserved to be given back");
    }
  }

  private static void isPageOrBusy(Response answer, int elements) {
    if (answer.status() == 503) {
      assertThat(answer.field("Retry-After")).isEqualTo("1");
      assertThat(answer.text()).contains("urn:freshet:problem:busy");
    } else {
      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.field("X-Total-Count")).isEqualTo(Integer.toString(elements));
      assertThat(answer.text().length()).isLessThanOrEqualTo(100_000);
    }
  }

  /// A client that takes nothing of its page keeps no more than that from being freed.
  @Test
  void ofAListThatWasCutNoMoreIsHeldThanThePage() {
    // Too large to be stored.
    reopen(OCTETS / 10 * 11L, OCTETS);
    program("/list/a", OCTETS / ELEMENT);
    hold.countDown();
    long before = live();
    int port = shop.edge.addresses().getFirst().port();
    try (RawHttp2 client = RawHttp2.to(port)) {
      client.get(1, "/list/a?limit=1000");
      assertThat(client.text(1, 1_000)).startsWith("[{\"id\":0,");
      await(() -> held() == 0, "what was reserved to be given back");
      assertThat(client.of(1).isOver()).isFalse();
      assertThat(live() - before).isLessThan(SLACK);
    }
  }
}
