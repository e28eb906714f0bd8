package dev.freshet.assets;

/// A picture's width and height as it is shown, in pixels.
///
/// @param isNatural false for an SVG of which only the ratio is known: it fills what room there is
public record Size(int width, int height, boolean isNatural) {
  /// Where it begins to be a picture rather than an icon, and where it is likely to be the page's
  /// main one.
  private static final int ICON = 100;

  private static final long LARGE = 40_000;

  public Size(int width, int height) {
    this(width, height, true);
  }

  boolean isIcon() {
    return width <= ICON && height <= ICON;
  }

  boolean isLarge() {
    return (long) width * height >= LARGE;
  }
}
