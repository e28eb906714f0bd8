package dev.freshet.edge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.base.Rolls;
import dev.freshet.edge.RouteRule.Share;
import dev.freshet.freshness.TraceId;
import dev.freshet.freshness.Trail;
import dev.freshet.testkit.ScriptedOrigin;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Many ask the same at once while it changes, while their patience ends, while others of them
/// leave: each is given one whole answer, his own, and none that is older than his question.
///
/// Run with `-Dcrowd.questions=1000000` for the long run and `-Dcrowd.seed=N` for other ones.
@Timeout(1_800)
class CrowdTest {
  private static final int CROWDS = 6;
  private static final int PRODUCTS = 2;

  /// The answers of these fit into the window that a connection begins with, which nobody widens.
  private static final int MOST_STREAMS = 600;

  private static final List<String> USERS = List.of("ann", "bob");
  private static final String HEAD =
      """
      HTTP/1.1 200 OK\r
      Content-Type: text/plain\r
      Connection: close\r
      Transfer-Encoding: chunked\r
      \r
      """;

  private final int questions = Integer.getInteger("crowd.questions", 3_000);
  private final long seed = Long.getLong("crowd.seed", 1);
  private final RowWorld world = new RowWorld(null);

  /// By product: what new snapshots see, and what everybody has been shown.
  private final AtomicIntegerArray visible = new AtomicIntegerArray(PRODUCTS);

  private final AtomicIntegerArray published = new AtomicIntegerArray(PRODUCTS);
  private final AtomicBoolean isOver = new AtomicBoolean();
  private final AtomicLong asked = new AtomicLong();
  private final CountDownLatch never = new CountDownLatch(1);
  private final Queue<String> wrong = new ConcurrentLinkedQueue<>();

  @Test
  void everybodyIsGivenOneAnswerThatIsHisAndNotTooOld()
      throws ExecutionException, InterruptedException {
    try (Shopfront shop =
            Shopfront.inRealTime(
                world.database(),
                c -> Shopfront.waiting(c, Duration.ofMillis(2)),
                Shopfront.rows("/rows/*", Share.BY_USER));
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int product = 0; product < PRODUCTS; product++) {
        int id = product;
        shop.act("/rows/" + id, (peer, head) -> answer(peer, head, id));
      }
      List<Future<?>> crowds = new ArrayList<>();
      for (int i = 0; i < CROWDS; i++) {
        Rolls rolls = new Rolls(seed + i);
        crowds.add(threads.submit(() -> crowd(shop, rolls)));
      }
      Future<?> writer = threads.submit(() -> write(new Rolls(seed - 1)));
      try {
        for (Future<?> one : crowds) {
          one.get();
        }
      } finally {
        isOver.set(true);
      }
      writer.get();
      assertThat(wrong).as("seed " + seed).isEmpty();
      // Fewer trips than questions, or nobody was given another's.
      assertThat(shop.asked("/rows/0") + shop.asked("/rows/1")).isLessThan(asked.get());
    }
  }

  private boolean write(Rolls rolls) throws InterruptedException {
    while (!isOver.get()) {
      int product = rolls.between(0, PRODUCTS - 1);
      int version = visible.incrementAndGet(product);
      world.change(product);
      published.set(product, version);
      pause(rolls.between(100, 6_000));
    }
    return true;
  }

  private void pause(int micros) throws InterruptedException {
    assertThat(never.await(micros, TimeUnit.MICROSECONDS)).isFalse();
  }

  /// The app: reads, and says what it has read bit by bit.
  private void answer(ScriptedOrigin.Peer peer, String head, int product)
      throws IOException, InterruptedException {
    Rolls rolls = new Rolls(seed ^ head.hashCode());
    String user = RowWorld.field(head, "cookie");
    pause(rolls.between(0, 1_500));
    TraceId id = TraceId.ofTraceparent(RowWorld.traceparent(head));
    Trail trail = id == null ? null : world.trails.find(id);
    if (trail != null) {
      trail.reads(List.of(RowWorld.product(product)));
    }
    String token = "<" + user + " " + product + " " + visible.get(product) + ">";
    pause(rolls.between(0, 1_500));
    peer.send(HEAD + chunk(token));
    pause(rolls.between(0, 1_500));
    peer.send(chunk(token.repeat(3)) + "0\r\n\r\n");
  }

  private static String chunk(String text) {
    return Integer.toHexString(text.length()) + "\r\n" + text + "\r\n";
  }

  /// Asks the same many times at once, again and again, on one connection.
  private boolean crowd(Shopfront shop, Rolls rolls) {
    while (asked.get() < questions && wrong.isEmpty()) {
      try (RawHttp2 client = RawHttp2.to(shop.edge.addresses().getFirst().port())) {
        int stream = 1;
        boolean isStaying = true;
        while (isStaying && asked.get() < questions && wrong.isEmpty()) {
          int many = rolls.between(1, 12);
          String user = rolls.oneOf(USERS);
          int product = rolls.between(0, PRODUCTS - 1);
          int atLeast = published.get(product);
          ByteArrayOutputStream all = new ByteArrayOutputStream();
          for (int i = 0; i < many; i++) {
            all.writeBytes(question(stream + 2 * i, product, user));
          }
          client.octets(all.toByteArray());
          isStaying = rolls.chance(0.95) && stream < MOST_STREAMS;
          for (int i = 0; i < many && isStaying; i++) {
            judge(client.answer(stream + 2 * i), user, product, atLeast);
          }
          stream += 2 * many;
          asked.addAndGet(many);
        }
      }
    }
    return true;
  }

  private static byte[] question(int stream, int product, String user) {
    int flags = RawHttp2.END_STREAM | RawHttp2.END_HEADERS;
    byte[] block = RawHttp2.request("GET", "/rows/" + product, "cookie", "who=" + user);
    return RawHttp2.frame(RawHttp2.HEADERS, flags, stream, block);
  }

  private void judge(RawHttp2.Answer answer, String user, int product, int atLeast) {
    String text = answer.text();
    String begin = "<who=" + user + " " + product + " ";
    int end = text.indexOf('>');
    boolean isHis = answer.status == 200 && text.startsWith(begin) && end > 0;
    String token = isHis ? text.substring(0, end + 1) : "";
    boolean isOne = isHis && answer.ended && text.equals(token.repeat(4));
    if (!isOne || Integer.parseInt(text.substring(begin.length(), end)) < atLeast) {
      wrong.add(
          "status "
              + answer.status
              + ", reset "
              + answer.reset
              + ", wanted "
              + begin
              + atLeast
              + "> or newer, was given "
              + text);
    }
  }
}
