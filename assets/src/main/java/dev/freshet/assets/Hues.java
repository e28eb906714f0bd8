package dev.freshet.assets;

/// The mean of each colour in windows side by side: what brightness says nothing of. Encoders are
/// coarser with colours, and a dark green may end as brown.
final class Hues {
  private static final int WINDOW = 8;

  /// So far may the mean of one colour be off, of 255.
  private static final float MOST = 5;

  /// So many windows of a thousand may be further off.
  private static final int EXCEPT = 5;

  private final float[] means;

  private Hues(float[] means) {
    this.means = means;
  }

  /// @param octets one for each band of each pixel, row by row
  static Hues of(int width, int height, int bands, byte[] octets) {
    if ((long) width * height * bands != octets.length) {
      // Of more octets a band, or none that can be compared.
      return new Hues(new float[0]);
    }
    int across = (width + WINDOW - 1) / WINDOW;
    int down = (height + WINDOW - 1) / WINDOW;
    float[] sums = new float[across * down * bands];
    for (int y = 0; y < height; y++) {
      int at = y * width * bands;
      for (int x = 0; x < width; x++) {
        int window = (y / WINDOW * across + x / WINDOW) * bands;
        for (int band = 0; band < bands; band++) {
          sums[window + band] += octets[at++] & 0xff;
        }
      }
    }
    for (int i = 0; i < sums.length; i++) {
      int window = i / bands;
      int wide = Math.min(WINDOW, width - window % across * WINDOW);
      int high = Math.min(WINDOW, height - window / across * WINDOW);
      sums[i] /= wide * high;
    }
    return new Hues(sums);
  }

  /// Whether nobody sees another colour; false for pictures of other sizes or bands.
  boolean isLike(Hues other) {
    if (means.length == 0 || means.length != other.means.length) {
      return false;
    }
    long off = 0;
    for (int i = 0; i < means.length; i++) {
      off += Math.abs(means[i] - other.means[i]) > MOST ? 1 : 0;
    }
    return off * 1_000 <= (long) means.length * EXCEPT;
  }
}
