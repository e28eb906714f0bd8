package dev.freshet.assets;

import org.jspecify.annotations.Nullable;

/// What a picture is, by its own octets, before any decoder sees it: which may be made again, and
/// why another may not.
///
/// @param refused why it stays as it is, in a word; empty for one that may be made again
record PictureSource(Format format, String refused) {
  /// Three octets of each are held while it is worked on: beyond this a small file could take
  /// hundreds of megabytes.
  static final long MAX_PIXELS = 24_000_000;

  /// A lossless encoder holds every pixel several times.
  static final long MAX_LOSSLESS_PIXELS = 8_000_000;

  private static final int MAX_OCTETS = 20 << 20;
  private static final int MIN_OCTETS = 1_000;
  private static final int MAX_SEGMENTS = 1_000;
  private static final int SRGB_GAMMA = 45_455;

  /// Formats that are made again.
  enum Format {
    JPEG,
    PNG
  }

  static PictureSource of(byte[][] content) {
    Pieces in = new Pieces(content);
    Format format = Format.JPEG;
    String refused;
    try {
      if (in.length() < MIN_OCTETS) {
        refused = "gain";
      } else if (in.length() > MAX_OCTETS) {
        refused = "large";
      } else if (in.int32(0) >>> 8 == 0xffd8ff) {
        refused = new JpegSource(in).refused();
      } else if (in.int32(0) == 0x89504e47) {
        format = Format.PNG;
        refused = png(in);
      } else {
        refused = "format";
      }
      if (refused.isEmpty()) {
        refused = size(PictureReader.size(content), format);
      }
    } catch (IndexOutOfBoundsException e) {
      refused = "unreadable";
    }
    return new PictureSource(format, refused);
  }

  private static String size(@Nullable Size size, Format format) {
    if (size == null) {
      return "unreadable";
    }
    long most = format == Format.PNG ? MAX_LOSSLESS_PIXELS : MAX_PIXELS;
    return (long) size.width() * size.height() > most ? "pixels" : "";
  }

  /// What is lossless stays so: one in more than 8 bits, with colours of its own or that moves
  /// stays as it is.
  private static String png(Pieces in) {
    if (in.octet(24) > 8) {
      return "colours";
    }
    long at = 8;
    for (int i = 0; i < MAX_SEGMENTS; i++) {
      String chunk = in.text(at + 4, at + 8);
      switch (chunk) {
        case "IDAT" -> {
          return "";
        }
        case "acTL" -> {
          return "format";
        }
        case "iCCP", "cHRM", "cICP" -> {
          return "colours";
        }
        case "gAMA" -> {
          if (in.int32(at + 8) != SRGB_GAMMA) {
            return "colours";
          }
        }
        default -> {
          // Says nothing of how it looks.
        }
      }
      at += 12 + (in.int32(at) & 0xffffffffL);
    }
    return "unreadable";
  }
}
