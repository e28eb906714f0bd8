package dev.freshet.assets;

import java.util.List;
import java.util.stream.Collectors;

/// What was put into a page.
///
/// @param lazy pictures and frames that wait until somebody scrolls near them
/// @param sized pictures whose place is kept before they are there
/// @param first pictures asked for before others: one at most
/// @param named style sheets and scripts whose URL names their content
/// @param scripts that were put into the page, in a word each: `worker` registers the service
///   worker, `shown` tells how its pictures are shown
/// @param gaveUp whether the page was not read to its end
public record Inserted(
    int lazy, int sized, int first, int named, List<String> scripts, boolean gaveUp) {
  public Inserted {
    scripts = List.copyOf(scripts);
  }

  /// Whether the page is as it came.
  public boolean isNothing() {
    return lazy + sized + first + named == 0 && scripts.isEmpty();
  }

  /// As a field's value tells it.
  public String text() {
    return "lazy="
        + lazy
        + ";sized="
        + sized
        + ";first="
        + first
        + (named > 0 ? ";named=" + named : "")
        + scripts.stream().map(word -> ";" + word).collect(Collectors.joining())
        + (gaveUp ? ";gave-up" : "");
  }
}
