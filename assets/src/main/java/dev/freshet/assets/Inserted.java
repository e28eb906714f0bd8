package dev.freshet.assets;

import java.util.List;
import java.util.stream.Collectors;

/// What was put into a page.
///
/// @param lazy pictures and frames that wait until somebody scrolls near them
/// @param sized pictures whose place is kept before they are there
/// @param first pictures asked for before others: one at most
/// @param named style sheets and scripts whose URL names their content
/// @param critical style sheets of which what the page needs is in the page
/// @param more what else was put into the page, in a word each: scripts (`worker` registers the
///   service worker, `shown` tells how its pictures are shown) and what is asked for ahead
/// @param gaveUp whether the page was not read to its end
public record Inserted(
    int lazy, int sized, int first, int named, int critical, List<String> more, boolean gaveUp) {
  public Inserted {
    more = List.copyOf(more);
  }

  /// Whether the page is as it came.
  public boolean isNothing() {
    return lazy + sized + first + named == 0 && more.isEmpty();
  }

  /// Kinds of things that are asked for ahead.
  int ahead() {
    return (int) more.stream().filter(word -> word.startsWith("pre")).count();
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
        + (critical > 0 ? ";critical=" + critical : "")
        + more.stream().map(word -> ";" + word).collect(Collectors.joining())
        + (gaveUp ? ";gave-up" : "");
  }
}
