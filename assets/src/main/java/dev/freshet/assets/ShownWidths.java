package dev.freshet.assets;

import java.util.LinkedHashMap;
import java.util.Map;

/// How wide pictures are shown, by page and width of the window, as browsers report it; forgets
/// what was not reported for the longest.
///
/// Anybody can report anything. A width counts when some reports agree that nothing wider is
/// needed, and one report of a wider one counts at once: false reports can make a picture less
/// sharp for a time, never for long where true ones go on.
final class ShownWidths {
  /// So many reports it takes.
  static final int REPORTS = 3;

  /// After so many more the widest of before no longer counts: the page may have changed.
  private static final int MEMORY = 60;

  private static final int MAX_PICTURES = 20_000;
  private static final int MAX_WINDOWS = 8;
  private static final int MAX_NAME = 512;

  private final Map<String, Map<Integer, Seen>> pictures = new Bounded<>(MAX_PICTURES);
  private long reports;

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
  private record Seen(int count, int widest, int lately) {
    Seen with(int width) {
      return count >= MEMORY
          ? new Seen(REPORTS, Math.max(lately, width), width)
          : new Seen(count + 1, Math.max(widest, width), Math.max(lately, width));
    }
  }

  /// @param page the page's URL, as `Referer` says it
  /// @param window its width in CSS pixels; negative for what stands for several
  /// @param picture absolute URL
  /// @param width CSS pixels that it takes there
  synchronized void report(String page, int window, String picture, int width) {
    String name = name(page, picture);
    if (name.length() <= MAX_NAME) {
      reports++;
      pictures
          .computeIfAbsent(name, n -> new Bounded<>(MAX_WINDOWS))
          .merge(window, new Seen(1, width, width), (had, one) -> had.with(width));
    }
  }

  /// CSS pixels that the picture needs there; 0 while that is not known.
  synchronized int width(String page, int window, String picture) {
    Map<Integer, Seen> windows = pictures.get(name(page, picture));
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
  private static String name(String page, String picture) {
    StringBuilder out = new StringBuilder();
    String place = Referrals.place(page);
    for (int i = 0; i < place.length(); i++) {
      char c = place.charAt(i);
      boolean isDigit = c >= '0' && c <= '9';
      if (!isDigit) {
        out.append(c);
      } else if (i == 0 || out.charAt(out.length() - 1) != '0') {
        out.append('0');
      }
    }
    int authority = picture.indexOf("://");
    return out.append('\n').append(picture, Math.max(0, authority), picture.length()).toString();
  }
}
