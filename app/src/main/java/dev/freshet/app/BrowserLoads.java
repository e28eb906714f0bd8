package dev.freshet.app;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.freshet.base.HostPort;
import dev.freshet.load.ProofTables;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Page loads in a Chromium without a window: from the start of the navigation to the end of the
/// load event, as the browser's own clock says, with an empty browser cache each time and nothing
/// else on the site.
final class BrowserLoads implements PageLoads {
  private static final int PATIENCE_SECONDS = 40;
  private static final int MAX_MESSAGE = 1 << 20;
  private static final String QUESTION =
      "new Promise(done => { const look = () => { const n ="
          + " performance.getEntriesByType('navigation')[0]; if (n && n.loadEventEnd > 0)"
          + " done(n.loadEventEnd - n.startTime); else setTimeout(look, 20); }; look(); })";
  private final HostPort bare;
  private final HostPort through;
  private final List<String> paths;

  /// @param paths of pages; a round's figure is their mean
  BrowserLoads(HostPort bare, HostPort through, List<String> paths) {
    this.bare = bare;
    this.through = through;
    this.paths = List.copyOf(paths);
  }

  @Override
  public ProofTables.PageLoads measure(int rounds, Consumer<String> progress)
      throws InterruptedException {
    Optional<Path> program = program();
    if (program.isEmpty()) {
      return ProofTables.PageLoads.none("there is no chromium or google-chrome on the PATH");
    }
    progress.accept("Loading " + paths.size() + " pages in a browser, " + rounds + " rounds ...");
    List<Double> first = new ArrayList<>();
    List<Double> second = new ArrayList<>();
    try (Tab tab = Tab.open(program.get())) {
      // Whatever is slow the first time only, in the browser as behind it.
      round(tab, bare);
      round(tab, through);
      for (int i = 0; i < rounds; i++) {
        boolean isBareFirst = i % 2 == 0;
        double one = round(tab, isBareFirst ? bare : through);
        double two = round(tab, isBareFirst ? through : bare);
        first.add(isBareFirst ? one : two);
        second.add(isBareFirst ? two : one);
      }
      return ProofTables.PageLoads.of(first, second);
    } catch (IOException e) {
      return ProofTables.PageLoads.none("the browser failed (" + e.getMessage() + ")");
    }
  }

  private double round(Tab tab, HostPort at) throws IOException, InterruptedException {
    double sum = 0;
    for (String path : paths) {
      sum += tab.load("http://" + at + path);
    }
    return sum / paths.size();
  }

  private static Optional<Path> program() {
    String path = System.getenv("PATH");
    return Stream.of((path == null ? "" : path).split(File.pathSeparator, -1))
        .flatMap(folder ->
            Stream.of("chromium", "chromium-browser", "google-chrome")
                .map(name -> Path.of(folder, name)))
        .filter(file -> file.toFile().canExecute())
        .findFirst();
  }

  /// One tab of a browser of its own, told what to do by the DevTools protocol.
  private static final class Tab implements AutoCloseable, WebSocket.Listener {
    private final ObjectMapper json = new ObjectMapper();
    private final Process browser;
    private final Path profile;
    private final HttpClient client = HttpClient.newHttpClient();
    private final Map<Integer, CompletableFuture<JsonNode>> asked = new ConcurrentHashMap<>();
    private final AtomicInteger numbers = new AtomicInteger();
    private final StringBuilder text = new StringBuilder();
    private @Nullable WebSocket socket;
    private String session = "";

    private Tab(Process browser, Path profile) {
      this.browser = browser;
      this.profile = profile;
    }

    static Tab open(Path program) throws IOException, InterruptedException {
      Path profile = Files.createTempDirectory("freshet-prove");
      Process browser =
          new ProcessBuilder(
                  program.toString(),
                  "--headless=new",
                  "--no-sandbox",
                  "--disable-gpu",
                  "--disable-dev-shm-usage",
                  "--no-first-run",
                  "--disable-background-networking",
                  "--disable-extensions",
                  "--remote-debugging-port=0",
                  "--user-data-dir=" + profile,
                  "about:blank")
              .redirectErrorStream(true)
              .redirectOutput(profile.resolve("log").toFile())
              .start();
      Tab tab = new Tab(browser, profile);
      try {
        tab.connect();
        return tab;
      } catch (IOException | InterruptedException e) {
        tab.close();
        throw e;
      }
    }

    /// The browser writes down where it listens.
    private void connect() throws IOException, InterruptedException {
      Path port = profile.resolve("DevToolsActivePort");
      for (int i = 0; i < PATIENCE_SECONDS * 20; i++) {
        List<String> lines = Files.exists(port) ? Files.readAllLines(port) : List.of();
        if (lines.size() > 1) {
          URI at = URI.create("ws://127.0.0.1:" + lines.get(0) + lines.get(1));
          socket = awaited(client.newWebSocketBuilder().buildAsync(at, this));
          attach();
          return;
        }
        if (browser.waitFor(50, TimeUnit.MILLISECONDS)) {
          break;
        }
      }
      throw new IOException("it did not start");
    }

    private void attach() throws IOException, InterruptedException {
      String target =
          ask("Target.createTarget", Map.of("url", "about:blank")).path("targetId").asText();
      session =
          ask("Target.attachToTarget", Map.of("targetId", target, "flatten", true))
              .path("sessionId")
              .asText();
      ask("Page.enable", Map.of());
      ask("Network.enable", Map.of());
      ask("Network.setCacheDisabled", Map.of("cacheDisabled", true));
    }

    /// Milliseconds that a page took.
    double load(String url) throws IOException, InterruptedException {
      JsonNode went = ask("Page.navigate", Map.of("url", url));
      if (went.has("errorText")) {
        throw new IOException(url + ": " + went.path("errorText").asText());
      }
      JsonNode told =
          ask(
              "Runtime.evaluate",
              Map.of("expression", QUESTION, "awaitPromise", true, "returnByValue", true));
      JsonNode millis = told.path("result").path("value");
      if (!millis.isNumber()) {
        throw new IOException(url + " told no time");
      }
      return millis.doubleValue();
    }

    private JsonNode ask(String method, Map<String, Object> parameters)
        throws IOException, InterruptedException {
      WebSocket open = socket;
      if (open == null) {
        throw new IOException("it is gone");
      }
      int number = numbers.incrementAndGet();
      CompletableFuture<JsonNode> answer = new CompletableFuture<>();
      asked.put(number, answer);
      Map<String, Object> message =
          session.isEmpty()
              ? Map.of("id", number, "method", method, "params", parameters)
              : Map.of("id", number, "method", method, "params", parameters, "sessionId", session);
      awaited(open.sendText(json.writeValueAsString(message), true));
      JsonNode told = awaited(answer);
      if (told.has("error")) {
        throw new IOException(method + ": " + told.path("error").path("message").asText());
      }
      return told.path("result");
    }

    private static <T> T awaited(CompletableFuture<T> what)
        throws IOException, InterruptedException {
      try {
        return what.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
      } catch (ExecutionException e) {
        throw new IOException(String.valueOf(e.getCause()), e);
      } catch (TimeoutException e) {
        throw new IOException("no answer within " + PATIENCE_SECONDS + " s", e);
      }
    }

    @Override
    public @Nullable CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
      text.append(data);
      if (last || text.length() > MAX_MESSAGE) {
        heard(text.toString());
        text.setLength(0);
      }
      from.request(1);
      return null;
    }

    private void heard(String message) {
      try {
        JsonNode told = json.readTree(message);
        CompletableFuture<JsonNode> waiting = asked.remove(told.path("id").asInt());
        if (waiting != null) {
          waiting.complete(told);
        }
      } catch (JsonProcessingException e) {
        System.getLogger("freshet.app").log(System.Logger.Level.DEBUG, "not JSON", e);
      }
    }

    @Override
    public void onError(WebSocket from, Throwable failure) {
      asked.values().forEach(waiting -> waiting.completeExceptionally(failure));
    }

    @Override
    public @Nullable CompletionStage<?> onClose(WebSocket from, int status, String reason) {
      onError(from, new IOException("the browser ended"));
      return null;
    }

    @Override
    public void close() {
      WebSocket open = socket;
      if (open != null) {
        open.abort();
      }
      client.shutdownNow();
      List<ProcessHandle> all = browser.descendants().toList();
      browser.destroyForcibly();
      all.forEach(ProcessHandle::destroyForcibly);
      browser.onExit().join();
      try (Stream<Path> files = Files.walk(profile)) {
        files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
      } catch (IOException e) {
        System.getLogger("freshet.app").log(System.Logger.Level.DEBUG, "left " + profile, e);
      }
    }
  }
}
