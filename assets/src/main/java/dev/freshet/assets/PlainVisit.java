package dev.freshet.assets;

import dev.freshet.assets.PageSight.Loaded;
import dev.freshet.assets.PageSight.Paint;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.zip.GZIPInputStream;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Document;
import org.jsoup.nodes.Element;

/// Visits of pages without a browser: what their HTML names is fetched, scripts don't run. Files
/// are fetched once for all pages. Used by one thread.
final class PlainVisit implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger("freshet.assets");
  static final Duration LIMIT = Duration.ofSeconds(30);
  private static final int MAX_OCTETS = 32 << 20;
  private static final int MAX_FILES = 2_000;
  private final Duration limit;
  private final Map<String, Loaded> files = new LinkedHashMap<>();
  private final HttpClient client =
      HttpClient.newBuilder()
          .followRedirects(HttpClient.Redirect.NORMAL)
          .connectTimeout(Duration.ofSeconds(10))
          .build();

  /// @param limit for an answer to begin, and again for it to end
  PlainVisit(Duration limit) {
    this.limit = limit;
  }

  @SuppressWarnings("ArrayRecordComponent")
  private record Fetched(Loaded about, String url, String type, byte[] body) {}

  PageSight see(String url) throws IOException, InterruptedException {
    Fetched page = fetch(url, "document");
    List<Loaded> loaded = new ArrayList<>(List.of(page.about()));
    List<String> links = new ArrayList<>();
    List<String> blocking = new ArrayList<>();
    if (page.type().contains("html")) {
      Document tree = Jsoup.parse(new ByteArrayInputStream(page.body()), null, page.url());
      Map<String, String> named = named(tree, blocking);
      for (var one : named.entrySet()) {
        if (!files.containsKey(one.getKey()) && files.size() < MAX_FILES) {
          files.put(one.getKey(), part(one.getKey(), one.getValue()));
        }
        Loaded file = files.get(one.getKey());
        if (file != null) {
          loaded.add(file);
        }
      }
      for (Element link : tree.select("a[href]:not([download]):not([rel~=nofollow])")) {
        links.add(link.absUrl("href"));
      }
    }
    return new PageSight(
        page.url(),
        page.about().status(),
        loaded,
        List.of(),
        List.of(),
        blocking,
        links,
        Paint.UNSEEN,
        "");
  }

  /// What is at a URL, decoded.
  byte[] body(String url) throws IOException, InterruptedException {
    return fetch(url, "other").body();
  }

  /// A file that doesn't come is no reason not to see the page.
  private Loaded part(String url, String kind) throws InterruptedException {
    try {
      return fetch(url, kind).about();
    } catch (IOException e) {
      LOG.log(System.Logger.Level.DEBUG, "didn't come: " + url, e);
      return new Loaded(url, kind, 0, 0, 0, 0, 0);
    }
  }

  /// URL to kind.
  private static Map<String, String> named(Document tree, List<String> blocking) {
    Map<String, String> all = new LinkedHashMap<>();
    for (Element script : tree.select("script[src]")) {
      all.put(script.absUrl("src"), "script");
      boolean waits =
          script.hasAttr("defer")
              || script.hasAttr("async")
              || script.attr("type").equals("module");
      if (!waits && script.closest("head") != null) {
        blocking.add(script.absUrl("src"));
      }
    }
    for (Element sheet : tree.select("link[rel~=(?i)^stylesheet$][href]")) {
      all.put(sheet.absUrl("href"), "stylesheet");
      blocking.add(sheet.absUrl("href"));
    }
    for (Element image : tree.select("img[src]")) {
      all.put(image.absUrl("src"), "image");
    }
    all.keySet().removeIf(url -> !url.startsWith("http"));
    return all;
  }

  private Fetched fetch(String url, String kind) throws IOException, InterruptedException {
    HttpRequest request;
    try {
      request =
          HttpRequest.newBuilder(URI.create(url))
              .timeout(limit)
              .header("Accept-Encoding", "gzip")
              .header("User-Agent", "freshet-audit")
              .build();
    } catch (IllegalArgumentException e) {
      throw new IOException("can't be asked for: " + url, e);
    }
    HttpResponse<InputStream> answer =
        client.send(request, HttpResponse.BodyHandlers.ofInputStream());
    byte[] wire = read(answer.body());
    String coding = answer.headers().firstValue("content-encoding").orElse("");
    byte[] plain = wire;
    if (coding.equals("gzip")) {
      try (InputStream in = new GZIPInputStream(new ByteArrayInputStream(wire))) {
        plain = in.readNBytes(MAX_OCTETS);
      }
    }
    String type = answer.headers().firstValue("content-type").orElse("");
    Loaded about =
        new Loaded(
            url,
            kind,
            answer.statusCode(),
            wire.length,
            plain.length,
            coding.isEmpty() ? uncoded(type, plain) : 0,
            CacheSense.seconds(String.join(", ", answer.headers().allValues("cache-control"))));
    return new Fetched(about, answer.uri().toString(), type, plain);
  }

  /// The client's own limit ends with the head.
  private byte[] read(InputStream body) throws IOException, InterruptedException {
    CompletableFuture<byte[]> all = new CompletableFuture<>();
    Thread.ofVirtual()
        .name("audit-body")
        .start(() -> {
          try {
            all.complete(body.readNBytes(MAX_OCTETS));
          } catch (IOException e) {
            all.completeExceptionally(e);
          }
        });
    try (body) {
      return all.get(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw new IOException("its content took longer than " + limit.toSeconds() + " s", e);
    } catch (ExecutionException e) {
      throw new IOException("its content broke off: " + e.getCause(), e);
    }
  }

  private static long uncoded(String type, byte[] body) {
    return CacheSense.isText(type) ? Math.max(0, body.length - CacheSense.coded(body)) : 0;
  }

  @Override
  public void close() {
    client.shutdownNow();
  }
}
