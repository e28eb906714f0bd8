package dev.freshet.assets;

import java.nio.ByteBuffer;

/// Says in a JPEG at which size it is to be laid out: that of the picture of which it has fewer
/// pixels.
///
/// A browser takes a picture for as large as its Exif says, in pixels of 1/72 inch, where
/// resolution and stated size fit the pixels that are there (HTML, "prepare an image for
/// presentation"; Exif 2.32, section 4.6). So pages lay it out, and scripts measure and draw it, as
/// they would the original. Chromium does so for JPEG alone.
final class NaturalSize {
  private static final int INCH = 2;
  private static final int DOTS = 72;
  private static final short SHORT = 3;
  private static final short LONG = 4;
  private static final short RATIONAL = 5;
  private static final byte[] EXIF = {'E', 'x', 'i', 'f', 0, 0};
  private static final int DIRECTORY = 8;
  private static final int ENTRY = 12;
  private static final int RATIONALS = DIRECTORY + 2 + 4 * ENTRY + 4;
  private static final int INNER = RATIONALS + 16;
  private static final int LENGTH = INNER + 2 + 2 * ENTRY + 4;

  private NaturalSize() {}

  /// @param jpeg without metadata
  /// @param has its size in pixels
  /// @param meant as which it is to be laid out
  static byte[] put(byte[] jpeg, Size has, Size meant) {
    ByteBuffer out = ByteBuffer.allocate(jpeg.length + 4 + EXIF.length + LENGTH);
    out.put(jpeg, 0, 2);
    out.putShort((short) 0xffe1).putShort((short) (2 + EXIF.length + LENGTH)).put(EXIF);
    tiff(out, has, meant);
    out.put(jpeg, 2, jpeg.length - 2);
    return out.array();
  }

  private static void tiff(ByteBuffer out, Size has, Size meant) {
    out.put((byte) 'M').put((byte) 'M').putShort((short) 42).putInt(DIRECTORY);
    out.putShort((short) 4);
    entry(out, 0x011a, RATIONAL, RATIONALS);
    entry(out, 0x011b, RATIONAL, RATIONALS + 8);
    entry(out, 0x0128, SHORT, INCH << 16);
    entry(out, 0x8769, LONG, INNER);
    out.putInt(0);
    out.putInt(has.width() * DOTS).putInt(meant.width());
    out.putInt(has.height() * DOTS).putInt(meant.height());
    out.putShort((short) 2);
    entry(out, 0xa002, LONG, meant.width());
    entry(out, 0xa003, LONG, meant.height());
    out.putInt(0);
  }

  private static void entry(ByteBuffer out, int tag, short type, int value) {
    out.putShort((short) tag).putShort(type).putInt(1).putInt(value);
  }
}
