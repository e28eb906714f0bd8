package dev.freshet.assets;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Attribute;
import org.jsoup.nodes.DataNode;
import org.jsoup.nodes.Element;
import org.jsoup.nodes.LeafNode;
import org.jsoup.nodes.Node;
import org.jsoup.nodes.TextNode;
import org.jsoup.select.NodeFilter;
import org.jsoup.select.NodeTraversor;
import org.jspecify.annotations.Nullable;

/// Whether a page that was rewritten means what it meant before: both are read by a parser that has
/// nothing to do with the rewriter, and compared but for what is meant to be put in.
final class PageComparison {
  private static final Pattern NAME = Pattern.compile("[?&]freshet=[\\w-]{22}");

  /// What a sheet gets that comes after what the page needs of it.
  private static final Map<String, String> LATER =
      Map.of("media", "print", "onload", CriticalStyles.ONLOAD, "data-freshet", "critical");

  private PageComparison() {}

  /// What differs, in one word; null when nothing does.
  static @Nullable String difference(byte[] before, byte[] after) {
    List<Step> one = steps(before);
    List<Step> other = steps(after);
    for (int i = 0; i < Math.min(one.size(), other.size()); i++) {
      String difference = one.get(i).difference(other.get(i));
      if (difference != null) {
        return difference;
      }
    }
    return one.size() == other.size() ? null : "length";
  }

  /// One step of a walk through the tree.
  ///
  /// @param kind `start`, `end`, or the kind of a leaf
  private record Step(String kind, String text, Map<String, String> attributes) {
    @Nullable String difference(Step after) {
      if (!kind.equals(after.kind)) {
        return "tree";
      }
      if (!text.equals(after.text)) {
        return kind.equals("start") || kind.equals("end") ? "tree" : "text";
      }
      return areMeant(after) ? null : "attribute";
    }

    private boolean areMeant(Step after) {
      Map<String, String> more = new HashMap<>(after.attributes);
      for (Map.Entry<String, String> each : attributes.entrySet()) {
        String now = more.remove(each.getKey());
        if (now == null || !(now.equals(each.getValue()) || isNamed(each, now))) {
          return false;
        }
      }
      if (text.equals("link") && more.containsKey("data-freshet")) {
        // What else this sheet's element was given.
        return more.equals(LATER);
      }
      boolean mayHaveMore = text.equals("img") || text.equals("iframe");
      return more.isEmpty() || (mayHaveMore && more.entrySet().stream().allMatch(Step::isMeant));
    }

    private boolean isNamed(Map.Entry<String, String> had, String now) {
      boolean mayBe =
          (text.equals("link") && had.getKey().equals("href"))
              || (text.equals("script") && had.getKey().equals("src"));
      return mayBe
          && now.startsWith(had.getValue())
          && NAME.matcher(now.substring(had.getValue().length())).matches();
    }

    private static boolean isMeant(Map.Entry<String, String> added) {
      return switch (added.getKey()) {
        case "loading" -> added.getValue().equals("lazy");
        case "decoding" -> added.getValue().equals("async");
        case "fetchpriority" -> added.getValue().equals("high");
        case "data-freshet" -> KeptPlaces.isMark(added.getValue());
        default -> false;
      };
    }
  }

  /// Each octet is a letter, whatever the page's encoding: nothing is put in but ASCII.
  private static List<Step> steps(byte[] page) {
    List<Step> out = new ArrayList<>();
    NodeTraversor.filter(
        new NodeFilter() {
          @Override
          public FilterResult head(Node node, int depth) {
            if (isOurs(node)) {
              return FilterResult.SKIP_ENTIRELY;
            }
            if (node instanceof Element element) {
              out.add(new Step("start", element.tagName(), attributes(element)));
            } else {
              leaf(node, out);
            }
            return FilterResult.CONTINUE;
          }

          @Override
          public FilterResult tail(Node node, int depth) {
            if (node instanceof Element element) {
              out.add(new Step("end", element.tagName(), Map.of()));
            }
            return FilterResult.CONTINUE;
          }
        },
        Jsoup.parse(new String(page, StandardCharsets.ISO_8859_1)));
    return out;
  }

  /// Text on both sides of something left out is one text.
  private static void leaf(Node node, List<Step> out) {
    String text =
        switch (node) {
          case TextNode plain -> plain.getWholeText();
          case DataNode data -> data.getWholeData();
          case LeafNode other -> other.outerHtml();
          default -> "";
        };
    Step last = out.isEmpty() ? null : out.getLast();
    if (last != null && node instanceof TextNode && last.kind().equals("#text")) {
      out.set(out.size() - 1, new Step("#text", last.text() + text, Map.of()));
    } else {
      out.add(new Step(node.nodeName(), text, Map.of()));
    }
  }

  private static Map<String, String> attributes(Element element) {
    Map<String, String> out = new HashMap<>();
    for (Attribute each : element.attributes()) {
      out.put(each.getKey(), Objects.requireNonNullElse(each.getValue(), ""));
    }
    return out;
  }

  /// What is asked for ahead, rules for kept places, what the page needs of its sheets, and lines
  /// that load what is Freshet's own.
  private static boolean isOurs(Node node) {
    if (!(node instanceof Element element)) {
      return false;
    }
    return switch (element.tagName()) {
      case "style" -> KeptPlaces.isRules(element.data()) || isCritical(element);
      case "noscript" -> isCritical(element);
      case "link" -> element.attr("data-freshet").equals("ahead");
      case "script" ->
          element.attr("src").startsWith("/.freshet/")
              ? element.data().isEmpty()
              : element.attributes().isEmpty() && KeptPlaces.isScript(element.data());
      default -> false;
    };
  }

  private static boolean isCritical(Element element) {
    return element.attr("data-freshet").equals("critical");
  }
}
