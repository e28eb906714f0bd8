package dev.freshet.assets;

import com.fasterxml.jackson.databind.JsonNode;
import dev.freshet.base.Time;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/// Takes the time of page loads in a Chromium of its own, one after the other.
public final class PageTimer implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger("freshet.assets");
  private static final int MAX_EVENTS = 100_000;
  private static final long QUIET_MILLIS = 300;
  private static final long LOAD_SECONDS = 40;

  /// Asked when the page rests: nothing of this takes its time.
  private static final String LOOK =
      """
      new Promise(done => {
        const seen = {};
        for (const type of ['longtask', 'largest-contentful-paint'])
          try { new PerformanceObserver(l => { (seen[type] = seen[type] || []).push(...l.getEntries()); })
            .observe({type, buffered: true}); } catch (e) {}
        const look = () => {
          const n = performance.getEntriesByType('navigation')[0];
          if (!n || !(n.loadEventEnd > 0)) { setTimeout(look, 20); return; }
          const paint = name => (performance.getEntriesByName(name)[0] || {startTime: 0}).startTime;
          const fcp = paint('first-contentful-paint');
          const long = seen.longtask || [], large = seen['largest-contentful-paint'] || [];
          done({document: n.responseEnd, firstPaint: paint('first-paint'), firstContentful: fcp,
            largest: large.length ? large[large.length - 1].startTime : fcp,
            interactive: Math.max(n.domContentLoadedEventEnd, ...long.map(t => t.startTime + t.duration)),
            blocking: long.filter(t => t.startTime + t.duration > fcp)
              .reduce((sum, t) => sum + Math.max(0, t.startTime + t.duration - Math.max(fcp, t.startTime) - 50), 0),
            loaded: n.loadEventEnd});
        };
        setTimeout(look, 50);
      })\
      """;

  private final Browser browser;

  private PageTimer(Browser browser) {
    this.browser = browser;
  }

  /// @param program a Chromium
  public static PageTimer open(Path program) throws IOException, InterruptedException {
    return new PageTimer(Browser.start(program));
  }

  /// Loads a page as somebody who has never been on the site, so often in a row: the first time
  /// with an empty cache, then with what was kept.
  public List<PageTime> visit(String url, int times) throws IOException, InterruptedException {
    return visit(url, times, Map.of());
  }

  /// The same once, with fields for the request of the page itself, not of what it names.
  public PageTime visit(String url, Map<String, String> fields)
      throws IOException, InterruptedException {
    return visit(url, 1, fields).getFirst();
  }

  private List<PageTime> visit(String url, int times, Map<String, String> fields)
      throws IOException, InterruptedException {
    DevTools tools = browser.tools();
    String context =
        tools.call("", "Target.createBrowserContext", Map.of()).path("browserContextId").asText();
    try (Tab tab = Tab.open(tools, context)) {
      if (!fields.isEmpty()) {
        tab.send(fields);
      }
      List<PageTime> out = new ArrayList<>();
      for (int i = 0; i < times; i++) {
        out.add(tab.load(url));
      }
      return out;
    } finally {
      tools.call("", "Target.disposeBrowserContext", Map.of("browserContextId", context));
    }
  }

  @Override
  public void close() {
    browser.close();
  }

  /// One tab, and what is heard of it.
  private static final class Tab implements AutoCloseable {
    private final DevTools tools;
    private final String session;
    private final BlockingQueue<JsonNode> events = new LinkedBlockingQueue<>(MAX_EVENTS);
    private final Set<String> coming = new HashSet<>();
    private volatile Map<String, String> fields = Map.of();
    private boolean isLoaded;
    private long octets;
    private int requests;

    private Tab(DevTools tools, String session) {
      this.tools = tools;
      this.session = session;
    }

    static Tab open(DevTools tools, String context) throws IOException, InterruptedException {
      String session = tools.openTab(context);
      Tab tab = new Tab(tools, session);
      // What is more than the queue holds belongs to a page that never rests.
      tools.listen(session, tab::heard);
      tab.call("Network.enable", Map.of());
      tab.call("Page.enable", Map.of());
      tab.call(
          "Emulation.setDeviceMetricsOverride",
          Map.of("width", 1280, "height", 800, "deviceScaleFactor", 1, "mobile", false));
      return tab;
    }

    /// With every page that is asked for from now on.
    void send(Map<String, String> more) throws IOException, InterruptedException {
      fields = Map.copyOf(more);
      List<Map<String, String>> pages =
          List.of(Map.of("urlPattern", "*", "resourceType", "Document"));
      call("Fetch.enable", Map.of("patterns", pages));
    }

    private void heard(JsonNode event) {
      if (event.path("method").asText().equals("Fetch.requestPaused")) {
        // Whoever asked for the page waits for it, and here the connection's thread does nothing
        // else.
        Thread.ofVirtual().name("page-fields").start(() -> goOn(event.path("params")));
        return;
      }
      boolean isTaken = events.offer(event);
      if (!isTaken) {
        LOG.log(System.Logger.Level.DEBUG, "a page never rests");
      }
    }

    private void goOn(JsonNode paused) {
      List<Map<String, String>> all = new ArrayList<>();
      for (var field : paused.path("request").path("headers").properties()) {
        if (fields.keySet().stream().noneMatch(field.getKey()::equalsIgnoreCase)) {
          all.add(Map.of("name", field.getKey(), "value", field.getValue().asText()));
        }
      }
      fields.forEach((name, value) -> all.add(Map.of("name", name, "value", value)));
      try {
        call(
            "Fetch.continueRequest",
            Map.of("requestId", paused.path("requestId").asText(), "headers", all));
      } catch (IOException e) {
        LOG.log(System.Logger.Level.DEBUG, "the page is not wanted any longer", e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    private JsonNode call(String method, Map<String, ?> parameters)
        throws IOException, InterruptedException {
      return tools.call(session, method, parameters);
    }

    PageTime load(String url) throws IOException, InterruptedException {
      go("about:blank", 0);
      go(url, QUIET_MILLIS);
      JsonNode look =
          call(
                  "Runtime.evaluate",
                  Map.of("expression", LOOK, "returnByValue", true, "awaitPromise", true))
              .path("result")
              .path("value");
      if (!look.path("loaded").isNumber()) {
        throw new IOException(url + " told no time");
      }
      return new PageTime(
          look.path("document").asDouble(),
          look.path("firstPaint").asDouble(),
          look.path("firstContentful").asDouble(),
          look.path("largest").asDouble(),
          look.path("interactive").asDouble(),
          look.path("blocking").asDouble(),
          look.path("loaded").asDouble(),
          octets,
          requests);
    }

    /// @param quiet that it is loaded when nothing has been heard for so long
    private void go(String url, long quiet) throws IOException, InterruptedException {
      events.clear();
      coming.clear();
      isLoaded = false;
      octets = 0;
      requests = 0;
      String failure = call("Page.navigate", Map.of("url", url)).path("errorText").asText();
      if (!failure.isEmpty()) {
        throw new IOException(url + ": " + failure);
      }
      await(url, quiet, Time.system().nanos() + TimeUnit.SECONDS.toNanos(LOAD_SECONDS));
    }

    private void await(String url, long quiet, long end) throws IOException, InterruptedException {
      while (true) {
        long left = TimeUnit.NANOSECONDS.toMillis(end - Time.system().nanos());
        if (left <= 0 && !isLoaded) {
          throw new IOException(url + " was not loaded within " + LOAD_SECONDS + " s");
        }
        boolean rests = isLoaded && coming.isEmpty();
        JsonNode event = events.poll(rests ? Math.min(quiet, left) : left, TimeUnit.MILLISECONDS);
        if (event == null && isLoaded) {
          return;
        }
        if (event != null) {
          hear(event.path("method").asText(), event.path("params"));
        }
      }
    }

    private void hear(String method, JsonNode about) {
      String id = about.path("requestId").asText();
      switch (method) {
        case "Page.loadEventFired" -> isLoaded = true;
        case "Network.requestWillBeSent" -> coming.add(id);
        case "Network.loadingFailed" -> coming.remove(id);
        case "Network.loadingFinished" -> {
          coming.remove(id);
          long size = about.path("encodedDataLength").asLong();
          octets += size;
          requests += size > 0 ? 1 : 0;
        }
        default -> {}
      }
    }

    @Override
    public void close() {
      tools.unlisten(session);
    }
  }
}
