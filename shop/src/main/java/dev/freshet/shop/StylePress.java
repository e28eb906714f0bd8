package dev.freshet.shop;

import java.util.List;
import java.util.SplittableRandom;

/// Writes the style sheets of a shop that never removes a rule: every utility class for every
/// breakpoint, and components that no page uses. Valid CSS, the same in every run.
final class StylePress {
  private static final List<Side> SIDES =
      List.of(
          new Side("", ""),
          new Side("t", "-top"),
          new Side("r", "-right"),
          new Side("b", "-bottom"),
          new Side("l", "-left"));
  private static final List<String> SCREENS = List.of("", "small", "medium", "large", "wide");
  private static final List<Integer> WIDTHS = List.of(0, 640, 768, 1024, 1280);
  private static final List<String> HUES =
      List.of("slate", "rust", "amber", "moss", "teal", "sky", "indigo", "plum", "rose", "sand");
  private static final List<String> BLOCKS =
      List.of(
          "panel",
          "carousel",
          "gallery",
          "drawer",
          "tooltip",
          "menu",
          "badge",
          "dialog",
          "summary",
          "stepper",
          "toolbar",
          "sidebar",
          "accordion",
          "wizard",
          "calendar",
          "timeline",
          "avatar",
          "notice",
          "progress",
          "picker",
          "overlay",
          "ticker",
          "ribbon",
          "toast",
          "table",
          "tabs",
          "switch",
          "upload",
          "mosaic",
          "quote",
          "metric",
          "receipt",
          "parcel",
          "voucher");
  private static final List<String> ELEMENTS =
      List.of("header", "body", "footer", "title", "icon", "label", "action", "media", "hint");
  private static final List<String> STATES =
      List.of("active", "disabled", "large", "small", "inverted", "warning", "quiet");

  private final StringBuilder sheet = new StringBuilder(1 << 20);
  private final SplittableRandom chance = new SplittableRandom(7);

  private StylePress() {}

  /// One class for one declaration, about 340 kB.
  static String utilities() {
    StylePress press = new StylePress();
    press.sheet.append("/*!\n * Harbour Utilities 3.1.0, every class for every screen.\n */\n");
    for (int i = 0; i < SCREENS.size(); i++) {
      String prefix = SCREENS.get(i).isEmpty() ? "" : SCREENS.get(i) + "-";
      if (!prefix.isEmpty()) {
        press
            .sheet
            .append("\n/* Screens of at least ")
            .append(WIDTHS.get(i))
            .append(" pixels. */\n");
        press.sheet.append("@media (min-width: ").append(WIDTHS.get(i)).append("px) {\n");
      }
      press.spaces("u-" + prefix);
      press.sizes("u-" + prefix);
      press.colours("u-" + prefix);
      press.words("u-" + prefix);
      if (!prefix.isEmpty()) {
        press.sheet.append("}\n");
      }
    }
    return press.sheet.toString();
  }

  /// Blocks with their elements and states, about 510 kB.
  static String components() {
    StylePress press = new StylePress();
    press.sheet.append("/*!\n * Harbour Components 3.1.0\n */\n");
    for (String block : BLOCKS) {
      press.sheet.append("\n/* ").append(block).append(" */\n");
      press.box(".harbour-" + block);
      for (String element : ELEMENTS) {
        press.box(".harbour-" + block + "__" + element);
        for (String state : STATES) {
          press.box(".harbour-" + block + "--" + state + " .harbour-" + block + "__" + element);
        }
      }
    }
    return press.sheet.toString();
  }

  private void spaces(String prefix) {
    for (String kind : List.of("margin", "padding", "scroll-margin", "inset")) {
      for (Side side : SIDES) {
        boolean one = kind.equals("inset") && !side.name().isEmpty();
        String property = one ? side.name().substring(1) : kind + side.name();
        for (int step = 0; step <= 24; step++) {
          rule(prefix + kind + side.key() + "-" + step, property, step * 0.25 + "rem");
        }
      }
    }
    for (int step = 0; step <= 24; step++) {
      rule(prefix + "gap-" + step, "gap", step * 0.25 + "rem");
    }
  }

  private void sizes(String prefix) {
    for (String property :
        List.of("width", "height", "min-width", "max-width", "max-height", "flex-basis")) {
      for (int twelfth = 1; twelfth <= 12; twelfth++) {
        rule(
            prefix + property + "-" + twelfth + "of12",
            property,
            Math.round(twelfth * 10_000 / 12.0) / 100.0 + "%");
      }
      for (int step = 1; step <= 20; step++) {
        rule(prefix + property + "-" + step, property, step + "rem");
      }
    }
    for (int column = 1; column <= 12; column++) {
      rule(
          prefix + "columns-" + column,
          "grid-template-columns",
          "repeat(" + column + ", minmax(0, 1fr))");
      rule(prefix + "span-" + column, "grid-column", "span " + column + " / span " + column);
      rule(prefix + "order-" + column, "order", Integer.toString(column));
    }
  }

  private void colours(String prefix) {
    for (int hue = 0; hue < HUES.size(); hue++) {
      for (int tone = 1; tone <= 9; tone++) {
        String value = "hsl(" + hue * 36 + " " + (20 + tone * 6) + "% " + (100 - tone * 10) + "%)";
        String name = HUES.get(hue) + "-" + tone * 100;
        rule(prefix + "text-" + name, "color", value);
        rule(prefix + "surface-" + name, "background-color", value);
        rule(prefix + "border-" + name, "border-color", value);
        rule(prefix + "accent-" + name, "accent-color", value);
        rule(prefix + "surface-" + name + ":hover", "filter", "brightness(1." + tone + ")");
      }
    }
  }

  private void words(String prefix) {
    for (int size = 8; size <= 72; size += 2) {
      rule(prefix + "text-" + size, "font-size", size / 16.0 + "rem");
      rule(prefix + "leading-" + size, "line-height", size / 16.0 + "rem");
      rule(prefix + "round-" + size, "border-radius", size / 4.0 + "px");
    }
    for (int percent = 0; percent <= 100; percent += 5) {
      rule(prefix + "opacity-" + percent, "opacity", percent / 100.0 + "");
      rule(prefix + "blur-" + percent, "filter", "blur(" + percent / 10.0 + "px)");
    }
    for (String display : List.of("block", "flex", "grid", "inline", "none", "contents", "table")) {
      rule(prefix + "show-" + display, "display", display);
    }
  }

  private void rule(String name, String property, String value) {
    sheet.append('.').append(name).append(" {\n  ").append(property).append(": ");
    sheet.append(value).append(";\n}\n");
  }

  private void box(String selector) {
    int hue = chance.nextInt(360);
    sheet
        .append(selector)
        .append(" {\n  display: ")
        .append(chance.nextBoolean() ? "flex" : "block");
    sheet.append(";\n  padding: ").append(chance.nextInt(24)).append("px ");
    sheet
        .append(chance.nextInt(32))
        .append("px;\n  color: hsl(")
        .append(hue)
        .append(" 30% 20%);\n");
    if (chance.nextInt(3) > 0) {
      sheet
          .append("  background: linear-gradient(")
          .append(chance.nextInt(360))
          .append("deg, hsl(");
      sheet.append(hue).append(" 40% 96%), hsl(").append(hue).append(" 30% 88%));\n");
    }
    if (chance.nextInt(3) == 0) {
      sheet.append("  box-shadow: 0 ").append(chance.nextInt(9)).append("px ");
      sheet.append(chance.nextInt(30)).append("px rgb(0 0 0 / ").append(5 + chance.nextInt(25));
      sheet.append("%);\n");
    }
    if (chance.nextBoolean()) {
      sheet.append("  border-radius: ").append(chance.nextInt(20)).append("px;\n  transition: ");
      sheet.append("transform ").append(80 + chance.nextInt(400)).append("ms ease-out;\n");
    }
    sheet.append("}\n");
  }

  private record Side(String key, String name) {}
}
