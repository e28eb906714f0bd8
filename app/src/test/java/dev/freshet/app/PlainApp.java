package dev.freshet.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.freshet.testkit.Chromium;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/// An ordinary web app: pages with fields, and a list of what it was asked.
final class PlainApp implements AutoCloseable {
  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Map<String, Page> pages = new ConcurrentHashMap<>();
  private final List<String> asked = new CopyOnWriteArrayList<>();

  @SuppressWarnings("ArrayRecordComponent")
  private record Page(byte[] content, List<String> fields, CountDownLatch go) {}

  PlainApp() {
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.setExecutor(threads);
    server.createContext("/", this::answer);
    server.start();
  }

  String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  /// @param fields lines like `Cache-Control: max-age=60`
  PlainApp page(String path, String text, String... fields) {
    return heldPage(path, text, new CountDownLatch(0), fields);
  }

  /// A page whose answer waits for the latch.
  PlainApp heldPage(String path, String text, CountDownLatch go, String... fields) {
    byte[] content = text.getBytes(StandardCharsets.UTF_8);
    pages.put(path, new Page(content, List.of(fields), go));
    return this;
  }

  /// A page that is no text.
  PlainApp octets(String path, byte[] content, String... fields) {
    pages.put(path, new Page(content.clone(), List.of(fields), new CountDownLatch(0)));
    return this;
  }

  /// How often a page was asked for.
  long asked(String path) {
    return asked.stream().filter(path::equals).count();
  }

  /// Everything that was asked for, in order.
  List<String> asked() {
    return List.copyOf(asked);
  }

  /// Waits until a page in a browser has asked for what begins so, which is how it tells something,
  /// and gives what follows.
  String told(Chromium browser, String beginning) throws InterruptedException {
    for (; ; ) {
      for (String line : asked) {
        if (line.startsWith(beginning)) {
          return line.substring(beginning.length());
        }
      }
      assertThat(browser.endsWithin(10)).as("the browser has ended").isFalse();
    }
  }

  boolean wasLeftAlone() {
    return asked.isEmpty();
  }

  private void answer(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath();
    asked.add(path);
    Page page = pages.get(path);
    try (exchange) {
      if (page == null) {
        exchange.sendResponseHeaders(404, -1);
        return;
      }
      if (!page.go().await(60, TimeUnit.SECONDS)) {
        throw new IOException("nobody let the page go");
      }
      for (String field : page.fields()) {
        int colon = field.indexOf(':');
        exchange
            .getResponseHeaders()
            .add(field.substring(0, colon), field.substring(colon + 1).strip());
      }
      String tag = exchange.getResponseHeaders().getFirst("ETag");
      if (tag != null && tag.equals(exchange.getRequestHeaders().getFirst("If-None-Match"))) {
        asked.add("304 " + path);
        exchange.sendResponseHeaders(304, -1);
        return;
      }
      byte[] content = page.content();
      exchange.sendResponseHeaders(200, content.length);
      exchange.getResponseBody().write(content);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
