package dev.freshet.edge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.edge.RawHttp2.Answer;
import dev.freshet.edge.RouteRule.Share;
import dev.freshet.testkit.RawClient;
import dev.freshet.testkit.RawClient.Response;
import java.io.EOFException;
import java.io.UncheckedIOException;
import java.net.SocketException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Thirty-two clients ask without pause while the configuration changes under them and the edge
/// goes: nobody who asked in time goes without a whole answer.
// What goes over the wire ends its lines with CR LF; JUnit ends a test that is interrupted.
@SuppressWarnings({"StringConcatToTextBlock", "InterruptedExceptionSwallowed"})
@Timeout(60)
class DrainUnderLoadTest {
  private static final int CLIENTS = 32;
  private static final String HIT = "h".repeat(20_000);
  private static final String MISS = "m".repeat(70_000);

  private final Shopfront shop = Shopfront.inRealTime();
  private final AtomicInteger done = new AtomicInteger();
  private final AtomicInteger partings = new AtomicInteger();
  private final Set<Integer> served = ConcurrentHashMap.newKeySet();
  private final ConcurrentLinkedQueue<String> wrong = new ConcurrentLinkedQueue<>();
  private volatile boolean draining;

  @BeforeEach
  void open() {
    shop.page("/hit", HIT, "Cache-Control: max-age=600");
    shop.page("/miss", MISS, "Cache-Control: no-store");
    shop.page("/up", "taken");
  }

  @AfterEach
  void close() {
    shop.close();
  }

  @Test
  void losesNoRequestThroughReloadsAndDrain() throws Exception {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> all = new ArrayList<>();
      for (int i = 0; i < CLIENTS; i++) {
        int number = i;
        all.add(threads.submit(() -> run(number)));
      }
      awaitMore(200);
      // Who has an answer is let in; what still waits at the door is the kernel's.
      while (served.size() < CLIENTS && wrong.isEmpty()) {
        awaitMore(1);
      }
      for (int i = 0; i < 8; i++) {
        shop.edge.reload(changed(i));
        awaitMore(50);
      }
      draining = true;
      shop.edge.drain(Duration.ofSeconds(30));
      for (Future<?> one : all) {
        one.get(20, TimeUnit.SECONDS);
      }
    }
    assertThat(wrong).isEmpty();
    assertThat(partings).hasValue(CLIENTS);
  }

  private EdgeConfig changed(int round) {
    return Shopfront.with(
        shop.edge.config(), Shopfront.rule("/round-" + round, Share.PUBLIC, Duration.ofSeconds(1)));
  }

  private void awaitMore(int requests) {
    int before = done.get();
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (done.get() < before + requests && wrong.isEmpty()) {
      assertThat(System.nanoTime()).as("the load stands still").isLessThan(deadline);
      LockSupport.parkNanos(1_000_000);
    }
  }

  private void run(int number) {
    try {
      if (number % 4 == 3) {
        speakHttp2(number);
      } else {
        speakHttp1(number);
      }
    } catch (RuntimeException e) {
      wrong.add("client " + number + ": " + e + " by " + e.getCause());
    }
  }

  // ---- HTTP/1.1 ----

  private void speakHttp1(int number) {
    try (RawClient client = RawClient.to(shop.edge.addresses().getFirst().port())) {
      for (int i = number; wrong.isEmpty(); i++) {
        if (!isGoingOn(client, i, number)) {
          partings.incrementAndGet();
          return;
        }
      }
    }
  }

  private boolean isGoingOn(RawClient client, int round, int number) {
    boolean isSent = false;
    try {
      client.send(
          switch (round % 4) {
            case 0, 1 -> "GET /hit HTTP/1.1\r\nHost: shop.test\r\n\r\n";
            case 2 -> "GET /miss HTTP/1.1\r\nHost: shop.test\r\n\r\n";
            default ->
                "POST /up HTTP/1.1\r\nHost: shop.test\r\nTransfer-Encoding: chunked\r\n\r\n"
                    + "5\r\nhello\r\n0\r\n\r\n";
          });
      isSent = !draining;
      Response response = client.response(round % 4 == 3 ? "POST" : "GET");
      check(number, response.status(), response.text(), content(round));
      boolean isLast = response.field("Connection").equals("close");
      if (isLast && !client.isClosed()) {
        wrong.add("client " + number + ": said to be closed, and is not");
      }
      return !isLast;
    } catch (UncheckedIOException e) {
      // Sent when the drain had begun: it may come too late, but then nothing of an answer comes.
      boolean isNothing =
          e.getCause() instanceof SocketException
              || (e.getCause() instanceof EOFException end
                  && String.valueOf(end.getMessage()).endsWith("after 0 octets"));
      if (isSent || !draining || !isNothing) {
        wrong.add("client " + number + ", round " + round + ": " + e.getCause());
      }
      return false;
    }
  }

  private static String content(int round) {
    return switch (round % 4) {
      case 0, 1 -> HIT;
      case 2 -> MISS;
      default -> "taken";
    };
  }

  private void check(int number, int status, String text, String expected) {
    if (status != 200 || !text.equals(expected)) {
      wrong.add(
          "client %d: status %d, %d octets instead of %d"
              .formatted(number, status, text.length(), expected.length()));
    }
    served.add(number);
    done.incrementAndGet();
  }

  // ---- HTTP/2 ----

  private void speakHttp2(int number) {
    int port = shop.edge.addresses().getFirst().port();
    try (RawHttp2 client = RawHttp2.to(port, RawHttp2.INITIAL_WINDOW, Integer.MAX_VALUE)) {
      client.allow(0, 1 << 30);
      for (int first = 1; client.goneAt() == null && wrong.isEmpty(); first += 8) {
        boolean isSent = isSent(client, first);
        for (int i = 0; i < 4; i++) {
          Answer answer = client.answer(first + 2 * i);
          Integer last = client.goneAt();
          boolean isTooLate = last == null || first + 2 * i > last;
          if (answer.ended || isSent || !isTooLate || answer.status != 0) {
            check(number, answer.status, answer.text(), content(i));
          }
        }
      }
      int error = client.awaitEnd();
      if (error != RawHttp2.NO_ERROR) {
        wrong.add("client " + number + ": GOAWAY " + error);
      }
      partings.incrementAndGet();
    }
  }

  /// Asks four things at once; false when the drain had begun before everything had left.
  private boolean isSent(RawHttp2 client, int first) {
    try {
      client.get(first, "/hit").get(first + 2, "/hit").get(first + 4, "/miss");
      client.post(first + 6, "/up").data(first + 6, "hello", true);
      return !draining;
    } catch (UncheckedIOException e) {
      if (!draining) {
        throw e;
      }
      return false;
    }
  }
}
