package dev.freshet.assets;

import dev.freshet.base.Trouble;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Document;
import org.jsoup.nodes.Element;
import org.jsoup.nodes.Range;
import org.jsoup.parser.Parser;

/// A page of HTML among the sources: what it refers to, and where. What isn't replaced stays octet
/// by octet.
///
/// @param name its path in the source folder
record SourcePage(String name, String text, List<Reference> references, List<Trouble> troubles) {
  private static final Pattern CANDIDATE =
      Pattern.compile("(\\S*[^,\\s])(?:\\s+[^,]*)?\\s*(?:,|$)");
  private static final Pattern STYLE_URL =
      Pattern.compile("(?i)\\burl\\(\\s*(?:[\"']|&quot;|&#39;)?([^\"'&()\\s\\\\]+)");

  private static final Pattern ELSEWHERE =
      Pattern.compile("^(?:[a-zA-Z][a-zA-Z0-9+.-]*:|//|#|$).*", Pattern.DOTALL);

  /// What a reference is to.
  enum Kind {
    MODULE,
    SCRIPT,
    STYLE,
    FILE
  }

  /// @param target path in the source folder
  /// @param from begin of the URL in the text
  /// @param element begin of its element in the text
  /// @param seal where the value of its `integrity` is, `NOWHERE` without
  record Reference(Kind kind, String target, Place from, int element, Place seal) {}

  /// Offsets in the text.
  record Place(int from, int to) {
    static final Place NOWHERE = new Place(-1, -1);

    boolean isNowhere() {
      return from < 0;
    }

    static Place of(Range range) {
      return range.isTracked() ? new Place(range.startPos(), range.endPos()) : NOWHERE;
    }
  }

  /// @param folder the source folder
  /// @param base what URLs begin with
  static SourcePage read(String name, String text, Path folder, String base) {
    SourcePage page = new SourcePage(name, text, new ArrayList<>(), new ArrayList<>());
    Document tree =
        Jsoup.parse(text, "", Parser.htmlParser().setTrackPosition(true).setTrackErrors(0));
    for (Element element : tree.getAllElements()) {
      if (!element.hasAttr("data-freshet-ignore")) {
        page.look(element, folder, base);
      }
    }
    page.references.sort(Comparator.comparingInt(r -> r.from().from()));
    return page;
  }

  private void look(Element element, Path folder, String base) {
    if (element.hasAttr("style")) {
      addStyles(
          element, Place.of(element.attributes().sourceRange("style").valueRange()), folder, base);
    }
    switch (element.normalName()) {
      case "script" -> {
        boolean isModule = element.attr("type").strip().equalsIgnoreCase("module");
        String type = element.attr("type").strip().toLowerCase(Locale.ROOT);
        if (isModule || type.isEmpty() || type.endsWith("javascript")) {
          add(element, "src", isModule ? Kind.MODULE : Kind.SCRIPT, folder, base);
        }
      }
      case "link" -> {
        List<String> rel = List.of(element.attr("rel").toLowerCase(Locale.ROOT).split("\\s+"));
        if (rel.contains("stylesheet")) {
          add(element, "href", Kind.STYLE, folder, base);
        } else if (rel.contains("icon") || rel.contains("apple-touch-icon")) {
          add(element, "href", Kind.FILE, folder, base);
        }
      }
      case "img", "source", "video", "audio", "track", "embed", "input" -> {
        add(element, "src", Kind.FILE, folder, base);
        add(element, "poster", Kind.FILE, folder, base);
        addAll(element, folder, base);
      }
      case "style" ->
          element
              .dataNodes()
              .forEach(data -> addStyles(element, Place.of(data.sourceRange()), folder, base));
      default -> {}
    }
  }

  /// What a style names within the page itself.
  private void addStyles(Element element, Place at, Path folder, String base) {
    if (at.isNowhere()) {
      return;
    }
    Matcher found = STYLE_URL.matcher(text.substring(at.from(), at.to()));
    while (found.find()) {
      Place one = new Place(at.from() + found.start(1), at.from() + found.end(1));
      add(element, found.group(1), one, Kind.FILE, folder, base);
    }
  }

  private void add(Element element, String attribute, Kind kind, Path folder, String base) {
    if (element.hasAttr(attribute)) {
      Place at = Place.of(element.attributes().sourceRange(attribute).valueRange());
      add(element, element.attr(attribute), at, kind, folder, base);
    }
  }

  /// The pictures of a `srcset`.
  private void addAll(Element element, Path folder, String base) {
    if (!element.hasAttr("srcset")) {
      return;
    }
    Place at = Place.of(element.attributes().sourceRange("srcset").valueRange());
    if (at.isNowhere()) {
      return;
    }
    Matcher found = CANDIDATE.matcher(text.substring(at.from(), at.to()));
    while (found.find()) {
      Place one = new Place(at.from() + found.start(1), at.from() + found.end(1));
      add(element, found.group(1), one, Kind.FILE, folder, base);
    }
  }

  private void add(Element element, String url, Place at, Kind kind, Path folder, String base) {
    String plain = url.strip();
    if (at.isNowhere() || ELSEWHERE.matcher(plain).matches()) {
      return;
    }
    String path = decoded(plain.split("[?#]", 2)[0]);
    Path page = folder.resolve(name);
    Path file =
        (path.startsWith(base) && base.startsWith("/")
                ? folder.resolve(path.substring(base.length()))
                : path.startsWith("/")
                    ? folder.resolve(path.substring(1))
                    : page.resolveSibling(path))
            .normalize();
    if (Files.isRegularFile(file) && file.startsWith(folder)) {
      Place seal = Place.of(element.attributes().sourceRange("integrity").valueRange());
      references.add(
          new Reference(
              kind,
              folder.relativize(file).toString().replace('\\', '/'),
              at,
              element.sourceRange().startPos(),
              seal));
    } else if (kind != Kind.FILE && !isPublic(path, folder, base)) {
      troubles.add(
          new Trouble(
              name + ":" + element.sourceRange().start().lineNumber(),
              "there is no file " + plain,
              "correct the path, or mark the element with data-freshet-ignore when the app"
                  + " serves it; a page that is no source is left out by --entry"));
    }
  }

  /// Without the percent signs of RFC 3986, section 2.1; as it is where they are none of those.
  private static String decoded(String path) {
    try {
      return URLDecoder.decode(path.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      return path;
    }
  }

  private static boolean isPublic(String path, Path folder, String base) {
    String below = path.startsWith(base) ? path.substring(base.length()) : path;
    return Files.isRegularFile(folder.resolve("public").resolve(below.replaceFirst("^/+", "")));
  }

  /// What the page needs of one reference.
  ///
  /// @param url in place of the one that is there
  /// @param before put in front of the element
  /// @param seal in place of its `integrity`
  record Replacement(String url, String before, String seal) {}

  /// The page with every reference replaced.
  String with(Function<Reference, Replacement> replacements) {
    record Edit(int from, int to, String text) {}
    List<Edit> edits = new ArrayList<>();
    for (Reference reference : references) {
      Replacement by = replacements.apply(reference);
      edits.add(new Edit(reference.from().from(), reference.from().to(), by.url()));
      if (!by.before().isEmpty()) {
        edits.add(new Edit(reference.element(), reference.element(), by.before()));
      }
      if (!reference.seal().isNowhere()) {
        edits.add(new Edit(reference.seal().from(), reference.seal().to(), by.seal()));
      }
    }
    edits.sort(Comparator.comparingInt(Edit::from));
    StringBuilder out = new StringBuilder();
    int at = 0;
    for (Edit edit : edits) {
      out.append(text, at, edit.from()).append(edit.text());
      at = edit.to();
    }
    return out.append(text, at, text.length()).toString();
  }
}
