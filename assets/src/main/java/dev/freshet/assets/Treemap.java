package dev.freshet.assets;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/// A picture in which areas are sizes, as near to squares as can be (the squarified treemap of
/// Bruls, Huizing and van Wijk, 2000).
final class Treemap {
  private static final double HEADING = 16;
  private static final double MIN_SIDE = 2;

  private Treemap() {}

  /// @param size of all that is in it, or of itself where nothing is
  record Node(String label, String title, long size, String color, List<Node> parts) {}

  record Box(double x, double y, double width, double height) {
    double shorter() {
      return Math.min(width, height);
    }
  }

  /// An SVG element that needs nothing else.
  static String svg(List<Node> nodes, double width, double height) {
    StringBuilder out = new StringBuilder();
    out.append("<svg viewBox=\"0 0 " + number(width) + " " + number(height) + "\" role=\"img\">");
    draw(nodes, new Box(0, 0, width, height), out);
    return out.append("</svg>").toString();
  }

  private static void draw(List<Node> nodes, Box box, StringBuilder out) {
    List<Node> ordered =
        nodes.stream()
            .filter(node -> node.size() > 0)
            .sorted(Comparator.comparingLong(Node::size).reversed())
            .toList();
    List<Box> boxes = layout(ordered.stream().mapToDouble(Node::size).toArray(), box);
    for (int i = 0; i < ordered.size(); i++) {
      Box at = boxes.get(i);
      if (at.shorter() >= MIN_SIDE) {
        draw(ordered.get(i), at, out);
      }
    }
  }

  private static void draw(Node node, Box at, StringBuilder out) {
    out.append("<g><title>").append(Html.text(node.title())).append("</title>");
    out.append(
        "<rect x=\"%s\" y=\"%s\" width=\"%s\" height=\"%s\" fill=\"%s\"/>"
            .formatted(
                number(at.x()),
                number(at.y()),
                number(at.width()),
                number(at.height()),
                node.color()));
    int letters = (int) (at.width() / 7) - 1;
    if (letters >= 3 && at.height() >= HEADING) {
      String label = node.label();
      String shown = label.length() <= letters ? label : label.substring(0, letters - 1) + "…";
      out.append(
          "<text x=\"%s\" y=\"%s\">%s</text>"
              .formatted(number(at.x() + 4), number(at.y() + 12), Html.text(shown)));
    }
    out.append("</g>");
    Box inner = new Box(at.x() + 2, at.y() + HEADING, at.width() - 4, at.height() - HEADING - 2);
    if (!node.parts().isEmpty() && inner.shorter() > HEADING) {
      draw(node.parts(), inner, out);
    }
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.1f", value);
  }

  /// A box for each size, largest size first; together they fill the whole.
  static List<Box> layout(double[] sizes, Box whole) {
    List<Box> boxes = new ArrayList<>();
    double sum = 0;
    for (double size : sizes) {
      sum += size;
    }
    double scale = sum == 0 ? 0 : whole.width() * whole.height() / sum;
    Box left = whole;
    int from = 0;
    while (from < sizes.length) {
      int to = from + 1;
      while (to < sizes.length
          && worst(sizes, from, to + 1, scale, left.shorter())
              <= worst(sizes, from, to, scale, left.shorter())) {
        to++;
      }
      left = place(sizes, from, to, scale, left, boxes);
      from = to;
    }
    return boxes;
  }

  /// The worst ratio of sides in a row along the shorter side.
  private static double worst(double[] sizes, int from, int to, double scale, double side) {
    double area = 0;
    for (int i = from; i < to; i++) {
      area += sizes[i] * scale;
    }
    double depth = area / side;
    double worst = 0;
    for (int i = from; i < to; i++) {
      double length = sizes[i] * scale / depth;
      worst = Math.max(worst, Math.max(depth / length, length / depth));
    }
    return worst;
  }

  private static Box place(
      double[] sizes, int from, int to, double scale, Box left, List<Box> boxes) {
    boolean isColumn = left.width() >= left.height();
    double area = 0;
    for (int i = from; i < to; i++) {
      area += sizes[i] * scale;
    }
    double depth = left.shorter() == 0 ? 0 : area / left.shorter();
    double at = isColumn ? left.y() : left.x();
    for (int i = from; i < to; i++) {
      double length = depth == 0 ? 0 : sizes[i] * scale / depth;
      boxes.add(
          isColumn ? new Box(left.x(), at, depth, length) : new Box(at, left.y(), length, depth));
      at += length;
    }
    return isColumn
        ? new Box(left.x() + depth, left.y(), Math.max(0, left.width() - depth), left.height())
        : new Box(left.x(), left.y() + depth, left.width(), Math.max(0, left.height() - depth));
  }
}
