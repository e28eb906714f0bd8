package dev.freshet.assets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class PlainVisitTest {
  private final CountDownLatch over = new CountDownLatch(1);
  private HttpServer site;

  @BeforeEach
  void start() throws IOException {
    site = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    site.start();
  }

  @AfterEach
  void stop() {
    over.countDown();
    site.stop(0);
  }

  /// Answers with that content, and perhaps never ends.
  private String page(String html, boolean ends) {
    site.createContext(
        "/",
        exchange -> {
          try (exchange) {
            exchange.getResponseHeaders().add("Content-Type", "text/html");
            exchange.sendResponseHeaders(200, 0);
            exchange.getResponseBody().write(html.getBytes(StandardCharsets.UTF_8));
            exchange.getResponseBody().flush();
            if (!ends) {
              over.await();
            }
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
    return "http://127.0.0.1:" + site.getAddress().getPort() + "/";
  }

  @Test
  void doesNotWaitForAContentThatNeverEnds() {
    String url = page("a", false);
    try (PlainVisit visit = new PlainVisit(Duration.ofMillis(500))) {
      assertThatThrownBy(() -> visit.see(url)).isInstanceOf(IOException.class);
    }
  }

  @Test
  void seesThePageWhateverBecomesOfItsParts() throws IOException, InterruptedException {
    String gone;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      gone = "http://127.0.0.1:" + socket.getLocalPort() + "/gone.js";
    }
    String url = page("<script src=" + gone + "></script>", true);
    try (PlainVisit visit = new PlainVisit(PlainVisit.LIMIT)) {
      PageSight page = visit.see(url);
      assertThat(page.status()).isEqualTo(200);
      assertThat(page.loaded().getLast().url()).isEqualTo(gone);
      assertThat(page.loaded().getLast().status()).isZero();
    }
  }
}
