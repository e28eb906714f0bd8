package dev.freshet.assets;

import dev.freshet.base.Bounded;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Which picture was the largest thing that visitors of a page saw, as their browsers tell it; by
/// shape of the page, so that a page that nobody has seen yet is known by others of its template.
///
/// Anybody can report anything. All that comes of it is that another of the page's own pictures is
/// asked for first: what is reported of a shape that no stored page has is not kept, nor does a
/// picture that a page doesn't have keep it from being told of the next.
final class LargestPictures {
  /// With names as long as may be all of it takes some 20 MB.
  private static final int MAX_SHAPES = 2_000;

  private static final int MAX_REPORTS = 12;
  private static final int MAX_PAGES = 16;
  private static final int MAX_NAME = 256;

  /// So many reports it takes, and half of the last ones.
  private static final int REPORTS = 3;

  private final Map<String, Seen> shapes = Bounded.byUse(MAX_SHAPES);

  /// Of one shape: what was told last, and the stored pages in which nothing was found by that.
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
    Seen seen = shapes.get(PageCheck.shape(page));
    if (seen == null) {
      return Set.of();
    }
    Likely before = likely(seen);
    seen.reports().addLast(picture);
    if (seen.reports().size() > MAX_REPORTS) {
      seen.reports().removeFirst();
    }
    Likely now = likely(seen);
    if (now == null || now.equals(before)) {
      return Set.of();
    }
    Set<String> pages = Set.copyOf(seen.pages());
    seen.pages().clear();
    return pages;
  }

  /// What is known for a stored page; null while it is not.
  synchronized @Nullable Likely of(String page) {
    if (page.length() > MAX_NAME) {
      return null;
    }
    return likely(
        shapes.computeIfAbsent(
            PageCheck.shape(page), shape -> new Seen(new ArrayDeque<>(), new LinkedHashSet<>())));
  }

  /// Has the stored page told when something else is known than was when it was made.
  ///
  /// @param name of the stored page
  /// @param made what it was made by
  /// @return false where that is so already: nobody is going to tell
  synchronized boolean await(String page, String name, @Nullable Likely made) {
    Seen seen = shapes.get(PageCheck.shape(page));
    if (seen == null || name.length() > MAX_NAME) {
      return true;
    }
    if (!Objects.equals(likely(seen), made)) {
      return false;
    }
    if (seen.pages().size() < MAX_PAGES) {
      seen.pages().add(name);
    }
    return true;
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
