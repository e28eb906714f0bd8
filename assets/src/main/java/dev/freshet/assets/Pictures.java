package dev.freshet.assets;

import dev.freshet.base.Bounded;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Sizes of the pictures that were seen, and which pages wait for the size of which; both forget
/// what was not asked for the longest, and never learn a name that is very long.
final class Pictures {
  private static final int MAX_SIZES = 50_000;
  private static final int MAX_AWAITED = 5_000;
  private static final int MAX_PAGES = 16;
  private static final int MAX_NAME = 512;

  private final Map<String, Size> sizes = Bounded.byUse(MAX_SIZES);
  private final Map<String, Set<String>> awaited = Bounded.byUse(MAX_AWAITED);

  synchronized @Nullable Size size(String url) {
    return sizes.get(url);
  }

  synchronized int known() {
    return sizes.size();
  }

  /// The page would be better if it knew that picture's size; true when that is known by now, and
  /// so nobody will be told.
  synchronized boolean await(String url, String page) {
    if (sizes.containsKey(url)) {
      return true;
    }
    if (url.length() > MAX_NAME || page.length() > MAX_NAME) {
      return false;
    }
    Set<String> pages = awaited.computeIfAbsent(url, u -> new LinkedHashSet<>());
    if (pages.size() < MAX_PAGES) {
      pages.add(page);
    }
    return false;
  }

  /// The picture was seen; gives the pages that waited for that.
  synchronized Set<String> learn(String url, Size size) {
    if (url.length() > MAX_NAME) {
      return Set.of();
    }
    sizes.put(url, size);
    Set<String> pages = awaited.remove(url);
    return pages == null ? Set.of() : pages;
  }
}
