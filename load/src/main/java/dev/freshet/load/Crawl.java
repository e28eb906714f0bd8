package dev.freshet.load;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.freshet.base.Time;
import dev.freshet.base.Trouble;
import dev.freshet.http.SoundingTarget;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Makes a scenario of what a site shows: its links, the files of its pages, and the lists of its
/// OpenAPI document where it has one.
///
/// Only GET, only this host, and nothing whose address sounds as if it did something.
public final class Crawl implements Visits.Visitor {
  private static final int MOST_PAGES = 30;
  private static final int MOST_ADDRESSES = 200;
  private static final int LONGEST_ADDRESS = 2_000;
  private static final Duration LONGEST = Duration.ofSeconds(10);
  private static final Duration LONGEST_OF_ALL = Duration.ofSeconds(60);
  private static final Pattern NUMBERS = Pattern.compile("(?<=[/=-])(?:[0-9]+|[0-9a-f-]{16,})");

  private static final List<Call.Header> ACCEPT =
      List.of(new Call.Header("Accept", "text/html,*/*;q=0.5"));

  private final URI start;
  private final ArrayDeque<URI> next = new ArrayDeque<>();
  private final Set<String> seen = new LinkedHashSet<>();
  private final Set<String> pages = new LinkedHashSet<>();
  private final Set<String> files = new LinkedHashSet<>();
  private final Set<String> calls = new LinkedHashSet<>();

  /// What is asked for now.
  private URI at;

  private int asked;
  private boolean isDescribed;
  private Runnable end = () -> {};

  private Crawl(URI start) {
    this.start = start;
    this.at = start;
    next.add(start);
    seen.add(PageFiles.target(start));
  }

  /// Looks at a site as one user of a load would: with the same connections, limits and patience.
  ///
  /// @param address that [Aim#address] allowed
  public static Scenario of(Aim aim, InetSocketAddress address, Time time)
      throws InterruptedException {
    URI target = aim.target();
    Crawl crawl = new Crawl(target.getRawPath().isEmpty() ? target.resolve("/") : target);
    Duration patience = aim.timeout().compareTo(LONGEST) < 0 ? aim.timeout() : LONGEST;
    try (Generator generator =
        Generator.open(aim.with(1, 1, patience), address, number -> crawl, time)) {
      crawl.end = generator::stop;
      Phase phase = Phase.users(1, Duration.ZERO, LONGEST_OF_ALL);
      return crawl.scenario(generator.run(phase, Watch.none()).total());
    }
  }

  @Override
  public @Nullable Call next() {
    if (asked < MOST_PAGES && !next.isEmpty()) {
      asked++;
      at = next.removeFirst();
    } else if (!isDescribed && !pages.isEmpty()) {
      isDescribed = true;
      at = start.resolve("/openapi.json");
    } else {
      end.run();
      return null;
    }
    return new Call("crawl", "GET", PageFiles.target(at), ACCEPT, new byte[0], true, 0);
  }

  @Override
  public List<String> answered(Call call, Reply reply) {
    if (isDescribed) {
      if (reply.status() == 200) {
        describe(reply.text());
      }
      return List.of();
    }
    if (reply.status() < 400) {
      pages.add(PageFiles.target(at));
    }
    if (reply.isPage()) {
      links(reply.text());
    }
    return List.of();
  }

  private void links(String html) {
    for (Markup.Tag tag : Markup.tags(html)) {
      boolean isLink = tag.name().equals("a") && tag.has("href");
      if (isLink && !tag.says("rel", "nofollow") && !tag.has("download")) {
        add(tag.value("href"), next::addLast);
      }
    }
    Markup.files(html).forEach(file -> add(file, to -> files.add(PageFiles.target(to))));
  }

  private void add(String link, Consumer<URI> found) {
    URI to = PageFiles.resolved(at, link);
    if (to == null || to.toASCIIString().length() >= LONGEST_ADDRESS) {
      return;
    }
    String target = PageFiles.target(to);
    boolean isFull = seen.size() >= MOST_ADDRESSES;
    if (!isFull && !SoundingTarget.isOfDeed(target) && seen.add(target)) {
      found.accept(to);
    }
  }

  /// Operations that can be asked for without knowing any parameter.
  private void describe(String text) {
    try {
      JsonNode document = new ObjectMapper().readTree(text);
      if (!document.path("openapi").isTextual()) {
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
        if (isFree && !SoundingTarget.isOfDeed(path.getKey()) && calls.size() < MOST_ADDRESSES) {
          calls.add(PageFiles.target(start.resolve(path.getKey())));
        }
      }
    } catch (JsonProcessingException | IllegalArgumentException e) {
      // Something else has that name.
      System.getLogger("freshet.load").log(System.Logger.Level.DEBUG, "no document", e);
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

  private Scenario scenario(Figures total) {
    if (total.statuses().isEmpty()) {
      throw new Trouble.Found(
          new Trouble(
              "load " + start,
              "it can't be fetched: " + String.join(", ", total.errors().keySet()),
              "start the server, or correct the address"));
    }
    if (pages.isEmpty()) {
      throw new Trouble.Found(
          new Trouble(
              "load " + start,
              "it answers with an error, so there is nothing to make a scenario of",
              "correct the address, or write a scenario"));
    }
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
