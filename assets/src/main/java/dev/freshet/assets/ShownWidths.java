package dev.freshet.assets;

import dev.freshet.base.Bounded;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
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
///
/// Nor can they crowd out true ones that are as many: pictures that have not been reported often
/// enough wait in a place of their own; where there is no more room, what was reported often is
/// passed over several times; and another window of a picture takes the place of one only when it
/// is reported as often as that one was. Who reports is not asked: behind a balancer all have one
/// address, and a program that means ill has many.
final class ShownWidths {
  /// So many reports it takes.
  static final int REPORTS = 3;

  /// After so many more, and so long, the widest of before no longer counts: the page may have
  /// changed.
  static final int MEMORY = 60;

  static final long MEMORY_NANOS = 24L * 60 * 60 * 1_000_000_000;

  private static final int MAX_PICTURES = 20_000;

  /// Pictures that were not reported often enough yet.
  private static final int MAX_FRESH = 10_000;

  /// So many may be passed over for one that is to go.
  private static final int MAX_PASSED = 16;

  private static final int MAX_WINDOWS = 8;
  private static final int MAX_NAME = 512;

  private final Map<String, Picture> fresh = Bounded.byUse(MAX_FRESH);

  /// The one that nobody reported or asked for the longest first.
  private final Map<String, Picture> pictures = new LinkedHashMap<>(16, 0.75f, true);

  private final LongSupplier nanos;
  private long reports;

  /// @param nanos a clock that only goes on
  ShownWidths(LongSupplier nanos) {
    this.nanos = nanos;
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

    Seen less() {
      return new Seen(count - 1, widest, lately, begun);
    }
  }

  /// One picture on one page, by the width of the window.
  private static final class Picture {
    private final Map<Integer, Seen> windows = new HashMap<>();
    private int reports;

    void report(List<Integer> seenIn, int width, long now) {
      reports = Math.min(reports + 1, MEMORY);
      for (int window : seenIn) {
        Seen had = windows.get(window);
        if (had != null) {
          windows.put(window, had.with(width, now));
        } else if (windows.size() < MAX_WINDOWS || makeRoom()) {
          windows.put(window, new Seen(1, width, width, now));
        }
      }
    }

    /// The window that was reported least counts for one report less (as Misra and Gries count what
    /// is frequent); it goes when nothing of it is left.
    private boolean makeRoom() {
      var least =
          Collections.min(
              windows.entrySet(), Comparator.comparingInt(each -> each.getValue().count()));
      if (least.getValue().count() <= 1) {
        windows.remove(least.getKey());
        return true;
      }
      least.setValue(least.getValue().less());
      return false;
    }

    boolean isKnown() {
      return reports >= REPORTS;
    }

    /// Whether it was reported so often that it stays; half of that counts the next time.
    boolean staysOnceMore() {
      reports /= 2;
      return isKnown();
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
      Picture known = pictures.get(one.name());
      if (known != null) {
        known.report(windows, one.width(), now);
        continue;
      }
      Picture young = fresh.computeIfAbsent(one.name(), name -> new Picture());
      young.report(windows, one.width(), now);
      if (young.isKnown()) {
        fresh.remove(one.name());
        pictures.put(one.name(), young);
        keepBounded();
      }
    }
  }

  private void keepBounded() {
    for (int passed = 0; pictures.size() > MAX_PICTURES; passed++) {
      var eldest = pictures.entrySet().iterator().next();
      String name = eldest.getKey();
      Picture picture = eldest.getValue();
      pictures.remove(name);
      if (passed < MAX_PASSED && picture.staysOnceMore()) {
        pictures.put(name, picture);
      }
    }
  }

  /// CSS pixels that the picture needs there; 0 while that is not known.
  int width(String page, int window, String picture) {
    String name = name(page, picture);
    return name == null ? 0 : width(name, window);
  }

  private synchronized int width(String name, int window) {
    Picture picture = pictures.get(name);
    Seen seen = picture == null ? null : picture.windows.get(window);
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
