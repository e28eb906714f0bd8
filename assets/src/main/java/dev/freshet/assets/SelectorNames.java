package dev.freshet.assets;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/// What an element and those around it must be called for a selector to match (Selectors 4, section
/// 3): `#id`, `.class` and `type` in lower case. What stands in brackets or in a pseudo-class
/// counts for nothing, so a selector may need more than is told here but never less.
final class SelectorNames {
  private final String text;
  private int at;
  private Set<String> names = new HashSet<>();
  private final List<Set<String>> all = new ArrayList<>();

  private SelectorNames(String text) {
    this.text = text;
  }

  /// For each selector of a list what it needs; it matches nothing where one of these is missing.
  static List<Set<String>> of(String list) {
    return new SelectorNames(list).read();
  }

  private List<Set<String>> read() {
    while (at < text.length()) {
      char c = text.charAt(at);
      switch (c) {
        case ',' -> {
          all.add(names);
          names = new HashSet<>();
          at++;
        }
        case '.', '#' -> {
          at++;
          String name = name();
          if (!name.isEmpty()) {
            names.add(c + name);
          }
        }
        case ':' -> {
          while (at < text.length() && text.charAt(at) == ':') {
            at++;
          }
          name();
        }
        case '(' -> at = CssText.behindBlock(text, at);
        case '[' -> at = CssText.behindBlock(text, at);
        case '|' -> {
          // With a namespace, which has a name of its own.
          at++;
          name();
        }
        default -> {
          int from = at;
          String name = name();
          if (at == from) {
            at++;
          } else if (at == text.length() || text.charAt(at) != '|') {
            names.add(name.toLowerCase(Locale.ROOT));
          }
        }
      }
    }
    all.add(names);
    return all;
  }

  /// An identifier with its escapes resolved (CSS Syntax 3, section 4.3.7); empty where there is
  /// none.
  private String name() {
    StringBuilder out = new StringBuilder();
    while (at < text.length()) {
      char c = text.charAt(at);
      if (c == '\\' && at + 1 < text.length()) {
        escape(out);
      } else if (Character.isLetterOrDigit(c) || c == '-' || c == '_' || c > 0x7f) {
        out.append(c);
        at++;
      } else {
        break;
      }
    }
    return out.toString();
  }

  private void escape(StringBuilder out) {
    at++;
    int digits = at;
    while (digits < text.length()
        && digits < at + 6
        && Character.digit(text.charAt(digits), 16) >= 0) {
      digits++;
    }
    if (digits == at) {
      out.append(text.charAt(at));
      at++;
      return;
    }
    int code = Integer.parseInt(text, at, digits, 16);
    boolean isCharacter = Character.isValidCodePoint(code) && code != 0;
    out.appendCodePoint(isCharacter ? code : 0xfffd);
    at = digits;
    if (at < text.length() && Character.isWhitespace(text.charAt(at))) {
      at++;
    }
  }
}
