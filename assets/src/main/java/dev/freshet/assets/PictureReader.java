package dev.freshet.assets;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Reads a picture's size from its first octets, without decoding it.
///
/// What is damaged or not known gives null; nothing beyond the octets given is ever believed.
final class PictureReader {
  private static final int MAX = 65_535;
  private static final int SVG_HEAD = 4_096;
  private static final Pattern SVG =
      Pattern.compile("<svg(?=[\\s>])([^>]*)>", Pattern.CASE_INSENSITIVE);
  private static final Pattern VIEW_BOX =
      Pattern.compile(
          "\\sviewBox\\s*=\\s*[\"']\\s*[-+.\\d]+[\\s,]+[-+.\\d]+[\\s,]+([.\\d]+)[\\s,]+([.\\d]+)");
  private static final Pattern WIDTH =
      Pattern.compile("\\swidth\\s*=\\s*[\"']\\s*([.\\d]+)(?:px)?\\s*[\"']");
  private static final Pattern HEIGHT =
      Pattern.compile("\\sheight\\s*=\\s*[\"']\\s*([.\\d]+)(?:px)?\\s*[\"']");

  private PictureReader() {}

  static @Nullable Size size(byte[][] content) {
    Pieces octets = new Pieces(content);
    try {
      return size(octets);
    } catch (IndexOutOfBoundsException e) {
      return null;
    }
  }

  private static @Nullable Size size(Pieces in) {
    if (in.length() < 12) {
      return null;
    }
    int first = in.int32(0);
    if (first == 0x89504e47) {
      return isAt(in, 12, "IHDR") ? of(in.int32(16), in.int32(20)) : null;
    }
    if (first == 0x47494638) {
      return of(in.low16(6), in.low16(8));
    }
    if (first >>> 8 == 0xffd8ff) {
      return JpegReader.size(in);
    }
    if (isAt(in, 0, "RIFF") && isAt(in, 8, "WEBP")) {
      return webp(in);
    }
    if (isAt(in, 4, "ftyp")) {
      return AvifReader.size(in);
    }
    return svg(in.text(0, Math.min(in.length(), SVG_HEAD)));
  }

  static boolean isAt(Pieces in, long at, String what) {
    for (int i = 0; i < what.length(); i++) {
      if (in.octet(at + i) != what.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  /// Null when no picture can be of that size.
  static @Nullable Size of(int width, int height) {
    boolean isPossible = width > 0 && height > 0 && width <= MAX && height <= MAX;
    return isPossible ? new Size(width, height) : null;
  }

  /// RFC 9649, sections 2.5 to 2.7.
  private static @Nullable Size webp(Pieces in) {
    return switch (in.text(12, 16)) {
      case "VP8 " -> {
        boolean isKey = in.octet(23) == 0x9d && in.octet(24) == 0x01 && in.octet(25) == 0x2a;
        yield isKey ? of(in.low16(26) & 0x3fff, in.low16(28) & 0x3fff) : null;
      }
      case "VP8L" -> {
        long bits = in.low16(21) | ((long) in.low16(23) << 16);
        yield in.octet(20) == 0x2f
            ? of((int) (bits & 0x3fff) + 1, (int) ((bits >> 14) & 0x3fff) + 1)
            : null;
      }
      case "VP8X" ->
          of(1 + (in.low16(24) | (in.octet(26) << 16)), 1 + (in.low16(27) | (in.octet(29) << 16)));
      default -> null;
    };
  }

  /// Without width and height only the ratio counts; what has none of its own, or may be stretched,
  /// gives null.
  private static @Nullable Size svg(String head) {
    Matcher tag = SVG.matcher(head);
    if (!tag.find()) {
      return null;
    }
    String attributes = tag.group(1);
    if (attributes.toLowerCase(Locale.ROOT).contains("preserveaspectratio")) {
      return null;
    }
    Matcher width = WIDTH.matcher(attributes);
    Matcher height = HEIGHT.matcher(attributes);
    if (width.find() && height.find()) {
      return of(round(width.group(1)), round(height.group(1)));
    }
    Matcher box = VIEW_BOX.matcher(attributes);
    boolean isPlain = !attributes.matches("(?s).*\\s(?:width|height|style)\\s*=.*");
    Size ratio = isPlain && box.find() ? of(round(box.group(1)), round(box.group(2))) : null;
    return ratio == null ? null : new Size(ratio.width(), ratio.height(), false);
  }

  private static int round(String number) {
    try {
      return (int) Math.round(Math.min(Double.parseDouble(number), MAX + 1.0));
    } catch (NumberFormatException e) {
      return 0;
    }
  }
}
