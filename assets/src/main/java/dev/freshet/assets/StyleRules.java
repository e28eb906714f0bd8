package dev.freshet.assets;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// A style sheet taken apart, to tell what of it a page needs to be shown as it comes.
///
/// A rule is needed when every name of one of its selectors is in the page; what stands in a
/// pseudo-class is taken to hold. So more may be told than matches, never less, but for what
/// scripts add later.
final class StyleRules {
  private static final int MAX_LENGTH = 2 << 20;
  private static final int MAX_DEPTH = 20;

  /// At-rules whose block has rules.
  private static final Set<String> GROUPS =
      Set.of("media", "supports", "layer", "container", "scope", "starting-style");

  /// At-rules that are needed where their name is mentioned.
  private static final Set<String> NAMED = Set.of("keyframes", "-webkit-keyframes");

  private static final Set<String> KEPT = Set.of("property", "counter-style", "layer", "page");
  private static final Pattern FAMILY =
      Pattern.compile("(?i)font-family\\s*:\\s*(?:\"([^\"]*)\"|'([^']*)'|([^;}\"']+))");
  private static final Pattern ADDRESS =
      Pattern.compile("(?i)url\\(\\s*(?:\"([^\"\\\\]*)\"|'([^'\\\\]*)'|([^\"'\\\\)\\s]*))\\s*\\)");

  /// What names a file otherwise than by `url()`.
  private static final Pattern OTHER_ADDRESS =
      Pattern.compile("(?i)image-set\\(|\\bsrc\\(|</style|url\\([^)]*\\\\");

  private final List<Rule> rules;

  private sealed interface Rule {
    /// @param selectors for each what it needs
    record Style(List<Set<String>> selectors, String text) implements Rule {}

    record Group(String prelude, List<Rule> rules) implements Rule {}

    /// Needed where the name is mentioned.
    record Named(String name, String text) implements Rule {}

    record Kept(String text) implements Rule {}
  }

  /// It can't be told what a page needs of the sheet.
  private static final class Unclear extends Exception {
    private static final long serialVersionUID = 1L;

    Unclear() {
      super("unclear", null, false, false);
    }
  }

  private StyleRules(List<Rule> rules) {
    this.rules = rules;
  }

  /// @return null for a sheet of which that can't be told, such as one that imports another
  static @Nullable StyleRules of(String css) {
    if (css.length() > MAX_LENGTH || OTHER_ADDRESS.matcher(css).find()) {
      return null;
    }
    try {
      return new StyleRules(rules(CssText.withoutComments(css), 0));
    } catch (Unclear e) {
      return null;
    }
  }

  private static List<Rule> rules(String css, int depth) throws Unclear {
    if (depth > MAX_DEPTH) {
      throw new Unclear();
    }
    List<Rule> out = new ArrayList<>();
    int at = 0;
    while (at < css.length()) {
      int end = CssText.endOfPrelude(css, at);
      String prelude = css.substring(at, end).strip();
      if (end == css.length()) {
        if (!prelude.isEmpty()) {
          throw new Unclear();
        }
        return out;
      }
      switch (css.charAt(end)) {
        case '}' -> throw new Unclear();
        case ';' -> {
          statement(prelude, out);
          at = end + 1;
        }
        default -> {
          at = CssText.behindBlock(css, end);
          if (css.charAt(at - 1) != '}') {
            throw new Unclear();
          }
          out.add(rule(prelude, css.substring(end + 1, at - 1), depth));
        }
      }
    }
    return out;
  }

  /// An at-rule without a block.
  private static void statement(String prelude, List<Rule> out) throws Unclear {
    String name = atName(prelude);
    if (name.equals("layer")) {
      out.add(new Rule.Kept(prelude + ";"));
    } else if (!name.equals("charset") && !prelude.isEmpty()) {
      throw new Unclear();
    }
  }

  private static Rule rule(String prelude, String block, int depth) throws Unclear {
    if (!prelude.startsWith("@")) {
      return new Rule.Style(SelectorNames.of(prelude), prelude + "{" + block.strip() + "}");
    }
    String name = atName(prelude);
    String text = prelude + "{" + block.strip() + "}";
    if (GROUPS.contains(name)) {
      return new Rule.Group(prelude, rules(block, depth + 1));
    }
    if (NAMED.contains(name)) {
      String argument = prelude.substring(name.length() + 1).strip();
      return new Rule.Named(argument.replace("\"", "").replace("'", ""), text);
    }
    if (name.equals("font-face")) {
      Matcher family = FAMILY.matcher(block);
      if (!family.find()) {
        throw new Unclear();
      }
      String quoted = family.group(1) != null ? family.group(1) : family.group(2);
      return new Rule.Named(quoted != null ? quoted : family.group(3).strip(), text);
    }
    if (KEPT.contains(name)) {
      return new Rule.Kept(text);
    }
    throw new Unclear();
  }

  private static String atName(String prelude) {
    if (!prelude.startsWith("@")) {
      return "";
    }
    int end = 1;
    while (end < prelude.length()
        && (Character.isLetterOrDigit(prelude.charAt(end)) || prelude.charAt(end) == '-')) {
      end++;
    }
    return prelude.substring(1, end).toLowerCase(Locale.ROOT);
  }

  /// What a page needs, with addresses that mean the same in the page.
  ///
  /// @param page names in the page as [SelectorNames] tells them
  /// @param resolve the address that one in the sheet means; null where it can't be told
  /// @return null where that can't be told
  @Nullable String used(Set<String> page, Function<String, @Nullable String> resolve) {
    StringBuilder styles = new StringBuilder();
    write(rules, page, name -> false, styles);
    // Names are mentioned in rules; what they name may mention others.
    String mentioned = styles.toString();
    StringBuilder out = new StringBuilder();
    write(rules, page, mentioned::contains, out);
    return resolved(out.toString(), resolve);
  }

  /// With addresses that mean the same in the page; null where one can't be told. What stands in a
  /// string is no address.
  private static @Nullable String resolved(String css, Function<String, @Nullable String> resolve) {
    StringBuilder out = new StringBuilder(css.length());
    Matcher address = ADDRESS.matcher(css);
    int at = 0;
    while (at < css.length()) {
      address.region(at, css.length());
      boolean isName = at > 0 && CssText.isNamePart(css.charAt(at - 1));
      if (!isName && address.lookingAt()) {
        String inner = inner(address);
        String meant = isItself(inner) ? inner : resolve.apply(inner);
        if (meant == null || meant.indexOf('"') >= 0 || meant.indexOf('\\') >= 0) {
          return null;
        }
        out.append("url(\"").append(meant).append("\")");
        at = address.end();
      } else {
        int next = CssText.behind(css, at);
        out.append(css, at, next);
        at = next;
      }
    }
    return out.toString();
  }

  private static String inner(Matcher address) {
    for (int group = 1; group < 3; group++) {
      if (address.group(group) != null) {
        return address.group(group);
      }
    }
    return address.group(3);
  }

  /// An address that means the same anywhere; `#name` means something in the page.
  private static boolean isItself(String address) {
    return address.isEmpty() || address.startsWith("data:") || address.startsWith("#");
  }

  private static void write(
      List<Rule> rules, Set<String> page, Predicate<String> isMentioned, StringBuilder out) {
    for (Rule rule : rules) {
      switch (rule) {
        case Rule.Style(List<Set<String>> selectors, String text) -> {
          if (selectors.stream().anyMatch(page::containsAll)) {
            out.append(text);
          }
        }
        case Rule.Named(String name, String text) -> {
          if (isMentioned.test(name)) {
            out.append(text);
          }
        }
        case Rule.Kept(String text) -> out.append(text);
        case Rule.Group(String prelude, List<Rule> inner) -> {
          StringBuilder inside = new StringBuilder();
          write(inner, page, isMentioned, inside);
          // A layer takes its place also without a rule.
          if (!inside.isEmpty() || prelude.startsWith("@layer")) {
            out.append(prelude).append('{').append(inside).append('}');
          }
        }
      }
    }
  }
}
