package dev.freshet.assets;

import dev.freshet.assets.PageSight.Loaded;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What Freshet in front would make of a site's largest files, by making it: pictures, style sheets
/// and scripts, ten of each kind at most.
///
/// @param url of the file
/// @param isPicture or a style sheet or script
/// @param octets that would not travel, beside what coding spares
record Savings(String url, boolean isPicture, long octets) {
  private static final System.Logger LOG = System.getLogger("freshet.assets");
  private static final int MAX_FILES = 10;
  private static final long MIN_OCTETS = 10_000;

  static List<Savings> of(List<PageSight> pages, Lighter lighter) throws InterruptedException {
    Map<String, Loaded> files = new LinkedHashMap<>();
    pages.forEach(page -> page.loaded().forEach(one -> files.putIfAbsent(one.url(), one)));
    List<Savings> all = new ArrayList<>();
    try (PlainVisit plain = new PlainVisit(PlainVisit.LIMIT)) {
      if (lighter.knowsPictures()) {
        for (Loaded one : largest(files, List.of("image"))) {
          byte[] octets = body(plain, one);
          long smallest =
              lighter.picture(octets).values().stream()
                  .mapToLong(form -> form.length)
                  .min()
                  .orElse(octets.length);
          add(new Savings(one.url(), true, octets.length - smallest), all);
        }
      }
      for (Loaded one : largest(files, List.of("script", "stylesheet"))) {
        byte[] octets = body(plain, one);
        byte[] smaller = lighter.code(octets, one.kind().equals("stylesheet"));
        if (smaller != null) {
          long spared = CacheSense.coded(octets) - CacheSense.coded(smaller);
          add(new Savings(one.url(), false, spared), all);
        }
      }
    }
    return all;
  }

  private static void add(Savings one, List<Savings> all) {
    if (one.octets > 0) {
      all.add(one);
    }
  }

  private static List<Loaded> largest(Map<String, Loaded> files, List<String> kinds) {
    return files.values().stream()
        .filter(one -> kinds.contains(one.kind()) && one.status() == 200)
        .filter(one -> one.octets() >= MIN_OCTETS && one.url().startsWith("http"))
        .sorted(Comparator.comparingLong(Loaded::octets).reversed())
        .limit(MAX_FILES)
        .toList();
  }

  /// Empty where it doesn't come a second time.
  private static byte[] body(PlainVisit plain, Loaded one) throws InterruptedException {
    try {
      return plain.body(one.url());
    } catch (IOException e) {
      LOG.log(System.Logger.Level.DEBUG, "didn't come again: " + one.url(), e);
      return new byte[0];
    }
  }
}
