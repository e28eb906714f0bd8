package dev.freshet.edge;

import dev.freshet.http.FieldName;
import dev.freshet.http.Fields;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/// One picture with fewer pixels, for those who show it so small. Immutable.
///
/// @param byWidth in pixels
/// @param asked widths that were asked for, whatever came of it
record FittedForms(NavigableMap<Integer, Form> byWidth, Set<Integer> asked) {
  static final FittedForms NONE = new FittedForms(new TreeMap<>(), Set.of());

  /// So many widths are kept of one picture; who needs another gets the next wider.
  private static final int MAX_WIDTHS = 5;

  /// What such a picture is chosen by, beside `Accept`. The page is among it: another page may show
  /// the same picture larger, and has to ask.
  private static final String CHOSEN_BY = "Referer, Sec-CH-DPR, Sec-CH-Viewport-Width";

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

  /// Whether a picture of that width is still to be asked for.
  boolean lacks(int width) {
    return !asked.contains(width) && asked.size() < MAX_WIDTHS;
  }

  FittedForms asked(int width) {
    Set<Integer> all = new TreeSet<>(asked);
    all.add(width);
    return new FittedForms(byWidth, all);
  }

  FittedForms with(int width, Form form) {
    NavigableMap<Integer, Form> all = new TreeMap<>(byWidth);
    all.put(width, form);
    return new FittedForms(all, asked);
  }

  FittedForms map(BiFunction<Integer, Form, Form> change) {
    NavigableMap<Integer, Form> all = new TreeMap<>();
    byWidth.forEach((width, form) -> all.put(width, change.apply(width, form)));
    return new FittedForms(all, asked);
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
