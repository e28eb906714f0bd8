package dev.freshet.load;

/// Visitors who do as browsers do: they load what a page names, over connections of their own, and
/// keep what they may.
///
/// @param returning share of the visits that are made with what an earlier visit has left in the
///   browser's cache; the others begin with an empty one
public record Browsing(double returning) {
  public Browsing {
    if (!(returning >= 0 && returning <= 1)) {
      throw new IllegalArgumentException("a share is between 0 and 100 %");
    }
  }
}
