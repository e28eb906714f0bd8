package dev.freshet.app;

import com.sun.net.httpserver.HttpServer;
import dev.freshet.base.Time;
import dev.freshet.testkit.Chromium;
import dev.freshet.testkit.Scratch;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// A page in a real browser that follows all items with the script that Freshet serves, and says
/// when its callback was called: `seq time`, the time in milliseconds of the machine's clock.
final class SpeedPage implements AutoCloseable {
  private final HttpServer ear;
  private final Chromium browser;
  private final BlockingQueue<String> reports;

  /// What nanoseconds are to be added to the clock's to be on the scale of [Time#nanos].
  private final long offset;

  private SpeedPage(HttpServer ear, Chromium browser, BlockingQueue<String> reports, long offset) {
    this.ear = ear;
    this.browser = browser;
    this.reports = reports;
    this.offset = offset;
  }

  /// Waits until the page knows a first state of each item.
  static SpeedPage open(String program, String port, int items, Time time)
      throws IOException, InterruptedException {
    BlockingQueue<String> reports = new LinkedBlockingQueue<>(1 << 16);
    HttpServer ear =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    ear.createContext(
        "/",
        exchange -> {
          String said =
              new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
          said.lines().forEach(reports::add);
          exchange.sendResponseHeaders(204, -1);
          exchange.close();
        });
    ear.start();
    Path profile = Scratch.folder("freshet-browser");
    String page =
        "http://127.0.0.1:%s/?items=%d&ear=%d".formatted(port, items, ear.getAddress().getPort());
    Chromium browser = Chromium.open(Path.of(program), profile, page);
    long wall = ChronoUnit.NANOS.between(Instant.EPOCH, Instant.now());
    SpeedPage out = new SpeedPage(ear, browser, reports, time.nanos() - wall);
    for (int i = 0; i < items; i++) {
      out.next(60);
    }
    return out;
  }

  private @Nullable String next(int seconds) throws IOException, InterruptedException {
    String said = reports.poll(seconds, TimeUnit.SECONDS);
    if (said == null && seconds > 10) {
      throw new IOException("the page said nothing");
    }
    return said;
  }

  /// From the sending of the writes behind `after` to the callback, until the last was reported.
  long[] delays(long[] sent, int after, int last) throws IOException, InterruptedException {
    Map<Integer, Long> heard = new HashMap<>();
    String said = next(5);
    while (said != null && !heard.containsKey(last)) {
      String[] parts = said.split(" ", -1);
      int seq = Integer.parseInt(parts[0]);
      if (seq > after) {
        heard.put(seq, (long) (Double.parseDouble(parts[1]) * 1e6) + offset - sent[seq]);
      }
      said = heard.containsKey(last) ? null : next(5);
    }
    return heard.values().stream().mapToLong(Long::longValue).toArray();
  }

  @Override
  public void close() {
    browser.close();
    ear.stop(0);
  }
}
