package dev.freshet.assets;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Which picture was the largest thing that visitors of a page saw, as their browsers tell it; by
/// shape of the page, so that a page that nobody has seen yet is known by others of its template.
///
/// Anybody can report anything. All that comes of it is that another of the page's own pictures is
/// asked for first.
final class LargestPictures {
  private static final int MAX_SHAPES = 5_000;
  private static final int MAX_REPORTS = 12;
  private static final int MAX_PAGES = 16;
  private static final int MAX_NAME = 512;

  /// So many reports it takes, and half of the last ones.
  private static final int REPORTS = 3;

  private final Map<String, Seen> shapes =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Seen> eldest) {
          return size() > MAX_SHAPES;
        }
      };

  /// Of one shape: what was told last, and the stored pages that were made before it was enough.
  private record Seen(Deque<String> reports, Set<String> pages) {}

  /// The picture to look for.
  ///
  /// @param url absolute; null where each page has its own
  /// @param shape of the picture's URL
  record Likely(@Nullable String url, String shape) {}

  /// Gives the pages that can be made better now.
  synchronized Set<String> report(String page, String picture) {
    if (page.length() > MAX_NAME || picture.length() > MAX_NAME) {
      return Set.of();
    }
    Seen seen = seen(page);
    seen.reports().addLast(picture);
    if (seen.reports().size() > MAX_REPORTS) {
      seen.reports().removeFirst();
    }
    if (likely(seen) == null) {
      return Set.of();
    }
    Set<String> pages = Set.copyOf(seen.pages());
    seen.pages().clear();
    return pages;
  }

  /// Null while it is not known; then whoever made that page is told when it is.
  ///
  /// @param name of the stored page
  synchronized @Nullable Likely of(String page, String name) {
    if (page.length() > MAX_NAME) {
      return null;
    }
    Seen seen = seen(page);
    Likely likely = likely(seen);
    if (likely == null && seen.pages().size() < MAX_PAGES && name.length() <= MAX_NAME) {
      seen.pages().add(name);
    }
    return likely;
  }

  private Seen seen(String page) {
    return shapes.computeIfAbsent(
        PageCheck.shape(page), shape -> new Seen(new ArrayDeque<>(), new LinkedHashSet<>()));
  }

  private static @Nullable Likely likely(Seen seen) {
    Map<String, Integer> urls = new HashMap<>();
    Map<String, Integer> like = new HashMap<>();
    for (String picture : seen.reports()) {
      urls.merge(picture, 1, Integer::sum);
      like.merge(PageCheck.shape(picture), 1, Integer::sum);
    }
    int needed = Math.max(REPORTS, (seen.reports().size() + 1) / 2);
    String shape = most(like, needed);
    return shape == null ? null : new Likely(most(urls, needed), shape);
  }

  private static @Nullable String most(Map<String, Integer> counts, int needed) {
    return counts.entrySet().stream()
        .max(Map.Entry.comparingByValue())
        .filter(most -> most.getValue() >= needed)
        .map(Map.Entry::getKey)
        .orElse(null);
  }
}
