package dev.freshet.app;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// A subscriber on a WebSocket as the script in the browser is: it remembers between channels what
/// it knows, and says so when it comes back.
final class LiveClient implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final HttpClient CLIENT = HttpClient.newHttpClient();
  private static final JsonNode CLOSED = JSON.createObjectNode().put("event", "closed");
  private static final int PATIENCE_SECONDS = 20;

  private final int port;
  private final String as;
  private final Set<String> urls = new LinkedHashSet<>();
  private final Map<String, String> versions = new LinkedHashMap<>();
  private final Map<String, JsonNode> bodies = new LinkedHashMap<>();
  private final List<String> wrong = new ArrayList<>();
  private @Nullable Channel channel;

  /// What is heard on one socket; who comes back listens to the new one only.
  private static final class Channel implements WebSocket.Listener {
    private final BlockingQueue<JsonNode> heard = new LinkedBlockingQueue<>();
    private final StringBuilder partial = new StringBuilder();
    private @Nullable WebSocket socket;

    @Override
    public @Nullable CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
      partial.append(data);
      if (last) {
        try {
          heard.add(JSON.readTree(partial.toString()));
        } catch (IOException e) {
          throw new IllegalStateException(e);
        }
        partial.setLength(0);
      }
      from.request(1);
      return null;
    }

    @Override
    public @Nullable CompletionStage<?> onClose(WebSocket from, int code, String reason) {
      heard.add(CLOSED);
      return null;
    }

    @Override
    public void onError(WebSocket from, Throwable error) {
      heard.add(CLOSED);
    }

    private void say(String order) {
      WebSocket to = socket;
      if (to != null) {
        to.sendText(order, true)
            .orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS)
            .exceptionally(failure -> {
              heard.add(CLOSED);
              return to;
            })
            .join();
      }
    }
  }

  /// @param as how states are wanted
  LiveClient(int port, String as) {
    this.port = port;
    this.as = as;
  }

  /// Opens a channel and says what it follows, and what it knows.
  void connect() {
    Channel opened = new Channel();
    opened.socket =
        CLIENT
            .newWebSocketBuilder()
            .buildAsync(URI.create("ws://127.0.0.1:" + port + "/.freshet/live"), opened)
            .orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS)
            .join();
    channel = opened;
    urls.forEach(url -> subscribe(opened, url));
  }

  private void subscribe(Channel to, String url) {
    String version = versions.get(url);
    String have = version == null ? "" : ",\"have\":{\"" + url + "\":\"" + version + "\"}";
    to.say("{\"subscribe\":[\"" + url + "\"],\"as\":\"" + as + "\"" + have + "}");
  }

  void follow(String url) {
    urls.add(url);
    Channel open = channel;
    if (open != null) {
      subscribe(open, url);
    }
  }

  /// Forgets what it knew of it, too.
  void leave(String url) {
    urls.remove(url);
    versions.remove(url);
    bodies.remove(url);
    Channel open = channel;
    if (open != null) {
      open.say("{\"unsubscribe\":[\"" + url + "\"]}");
    }
  }

  Set<String> urls() {
    return urls;
  }

  /// What it holds; null where it was told nothing yet.
  @Nullable JsonNode body(String url) {
    return bodies.get(url);
  }

  /// What it should not have been told.
  List<String> wrong() {
    return wrong;
  }

  /// Takes what it is told next, and comes back where the channel is closed; false when nothing
  /// comes for a long time.
  boolean hear() throws InterruptedException {
    Channel open = channel;
    JsonNode event = open == null ? CLOSED : open.heard.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
    if (event != null) {
      take(event);
    }
    return event != null;
  }

  /// Takes what is there, and comes back where the channel is closed.
  void hearAll() {
    Channel open = channel;
    while (open != null && open == channel) {
      JsonNode event = open.heard.poll();
      if (event == null) {
        return;
      }
      take(event);
    }
  }

  private void take(JsonNode event) {
    String url = event.path("url").asText();
    switch (event.path("event").asText()) {
      case "subscribed", "body" -> {
        if (urls.contains(url)) {
          learn(url, event);
        }
      }
      case "closed" -> connect();
      case "refused", "ended" -> {
        if (event.path("status").asInt() < 500) {
          wrong.add(event.toString());
        }
        // The app could not answer: asked again, as the script does.
        follow(url);
      }
      case "paused", "resumed", "resync", "beat" -> {}
      default -> wrong.add(event.toString());
    }
  }

  private void learn(String url, JsonNode event) {
    String version = event.path("version").asText();
    if (event.has("body")) {
      bodies.put(url, event.path("body"));
      versions.put(url, version);
    } else if (!version.equals(versions.get(url))) {
      wrong.add("no content for a version it does not know: " + event);
    }
  }

  /// Goes away without a word.
  @Override
  public void close() {
    Channel open = channel;
    channel = null;
    if (open != null && open.socket != null) {
      open.socket.abort();
    }
  }
}
