package dev.freshet.load;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The opening tags of an HTML page, without a tree: enough to know where it leads and what it
/// loads.
final class Markup {
  /// Of which the content is no markup; `noscript` because browsers run scripts.
  private static final Set<String> RAW =
      Set.of("script", "style", "textarea", "title", "noscript", "template", "xmp", "iframe");

  private static final int MOST_FILES = 500;
  private final String html;
  private int at;

  private Markup(String html) {
    this.html = html;
  }

  /// One opening tag.
  ///
  /// @param name in lower case
  /// @param attributes by their names in lower case
  record Tag(String name, Map<String, String> attributes) {

    /// The value of an attribute, without the references that addresses have; empty when absent.
    String value(String attribute) {
      return attributes.getOrDefault(attribute, "").replace("&amp;", "&").strip();
    }

    boolean has(String attribute) {
      return attributes.containsKey(attribute);
    }

    /// Whether a list of words in an attribute has this one.
    boolean says(String attribute, String word) {
      return List.of(value(attribute).toLowerCase(Locale.ROOT).split("\\s+")).contains(word);
    }
  }

  static List<Tag> tags(String html) {
    Markup markup = new Markup(html);
    List<Tag> out = new ArrayList<>();
    for (Tag tag = markup.next(); tag != null; tag = markup.next()) {
      out.add(tag);
    }
    return out;
  }

  /// What a browser loads with a page as soon as it has read it, as it is written there: style
  /// sheets, scripts, icons, preloads and pictures that are not lazy.
  static List<String> files(String html) {
    Set<String> out = new LinkedHashSet<>();
    for (Tag tag : tags(html)) {
      String to = file(tag);
      if (to != null && !to.isEmpty() && out.size() < MOST_FILES) {
        out.add(to);
      }
    }
    return List.copyOf(out);
  }

  private static @Nullable String file(Tag tag) {
    return switch (tag.name()) {
      case "link" -> {
        boolean isLoaded =
            (tag.says("rel", "stylesheet") && !tag.says("rel", "alternate"))
                || tag.says("rel", "icon")
                || tag.says("rel", "preload")
                || tag.says("rel", "modulepreload");
        yield isLoaded ? tag.value("href") : null;
      }
      case "script" -> isScript(tag) ? tag.value("src") : null;
      case "img" -> tag.says("loading", "lazy") ? null : tag.value("src");
      case "video" -> tag.value("poster");
      case "input" -> tag.says("type", "image") ? tag.value("src") : null;
      default -> null;
    };
  }

  private static boolean isScript(Tag tag) {
    String type = tag.value("type").toLowerCase(Locale.ROOT);
    return !tag.has("nomodule")
        && (type.isEmpty() || type.equals("module") || type.contains("javascript"));
  }

  private @Nullable Tag next() {
    while (true) {
      int open = html.indexOf('<', at);
      if (open < 0 || open + 1 >= html.length()) {
        return null;
      }
      at = open + 1;
      if (html.startsWith("!--", at)) {
        int end = html.indexOf("-->", at);
        at = end < 0 ? html.length() : end + 3;
      } else if (isLetter(html.charAt(at))) {
        return tag();
      }
    }
  }

  private static boolean isLetter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  }

  private Tag tag() {
    int from = at;
    while (at < html.length() && !isEnd(html.charAt(at))) {
      at++;
    }
    String name = html.substring(from, at).toLowerCase(Locale.ROOT);
    Map<String, String> attributes = new HashMap<>();
    while (at < html.length() && html.charAt(at) != '>') {
      attribute(attributes);
    }
    at++;
    if (RAW.contains(name)) {
      skip(name);
    }
    return new Tag(name, attributes);
  }

  private static boolean isEnd(char c) {
    return c <= ' ' || c == '>' || c == '/';
  }

  private void attribute(Map<String, String> out) {
    int from = at;
    while (at < html.length()
        && !isEnd(html.charAt(at))
        && (html.charAt(at) != '=' || at == from)) {
      at++;
    }
    String name = html.substring(from, at).toLowerCase(Locale.ROOT);
    space();
    if (name.isEmpty()) {
      // A slash, or white space.
      at += at < html.length() && html.charAt(at) == '/' ? 1 : 0;
      return;
    }
    String value = "";
    if (at < html.length() && html.charAt(at) == '=') {
      at++;
      space();
      value = value();
    }
    out.putIfAbsent(name, value);
  }

  private String value() {
    char quote = at < html.length() ? html.charAt(at) : '>';
    if (quote == '"' || quote == '\'') {
      int end = html.indexOf(quote, at + 1);
      int to = end < 0 ? html.length() : end;
      String out = html.substring(at + 1, to);
      at = Math.min(html.length(), to + 1);
      return out;
    }
    int from = at;
    while (at < html.length() && html.charAt(at) > ' ' && html.charAt(at) != '>') {
      at++;
    }
    return html.substring(from, at);
  }

  private void space() {
    while (at < html.length() && html.charAt(at) <= ' ') {
      at++;
    }
  }

  /// To the end tag of an element without markup in it.
  private void skip(String name) {
    int end = at;
    while (end < html.length()
        && !html.regionMatches(true, end, "</" + name, 0, name.length() + 2)) {
      end = html.indexOf('<', end + 1);
      if (end < 0) {
        end = html.length();
      }
    }
    at = Math.max(at, end);
  }
}
