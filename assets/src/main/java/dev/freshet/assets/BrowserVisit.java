package dev.freshet.assets;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.freshet.assets.PageSight.Loaded;
import dev.freshet.assets.PageSight.Paint;
import dev.freshet.assets.PageSight.Shown;
import dev.freshet.assets.PageSight.Unused;
import dev.freshet.base.Time;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// One visit of a page by a browser that has never been there.
final class BrowserVisit {
  private static final System.Logger LOG = System.getLogger("freshet.assets");
  private static final int MAX_EVENTS = 100_000;

  /// A page is taken to stand when nothing was heard of it for so long.
  private static final long QUIET_MILLIS = 500;

  private static final long LOAD_SECONDS = 30;

  /// A page that never rests is seen as it is then.
  private static final int MAX_BUSY_EVENTS = 20_000;

  private static final Set<String> PARTS =
      Set.of("document", "script", "stylesheet", "image", "font");

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String LOOK =
      """
      (() => {
        const blocking = performance.getEntriesByType('resource')
          .filter(e => e.renderBlockingStatus === 'blocking').map(e => e.name);
        const images = [...document.images].filter(i => i.complete && i.naturalWidth > 0)
          .slice(0, 500).map(i => { const b = i.getBoundingClientRect(); return {
            url: i.currentSrc, naturalWidth: i.naturalWidth, naturalHeight: i.naturalHeight,
            width: Math.round(b.width), height: Math.round(b.height),
            isFirst: b.top < innerHeight && b.bottom > 0 }; });
        const links = [...document.querySelectorAll('a[href]:not([download]):not([rel~=nofollow])')]
          .map(a => a.href).filter(h => h.startsWith(location.origin + '/')).slice(0, 2000);
        const first = performance.getEntriesByName('first-contentful-paint')[0];
        return new Promise(done => {
          let largest = 0;
          try { new PerformanceObserver(l => { for (const e of l.getEntries()) largest = e.startTime; })
            .observe({type: 'largest-contentful-paint', buffered: true}); } catch (e) {}
          setTimeout(() => done({url: location.href, blocking, images, links, first: first ? first.startTime : 0, largest,
            loaded: performance.timing.loadEventEnd - performance.timing.navigationStart}), 50);
        });
      })()\
      """;

  private final DevTools tools;
  private final String session;
  private final BlockingQueue<JsonNode> events = new LinkedBlockingQueue<>(MAX_EVENTS);
  private final Map<String, JsonNode> answers = new LinkedHashMap<>();
  private final Map<String, Long> wire = new LinkedHashMap<>();
  private final Map<String, Long> octets = new LinkedHashMap<>();
  private final Map<String, JsonNode> sheets = new LinkedHashMap<>();

  /// Parts of the page that are on their way; streams and polls, which may never end, are none.
  private final Set<String> coming = new HashSet<>();

  private boolean isLoaded;

  private BrowserVisit(DevTools tools, String session) {
    this.tools = tools;
    this.session = session;
  }

  static PageSight of(DevTools tools, String url) throws IOException, InterruptedException {
    String context =
        tools.call("", "Target.createBrowserContext", Map.of()).path("browserContextId").asText();
    try {
      String session = tools.openTab(context);
      BrowserVisit visit = new BrowserVisit(tools, session);
      // What is more than the queue holds belongs to a page that never rests.
      tools.listen(session, visit::heard);
      try {
        return visit.see(url);
      } finally {
        tools.unlisten(session);
      }
    } finally {
      tools.call("", "Target.disposeBrowserContext", Map.of("browserContextId", context));
    }
  }

  private void heard(JsonNode event) {
    if (event.path("method").asText().equals("Page.javascriptDialogOpening")) {
      // The page waits for somebody to answer, and so does whoever asks the page something.
      Thread.ofVirtual().name("dialog").start(this::agree);
    }
    boolean isTaken = events.offer(event);
    if (!isTaken) {
      LOG.log(System.Logger.Level.DEBUG, "a page never rests");
    }
  }

  private void agree() {
    try {
      call("Page.handleJavaScriptDialog", Map.of("accept", true));
    } catch (IOException e) {
      LOG.log(System.Logger.Level.DEBUG, "a dialog went by itself", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private JsonNode call(String method, Map<String, ?> parameters)
      throws IOException, InterruptedException {
    return tools.call(session, method, parameters);
  }

  private PageSight see(String url) throws IOException, InterruptedException {
    for (String domain : List.of("Network", "Page", "DOM", "CSS", "Profiler")) {
      call(domain + ".enable", Map.of());
    }
    call(
        "Emulation.setDeviceMetricsOverride",
        Map.of("width", 1280, "height", 800, "deviceScaleFactor", 1, "mobile", false));
    call("Profiler.startPreciseCoverage", Map.of("callCount", false, "detailed", true));
    call("CSS.startRuleUsageTracking", Map.of());
    long end = Time.system().nanos() + TimeUnit.SECONDS.toNanos(LOAD_SECONDS);
    String failure = call("Page.navigate", Map.of("url", url)).path("errorText").asText();
    if (!failure.isEmpty()) {
      throw new IOException(failure);
    }
    await(end);
    List<Unused> unused =
        new ArrayList<>(Coverage.ofScripts(call("Profiler.takePreciseCoverage", Map.of())));
    unused.addAll(Coverage.ofStyles(call("CSS.stopRuleUsageTracking", Map.of()), sheets));
    JsonNode look =
        call(
                "Runtime.evaluate",
                Map.of("expression", LOOK, "returnByValue", true, "awaitPromise", true))
            .path("result")
            .path("value");
    String screenshot =
        call("Page.captureScreenshot", Map.of("format", "jpeg", "quality", 60))
            .path("data")
            .asText();
    Paint paint =
        new Paint(
            look.path("first").asLong(),
            look.path("largest").asLong(),
            Math.max(0, look.path("loaded").asLong()));
    return new PageSight(
        look.path("url").asText(url),
        status(),
        loaded(),
        unused,
        shown(look.path("images")),
        texts(look.path("blocking")),
        texts(look.path("links")),
        paint,
        screenshot);
  }

  /// @param end when a page that still comes is seen as it is
  private void await(long end) throws InterruptedException {
    int heard = 0;
    while (heard < MAX_BUSY_EVENTS) {
      long left = TimeUnit.NANOSECONDS.toMillis(end - Time.system().nanos());
      boolean rests = isLoaded && coming.isEmpty();
      JsonNode event =
          events.poll(rests ? Math.min(QUIET_MILLIS, left) : left, TimeUnit.MILLISECONDS);
      if (left <= 0) {
        return;
      }
      if (event == null) {
        return;
      }
      heard++;
      hear(event.path("method").asText(), event.path("params"));
    }
  }

  private void hear(String method, JsonNode about) {
    String id = about.path("requestId").asText();
    switch (method) {
      case "Page.loadEventFired" -> isLoaded = true;
      case "Network.requestWillBeSent" -> {
        if (PARTS.contains(about.path("type").asText().toLowerCase(Locale.ROOT))) {
          coming.add(id);
        }
      }
      case "Network.loadingFailed" -> coming.remove(id);
      case "Network.responseReceived" -> {
        if (about.path("response").path("url").asText().startsWith("http")) {
          answers.put(id, about);
        }
      }
      case "Network.dataReceived" -> octets.merge(id, about.path("dataLength").asLong(), Long::sum);
      case "Network.loadingFinished" -> {
        wire.put(id, about.path("encodedDataLength").asLong());
        coming.remove(id);
      }
      case "CSS.styleSheetAdded" ->
          sheets.put(about.path("header").path("styleSheetId").asText(), about.path("header"));
      default -> {}
    }
  }

  private int status() {
    return answers.values().stream()
        .filter(one -> one.path("type").asText().equals("Document"))
        .map(one -> one.path("response").path("status").asInt())
        .findFirst()
        .orElse(0);
  }

  private List<Loaded> loaded() throws InterruptedException {
    List<Loaded> all = new ArrayList<>();
    for (var one : answers.entrySet()) {
      JsonNode response = one.getValue().path("response");
      String kind = one.getValue().path("type").asText().toLowerCase(Locale.ROOT);
      boolean isKnown = PARTS.contains(kind);
      long size = octets.getOrDefault(one.getKey(), 0L);
      all.add(
          new Loaded(
              response.path("url").asText(),
              isKnown ? kind : "other",
              response.path("status").asInt(),
              wire.getOrDefault(one.getKey(), size),
              size,
              uncoded(one.getKey(), response, size),
              CacheSense.seconds(header(response, "cache-control"))));
    }
    return all;
  }

  /// What Brotli at the level of a server would spare.
  private long uncoded(String id, JsonNode response, long size) throws InterruptedException {
    String type = response.path("mimeType").asText();
    if (header(response, "content-encoding") != null
        || !CacheSense.isText(type)
        || size < CacheSense.MIN_CODED) {
      return 0;
    }
    try {
      byte[] body =
          call("Network.getResponseBody", Map.of("requestId", id))
              .path("body")
              .asText()
              .getBytes(StandardCharsets.UTF_8);
      return Math.max(0, body.length - CacheSense.coded(body));
    } catch (IOException e) {
      // The browser keeps no body of what it didn't need, such as a redirect.
      return 0;
    }
  }

  private static @Nullable String header(JsonNode response, String name) {
    for (var field : response.path("headers").properties()) {
      if (field.getKey().equalsIgnoreCase(name)) {
        return field.getValue().asText();
      }
    }
    return null;
  }

  private static List<Shown> shown(JsonNode images) {
    List<Shown> all = new ArrayList<>();
    images.forEach(one -> all.add(JSON.convertValue(one, Shown.class)));
    return all;
  }

  private static List<String> texts(JsonNode array) {
    List<String> all = new ArrayList<>();
    array.forEach(one -> all.add(one.asText()));
    return all;
  }
}
