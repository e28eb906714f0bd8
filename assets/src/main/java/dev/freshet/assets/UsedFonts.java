package dev.freshet.assets;

import dev.freshet.base.Bounded;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/* A browser asks for a font when it lays out a text that needs it, so behind every style sheet of
 * the page; until it is there the text is not, or in another font, and moves when it comes. What
 * all who saw a page needed, the next may ask for at once.
 *
 * Nearly all: what one in ten did not need is not asked for, since it would be octets for nothing.
 */

/// Which fonts visitors of a page needed at first, as their browsers tell it; by shape of the page,
/// as [LargestPictures].
///
/// Anybody can report anything: so a font is only what the site has sent as one, and each true
/// report that doesn't name it ends it.
final class UsedFonts {
  private static final int MAX_SHAPES = 2_000;
  private static final int MAX_REPORTS = 12;
  private static final int MAX_PAGES = 16;
  private static final int MAX_NAME = 256;
  private static final int MAX_KNOWN = 2_000;

  /// So many reports it takes.
  private static final int REPORTS = 3;

  /// Of so many one may have needed another.
  private static final int SHARE = 10;

  /// Fonts of one page.
  static final int MOST = 4;

  /// URLs of what was sent as a font, to everybody. Guarded by this, as all.
  private final Map<String, Boolean> fonts = Bounded.byUse(MAX_KNOWN);

  private final Map<String, Seen> shapes = Bounded.byUse(MAX_SHAPES);

  /// Of one shape: what was told last, and the stored pages to be told of other fonts.
  private record Seen(Deque<List<String>> reports, Set<String> pages) {}

  /// That was sent as a font.
  ///
  /// @param url absolute
  synchronized void learn(String url) {
    if (url.length() <= MAX_NAME) {
      fonts.put(url, true);
    }
  }

  /// Gives the pages that can be made better now.
  synchronized Set<String> report(String page, List<String> used) {
    Seen seen = page.length() > MAX_NAME ? null : shapes.get(PageCheck.shape(page));
    if (seen == null) {
      return Set.of();
    }
    List<String> before = of(seen);
    List<String> told = used.stream().filter(url -> url.length() <= MAX_NAME).limit(MOST).toList();
    seen.reports().addLast(told);
    if (seen.reports().size() > MAX_REPORTS) {
      seen.reports().removeFirst();
    }
    if (of(seen).equals(before)) {
      return Set.of();
    }
    Set<String> pages = Set.copyOf(seen.pages());
    seen.pages().clear();
    return pages;
  }

  /// URLs of what a stored page needs; none while that is not known.
  synchronized List<String> of(String page) {
    return page.length() > MAX_NAME ? List.of() : of(seen(page));
  }

  private Seen seen(String page) {
    return shapes.computeIfAbsent(
        PageCheck.shape(page), shape -> new Seen(new ArrayDeque<>(), new LinkedHashSet<>()));
  }

  /// Has the stored page told when it needs others than it was made with.
  ///
  /// @param name of the stored page
  /// @return false where that is so already: nobody is going to tell
  synchronized boolean await(String page, String name, List<String> made) {
    if (page.length() > MAX_NAME || name.length() > MAX_NAME) {
      return true;
    }
    Seen seen = seen(page);
    if (!of(seen).equals(made)) {
      return false;
    }
    if (seen.pages().size() < MAX_PAGES) {
      seen.pages().add(name);
    }
    return true;
  }

  private List<String> of(Seen seen) {
    int reports = seen.reports().size();
    if (reports < REPORTS) {
      return List.of();
    }
    Map<String, Integer> counts = new HashMap<>();
    seen.reports().forEach(told -> told.forEach(url -> counts.merge(url, 1, Integer::sum)));
    return counts.entrySet().stream()
        .filter(each -> (reports - each.getValue()) * SHARE < reports)
        .map(Map.Entry::getKey)
        .filter(fonts::containsKey)
        .sorted()
        .limit(MOST)
        .toList();
  }
}
