package dev.freshet.assets;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Document;
import org.jsoup.nodes.Element;

/// What the elements of a page are called: their types in lower case, `.class` and `#id`.
final class ElementNames {
  private ElementNames() {}

  /// Empty for a page that must not get rules by its names: one in quirks mode doesn't tell `.Name`
  /// from `.name` (HTML, section 13.2.6.4.1), and a policy may forbid them.
  static Set<String> of(byte[][] page) {
    Document tree;
    try {
      tree = Jsoup.parse(new ByteArrayInputStream(Contents.whole(page)), null, "");
    } catch (IOException e) {
      return Set.of();
    }
    boolean hasPolicy = !tree.select("meta[http-equiv=content-security-policy]").isEmpty();
    if (tree.quirksMode() != Document.QuirksMode.noQuirks || hasPolicy) {
      return Set.of();
    }
    Set<String> out = new HashSet<>();
    for (Element element : tree.select("html, html *")) {
      out.add(element.tagName().toLowerCase(Locale.ROOT));
      element.classNames().forEach(name -> out.add("." + name));
      if (!element.id().isEmpty()) {
        out.add("#" + element.id());
      }
    }
    return out;
  }
}
