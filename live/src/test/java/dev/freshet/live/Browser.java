package dev.freshet.live;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// A WebSocket client of the JDK's that keeps what it hears.
final class Browser implements WebSocket.Listener, AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final HttpClient CLIENT = HttpClient.newHttpClient();

  final BlockingQueue<JsonNode> heard = new LinkedBlockingQueue<>();
  final List<JsonNode> all = new CopyOnWriteArrayList<>();
  final AtomicInteger beats = new AtomicInteger();
  private final StringBuilder partial = new StringBuilder();
  private final WebSocket socket;
  private volatile int closeCode;

  Browser(int port, @Nullable String cookie) {
    WebSocket.Builder builder = CLIENT.newWebSocketBuilder();
    if (cookie != null) {
      builder.header("Cookie", cookie);
    }
    socket =
        builder
            .buildAsync(URI.create("ws://127.0.0.1:" + port + "/.freshet/live"), this)
            .orTimeout(10, TimeUnit.SECONDS)
            .join();
  }

  Browser say(String json) {
    socket.sendText(json, true).orTimeout(10, TimeUnit.SECONDS).join();
    return this;
  }

  Browser subscribe(String url, String as) {
    return say("{\"subscribe\":[\"" + url + "\"],\"as\":\"" + as + "\"}");
  }

  Browser subscribe(String url, String as, String have) {
    return say(
        "{\"subscribe\":[\"%s\"],\"as\":\"%s\",\"have\":{\"%s\":\"%s\"}}"
            .formatted(url, as, url, have));
  }

  /// What is heard next but heartbeats; an empty object after ten seconds.
  JsonNode next() {
    try {
      JsonNode next = heard.poll(10, TimeUnit.SECONDS);
      return next == null ? JSON.createObjectNode() : next;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /// The code it was closed with, 0 while it is open.
  int closeCode() {
    return closeCode;
  }

  @Override
  public @Nullable CompletionStage<?> onText(WebSocket webSocket, CharSequence data, boolean last) {
    partial.append(data);
    if (last) {
      try {
        JsonNode event = JSON.readTree(partial.toString());
        partial.setLength(0);
        if (event.path("event").asText().equals("beat")) {
          beats.incrementAndGet();
        } else {
          all.add(event);
          heard.add(event);
        }
      } catch (IOException e) {
        throw new IllegalStateException(e);
      }
    }
    webSocket.request(1);
    return null;
  }

  @Override
  public @Nullable CompletionStage<?> onClose(WebSocket webSocket, int statusCode, String reason) {
    closeCode = statusCode;
    heard.add(JSON.createObjectNode().put("event", "closed").put("code", statusCode));
    return null;
  }

  @Override
  public void onError(WebSocket webSocket, Throwable error) {
    closeCode = 1006;
    heard.add(JSON.createObjectNode().put("event", "closed").put("code", 1006));
  }

  /// Goes away without a word.
  @Override
  public void close() {
    socket.abort();
  }
}
