package dev.freshet.assets;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// How wide pictures are shown, by page and width of the window, as browsers report it; forgets
/// what was not reported for the longest.
///
/// Anybody can report anything. A width counts when some reports agree that nothing wider is
/// needed, and one report of a wider one counts at once and for a day at least: false reports can
/// make a picture less sharp for a time, never for long where true ones go on.
final class ShownWidths {
  /// So many reports it takes.
  static final int REPORTS = 3;

  /// After so many more, and so long, the widest of before no longer counts: the page may have
  /// changed.
  static final int MEMORY = 60;

  static final long MEMORY_NANOS = 24L * 60 * 60 * 1_000_000_000;

  private static final int MAX_PICTURES = 20_000;
  private static final int MAX_WINDOWS = 8;
  private static final int MAX_NAME = 512;

  private final Map<String, Map<Integer, Seen>> pictures = new Bounded<>(MAX_PICTURES);
  private final LongSupplier nanos;
  private long reports;

  /// @param nanos a clock that only goes on
  ShownWidths(LongSupplier nanos) {
    this.nanos = nanos;
  }

  private static final class Bounded<K, V> extends LinkedHashMap<K, V> {
    private static final long serialVersionUID = 1L;
    private final int most;

    Bounded(int most) {
      super(16, 0.75f, true);
      this.most = most;
    }

    @Override
    protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
      return size() > most;
    }
  }

  /// One picture on one page in windows of one width.
  ///
  /// @param widest of the reports before, and of those that are being counted
  /// @param begun when the first of those that are being counted came
  private record Seen(int count, int widest, int lately, long begun) {
    Seen with(int width, long now) {
      return count >= MEMORY && now - begun >= MEMORY_NANOS
          ? new Seen(REPORTS, Math.max(lately, width), width, now)
          : new Seen(
              Math.min(count + 1, MEMORY), Math.max(widest, width), Math.max(lately, width), begun);
    }
  }

  private record Named(String name, int width) {}

  /// One report, of whatever many pictures.
  ///
  /// @param page the page's URL, as `Referer` says it
  /// @param windows its width in CSS pixels, and negative what stands for several
  /// @param widths CSS pixels that each picture takes there, by its absolute URL
  void report(String page, List<Integer> windows, Map<String, Integer> widths) {
    List<Named> all = new ArrayList<>(widths.size());
    widths.forEach((picture, width) -> {
      String name = name(page, picture);
      if (name != null) {
        all.add(new Named(name, width));
      }
    });
    if (!all.isEmpty()) {
      report(windows, all);
    }
  }

  private synchronized void report(List<Integer> windows, List<Named> all) {
    long now = nanos.getAsLong();
    reports++;
    for (Named one : all) {
      Map<Integer, Seen> known =
          pictures.computeIfAbsent(one.name(), name -> new Bounded<>(MAX_WINDOWS));
      Seen first = new Seen(1, one.width(), one.width(), now);
      for (int window : windows) {
        known.merge(window, first, (had, _) -> had.with(one.width(), now));
      }
    }
  }

  /// CSS pixels that the picture needs there; 0 while that is not known.
  int width(String page, int window, String picture) {
    String name = name(page, picture);
    return name == null ? 0 : width(name, window);
  }

  private synchronized int width(String name, int window) {
    Map<Integer, Seen> windows = pictures.get(name);
    Seen seen = windows == null ? null : windows.get(window);
    return seen == null || seen.count() < REPORTS ? 0 : seen.widest();
  }

  synchronized int known() {
    return pictures.size();
  }

  /// Since the start.
  synchronized long reports() {
    return reports;
  }

  /// Pages that differ in numbers only are made alike: what one of them shows wider counts for all.
  /// What stands in a query often says how large pictures are (`?view=grid`), so it counts.
  ///
  /// @return null where that would be long, or the page tells no more than its site
  private static @Nullable String name(String page, String picture) {
    boolean isShort = page.length() <= MAX_NAME && picture.length() <= MAX_NAME;
    int authority = page.indexOf("://");
    if (!isShort || authority < 0 || page.indexOf('/', authority + 3) < 0) {
      return null;
    }
    int query = page.indexOf('?');
    String place = Referrals.place(page) + (query < 0 ? "" : page.substring(query));
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < place.length(); i++) {
      char c = place.charAt(i);
      boolean isDigit = c >= '0' && c <= '9';
      if (!isDigit) {
        out.append(c);
      } else if (i == 0 || out.charAt(out.length() - 1) != '0') {
        out.append('0');
      }
    }
    int site = picture.indexOf("://");
    out.append('\n').append(picture, Math.max(0, site), picture.length());
    return out.length() <= MAX_NAME ? out.toString() : null;
  }
}
