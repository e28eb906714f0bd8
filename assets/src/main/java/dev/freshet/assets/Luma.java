package dev.freshet.assets;

/// The brightness of a picture's pixels, and their opacity where it has one, as octets side by
/// side.
final class Luma {
  /// Windows of so many pixels each way; side by side.
  private static final int WINDOW = 8;

  private static final double C1 = 0.01 * 255 * 0.01 * 255;
  private static final double C2 = 0.03 * 255 * 0.03 * 255;

  private final int width;
  private final int height;
  private final int bands;
  private final byte[] octets;

  Luma(int width, int height, int bands, byte[] octets) {
    if ((long) width * height * bands != octets.length) {
      throw new IllegalArgumentException("a picture of " + octets.length + " octets");
    }
    this.width = width;
    this.height = height;
    this.bands = bands;
    this.octets = octets;
  }

  /// How alike both look, 1 for the same: the mean structural similarity (Wang, Bovik, Sheikh and
  /// Simoncelli 2004) over windows side by side; 0 for pictures of other sizes.
  double similarity(Luma other) {
    if (width != other.width || height != other.height || bands != other.bands) {
      return 0;
    }
    double worst = 1;
    for (int band = 0; band < bands; band++) {
      worst = Math.min(worst, similarity(other, band));
    }
    return worst;
  }

  private double similarity(Luma other, int band) {
    double sum = 0;
    long windows = 0;
    for (int y = 0; y < height; y += WINDOW) {
      for (int x = 0; x < width; x += WINDOW) {
        sum += window(other, band, x, y);
        windows++;
      }
    }
    return windows == 0 ? 0 : sum / windows;
  }

  private double window(Luma other, int band, int left, int top) {
    int right = Math.min(width, left + WINDOW);
    int bottom = Math.min(height, top + WINDOW);
    int a = 0;
    int b = 0;
    int aa = 0;
    int bb = 0;
    int ab = 0;
    for (int y = top; y < bottom; y++) {
      int at = (y * width + left) * bands + band;
      for (int x = left; x < right; x++) {
        int one = octets[at] & 0xff;
        int two = other.octets[at] & 0xff;
        a += one;
        b += two;
        aa += one * one;
        bb += two * two;
        ab += one * two;
        at += bands;
      }
    }
    double n = (right - left) * (double) (bottom - top);
    double meanA = a / n;
    double meanB = b / n;
    double varianceA = aa / n - meanA * meanA;
    double varianceB = bb / n - meanB * meanB;
    double covariance = ab / n - meanA * meanB;
    return (2 * meanA * meanB + C1)
        * (2 * covariance + C2)
        / ((meanA * meanA + meanB * meanB + C1) * (varianceA + varianceB + C2));
  }
}
