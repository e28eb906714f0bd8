package dev.freshet.assets;

/// What a JPEG is, by its markers: read to its end, for it says piece by piece what a decoder has
/// to do (ITU-T T.81, annex B).
final class JpegSource {
  private static final int MAX_SEGMENTS = 2_000;

  /// A decoder may go over all of a picture for each scan, however empty that is; encoders write
  /// some ten.
  private static final int MAX_SCANS = 100;

  private final Pieces in;
  private boolean isNamed;
  private boolean isUnusual;
  private int scans;

  JpegSource(Pieces in) {
    this.in = in;
  }

  /// Why it stays as it is, in a word; empty where it may be made again.
  String refused() {
    long at = 2;
    for (int i = 0; i < MAX_SEGMENTS; i++) {
      int marker = in.octet(at + 1);
      if (in.octet(at) != 0xff) {
        return "unreadable";
      }
      if (marker == 0xd9) {
        return scans == 0 ? "unreadable" : "";
      }
      String refused = marker == 0xff ? "" : segment(at, marker);
      if (!refused.isEmpty()) {
        return refused;
      }
      at += marker == 0xff ? 1 : 2 + Math.max(2, in.int16(at + 2));
      at = marker == 0xda ? behindScan(at) : at;
    }
    return "unreadable";
  }

  /// One in CMYK means other colours to each decoder; one with a second picture behind it (Multi
  /// Picture Format, of which brighter screens make use) would lose that.
  private String segment(long at, int marker) {
    return switch (marker) {
      case 0xc0, 0xc1, 0xc2, 0xc3, 0xc5, 0xc6, 0xc7, 0xc9, 0xca, 0xcb, 0xcd, 0xce, 0xcf ->
          frame(at);
      case 0xda -> scan();
      case 0xe0 -> named(at, "JFIF");
      case 0xe1 -> named(at, "Exif");
      case 0xe2 -> PictureReader.isAt(in, at + 4, "MPF") ? "format" : "";
      case 0xee -> named(at, "Adobe");
      default -> "";
    };
  }

  private String named(long at, String by) {
    isNamed |= PictureReader.isAt(in, at + 4, by);
    return "";
  }

  private String frame(long at) {
    int components = in.octet(at + 9);
    for (int i = 0; i < components; i++) {
      isUnusual |= components == 3 && in.octet(at + 10 + 3L * i) != i + 1;
    }
    return components == 1 || components == 3 ? "" : "colours";
  }

  /// Where neither JFIF, Exif nor Adobe says what three components are, decoders go by their
  /// numbers, and take others than 1, 2 and 3 for one thing or another.
  private String scan() {
    scans++;
    if (scans > MAX_SCANS) {
      return "scans";
    }
    return isUnusual && !isNamed ? "colours" : "";
  }

  /// Where the next marker is that is none of what stands within a scan.
  private long behindScan(long from) {
    long at = from;
    while (in.octet(at) != 0xff || isWithin(in.octet(at + 1))) {
      at++;
    }
    return at;
  }

  private static boolean isWithin(int marker) {
    return marker == 0 || (marker >= 0xd0 && marker <= 0xd7);
  }
}
