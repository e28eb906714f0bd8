package dev.freshet.app;

import dev.freshet.base.Trouble;
import dev.freshet.http.AbsoluteUrl;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;

/// Addresses of one site, with how often each was asked for: from access logs, lists and sitemaps.
final class Addresses {
  /// Different ones that are counted; a log may hold any number.
  private static final int MOST = 200_000;

  private static final int MOST_SITEMAPS = 50;
  private static final int LONGEST = 8_000;

  /// The most that a sitemap may have (sitemaps.org), and as much compressed.
  private static final int MOST_OCTETS = 50 << 20;

  /// A line as Apache, nginx and most others write it: only what went well is worth having.
  private static final Pattern LOGGED =
      Pattern.compile("\"GET (\\S+) HTTP/[0-9.]+\" (?:200|304)\\b");

  private static final Pattern PLACE =
      Pattern.compile("<loc>\\s*(?:<!\\[CDATA\\[)?\\s*([^<\\]]+?)\\s*(?:]]>)?\\s*</loc>");

  private final String site;
  private final Duration patience;
  private final Map<String, Integer> times = new LinkedHashMap<>();
  private long lines;
  private long used;

  /// Sitemaps that were named and not read.
  private long passedOver;

  /// @param site scheme and host, as clients use them
  Addresses(String site) {
    this(site, Duration.ofSeconds(30));
  }

  /// @param patience with each sitemap, to its last octet
  Addresses(String site, Duration patience) {
    this.site = origin(AbsoluteUrl.parse(site));
    this.patience = patience;
  }

  String site() {
    return site;
  }

  /// Reads an access log, or addresses line by line: whole ones, or paths.
  void read(BufferedReader in) throws IOException {
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      lines++;
      String text = line.strip();
      Matcher logged = LOGGED.matcher(text);
      if (logged.find()) {
        add(logged.group(1));
      } else if (text.startsWith("/") || text.startsWith("http")) {
        add(text);
      }
    }
  }

  private void add(String address) {
    String url = address.startsWith("/") ? site + address : address;
    try {
      AbsoluteUrl parts = AbsoluteUrl.parse(url);
      String of = origin(parts);
      String whole = of + parts.target();
      boolean isRoom = times.size() < MOST || times.containsKey(whole);
      if (of.equals(site) && whole.length() <= LONGEST && isRoom) {
        used++;
        times.merge(whole, 1, Integer::sum);
      }
    } catch (IllegalArgumentException e) {
      // Whoever wrote it there, no client can ask for it.
      System.getLogger("freshet.app").log(System.Logger.Level.DEBUG, "no address", e);
    }
  }

  /// Fetches a sitemap (sitemaps.org), and those that it names at its own site and this one: who
  /// writes sitemaps doesn't say whom else this machine asks.
  void sitemap(String url) throws InterruptedException {
    Deque<String> next = new ArrayDeque<>(List.of(url));
    String own = Flags.read("--sitemap", () -> origin(AbsoluteUrl.parse(url)));
    try (HttpClient client =
        HttpClient.newBuilder()
            .connectTimeout(Duration.ofSeconds(5))
            .followRedirects(HttpClient.Redirect.NORMAL)
            .build()) {
      for (int i = 0; i < MOST_SITEMAPS && !next.isEmpty(); i++) {
        String at = next.removeFirst();
        String text = fetched(client, at);
        boolean isIndex = text.contains("<sitemapindex");
        Matcher places = PLACE.matcher(text);
        while (places.find()) {
          String place = places.group(1).replace("&amp;", "&");
          lines++;
          if (!isIndex) {
            add(place);
          } else if (isOf(place, own) && next.size() < MOST_SITEMAPS) {
            next.addLast(place);
          } else {
            passedOver++;
          }
        }
      }
    }
    passedOver += next.size();
  }

  private boolean isOf(String sitemap, String own) {
    try {
      String origin = origin(AbsoluteUrl.parse(sitemap));
      return origin.equals(own) || origin.equals(site);
    } catch (IllegalArgumentException e) {
      System.getLogger("freshet.app").log(System.Logger.Level.DEBUG, "no sitemap", e);
      return false;
    }
  }

  private static String origin(AbsoluteUrl parts) {
    return parts.scheme() + "://" + parts.site();
  }

  private String fetched(HttpClient client, String at) throws InterruptedException {
    try {
      HttpResponse<byte[]> answer =
          answered(client, HttpRequest.newBuilder(URI.create(at)).build());
      if (answer.statusCode() != 200) {
        throw new Trouble.Found(
            new Trouble(
                "sitemap " + at,
                "it is answered with " + answer.statusCode(),
                "say where it is: --sitemap URL"));
      }
      return new String(unpacked(answer.body()), StandardCharsets.UTF_8);
    } catch (IOException | IllegalArgumentException e) {
      String why = e.getMessage();
      throw new Trouble.Found(
          new Trouble(
              "sitemap " + at,
              "it can't be fetched (" + (why == null ? e.getClass().getSimpleName() : why) + ")",
              "say where it is: --sitemap URL"));
    }
  }

  /// A request's own timeout ends with the head of its answer.
  private HttpResponse<byte[]> answered(HttpClient client, HttpRequest request)
      throws IOException, InterruptedException {
    CompletableFuture<HttpResponse<byte[]>> coming =
        client.sendAsync(
            request,
            HttpResponse.BodyHandlers.limiting(
                HttpResponse.BodyHandlers.ofByteArray(), MOST_OCTETS));
    try {
      return coming.get(patience.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw new IOException("it was not whole after " + patience.toSeconds() + " s", e);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof IOException cause ? cause : new IOException(e.getCause());
    } finally {
      coming.cancel(true);
    }
  }

  /// Sitemaps come gzipped, too, as files.
  private static byte[] unpacked(byte[] octets) throws IOException {
    boolean isPacked = octets.length > 2 && octets[0] == 0x1f && octets[1] == (byte) 0x8b;
    if (!isPacked) {
      return octets;
    }
    try (InputStream in = new GZIPInputStream(new ByteArrayInputStream(octets))) {
      byte[] plain = in.readNBytes(MOST_OCTETS + 1);
      if (plain.length > MOST_OCTETS) {
        throw new IOException("it is longer than 50 MB");
      }
      return plain;
    }
  }

  /// Those asked for most often first; of equals, who stood first.
  List<String> mostAsked(int most) {
    Stream<Map.Entry<String, Integer>> sorted =
        times.entrySet().stream()
            .sorted(Map.Entry.<String, Integer>comparingByValue(Comparator.reverseOrder()));
    return sorted.limit(most).map(Map.Entry::getKey).toList();
  }

  /// Different ones.
  int size() {
    return times.size();
  }

  /// What was read, for people.
  String said() {
    return String.format(
        Locale.ROOT,
        "%,d of %,d lines tell of something at %s: %,d addresses%s",
        used,
        lines,
        site,
        times.size(),
        passedOver == 0
            ? ""
            : String.format(
                Locale.ROOT,
                "; %,d sitemaps were passed over: of another site, or beyond %d",
                passedOver,
                MOST_SITEMAPS));
  }
}
