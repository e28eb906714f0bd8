package dev.freshet.shop;

import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.SplittableRandom;

/// Writes the scripts of a shop that loads two whole libraries to use a hundredth of each: valid,
/// working, commented JavaScript of more than a megabyte. The same in every run.
final class ScriptPress {
  private static final int METHODS_MIN = 5;
  private static final int METHODS_MORE = 6;
  private static final List<String> VERBS =
      List.of(
          "collect",
          "resolve",
          "measure",
          "arrange",
          "update",
          "prepare",
          "restore",
          "apply",
          "build",
          "refresh",
          "schedule",
          "normalise",
          "project",
          "trace",
          "render",
          "combine",
          "filter",
          "publish",
          "locate",
          "adjust",
          "gather",
          "release",
          "capture",
          "describe");
  private static final List<String> NOUNS =
      List.of(
          "panel",
          "carousel",
          "anchor",
          "gallery",
          "drawer",
          "tooltip",
          "menu",
          "badge",
          "ledger",
          "cursor",
          "slider",
          "banner",
          "column",
          "viewport",
          "filter",
          "thumbnail",
          "counter",
          "dialog",
          "summary",
          "token",
          "option",
          "segment",
          "stepper",
          "outline",
          "preview",
          "toolbar",
          "sidebar",
          "caption",
          "accordion",
          "wizard",
          "rating",
          "swatch",
          "breadcrumb",
          "calendar",
          "chart",
          "timeline",
          "avatar",
          "notice",
          "progress",
          "selector",
          "editor",
          "uploader",
          "picker",
          "legend",
          "marker",
          "overlay",
          "scroller",
          "ticker",
          "widget");
  private static final List<String> ADJECTIVES =
      List.of(
          "active",
          "visible",
          "nested",
          "pending",
          "sticky",
          "compact",
          "expanded",
          "inline",
          "floating",
          "primary",
          "muted",
          "selected",
          "loaded",
          "focused",
          "dragged",
          "stale");
  private static final List<String> AMOUNTS =
      List.of("amount", "limit", "offset", "ratio", "depth", "total", "weight", "score", "span");

  private final SplittableRandom chance;
  private final String[] parts = Words.resource("script-parts.txt").split("---\n", -1);
  private final StringBuilder script = new StringBuilder(1 << 20);
  private final Set<String> names = new HashSet<>();

  private ScriptPress(long seed) {
    chance = new SplittableRandom(seed);
  }

  /// The library that the pages build on, about 600 kB.
  static String framework() {
    ScriptPress press = new ScriptPress(4);
    press.script.append(Words.resource("script-core.js.txt"));
    return press.print("Core", 600_000);
  }

  /// Ready-made widgets, about 450 kB; the shop uses none of them.
  static String widgets() {
    ScriptPress press = new ScriptPress(9);
    press.script.append("/*!\n * Harbour Widgets 2.8.0, development build.\n */\n");
    return press.print("Widget", 450_000);
  }

  private String print(String suffix, int length) {
    while (script.length() < length) {
      component(suffix);
    }
    return script.toString();
  }

  private void component(String suffix) {
    String name =
        capital(Words.any(ADJECTIVES, chance))
            + capital(Words.any(NOUNS, chance))
            + capital(Words.any(NOUNS, chance))
            + suffix;
    if (!names.add(name)) {
      return;
    }
    script.append("\n/**\n * ").append(sentence()).append(' ').append(sentence());
    script.append("\n * @extends Harbour.Component\n */\n");
    script.append("class ").append(name).append(" extends Harbour.Component {\n");
    script.append("  static defaults = {\n");
    for (int i = 0; i < 3 + chance.nextInt(4); i++) {
      script.append("    ").append(Words.any(NOUNS, chance)).append(i).append(": ");
      script.append(
          switch (chance.nextInt(3)) {
            case 0 -> Integer.toString(chance.nextInt(900));
            case 1 -> "\"" + Words.any(ADJECTIVES, chance) + "\"";
            default -> chance.nextBoolean() ? "true" : "false";
          });
      script.append(",\n");
    }
    script.append("  };\n");
    int methods = METHODS_MIN + chance.nextInt(METHODS_MORE);
    for (int i = 0; i < methods; i++) {
      script.append("\n  /**\n   * ").append(sentence()).append('\n');
      if (chance.nextBoolean()) {
        script.append("   * ").append(sentence()).append('\n');
      }
      script.append("   */\n").append(method());
    }
    script
        .append("}\n\nHarbour.register(\"")
        .append(name)
        .append("\", ")
        .append(name)
        .append(");\n");
  }

  private String method() {
    String noun = Words.any(NOUNS, chance);
    return Words.any(List.of(parts), chance)
        .replace("@V@", Words.any(VERBS, chance))
        .replace("@N@", noun)
        .replace("@C@", capital(noun))
        .replace("@X@", capital(Words.any(NOUNS, chance)))
        .replace("@A@", Words.any(ADJECTIVES, chance))
        .replace("@D@", capital(Words.any(ADJECTIVES, chance)))
        .replace("@M@", Words.any(AMOUNTS, chance) + capital(Words.any(NOUNS, chance)))
        .replace("@K@", Integer.toString(2 + chance.nextInt(96)))
        .replace("@J@", Integer.toString(2 + chance.nextInt(8)));
  }

  private String sentence() {
    String verb = capital(Words.any(VERBS, chance)) + "s";
    String what = Words.any(ADJECTIVES, chance) + " " + Words.any(NOUNS, chance);
    return switch (chance.nextInt(4)) {
      case 0 -> verb + " the " + what + " before the " + Words.any(NOUNS, chance) + " is drawn.";
      case 1 -> verb + " each " + what + " and its " + Words.any(NOUNS, chance) + ".";
      case 2 ->
          verb + " a " + what + ", or nothing when it is " + Words.any(ADJECTIVES, chance) + ".";
      default -> verb + " the " + what + " by its " + Words.any(AMOUNTS, chance) + ".";
    };
  }

  private static String capital(String word) {
    return word.substring(0, 1).toUpperCase(Locale.ROOT) + word.substring(1);
  }
}
