package dev.freshet.assets;

import dev.freshet.base.Bounded;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/// Sizes that the pictures of a site usually have. A page that is not stored (a cart, an account)
/// passes once, and the rules that keep places stand at its top, before its pictures are read: so
/// it gets rules for these.
///
/// Only sizes of pictures that everybody may have are known at all, and nobody is told which page
/// showed them. Pages whose shape has shown no picture get none.
final class UsualSizes {
  /// Of one site; a rule has some hundred characters.
  static final int MAX_SIZES = 12;

  private static final int MAX_SITES = 1_000;
  private static final int MAX_SHAPES = 5_000;
  private static final int MAX_NAME = 512;

  private final Map<String, Set<Size>> sites = Bounded.byUse(MAX_SITES);
  private final Set<String> shapes = Collections.newSetFromMap(Bounded.byUse(MAX_SHAPES));

  /// @param page its URL
  synchronized Set<Size> of(String page) {
    Set<Size> all = page.length() > MAX_NAME ? null : sites.get(site(page));
    return all == null || !shapes.contains(PageCheck.shape(page)) ? Set.of() : Set.copyOf(all);
  }

  /// A picture was seen.
  synchronized void learn(String picture, Size size) {
    if (picture.length() <= MAX_NAME) {
      use(site(picture), Set.of(size));
    }
  }

  /// A page has pictures.
  ///
  /// @param found sizes of theirs that are known
  synchronized void shown(String page, Collection<Size> found) {
    if (page.length() <= MAX_NAME) {
      shapes.add(PageCheck.shape(page));
      use(site(page), found);
    }
  }

  /// Those that were not used for the longest leave first.
  private void use(String site, Collection<Size> used) {
    if (used.isEmpty()) {
      return;
    }
    Set<Size> all = sites.computeIfAbsent(site, s -> new LinkedHashSet<>());
    for (Size size : used) {
      all.remove(size);
      all.add(size);
      if (all.size() > MAX_SIZES) {
        all.remove(all.iterator().next());
      }
    }
  }

  private static String site(String url) {
    int slash = url.indexOf('/', url.indexOf("://") + 3);
    return (slash < 0 ? url : url.substring(0, slash)).toLowerCase(Locale.ROOT);
  }
}
