package dev.freshet.assets;

/// What was put into a page.
///
/// @param lazy pictures and frames that wait until somebody scrolls near them
/// @param sized pictures whose place is kept before they are there
/// @param first pictures asked for before others: one at most
/// @param named style sheets and scripts whose URL names their content
/// @param registers whether the page registers the service worker
/// @param gaveUp whether the page was not read to its end
public record Inserted(
    int lazy, int sized, int first, int named, boolean registers, boolean gaveUp) {
  /// Whether the page is as it came.
  public boolean isNothing() {
    return lazy + sized + first + named == 0 && !registers;
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
        + (registers ? ";worker" : "")
        + (gaveUp ? ";gave-up" : "");
  }
}
