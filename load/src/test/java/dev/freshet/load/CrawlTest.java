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

  /// As APIs are: nothing at the root, and a document somewhere.
  @Test
  void whereThereIsNoPageTheDocumentOfAnApiIsEnough() throws InterruptedException {
    String document =
        """
        {"openapi":"3.0.1","paths":{"/things":{"get":{}},"/things/{id}":{"get":{}},"/delete-all":{"get":{}}}}
        """;
    try (ScriptedOrigin origin =
        ScriptedOrigin.start(peer -> {
          for (String head = peer.head(); !head.isEmpty(); head = peer.head()) {
            peer.send(
                head.startsWith("GET /v3/api-docs ")
                    ? page(document)
                    : "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
          }
        })) {
      Aim aim = Aim.at(URI.create("http://127.0.0.1:" + origin.port()));
      Scenario scenario = Crawl.of(aim, aim.address(), Time.system());
      assertThat(scenario.visits()).extracting(Visit::name).containsExactly("/things");
      assertThat(scenario.name()).endsWith(" (0 pages, 1 operation of /v3/api-docs)");
    }
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
