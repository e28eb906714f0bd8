package dev.freshet.shop;

import java.awt.geom.Path2D;
import java.util.List;
import java.util.Locale;
import java.util.Scanner;

/// The outline of a kind of product in a square of 100 by 100, as parts painted one over the other.
///
/// @param name as in `categories.tsv`
/// @param soft whether such a thing is made of cloth or leather
record Silhouette(String name, boolean soft, List<Part> parts) {
  /// Each once, in the order that photo numbers are counted by.
  static final List<Silhouette> ALL =
      List.of(
          of(
              "tent",
              true,
              part(1.0, "M50 20 L95 84 L5 84 Z"),
              part(0.72, "M50 20 L70 84 L95 84 Z"),
              part(0.4, "M44 40 L56 84 L30 84 Z"),
              part(1.25, "M49 14 L51 14 L51 22 L49 22 Z")),
          of(
              "bag",
              true,
              part(1.0, "M14 40 C14 24 86 24 86 40 L92 72 C92 88 8 88 8 72 Z"),
              part(1.2, "M16 44 C30 36 70 36 84 44 L85 50 C66 42 34 42 15 50 Z"),
              part(0.75, "M10 66 C34 74 66 74 90 66 L91 72 C66 80 34 80 9 72 Z")),
          of(
              "pot",
              false,
              part(0.6, "M2 46 C2 40 20 40 20 44 L20 50 C14 48 10 50 8 52 Z"),
              part(0.6, "M98 46 C98 40 80 40 80 44 L80 50 C86 48 90 50 92 52 Z"),
              part(1.0, "M14 42 L86 42 C88 66 84 86 72 86 L28 86 C16 86 12 66 14 42 Z"),
              part(1.2, "M12 40 C12 30 88 30 88 40 L88 44 L12 44 Z"),
              part(0.5, "M44 26 C44 20 56 20 56 26 L54 33 L46 33 Z")),
          of(
              "lamp",
              false,
              part(1.15, "M34 14 L66 14 L84 50 L16 50 Z"),
              part(0.55, "M47 50 L53 50 L54 82 L46 82 Z"),
              part(0.8, "M30 82 C30 76 70 76 70 82 L74 88 L26 88 Z")),
          of(
              "chair",
              false,
              part(1.0, "M24 10 C40 4 60 4 76 10 L72 50 L28 50 Z"),
              part(0.8, "M20 50 L80 50 L86 60 L14 60 Z"),
              part(0.55, "M18 60 L24 60 L20 92 L14 92 Z"),
              part(0.55, "M76 60 L82 60 L86 92 L80 92 Z"),
              part(0.45, "M34 60 L38 60 L37 84 L33 84 Z"),
              part(0.45, "M62 60 L66 60 L67 84 L63 84 Z")),
          of(
              "pack",
              true,
              part(0.6, "M38 16 C38 6 62 6 62 16 L58 18 C58 11 42 11 42 18 Z"),
              part(1.0, "M26 26 C26 12 74 12 74 26 L80 82 C80 92 20 92 20 82 Z"),
              part(1.2, "M24 28 C24 16 76 16 76 28 L77 42 C60 48 40 48 23 42 Z"),
              part(0.78, "M30 56 L70 56 L73 80 C73 86 27 86 27 80 Z"),
              part(0.45, "M47 40 L53 40 L53 60 L47 60 Z")),
          of(
              "shoe",
              true,
              part(
                  1.0,
                  "M12 34 L40 30 C46 48 58 54 78 58 C92 61 95 68 94 76 L10 76 C8 60 10 46 12 34 Z"),
              part(0.7, "M40 30 C46 48 58 54 70 56 L60 62 C46 58 36 48 32 32 Z"),
              part(0.4, "M8 76 L95 76 C96 82 92 86 88 86 L12 86 C8 86 7 82 8 76 Z")),
          of(
              "bottle",
              false,
              part(0.5, "M42 6 L58 6 L58 18 L42 18 Z"),
              part(
                  1.0,
                  "M42 18 L58 18 C58 28 68 30 68 40 L68 86 C68 92 32 92 32 86"
                      + " L32 40 C32 30 42 28 42 18 Z"),
              part(1.3, "M33 52 L67 52 L67 72 L33 72 Z")),
          of(
              "watch",
              false,
              part(0.6, "M38 2 L62 2 L66 32 L34 32 Z"),
              part(0.6, "M34 68 L66 68 L62 98 L38 98 Z"),
              part(
                  1.0,
                  "M50 22 C66 22 78 34 78 50 C78 66 66 78 50 78"
                      + " C34 78 22 66 22 50 C22 34 34 22 50 22 Z"),
              part(
                  1.5,
                  "M50 28 C62 28 72 38 72 50 C72 62 62 72 50 72"
                      + " C38 72 28 62 28 50 C28 38 38 28 50 28 Z"),
              part(0.3, "M49 34 L51 34 L51 50 L62 56 L61 58 L49 52 Z")),
          of(
              "jacket",
              true,
              part(0.8, "M30 20 L12 34 L6 78 L18 80 L26 46 Z"),
              part(0.8, "M70 20 L88 34 L94 78 L82 80 L74 46 Z"),
              part(1.0, "M30 18 L42 12 L58 12 L70 18 L76 88 L24 88 Z"),
              part(1.2, "M40 12 C42 4 58 4 60 12 L56 20 L44 20 Z"),
              part(0.4, "M49 18 L51 18 L51 88 L49 88 Z"),
              part(0.7, "M30 60 L44 58 L44 62 L30 64 Z"),
              part(0.7, "M70 60 L56 58 L56 62 L70 64 Z")),
          of(
              "shirt",
              true,
              part(0.85, "M32 18 L8 32 L16 50 L30 44 Z"),
              part(0.85, "M68 18 L92 32 L84 50 L70 44 Z"),
              part(1.0, "M32 16 C40 24 60 24 68 16 L74 88 L26 88 Z"),
              part(1.2, "M36 16 C42 26 58 26 64 16 L60 15 C56 21 44 21 40 15 Z")),
          of(
              "hat",
              true,
              part(1.0, "M18 62 C18 22 82 22 82 62 Z"),
              part(0.7, "M12 60 L88 60 C92 60 92 76 88 76 L12 76 C8 76 8 60 12 60 Z"),
              part(1.25, "M44 26 C44 16 56 16 56 26 C56 32 44 32 44 26 Z")),
          of(
              "knife",
              false,
              part(1.4, "M6 40 L62 40 L62 58 C40 58 18 54 6 40 Z"),
              part(1.6, "M6 40 L62 40 L62 44 L10 43 Z"),
              part(0.6, "M62 39 L94 42 C98 44 98 56 92 56 L62 56 Z"),
              part(1.5, "M70 46 L73 46 L73 49 L70 49 Z"),
              part(1.5, "M82 47 L85 47 L85 50 L82 50 Z")),
          of(
              "mug",
              false,
              part(0.7, "M70 36 C96 30 96 74 70 70 L70 62 C84 64 84 42 70 46 Z"),
              part(1.0, "M20 24 L74 24 L72 80 C72 88 22 88 22 80 Z"),
              part(0.5, "M20 24 C20 18 74 18 74 24 C74 30 20 30 20 24 Z")),
          of(
              "book",
              false,
              part(0.6, "M12 28 L78 20 L92 30 L92 78 L26 88 L12 78 Z"),
              part(1.0, "M12 26 L78 18 L90 28 L26 38 Z"),
              part(1.5, "M26 40 L90 30 L90 74 L26 84 Z"),
              part(0.8, "M26 38 L30 37 L30 84 L26 86 Z")),
          of(
              "headphones",
              false,
              part(0.6, "M14 58 C10 -2 90 -2 86 58 L79 58 C82 12 18 12 21 58 Z"),
              part(1.0, "M10 54 C10 46 30 46 30 54 L30 82 C30 90 10 90 10 82 Z"),
              part(1.0, "M70 54 C70 46 90 46 90 54 L90 82 C90 90 70 90 70 82 Z"),
              part(0.5, "M26 54 L34 56 L34 80 L26 82 Z"),
              part(0.5, "M74 54 L66 56 L66 80 L74 82 Z")));

  /// @param shade how bright against the product's own colour, 1 is as it is
  record Part(double shade, String outline) {

    /// The outline scaled to that many pixels, with its corner at x, y.
    Path2D path(double x, double y, double size) {
      Path2D path = new Path2D.Double();
      try (Scanner words = new Scanner(outline).useLocale(Locale.ROOT)) {
        double[] at = new double[6];
        while (words.hasNext()) {
          String word = words.next();
          int numbers = word.startsWith("C") ? 6 : word.startsWith("Z") ? 0 : 2;
          for (int i = 0; i < numbers; i++) {
            double value = i == 0 ? Double.parseDouble(word.substring(1)) : words.nextDouble();
            at[i] = (i % 2 == 0 ? x : y) + value * size / 100;
          }
          switch (word.charAt(0)) {
            case 'M' -> path.moveTo(at[0], at[1]);
            case 'L' -> path.lineTo(at[0], at[1]);
            case 'C' -> path.curveTo(at[0], at[1], at[2], at[3], at[4], at[5]);
            default -> path.closePath();
          }
        }
      }
      return path;
    }
  }

  static Silhouette named(String name) {
    for (Silhouette one : ALL) {
      if (one.name.equals(name)) {
        return one;
      }
    }
    throw new IllegalArgumentException("there is no silhouette " + name);
  }

  private static Silhouette of(String name, boolean soft, Part... parts) {
    return new Silhouette(name, soft, List.of(parts));
  }

  private static Part part(double shade, String outline) {
    return new Part(shade, outline);
  }
}
