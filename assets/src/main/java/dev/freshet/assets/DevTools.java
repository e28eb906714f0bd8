package dev.freshet.assets;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// A conversation with a browser in the Chrome DevTools protocol. Any thread may call; what the
/// browser tells of itself is heard on the connection's thread.
final class DevTools implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int LIMIT_SECONDS = 30;

  /// A screenshot or a script, in one message; a browser that sends more is left.
  private static final int MAX_MESSAGE = 64 << 20;

  private final HttpClient client = HttpClient.newHttpClient();
  private final AtomicInteger next = new AtomicInteger();
  private final Map<Integer, CompletableFuture<JsonNode>> pending = new ConcurrentHashMap<>();
  private final Map<String, Consumer<JsonNode>> ears = new ConcurrentHashMap<>();
  private final WebSocket socket;

  private DevTools(URI address) throws IOException, InterruptedException {
    socket = get(client.newWebSocketBuilder().buildAsync(address, new Ear()));
  }

  static DevTools connect(String address) throws IOException, InterruptedException {
    return new DevTools(URI.create(address));
  }

  /// Lets events of a session be heard.
  void listen(String session, Consumer<JsonNode> ear) {
    ears.put(session, ear);
  }

  void unlisten(String session) {
    ears.remove(session);
  }

  /// @param session empty for the browser itself
  JsonNode call(String session, String method, Map<String, ?> parameters)
      throws IOException, InterruptedException {
    int id = next.incrementAndGet();
    Map<String, Object> message = new LinkedHashMap<>();
    message.put("id", id);
    message.put("method", method);
    message.put("params", parameters);
    if (!session.isEmpty()) {
      message.put("sessionId", session);
    }
    CompletableFuture<JsonNode> answer = new CompletableFuture<>();
    pending.put(id, answer);
    try {
      String text = JSON.writeValueAsString(message);
      synchronized (this) {
        get(socket.sendText(text, true));
      }
      JsonNode said = get(answer);
      if (said.has("error")) {
        throw new IOException(method + ": " + said.path("error").path("message").asText());
      }
      return said.path("result");
    } finally {
      pending.remove(id);
    }
  }

  private static <T> T get(CompletableFuture<T> future) throws IOException, InterruptedException {
    try {
      return future.get(LIMIT_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw new IOException("the browser was lost: " + e.getCause(), e);
    } catch (TimeoutException e) {
      throw new IOException("the browser gave no answer within " + LIMIT_SECONDS + " s", e);
    }
  }

  private void hear(String text) {
    JsonNode message;
    try {
      message = JSON.readTree(text);
    } catch (JsonProcessingException e) {
      lose(e);
      return;
    }
    CompletableFuture<JsonNode> answer = pending.get(message.path("id").asInt(-1));
    Consumer<JsonNode> ear = ears.get(message.path("sessionId").asText());
    if (answer != null) {
      answer.complete(message);
    } else if (ear != null) {
      ear.accept(message);
    }
  }

  private void lose(Throwable why) {
    pending.values().forEach(answer -> answer.completeExceptionally(why));
  }

  private final class Ear implements WebSocket.Listener {
    private final StringBuilder text = new StringBuilder();

    @Override
    public @Nullable CompletionStage<?> onText(WebSocket from, CharSequence part, boolean isLast) {
      text.append(part);
      if (text.length() > MAX_MESSAGE) {
        lose(new IOException("a message of more than 64 MB"));
        from.abort();
        return null;
      }
      if (isLast) {
        hear(text.toString());
        text.setLength(0);
      }
      from.request(1);
      return null;
    }

    @Override
    public @Nullable CompletionStage<?> onClose(WebSocket from, int code, String reason) {
      lose(new IOException("the browser closed the connection"));
      return null;
    }

    @Override
    public void onError(WebSocket from, Throwable error) {
      lose(error);
    }
  }

  @Override
  public void close() {
    socket.abort();
    client.shutdownNow();
  }

  /// An empty tab in that context; gives the session in which it is spoken to.
  String openTab(String context) throws IOException, InterruptedException {
    String target =
        call("", "Target.createTarget", Map.of("url", "about:blank", "browserContextId", context))
            .path("targetId")
            .asText();
    return call("", "Target.attachToTarget", Map.of("targetId", target, "flatten", true))
        .path("sessionId")
        .asText();
  }
}
