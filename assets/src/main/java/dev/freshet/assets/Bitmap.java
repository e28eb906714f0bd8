package dev.freshet.assets;

import java.util.Arrays;

/// A picture's pixels, row by row from the top: red, green and blue, and opacity where there is
/// one, an octet each.
@SuppressWarnings("ArrayRecordComponent")
record Bitmap(int width, int height, int bands, byte[] octets) {
  Bitmap {
    if ((long) width * height * bands != octets.length) {
      throw new IllegalArgumentException("a picture of " + octets.length + " octets");
    }
  }

  boolean isGrey() {
    for (int at = 0; at < octets.length; at += bands) {
      if (octets[at] != octets[at + 1] || octets[at] != octets[at + 2]) {
        return false;
      }
    }
    return true;
  }

  /// Turned and mirrored as Exif says (2.32, section 4.6.4).
  Bitmap turned(int orientation) {
    if (orientation == 1) {
      return this;
    }
    boolean isSwapped = orientation >= 5;
    int wide = isSwapped ? height : width;
    int high = isSwapped ? width : height;
    byte[] out = new byte[octets.length];
    int to = 0;
    for (int y = 0; y < high; y++) {
      for (int x = 0; x < wide; x++) {
        int from = from(orientation, x, y) * bands;
        for (int band = 0; band < bands; band++) {
          out[to++] = octets[from + band];
        }
      }
    }
    return new Bitmap(wide, high, bands, out);
  }

  /// Which pixel is to be seen there.
  private int from(int orientation, int x, int y) {
    int right = width - 1;
    int bottom = height - 1;
    return switch (orientation) {
      case 2 -> y * width + right - x;
      case 3 -> (bottom - y) * width + right - x;
      case 4 -> (bottom - y) * width + x;
      case 5 -> x * width + y;
      case 6 -> (bottom - x) * width + y;
      case 7 -> (bottom - x) * width + right - y;
      case 8 -> x * width + right - y;
      default -> y * width + x;
    };
  }

  /// No wider than that: each pixel the mean of the area that it stands for.
  Bitmap within(int most) {
    if (width <= most) {
      return this;
    }
    int high = Math.max(1, (int) Math.round((double) height * most / width));
    int row = most * bands;
    byte[] out = new byte[row * high];
    float[] across = new float[row];
    float[] sums = new float[row];
    for (int y = 0; y < high; y++) {
      double begin = (double) y * height / high;
      double end = (double) (y + 1) * height / high;
      Arrays.fill(sums, 0);
      for (int from = (int) begin; from < Math.min(height, Math.ceil(end)); from++) {
        across(from, most, across);
        float share = share(begin, end, from);
        for (int i = 0; i < row; i++) {
          sums[i] += share * across[i];
        }
      }
      for (int i = 0; i < row; i++) {
        out[y * row + i] = (byte) Math.clamp(Math.round(sums[i]), 0, 255);
      }
    }
    return new Bitmap(most, high, bands, out);
  }

  /// One row in fewer pixels.
  private void across(int y, int most, float[] out) {
    Arrays.fill(out, 0);
    for (int x = 0; x < most; x++) {
      double begin = (double) x * width / most;
      double end = (double) (x + 1) * width / most;
      for (int from = (int) begin; from < Math.min(width, Math.ceil(end)); from++) {
        float share = share(begin, end, from);
        int at = (y * width + from) * bands;
        for (int band = 0; band < bands; band++) {
          out[x * bands + band] += share * (octets[at + band] & 0xff);
        }
      }
    }
  }

  /// How much of what lies between two is the pixel there.
  private static float share(double begin, double end, int pixel) {
    return (float) ((Math.min(end, pixel + 1) - Math.max(begin, pixel)) / (end - begin));
  }

  /// As Rec. 601 weighs colours, with the opacity where there is one.
  Luma luma() {
    int each = bands - 2;
    byte[] out = new byte[width * height * each];
    int to = 0;
    for (int at = 0; at < octets.length; at += bands) {
      int red = octets[at] & 0xff;
      int green = octets[at + 1] & 0xff;
      int blue = octets[at + 2] & 0xff;
      out[to++] = (byte) ((299 * red + 587 * green + 114 * blue + 500) / 1000);
      if (bands == 4) {
        out[to++] = octets[at + 3];
      }
    }
    return new Luma(width, height, each, out);
  }
}
