package dev.freshet.assets;

import dev.freshet.assets.PageSight.Loaded;
import dev.freshet.assets.PageSight.Shown;
import dev.freshet.assets.PageSight.Unused;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// One thing to do for a site.
///
/// @param by who can do it
/// @param gain octets that a visitor of all pages is spared; of a second visit where `what` says so
/// @param where what it is about, largest first, with its part of the gain
public record Advice(By by, String what, String how, long gain, List<String> where) {
  private static final int MAX_WHERE = 5;
  private static final Set<String> CODE = Set.of("script", "stylesheet");

  /// A day: what lives shorter is asked for again at most second visits.
  private static final long LONG_ENOUGH = 86_400;

  /// As many octets as aren't worth advice.
  private static final long MIN_GAIN = 1_000;

  /// Who can do something.
  public enum By {
    FRESHET,
    TEAM
  }

  /// Collects, by URL: what several pages have is loaded once.
  private record Heap(Map<String, Long> gains) {
    Heap() {
      this(new HashMap<>());
    }

    void add(String url, long gain) {
      gains.merge(url, gain, Math::max);
    }

    void advise(By by, String what, String how, long least, List<Advice> all) {
      long sum = gains.values().stream().mapToLong(Long::longValue).sum();
      if (sum < least || gains.isEmpty()) {
        return;
      }
      List<String> where =
          gains.entrySet().stream()
              .sorted(Map.Entry.comparingByValue(Comparator.reverseOrder()))
              .limit(MAX_WHERE)
              .map(one ->
                  one.getKey() + (one.getValue() > 0 ? " " + Sizes.kilobytes(one.getValue()) : ""))
              .toList();
      all.add(new Advice(by, what, how, sum, where));
    }
  }

  /// Largest gain first.
  ///
  /// @param savings what Freshet made of some files
  static List<Advice> of(List<PageSight> pages, List<Savings> savings) {
    List<Advice> all = new ArrayList<>();
    Map<String, Loaded> loaded = new LinkedHashMap<>();
    pages.forEach(page -> page.loaded().forEach(one -> loaded.putIfAbsent(one.url(), one)));
    ofAnswers(loaded, all);
    ofPictures(pages, loaded, all);
    ofUnused(pages, loaded, all);
    ofBlocking(pages, loaded, all);
    ofSavings(savings, all);
    all.sort(Comparator.comparingLong(Advice::gain).reversed());
    return all;
  }

  private static void ofSavings(List<Savings> savings, List<Advice> all) {
    Heap pictures = new Heap();
    Heap code = new Heap();
    savings.forEach(one -> (one.isPicture() ? pictures : code).add(one.url(), one.octets()));
    pictures.advise(
        By.FRESHET,
        "send pictures in fewer octets that look the same",
        "Freshet in front does (WebP and AVIF for who takes them, else their own format); a"
            + " build does by freshet assets build",
        MIN_GAIN,
        all);
    code.advise(
        By.FRESHET,
        "minify style sheets and scripts (gain after compression)",
        "Freshet in front does, without a change of the app; a build does by freshet assets build",
        MIN_GAIN,
        all);
  }

  private static void ofAnswers(Map<String, Loaded> loaded, List<Advice> all) {
    Heap uncoded = new Heap();
    Heap uncached = new Heap();
    Heap missing = new Heap();
    for (Loaded one : loaded.values()) {
      if (one.status() == 0 || one.status() >= 400) {
        String answer = one.status() == 0 ? "no answer" : Integer.toString(one.status());
        missing.add(one.url() + " (" + answer + ")", 0);
        continue;
      }
      if (one.uncoded() > 0) {
        uncoded.add(one.url(), one.uncoded());
      }
      boolean isFile = List.of("script", "stylesheet", "image", "font").contains(one.kind());
      if (isFile && one.cacheSeconds() < LONG_ENOUGH) {
        uncached.add(one.url(), one.wire());
      }
    }
    uncoded.advise(
        By.FRESHET,
        "compress text",
        "Freshet in front does (br, zstd, gzip), without a change of the app",
        MIN_GAIN,
        all);
    uncached.advise(
        By.TEAM,
        "let browsers keep files (gain on a second visit)",
        "name them by their contents (freshet assets build) and send"
            + " Cache-Control: max-age=31536000, immutable",
        MIN_GAIN,
        all);
    missing.advise(
        By.TEAM, "mend or remove what is asked for in vain", "correct these URLs", 0, all);
  }

  private static void ofPictures(
      List<PageSight> pages, Map<String, Loaded> loaded, List<Advice> all) {
    // A picture that is shown in several sizes has to serve for the largest.
    Map<String, Double> parts = new HashMap<>();
    for (PageSight page : pages) {
      for (Shown shown : page.images()) {
        double natural = (double) shown.naturalWidth() * shown.naturalHeight();
        double needed = (double) shown.width() * shown.height();
        if (needed > 0 && natural > 0) {
          parts.merge(shown.url(), Math.min(1, needed / natural), Math::max);
        }
      }
    }
    Heap large = new Heap();
    parts.forEach((url, part) -> {
      Loaded one = loaded.get(url);
      boolean isDrawn = url.endsWith(".svg") || url.startsWith("data:");
      if (one != null && !isDrawn && part < 0.5) {
        large.add(url, Math.round(one.wire() * (1 - part)));
      }
    });
    large.advise(
        By.TEAM,
        "send pictures in the size they are shown in",
        "offer smaller ones by srcset and sizes",
        MIN_GAIN,
        all);
  }

  private static void ofUnused(
      List<PageSight> pages, Map<String, Loaded> loaded, List<Advice> all) {
    Heap unused = new Heap();
    neverUsed(pages).forEach((url, one) -> {
      Loaded answer = loaded.get(url);
      if (answer != null) {
        unused.add(url, answer.wire() * one.octets() / one.all());
      }
    });
    unused.advise(
        By.TEAM,
        "don't send code that no page used until it stood",
        "load it when it is needed: import() in a front-end built by freshet assets build, whose"
            + " report names where",
        MIN_GAIN,
        all);
  }

  /// Percent of scripts and style sheets that no page used, by URL.
  static Map<String, Integer> unused(List<PageSight> pages) {
    Map<String, Integer> all = new HashMap<>();
    neverUsed(pages).forEach((url, one) -> all.put(url, (int) (100 * one.octets() / one.all())));
    return all;
  }

  /// By URL, as on the page that used most of it; only what left something unused on every page.
  private static Map<String, Unused> neverUsed(List<PageSight> pages) {
    Map<String, Unused> least = new HashMap<>();
    Map<String, Integer> seen = new HashMap<>();
    for (PageSight page : pages) {
      page.unused()
          .forEach(one -> least.merge(one.url(), one, (a, b) -> a.octets() <= b.octets() ? a : b));
      Set<String> urls = new LinkedHashSet<>();
      page.unused().forEach(one -> urls.add(one.url()));
      urls.forEach(url -> seen.merge(url, 1, Integer::sum));
    }
    least
        .entrySet()
        .removeIf(one -> {
          long pagesWith =
              pages.stream()
                  .filter(p -> p.loaded().stream().anyMatch(l -> l.url().equals(one.getKey())))
                  .count();
          // What a page says of itself is of a script that stands within it.
          boolean isFile =
              pages.stream()
                  .flatMap(p -> p.loaded().stream())
                  .anyMatch(l -> l.url().equals(one.getKey()) && CODE.contains(l.kind()));
          return !isFile || one.getValue().all() == 0 || seen.getOrDefault(one.getKey(), 0) != pagesWith;
        });
    return least;
  }

  private static void ofBlocking(
      List<PageSight> pages, Map<String, Loaded> loaded, List<Advice> all) {
    Heap scripts = new Heap();
    for (PageSight page : pages) {
      for (String url : page.blocking()) {
        Loaded one = loaded.get(url);
        if (one != null && one.kind().equals("script")) {
          scripts.add(url, one.wire());
        }
      }
    }
    scripts.advise(
        By.TEAM,
        "let scripts not hold up the first paint (octets that wait before it)",
        "add defer, or type=\"module\", where order allows it",
        0,
        all);
  }
}
