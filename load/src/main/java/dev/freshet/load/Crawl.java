package dev.freshet.load;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.freshet.base.Trouble;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Makes a scenario of what a site shows: its links, the files of its pages, and the lists of its
/// OpenAPI document where it has one.
///
/// Only GET, only this host, and nothing whose address sounds as if it did something.
public final class Crawl {
  private static final int MOST_PAGES = 30;
  private static final int MOST_ADDRESSES = 200;
  private static final int MOST_OCTETS = 4 << 20;
  private static final Duration LONGEST = Duration.ofSeconds(10);
  private static final Pattern LINK =
      Pattern.compile(
          "<(?<tag>a|link|script|img)\\b(?<rest>[^>]*?)\\b(?:href|src)"
              + "\\s*=\\s*(?<q>[\"'])(?<to>.*?)\\k<q>"
              + "(?<more>[^>]*)>",
          Pattern.CASE_INSENSITIVE | Pattern.DOTALL);
  private static final Pattern DOES =
      Pattern.compile(
          "log-?(?:out|off)|sign-?(?:out|off)|delete|remove|destroy|unsubscribe|cancel|/admin",
          Pattern.CASE_INSENSITIVE);
  private static final Pattern NUMBERS = Pattern.compile("(?<=[/=-])(?:[0-9]+|[0-9a-f-]{16,})");

  private final URI start;
  private final HttpClient client;
  private final Set<String> pages = new LinkedHashSet<>();
  private final Set<String> files = new LinkedHashSet<>();
  private final Set<String> calls = new LinkedHashSet<>();

  private Crawl(URI start, HttpClient client) {
    this.start = start;
    this.client = client;
  }

  /// Looks at a site, whose host has been allowed by [Aim#address].
  public static Scenario of(URI start) throws InterruptedException {
    try (HttpClient client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(LONGEST)
            .build()) {
      Crawl crawl = new Crawl(start.getRawPath().isEmpty() ? start.resolve("/") : start, client);
      crawl.walk();
      crawl.describe();
      return crawl.scenario();
    }
  }

  private record Page(int status, String type, String text) {}

  private Page fetch(URI at) throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(at).timeout(LONGEST).header("Accept", "text/html,*/*;q=0.5").build();
    HttpResponse<InputStream> answer =
        client.send(request, HttpResponse.BodyHandlers.ofInputStream());
    try (InputStream in = answer.body()) {
      String text = new String(in.readNBytes(MOST_OCTETS), StandardCharsets.UTF_8);
      String type = answer.headers().firstValue("Content-Type").orElse("");
      return new Page(answer.statusCode(), type.toLowerCase(Locale.ROOT), text);
    }
  }

  private void walk() throws InterruptedException {
    ArrayDeque<URI> next = new ArrayDeque<>(List.of(start));
    Set<String> seen = new LinkedHashSet<>(List.of(target(start)));
    boolean isFirst = true;
    for (int i = 0; i < MOST_PAGES && !next.isEmpty(); i++) {
      URI at = next.removeFirst();
      try {
        Page page = fetch(at);
        if (page.status() < 400) {
          pages.add(target(at));
        }
        if (page.type().contains("html") && page.status() == 200) {
          links(at, page.text(), seen, next);
        }
        isFirst = false;
      } catch (IOException e) {
        if (isFirst) {
          throw new Trouble.Found(
              new Trouble(
                  "load " + at,
                  "it can't be fetched: " + e,
                  "start the server, or correct the address"));
        }
        // A page that can't be had is not asked for in the load.
        System.getLogger("freshet.load").log(System.Logger.Level.DEBUG, "crawl", e);
      }
    }
    if (pages.isEmpty()) {
      throw new Trouble.Found(
          new Trouble(
              "load " + start,
              "it answers with an error, so there is nothing to make a scenario of",
              "correct the address, or write a scenario"));
    }
  }

  private void links(URI at, String html, Set<String> seen, ArrayDeque<URI> next) {
    Matcher m = LINK.matcher(html);
    while (m.find() && seen.size() < MOST_ADDRESSES) {
      String tag = m.group("tag").toLowerCase(Locale.ROOT);
      String beside = (m.group("rest") + m.group("more")).toLowerCase(Locale.ROOT);
      URI to = resolved(at, m.group("to").replace("&amp;", "&"));
      boolean isLoaded = !tag.equals("link") || beside.matches("(?s).*(stylesheet|icon).*");
      if (to == null || !isLoaded || beside.contains("nofollow") || beside.contains("download")) {
        continue;
      }
      if (DOES.matcher(target(to)).find() || !seen.add(target(to))) {
        continue;
      }
      if (tag.equals("a")) {
        next.addLast(to);
      } else {
        files.add(target(to));
      }
    }
  }

  private @Nullable URI resolved(URI at, String to) {
    try {
      URI all = at.resolve(to.strip());
      boolean isSame =
          start.getScheme().equalsIgnoreCase(all.getScheme())
              && String.valueOf(start.getRawAuthority()).equalsIgnoreCase(all.getRawAuthority());
      return isSame && all.toASCIIString().length() < 2_000 ? all : null;
    } catch (IllegalArgumentException e) {
      // No address: browsers would not follow it either.
      return null;
    }
  }

  private static String target(URI at) {
    URI ascii = URI.create(at.toASCIIString());
    String path = ascii.getRawPath().isEmpty() ? "/" : ascii.getRawPath();
    return ascii.getRawQuery() == null ? path : path + "?" + ascii.getRawQuery();
  }

  /// Operations that can be asked for without knowing any parameter.
  private void describe() throws InterruptedException {
    try {
      Page page = fetch(start.resolve("/openapi.json"));
      JsonNode document = new ObjectMapper().readTree(page.text());
      if (page.status() != 200 || !document.path("openapi").isTextual()) {
        return;
      }
      for (Map.Entry<String, JsonNode> path : document.path("paths").properties()) {
        JsonNode get = path.getValue().path("get");
        boolean isFree =
            get.isObject()
                && path.getKey().startsWith("/")
                && path.getKey().indexOf('{') < 0
                && isFree(get.path("parameters"))
                && isFree(path.getValue().path("parameters"));
        if (isFree && !DOES.matcher(path.getKey()).find() && calls.size() < MOST_ADDRESSES) {
          calls.add(target(start.resolve(path.getKey())));
        }
      }
    } catch (JsonProcessingException | IllegalArgumentException e) {
      // Something else has that name.
      System.getLogger("freshet.load").log(System.Logger.Level.DEBUG, "no document", e);
    } catch (IOException e) {
      System.getLogger("freshet.load").log(System.Logger.Level.DEBUG, "openapi.json", e);
    }
  }

  private static boolean isFree(JsonNode parameters) {
    for (JsonNode parameter : parameters) {
      if (parameter.path("required").asBoolean() || parameter.has("$ref")) {
        return false;
      }
    }
    return true;
  }

  private Scenario scenario() {
    List<Visit> visits = new ArrayList<>();
    boolean isFirst = true;
    for (String page : pages) {
      // Most visits begin where the address points.
      add(visits, page, isFirst ? Math.max(2, pages.size() / 3) : 1);
      isFirst = false;
    }
    calls.forEach(call -> add(visits, call, 1));
    files.forEach(file -> add(visits, file, 1));
    return new Scenario(start.toString(), List.of(), visits, Map.of(), List.of(), List.of());
  }

  /// Addresses that differ in a number only are one step: `/product/{n}`.
  private static void add(List<Visit> visits, String target, int weight) {
    String name = NUMBERS.matcher(target).replaceAll("{n}");
    visits.add(new Visit(target, weight, List.of(Step.get(name, escaped(target)))));
  }

  /// What looks like a variable is none here.
  private static String escaped(String target) {
    return target.replace("${", "$%7B");
  }
}
