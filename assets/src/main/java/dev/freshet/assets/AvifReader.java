package dev.freshet.assets;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The size that an AVIF's primary item is said to have (ISO/IEC 23008-12): `ispe`, turned by
/// `irot`.
final class AvifReader {
  private static final int MAX_BOXES = 1_000;

  /// The box at the beginning, with the brands that the file follows.
  private static final int MAX_BRANDS = 1_024;

  private AvifReader() {}

  private record Box(String type, long content, long end) {}

  static @Nullable Size size(Pieces in) {
    long brands = Math.min(in.int32(0) & 0xffffffffL, Math.min(MAX_BRANDS, in.length()));
    boolean isAvif = PictureReader.isAt(in, 8, "avi") || in.text(8, brands).contains("avi");
    Box meta = find(boxes(in, 0, in.length()), "meta");
    if (!isAvif || meta == null) {
      return null;
    }
    // A full box: version and flags come first.
    List<Box> inside = boxes(in, meta.content() + 4, meta.end());
    Box primary = find(inside, "pitm");
    Box properties = find(inside, "iprp");
    if (primary == null || properties == null) {
      return null;
    }
    long item = number(in, primary.content() + 4, in.octet(primary.content()) == 0 ? 2 : 4);
    List<Box> parts = boxes(in, properties.content(), properties.end());
    Box container = find(parts, "ipco");
    Box associations = find(parts, "ipma");
    if (container == null || associations == null) {
      return null;
    }
    List<Box> all = boxes(in, container.content(), container.end());
    Size size = null;
    boolean isTurned = false;
    for (int index : indices(in, associations, item)) {
      Box property = index >= 1 && index <= all.size() ? all.get(index - 1) : null;
      if (property != null && property.type().equals("ispe")) {
        size = PictureReader.of(in.int32(property.content() + 4), in.int32(property.content() + 8));
      } else if (property != null && property.type().equals("irot")) {
        isTurned = (in.octet(property.content()) & 1) == 1;
      }
    }
    if (size == null || !isTurned) {
      return size;
    }
    int width = size.height();
    int height = size.width();
    return new Size(width, height);
  }

  /// The properties of an item, counted from 1.
  private static List<Integer> indices(Pieces in, Box associations, long wanted) {
    long at = associations.content();
    boolean isLongItem = in.octet(at) >= 1;
    boolean isLongIndex = (in.octet(at + 3) & 1) == 1;
    int entries = Math.min(in.int32(at + 4), MAX_BOXES);
    at += 8;
    List<Integer> out = new ArrayList<>();
    for (int i = 0; i < entries && at < associations.end(); i++) {
      long item = number(in, at, isLongItem ? 4 : 2);
      at += isLongItem ? 4 : 2;
      int count = in.octet(at++);
      for (int j = 0; j < count; j++) {
        int index = isLongIndex ? in.int16(at) & 0x7fff : in.octet(at) & 0x7f;
        at += isLongIndex ? 2 : 1;
        if (item == wanted && out.size() < MAX_BOXES) {
          out.add(index);
        }
      }
    }
    return out;
  }

  private static long number(Pieces in, long at, int octets) {
    return octets == 2 ? in.int16(at) : in.int32(at) & 0xffffffffL;
  }

  private static @Nullable Box find(List<Box> boxes, String type) {
    return boxes.stream().filter(box -> box.type().equals(type)).findFirst().orElse(null);
  }

  private static List<Box> boxes(Pieces in, long from, long to) {
    List<Box> out = new ArrayList<>();
    long at = from;
    while (at + 8 <= to && out.size() < MAX_BOXES) {
      long size = in.int32(at) & 0xffffffffL;
      int head = 8;
      if (size == 1) {
        size = (in.int32(at + 8) & 0xffffffffL) << 32 | (in.int32(at + 12) & 0xffffffffL);
        head = 16;
      } else if (size == 0) {
        size = to - at;
      }
      if (size < head || size > to - at) {
        break;
      }
      out.add(new Box(in.text(at + 4, at + 8), at + head, at + size));
      at += size;
    }
    return out;
  }
}
