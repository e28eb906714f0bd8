package dev.freshet.assets;

/// What was put into a page.
///
/// @param lazy pictures and frames that wait until somebody scrolls near them
/// @param sized pictures whose place is kept before they are there
/// @param first pictures asked for before others: one at most
/// @param registers whether the page registers the service worker
/// @param gaveUp whether the page was not read to its end
public record Inserted(int lazy, int sized, int first, boolean registers, boolean gaveUp) {
  /// Whether the page is as it came.
  public boolean isNothing() {
    return lazy + sized + first == 0 && !registers;
  }

  /// As a field's value tells it.
  public String text() {
    return "lazy="
        + lazy
        + ";sized="
        + sized
        + ";first="
        + first
        + (registers ? ";worker" : "")
        + (gaveUp ? ";gave-up" : "");
  }
}
