package dev.freshet.edge;

import dev.freshet.http.FieldName;
import dev.freshet.http.Fields;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/// One picture with fewer pixels, for those who show it so small. Immutable, but for its counting.
///
/// @param byWidth in pixels
/// @param asked widths that were asked for, whatever came of it; 0 where none ever is
/// @param wanted how often who came needed a width
record FittedForms(
    NavigableMap<Integer, Form> byWidth, Set<Integer> asked, Map<Integer, AtomicLong> wanted) {
  private static final int ANY = 0;

  static final FittedForms NONE = new FittedForms(new TreeMap<>(), Set.of(), Map.of());

  /// Of what is never sent with fewer pixels.
  static final FittedForms NEVER = new FittedForms(new TreeMap<>(), Set.of(ANY), Map.of());

  /// So many widths are kept of one picture; who needs another gets the next wider.
  private static final int MAX_WIDTHS = 5;

  /// More than there are widths that pictures are made in.
  private static final int MAX_WANTED = 16;

  /// A width takes another's place once it was needed so much more than twice as often: two of them
  /// must not be made in turn.
  private static final int MORE = 8;

  /// What such a picture is chosen by, beside `Accept`. The page is among it: another page may show
  /// the same picture larger, and has to ask. So is what the request is for: a script that reads
  /// the picture gets all its pixels.
  private static final String CHOSEN_BY =
      "Referer, Sec-CH-DPR, Sec-CH-Viewport-Width, Sec-CH-UA-Mobile, Sec-Fetch-Dest,"
          + " Sec-Fetch-Mode, Sec-Fetch-Site";

  private static final FieldName WINDOW = FieldName.of("Sec-CH-Viewport-Width");
  private static final FieldName DEST = FieldName.of("Sec-Fetch-Dest");

  /// Whether a request says what it takes to know how small its picture is shown.
  static boolean mayBeFor(Fields request) {
    return request.has(WINDOW) && "image".equals(request.first(DEST));
  }

  /// Makes fields of a picture those of one with fewer pixels.
  static void fields(Fields picture) {
    for (String name : CHOSEN_BY.split(", ", -1)) {
      CodedVariants.varyOn(picture, name);
    }
    picture.set(FieldName.CONTENT_TYPE, "image/jpeg");
  }

  /// The smallest that is wide enough; null where none is there.
  @Nullable Form atLeast(int width) {
    var found = byWidth.ceilingEntry(width);
    return found == null ? null : found.getValue();
  }

  boolean isNever() {
    return asked.contains(ANY);
  }

  /// Somebody needs that width.
  ///
  /// @return false where it is not counted yet
  boolean count(int width) {
    AtomicLong times = wanted.get(width);
    if (times != null) {
      times.incrementAndGet();
    }
    return times != null || wanted.size() >= MAX_WANTED;
  }

  /// The same, with a width that is counted from now on.
  FittedForms counting(int width) {
    Map<Integer, AtomicLong> all = new HashMap<>(wanted);
    all.putIfAbsent(width, new AtomicLong(1));
    return new FittedForms(byWidth, asked, all);
  }

  private long times(int width) {
    AtomicLong times = wanted.get(width);
    return times == null ? 0 : times.get();
  }

  /// Whether a picture of that width is still to be asked for.
  boolean lacks(int width) {
    return !asked.contains(width)
        && (asked.size() < MAX_WIDTHS || times(width) > 2 * times(leastWanted(asked)) + MORE);
  }

  private int leastWanted(Set<Integer> widths) {
    return Collections.min(widths, Comparator.comparingLong(this::times));
  }

  FittedForms asked(int width) {
    Set<Integer> all = new TreeSet<>(asked);
    NavigableMap<Integer, Form> kept = byWidth;
    if (all.size() >= MAX_WIDTHS && !all.contains(width)) {
      int least = leastWanted(all);
      all.remove(least);
      kept = new TreeMap<>(byWidth);
      kept.remove(least);
    }
    all.add(width);
    return new FittedForms(kept, all, wanted);
  }

  FittedForms with(int width, Form form) {
    NavigableMap<Integer, Form> all = new TreeMap<>(byWidth);
    all.put(width, form);
    if (all.size() > MAX_WIDTHS) {
      // Another took its place while it was being made.
      all.remove(leastWanted(all.keySet()));
    }
    return new FittedForms(all, asked, wanted);
  }

  FittedForms map(BiFunction<Integer, Form, Form> change) {
    NavigableMap<Integer, Form> all = new TreeMap<>();
    byWidth.forEach((width, form) -> all.put(width, change.apply(width, form)));
    return new FittedForms(all, asked, wanted);
  }

  /// Estimated octets of heap.
  long weight() {
    long weight = 0;
    for (Form form : byWidth.values()) {
      weight += 300 + 3L * form.head().lines().length + form.length();
    }
    return weight;
  }
}
