package dev.freshet.load;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.base.Time;
import dev.freshet.testkit.ScriptedOrigin;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class CrawlTest {
  private static String page(String html) {
    return "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: "
        + html.length()
        + "\r\n\r\n"
        + html;
  }

  /// The real clock, and what the server adds to it.
  private static Time ahead(AtomicLong by) {
    return new Time() {
      @Override
      public long nanos() {
        return System.nanoTime() + by.get();
      }

      @Override
      public long millis() {
        return System.currentTimeMillis() + by.get() / 1_000_000;
      }
    };
  }

  /// A stream of events begins at once and never ends.
  @Test
  void anAnswerWithoutAnEndIsLeftAloneAndTheOthersAreFound() throws InterruptedException {
    AtomicLong ahead = new AtomicLong();
    try (ScriptedOrigin origin =
        ScriptedOrigin.start(peer -> {
          for (String head = peer.head(); !head.isEmpty(); head = peer.head()) {
            if (head.startsWith("GET /stream ")) {
              peer.send("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: 1\n\n");
              ahead.addAndGet(Duration.ofSeconds(11).toNanos());
              peer.awaitEnd();
              return;
            }
            peer.send(page("<a href='/stream'>live</a> <a href='/b'>b</a>"));
          }
        })) {
      // Its name isn't looked up again: it has no address at all.
      Aim aim = Aim.at(URI.create("http://site.invalid:" + origin.port() + "/"));
      InetSocketAddress address =
          new InetSocketAddress(InetAddress.getLoopbackAddress(), origin.port());
      Scenario scenario = Crawl.of(aim, address, ahead(ahead));
      assertThat(scenario.visits()).extracting(Visit::name).containsExactly("/", "/b");
    }
  }
}
