package dev.freshet.testkit;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The page that an inspected [Chromium] shows, asked by the Chrome DevTools protocol.
public final class ShownPage implements AutoCloseable {
  private static final Pattern ADDRESS =
      Pattern.compile("\"webSocketDebuggerUrl\"\\s*:\\s*\"([^\"]+/page/[^\"]+)\"");
  private static final Pattern VALUE = Pattern.compile("\"value\":\"((?:[^\"\\\\]|\\\\.)*)\"");
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private final HttpClient client;
  private final WebSocket socket;
  private final BlockingQueue<String> said = new LinkedBlockingQueue<>();

  /// @param profile the browser's
  public ShownPage(Path profile) {
    client = HttpClient.newHttpClient();
    AtomicReference<String> page = new AtomicReference<>("");
    Eventually.await(
        () -> !page.updateAndGet(none -> address(profile)).isEmpty(), "a page in the browser");
    socket = client.newWebSocketBuilder().buildAsync(URI.create(page.get()), new Ear()).join();
  }

  /// The text of an element.
  ///
  /// @param id of the element, without anything that a string of JavaScript has to escape
  /// @return empty where there is no such element, or not yet a page
  public String text(String id) throws IOException, InterruptedException {
    String script = "(document.getElementById('" + id + "')||{textContent:''}).textContent";
    String call =
        "{\"id\":1,\"method\":\"Runtime.evaluate\",\"params\":{\"expression\":\"" + script + "\"}}";
    socket.sendText(call, true).join();
    String answer = said.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    if (answer == null) {
      throw new IOException("the browser said nothing for " + PATIENCE.toSeconds() + " s");
    }
    // Asked while it goes from page to page it has an error to tell.
    Matcher found = VALUE.matcher(answer);
    return found.find() ? found.group(1) : "";
  }

  /// Empty while it shows none.
  private String address(Path profile) {
    try {
      List<String> lines = Files.readAllLines(profile.resolve("DevToolsActivePort"));
      URI list = URI.create("http://127.0.0.1:" + lines.getFirst() + "/json/list");
      HttpRequest request = HttpRequest.newBuilder(list).build();
      String pages = client.send(request, HttpResponse.BodyHandlers.ofString()).body();
      Matcher found = ADDRESS.matcher(pages);
      return found.find() ? found.group(1) : "";
    } catch (IOException e) {
      return "";
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return "";
    }
  }

  @Override
  public void close() {
    socket.abort();
    client.shutdownNow();
    client.close();
  }

  /// Hands on what was said whole.
  private final class Ear implements WebSocket.Listener {
    private final StringBuilder soFar = new StringBuilder();

    @Override
    public CompletionStage<?> onText(WebSocket from, CharSequence data, boolean isLast) {
      soFar.append(data);
      if (isLast) {
        said.add(soFar.toString());
        soFar.setLength(0);
      }
      from.request(1);
      return CompletableFuture.completedFuture(null);
    }
  }
}
