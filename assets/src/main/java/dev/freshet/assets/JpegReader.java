package dev.freshet.assets;

import org.jspecify.annotations.Nullable;

/// The size in a JPEG's frame header (ITU-T T.81, annex B), turned as its Exif says.
final class JpegReader {
  private static final int MAX_SEGMENTS = 1_000;
  private static final int MAX_ENTRIES = 256;
  private static final int ORIENTATION = 0x0112;

  private JpegReader() {}

  static @Nullable Size size(Pieces in) {
    long at = 2;
    boolean isTurned = false;
    for (int i = 0; i < MAX_SEGMENTS; i++) {
      if (in.octet(at) != 0xff) {
        return null;
      }
      int marker = in.octet(at + 1);
      if (marker == 0xff) {
        at++;
        continue;
      }
      boolean isAlone = marker == 0x01 || (marker >= 0xd0 && marker <= 0xd8);
      if (isAlone) {
        at += 2;
        continue;
      }
      boolean isFrame =
          marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
      if (isFrame) {
        int height = in.int16(at + 5);
        int width = in.int16(at + 7);
        return PictureReader.of(isTurned ? height : width, isTurned ? width : height);
      }
      if (marker == 0xd9 || marker == 0xda) {
        return null;
      }
      if (marker == 0xe1 && PictureReader.isAt(in, at + 4, "Exif")) {
        isTurned = orientation(in, at + 10) >= 5;
      }
      at += 2 + Math.max(2, in.int16(at + 2));
    }
    return null;
  }

  /// How the picture is to be turned, 1 to 8 (Exif 2.32, section 4.6.4): from 5 on width and height
  /// are swapped.
  ///
  /// @param jpeg that was looked at before
  static int orientation(Pieces jpeg) {
    long at = 2;
    for (int i = 0; i < MAX_SEGMENTS; i++) {
      int marker = jpeg.octet(at + 1);
      if (jpeg.octet(at) != 0xff || marker == 0xd9 || marker == 0xda) {
        return 1;
      }
      if (marker == 0xe1 && PictureReader.isAt(jpeg, at + 4, "Exif")) {
        return orientation(jpeg, at + 10);
      }
      at += marker == 0xff ? 1 : 2 + Math.max(2, jpeg.int16(at + 2));
    }
    return 1;
  }

  private static int orientation(Pieces in, long tiff) {
    boolean isLow = in.octet(tiff) == 'I';
    long directory = tiff + (isLow ? low32(in, tiff + 4) : in.int32(tiff + 4) & 0xffffffffL);
    int entries = isLow ? in.low16(directory) : in.int16(directory);
    for (int i = 0; i < Math.min(entries, MAX_ENTRIES); i++) {
      long entry = directory + 2 + 12L * i;
      int tag = isLow ? in.low16(entry) : in.int16(entry);
      if (tag == ORIENTATION) {
        int said = isLow ? in.low16(entry + 8) : in.int16(entry + 8);
        return said >= 1 && said <= 8 ? said : 1;
      }
    }
    return 1;
  }

  private static long low32(Pieces in, long at) {
    return in.low16(at) | (long) in.low16(at + 2) << 16;
  }
}
